"""Families of responses that are several numbers a row: counts of categories, shares of a whole.

Each has a linear predictor for each column but the first, as `categorical` has. A density names the first column `y`,
and the others by a number behind their companion's name.
"""

from __future__ import annotations

from functools import reduce
from operator import add

from tildemc.spec.chance import Draw, Step
from tildemc.spec.expr import Const, Expr, Var
from tildemc.spec.families.categorical import scores_of
from tildemc.spec.families.ordinal import log_total, logs_of, probabilities_of
from tildemc.spec.families.parameter import FamilyParameter
from tildemc.spec.families.records import Categories, Family, Several
from tildemc.spec.families.symbols import PHI, phi, trials, y
from tildemc.spec.families.values import BETWEEN, SUCCESSES
from tildemc.spec.links import LINKS, Link
from tildemc.spec.priors import default
from tildemc.spec.support import REAL
from tildemc.spec.vocabulary import apply

__all__ = ["SEVERAL"]

_CHANCES = r"\quad p_k = \frac{\exp(\mu_k)}{\sum_j \exp(\mu_j)}, \quad \mu_1 = 0"
COUNT, PORTION = "count_", "portion_"


def _total(parts: list[Expr]) -> Expr:
    return reduce(add, parts)


def _columns(prefix: str, labels: tuple[str, ...]) -> list[Expr]:
    return [y, *(Var(f"{prefix}{k}") for k in range(2, len(labels) + 1))]


def _scores(labels: tuple[str, ...]) -> tuple[FamilyParameter, ...]:
    prior = default("student_t", 3.0, 0.0, 2.5)
    return tuple(FamilyParameter(name, REAL, ("identity",), intercept=prior) for name in scores_of(labels))


def _multinomial(labels: tuple[str, ...], link: Link) -> Family:
    scores = _scores(labels)
    logs = logs_of([Var(p.name) for p in scores], log_total([Var(p.name) for p in scores]))
    chances, counts = probabilities_of(logs), _columns(COUNT, labels)
    first = chances[0]
    ways = apply("log_gamma", trials + 1) - _total([apply("log_gamma", count + 1) for count in counts])
    steps: dict[str, Step] = {}
    left: Expr = apply("integer", trials)
    for k in range(len(labels) - 1):
        # Of what those before have left, each has its chance over that of all that follow.
        steps[f"drawn_{k}"] = Step("binomial", (left, chances[k] / _total([*chances[k:]])))
        left = left - Var(f"drawn_{k}")
    return Family(
        name="multinomial", title="Multinomial", use="How many of a number of trials are of each category.",
        law=rf"\Pr(y \mid n) = \frac{{n!}}{{\prod_k y_k!}} \prod_k p_k^{{y_k}}, {_CHANCES}",
        latex=r"\mathrm{Multinomial}", values=SUCCESSES, modifiers=frozenset({"trials"}), parameters=scores,
        log_density=ways + _total([apply("times", count, log) for count, log in zip(counts, logs, strict=True)]),
        # Of the first column by itself
        centre=y / trials, mean=trials * first, middle=first, variance=first * (1 - first) / trials,
        cdf=apply("beta_cdf", trials - y, y + 1, 1 - first), tail=apply("beta_cdf", y + 1, trials - y, first),
        draw=Draw(Var("drawn_0"), steps), links=("logit",),
        categories=Categories(labels, link, chances, ordered=False), made=_multinomial, mains=scores_of(labels),
        several=Several(COUNT, tuple(trials * p for p in chances), (*map(Var, steps), left)),
    )  # fmt: skip


