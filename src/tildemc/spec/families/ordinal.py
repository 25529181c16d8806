"""Families of ordered categories, whose thresholds cut a line: records made for the categories and the link at hand.

As in Bürkner & Vuorre (2019), Ordinal Regression Models in Psychology: A Tutorial, Advances in Methods and Practices in
Psychological Science 2. A response is counted from 1, and threshold k, the first of which is `thresholds[0]`, stands
between categories k and k + 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import accumulate, pairwise
from operator import add, mul

from tildemc.spec.chance import Draw, Step
from tildemc.spec.expr import Const, Expr, Index, Op, Var, substitute
from tildemc.spec.families.parameter import FamilyParameter
from tildemc.spec.families.records import Categories, Family
from tildemc.spec.families.symbols import mu, y
from tildemc.spec.families.values import Values
from tildemc.spec.links import LINKS, Link
from tildemc.spec.priors import default
from tildemc.spec.support import INCREASING, POSITIVE, REAL, Support
from tildemc.spec.vocabulary import apply

__all__ = [
    "ORDINAL",
    "ZERO",
    "beside_zero",
    "chosen",
    "draw_of",
    "log_total",
    "logs_of",
    "moments_of",
    "probabilities_of",
    "whole_categories",
]

_LINKS = ("logit", "probit", "cloglog", "cauchit", "loglog")
ZERO = Const(0.0)
_thresholds, _disc = Var("thresholds"), Var("disc")
_LINE = FamilyParameter("mu", REAL, ("identity",))
_DISC = FamilyParameter("disc", POSITIVE, ("log", "identity"), intercept=default("student_t", 3.0, 0.0, 2.5), fixed=1.0)
_THRESHOLD = default("student_t", 3.0, 0.0, 2.5)


@dataclass(frozen=True, slots=True)
class _Made:
    """What thresholds make of a line.

    Attributes
    ----------
    density : Expr
    logs : sequence of Expr
        The log probability of each category.
    steps, native : mapping of str to Expr
        What PyMC's arguments name, and these.
    """

    density: Expr
    logs: Sequence[Expr]
    steps: Mapping[str, Expr]
    native: Mapping[str, Expr]


# What families of categories share


def chosen(values: Sequence[Expr]) -> Expr:
    """The value that belongs to the response's category."""
    counted = ((k, value) for k, value in enumerate(values, start=1) if value != ZERO)
    return _sum(apply("times", Op("==", y, Const(k)), value) for k, value in counted)


def log_total(logs: Sequence[Expr]) -> Expr:
    """The log of 1 and some numbers, whose logs are given."""
    first, *others = logs
    return reduce(lambda total, log: total + apply("softplus", log - total), others, apply("softplus", first))


def logs_of(scores: Sequence[Expr], total: Expr) -> list[Expr]:
    """The logs of chances that are as 1 and the exponentials of `scores`."""
    return [-total, *(score - total for score in scores)]


def beside_zero(scores: Sequence[Expr]) -> Expr:
    """Columns for PyMC: zero, and the scores."""
    return apply("columns", apply("zeros_like", scores[0]), *scores)


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


def _sum(parts: Iterable[Expr]) -> Expr:
    return reduce(add, parts)


# Thresholds


class _At:
    """The distribution function of a link, at thresholds as seen from the predictor."""

    def __init__(self, link: Link, count: int) -> None:
        self.link = link
        self.away = tuple(_disc * (Index(_thresholds, (k,)) - mu) for k in range(count))
        self.toward = tuple(_disc * (mu - Index(_thresholds, (k,))) for k in range(count))

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
    pairs = [*pairwise(at.away)]
    logs = [at.log_below(first), *(at.log_between(*pair) for pair in pairs), at.log_above(last)]
    density = apply("times", Op("==", y, Const(1)), logs[0])
    if pairs:
        # One difference for all categories in the middle: between the two thresholds around the response's own.
        near = [chosen([ZERO, *(Index(_thresholds, (j + k,)) for j in range(len(pairs)))]) for k in (0, 1)]
        middle = Op("*", Op(">", y, Const(1)), Op("<=", y, Const(len(pairs) + 1)))
        density = density + apply("times", middle, at.log_between(*(_disc * (tau - mu) for tau in near)))
    density = density + apply("times", Op("==", y, Const(len(pairs) + 2)), logs[-1])
    steps, below = _steps("below", [at.below(x) for x in at.away])
    between = [b - a for a, b in pairwise(below)]
    return _Made(density, logs, steps, {"p": apply("columns", below[0], *between, 1 - below[-1])})


def _stopping(stop: Sequence[Expr], go: Sequence[Expr], steps: Mapping[str, Expr], halts: Sequence[Expr]) -> _Made:
    """One category after the other: the logs of the chances to stop there, and to go on; PyMC's chances to stop."""
    passed = [*accumulate(go, add)]
    logs = [stop[0], *(before + here for before, here in zip(passed, stop[1:], strict=False)), passed[-1]]
    each = enumerate(zip(stop, go, strict=True), start=1)
    density = _sum(
        apply("times", Op(">", y, Const(k)), on) + apply("times", Op("==", y, Const(k)), here) for k, (here, on) in each
    )
    reached = [*accumulate((_complement(halt) for halt in halts), mul)]
    chances = [halts[0], *(before * halt for before, halt in zip(reached, halts[1:], strict=False)), reached[-1]]
    return _Made(density, logs, steps, {"p": apply("columns", *chances)})


