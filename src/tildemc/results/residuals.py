"""How far the response of each row is from what the model says of it."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import SemanticError, nearest
from tildemc.results.datatree import Group
from tildemc.results.evaluate import Rows
from tildemc.results.predict import Quantity, Summary, companions_in, evaluated, posterior_draws, summarised
from tildemc.results.request import Request
from tildemc.spec.design import Numbers
from tildemc.spec.expr import Var, substitute
from tildemc.spec.likelihood import beside
from tildemc.spec.model import ModelSpec
from tildemc.spec.vocabulary import NUMPY
from tildemc.visible import shown

__all__ = ["residuals"]


KINDS = ("ordinary", "pearson", "quantile")


def residuals(
    spec: ModelSpec, design: Numbers, posterior: Group, kind: object, request: Request, interval: float
) -> Summary:
    """The residuals of the rows of the fit; see `Fit.residuals`."""
    match kind:
        case "ordinary":
            return summarised(spec, design, posterior, _ordinary(spec), request, interval=interval)
        case "pearson":
            return summarised(spec, design, posterior, _pearson(spec), request, interval=interval)
        case "quantile":
            return _quantile(spec, design, posterior, request)
        case _:
            close = nearest(str(kind), KINDS)
            raise SemanticError(f"`kind` is one of {', '.join(KINDS)}, not {shown(kind)}{close}")


def _ordinary(spec: ModelSpec) -> Quantity:
    residual = Var("y") - substitute(spec.family.mean, beside(spec))
    return Quantity(lambda rows, _: rows.value(residual), companions_in(spec, residual), response=True)


def _pearson(spec: ModelSpec) -> Quantity:
    family, parts = spec.family, beside(spec)
    off = substitute(family.centre - Var(family.parameters[0].name), parts)
    variance = substitute(family.variance, parts)

    def of(rows: Rows, _: np.random.Generator) -> Floats:
        spread = rows.value(variance)
        with np.errstate(invalid="ignore"):
            return rows.value(off) / np.sqrt(spread)

    return Quantity(of, companions_in(spec, off, variance), response=True)


def _quantile(spec: ModelSpec, design: Numbers, posterior: Group, request: Request) -> Summary:
    """Randomised quantile residuals of the posterior predictive distribution.

    Dunn & Smyth (1996), Randomized quantile residuals, Journal of Computational and Graphical Statistics 5.
    """
    family, parts = spec.family, beside(spec)
    cdf, tail = substitute(family.cdf, parts), substitute(family.tail, parts)
    rows = request.rows(spec, design, None, response=True, companions=companions_in(spec, cdf, tail))
    draws, (chains, length) = posterior_draws(posterior)
    found = np.empty(rows.design.n)
    for chunk, some, generator in evaluated(spec, rows, draws, chains * length, request):
        below, above = some.value(cdf).mean(axis=0), some.value(tail).mean(axis=0)
        if family.values.whole:
            before = np.asarray(some.design.y) - 1
            share = generator.uniform(size=len(before))
            below = share * below + (1 - share) * some.value(cdf, y=before).mean(axis=0)
            above = share * above + (1 - share) * some.value(tail, y=before).mean(axis=0)
        # The smaller of the two has the digits.
        with np.errstate(divide="ignore"):
            found[chunk] = np.where(below < above, NUMPY["probit"](below), -NUMPY["probit"](above))
    return Summary(found[:, None], ("residual",), rows.index)
