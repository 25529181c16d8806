"""`L.x`, `D2.x`, `F(1/2).x` in, columns of these names out, and the steps that make them of a declared panel."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tildemc.errors import FormulaSyntaxError, SemanticError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import walk
from tildemc.syntax.rewrite import called
from tildemc.syntax.stata.traced import Traced
from tildemc.syntax.stata.word import Word
from tildemc.syntax.steps import Make
from tildemc.syntax.tree import Binary, Expr, Name, Number, Unary

__all__ = ["Panel", "declared", "is_series", "series_in", "series_names", "series_steps"]

_STEP = r"[LFDS](?:\d+|\([-\d\s/]+\))?"
_OPERATOR = re.compile(rf"[ic]?((?:{_STEP})+)\.", re.IGNORECASE)
_COLUMN = re.compile(r"((?:[LFDS]\d*)+)\.(\w+)")
_MOST = 100
"""Lags that one operator lists, and steps back."""


@dataclass(frozen=True, slots=True)
class Panel:
    """What `xtset` declared: the panel variable, none for one series; the time, and how much of it a lag is."""

    variable: Word | None
    time: Word | None = None
    delta: float = 1.0

    @property
    def name(self) -> str:
        """The panel variable's."""
        return "" if self.variable is None else self.variable.text


def declared(given: str | None, before: Panel | None) -> Panel | None:
    """What a caller says as `xtset` would take it, the panel variable and the time, or else what the text declares.

    Raises
    ------
    FormulaSyntaxError
        If there are more names.
    """
    if given is None:
        return before
    words = [Word(found.group(), Span(given, *found.span())) for found in re.finditer(r"\S+", given)]
    match words:
        case [panel]:
            return Panel(panel) if before is None else replace(before, variable=panel)
        case [panel, time]:
            return Panel(panel, time)
        case _:
            pass
    raise FormulaSyntaxError("`panel` is the panel variable, or it and the time, as in `id year`")


_XTSET = re.compile(r"(xtset|tsset|iis)\s+([^\W\d]\w*)(?:\s+([^\W\d]\w*))?\s*(?:,(.*))?$")
_DELTA = re.compile(r"delta\(\s*(\d+(?:\.\d*)?|\.\d+)\s*(\w*)\s*\)")


def panel_declared(line: Traced) -> Panel | None:
    """What `xtset id t, delta(2)` or `tsset t` declares; None of any other command.

    Raises
    ------
    UnsupportedError
        If a lag is of a unit of dates.
    """
    found = _XTSET.match(line.text)
    if found is None:
        return None
    words = [Word(found[k], line.span(*found.span(k))) for k in (2, 3) if found[k]]
    delta = _DELTA.search(found[4] or "")
    if delta is not None and delta[2]:
        message = f"`{delta.group()}` is of dates: say it in the units of the column, as in `delta(7)`"
        raise UnsupportedError(message, line.span())
    # `tsset t` alone is of one series.
    variable = None if found[1] == "tsset" and len(words) == 1 else words[0]
    time = words[-1] if variable is None else words[1] if len(words) > 1 else None
    return Panel(variable, time, float(delta[1]) if delta else 1.0)


def is_series(operator: str) -> bool:
    """Whether an operator before a name, with its point, is of rows before and after."""
    return _OPERATOR.fullmatch(operator) is not None


def series_names(operator: str, name: str, span: Span) -> list[str]:
    """The columns that an operator makes of a name.

    Raises
    ------
    FormulaSyntaxError
        If a list of lags is none.
    """
    found = _OPERATOR.fullmatch(operator)
    assert found is not None, "it was asked for"
    whole: list[list[str]] = [[]]
    for step in re.findall(_STEP, found[1], re.IGNORECASE):
        letter, counts = step[0].upper(), _counts(step[1:].strip("()"), span)
        whole = [[*parts, *_step(letter, count)] for parts in whole for count in counts]
    return [f"{''.join(parts)}.{name}" if parts else name for parts in whole]


def _step(letter: str, count: int) -> list[str]:
    if count < 0 and letter in "LF":
        letter, count = "FL"["LF".index(letter)], -count
    return [] if count == 0 else [letter if count == 1 else f"{letter}{count}"]


def _counts(listed: str, span: Span) -> list[int]:
    """`2`, `1 3`, `0/2`; nothing is 1."""
    if not listed:
        return [1]
    counts: list[int] = []
    for piece in re.sub(r"\s*/\s*", "/", listed).split():
        ends = piece.split("/")
        if len(ends) > 2 or not all(re.fullmatch(r"-?\d{1,3}", end) for end in ends):
            raise FormulaSyntaxError(f"`({listed})` is no list of lags such as `1/3`", span)
        first, last = int(ends[0]), int(ends[-1])
        if abs(last - first) > _MOST:
            raise FormulaSyntaxError(f"more than {_MOST} lags are not read", span)
        counts += range(first, last + 1)
    return counts


def series_in(exprs: Iterable[Expr], known: Sequence[str] | None) -> list[Name]:
    """The names in expressions that are lags, leads or differences, each once; the data may have some."""
    named = (part for expr in exprs for part in walk(expr) if isinstance(part, Name) and _COLUMN.fullmatch(part.text))
    return [*{name.text: name for name in named if name.text not in (known or ())}.values()]


def series_steps(names: Iterable[Name], panel: Panel | None) -> tuple[Make, ...]:
    """The steps that make columns of such names.

    Raises
    ------
    SemanticError
        If no time is declared.
    """
    return tuple(_made(name, panel) for name in names)


def _made(name: Name, panel: Panel | None) -> Make:
    found = _COLUMN.fullmatch(name.text)
    assert found is not None, "it was asked for"
    if panel is None or panel.time is None:
        lacks = "the panel and its time are" if panel is None else f"the time of panel `{panel.name}` is"
        message = (
            f"`{name.text}` is of another time, and {lacks} not declared: write `xtset panel time`, or `tsset time`, "
            'on a line before, or give `panel="panel time"`'
        )
        raise SemanticError(message, name.span)
    x = Name(found[2], name.span)
    value: Expr | None = None
    for lag, times in sorted(_lags(found[1]).items()):
        value = _plus(value, lag, times, x)
    by = () if panel.variable is None else (Name(panel.variable.text, name.span),)
    assert value is not None, "a difference is of something"
    return Make(name.text, value, by, name.span, order=(Name(panel.time.text, name.span),), unit=panel.delta)


def _lags(operators: str) -> Counter[int]:
    """How often each lag counts, -1 for a lead of one: `D2.x` is x - 2 L.x + L2.x."""
    total = Counter({0: 1})
    for letter, digits in re.findall(r"([LFDS])(\d*)", operators):
        count = int(digits or 1)
        for _ in range(count if letter == "D" else 1):
            steps = {"L": {count: 1}, "F": {-count: 1}, "D": {0: 1, 1: -1}, "S": {0: 1, count: -1}}[letter]
            product: Counter[int] = Counter()
            for (one, times), (more, again) in ((a, b) for a in total.items() for b in steps.items()):
                product[one + more] += times * again
            total = product
    return total


def _plus(total: Expr | None, lag: int, times: int, x: Name) -> Expr | None:
    if times == 0:
        return total
    span = x.span
    part: Expr = x if lag == 0 else called("lag" if lag > 0 else "lead", x, Number(float(abs(lag)), span), span=span)
    if abs(times) > 1:
        part = Binary("*", Number(float(abs(times)), span), part, span)
    if total is None:
        return Unary("-", part, span) if times < 0 else part
    return Binary("-" if times < 0 else "+", total, part, span)
