"""The exact engine: variances by Metropolis or NUTS, effects from their Gaussian: ModelSpec × Design -> Fit."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tildemc.errors import FitError
from tildemc.fit.estimate import optimize
from tildemc.fit.independence import Proposal, adapted, at_mode, climb, metropolis, pareto_k, share
from tildemc.fit.settings import Settings
from tildemc.model.design import Design
from tildemc.model.spec import ModelSpec
from tildemc.results.fit import Fit
from tildemc.targets.marginal.coordinates import Rooted, rooted
from tildemc.targets.marginal.expansion import expansion
from tildemc.targets.marginal.likelihood import Marginal, marginal

__all__ = ["optimize", "sample_exact"]

Floats = NDArray[np.float64]

PILOT, ROUND, ROUNDS = 100, 1000, 4
"""Proposals in large models to judge by; in each round of adaptation."""
GOOD_SHARE, BEST_SHARE, LEAST_SHARE = 0.75, 0.85, 0.1
"""Importance weights' effective share: above the first a proposal is left as it is, in small models above the second;
below the third it is given up."""
HEAVIEST, LEAST_ACCEPTANCE = 0.7, 0.6
"""Beyond this Pareto k-hat, or below this acceptance, NUTS takes over."""
THIN, SMALL = 2, 1000
"""Proposals for each draw, where there are no more effects than that; one where there are."""
DIAGNOSTIC = 400
"""At least so many proposals are needed for a k-hat."""


@dataclass(frozen=True, eq=False)
class _Draws:
    """φ (chains, draws, size), all effects (chains, draws, effects), the sampler's statistics, and how it went."""

    phi: Floats
    effects: Floats
    statistics: dict[str, NDArray[Any]]
    how: str
    attributes: dict[str, float] = field(default_factory=dict)


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
        If the posterior is improper: flat priors where the data do not say enough.
    """
    start = time.perf_counter()
    model = marginal(spec, design)
    drawn = _draw(model, rooted(model, design), settings)
    found = expansion(spec, model, drawn.phi, drawn.effects)
    seconds = time.perf_counter() - start
    path = f"{path}: {drawn.how}"
    return Fit.of(spec, design, found, drawn.statistics, path, seconds, **drawn.attributes)


def _draw(model: Marginal, target: Rooted, settings: Settings) -> _Draws:
    rng = np.random.default_rng(settings.seed)
    if not np.isfinite(model.posterior(target.start)[0]):
        raise FitError(
            "the posterior is improper: with flat priors the data must determine every population effect; "
            "give `b` and `Intercept` normal priors, or leave a column out"
        )
    if model.size == 0:
        return _no_variances(model, settings, rng)
    mode = climb(target.climb, target.start)
    proposal, usable = _tuned(target, at_mode(target.slope, target.root(mode)), rng)
    if not usable:
        return _nuts(model, mode, settings, rng, "no simple proposal resembles their posterior")
    drawn = _metropolis(target, proposal, settings, rng)
    k, acceptance = drawn.attributes["pareto_k"], drawn.attributes["acceptance"]
    if k <= HEAVIEST and acceptance >= LEAST_ACCEPTANCE:
        return drawn
    return _nuts(model, mode, settings, rng, f"Metropolis had acceptance {acceptance:.2f} and k-hat {k:.2f}")


def _no_variances(model: Marginal, settings: Settings, rng: np.random.Generator) -> _Draws:
    """Independent draws of the effects: all variances are known."""
    shape = (settings.chains, settings.draws)
    phi = np.empty((shape[0] * shape[1], 0))
    values, effects = model.sweep(phi, rng)
    statistics = {"acceptance_rate": np.ones(shape), "lp": values.reshape(shape)}
    return _Draws(
        phi.reshape(*shape, 0), effects.reshape(*shape, -1), statistics, "independent draws, no variance unknown"
    )


def _tuned(target: Rooted, proposal: Proposal, rng: np.random.Generator) -> tuple[Proposal, bool]:
    """The best of the proposal and what becomes of it in rounds of adaptation; and whether it is worth a try."""
    small = target.model.effects <= SMALL
    size, enough = (ROUND, BEST_SHARE) if small else (PILOT, GOOD_SHARE)
    best, best_share = proposal, 0.0
    for number in range(1, ROUNDS + 1):
        x = proposal.draw(rng, size)
        log_weights = target.sweep(x)[0] - proposal.log_density(x)
        found = share(log_weights)
        if found > best_share:
            best, best_share = proposal, found
        if found > enough or number == ROUNDS:
            break
        # A pilot is for judging the first proposal only: it is too small to adapt to.
        proposal, size = adapted(proposal, x, log_weights, rng) if size == ROUND else proposal, ROUND
    return best, best_share > LEAST_SHARE


def _metropolis(target: Rooted, proposal: Proposal, settings: Settings, rng: np.random.Generator) -> _Draws:
    shape = (settings.chains, settings.draws)
    thin = THIN if target.model.effects <= SMALL else 1
    n = shape[0] * shape[1] * thin
    x = proposal.draw(rng, max(n, DIAGNOSTIC))
    values, effects = target.sweep(x, rng)
    log_weights = values - proposal.log_density(x)
    chains = metropolis(log_weights[:n].reshape(shape[0], -1), rng)
    kept = chains.kept[:, thin - 1 :: thin].ravel()
    again = np.ones(len(kept), dtype=bool)
    again[np.unique(kept, return_index=True)[1]] = False
    repeated = np.flatnonzero(again)
    repeated = repeated[np.argsort(kept[repeated], kind="stable")]
    effects = effects[kept]
    # A chain that stays where it was still draws its effects anew.
    effects[repeated] = target.sweep(x[kept[repeated]], rng)[1]
    phi = target.phi(x[kept])
    acceptance, k = float(chains.accepted.mean()), pareto_k(log_weights)
    statistics = {
        "acceptance_rate": chains.acceptance.reshape(*shape, thin).mean(axis=2),
        "accepted": chains.accepted.reshape(*shape, thin).any(axis=2),
        "lp": (values[kept] + 0.5 * phi[:, target.roots].sum(axis=1)).reshape(shape),
    }
    how = f"variances by Metropolis (acceptance {acceptance:.2f}, k-hat {k:.2f}), effects integrated out"
    attributes = {"acceptance": acceptance, "pareto_k": k}
    return _Draws(phi.reshape(*shape, -1), effects.reshape(*shape, -1), statistics, how, attributes)


def _nuts(model: Marginal, mode: Floats, settings: Settings, rng: np.random.Generator, reason: str) -> _Draws:
    from tildemc.fit.direct import draw

    phi, statistics = draw(_nutpie_model(model, mode), settings)
    effects = model.sweep(np.ascontiguousarray(phi.reshape(-1, model.size)), rng)[1]
    how = f"variances by NUTS ({reason}), effects integrated out"
    return _Draws(phi, effects.reshape(*phi.shape[:2], -1), statistics, how)


def _nutpie_model(model: Marginal, mode: Floats) -> Any:
    from nutpie.compiled_pyfunc import from_pyfunc

    from tildemc.fit.nutpie_door import COORDINATES

    def make_density() -> Callable[[Floats], tuple[float, Floats]]:
        # An exception would end the chain; a density that is not finite is a divergence.
        return lambda phi: model.posterior(np.ascontiguousarray(phi))

    def make_copy(*_: Any) -> Callable[[Floats], dict[str, Floats]]:
        return lambda phi: {COORDINATES: np.array(phi)}

    return from_pyfunc(
        model.size,
        make_density,
        make_copy,
        [np.dtype("float64")],
        [(model.size,)],
        [COORDINATES],
        make_initial_point_fn=lambda seed: mode + 0.1 * np.random.default_rng(seed).standard_normal(model.size),
    )