def _dirichlet(labels: tuple[str, ...], link: Link) -> Family:
    scores = _scores(labels)
    logs = logs_of([Var(p.name) for p in scores], log_total([Var(p.name) for p in scores]))
    chances, shares = probabilities_of(logs), _columns(PORTION, labels)
    first, weights = chances[0], [phi * p for p in chances]
    each = [
        (weight - 1) * apply("log", share) - apply("log_gamma", weight)
        for weight, share in zip(weights, shares, strict=True)
    ]
    steps = {f"drawn_{k}": Step("gamma", (weight, Const(1.0))) for k, weight in enumerate(weights)}
    all_ = _total([*map(Var, steps)])
    return Family(
        name="dirichlet", title="Dirichlet", use="Shares of a whole, each between 0 and 1, which are together 1.",
        law=(
            r"p(y \mid \mu, \phi) = \Gamma(\phi) \prod_k \frac{y_k^{\phi p_k - 1}}{\Gamma(\phi p_k)}, "
            + _CHANCES
        ),
        latex=r"\mathrm{Dirichlet}", values=BETWEEN, parameters=(*scores, PHI),
        log_density=apply("log_gamma", phi) + _total(each),
        mean=first, middle=first, variance=first * (1 - first) / (1 + phi),
        cdf=apply("beta_cdf", phi * first, phi * (1 - first), y),
        tail=apply("beta_cdf", phi * (1 - first), phi * first, 1 - y),
        draw=Draw(Var("drawn_0") / all_, steps), links=("logit",),
        categories=Categories(labels, link, chances, ordered=False), made=_dirichlet, mains=scores_of(labels),
        several=Several(PORTION, chances, tuple(Var(name) / all_ for name in steps)),
    )  # fmt: skip


def _dirichlet_multinomial(labels: tuple[str, ...], link: Link) -> Family:
    """The multinomial whose chances are drawn from a Dirichlet, which is integrated out."""
    plain = _multinomial(labels, link)
    assert plain.categories is not None and plain.several is not None
    chances, counts = plain.categories.chances, _columns(COUNT, labels)
    first, weights = chances[0], [phi * p for p in chances]
    rising = [apply("log_rising", weight, count) for weight, count in zip(weights, counts, strict=True)]
    steps: dict[str, Step] = {f"weight_{k}": Step("gamma", (weight, Const(1.0))) for k, weight in enumerate(weights)}
    left: Expr = apply("integer", trials)
    for k in range(len(labels) - 1):
        those = _total([Var(f"weight_{j}") for j in range(k, len(labels))])
        steps[f"drawn_{k}"] = Step("binomial", (left, Var(f"weight_{k}") / those))
        left = left - Var(f"drawn_{k}")
    return Family(
        name="dirichlet_multinomial", title="Dirichlet-multinomial",
        use="How many of a number of trials are of each category, with chances that differ from row to row.",
        law=(
            r"\Pr(y \mid n) = \frac{n!\, \Gamma(\phi)}{\Gamma(n + \phi)} \prod_k "
            r"\frac{\Gamma(y_k + \phi p_k)}{y_k!\, \Gamma(\phi p_k)}, " + _CHANCES
        ),
        latex=r"\mathrm{DirichletMultinomial}", values=SUCCESSES, modifiers=frozenset({"trials"}),
        parameters=(*plain.parameters, PHI),
        # The multinomial's, and what is left of it where phi is large.
        log_density=plain.log_density + _total(rising) - apply("log_rising", phi, trials),
        # Of the first column by itself
        centre=y / trials, mean=trials * first, middle=first,
        variance=first * (1 - first) * (1 + (trials - 1) / (1 + phi)) / trials,
        cdf=apply("beta_binomial_cdf", y, trials, phi * first, phi * (1 - first)),
        tail=apply("beta_binomial_cdf", trials - y - 1, trials, phi * (1 - first), phi * first),
        draw=Draw(Var("drawn_0"), steps), links=("logit",),
        categories=plain.categories, made=_dirichlet_multinomial, mains=scores_of(labels),
        several=Several(COUNT, plain.several.means, (*(Var(f"drawn_{k}") for k in range(len(labels) - 1)), left)),
    )  # fmt: skip


_THREE = ("1", "2", "3")
SEVERAL = tuple(make(_THREE, LINKS["logit"]) for make in (_multinomial, _dirichlet, _dirichlet_multinomial))
