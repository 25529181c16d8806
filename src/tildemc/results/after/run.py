"""The text of commands after a model × a fit -> what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from tildemc.errors import FitError, SemanticError
from tildemc.resolve.after.read import lines_after, read_after
from tildemc.resolve.after.records import (
    After,
    Combined,
    Displayed,
    Joint,
    Likelihoods,
    Marginal,
    Named,
    Pictured,
    Predicted,
    Replayed,
    Statistic,
    Tabulated,
)
from tildemc.results.after.answers import Answer, Answers
from tildemc.results.after.combinations import combined, displayed, joint
from tildemc.results.after.predictions import predicted
from tildemc.results.after.statistics import statistic
from tildemc.results.after.stored import likelihoods, tabulated
from tildemc.results.after.subject import Others, Subject
from tildemc.results.margins.asked import variables_of
from tildemc.results.margins.stata import marginal
from tildemc.visible import shown

__all__ = ["run"]


def run(subject: Subject, text: object, others: Others) -> Answers:
    """What commands come to, one after the other.

    Parameters
    ----------
    subject : Subject
    text : str
    others : mapping of str to Subject
        Further fits by their names.

    Raises
    ------
    TildeError
        What is wrong, where in the text, and what would work.
    """
    if not isinstance(text, str):
        raise SemanticError(f"commands after a model are a text such as `margins, dydx(x)`, not {shown(text)}")
    lines = lines_after(text)
    spec = subject.fit.spec

    def columns() -> Sequence[str]:
        return variables_of(subject.fit).names

    return Answers(tuple(_answer(subject, others, line.text, read_after(line, spec, columns)) for line in lines))


def _answer(subject: Subject, others: Others, command: str, asked: After) -> Answer:
    match asked:
        case Marginal():
            subject.margins = replace(marginal(subject.fit, asked.asked), telling=subject.telling.of_margins)
            return Answer(command, subject.margins.of, subject.margins.table, margins=subject.margins)
        case Pictured(span):
            if subject.margins is None:
                raise FitError("there is nothing to draw: `margins` goes before `marginsplot`", span)
            return Answer(command, axes=subject.margins.plot())
        case Combined():
            return combined(subject, command, asked)
        case Joint():
            return joint(subject, command, asked)
        case Displayed():
            return displayed(subject, command, asked)
        case Statistic():
            return statistic(subject, command, asked)
        case Predicted():
            return predicted(subject, command, asked)
        case Likelihoods():
            return likelihoods(subject, others, command, asked)
        case Tabulated():
            return tabulated(subject, others, command, asked)
        case Named(name):
            subject.names.add(name)
            return Answer(command, f"this fit is `{name}`")
        case Replayed(display):
            return _replayed(subject, command, display)
        case never:
            assert_never(never)


def _replayed(subject: Subject, command: str, display: tuple[str, ...]) -> Answer:
    """The estimates again, shown as the options ask."""
    from tildemc.table import Table

    own = replace(subject, fit=subject.fit.shown(display))
    table = Table(own.fit.summary(names="stata")) if subject.estimate is None else own.estimates()
    return Answer(command, "population effects exponentiated" if own.fit.exponentiate else "", table)
