"""A missing comma: options that stand among the variables, as in `mixed y x || g: reml`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from tildemc.errors import FormulaSyntaxError
from tildemc.syntax.stata.word import abbreviates
from tildemc.syntax.stata.written import Command, Equation, Term

__all__ = ["check_commas"]


def check_commas(command: Command, known: Collection[str], columns: Sequence[str] | None) -> None:
    """Refuse what is an option by its form, `vce(robust)`, or by its name, where no column has it.

    Parameters
    ----------
    command : Command
    known : collection of str
        The options of the command as `abbrev:iated`.
    columns : sequence of str or None
        The data's columns.

    Raises
    ------
    FormulaSyntaxError
    """
    for equation in (command.fixed, *command.levels):
        called, named = _called(equation), _named(equation, known, columns)
        for found, what in (
            (called, "`{}` is an option"),
            (named, "there is no column `{}`, and an option is called so"),
        ):
            if found is not None:
                shown = str(found.span)
                message = f"{what.format(shown)}: a comma stands before options, as in `, {shown}`"
                raise FormulaSyntaxError(message, found.span)


def _called(equation: Equation) -> Term | None:
    """A bare name with a parenthesis right after it, which no variable has."""
    for term, after in pairwise(equation.terms):
        touching = term.span.end == after.span.start and after.parts[0].name is None and not after.parts[0].operators
        if touching and _bare(term):
            return Term(term.parts, (), term.span.join(after.span))
    return None


def _named(equation: Equation, known: Collection[str], columns: Sequence[str] | None) -> Term | None:
    """A bare name that only an option has; abbreviations of names and options are too short to tell apart."""
    if columns is None:
        return None
    for term in equation.terms:
        name = _bare(term)
        if len(name) > 1 and not any(column.startswith(name) for column in columns) and _is_option(name, known):
            return term
    return None


def _bare(term: Term) -> str:
    part = term.parts[0]
    return part.name.text if len(term.parts) == 1 and not part.operators and part.name is not None else ""


def _is_option(name: str, known: Collection[str]) -> bool:
    return any(abbreviates(name, "".join(option.split(":")), option.partition(":")[0]) for option in known)
