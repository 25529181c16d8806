"""A quick look at the posterior, to choose coordinates by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.design import Design
from tildemc.spec.expr import Var, walk
from tildemc.spec.families.curves import Curved
from tildemc.spec.model import ModelSpec, Predictor
from tildemc.spec.priors import Prior
from tildemc.targets.direct.curves import CurveSearch
from tildemc.targets.direct.search import CutSearch, GroupPilot, Pilot, Search
from tildemc.threads import one_blas_thread

__all__ = ["GroupPilot", "Pilot", "look", "seen_together"]


def seen_together(spec: ModelSpec) -> tuple[Predictor, ...]:
    """The predictors that one look is at: the first, or those of a non-linear formula; none where it would not help."""
    first, recipe = spec.predictors[0], spec.family.recipe
    if isinstance(recipe, Curved):
        curve = next((curve for curve in recipe.curves if curve.first), None)
        names = set() if curve is None else {part.name for part in walk(curve.value) if isinstance(part, Var)}
        return tuple(predictor for predictor in spec.predictors if predictor.parameter in names)
    made_of = spec.family.mixture or spec.family.multivariate
    unlike = spec.family.parameters[0].nonlinear or made_of is not None
    return () if unlike or (spec.family.categories is not None and spec.thresholds is None) else (first,)


def look(spec: ModelSpec, design: Design, X: Sequence[Floats], priors: Sequence[Sequence[Prior]]) -> Pilot | None:
    """A rough posterior of the predictors that are `seen_together`; None where the iteration leads nowhere.

    Parameters
    ----------
    spec, design
    X : sequence of (n, p)
        Of each predictor all columns, the intercept's included.
    priors : sequence of sequences of Prior
        Of their coefficients.
    """
    predictors = seen_together(spec)
    if not predictors:
        return None
    import scipy.linalg  # noqa: F401  (whose threads are to be kept, too)

    with np.errstate(all="ignore"), one_blas_thread():
        try:
            found = _search(spec)(spec, design, predictors, X, priors).run()
            np.linalg.cholesky(found.precision)  # is one
        except (np.linalg.LinAlgError, RuntimeError, ValueError):
            return None
    groups = (part for seen in found.groups.values() for part in (seen.sds, seen.effects, seen.shift))
    parts = (found.coefficients, found.precision, *groups)
    return found if all(np.isfinite(part).all() for part in parts) else None


def _search(spec: ModelSpec) -> type[Search]:
    if isinstance(spec.family.recipe, Curved):
        return CurveSearch
    return Search if spec.thresholds is None else CutSearch
