"""Hypotheses × draws -> how far the draws speak for them: brms's `hypothesis`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, assert_never

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import FitError, SemanticError, nearest, one_of
from tildemc.resolve.hypothesis import Hypothesis, read_hypothesis
from tildemc.resolve.quantities import Quantities, Quantity
from tildemc.results.datatree import Group
from tildemc.results.effects import Effects
from tildemc.results.tables import Labelled, Levels, described
from tildemc.span import Span
from tildemc.spec.derivative import depends, differentiate
from tildemc.spec.expr import Apply, Expr, Op, evaluate, walk
from tildemc.spec.model import ModelSpec, chains
from tildemc.spec.parameters import parameters
from tildemc.spec.support import Support
from tildemc.spec.vocabulary import NUMPY
from tildemc.visible import shown

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["SCOPES", "Scope", "Tests", "difference", "draws_of", "test"]


SCOPES = ("standard", "ranef", "coef")
"""Whether names are the model's numbers, or effects or coefficients of each level of a factor."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What names in hypotheses stand for, in brms's words.

    Attributes
    ----------
    kind : str or None
        brms's `class`: what stands before the names, as `sd` in `sd_county__floor`.
    group : str or None
        The grouping factor.
    scope : str
        One of `SCOPES`.
    """

    kind: str | None = None
    group: str | None = None
    scope: str = "standard"

    def __post_init__(self) -> None:
        for name, given in (("class_", self.kind), ("group", self.group)):
            if not isinstance(given, str | None):
                raise FitError(f"`{name}` is a text, not {shown(given)}")
        one_of("scope", self.scope, SCOPES, FitError)
        if self.scope != "standard" and self.group is None:
            raise FitError(f"`scope={self.scope!r}` is of the levels of a factor: name it, as in `group='county'`")

    def named(self, name: str) -> str:
        """Brms's name of what is called `name` here."""
        if self.kind is None:
            return name
        return f"{self.kind}_{name}" if self.group is None else f"{self.kind}_{self.group}__{name}"


@dataclass(frozen=True, eq=False)
class Tested:
    """A hypothesis, the draws of its left side minus its right, and what is told of an equality.

    Attributes
    ----------
    draws : (chains, draws)
    ratio : float
        The posterior density over the prior density where the difference is zero.
    note : str
        Why there is no such ratio.
    """

    hypothesis: Hypothesis
    draws: Floats
    ratio: float = math.nan
    note: str = ""
    level: str = ""


@dataclass(frozen=True, eq=False)
class Tests:
    """Hypotheses and what the draws say of them."""

    tested: Sequence[Tested]
    alpha: float

    def array(self) -> Labelled:
        """The draws of each left side minus its right."""
        return Labelled(np.stack([t.draws for t in self.tested], axis=-1), "hypothesis", self._labels)

    @property
    def _labels(self) -> list[str]:
        return [f"{t.level}: {t.hypothesis.text}" if t.level else t.hypothesis.text for t in self.tested]

    def frame(self) -> DataFrame:
        """A row for each: mean, sd and interval of the difference, evidence ratio, posterior probability, star."""
        import pandas as pd

        from tildemc.table import Table

        rows = [self._row(t) for t in self.tested]
        found = Table(rows, pd.Index([t.hypothesis.text for t in self.tested], name="hypothesis"))
        if any(t.level for t in self.tested):
            found.insert(0, "level", [t.level for t in self.tested])
        return found

    def _row(self, t: Tested) -> dict[str, float | str]:
        flat = t.draws.reshape(-1, 1)
        two_sided = t.hypothesis.sign == "="
        mean, sd, lower, upper = described(flat, 1 - self.alpha * (1 if two_sided else 2))[0].tolist()
        match t.hypothesis.sign:
            case "=":
                ratio = t.ratio
                star = not lower <= 0 <= upper
            case "<" | ">" as sign:
                share = float(np.mean(flat < 0 if sign == "<" else flat > 0))
                ratio = share / (1 - share) if share < 1 else math.inf
                star = share > 1 - self.alpha
            case never:
                assert_never(never)
        probability = 1.0 if ratio == math.inf else ratio / (1 + ratio)
        return {
            "mean": mean, "sd": sd, "lower": lower, "upper": upper, "evidence_ratio": ratio,
            "probability": probability, "star": "*" if star else "", "note": t.note,
        }  # fmt: skip


