"""A quick look at the posterior, to choose coordinates by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.spec.design import Design
from tildemc.spec.expr import Expr, Var, substitute, walk
from tildemc.spec.families import Family
from tildemc.spec.families.curves import Curved
from tildemc.spec.families.multivariate import beside, parameter_of
from tildemc.spec.model import ModelSpec, Predictor
from tildemc.spec.priors import Prior
from tildemc.spec.responses import of_response, seen_by
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.targets.direct.curves import CurveSearch
from tildemc.targets.direct.search import CutSearch, GroupPilot, Pilot, Search
from tildemc.threads import one_blas_thread

__all__ = ["GroupPilot", "Pilot", "View", "look", "seen_together", "views"]


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


@dataclass(frozen=True, eq=False)
class View:
    """What one look is at: the predictors of a response that are `seen_together`.

    Attributes
    ----------
    spec, design
        The model of that response alone, and its rows.
    rows : (·,) of int or slice
        Which these are of all.
    """

    spec: ModelSpec
    design: Design
    rows: Integers | slice

    @property
    def predictors(self) -> tuple[Predictor, ...]:
        """The predictors."""
        return seen_together(self.spec)

    @property
    def residual_sd(self) -> Auxiliary | None:
        """The residual sd of that response, if no formula models it."""
        whole = self.spec.part_of
        return self.spec.residual_sd if whole is None else of_response(whole, self.spec.response.name).residual_sd


def views(spec: ModelSpec, design: Design) -> list[View]:
    """What there is to look at: of several responses each by itself."""
    known = spec.family.multivariate
    if known is None:
        found = [View(spec, design, slice(None))]
    else:
        each = zip(known.names, known.families, strict=True)
        found = [_of_response(spec, design, name, family) for name, family in each]
    return [view for view in found if view.predictors]


def _of_response(spec: ModelSpec, design: Design, name: str, family: Family) -> View:
    """One of several responses, its family as it is by itself but for what the model calls a curve's parameters."""
    known = spec.family.multivariate
    assert known is not None
    alone, own = seen_by(spec, design, name)
    seen = design.companions.get(beside("seen", name))
    rows = slice(None) if seen is None else np.flatnonzero(seen)
    recipe = family.recipe
    if isinstance(recipe, Curved):
        called: dict[Expr, Expr] = {
            Var(p): Var(parameter_of(family, p, name, correlated=known.correlated)) for p in recipe.own
        }
        curves = tuple(replace(curve, value=substitute(curve.value, called)) for curve in recipe.curves)
        family = replace(family, recipe=replace(recipe, curves=curves))
    return View(replace(alone, family=family), own, rows)


def look(view: View, X: Sequence[Floats], priors: Sequence[Sequence[Prior]]) -> Pilot | None:
    """A rough posterior of a view's predictors; None where the iteration leads nowhere.

    Parameters
    ----------
    view : View
    X : sequence of (n, p)
        Of each predictor all columns, the intercept's included.
    priors : sequence of sequences of Prior
        Of their coefficients.
    """
    spec, design = view.spec, view.design
    import scipy.linalg  # noqa: F401  (whose threads are to be kept, too)

    with np.errstate(all="ignore"), one_blas_thread():
        try:
            found = _search(spec)(spec, design, view.predictors, X, priors).run()
            np.linalg.cholesky(found.precision)  # is one
        except (np.linalg.LinAlgError, RuntimeError, ValueError):
            return None
    sds = (seen.sds for seen in found.groups.values())
    parts = (found.coefficients, found.precision, found.standardised, *sds, found.equations.aim)
    return found if all(np.isfinite(part).all() for part in parts) else None


def _search(spec: ModelSpec) -> type[Search]:
    if isinstance(spec.family.recipe, Curved):
        return CurveSearch
    return Search if spec.thresholds is None else CutSearch
