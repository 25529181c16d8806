"""Families of ordered categories, whose thresholds cut a line: records made for the categories and the link at hand.

As in Bürkner & Vuorre (2019), Ordinal Regression Models in Psychology: A Tutorial, Advances in Methods and Practices in
Psychological Science 2. A response is counted from 1, and threshold k, the first of which is `thresholds[0]`, stands
between categories k and k + 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import add

from tildemc.spec.chance import Draw, Step
from tildemc.spec.expr import Const, Expr, Index, Op, Var, substitute
from tildemc.spec.families.records import Categories, Family, FamilyParameter, Values
from tildemc.spec.families.symbols import mu, y
from tildemc.spec.links import LINKS, Link
from tildemc.spec.priors import default
from tildemc.spec.support import INCREASING, POSITIVE, REAL, Support
from tildemc.spec.vocabulary import apply

__all__ = ["ORDINAL", "chosen", "draw_of", "log_total", "moments_of", "probabilities_of", "whole_categories"]

_LINKS = ("logit", "probit", "cloglog", "cauchit", "loglog")
ZERO = Const(0.0)
_thresholds, _disc = Var("thresholds"), Var("disc")
_LINE = FamilyParameter("mu", REAL, ("identity",))
_DISC = FamilyParameter(
    "disc", POSITIVE, ("log", "identity"), intercept=default("student_t", 3.0, 0.0, 2.5), fixed=1.0
)
_THRESHOLD = default("student_t", 3.0, 0.0, 2.5)

_Made = tuple[Expr, Sequence[Expr], Mapping[str, Expr]]
"""A density, the log probability of each category, and PyMC's arguments."""


# What families of categories share


def chosen(values: Sequence[Expr]) -> Expr:
    """The value that belongs to the response's category."""
    counted = ((k, value) for k, value in enumerate(values, start=1) if value != ZERO)
    return _sum(apply("times", Op("==", y, Const(k)), value) for k, value in counted)


def log_total(logs: Sequence[Expr]) -> Expr:
    """The log of 1 and some numbers, whose logs are given."""
    first, *others = logs
    return reduce(lambda total, log: total + apply("softplus", log - total), others, apply("softplus", first))


def probabilities_of(logs: Sequence[Expr]) -> tuple[Expr, ...]:
    """The chances whose logs are given."""
    return tuple(apply("exp", log) for log in logs)


def moments_of(chances: Sequence[Expr]) -> tuple[Expr, Expr]:
    """Mean and variance of the number of the category."""
    mean = _sum(k * chance for k, chance in enumerate(chances, start=1))
    return mean, _sum((Const(float(k)) - mean) ** 2 * chance for k, chance in enumerate(chances, start=1))


def whole_categories(chances: Sequence[Expr]) -> tuple[Expr, Expr]:
    """The probabilities of a category up to `y`, and above `y`."""
    each = list(enumerate(chances, start=1))
    return _sum(p * Op(">=", y, Const(k)) for k, p in each), _sum(p * Op("<", y, Const(k)) for k, p in each)


def draw_of(chances: Sequence[Expr]) -> Draw:
    """A category: one more for each cumulative probability that a uniform number is above."""
    value: Expr = Const(1.0)
    below: Expr = ZERO
    for chance in chances[:-1]:
        below = chance if below == ZERO else below + chance
        value = value + Op(">", Var("share"), below)
    return Draw(value, {"share": Step("random", ())})


def _sum(parts: object) -> Expr:
    return reduce(add, parts)  # type: ignore[call-overload, no-any-return]


# Thresholds


class _At:
    """The distribution function of a link, at thresholds as seen from the predictor."""

    def __init__(self, link: Link, count: int) -> None:
        self.link = link
        self.away = tuple(_disc * (Index(_thresholds, (k,)) - mu) for k in range(count))

    def below(self, x: Expr) -> Expr:
        return substitute(self.link.inverse, {Var("eta"): x})

    def log_below(self, x: Expr) -> Expr:
        log = self.link.log
        return apply("log", self.below(x)) if log is None else substitute(log, {Var("eta"): x})

    def log_above(self, x: Expr) -> Expr:
        log = self.link.log_complement
        return apply("log1p", -self.below(x)) if log is None else substitute(log, {Var("eta"): x})

    def log_between(self, lower: Expr, upper: Expr) -> Expr:
        """Right to its last digits in both tails, as long as the link's log is."""
        top = self.log_below(upper)
        return top + apply("log1mexp", self.log_below(lower) - top)