def test(spec: ModelSpec, posterior: Group, texts: str | Sequence[str], scope: Scope, alpha: float) -> Tests:
    """What the draws say of hypotheses.

    Parameters
    ----------
    spec : ModelSpec
    posterior : Group
    texts : str or sequence of str
    scope : Scope
    alpha : float
        Of intervals: two-sided hypotheses have one of probability 1 - alpha, one-sided ones of 1 - 2 alpha.

    Raises
    ------
    TildeError
        What is wrong, where in the text, and what would work.
    """
    if isinstance(alpha, bool) or not isinstance(alpha, int | float) or not 0 < alpha < 0.5:
        raise FitError(f"`alpha` is a number between 0 and 0.5, not {shown(alpha)}")
    several = [texts] if isinstance(texts, str) else texts
    wrong = [text for text in several if not isinstance(text, str)] if isinstance(several, Sequence) else [texts]
    if wrong or not several:
        raise FitError(f"a hypothesis is a text such as `floor < 0`, not {shown(wrong[0] if wrong else texts)}")
    if scope.scope == "standard":
        reader = _Standard(spec, posterior, scope)
        return Tests([reader.test(text) for text in several], alpha)
    return Tests([t for text in several for t in _OfLevels(spec, posterior, scope).test(text)], alpha)


@dataclass(frozen=True, eq=False)
class _Standard:
    """Hypotheses of a model's own numbers."""

    spec: ModelSpec
    posterior: Group
    scope: Scope

    @cached_property
    def known(self) -> Quantities:
        return Quantities(self.spec)

    def test(self, text: str) -> Tested:
        found = read_hypothesis(text, self._find)
        drawn = _drawn_of(found, self.posterior)
        draws = _worked_out(found, drawn)
        if found.sign != "=":
            return Tested(found, draws)
        return Tested(found, draws, *_savage_dickey(self.spec, found, drawn))

    def _find(self, name: str, span: Span | None) -> Quantity:
        return self.known.find(self.scope.named(name), span)


@dataclass(frozen=True, eq=False)
class _OfLevels:
    """Hypotheses of the effects of each level of a factor."""

    spec: ModelSpec
    posterior: Group
    scope: Scope

    @cached_property
    def levels(self) -> Levels:
        effects = Effects(self.spec, self.posterior)
        known = effects.ranef() if self.scope.scope == "ranef" else effects.coef()
        group = self.scope.group
        if group not in known:
            there = f"there are effects by {', '.join(known)}" if known else "there are no group effects"
            raise FitError(f"the model has no effects by {shown(group)}: {there}{nearest(str(group), known)}")
        return known[str(group)]

    def test(self, text: str) -> list[Tested]:
        found = read_hypothesis(text, self._find)
        note = "an effect of a level has no prior density of its own" if found.sign == "=" else ""
        return [
            Tested(found, _worked_out(found, {label: self.levels.effects[label][..., i] for label in found.quantities}),
                   note=note, level=str(level))
            for i, level in enumerate(self.levels.labels)
        ]  # fmt: skip

    def _find(self, name: str, span: Span | None) -> Quantity:
        if name not in self.levels.effects:
            listed = ", ".join(self.levels.effects)
            hint = nearest(name, self.levels.effects)
            raise SemanticError(f"no effect `{name}` by {self.scope.group}: there are {listed}{hint}", span)
        return Quantity(name, (), name)


def _drawn_of(hypothesis: Hypothesis, posterior: Group) -> dict[str, Floats]:
    """The draws of the numbers that a hypothesis names, (chains, draws) each."""
    return {label: draws_of(quantity, posterior) for label, quantity in hypothesis.quantities.items()}


def draws_of(quantity: Quantity, posterior: Group) -> Floats:
    """The draws of a number, (chains, draws)."""
    values: Floats = np.asarray(posterior.variables[quantity.name][1], np.float64)
    for place in reversed(quantity.at):
        values = values[..., place]
    return values


