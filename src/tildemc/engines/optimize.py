"""ModelSpec × Design -> Estimate: which likelihood is climbed, and by which approximation of its integral."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from numbers import Integral
from typing import TYPE_CHECKING

from tildemc.engines.estimate import check_determined, exact_estimate
from tildemc.engines.integrated_takes import INTEGRATED, PLAIN, one_factor
from tildemc.errors import FitError, about_data_set, one_of
from tildemc.results.estimate import Estimate
from tildemc.results.intervals import Intervals
from tildemc.results.rubin import pooled_estimate
from tildemc.spec.customs import NOBODYS, Customs
from tildemc.spec.design import Completed, DataSet, Design, Numbers
from tildemc.spec.model import ModelSpec
from tildemc.spec.takes import Unsupported
from tildemc.targets.glmm.stacked import moving
from tildemc.targets.marginal.takes import FLAT
from tildemc.visible import shown

if TYPE_CHECKING:
    from tildemc.engines.approximate import Approximation

__all__ = ["CRITERIA", "approximated", "optimize"]

CRITERIA = ("reml", "ml", "laplace", "agq", "map")
MOST_POINTS = 100
MOST_NODES = 20_000
POINTS = 7
"""Of quadrature, where nobody says how many: Stata's number."""


def optimize(
    spec: ModelSpec,
    design: Numbers,
    criterion: str | None = None,
    points: int | None = None,
    customs: Customs = NOBODYS,
) -> Estimate:
    """The estimate of a model.

    Parameters
    ----------
    spec, design
    criterion : {"reml", "ml", "laplace", "agq", "map"}, optional
        By default that of the text's package: `ml`, or `reml` of a Gaussian model.
    points : int, optional
        Of `agq`.
    customs : Customs

    Returns
    -------
    Estimate
        Of several completed data sets, pooled.

    Raises
    ------
    FitError
        If the model has no such likelihood, or the data do not determine it.
    """
    exact = bool(spec.curves) or FLAT.all_of(spec)
    chosen = criterion if criterion is not None else (customs.criterion or "reml") if exact else "ml"
    one_of("criterion", chosen, CRITERIA, FitError)
    number = _points(chosen, points, customs)
    if isinstance(design, Completed):
        return pooled_estimate([*_of_each(spec, design, chosen, number, customs)])
    return _estimate(spec, design, chosen, number, customs, exact=exact)


def _of_each(spec: ModelSpec, design: Completed, criterion: str, points: int, customs: Customs) -> Iterator[Estimate]:
    for number, one in enumerate(design.designs, 1):
        with about_data_set(number):
            yield optimize(spec, one, criterion, points if criterion == "agq" else None, customs)


def _points(criterion: str, points: object, customs: Customs) -> int:
    """How many points an integral over an effect has."""
    if points is None:
        own = customs.points if customs.points > 1 else POINTS
        return own if criterion == "agq" else customs.points if criterion == "ml" else 1
    if criterion != "agq":
        raise FitError(f'`points` go with `optimize("agq")`; {criterion!r} has none')
    if isinstance(points, bool) or not isinstance(points, Integral) or not 1 <= int(points) <= MOST_POINTS:
        raise FitError(f"`points` is a whole number from 1 to {MOST_POINTS}, not {shown(points)}")
    return int(points)


def _estimate(
    spec: ModelSpec, design: DataSet, criterion: str, points: int, customs: Customs, *, exact: bool
) -> Estimate:
    if criterion == "reml" or (exact and criterion in ("ml", "laplace", "agq")):
        # The integral over effects of a Gaussian model is known.
        found = exact_estimate(spec, design, "reml" if criterion == "reml" else "ml")
        if isinstance(design, Design) and not gaps_of(spec):
            return replace(found, profiled=partial(_profiles, spec, design))
        return found
    if criterion == "map":
        return _mode(spec, design, customs)
    return _approximate(spec, design, points, customs, stated=criterion == "agq")


def _profiles(spec: ModelSpec, design: Design) -> Intervals:
    """Those of a Gaussian model's likelihood, which Laplace's method has exactly."""
    from tildemc.engines.approximate import estimate_of

    found = estimate_of(spec, design, approximated(spec, design, NOBODYS), "ml").intervals
    assert found is not None
    return found


def _mode(spec: ModelSpec, design: DataSet, customs: Customs) -> Estimate:
    """The mode of the posterior, effects integrated out where that can be."""
    from tildemc.engines.log_prior import has_log_prior
    from tildemc.engines.posterior_mode import integrated_mode, joint_mode

    if gaps_of(spec) or not has_log_prior(spec):
        return joint_mode(spec, design.whole("the mode of effects and all else together"))
    return integrated_mode(spec, design, approximated(spec, design, customs))


def gaps_of(spec: ModelSpec) -> tuple[Unsupported, ...]:
    """What keeps a model from a likelihood with its effects integrated out."""
    return (INTEGRATED if moving(spec) else PLAIN).gaps(spec)


def _approximate(spec: ModelSpec, design: DataSet, points: int, customs: Customs, *, stated: bool) -> Estimate:
    """By Laplace's method or quadrature, or the likelihood itself of a model without effects."""
    from tildemc.engines.approximate import estimate_of
    from tildemc.engines.integrated import Laplace, Quadrature

    check_determined(spec, design)
    customs = customs.of_model(dispersed=bool(spec.auxiliaries))
    found = approximated(spec, design, customs)
    told, method, how = customs.told, "laplace", ""
    if not moving(spec):
        return estimate_of(spec, design, found, "ml")
    if points > 1 and not one_factor(spec):
        if stated or customs.expected:
            raise FitError(
                "adaptive quadrature is for effects of one factor, whose levels have an integral each: "
                '`optimize("laplace")` is for several'
            )
        told = ("effects are of several factors: this is Laplace's approximation, not quadrature",)
    elif points > 1:
        assert isinstance(found, Laplace)
        width = found.problem.extent.width
        if points**width > MOST_NODES:
            nodes = f"{points**width:,} nodes"
            raise FitError(f"{points} points for each of {width} effects of a level are {nodes}: take fewer")
        found, method, how = Quadrature.of(found, points), "agq", f"{points} points"
    return replace(estimate_of(spec, design, found, method, how), told=told)


def approximated(spec: ModelSpec, design: DataSet, customs: Customs) -> Approximation:
    """The likelihood of a model by Laplace's approximation, or itself where there are no effects.

    Raises
    ------
    FitError
        If the model has none, with all reasons.
    """
    from tildemc.engines.integrated import Plain, laplace

    gaps = gaps_of(spec)
    if gaps:
        listed = "".join(f"\n- {gap}" for gap in gaps)
        raise FitError(f'this model has no likelihood that could be climbed; `optimize("map")` has a mode:{listed}')
    if not moving(spec):
        return Plain.of(spec, design)
    return laplace(spec, design, "expected" if customs.expected else "observed")
