"""`residuals(ar 1, t(time) by(v))` in; out, the term that says how residuals go together, and sigma's predictor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.rewrite import called
from tildemc.syntax.stata.varlist import columns_named
from tildemc.syntax.stata.word import Word, known_name
from tildemc.syntax.stata.written import Given, Option
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Predictor, Tilde

__all__ = ["Residuals", "read_residuals"]


@dataclass(frozen=True, slots=True)
class Residuals:
    """The term of the main formula, and the predictor of sigma; None where the option says nothing of it."""

    term: Expr | None = None
    sigma: Predictor | None = None


@dataclass(frozen=True, slots=True)
class _Structure:
    """A structure: Stata's shortest name for it, and whether it takes an order, and needs times."""

    shortest: str
    ordered: bool = False
    needs_time: bool = False


_STRUCTURES = {
    "independent": _Structure("ind"),
    "exchangeable": _Structure("exc"),
    "ar": _Structure("ar", ordered=True),
    "ma": _Structure("ma", ordered=True),
    "unstructured": _Structure("un", needs_time=True),
    "banded": _Structure("ba", ordered=True, needs_time=True),
    "toeplitz": _Structure("to", ordered=True, needs_time=True),
    "exponential": _Structure("exp", needs_time=True),
}
_SHORTEST = {name: structure.shortest for name, structure in _STRUCTURES.items()}


def read_residuals(option: Option, columns: Sequence[str] | None, group: Sequence[str]) -> Residuals:
    """What a residual structure says; `group` are the columns of the lowest level, whose rows go together.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    words = [word for word in option.given or () if word.text != ","]
    if not words:
        message = "`residuals()` takes a structure, as in `residuals(independent, by(arm))`"
        raise FormulaSyntaxError(message, option.span)
    name = known_name(words[0], _SHORTEST, "residual structure")
    structure = _STRUCTURES[name]
    order, rest = _order(words[1:], name)
    extra = {word.text: word for word in rest if word.inner is not None}
    for other, word in extra.items():
        if other not in ("by", "t"):
            message = f"`residuals()` takes `by(…)` and `t(…)`, not `{other}(…)`{nearest(other, ('by', 't'))}"
            raise FormulaSyntaxError(message, word.span)
    if len(rest) != len(extra):
        loose = next(word for word in rest if word.inner is None)
        raise FormulaSyntaxError(f"`{loose.text}` cannot stand here; write `by(variable)`", loose.span)
    by = _column(extra["by"], columns) if "by" in extra else None
    time = _column(extra["t"], columns) if "t" in extra else None
    if structure.needs_time and time is None:
        raise FormulaSyntaxError(f"`residuals({name})` needs times, as in `residuals({name}, t(time))`", option.span)
    sigma = None if by is None else Predictor("sigma", called("by", by, span=option.span), option.span)
    if name == "independent":
        return Residuals(None, sigma)
    if not group:
        raise FormulaSyntaxError("rows go together within a level, as in `|| group:`", option.span)
    return _together(name, order, time, by, group, sigma, option.span)


def _order(words: Sequence[Given], name: str) -> tuple[int | None, Sequence[Given]]:
    """The number after the structure's name, and the words after it."""
    if words and words[0].inner is None and words[0].text.isdecimal():
        if not _STRUCTURES[name].ordered:
            raise FormulaSyntaxError(f"`{name}` takes no order", words[0].span)
        return int(words[0].text), words[1:]
    return None, words


def _together(
    name: str, order: int | None, time: Name | None, by: Name | None, group: Sequence[str], sigma: Predictor | None,
    span: Span,
) -> Residuals:  # fmt: skip
    match name:
        case "exchangeable":
            return Residuals(_nlme("corCompSymm", None, by, group, span), sigma)
        case "ar" | "ma":
            said = Argument(Number(float(order or 1)), {"ar": "p", "ma": "q"}[name], span)
            return Residuals(_nlme("corARMA", time, by, group, span, said), sigma)
        case "exponential":
            return Residuals(_nlme("corCAR1", time, by, group, span), sigma)
        case "toeplitz" if order is not None and time is not None:
            given = (Argument(time, "time", span), Argument(_joined(group, span), "gr", span))
            lags = Argument(Number(float(order)), "q", span)
            return Residuals(Call("toeplitz", (*given, lags, *_by(by, span)), span), sigma)
        case "toeplitz" if by is not None:
            raise UnsupportedError("`by()` of `residuals(toeplitz)` without a number of bands is not built", span)
        case "banded" | "unstructured" if time is not None and (name == "banded" or by is not None):
            # Each level of `by` has a matrix of its own: all bands of an unstructured one.
            bands = () if order is None else (Argument(Number(float(order)), "q", span),)
            given = (Argument(time, "time", span), Argument(_joined(group, span), "gr", span))
            return Residuals(Call("banded", (*given, *bands, *_by(by, span)), span), None)
        case "unstructured" | "toeplitz" if time is not None:
            structure = "us" if name == "unstructured" else "homtoep"
            levels = Binary("+", Number(0.0, span), called("factor", time, span=span), span)
            bar = Binary("|", levels, _joined(group, span), span)
            return Residuals(called("residual", called(structure, bar, span=span), span=span), sigma)
        case _:
            # Those that need times were asked for them.
            raise AssertionError(name)


def _nlme(name: str, time: Name | None, by: Name | None, group: Sequence[str], span: Span, *others: Argument) -> Call:
    """`name(form = ~ time | group)`."""
    bar = Binary("|", time or Number(1.0, span), _joined(group, span), span)
    form = Argument(Tilde(None, bar, span), "form", span)
    return Call(name, (form, *others, *_by(by, span)), span)


def _by(by: Name | None, span: Span) -> tuple[Argument, ...]:
    return () if by is None else (Argument(by, "by", span),)


def _joined(group: Sequence[str], span: Span) -> Expr:
    """`school:class`."""
    found: Expr = Name(group[0], span)
    for name in group[1:]:
        found = Binary(":", found, Name(name, span), span)
    return found


def _column(word: Given, columns: Sequence[str] | None) -> Name:
    inner = word.inner or ()
    if len(inner) != 1 or inner[0].inner is not None or not inner[0].text.isidentifier():
        raise FormulaSyntaxError(f"`{word.text}()` takes one variable's name", word.span)
    (name,) = columns_named(Word(inner[0].text, inner[0].span), columns)
    return Name(name, inner[0].span)
