"""How far the response of each row is from what the model says of it."""

from __future__ import annotations

from typing import Literal, assert_never, get_args

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import UnsupportedError, one_of
from tildemc.results.conditioning import Conditioning
from tildemc.results.datatree import Group
from tildemc.results.evaluate import Rows
from tildemc.results.predict import Summary, evaluated, posterior_draws, summarised
from tildemc.results.quantity import Quantity, companions_in, known_mean
from tildemc.spec.design import Design, Numbers
from tildemc.spec.expr import Expr, Var
from tildemc.spec.families import Values
from tildemc.spec.families.limits import UNKNOWN
from tildemc.spec.likelihood import distribution_of, mean_of
from tildemc.spec.model import ModelSpec
from tildemc.spec.vocabulary import NUMPY

__all__ = ["residuals"]


Kind = Literal["ordinary", "pearson", "quantile"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def residuals(
    spec: ModelSpec, design: Numbers, posterior: Group, kind: object, conditioning: Conditioning, interval: float
) -> Summary:
    """The residuals of the rows of the fit; see `Fit.residuals`."""
    asked = one_of("kind", kind, KINDS)
    if spec.family.categories is not None:
        # What has no mean is no distance from anything.
        mean_of(spec)
    match asked:
        case "ordinary":
            return summarised(spec, design, posterior, _ordinary(spec), conditioning, interval=interval)
        case "pearson":
            return summarised(spec, design, posterior, _pearson(spec), conditioning, interval=interval)
        case "quantile":
            return _quantile(spec, design, posterior, conditioning)
        case never:
            assert_never(never)


def _ordinary(spec: ModelSpec) -> Quantity:
    residual = Var("y") - known_mean(spec)
    return Quantity(lambda rows, _: rows.value(residual), companions_in(spec, residual), response=True)


def _pearson(spec: ModelSpec) -> Quantity:
    family = distribution_of(spec)
    off, variance = family.centre - family.middle, family.variance
    if UNKNOWN in (variance, family.middle):
        which = f"{spec.family}" if spec.family.variance is UNKNOWN else "a truncated"
        raise UnsupportedError(f"{which} response has no formula of its variance: `quantile` residuals need none")

    def of(rows: Rows, _: np.random.Generator) -> Floats:
        spread = rows.value(variance)
        with np.errstate(invalid="ignore"):
            return rows.value(off) / np.sqrt(spread)

    return Quantity(of, companions_in(spec, off, variance), response=True)


def _quantile(spec: ModelSpec, design: Numbers, posterior: Group, conditioning: Conditioning) -> Summary:
    """Randomised quantile residuals of the posterior predictive distribution.

    Dunn & Smyth (1996), Randomized quantile residuals, Journal of Computational and Graphical Statistics 5.
    """
    family = distribution_of(spec)
    cdf, tail = family.cdf, family.tail
    if cdf is UNKNOWN:
        raise UnsupportedError(
            f"nobody has said the distribution function of {spec.family} response: `cdf=` of `tildemc.Family` does"
        )
    companions = companions_in(spec, cdf, tail, family.log_density)
    rows = conditioning.rows(spec, design, None, response=True, companions=companions)
    draws, (chains, length) = posterior_draws(posterior)
    found = np.empty(rows.design.n)
    for chunk, some, generator in evaluated(spec, rows, draws, chains * length, conditioning):
        start, end = _known(some.design, family.values)
        share = generator.uniform(size=len(end))
        below = share * _mean(some, cdf, end, 0, 1) + (1 - share) * _mean(some, cdf, start, 0, 1)
        above = share * _mean(some, tail, end, 1, 0) + (1 - share) * _mean(some, tail, start, 1, 0)
        # The smaller of the two has the digits.
        with np.errstate(divide="ignore"):
            found[chunk] = np.where(below < above, NUMPY["probit"](below), -NUMPY["probit"](above))
    return Summary(found[:, None], ("residual",), rows.index)


def _known(design: Design, values: Values) -> tuple[Floats, Floats]:
    """Above what each row's response is known to be, and up to what."""
    y = np.asarray(design.y)
    start, end = values.before(y), y
    code = design.companions.get("cens")
    if code is not None:
        start = np.select([code == -1, code == 0], [-np.inf, start], y)
        end = np.select([code == 1, code == 2], [np.inf, design.companions.get("y2", y)], y)
    return start, end


def _mean(rows: Rows, function: Expr, at: Floats, least: float, most: float) -> Floats:
    """A distribution function's mean over the draws at some responses, with what it is at the infinite ones."""
    found = rows.value(function, y=np.where(np.isfinite(at), at, np.asarray(rows.design.y))).mean(axis=0)
    return np.select([at == -np.inf, at == np.inf], [least, most], found)
