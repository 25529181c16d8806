"""What a person asks of a fit in Stata's words -> answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from tildemc.errors import FitError, TildeError
from tildemc.results.after.answers import Answer, Answers
from tildemc.results.after.run import run
from tildemc.results.after.subject import Others, Subject
from tildemc.visible import shown

if TYPE_CHECKING:
    from tildemc.results.drawn import Fitted

__all__ = ["asked_of_fit"]


class Asked(Protocol):
    """What may be asked: `Fit`, which needs this module."""

    @property
    def subject(self) -> Subject:
        """What commands are asked of."""

    @property
    def known_model(self) -> Fitted:
        """The model."""


def asked_of_fit(fit: Asked, text: object, others: Mapping[str, object]) -> Answers:
    """See `Fit.stata`."""
    known = {name: _subject(name, other) for name, other in others.items()}
    if text is not None:
        return run(fit.subject, text, known)
    after = fit.known_model.after
    if not after:
        raise FitError('the text of this model has no commands after it: give one, `fit.stata("margins f")`')
    return Answers(tuple(answer for command in after for answer in _attempted(fit.subject, command, known)))


def _attempted(subject: Subject, command: str, others: Others) -> Answers:
    """What one command of a do-file comes to, if only why there is no answer: the others are answered all the same."""
    try:
        return run(subject, command, others)
    except TildeError as error:
        return Answers((Answer(command, notes=(error.message,)),))


def _subject(name: str, given: object) -> Subject:
    found = getattr(given, "subject", None)
    if not isinstance(found, Subject):
        raise FitError(f"`{name}` is a fit, as `tildemc.model(…).fit()` makes it, not {shown(given)}")
    return found
