"""The text of Stata's `margins` in, what it asks for out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.stata.contrasted import Crossed, crossed_factors
from tildemc.syntax.stata.tables import find_option
from tildemc.syntax.stata.varlist import columns_named
from tildemc.syntax.stata.word import Word
from tildemc.syntax.stata.written import Command, Given, Option, parse_command

__all__ = ["At", "MarginsText", "Statistic", "parse_margins"]

Value = float | str


@dataclass(frozen=True, slots=True)
class Statistic:
    """`(mean)`, `(p25)`: what a variable is set to, of its values in the data."""

    name: str


SLOPES = ("dydx", "eyex", "dyex", "eydx")
_OPTIONS = {
    **dict.fromkeys((*SLOPES, "at", "atm:eans", "over", "pr:edict", "pwcomp:are", "l:evel"), ""),
    "noatleg:end": "there is no legend", "nose": "every estimate has its interval", "post": "what is returned is kept",
    "vce": "the posterior gives the errors", "contrast": "operators such as `r.f` say what is compared",
}  # fmt: skip
_MOST_VALUES = 10_000
_STATISTIC = re.compile(r"mean|median|min|max|zero|p\d\d?")


@dataclass(frozen=True, slots=True)
class At:
    """What one `at()` sets variables to; `means` is whether all others are at theirs."""

    values: dict[str, list[Value] | Statistic]
    means: bool = False


@dataclass(frozen=True)
class MarginsText:
    """What `margins` asks for.

    Attributes
    ----------
    terms : tuple of Crossed
        Factors whose levels, or combinations of levels, each row is set to, or which are compared.
    slope : str
        One of `SLOPES`; empty for margins of the prediction itself.
    variables : tuple of str or None
        By which; None for all.
    at : tuple of At
        What each row is set to, one after the other.
    means : bool
        Whether all else is at its mean, a factor's indicators at their shares.
    pairwise : bool
        Whether all pairs of levels are compared.
    over : tuple of str
        The columns within whose levels rows are averaged.
    predict : tuple of Given
        The words of `predict()`.
    level : float or None
        The probability of intervals.
    predict_span : Span
    """

    terms: tuple[Crossed, ...] = ()
    slope: str = ""
    variables: tuple[str, ...] | None = None
    at: tuple[At, ...] = ()
    means: bool = False
    pairwise: bool = False
    over: tuple[str, ...] = ()
    predict: tuple[Given, ...] = ()
    level: float | None = None
    predict_span: Span | None = None


def parse_margins(text: str, columns: Sequence[str]) -> MarginsText:
    """What a `margins` command asks for.

    Parameters
    ----------
    text : str
        The command, or what stands after its first word; options alone need no comma before them.
    columns : sequence of str
        Those that it may name.

    Raises
    ------
    TildeError
        For what is not read, with its place.
    """
    if not re.match(r"\s*margins\b", text):
        text = f"margins{',' if re.match(r'\s*\w+\([^()]*\)(?!\.)', text) else ''} {text.strip()}"
    command = parse_command(text, text)
    _refuse_others(command)
    found: dict[str, Option] = {}
    at: list[At] = []
    for option in command.fixed.options:
        name, dropped = find_option(option, _OPTIONS, "`margins`")
        if name == "at":
            at.append(_at(option, columns))
        elif name in found:
            raise UnsupportedError(f"`{name}()` stands twice: ask for one after the other", option.span)
        elif not dropped:
            found[name] = option
    slopes = [name for name in SLOPES if name in found]
    if len(slopes) > 1:
        raise FormulaSyntaxError(f"`{slopes[0]}` and `{slopes[1]}` exclude one another", found[slopes[1]].span)
    predict = found.get("predict")
    return MarginsText(
        tuple(crossed_factors(command.fixed.terms, columns)),
        slopes[0] if slopes else "",
        _variables(found[slopes[0]], columns) if slopes else None,
        tuple(at),
        "atmeans" in found or any(each.means for each in at),
        "pwcompare" in found,
        _variables(found["over"], columns) or () if "over" in found else (),
        tuple(word for word in predict.given or () if word.text.strip(",")) if predict else (),
        _level(found["level"]) if "level" in found else None,
        None if predict is None else predict.span,
    )


def _refuse_others(command: Command) -> None:
    fixed = command.fixed
    if command.levels:
        raise FormulaSyntaxError("`margins` has no levels", command.span)
    if fixed.rows:
        raise UnsupportedError("`if`, `in` and weights are not read here: give the rows as `newdata=`", command.span)


def _variables(option: Option, columns: Sequence[str]) -> tuple[str, ...] | None:
    """The columns that an option names; None for all."""
    if not option.given:
        raise FormulaSyntaxError(f"`{option.name.text}()` names variables", option.span)
    found: list[str] = []
    for word in option.given:
        if word.text in ("*", "_all"):
            return None
        name = re.sub(r"^[ic]\.", "", word.text)
        found += columns_named(Word(name, word.span), columns)
    return tuple(dict.fromkeys(found))


def _level(option: Option) -> float:
    words = option.given or ()
    number = _number(words[0].text) if len(words) == 1 else None
    if number is None or not 0 < number < 100:
        raise FormulaSyntaxError("`level()` is a percentage between 0 and 100", option.span)
    return number / 100


def _at(option: Option, columns: Sequence[str]) -> At:
    """What `at(x=(1 2 3) (median) z (mean) _all)` says."""
    found: dict[str, list[Value] | Statistic] = {}
    words, statistic, means, place = _split(option.given or ()), "", False, 0
    while place < len(words):
        word, following = words[place], words[place + 1 : place + 3]
        inside = word.inner[0].text if word.inner and not word.text and len(word.inner) == 1 else ""
        if _STATISTIC.fullmatch(inside):
            statistic, place = inside, place + 1
        elif word.inner is None and word.text != "=" and len(following) == 2 and following[0].text == "=":
            value = following[1]
            _set(word, _values((value,) if value.inner is None or value.text else value.inner), columns, found)
            place += 3
        elif statistic == "mean" and word.text in ("_all", "*"):
            means, place = True, place + 1
        elif statistic and word.inner is None and word.text != "=":
            _set(word, Statistic(statistic), columns, found)
            place += 1
        else:
            message = f"`{word.span}` is not read here; `at()` sets variables to values, as in `at(x=(1 2 3) z=0)`"
            raise FormulaSyntaxError(message, word.span)
    if not found and not means:
        raise FormulaSyntaxError("`at()` sets variables to values, as in `at(x=(1 2 3) z=0)`", option.span)
    return At(found, means)


def _set(
    word: Given, value: list[Value] | Statistic, columns: Sequence[str], found: dict[str, list[Value] | Statistic]
) -> None:
    """Set what a word names to a value, once."""
    for column in columns_named(Word(re.sub(r"^[ic]\.", "", word.text), word.span), columns):
        if column in found:
            raise FormulaSyntaxError(f"`{column}` is set twice: `at()` may stand several times", word.span)
        found[column] = value


def _split(words: Sequence[Given]) -> list[Given]:
    """The words, with `=` one of its own."""
    found: list[Given] = []
    for word in words:
        parts = [part for part in re.split(r"(=)", word.text) if part]
        found += [Given(part, None, word.span) for part in (parts if word.inner is None else parts[:-1])]
        if word.inner is not None:
            last = parts[-1] if parts else ""
            found += [Given(last, None, word.span)] if last == "=" else []
            found.append(Given("" if last == "=" else last, word.inner, word.span))
    return found


def _values(words: Sequence[Given]) -> list[Value]:
    """A list of numbers as Stata writes it, `1 2 3`, `1/3`, `0(0.5)2`; or the names of levels."""
    found: list[Value] = []
    step: float | None = None
    for word in words:
        range_ = re.fullmatch(r"(-?\d+)/(-?\d+)", word.text)
        number = _number(word.text)
        if step is not None and number is not None and isinstance(found[-1], float):
            found += _sequence(found[-1], number, step, word.span)[1:]
            step = None
        elif range_:
            found += _sequence(float(range_[1]), float(range_[2]), 1.0, word.span)
        else:
            found.append(word.text.strip('"') if number is None else number)
        if word.inner is not None:
            step = _number(word.inner[0].text) if len(word.inner) == 1 else None
            if step is None or not isinstance(found[-1], float):
                raise FormulaSyntaxError("a list of numbers is written `1 2 3`, `1/3` or `0(0.5)2`", word.span)
    if step is not None or not found:
        span = words[-1].span if words else None
        raise FormulaSyntaxError("a list of numbers is written `1 2 3`, `1/3` or `0(0.5)2`", span)
    return found


def _sequence(first: float, last: float, step: float, span: Span) -> list[Value]:
    count = (last - first) / step if step else -1.0
    if not 0 <= count < _MOST_VALUES:
        raise FormulaSyntaxError(f"from {first:g} to {last:g} by {step:g} there is no list, or a very long one", span)
    return [first + step * i for i in range(int(count + 1e-9) + 1)]


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text) else None
