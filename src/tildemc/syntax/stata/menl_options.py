"""The options of `menl`: which effects go together, the residual's variance, starting values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.stata.word import Word, abbreviates, known_name
from tildemc.syntax.stata.written import Given, Option
from tildemc.syntax.tree import Argument, Call, Expr, Name

__all__ = ["Covariance", "Options", "read_options"]

_ESTIMATES = "it says how Stata estimates; here the posterior is drawn"
_DROPPED = {
    "reml": _ESTIMATES, "mle": _ESTIMATES, "iterate": _ESTIMATES, "emiterate": _ESTIMATES, "emtolerance": _ESTIMATES,
    "emlog": _ESTIMATES, "pnlsopts": _ESTIMATES, "lmeopts": _ESTIMATES, "ltolerance": _ESTIMATES,
    "tolerance": _ESTIMATES, "nrtolerance": _ESTIMATES, "log": _ESTIMATES, "nolog": _ESTIMATES,
    "notsshow": "it concerns what Stata prints",
}  # fmt: skip
_DISPLAYED = {"stddeviations": "std", "variance": "var", "level": "level", "noheader": "nohead", "nogroup": "nogr",
              "noretable": "noret", "nofetable": "nofet", "cformat": "cformat"}  # fmt: skip
_READ = {"covariance": "cov", "initial": "init", "rescovariance": "rescov", "resvariance": "resvar",
         "rescorrelation": "rescorr", "tsorder": "tsorder", "tsinit": "tsinit", "tsmissing": "tsmissing",
         "define": "define"}  # fmt: skip
_PAIRS = "`initial()` has a number after each parameter: `initial({a} 1 {xb:x} 0.5)`"
_STRUCTURES = {"unstructured": "un", "independent": "ind", "identity": "id", "exchangeable": "ex"}


@dataclass(frozen=True, slots=True)
class Covariance:
    """`covariance(U1 U2, unstructured)`."""

    effects: tuple[Word, ...]
    correlated: bool


@dataclass
class Options:
    """What they say.

    Attributes
    ----------
    covariances : list of Covariance
    sigma : Expr or None
        The residual sd's predictor.
    start : mapping of (str, str) to (float, Span)
        Starting values, by parameter and variable.
    display : tuple of str
    notes : list of str
    """

    covariances: list[Covariance] = field(default_factory=list)
    sigma: Expr | None = None
    start: dict[tuple[str, str], tuple[float, Span | None]] = field(default_factory=dict)
    display: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)


def read_options(options: Sequence[Option]) -> Options:
    """What the options of a command say.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    found = Options()
    for option in options:
        name = _full(option)
        if name in _DISPLAYED:
            found.display += (str(option.span),)
        elif name in _DROPPED:
            found.notes.append(f"`{option.span}` is dropped: {_DROPPED[name]}")
        elif name == "covariance":
            found.covariances.append(_covariance(option))
        elif name == "initial":
            found.start |= _initial(option.given or ())
        elif name in ("rescovariance", "resvariance"):
            found.sigma = _residual(option) or found.sigma
        else:
            message = f"`{name}()` of residuals is not built beside an expression; `mixed …, residuals()` has such"
            raise UnsupportedError(message, option.span)
    return found


def _full(option: Option) -> str:
    shortest = {**_READ, **_DISPLAYED, **{name: name for name in _DROPPED}}
    for full, least in shortest.items():
        if abbreviates(option.name.text, full, least):
            return full
    raise FormulaSyntaxError(
        f"`menl` has no option `{option.name.text}`{nearest(option.name.text, shortest)}", option.name.span
    )


def _covariance(option: Option) -> Covariance:
    before, after = _halves(option)
    if not before or len(after) != 1:
        message = "`covariance()` takes effects and a structure, as in `covariance(U1 U2, unstructured)`"
        raise FormulaSyntaxError(message, option.span)
    structure = known_name(_word(after[0]), _STRUCTURES, "covariance structure")
    if structure in ("identity", "exchangeable") and len(before) > 1:
        message = (
            f"`{structure}` of several effects of an expression is not built; `unstructured` and `independent` are"
        )
        raise UnsupportedError(message, after[0].span)
    return Covariance(tuple(map(_word, before)), structure == "unstructured" and len(before) > 1)


def _residual(option: Option) -> Expr | None:
    """`resvariance(distinct, index(v))`, `rescovariance(independent, index(v))`: a residual sd for each level of v."""
    before, after = _halves(option)
    kind = before[0].text if len(before) == 1 else ""
    index = [given for given in after if given.text == "index" and given.inner]
    if kind and abbreviates(kind, "identity", "id") and not after:
        return None
    if kind in ("distinct", "independent", "ind") and len(index) == len(after) == 1 and index[0].inner:
        [column] = index[0].inner
        return Call("by", (Argument(Name(column.text, column.span)),), option.span)
    message = "residuals of this kind are not built beside an expression; `identity` is, and "
    raise UnsupportedError(f"{message}`{option.name.text}({kind or 'distinct'}, index(v))` of `distinct`", option.span)


def _initial(given: Sequence[Given]) -> dict[tuple[str, str], tuple[float, Span | None]]:
    """`initial({a} 1 {xb:x1} 0.5 b 2, fixed)`."""
    found: dict[tuple[str, str], tuple[float, Span | None]] = {}
    before = list(given)
    if any(one.text == "," for one in given):
        before = before[: [one.text for one in given].index(",")]
    for name, value in zip(before[::2], before[1::2], strict=False):
        try:
            number = float(value.text)
        except ValueError:
            raise FormulaSyntaxError(
                "`initial()` has a number after each parameter: `initial({a} 1)`", value.span
            ) from None
        terms = name.parameter.terms if name.parameter is not None else None
        column = str(terms[0].span).strip() if terms else ""
        found[name.text, column] = number, name.span
    if len(before) % 2:
        raise FormulaSyntaxError(_PAIRS, before[-1].span)
    return found


def _halves(option: Option) -> tuple[list[Given], list[Given]]:
    """What stands before the comma of an option's argument, and after it."""
    given = list(option.given or ())
    at = next((k for k, one in enumerate(given) if one.text == ","), len(given))
    return given[:at], given[at + 1 :]


def _word(given: Given) -> Word:
    return Word(given.text, given.span)
