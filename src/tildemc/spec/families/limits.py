"""Families whose responses are seen within limits only: some values not at all (truncated), some not exactly (censored).

Functions from records to records, as in `zeros.py`. Probabilities are compared and subtracted as logs, for a limit may
be far out in a tail.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from math import inf, nan

from tildemc.spec.chance import Draw, Quantile
from tildemc.spec.expr import Const, Expr, Var, substitute
from tildemc.spec.families.records import Family
from tildemc.spec.families.symbols import trials, y
from tildemc.spec.vocabulary import apply

__all__ = ["UNKNOWN", "censored", "exposed", "truncated"]

ZERO, ONE = Const(0.0), Const(1.0)
_IMPOSSIBLE = Const(-1e300)
"""The log of no probability: a number, so that it has a slope."""

UNKNOWN = Const(nan)
"""The mean of what is truncated where no record says it."""

_lower, _upper, _end, _code = (Var(name) for name in ("lb", "ub", "y2", "cens"))


def exposed(family: Family, columns: Collection[str]) -> Family:
    """Counts over `rate`, how long or on how much was counted: the parameters are those of one unit of it."""
    rate = Var("rate")
    parts: dict[Expr, Expr] = {}
    for name in family.exposed:
        parameter = Var(name)
        parts |= {parameter: parameter * rate, apply("log", parameter): apply("log", parameter) + apply("log", rate)}
    return family.instead(parts)


def truncated(family: Family, columns: Collection[str]) -> Family:
    """Responses from `lb` to `ub`, or from or up to one of them; what is beyond is not among the rows."""
    # Of whole numbers the lower limit is itself one of them.
    low = (_lower - 1 if family.values.whole else _lower) if "lb" in columns else None
    high = _upper if "ub" in columns else None
    inside = _log_between(family, low, high)
    below = _log_between(family, low, y) - inside
    above = _log_between(family, y, high) - inside
    within = _Within(family)
    return replace(
        family,
        log_density=family.log_density - inside,
        log_cdf=below, log_tail=above, cdf=apply("exp", below), tail=apply("exp", above),
        mean=within.mean(low, high, inside), partial=None, variance=UNKNOWN,
        draw=Draw(
            Var("drawn"), {"drawn": Quantile(family.cdf, family.tail, low, high, whole=family.values.whole)}
        ),
    )  # fmt: skip


def censored(family: Family, columns: Collection[str]) -> Family:
    """Responses of which `cens` may say that they were less (-1), more (1), or from `y`, not itself, to `y2` (2)."""
    others = family.log_below
    if "y2" in columns:
        # Rows of another kind have an interval too, whose slope is a number, and no use of it.
        inner = _Within(family).inner
        within = _log_between(family, _where(_code - 2, inner - 1, y), _where(_code - 2, inner, _end))
        others = _where(_code + 1, within, others)
    density = _where(_code, _where(_code - 1, others, family.log_above), family.log_density)
    return replace(family, log_density=density)


def _where(condition: Expr, yes: Expr, no: Expr) -> Expr:
    return apply("where", condition, yes, no)


class _Within:
    """A family's distribution functions at any number, be it beyond what a response may be."""

    def __init__(self, family: Family) -> None:
        self.family, values = family, family.values
        # No trials at all have no success but none.
        self.inner = ZERO if values.successes else Const(values.inner)
        upper = trials if values.successes else Const(values.upper)
        self.bounded = values.lower > -inf, values.successes or values.upper < inf
        closed = values.whole or values.lower in values.atoms
        lower = Const(values.lower)
        self.short = apply("less", y, lower) if closed else 1 - apply("less", lower, y)
        self.far = 1 - apply("less", y, upper)

    def log_below(self, at: Expr) -> Expr:
        """The log of the probability of a response up to `at`."""
        return self._at(self.family.log_below, at, _IMPOSSIBLE, ZERO)

    def log_above(self, at: Expr) -> Expr:
        """The log of the probability of a response above `at`."""
        return self._at(self.family.log_above, at, ZERO, _IMPOSSIBLE)

    def mean(self, low: Expr | None, high: Expr | None, log_inside: Expr) -> Expr:
        """That of responses above `low` and up to `high`."""
        family = self.family
        if family.partial is None:
            return UNKNOWN
        below = ZERO if low is None else self._at(family.partial, low, ZERO, family.mean)
        up_to = family.mean if high is None else self._at(family.partial, high, ZERO, family.mean)
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


def _log_between(family: Family, low: Expr | None, high: Expr | None) -> Expr:
    """The log of the probability of a response above `low` and up to `high`."""
    within = _Within(family)
    if low is None:
        return ZERO if high is None else within.log_below(high)
    if high is None:
        return within.log_above(low)
    # The difference of what is beyond both on the side where that is less.
    below, above = within.log_below(low), within.log_above(high)
    upper = apply("less", above, below)
    more = _where(upper, within.log_above(low), within.log_below(high))
    return more + apply("log1mexp", _where(upper, above, below) - more)
