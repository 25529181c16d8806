"""Draws × Design -> shares of variance: intraclass correlations and Bayesian R²."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import FitError, UnsupportedError, one_of
from tildemc.results.conditioning import Conditioning
from tildemc.results.datatree import Group
from tildemc.results.evaluate import Rows, Spread, in_chunks, spread_of
from tildemc.results.levels import Chosen, only
from tildemc.results.quantity import companions_in
from tildemc.results.tables import Labelled
from tildemc.spec.design import Design, Numbers
from tildemc.spec.expr import Expr, Var, evaluate, substitute
from tildemc.spec.families.limits import UNKNOWN
from tildemc.spec.likelihood import beside, mean_of
from tildemc.spec.links import Link
from tildemc.spec.model import ModelSpec
from tildemc.spec.vocabulary import NUMPY

__all__ = ["RESIDUALS", "Residuals", "icc", "latent_variance", "r2"]

Residuals = Literal["drawn", "expected"]
RESIDUALS = ("drawn", "expected")
"""What is left of the response: y minus the means under each draw, or the variance that the model expects."""

NODES = 30
"""Of Gauss-Hermite quadrature."""


def icc(spec: ModelSpec, design: Numbers, posterior: Group, newdata: object = None) -> Labelled:
    """The intraclass correlation of each grouping factor, then `adjusted` and `unadjusted`; see `Fit.icc`."""
    conditioning = Conditioning.of(spec, "all", "sample", 0)
    whole = conditioning.rows(spec, design, newdata, response=False, companions=companions_in(spec, _left(spec))).design
    if not whole.n:
        raise FitError("no row has a value in all that the model needs: there is no intraclass correlation of none")
    drawn = posterior.draws
    shape = next(iter(drawn.values())).shape[:2]
    spread = spread_of(spec, whole, {name: values.reshape(-1, *values.shape[2:]) for name, values in drawn.items()})
    if not spread.groups:
        raise FitError("the model has no group effects, and so no intraclass correlation")
    between = np.sum([*spread.groups.values()], axis=0)
    total = between + latent_variance(spec, whole, drawn, spread)
    found = {label: _within(spec, spread, label) / total for label in spread.groups}
    found |= {"adjusted": between / total, "unadjusted": between / (total + spread.population)}
    return Labelled(np.stack([v.reshape(shape) for v in found.values()], axis=-1), "group", [*found])


def _within(spec: ModelSpec, spread: Spread, label: str) -> Floats:
    """The variance that two rows of one level of a factor share: its own and that of factors it is nested in."""
    columns = {factor.label: set(factor.columns) for factor in spec.factors()}
    shared = [values for other, values in spread.groups.items() if columns[other] <= columns[label]]
    return np.asarray(np.sum(shared, axis=0))


def latent_variance(spec: ModelSpec, design: Design, drawn: Mapping[str, Floats], spread: Spread) -> Floats:
    """What is left of the response, as a variance on the scale of the predictor.

    Nakagawa, Johnson & Schielzeth (2017), The coefficient of determination R² and intra-class correlation coefficient
    from generalized linear mixed-effects models revisited and expanded, J. R. Soc. Interface 14: of successes the
    variance of the link's own distribution, of others that at the mean of all rows, seen through the link.

    Parameters
    ----------
    spec, design
    drawn : mapping
        For each parameter of the model, an array (chains, draws, …).
    spread : Spread
        Under all draws, one chain after the other.

    Returns
    -------
    (chains * draws,) array

    Raises
    ------
    UnsupportedError
        If a latent response has no variance: the cauchit link.
    """
    family, link = spec.family, spec.predictors[0].link
    if family.mixture is not None:
        raise UnsupportedError("each component of a mixture has a predictor of its own, and there is no one variance")
    if family.categories is not None:
        latent = family.categories.latent
        if latent is None:
            raise UnsupportedError(
                f"what is left of {family} response with the {spec.link} link has no variance on its predictor's scale"
            )
        return _latent(spec, design, drawn, spread, latent)
    if family.chances is not None and link.latent is None:
        raise UnsupportedError(f"with the {link} link what is left of successes has no variance on the link's scale")
    left = _left(spec)
    if left is UNKNOWN:
        raise UnsupportedError(f"{family} response has no formula of its variance here, of which this is a part")
    mean = _mean_over_effects(link, spread)
    variance = np.empty_like(mean)
    for chunk, draws in in_chunks(drawn, design.n):
        rows = Rows(spec, design, draws, len(mean[chunk]), {family.parameters[0].name: mean[chunk, None]})
        variance[chunk] = _existing(rows.value(left)).mean(axis=1)
    seen = {"mu": mean, "eta": _through(link.forward, mean), "variance": variance}
    scaled = np.asarray(evaluate(link.scaled, lambda part: seen[part.name], NUMPY))
    return scaled if family.chances is None or link.latent is None else scaled + link.latent


def _left(spec: ModelSpec) -> Expr:
    """The variance of a response, of successes that of one, of categories that of what stands behind them."""
    family = spec.family
    if family.categories is not None:
        return family.categories.latent or family.variance
    return substitute(family.variance if family.chances is None else family.chances, beside(spec))


def _latent(spec: ModelSpec, design: Design, drawn: Mapping[str, Floats], spread: Spread, latent: Expr) -> Floats:
    """Of what thresholds cut into categories, (draws,)."""
    variance = np.empty_like(spread.mean)
    for chunk, draws in in_chunks(drawn, design.n):
        variance[chunk] = Rows(spec, design, draws, len(variance[chunk])).value(latent).mean(axis=1)
    return variance


def _mean_over_effects(link: Link, spread: Spread) -> Floats:
    """The mean of the first parameter over all rows and levels, (draws,), by Gauss-Hermite quadrature."""
    x, weights = np.polynomial.hermite_e.hermegauss(NODES)
    sd = np.sqrt(spread.population + np.sum([*spread.groups.values()], axis=0))
    values = _through(link.inverse, spread.mean[:, None] + sd[:, None] * x)
    return np.asarray(values @ weights / weights.sum())


def _through(function: Expr, values: Floats) -> Floats:
    with np.errstate(all="ignore"):
        return np.asarray(evaluate(function, lambda _: values, NUMPY))


def _existing(variance: Floats) -> Floats:
    """Variances; one that does not exist, as Student's with two degrees of freedom or less, is infinite."""
    return np.where(variance >= 0, variance, np.inf)