def _cumulative(at: _At) -> _Made:
    """P(Y <= k) = F(disc (threshold k - mu))."""
    first, last = at.away[0], at.away[-1]
    pairs = list(zip(at.away, at.away[1:], strict=False))
    logs = [at.log_below(first), *(at.log_between(*pair) for pair in pairs), at.log_above(last)]
    density = apply("times", Op("==", y, Const(1)), logs[0])
    if pairs:
        # One difference for all categories in the middle: between the two thresholds around the response's own.
        near = [chosen([ZERO, *(Index(_thresholds, (j + k,)) for j in range(len(pairs)))]) for k in (0, 1)]
        middle = Op("*", Op(">", y, Const(1)), Op("<=", y, Const(len(pairs) + 1)))
        density = density + apply("times", middle, at.log_between(*(_disc * (tau - mu) for tau in near)))
    density = density + apply("times", Op("==", y, Const(len(pairs) + 2)), logs[-1])
    up_to = [at.below(x) for x in at.away]
    steps = [up_to[0], *(b - a for a, b in zip(up_to, up_to[1:], strict=False)), 1 - up_to[-1]]
    return density, logs, {"p": apply("columns", *steps)}


def _stopping(stop: Sequence[Expr], go: Sequence[Expr], chances: Sequence[tuple[Expr, Expr]]) -> _Made:
    """One category after the other: to stop there, or to go on; logs of both, and the chances of both."""
    logs: list[Expr] = []
    steps: list[Expr] = []
    passed: Expr | None = None
    reached: Expr | None = None
    for here, on, (halt, proceed) in zip(stop, go, chances, strict=True):
        logs.append(here if passed is None else passed + here)
        passed = on if passed is None else passed + on
        steps.append(halt if reached is None else reached * halt)
        reached = proceed if reached is None else reached * proceed
    assert passed is not None and reached is not None
    density = _sum(
        apply("times", Op(">", y, Const(k)), on) + apply("times", Op("==", y, Const(k)), here)
        for k, (here, on) in enumerate(zip(stop, go, strict=True), start=1)
    )
    return density, [*logs, passed], {"p": apply("columns", *steps, reached)}


def _sratio(at: _At) -> _Made:
    """P(Y = k | Y >= k) = F(disc (threshold k - mu))."""
    chances = [(at.below(x), 1 - at.below(x)) for x in at.away]
    return _stopping([*map(at.log_below, at.away)], [*map(at.log_above, at.away)], chances)


def _cratio(at: _At) -> _Made:
    """P(Y > k | Y >= k) = F(disc (mu - threshold k))."""
    chances = [(1 - at.below(-x), at.below(-x)) for x in at.away]
    return _stopping([at.log_above(-x) for x in at.away], [at.log_below(-x) for x in at.away], chances)


def _acat(at: _At) -> _Made:
    """P(Y = k + 1 | Y = k or k + 1) = F(disc (mu - threshold k)) for the logit; brms's generalisation for others."""
    scores: list[Expr] = [ZERO]
    for x in at.away:
        # Of the logit that is -x itself.
        step = -x if at.link.name == "logit" else at.log_below(-x) - at.log_above(-x)
        scores.append(scores[-1] + step if len(scores) > 1 else step)
    total = log_total(scores[1:])
    return chosen(scores) - total, [-total, *(score - total for score in scores[1:])], {"logit_p": apply("columns", apply("zeros_like", scores[1]), *scores[1:])}


_Rule = Callable[[_At], _Made]


def _family(name: str, title: str, support: Support, rule: _Rule, labels: tuple[str, ...], link: Link) -> Family:
    count = len(labels) - 1
    density, logs, native = rule(_At(link, count))
    chances = probabilities_of(logs)
    mean, variance = moments_of(chances)
    cdf, tail = whole_categories(chances)
    values = Values(
        f"a category, counted from 1 to {count + 1}", 1.0, float(count + 1), whole=True, categories=True
    )
    return Family(
        name=name, title=title, values=values, pymc="Categorical", latex=rf"\mathrm{{{title.replace(' ', r'\ ')}}}",
        parameters=(_LINE, FamilyParameter("thresholds", support, (), prior=_THRESHOLD, size=count), _DISC),
        log_density=density, mean=mean, variance=variance, cdf=cdf, tail=tail, draw=draw_of(chances),
        native=native, notation=(mu, _thresholds), links=_LINKS,
        categories=Categories(labels, link, chances),
        made=lambda labels, link: _family(name, title, support, rule, labels, link),
        observed=y - 1, simple=_SIMPLE.get((name, link.name)),
    )  # fmt: skip


_plain = {"eta": mu, "cutpoints": _thresholds, "compute_p": Const(False)}
_SIMPLE = {
    ("cumulative", "logit"): ("OrderedLogistic", _plain),
    ("cumulative", "probit"): ("OrderedProbit", _plain),
}
"""Families that PyMC has a class for."""

_THREE = ("1", "2", "3")
"""The categories of a family until those of a response are known."""

ORDINAL = tuple(
    _family(name, title, support, rule, _THREE, LINKS[_LINKS[0]])
    for name, title, support, rule in (
        ("cumulative", "Cumulative", INCREASING, _cumulative),
        ("sratio", "Stopping ratio", REAL, _sratio),
        ("cratio", "Continuation ratio", REAL, _cratio),
        ("acat", "Adjacent category", REAL, _acat),
    )
)
