"""Commands before the command in, `svy:` and `bootstrap:`; out, the rows and weights that they make it use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.stata.reading import Reading
from tildemc.syntax.stata.traced import Traced
from tildemc.syntax.stata.word import Word
from tildemc.syntax.stata.written import Equation, Option, Prefix, Rows, Weight, parse_command
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Parens, Unary

__all__ = ["with_prefixes"]

_RESAMPLING = ("bootstrap", "bs", "jackknife", "jknife")
_DROPPED = "`{}:` is dropped: resampling gives standard errors, which the posterior has"
_DESIGN = (
    "`svy:` weights rows as `svyset` says; strata and sampling units are left out, so that spreads lack the design "
    "effect: give units and strata group effects, `|| psu:`, where they matter"
)


def with_prefixes(fixed: Equation, prefixes: Sequence[Prefix], survey: Traced | None, reading: Reading) -> Equation:
    """The rows and weights of a command with those of its prefixes.

    Parameters
    ----------
    fixed : Equation
    prefixes : sequence of Prefix
    survey : Traced or None
        The line `svyset`, without its stages.
    reading : Reading

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    for prefix in prefixes:
        name = prefix.word.text.split()[0]
        if name in _RESAMPLING:
            reading.notes.append(_DROPPED.format(name))
        elif name == "svy":
            reading.notes.append(_DESIGN)
            fixed = _surveyed(fixed, prefix, survey, reading)
    return fixed


def _surveyed(fixed: Equation, prefix: Prefix, survey: Traced | None, reading: Reading) -> Equation:
    if survey is None:
        message = "`svy:` takes its weights from `svyset`: write that line before, as in `svyset psu [pw=w]`"
        raise UnsupportedError(message, prefix.span)
    if fixed.weight is not None:
        raise FormulaSyntaxError("`svy:` has the weights of `svyset`: leave these out", fixed.weight.span)
    with survey.told():
        weight = survey.placed(parse_command(survey.text, survey.text).fixed.weight)
    if weight is not None:
        kind = Word("pweight", weight.kind.span)
        fixed = replace(fixed, rows=(*fixed.rows, Rows(weight.span, weight=Weight(kind, weight.value, weight.span))))
    for option in prefix.options:
        if option.name.text.startswith("subpop"):
            fixed = _within(fixed, _asked(option), option)
        else:
            reading.notes.append(f"`{option.span}` is dropped: it is of design-based standard errors")
    return fixed


def _asked(option: Option) -> Expr:
    """The condition of `subpop(if x > 1)` or `subpop(x)`."""
    if not option.given:
        raise FormulaSyntaxError("`subpop()` takes a variable or `if` with a condition", option.span)
    text, start, end = option.span.text, option.given[0].span.start, option.span.end - 1
    inside = text[start:end]
    # What stands in the parentheses is read as what follows the name of a command is.
    head = "e " if any(word.text == "if" for word in option.given) else "e if "
    command = parse_command(" " * (start - len(head)) + head + inside + " " * (len(text) - end), text).fixed
    found = command.condition
    if isinstance(found, Name):
        # Of a variable Stata takes the rows where it has a value other than 0.
        missing = Unary("!", Call("missing", (Argument(found, None, found.span),), found.span), found.span)
        found = Binary("&", found, missing, found.span)
    if found is None:
        raise FormulaSyntaxError("`subpop()` takes a variable or `if` with a condition", option.span)
    for term in command.terms:
        name = term.parts[0].name
        if name is not None and name.text != "all":
            raise UnsupportedError("`subpop()` takes a variable or `if` here, not both", term.span)
    return found


def _within(fixed: Equation, condition: Expr, option: Option) -> Equation:
    """The rows of the command that are of the part of the population too."""
    others = [row for row in fixed.rows if row.condition is None]
    own = fixed.condition
    both = condition if own is None else Binary("&", Parens(own, own.span), Parens(condition, condition.span))
    return replace(fixed, rows=(*others, Rows(option.span, condition=both)))