def r2(spec: ModelSpec, design: Numbers, posterior: Group, residuals: str) -> Labelled:
    """Bayesian R² with all effects, `conditional`, and with population effects alone, `marginal`; see `Fit.r2`."""
    one_of("residuals", residuals, RESIDUALS, FitError)
    whole = design.whole("R²")
    marginal = only(spec, whole, Chosen({}))
    draws = posterior.draws
    shape = next(iter(draws.values())).shape[:2]
    found = np.empty((shape[0] * shape[1], 2))
    for chunk, some in in_chunks(draws, whole.n):
        both = [Rows(spec, rows, some, len(found[chunk])) for rows in (whole, marginal)]
        found[chunk] = np.column_stack(_drawn(both) if residuals == "drawn" else _expected(both))
    return Labelled(found.reshape(*shape, 2), "effects", ["conditional", "marginal"])


def _drawn(both: Sequence[Rows]) -> list[Floats]:
    """The variance of the means over that of the means and of what they leave of the response."""
    found = []
    for rows in both:
        assert rows.design.y is not None
        means = rows.value(mean_of(rows.spec))
        fitted, left = means.var(axis=1), (rows.design.y - means).var(axis=1)
        found.append(np.asarray(fitted / (fitted + left)))
    return found


def _expected(both: Sequence[Rows]) -> list[Floats]:
    """The variances of the first parameter over that with all effects and of what the model expects beside it."""
    family, whole = both[0].spec.family, both[0]
    if family.variance is UNKNOWN:
        raise UnsupportedError(f'{family} response has no formula of its variance here: `residuals="drawn"` needs none')
    first = mean_of(whole.spec) if family.categories or family.mixture else Var(family.parameters[0].name)
    fitted = [rows.value(first).var(axis=1) for rows in both]
    left = _existing(whole.value(substitute(family.variance, beside(whole.spec)))).mean(axis=1)
    return [np.asarray(part / (fitted[0] + left)) for part in fitted]
