"""Chains on (ψ, ε): what they are at, how they go on, and what they leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from threading import Event
from typing import NamedTuple

import numpy as np

from tildemc.arrays import Floats, Integers, Mask
from tildemc.engines.independence import BROAD, BROAD_SHARE, Proposal
from tildemc.engines.trace import rectangle
from tildemc.targets.glmm.chain import EVERY, Sweeps
from tildemc.targets.glmm.places import Places
from tildemc.targets.glmm.problem import Problem
from tildemc.targets.glmm.tables import Quadratic, Size
from tildemc.threads import in_threads

__all__ = ["Plan", "State", "Walked", "walked"]

HEAVY = 6
"""Degrees of freedom of proposals for inner effects: tails heavier than those of a level's posterior."""
NEAR = 2.0
"""How far from a chain's point those near by are, in sds."""
FAR_STEP = 1.5
"""Degrees of freedom of every second step in one direction."""
CLOSE = 1e-4
"""How near modes of the quadratic are found where they are iterated: the squared distance in posterior sds."""
CHUNK, NUMBERS, PASSED = 2000, 1e6, 1e7
"""So many sweeps at a time at most, so many random numbers for their effects, and so many rows passed over."""


@dataclass(frozen=True, eq=False)
class Plan:
    """How chains go on.

    Attributes
    ----------
    anchor : Quadratic
    proposal : Proposal
        Of ψ.
    steps : int
        Newton steps of the inner levels in the transport: 0 or 1.
    repeats : int
        Sweeps a draw.
    rho : float
        How much of the rest's ε stays in a proposal.
    apart : bool
        Whether a sweep draws levels of the rest one by one, too.
    along : (directions, rest) or None
        Orthonormal directions in which nothing of the rest's ε stays.
    """

    anchor: Quadratic
    proposal: Proposal
    steps: int
    repeats: int = 1
    rho: float = 0.0
    apart: bool = False
    along: Floats | None = None


@dataclass(eq=False)
class State:
    """Where a chain is: ψ (size,) and ε (effects,)."""

    psi: Floats
    eps: Floats
    rng: np.random.Generator


@dataclass(frozen=True, eq=False)
class Walked:
    """What chains leave.

    Attributes
    ----------
    psi : (chains, draws, size)
    effects : (chains, draws, effects)
        u.
    lp : (chains, draws)
        The log posterior density of ψ and ε.
    moved : (chains, sweeps)
        Whether ψ did.
    ratios : (chains, sweeps)
        Log importance weights of proposals over that of where the chain was, with the same ε.
    rates : (6,)
        Shares of proposals for ψ, for inner levels, for components of the rest, and for its levels one by one that were
        accepted; of points of which no density could be computed; and of proposals near by that were accepted.
    least : (2,)
        The least of these of an inner level, and of a component.
    """

    psi: Floats
    effects: Floats
    lp: Floats
    moved: Mask
    ratios: Floats
    rates: Floats
    least: Floats

    @cached_property
    def stays(self) -> Integers:
        """For how many sweeps chains stayed at one ψ, each stay."""
        # Ends count as moves: what comes between two of them is a stay.
        padded = np.pad(self.moved, ((0, 0), (1, 1)), constant_values=True)
        return np.concatenate([np.diff(np.flatnonzero(chain)) for chain in padded])


class _Chunk(NamedTuple):
    """Some draws of one chain, as in `Walked`, and the sums over sweeps of what that has means of."""

    psi: Floats
    effects: Floats
    lp: Floats
    moved: Mask
    ratios: Floats
    counts: Floats


