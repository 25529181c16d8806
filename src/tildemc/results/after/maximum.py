"""What maximises a likelihood, with its neighbours -> what commands after a model are asked of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tildemc.errors import FitError
from tildemc.results.after.subject import Maximum, Subject
from tildemc.results.drawn import Fitted
from tildemc.results.neighbours import STEP, Neighbours
from tildemc.results.predicted import Predicted
from tildemc.results.telling import ByDelta

__all__ = ["subject_of"]


class _Estimate(Maximum, Protocol):
    """`Estimate`, which needs this module."""

    @property
    def neighbours(self) -> Callable[[], Neighbours] | None:
        """What gives what is a little beside it."""

    @property
    def known_model(self) -> Fitted:
        """Its model."""


def subject_of(estimate: _Estimate) -> Subject:
    """See `Estimate.stata`."""
    model = estimate.known_model
    if estimate.neighbours is None:
        raise FitError("the errors of these estimates are not known by functions of them, as these commands need")
    found = {name: values[None] for name, values in estimate.neighbours().values.items()}
    fit = Predicted.of(model.spec, model.design, found, {}, estimate.method, 0.0).of_model(model, {})
    return Subject(fit.shown(model.display), ByDelta(STEP, _degrees(estimate, model)), estimate)


def _degrees(estimate: _Estimate, model: Fitted) -> float:
    """Those of Student's t: Stata has them after `regress`, and normal distributions after all else."""
    plain = not any(model.spec.groups()) and estimate.method == "reml"
    return float(model.design.n - len(estimate.fixef)) if plain else float("inf")
