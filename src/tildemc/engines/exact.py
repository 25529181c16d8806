"""The exact engine: variances by Metropolis or NUTS, effects from their Gaussian: ModelSpec × Design -> Fit."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats, Values
from tildemc.engines.independence import Proposal, adapted, at_mode, climb, heaviest, share
from tildemc.engines.pareto import pareto_k
from tildemc.engines.reproduced import REMEDY, reproduced
from tildemc.engines.settings import Settings
from tildemc.errors import FitError
from tildemc.results.checks import heavy_tail
from tildemc.results.fit import Fit
from tildemc.spec.design import Numbers
from tildemc.spec.model import ModelSpec
from tildemc.targets.marginal.coordinates import Rooted, rooted
from tildemc.targets.marginal.expansion import expansion
from tildemc.targets.marginal.likelihood import Marginal
from tildemc.targets.marginal.reduce import marginal
from tildemc.threads import in_threads, one_blas_thread

if TYPE_CHECKING:
    from nutpie.compiled_pyfunc import PyFuncModel

__all__ = ["sample_exact"]


PILOT, ROUND, ROUNDS = 100, 1000, 4
"""Proposals in large models to judge by; in each round of adaptation."""
GOOD_SHARE, LEAST_SHARE = 0.75, 0.1
"""Importance weights' effective share: above the first a proposal is left as it is, for a better one would save no
evaluation; below the second it is given up."""
LEAST_ACCEPTANCE = 0.6
"""With fewer draws that differ from the one before, or with weights of a heavy tail, NUTS takes over."""
GOOD_PROPOSALS, LEAST_PROPOSALS, MOST, SMALL = 1.5, 0.75, 6, 5e5
"""For each draw so many proposals over their share, the second where an evaluation has more operations than the last;
but no more than the third."""


@dataclass(frozen=True, eq=False)
class _Draws:
    """φ (chains, draws, size), all effects (chains, draws, effects), the sampler's statistics, and how it went."""

    phi: Floats
    effects: Floats
    statistics: Mapping[str, Values]
    how: str
    attributes: dict[str, float] = field(default_factory=dict)


def sample_exact(spec: ModelSpec, design: Numbers, settings: Settings, path: str) -> Fit:
    """Draw from the posterior.

    Parameters
    ----------
    spec : ModelSpec
        Without gaps.
    design : Numbers
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
    with one_blas_thread():
        drawn = _draw(model, rooted(model, design), settings)
    found = expansion(spec, model, drawn.phi, drawn.effects)
    seconds = time.perf_counter() - start
    path = f"{path}: {drawn.how}"
    return Fit.of(spec, design, found, drawn.statistics, path, seconds, **drawn.attributes)


def _draw(model: Marginal, target: Rooted, settings: Settings) -> _Draws:
    rng = np.random.default_rng(settings.seed)
    if not np.isfinite(target.climb(target.start)[0]):
        raise FitError(
            "the posterior is improper: with flat priors the data must determine every population effect; "
            "give `b` and `Intercept` normal priors, or leave a column out"
        )
    if model.size == 0:
        return _no_variances(model, settings, rng)
    mode = climb(target.climb, target.start, target.scale)
    if target.vanishing(mode):
        raise reproduced("posterior", REMEDY)
    pilot = _tuned(target, at_mode(target.slope, target.root(mode)), rng)
    if pilot.share < LEAST_SHARE:
        return _nuts(model, mode, settings, rng, "no simple proposal resembles their posterior")
    drawn = _metropolis(target, pilot, settings, rng)
    acceptance, k, heavy = (drawn.attributes[name] for name in ("acceptance", "pareto_k", "heaviest_weight"))
    if np.mean(drawn.statistics["accepted"].astype(float)) >= LEAST_ACCEPTANCE and not heavy_tail(k, heavy):
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


@dataclass(frozen=True, eq=False)
class _Pilot:
    """A proposal, points (points, size) drawn from it with the logs of their importance weights, and these's share."""

    proposal: Proposal
    x: Floats
    log_weights: Floats

    @classmethod
    def of(cls, target: Rooted, proposal: Proposal, size: int, rng: np.random.Generator) -> _Pilot:
        x = proposal.draw(rng, size)
        return cls(proposal, x, target.sweep(x) - proposal.log_density(x))

    @cached_property
    def share(self) -> float:
        return share(self.log_weights)


