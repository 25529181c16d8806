"""A command and the bases that `fvset` declared in, the command with these written out, `ib3.race`, out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tildemc.syntax.stata.varlist import Base
from tildemc.syntax.stata.word import Word
from tildemc.syntax.stata.written import Command, Equation, Part, Term

__all__ = ["with_bases"]


def with_bases(command: Command, bases: Mapping[str, Base]) -> Command:
    """The same command, whose factor variables have the bases that are declared."""
    if not bases:
        return command
    levels = tuple(_equation(level, bases) for level in command.levels)
    return replace(command, fixed=_equation(command.fixed, bases), levels=levels)


def _equation(equation: Equation, bases: Mapping[str, Base]) -> Equation:
    return replace(equation, terms=tuple(_term(term, bases, marked=False) for term in equation.terms))


def _term(term: Term, bases: Mapping[str, Base], *, marked: bool) -> Term:
    """`marked`: an operator `i.` stands before the parentheses around it, or it is joined to others."""
    return replace(term, parts=tuple(_part(part, bases, marked=marked or bool(term.joints)) for part in term.parts))


def _part(part: Part, bases: Mapping[str, Base], *, marked: bool) -> Part:
    plain = all(operator.text in ("i.", "I.") for operator in part.operators)
    marked = plain and (marked or bool(part.operators))
    if part.name is None:
        # What is declared of one name in parentheses is no matter of the others.
        inner = tuple(_term(term, bases, marked=marked) for term in part.inner)
        return replace(part, inner=inner)
    base = bases.get(part.name.text)
    if base is None or not marked:
        return part
    return replace(part, operators=(Word(_WRITTEN[base.kind].format(base.number), part.span),))


_WRITTEN = {"first": "i.", "last": "ib(last).", "value": "ib{}.", "rank": "ib(#{}).", "none": "ibn."}
