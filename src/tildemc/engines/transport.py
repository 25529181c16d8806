"""The transport engine: Metropolis on few parameters and on what makes standard normal numbers of effects.

An exact chain: whatever the transport is, it is a bijection at every point, and its Jacobian is counted. How good it is
shows in how often proposals are accepted, which warm-up looks at.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from tildemc.arrays import Floats, Mask
from tildemc.engines.independence import BROAD, Proposal
from tildemc.engines.laplace_mode import LaplaceMode, cheap, laplace_at, laplace_mode
from tildemc.engines.progress import followed
from tildemc.engines.settings import Settings
from tildemc.engines.sweeps import Plan, State, Walked, walked
from tildemc.engines.trace import NO_DRAWS
from tildemc.engines.unsuited import Unsuited
from tildemc.errors import Interrupted
from tildemc.passes.aggregate import aggregate
from tildemc.results.checks import REFUSED_LIMIT, RHAT_LIMIT
from tildemc.results.diagnose import COLUMNS, diagnose
from tildemc.results.fit import Fit
from tildemc.spec.design import DataSet
from tildemc.spec.model import ModelSpec
from tildemc.targets.glmm.expansion import expansion
from tildemc.targets.glmm.problem import Problem, glmm
from tildemc.threads import one_blas_thread

__all__ = ["sample_transport"]


SEEN, ROUND, ROUNDS = 150, 100, 6
"""Draws of each chain by which the transport is chosen, and those of a round of adaptation; how many rounds at most."""
PAIRS = 8
"""So many ε, and as many -ε, over which an anchor averages slopes and curvatures."""
FAR = 0.35
"""A proposal whose centre is further from the chains' mean than so many sds is moved once more."""
NU = 16
"""Degrees of freedom of proposals: of several coordinates at once, heavier tails would reach far too often."""
LEAST_ACCEPTANCE = 0.15
GOOD, FAIR = (0.75, 0.55), (0.5, 0.3)
"""The acceptance from which one sweep a draw will do, and two; below, it is four. The first pair is for sweeps that
cost little."""
LITTLE = 5000
"""Rows passed over in a sweep that costs little beside what else a fit takes."""
OFTEN, SLOW, KEPT = 0.8, 0.25, 0.9
"""Where fewer proposals for the rest are accepted, its levels are drawn one by one, too; where far fewer, proposals
keep so much of what it is."""
PER_EFFECT = 12
"""What a sweep does for each effect, in rows of a pass: random numbers, solutions."""
SHRINK, GROW = 0.9, 2.0
"""By so much the sds of a proposal change in a round."""
WEIGHT = 5
"""A covariance by which a proposal is moved counts as so many draws for each of its numbers: of 28 parameters a round's
own, of 406 numbers, would make proposals that hardly any chain takes."""
POINTS = 400
"""Points about the mode of Laplace's posterior, where chains start, and by which the exact one is held to it."""
FEW_POINTS = 100
"""Where each takes long."""
NOTICED = 0.25
"""A distance between the two in posterior sds of which a fit speaks."""
LEAST_SIZE, ENOUGH, LONGEST = 400, 0.1, 100
"""Effective draws of each parameter, in bulk and tails, and as a share of all draws where these are fewer; and for how
many sweeps a chain may stay at a point, as it does in a tail that proposals hardly reach."""
FEW_ROWS = 40
"""So many pairs of effects that go together for each row, where NUTS was as fast: a sweep goes through their system, a
gradient of NUTS, of which it takes tens for a draw, through rows alone."""
OWN = "transport"
"""Who asks for this engine alone gets what it draws, with what `diagnose` says of it."""


@dataclass(frozen=True, eq=False)
class _Moments:
    """A mean (size,) and a covariance (size, size)."""

    mean: Floats
    covariance: Floats

    @property
    def sd(self) -> Floats:
        return np.sqrt(np.diag(self.covariance))


@dataclass(frozen=True, eq=False)
class _Cloud:
    """Points (points, size) and their weights (points,), which sum to one: Laplace's posterior."""

    psi: Floats
    weights: Floats


