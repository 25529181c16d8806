"""Arithmetic, names and densities as LaTeX that amsmath, KaTeX and matplotlib's mathtext all read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import assert_never

from tildemc.spec.expr import Apply, BasisValue, Col, Const, Expr, Index, Op, Recode, Var, inside, substitute
from tildemc.spec.priors import Prior
from tildemc.spec.support import number
from tildemc.spec.vocabulary import ARGUMENTS, VOCABULARY
from tildemc.trees import fold

__all__ = ["density", "expression", "listed", "of_row", "symbol", "word"]

_ESCAPED = {
    "_": r"\_", "%": r"\%", "$": r"\$", "#": r"\#", "&": r"\text{\&}", "{": r"\{", "}": r"\}", " ": r"\ ",
    "^": r"{\wedge}", "~": r"{\sim}", "\\": r"{\backslash}", "'": r"{\prime}", '"': r"{\prime\prime}", "-": r"{-}",
    # In Markdown, so that no name is a tag.
    "<": "{<}", ">": "{>}",
}  # fmt: skip
_PLAIN = re.compile(r"[A-Za-z0-9()\[\],.:;+*/=!|@?]")
_OPERATORS = {
    "+": "+", "-": "-", "*": r"\,", "/": "/", "//": r"\backslash", "%": r"\mathrm{mod}", "@": r"\,", "==": "=",
    "!=": r"\neq", "<": "<", "<=": r"\leq", ">": ">", ">=": r"\geq", "&": r"\wedge", "|": r"\vee",
}  # fmt: skip
_STRENGTH = {"|": 1, "&": 1, "+": 3, "-": 3, "*": 4, "/": 4, "//": 4, "%": 4, "@": 4, "**": 6}
_COMPARISON, _NEGATION, _ATOM = 2, 5, 7

_Text = tuple[str, int]
"""A text, and how strongly its outermost operator binds."""


def word(text: str) -> str:
    """A person's name for something, upright, whatever is in it."""
    return rf"\mathrm{{{''.join(map(_character, text))}}}"


def _character(c: str) -> str:
    if c in _ESCAPED:
        return _ESCAPED[c]
    if _PLAIN.fullmatch(c):
        return c
    # Letters of other alphabets are text to LaTeX; what cannot be seen is not shown.
    return rf"\text{{{c}}}" if c.isprintable() and c != "`" else r"\ "


def symbol(name: str) -> str:
    """A parameter of a family: a Greek letter by its name, or the name itself; a number behind it stands below."""
    letters = name.rstrip("0123456789")
    below = name[len(letters) :]
    try:
        unicodedata.lookup(f"GREEK SMALL LETTER {letters.upper()}")
    except KeyError:
        return word(name)
    return rf"\{letters}_{below}" if len(below) == 1 else rf"\{letters}_{{{below}}}" if below else rf"\{letters}"


def of_row(parameter: str) -> str:
    """A parameter in row i."""
    letter, _, below = symbol(parameter).partition("_")
    inside = below.strip("{}")
    return f"{letter}_{{{inside}i}}" if len(inside) == 1 and letter.startswith("\\") else f"{symbol(parameter)}_{{i}}"


def listed(parts: Sequence[str], most: int = 5) -> str:
    """Parts with commas between them, those in the middle left out where there are many."""
    shown = parts if len(parts) <= most else (*parts[: most - 2], r"\ldots", parts[-1])
    return ", ".join(shown)


def expression(expr: Expr, symbols: Mapping[str, str] | None = None, within: int = 0) -> str:
    """`expr` with no more parentheses than it needs.

    Parameters
    ----------
    expr : Expr
        Columns of the data are those of row i.
    symbols : mapping of str to str
        How its quantities are written.
    within : int
        How strongly an operator around the text would bind.
    """
    known = symbols or {}
    return _bound(fold(_without_roots(expr), inside, lambda part, texts: _text(part, texts, known)), within)


def _without_roots(expr: Expr) -> Expr:
    """The square of a root as what is under it."""
    match expr:
        case Op("**", Apply("sqrt", (under,)), Const(2)):
            return under
        case _:
            return expr


def _text(part: Expr, texts: Sequence[_Text], symbols: Mapping[str, str]) -> _Text:
    match part:
        case Const(value):
            if isinstance(value, bool | str):
                return word(str(value)), _ATOM
            return _number(value), _NEGATION if value < 0 else _ATOM
        case Col(name):
            return f"{word(name)}_{{i}}", _ATOM
        case Var(name):
            return symbols.get(name) or symbol(name), _ATOM
        case Op("**"):
            return f"{_bound(texts[0], _ATOM)}^{{{texts[1][0]}}}", _STRENGTH["**"]
        case Op(operator):
            own = _STRENGTH.get(operator, _COMPARISON)
            return f"{_bound(texts[0], own)} {_OPERATORS[operator]} {_bound(texts[1], own + 1)}", own
        case Apply(function):
            return _applied(function, texts)
        case BasisValue():
            return rf"\mathrm{{basis}}({', '.join(text for text, _ in texts)})", _ATOM
        case Recode():
            return rf"\mathrm{{code}}({texts[0][0]})", _ATOM
        case Index(_, keys):
            # Elements are counted from 1, as coefficients are.
            below = [text for text, _ in texts[1:]] + [str(key + 1) for key in keys if isinstance(key, int)]
            return f"{texts[0][0]}_{{{', '.join(below)}}}", _ATOM
        case never:
            assert_never(never)


def _applied(function: str, texts: Sequence[_Text]) -> _Text:
    match function:
        case "neg":
            return f"-{_bound(texts[0], _NEGATION)}", _NEGATION
        case "not":
            return rf"\neg {_bound(texts[0], _ATOM)}", _NEGATION
        case "float":
            # Iverson's brackets: 1 where it is true.
            return f"[{texts[0][0]}]", _ATOM
        case _:
            row = VOCABULARY.get(function)
            if row is not None and row.latex:
                return row.latex.format(**dict(zip(ARGUMENTS, (text for text, _ in texts), strict=False))), _ATOM
            return f"{word(function)}({', '.join(text for text, _ in texts)})", _ATOM


def _bound(text: _Text, within: int) -> str:
    shown, strength = text
    return f"({shown})" if strength < within else shown


def _number(value: float) -> str:
    """A number in a few digits; very large and very small ones with a power of ten."""
    if value in (float("inf"), float("-inf")):
        return r"\infty" if value > 0 else r"-\infty"
    digits, _, power = number(value).partition("e")
    return rf"{digits} \cdot 10^{{{int(power)}}}" if power else digits


def density(prior: Prior) -> str:
    """A prior's density with its numbers; `+` marks one folded at zero, brackets where another is cut off."""
    record = prior.distribution
    if record.several:
        return f"{record.latex}({', '.join(map(expression, prior.arguments))})"
    values: dict[Expr, Expr] = {Var(name): value for name, value in zip(record.arguments, prior.arguments, strict=True)}
    notation = tuple(map(Var, record.arguments)) if record.notation is None else record.notation
    arguments = ", ".join(expression(substitute(part, values)) for part in notation)
    mark = "^{+}" if prior.folded else ""
    if prior.truncated:
        mark = f"_{{[{_number(prior.lower)}, {_number(prior.upper)}]}}"
    return f"{record.latex or word(record.name)}{mark}({arguments})"