def _tuned(target: Rooted, proposal: Proposal, rng: np.random.Generator) -> _Pilot:
    """The best of the proposal and what becomes of it in rounds of adaptation."""
    small = target.model.operations <= SMALL
    size = ROUND if small else PILOT
    best = pilot = _Pilot.of(target, proposal, size, rng)
    for _ in range(1, ROUNDS):
        if best.share > GOOD_SHARE:
            break
        # A pilot is no base to adapt to if it is small, or if few of its points have any weight.
        known = len(pilot.x) == ROUND and pilot.share * ROUND > 2 * target.model.size
        proposal = adapted(pilot.x, pilot.log_weights, rng) if known else proposal
        pilot = _Pilot.of(target, proposal, ROUND, rng)
        best = max(best, pilot, key=lambda p: p.share)
    return best


def _metropolis(target: Rooted, pilot: _Pilot, settings: Settings, rng: np.random.Generator) -> _Draws:
    """Chains of proposals; each starts from one of the pilot's points, taken by its weight."""
    proposal, chains = pilot.proposal, settings.chains
    wanted = GOOD_PROPOSALS if target.model.operations <= SMALL else LEAST_PROPOSALS
    thin = min(math.ceil(wanted / pilot.share), MOST)
    weights = np.exp(pilot.log_weights - pilot.log_weights.max())
    starts = pilot.x[rng.choice(len(weights), size=chains, p=weights / weights.sum())]
    effects = np.empty((chains, settings.draws, target.model.effects))

    def run(start: Floats, effects: Floats, rng: np.random.Generator) -> tuple[Floats, ...]:
        x = np.concatenate([start[None], proposal.draw(rng, settings.draws * thin)])
        density = proposal.log_density(x)
        log_weights, kept = target.chain(x, -density, effects, rng)
        before = log_weights[kept[:-1]]
        chance = np.exp(np.minimum(log_weights[1:] - before, 0.0)).reshape(-1, thin)
        accepted = (kept[1:] == np.arange(1, len(kept))).reshape(-1, thin)
        at = kept[thin::thin]
        phi = target.phi(x[at])
        lp = log_weights[at] + density[at] + 0.5 * phi[:, target.roots].sum(axis=1)
        return log_weights[1:], accepted, chance, lp, phi

    done = in_threads(run, starts, effects, rng.spawn(chains))
    log_weights, accepted, chance, lp, phi = (np.stack(each) for each in zip(*done, strict=True))
    log_weights = np.concatenate([pilot.log_weights, log_weights.ravel()])
    acceptance, k = float(accepted.mean()), pareto_k(log_weights)
    statistics = {"acceptance_rate": chance.mean(axis=2), "accepted": accepted.any(axis=2), "lp": lp}
    each = "1 proposal" if thin == 1 else f"{thin} proposals"
    how = f"variances by Metropolis ({each} a draw, acceptance {acceptance:.2f}, k-hat {k:.2f}), effects integrated out"
    attributes = {"acceptance": acceptance, "pareto_k": k, "heaviest_weight": heaviest(log_weights)}
    return _Draws(phi, effects, statistics, how, attributes)


def _nuts(model: Marginal, mode: Floats, settings: Settings, rng: np.random.Generator, reason: str) -> _Draws:
    from tildemc.engines.direct import draw

    phi, statistics = draw(_nutpie_model(model, mode), settings)
    effects = model.sweep(np.ascontiguousarray(phi.reshape(-1, model.size)), rng)[1]
    how = f"variances by NUTS ({reason}), effects integrated out"
    return _Draws(phi, effects.reshape(*phi.shape[:2], -1), statistics, how)


def _nutpie_model(model: Marginal, mode: Floats) -> PyFuncModel:
    from nutpie.compiled_pyfunc import from_pyfunc

    from tildemc.engines.nutpie_door import COORDINATES

    def make_density() -> Callable[[Floats], tuple[float, Floats]]:
        # An exception would end the chain; a density that is not finite is a divergence.
        return lambda phi: model.posterior(np.ascontiguousarray(phi))

    def make_copy(*_: object) -> Callable[[Floats], dict[str, Floats]]:
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
