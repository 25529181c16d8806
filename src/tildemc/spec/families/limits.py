"""Families whose responses are seen within limits: some values not at all (truncated), some not exactly (censored).

Functions from records to records, as in `zeros.py`. Probabilities are compared and subtracted as logs, for a limit may
be far out in a tail.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from math import inf, nan

from tildemc.spec.chance import Draw, Quantile
from tildemc.spec.expr import Const, Expr, Var, substitute, walk
from tildemc.spec.families.records import Family
from tildemc.spec.families.symbols import trials, y
from tildemc.spec.vocabulary import apply

__all__ = ["UNKNOWN", "exposed", "limited", "settled"]

ZERO, ONE = Const(0.0), Const(1.0)
_IMPOSSIBLE = Const(-1e30)
"""The log of no probability: a number, so that it has a slope."""

UNKNOWN = Const(nan)
"""What no record says: the mean of what is truncated, where that is none of its family's formulas."""

_FORMULAS = ("mean", "middle", "variance", "cdf", "tail")
_PARTS = ("log_cdf", "log_tail", "partial", "square", "partial_square")

Ends = tuple[Expr | None, Expr | None]

_lower, _upper, _end, _code = (Var(name) for name in ("lb", "ub", "y2", "cens"))


def settled(family: Family) -> Family:
    """The same, with nothing in the place of formulas and draws that would need what is not known."""

    def unknown(*exprs: Expr | None) -> bool:
        return any(part is UNKNOWN for expr in exprs if expr is not None for part in walk(expr))

    lost: dict[str, Expr | None] = {name: UNKNOWN for name in _FORMULAS if unknown(getattr(family, name))}
    lost |= {name: None for name in _PARTS if unknown(getattr(family, name))}
    draw = Draw(UNKNOWN) if unknown(*family.draw.expressions()) else family.draw
    return replace(family, **lost, draw=draw)  # type: ignore[arg-type]


def exposed(family: Family, columns: Collection[str]) -> Family:
    """Counts over `rate`, how long or on how much was counted: the parameters are those of one unit of it."""
    rate = Var("rate")
    parts: dict[Expr, Expr] = {}
    for name in family.exposed:
        parameter = Var(name)
        parts |= {parameter: parameter * rate, apply("log", parameter): apply("log", parameter) + apply("log", rate)}
    return family.instead(parts)


def limited(family: Family, columns: Collection[str]) -> Family:
    """Responses from `lb` to `ub`, and of these some that are not known but for an end or two.

    What is beyond `lb` or `ub` is not among the rows at all. Of a row, `cens` may say that the response was at most `y`
    (-1), more (1), or more than `y` and at most `y2` (2).
    """
    # Of whole numbers the lower limit is itself one of them.
    low = (_lower - 1 if family.values.whole else _lower) if "lb" in columns else None
    high = _upper if "ub" in columns else None
    within = _Within(family)
    inside = within.log_between(low, high)
    density = family.log_density
    if "cens" in columns:
        others = within.log_between(low, y)
        if "y2" in columns:
            # Rows of another kind have an interval too, whose slope is a number, and no use of it.
            start, end = _where(_code - 2, within.inner - 1, y), _where(_code - 2, within.inner, _end)
            others = _where(_code + 1, within.log_between(start, end), others)
        density = _where(_code, _where(_code - 1, others, within.log_between(y, high)), density)
    if inside == ZERO:
        return replace(family, log_density=density)
    below, above = within.log_between(low, y) - inside, within.log_between(y, high) - inside
    top = within.upper if high is None and within.bounded[1] else high
    drawn = Quantile(family.cdf, family.tail, low, top, whole=family.values.whole)
    mean = within.moment(family.partial, family.mean, (low, high), inside)
    square = within.moment(family.partial_square, family.square, (low, high), inside)
    return replace(
        family,
        log_density=density - inside,
        log_cdf=below, log_tail=above, cdf=apply("exp", below), tail=apply("exp", above),
        mean=mean, centre=y, middle=mean, variance=UNKNOWN if UNKNOWN in (mean, square) else square - mean**2,
        partial=None, square=None, partial_square=None,
        draw=Draw(Var("drawn"), {"drawn": drawn}),
    )  # fmt: skip


def _where(condition: Expr, yes: Expr, no: Expr) -> Expr:
    return apply("where", condition, yes, no)


class _Within:
    """A family's distribution functions at any number, be it beyond what a response may be."""

    def __init__(self, family: Family) -> None:
        self.family, values = family, family.values
        # No trials at all have no success but none.
        self.inner = ZERO if values.successes else Const(values.inner)
        self.upper = trials if values.successes else Const(values.upper)
        self.bounded = values.lower > -inf, values.successes or values.upper < inf
        closed = values.whole or values.lower in values.atoms
        lower = Const(values.lower)
        self.short = apply("less", y, lower) if closed else 1 - apply("less", lower, y)
        self.far = 1 - apply("less", y, self.upper)

    def log_below(self, at: Expr) -> Expr:
        """The log of the probability of a response up to `at`."""
        return self._at(self.family.log_below, at, _IMPOSSIBLE, ZERO)

    def log_above(self, at: Expr) -> Expr:
        """The log of the probability of a response above `at`."""
        return self._at(self.family.log_above, at, ZERO, _IMPOSSIBLE)

    def log_between(self, low: Expr | None, high: Expr | None) -> Expr:
        """The log of the probability of a response above `low` and up to `high`."""
        if low is None:
            return ZERO if high is None else self.log_below(high)
        if high is None:
            return self.log_above(low)
        # The difference of what is beyond both, on the side where that is less.
        below, above = self.log_below(low), self.log_above(high)
        upper = apply("less", above, below)
        more = _where(upper, self.log_above(low), self.log_below(high))
        return more + apply("log1mexp", _where(upper, above, below) - more)

    def moment(self, partial: Expr | None, all_: Expr | None, ends: Ends, log_inside: Expr) -> Expr:
        """A moment between two ends, given that up to `y` and that of all responses."""
        if partial is None or all_ is None:
            return UNKNOWN
        low, high = ends
        below = ZERO if low is None else self._at(partial, low, ZERO, all_)
        up_to = all_ if high is None else self._at(partial, high, ZERO, all_)
        return (up_to - below) / apply("exp", log_inside)

    def _at(self, function: Expr, at: Expr, below: Expr, above: Expr) -> Expr:
        """A function of `y` at a number, and what it is below and above all that a response may be."""
        if at == y:
            return function
        here: dict[Expr, Expr] = {y: at}
        ends = [(self.short, below), (self.far, above)]
        beyond = [(substitute(end, here), value) for (end, value), has in zip(ends, self.bounded, strict=True) if has]
        guarded = at
        for end, _ in beyond:
            guarded = _where(end, self.inner, guarded)
        found = substitute(function, {y: guarded})
        for end, value in beyond:
            found = _where(end, value, found)
        return found