def _complement(chance: Expr) -> Expr:
    match chance:
        case Op("-", Const(1.0 | 1), other):
            return other
        case _:
            return 1 - chance


def _sratio(at: _At) -> _Made:
    """P(Y = k | Y >= k) = F(disc (threshold k - mu))."""
    steps, stop = _steps("stop", [at.below(x) for x in at.away])
    return _stopping([*map(at.log_below, at.away)], [*map(at.log_above, at.away)], steps, stop)


def _cratio(at: _At) -> _Made:
    """P(Y > k | Y >= k) = F(disc (mu - threshold k))."""
    steps, go = _steps("go", [at.below(x) for x in at.toward])
    logs = [*map(at.log_above, at.toward)], [*map(at.log_below, at.toward)]
    return _stopping(*logs, steps, [1 - chance for chance in go])


def _acat(at: _At) -> _Made:
    """P(Y = k + 1 | Y = k or k + 1) = F(disc (mu - threshold k)) for the logit; brms's generalisation for others."""
    if at.link == LINKS["logit"]:
        # The log of F(x) / (1 - F(x)) is x itself.
        up = odds = [*at.toward]
    else:
        up = [at.log_below(x) - at.log_above(x) for x in at.toward]
        odds = [apply("log", at.below(x) / (1 - at.below(x))) for x in at.toward]
    scores = [*accumulate(up, add)]
    total = log_total(scores)
    steps, further = _steps("up", odds)
    native = {"logit_p": beside_zero([*accumulate(further, add)])}
    return _Made(chosen([ZERO, *scores]) - total, logs_of(scores, total), steps, native)


def _steps(name: str, values: Sequence[Expr]) -> tuple[dict[str, Expr], list[Expr]]:
    """Values by names of their own, and those names."""
    steps = {f"{name}_{k}": value for k, value in enumerate(values, start=1)}
    return steps, [Var(step) for step in steps]


_Rule = Callable[[_At], _Made]


@dataclass(frozen=True, slots=True)
class _Kind:
    """What one family of thresholds has, whatever the categories and the link."""

    name: str
    title: str
    use: str
    law: str
    support: Support
    rule: _Rule


def _family(kind: _Kind, labels: tuple[str, ...], link: Link) -> Family:
    name, title, support, count = kind.name, kind.title, kind.support, len(labels) - 1
    made = kind.rule(_At(link, count))
    chances = probabilities_of(made.logs)
    mean, variance = moments_of(chances)
    cdf, tail = whole_categories(chances)
    # Only thresholds in order cut one distribution.
    latent = link.latent / _disc**2 if support.ordered and link.latent is not None else None
    values = Values("a category, counted from 1", 1.0, float(count + 1), whole=True, categories=True)
    latex = title.replace(" ", r"\ ")
    return Family(
        name=name, title=title, use=kind.use, law=kind.law, values=values, pymc="Categorical",
        latex=rf"\mathrm{{{latex}}}",
        parameters=(_LINE, FamilyParameter("thresholds", support, (), prior=_THRESHOLD, size=count), _DISC),
        log_density=made.density, mean=mean, middle=mean, variance=variance,
        cdf=cdf, tail=tail, draw=draw_of(chances),
        native=made.native, steps=made.steps, notation=(mu, _thresholds), links=_LINKS,
        categories=Categories(labels, link, chances, latent=latent),
        made=partial(_family, kind),
        observed=y - 1, simple=_SIMPLE.get((name, link.name)),
    )  # fmt: skip


_plain: Mapping[str, Expr] = {"eta": mu, "cutpoints": _thresholds, "compute_p": Const(False)}
_SIMPLE = {
    ("cumulative", "logit"): ("OrderedLogistic", _plain),
    ("cumulative", "probit"): ("OrderedProbit", _plain),
}
"""Families that PyMC has a class for."""

_THREE = ("1", "2", "3")
"""The categories of a family until those of a response are known."""

_seen = r"\mathrm{disc}\,(\tau_k - \mu)"
_seen_back = r"\mathrm{disc}\,(\mu - \tau_k)"
_KINDS = (
    _Kind(
        "cumulative", "Cumulative", "Ordered categories: thresholds cut one line.",
        rf"\Pr(y \le k) = F({_seen}), \quad \tau_1 < \tau_2 < \ldots", INCREASING, _cumulative,
    ),
    _Kind(
        "sratio", "Stopping ratio", "Ordered categories that are reached one after the other.",
        rf"\Pr(y = k \mid y \ge k) = F({_seen})", REAL, _sratio,
    ),
    _Kind(
        "cratio", "Continuation ratio", "The same, by the chance to go on.",
        rf"\Pr(y > k \mid y \ge k) = F({_seen_back})", REAL, _cratio,
    ),
    _Kind(
        "acat", "Adjacent category", "Ordered categories, each compared with the next.",
        rf"\frac{{\Pr(y = k + 1)}}{{\Pr(y = k)}} = \frac{{F({_seen_back})}}{{1 - F({_seen_back})}}", REAL, _acat,
    ),
)  # fmt: skip

ORDINAL = tuple(_family(kind, _THREE, LINKS[_LINKS[0]]) for kind in _KINDS)