@dataclass(frozen=True, eq=False)
class _Ready:
    """What warm-up leaves: how chains go on, where they are, and what is known of Laplace's posterior."""

    plan: Plan
    states: list[State]
    laplace: _Cloud


def sample_transport(spec: ModelSpec, design: DataSet, settings: Settings, path: str) -> Fit:
    """Draw from the posterior, from merged rows where that pays; the fit keeps those that it was given.

    Parameters
    ----------
    spec : ModelSpec
        Without gaps.
    design : DataSet
    settings : Settings
    path : str
        What to say of the engine; how it went is added.

    Raises
    ------
    Unsuited
        If chains do not move, or do not agree: NUTS will draw better.
    Interrupted
        If sampling was, before there were draws; later, these are kept.
    """
    start = time.perf_counter()
    merged_spec, merged, note = aggregate(spec, design)
    with one_blas_thread(), followed(settings) as told:
        problem = glmm(merged_spec, merged)
        _check_size(problem, settings)
        done = [0]

        def count(size: int) -> None:
            done[0] += size
            if told is not None:
                told(min(done[0], settings.chains * (settings.draws + settings.tune)), 0)

        try:
            ready = _warm(problem, settings)
            count(settings.chains * settings.tune)
            drawn = walked(problem, ready.plan, ready.states, settings.draws, partly=True, told=count)
        except KeyboardInterrupt:
            raise Interrupted(NO_DRAWS) from None
        told_of = _judged(problem, drawn, settings)
    found = expansion(spec, problem, problem.coordinates.phi(drawn.psi), drawn.effects)
    shift = _shift(spec, problem, ready.laplace, found)
    chance = _by_draw(np.exp(np.minimum(drawn.ratios, 0.0)), drawn)
    statistics = {
        "acceptance_rate": chance.mean(axis=2),
        "accepted": _by_draw(drawn.moved, drawn).any(axis=2),
        "lp": drawn.lp,
    }
    path = ": ".join([path, _how(problem, ready.plan, drawn)]) + "".join(
        f"; {more}" for more in (shift.told, note) if more
    )
    seconds = time.perf_counter() - start
    return Fit.of(spec, design, found, statistics, path, seconds, laplace_shift=shift.sds, **told_of)


def _by_draw[T: (Floats, Mask)](sweeps: T, drawn: Walked) -> T:
    """What there is of each sweep, (chains, draws, sweeps a draw)."""
    return sweeps.reshape(*drawn.lp.shape, -1)


def _how(problem: Problem, plan: Plan, drawn: Walked) -> str:
    psi, inner, rest, apart, refused, _ = drawn.rates
    each = "1 sweep" if plan.repeats == 1 else f"{plan.repeats} sweeps"
    parts = [f"parameters {psi:.2f}"]
    parts += [f"effects {inner:.2f}"] if problem.extent.width else []
    if problem.extent.rest:
        parts.append(f"{'further effects' if problem.extent.width else 'effects'} {rest:.2f}")
    parts += [f"these one by one {apart:.2f}"] if plan.apart else []
    told = f"effects carried by {'Newton steps' if plan.steps else 'a quadratic'} ({each} a draw, accepted: "
    told += ", ".join(parts) + ")"
    count = round(refused * drawn.ratios.size)
    return f"{told}; at {count:,} point{'s' * (count != 1)} no density could be computed" if count else told


def _check_size(problem: Problem, settings: Settings) -> None:
    extent = problem.extent
    if extent.square > FEW_ROWS * extent.rows and settings.method != OWN:
        largest = int(np.diff(problem.tables.component).max())
        raise Unsuited(f"{largest:,} effects go together in {extent.rows:,} rows, which is slower here")


# Warm-up