def walked(
    problem: Problem, plan: Plan, states: list[State], draws: int, *, effects: bool = True, partly: bool = False,
    told: Callable[[int], None] = lambda _: None,
) -> Walked:  # fmt: skip
    """Let chains go on, by threads; `told` of draws as they come. The states are then where the chains are.

    An interrupt ends this soon; where `partly`, what there is then is taken as of NUTS (`rectangle`).

    Raises
    ------
    KeyboardInterrupt
        If it came before there were draws, or not `partly`.
    """
    stop = Event()
    parts: list[list[_Chunk]] = [[] for _ in states]

    def one(state: State, own: list[_Chunk]) -> None:
        sweeps = min(CHUNK, NUMBERS / max(problem.effects, 1), PASSED / max(problem.extent.rows, 1))
        most = max(1, int(sweeps // plan.repeats))
        for start in range(0, draws, most):
            if stop.is_set():
                return
            size = min(most, draws - start)
            own.append(_chunk(problem, plan, state, size, effects))
            told(size)

    try:
        in_threads(one, states, parts, interrupted=stop.set)
    except KeyboardInterrupt:
        if not (partly and any(parts)):
            raise
    return _together([own for own in parts if own], plan, problem.extent, problem.apart)


def _together(parts: list[list[_Chunk]], plan: Plan, size: Size, apart: int) -> Walked:
    """Chains of chunks, each cut to the shortest of those that are taken."""
    chunks = [chunk for own in parts for chunk in own]
    taken, draws = rectangle([sum(len(chunk.psi) for chunk in own) for own in parts])

    def joined[T: (Floats, Mask)](of: Callable[[_Chunk], T], length: int) -> T:
        return np.stack([np.concatenate([of(chunk) for chunk in parts[i]])[:length] for i in taken])

    each = np.sum([chunk.counts for chunk in chunks], axis=0) / sum(len(chunk.moved) for chunk in chunks)
    parts_of = [1.0, max(size.levels, 1), max(size.components, 1), max(apart, 1), 1.0, 1.0 / EVERY]
    shares, levels, components = np.split(each, np.cumsum([len(parts_of), size.levels]))
    least = np.array([levels.min(), components.min(initial=1.0)])
    return Walked(
        joined(lambda chunk: chunk.psi, draws), joined(lambda chunk: chunk.effects, draws),
        joined(lambda chunk: chunk.lp, draws), joined(lambda chunk: chunk.moved, draws * plan.repeats),
        joined(lambda chunk: chunk.ratios, draws * plan.repeats), shares / parts_of, least,
    )  # fmt: skip


def _chunk(problem: Problem, plan: Plan, state: State, draws: int, effects: bool) -> _Chunk:
    """Some draws of one chain."""
    sweeps, rng, size = draws * plan.repeats, state.rng, problem.extent
    levels, components = size.levels, size.components
    one_by_one = sweeps if plan.apart else 0, size.rest
    along = np.empty((0, size.rest)) if plan.along is None else plan.along
    steps = _steps(rng, sweeps // EVERY, plan.proposal)
    places = _places(problem, plan.proposal, state.psi, plan.proposal.draw(rng, sweeps), len(steps))
    s = Sweeps(
        0, steps, rng.standard_exponential(len(steps)), rng.standard_exponential(sweeps),
        rng.standard_exponential((sweeps, levels)), rng.standard_exponential((sweeps, components)),
        rng.standard_normal((sweeps, levels * size.width)), rng.standard_normal((sweeps, size.rest)),
        _stretches(rng, (sweeps, levels)), state.eps,
        np.zeros(sweeps, np.int64), np.zeros(sweeps), np.zeros(draws),
        np.empty((draws if effects else 0, problem.effects)),
        rng.standard_normal(one_by_one), rng.standard_exponential(one_by_one), along,
        np.zeros(6), np.zeros(levels), np.zeros(components), np.zeros(components),
        np.empty(problem.effects), np.empty(size.rest), plan.steps, float(HEAVY), plan.rho, CLOSE,
    )  # fmt: skip
    problem.walk(plan.anchor, places, s)
    before = np.concatenate([[0], s.kept[:-1]])
    at = s.kept[plan.repeats - 1 :: plan.repeats]
    state.psi = places.psi[s.kept[-1]].copy()
    # Nor is there a density where a scale is beyond all numbers; where a root is negative there is no point.
    inside = (places.psi[: 1 + sweeps, problem.coordinates.roots] > 0).all(axis=1)
    s.accepted[4] += (np.isneginf(places.prior[: 1 + sweeps]) & inside).sum()
    u = s.effects if effects else np.empty((draws, 0))
    counts = np.concatenate([s.accepted, s.levels, s.components])
    return _Chunk(places.psi[at], u, s.density + places.prior[at], s.kept != before, s.ratio, counts)


def _steps(rng: np.random.Generator, size: int, proposal: Proposal) -> Floats:
    """How far from a chain's point those near by are, (size, parameters): by turns in all directions, and in one.

    In one, now and then far, as from the end of an sd's tail, where few levels leave it one.
    """
    d = len(proposal.middle)
    noise = rng.standard_normal((size, d))
    noise[::2] /= np.sqrt(d)
    one = rng.integers(d, size=(size // 2, 1)) == np.arange(d)
    noise[1::2] *= one
    noise[3::4] = np.where(one[1::2], rng.standard_t(FAR_STEP, (len(one) // 2, 1)), 0.0)
    return np.asarray(NEAR * noise @ proposal.scale.T)


def _places(problem: Problem, proposal: Proposal, psi: Floats, proposed: Floats, more: int) -> Places:
    """Where a chain is, what is proposed, and room for so many points more."""
    roots, size = problem.coordinates, problem.size
    points = np.concatenate([psi[None], proposed, np.zeros((more, size))])
    known = slice(1 + len(proposed))
    phi, jacobian = roots.inside(points[known])
    found = problem.points(phi)

    def with_room(array: Floats) -> Floats:
        return np.concatenate([array, np.zeros((more, *array.shape[1:]))])

    return Places(
        points, with_room(found.sds), with_room(found.factors), with_room(found.prior + jacobian),
        with_room(proposal.log_density(points[known])), problem.encoded.address, roots.start,
        roots.roots.astype(np.int64), roots.plain.astype(np.int64), proposal.middle, np.linalg.inv(proposal.scale),
        problem.free, np.empty(found.unit.shape[1:]), np.empty(found.precision.shape[1:]),
        np.empty(problem.code.memory), problem.whole.copy(), float(proposal.nu), BROAD, BROAD_SHARE,
    )  # fmt: skip


def _stretches(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """What makes Student-t numbers of normal ones: √(ν / χ²), where half of χ² with ν = 2 k is a sum of k exponentials.

    Gamma numbers would take as long as all the rest of a sweep.
    """
    total = rng.standard_exponential(shape)
    for _ in range(1, HEAVY // 2):
        total += rng.standard_exponential(shape)
    return np.asarray(np.sqrt(0.5 * HEAVY / total))