def difference(hypothesis: Hypothesis, posterior: Group) -> Floats:
    """The draws of a hypothesis's left side minus its right, (chains, draws)."""
    found = _worked_out(hypothesis, _drawn_of(hypothesis, posterior))
    return np.broadcast_to(found, (posterior.sizes["chain"], posterior.sizes["draw"]))


def _worked_out(hypothesis: Hypothesis, drawn: dict[str, Floats]) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.asarray(evaluate(hypothesis.value, lambda name: drawn[name.name], NUMPY), dtype=float)


def _savage_dickey(spec: ModelSpec, hypothesis: Hypothesis, drawn: dict[str, Floats]) -> tuple[float, str]:
    """The posterior density over the prior density where the two sides are equal; or NaN, and why there is no ratio.

    Dickey (1971), The weighted likelihood ratio, linear hypotheses on normal location parameters, Annals of
    Mathematical Statistics 42. The densities of a + b x at zero are those of x at -a / b, both over |b|.
    """
    if len(hypothesis.quantities) > 1:
        return math.nan, "the prior density of a combination of several parameters is not known"
    ((label, quantity),) = hypothesis.quantities.items()
    point = _crossing(hypothesis.value, label)
    if point is None:
        return math.nan, f"the prior density of this function of {label} is not known"
    target = quantity.target
    if target is None:
        return math.nan, f"{label} has no prior of its own"
    if target.prior.at_means and _has_coefficients(spec, target.parameter):
        return math.nan, f"the prior of {label} is stated at the predictors' means, not at zero"
    if not target.prior.distribution.proper:
        return math.nan, f"{label} has a flat prior"
    if target.prior.made:
        followed = ", ".join(sorted(target.prior.follows))
        return math.nan, f"the prior of {label} follows {followed}" if followed else f"{label} is a stated number"
    if target.kind == "Intercept" and any(target.parameter in chain for chain in chains(spec) if len(chain) > 1):
        return math.nan, f"the prior of {label} goes with those of the intercepts that it is less or more than"
    support, n = target.support, len(target.labels) - 1
    if support.shares:
        own = next(shares for shares in spec.shares if shares.parameter == target.parameter)
        number = own.parameters.index(quantity.label)
        log_prior = target.prior.log_share(point, number) if 0 < point < 1 else -math.inf
    elif support.matrix:
        support = Support(-1.0, 1.0)
        log_prior = target.prior.log_marginal(point, n) if abs(point) < 1 else -math.inf
    else:
        log_prior = target.prior.log_density(point)
    if not math.isfinite(log_prior):
        return math.nan, f"the prior density of {label} is {'zero' if log_prior < 0 else 'infinite'} there"
    return _density(drawn[label].ravel(), point, support) / math.exp(log_prior), ""


def _crossing(value: Expr, name: str) -> float | None:
    """Where a linear function of one quantity is zero; None if it is not linear, or has no such place."""
    moving = frozenset({name})
    for part in walk(value):
        match part:
            case Apply(function, _) if function != "neg" and depends(part, moving):
                return None
            case Op("**", _, exponent) if depends(exponent, moving):
                return None
            case _:
                pass
    slope = differentiate(value, name)
    if depends(slope, moving):
        return None
    at_zero, by = (float(evaluate(part, lambda _: 0.0, NUMPY)) for part in (value, slope))
    return None if by == 0 else -at_zero / by


def _has_coefficients(spec: ModelSpec, owner: str) -> bool:
    return any(p.role == "population" and p.dims and p.path[0] == owner for p in parameters(spec))


def _density(draws: Floats, point: float, support: Support) -> float:
    """The density of draws at a point, by normal kernels; what these put beyond the support's ends is turned back."""
    from scipy.stats import gaussian_kde

    if not support.lower <= point <= support.upper:
        return 0.0
    points = [point, *(2 * end - point for end in (support.lower, support.upper) if math.isfinite(end))]
    return float(gaussian_kde(draws)(points).sum())