def _warm(problem: Problem, settings: Settings) -> _Ready:
    rng = np.random.default_rng(settings.seed)
    mode = laplace_mode(problem)
    here = _Moments(mode.psi, mode.scale @ mode.scale.T)
    plan = Plan(mode.anchor, _proposal(here), steps=1)
    laplace = _laplace(problem, mode, plan, rng)
    starts = laplace.psi[rng.choice(len(laplace.psi), size=settings.chains, p=laplace.weights)]
    each = zip(starts, rng.spawn(settings.chains), strict=True)
    states = [State(psi, own.standard_normal(problem.effects), own) for psi, own in each]
    plan = _averaged(problem, plan, here, rng)
    for _ in range(ROUNDS):
        drawn = walked(problem, plan, states, ROUND, effects=False)
        there = _moments(drawn.psi[:, ROUND // 4 :])
        shift = (there.mean - here.mean) / here.sd
        here = _moved(here, there, drawn)
        plan = _averaged(problem, _with_rest(problem, plan, drawn), here, rng)
        plan = replace(plan, proposal=_proposal(here))
        if np.abs(shift).max() < FAR:
            break
    plan, drawn, seen = _chosen(problem, plan, states)
    plan = replace(plan, proposal=_proposal(_moved(here, _moments(seen), drawn)))
    accepted = float(drawn.rates[0])
    if accepted < LEAST_ACCEPTANCE and settings.method != OWN:
        raise Unsuited(f"only {100 * accepted:.0f} % of the proposals for the parameters were accepted")
    dear = int(_cost(problem, plan) > LITTLE)
    repeats = 1 if accepted > GOOD[dear] else 2 if accepted > FAIR[dear] else 4
    return _Ready(replace(_with_rest(problem, plan, drawn), repeats=repeats), states, laplace)


def _proposal(here: _Moments) -> Proposal:
    scale = np.linalg.cholesky(here.covariance)
    return Proposal(here.mean[None], scale, here.mean, BROAD * scale, NU)


def _laplace(problem: Problem, mode: LaplaceMode, plan: Plan, rng: np.random.Generator) -> _Cloud:
    """Laplace's posterior, by importance from about its mode."""
    x = plan.proposal.draw(rng, POINTS if cheap(problem) else FEW_POINTS)
    log_weights = laplace_at(problem, mode.anchor, x) - plan.proposal.log_density(x)
    if not np.isfinite(log_weights).any():
        raise Unsuited("Laplace's approximation has no density about its mode")
    weights = np.exp(log_weights - log_weights.max())
    return _Cloud(x, weights / weights.sum())


def _chosen(problem: Problem, plan: Plan, states: list[State]) -> tuple[Plan, Walked, Floats]:
    """With Newton steps or without, by what an effective draw comes to; what was drawn so, and all draws of ψ."""
    tried = []
    for steps in (0, 1):
        own = replace(plan, steps=steps)
        drawn = walked(problem, own, states, SEEN, effects=False)
        table = diagnose(np.moveaxis(drawn.psi, 2, 0))
        sizes = np.fmin(*(table[:, COLUMNS.index(name)] for name in ("ess_bulk", "ess_tail")))
        tried.append((_cost(problem, own) / max(float(np.nanmean(sizes)), 1.0), own, drawn))
    _, chosen, drawn = min(tried, key=lambda each: each[0])
    return chosen, drawn, np.concatenate([each.psi for _, _, each in tried], axis=1)


def _cost(problem: Problem, plan: Plan) -> float:
    """Of a sweep, in rows passed over."""
    passes = 2 + plan.steps + ((1 + plan.steps) if problem.extent.rest else 0) + ((2 + plan.steps) if plan.apart else 0)
    return passes * problem.extent.rows + PER_EFFECT * problem.effects


def _moments(psi: Floats) -> _Moments:
    """Of draws (chains, draws, size)."""
    x = psi.reshape(-1, psi.shape[2])
    return _Moments(x.mean(axis=0), np.cov(x.T).reshape(x.shape[1], x.shape[1]))


def _moved(old: _Moments, new: _Moments, drawn: Walked) -> _Moments:
    """Where draws are, with their covariance as far as there were enough of them to tell."""
    scale = np.clip(new.sd / old.sd, SHRINK, GROW)
    moved = scale[:, None] * old.covariance * scale
    d, told = len(new.mean), float(drawn.rates[0]) * drawn.ratios.size / 2.0
    known = WEIGHT * d * (d + 1) / 2
    share_of_old = known / (known + told)
    limited = np.clip(new.sd / old.sd, SHRINK, GROW) * old.sd / np.maximum(new.sd, 1e-300)
    own = limited[:, None] * new.covariance * limited
    return _Moments(new.mean, share_of_old * moved + (1.0 - share_of_old) * own)


def _with_rest(problem: Problem, plan: Plan, drawn: Walked) -> Plan:
    """How the rest is drawn, by how often proposals for it were accepted."""
    rest = float(drawn.rates[2])
    if not problem.extent.rest or rest > OFTEN:
        return plan
    return replace(plan, apart=problem.apart > 0, rho=plan.rho if rest > SLOW else KEPT)


def _averaged(problem: Problem, plan: Plan, here: _Moments, rng: np.random.Generator) -> Plan:
    """The anchor by averages at the mean of ψ, where there is one."""
    phi, jacobian = problem.coordinates.inside(here.mean[None])
    if not np.isfinite(jacobian[0]):
        return plan
    eps = rng.standard_normal((PAIRS, problem.effects))
    anchor = problem.averaged(plan.anchor, problem.points(phi), eps) or plan.anchor
    return replace(plan, anchor=anchor, along=problem.alike(anchor))


# Afterwards


def _judged(problem: Problem, drawn: Walked, settings: Settings) -> dict[str, float]:
    """What the fit says of how it went.

    Raises
    ------
    Unsuited
    """
    table = dict(zip(COLUMNS, diagnose(np.moveaxis(drawn.psi, 2, 0)).T, strict=True))
    r_hat = np.fmax.reduce(table["r_hat"])
    size = min(np.fmin.reduce(table["ess_bulk"]), np.fmin.reduce(table["ess_tail"]))
    told = {
        "acceptance": float(drawn.rates[0]), "acceptance_near_by": float(drawn.rates[5]),
        "acceptance_of_effects": float(drawn.rates[1]), "least_acceptance_of_effects": float(drawn.least.min()),
        "refused": float(drawn.rates[4]), "longest_stay": float(drawn.stays.max()),
    }  # fmt: skip
    total = settings.chains * settings.draws
    if settings.method == OWN or drawn.lp.size < total:
        # Asked for, or interrupted: who stops an engine does not want another to begin.
        return told
    if told["refused"] > REFUSED_LIMIT:
        raise Unsuited(f"no density could be computed at {100 * told['refused']:.0f} % of the points")
    if drawn.stays.max() > LONGEST:
        raise Unsuited(f"a chain stayed at one point for {drawn.stays.max()} sweeps")
    if total >= LEAST_SIZE and (r_hat > 2 * RHAT_LIMIT - 1 or size < min(LEAST_SIZE, ENOUGH * total)):
        raise Unsuited(f"chains do not agree well enough (R-hat {r_hat:.3f}, ESS {size:.0f})")
    return told


@dataclass(frozen=True, slots=True)
class _Shift:
    """By how many posterior sds the exact mean of some quantity is above Laplace's, the most of any; and a sentence."""

    sds: float
    told: str


def _shift(spec: ModelSpec, problem: Problem, laplace: _Cloud, found: dict[str, Floats]) -> _Shift:
    """How far the exact posterior of whatever is no effect is from Laplace's."""
    points = problem.coordinates.inside(laplace.psi)[0][None]
    theirs = expansion(spec, problem, points, np.zeros((1, len(laplace.psi), problem.effects)))
    # Effects were said to be zero everywhere.
    effects = {name for name, values in theirs.items() if not values.any()}
    worst, sentence = 0.0, ""
    for name in theirs.keys() - effects:
        exact = found[name].reshape(-1, *found[name].shape[2:])
        mean = np.tensordot(laplace.weights, theirs[name][0], axes=1)
        sd = exact.std(axis=0)
        shift = np.divide(exact.mean(axis=0) - mean, sd, out=np.zeros_like(sd), where=sd > 1e-12)
        most = float(shift.flat[np.argmax(np.abs(shift))]) if shift.size else 0.0
        if abs(most) > abs(worst):
            worst = most
            where = "above" if most > 0 else "below"
            sentence = f"the mean of {name} is {abs(most):.1f} posterior sds {where} Laplace's approximation of it"
    return _Shift(worst, sentence if abs(worst) > NOTICED else "")
