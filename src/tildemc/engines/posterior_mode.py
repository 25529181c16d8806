"""The mode of a posterior: effects integrated out where there is an approximation for that, or else one of all numbers.

A mode depends on what it is the mode of. With effects integrated out it is that of coefficients, sds, correlations and
the family's numbers as they are reported. Else it is a joint one, of effects too: on the direct engine of the
coordinates in which it draws, logs of what is positive and effects over their sds; on the PyMC graph of the graph's own
numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats
from tildemc.engines.approximate import Approximation, Modes, estimate_of
from tildemc.engines.integrated import Point
from tildemc.engines.log_prior import LogPrior
from tildemc.engines.point_coordinates import Values
from tildemc.errors import FitError
from tildemc.results.estimate import Estimate, GroupEstimate
from tildemc.results.told import called_groups, residual_numbers, told_numbers
from tildemc.spec.design import DataSet, Design
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names, parameters
from tildemc.targets.direct.takes import TAKES as DIRECT
from tildemc.targets.marginal.takes import TAKES as EXACT
from tildemc.threads import one_blas_thread

__all__ = ["integrated_mode", "joint_mode"]

EXACTLY = "effects integrated out"
INTEGRATED = "effects integrated out by Laplace's approximation"
ALL_NUMBERS = "of all numbers and effects together, logs of what is positive and effects over their sds"
ON_GRAPH = "of all numbers and effects of the PyMC graph together"
FAR = "such a mode may be far from where the posterior is, the more so the more effects there are: `fit()` draws"
"""Of any joint mode with effects among its numbers."""


@dataclass(frozen=True, eq=False)
class Penalised:
    """A likelihood times the density of priors."""

    likelihood: Approximation
    prior: LogPrior

    @property
    def begin(self) -> Point:
        """Where the likelihood's search begins."""
        return self.likelihood.begin

    def log_likelihoods(self, points: Sequence[Point]) -> Floats:
        """The log posterior density at points, up to a constant; -inf where there is none."""
        found = self.likelihood.log_likelihoods(points) + np.array([self.prior.at(*point) for point in points])
        return np.where(np.isfinite(found), found, -np.inf)

    def modes(self, values: Values, factors: Floats) -> Sequence[Modes]:
        """Of each grouping in the order of the factors."""
        return self.likelihood.modes(values, factors)


def integrated_mode(spec: ModelSpec, design: DataSet, likelihood: Approximation) -> Estimate:
    """The mode of what is left when effects are integrated out."""
    penalised = Penalised(likelihood, LogPrior(spec, design))
    effects = any(predictor.integrated for predictor in spec.predictors)
    # Of a Gaussian model Laplace's approximation is none.
    how = EXACTLY if EXACT.all_of(spec) else INTEGRATED
    return estimate_of(spec, design, penalised, "map", how if effects else "")


def joint_mode(spec: ModelSpec, design: Design) -> Estimate:
    """The mode of all numbers and effects together."""
    with np.errstate(all="ignore"), one_blas_thread():
        if not DIRECT.all_of(spec):
            height, reported, how = _on_graph(spec, design)
        else:
            height, reported, how = _on_coordinates(spec, design)
    return _estimate(spec, design, height, reported, how)


def _on_coordinates(spec: ModelSpec, design: Design) -> tuple[float, dict[str, Floats], str]:
    from scipy.optimize import minimize

    from tildemc.targets.direct.entry import evaluate
    from tildemc.targets.direct.expand import expand
    from tildemc.targets.direct.pack import pack

    problem = pack(spec, design, decorrelated=False)

    def minus(x: Floats) -> tuple[float, Floats]:
        value, slope = evaluate(problem.tables, x)
        return (-value, -slope) if np.isfinite(value) else (np.inf, np.zeros_like(x))

    found = minimize(minus, problem.start, jac=True, method="L-BFGS-B", options={"maxiter": 5000, "maxfun": 50_000})
    if not np.isfinite(found.fun):
        raise FitError("the log density is not finite where the search begins: look for huge values in the data")
    return -float(found.fun), expand(spec, problem, found.x[None, None]), ALL_NUMBERS


def _on_graph(spec: ModelSpec, design: Design) -> tuple[float, dict[str, Floats], str]:
    import pymc as pm

    from tildemc.targets.pymc.build import build
    from tildemc.targets.pymc.lower import graph

    model = build(graph(spec, design))
    with model:
        found, optimum = pm.find_MAP(include_transformed=False, progressbar=False, return_raw=True)
    reported = {p.name: np.asarray(found[p.name])[None, None] for p in parameters(spec)}
    return -float(optimum.fun), reported, ON_GRAPH


def _estimate(spec: ModelSpec, design: Design, height: float, reported: Mapping[str, Floats], how: str) -> Estimate:
    here = {name: values[0, 0] for name, values in reported.items()}
    told = {one: float(here[one.array][one.cell]) for one in told_numbers(spec, here)}
    sigma, others = residual_numbers(spec, told)
    # What is no group's and no residual's, as the sd of a smooth, is told with these.
    others |= {one.name: value for one, value in told.items() if one.role == "smooth parameter"}
    known, groups = names(spec), dict[str, GroupEstimate]()
    for name, group, columns in called_groups(spec):
        named = known.of(group)
        cor = here[named.cor] if group.correlated else np.eye(group.width)
        groups[name] = GroupEstimate(columns, here[named.sd], cor, here[named.r], group.correlated, group.factor.values)
    return Estimate(
        spec.formula, "map", {one.name: value for one, value in told.items() if one.role == "population"}, {}, groups,
        sigma, -2.0 * height, residual=others, rows=design.n, parameters=len(told), how=how,
        told=(FAR,) if groups else (),
    )  # fmt: skip
