"""The exact engine: variances by Metropolis or NUTS, effects from their Gaussian: ModelSpec × Design -> Fit."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tildemc.errors import FitError
from tildemc.fit.independence import Proposal, adapted, at_mode, metropolis, pareto_k, share
from tildemc.fit.settings import Settings
from tildemc.model.design import Design
from tildemc.model.spec import ModelSpec
from tildemc.results.datatree import datatree
from tildemc.results.fit import Fit
from tildemc.targets.marginal.coordinates import Rooted, rooted
from tildemc.targets.marginal.expansion import expansion
from tildemc.targets.marginal.likelihood import Marginal, marginal

__all__ = ["sample_exact"]

Floats = NDArray[np.float64]

PILOT, PILOT_SHARE, ROUNDS = 200, 0.75, 3
"""Pilot proposals at the mode's curvature; with an effective share above this they will do; else rounds of adaptation."""
HEAVIEST, LEAST_ACCEPTANCE = 0.7, 0.6
"""Beyond this Pareto k̂, or below this acceptance, NUTS takes over."""


@dataclass(frozen=True, eq=False)
class _Draws:
    """Draws of φ (chains, draws, size) and, where they came along, of the effects; with statistics and a word on the path."""

    phi: Floats
    effects: Floats
    statistics: dict[str, NDArray[Any]]
    attributes: dict[str, Any]
    how: str


def sample_exact(spec: ModelSpec, design: Design, settings: Settings, path: str) -> Fit:
    """Draw from the posterior.

    Parameters
    ----------
    spec : ModelSpec
        Without gaps.
    design : Design
    settings : Settings
    path : str
        What to say of the engine; how the variances were drawn is added.

    Raises
    ------
    FitError
        If the posterior is improper: a flat prior where the data do not say enough.
    """
    start = time.perf_counter()
    model = marginal(spec, design)
    drawn = _draw(model, rooted(model, design), settings)
    found = expansion(spec, model, drawn.phi, drawn.effects)
    seconds = time.perf_counter() - start
    path = f"{path}: {drawn.how}, effects integrated out"
    attributes = {"formula": spec.formula, "family": spec.family.name, "path": path, "seconds": seconds}
    tree = datatree(spec, design, found, drawn.statistics, attributes | drawn.attributes)
    return Fit(spec, tree, path, seconds)


def _draw(model: Marginal, target: Rooted, settings: Settings) -> _Draws:
    rng = np.random.default_rng(settings.seed)
    if not np.isfinite(model.posterior(target.start)[0]):
        raise FitError(
            "the posterior is improper: with flat priors the data must determine every population effect; "
            "give `b` or `Intercept` a normal prior, or leave a column out"
        )
    if model.size == 0:
        return _known_variances(model, settings, rng)
    proposal, works = _tuned(target, rng)
    if not works:
        return _nuts(model, target, settings, rng, "the posterior of the variances is like no proposal")
    phi, effects, found = _metropolis(target, proposal, settings, rng)
    k, acceptance = found.attributes["pareto_k"], found.attributes["acceptance"]
    if k <= HEAVIEST and acceptance >= LEAST_ACCEPTANCE:
        return found
    return _nuts(model, target, settings, rng, f"Metropolis had acceptance {acceptance:.2f}, k-hat {k:.2f}")
