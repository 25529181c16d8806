"""Metropolis on (ψ, ε): proposals of ψ, independent ones and near by, fresh ε of inner levels, fresh ε of the rest."""

from __future__ import annotations

from math import inf, sqrt
from typing import NamedTuple

from tildemc.kernels import jit
from tildemc.kernels.structures import Struct
from tildemc.kernels.views import Integers, Matrix, Vector, copy, fill
from tildemc.targets.direct.special import log
from tildemc.targets.glmm.apart import refresh_apart
from tildemc.targets.glmm.blocked import to_effects
from tildemc.targets.glmm.places import PLACES, Places, place
from tildemc.targets.glmm.solves import backward_blocks
from tildemc.targets.glmm.tables import Anchor, Tables, Work
from tildemc.targets.glmm.transport import level_values, locate, log_density, settle, unsettle

__all__ = ["EVERY", "SWEEPS", "Sweeps", "walk"]

EVERY = 2
"""Of so many sweeps one proposes a point near by too, by which a chain leaves a tail that others hardly reach."""

_places = PLACES.at


class Sweeps(NamedTuple):
    """Some sweeps of a chain: what was drawn for them beforehand, and what becomes of it.

    Attributes
    ----------
    places : int
        The address of Places, which `Problem.walk` fills in: the point where the chain is, the sweeps' proposals, and
        room for those near by.
    step : (moves, size)
        How far from the chain's point the latter are.
    near_chance : (moves,)
        Standard exponential numbers, as the next three.
    chance : (sweeps,)
    inner_chance : (sweeps, levels), rest_chance : (sweeps, components)
    noise : (sweeps, levels * width), rest_noise : (sweeps, rest)
        Standard normal numbers.
    stretch : (sweeps, levels)
        What those of a level are multiplied by.
    eps : (effects,)
        Where the chain is, and then is.
    kept : (sweeps,)
        At which point the chain then is.
    ratio : (sweeps,)
        Log importance weights of proposals over that of where the chain was, with the same ε.
    density : (draws,)
        The log density of (ψ, ε) but for ψ's prior, after every (sweeps / draws) sweeps.
    effects : (draws, effects) or (0, effects)
        u then.
    apart_noise, apart_chance : (sweeps, rest) or (0, rest)
        Student-t vectors for levels of the rest one by one, where these are drawn, and exponential numbers.
    along : (directions, rest)
        Orthonormal directions in which nothing of the rest's ε stays.
    accepted : (6,)
        How many proposals, inner levels, components, and levels of the rest one by one were; of how many points no
        density could be computed; and how many proposals near by were accepted.
    levels : (levels,), components : (components,)
        How often each was.
    sums : (components,), proposed : (effects,), gain : (rest,)
        Scratch.
    steps : int
        Of Newton's for the inner levels: 0 or 1.
    heavy : float
        Degrees of freedom of proposals for inner levels, and for levels of the rest one by one.
    rho : float
        How much of the rest's ε stays.
    close : float
        How near the quadratic's mode is to be found where it is iterated: its squared distance in posterior sds.
    """

    places: int
    step: Matrix
    near_chance: Vector
    chance: Vector
    inner_chance: Matrix
    rest_chance: Matrix
    noise: Matrix
    rest_noise: Matrix
    stretch: Matrix
    eps: Vector
    kept: Integers
    ratio: Vector
    density: Vector
    effects: Matrix
    apart_noise: Matrix
    apart_chance: Matrix
    along: Matrix
    accepted: Vector
    levels: Vector
    components: Vector
    sums: Vector
    proposed: Vector
    gain: Vector
    steps: int
    heavy: float
    rho: float
    close: float


SWEEPS = Struct(Sweeps)


@jit
def _inner(t: Tables, s: Sweeps, at: int, k: Work, other: Work) -> None:
    """New ε for each inner level, each taken or not: given ψ and the rest levels are independent."""
    J, q, JQ = t.size[1], t.size[2], t.size[1] * t.size[2]
    new, e, v = other.d, s.noise[at], other.v
    for j in range(J):
        for i in range(j * q, (j + 1) * q):
            e[i] *= s.stretch[at, j]
            new[i] = e[i]
    backward_blocks(t, k.C, new)
    for i in range(JQ):
        v[i] = k.centre[i] + new[i]
    to_effects(t, k.F, v, other.u, 0, 0)
    for i in range(JQ, len(v)):
        other.u[i] = k.u[i]
    level_values(t, k, other.u, other)
    power = 0.5 * (s.heavy + q)
    for j in range(J):
        gain, before, after = other.ll[j] - k.ll[j], 0.0, 0.0
        for i in range(j * q, (j + 1) * q):
            gain += 0.5 * (k.v[i] * k.v[i] - v[i] * v[i])
            before += s.eps[i] * s.eps[i]
            after += e[i] * e[i]
        gain += power * log((s.heavy + after) / (s.heavy + before))
        if s.inner_chance[at, j] > -gain:
            s.levels[j] += 1.0
            s.accepted[1] += 1.0
            k.ll[j] = other.ll[j]
            for i in range(j * q, (j + 1) * q):
                k.v[i], k.u[i], s.eps[i] = v[i], other.u[i], e[i]


@jit
def _rest(t: Tables, anchor: Anchor, s: Sweeps, at: int, k: Work, other: Work) -> None:
    """New ε for the rest, component by component, those of inner levels as they are."""
    J, q, JQ = t.size[1], t.size[2], t.size[1] * t.size[2]
    e, tau, noise = s.proposed, sqrt(1.0 - s.rho * s.rho), s.rest_noise[at]
    copy(s.eps, e)
    for r in range(t.size[4]):
        e[JQ + r] = s.rho * s.eps[JQ + r] + tau * noise[r]
    for h in range(s.along.shape[0]):
        way = s.along[h]
        x = 0.0
        for r in range(t.size[4]):
            x += way[r] * (noise[r] - e[JQ + r])
        for r in range(t.size[4]):
            e[JQ + r] += x * way[r]
    fill(s.sums, 0.0)
    if settle(t, anchor, k, e, s.steps, other) == -inf:
        s.accepted[4] += 1.0
        return
    for j in range(J):
        h = t.belongs[j]
        if h >= 0:
            gain = other.ll[j] - k.ll[j] - other.root[j] + k.root[j]
            for i in range(j * q, (j + 1) * q):
                gain += 0.5 * (k.v[i] * k.v[i] - other.v[i] * other.v[i])
            s.sums[h] += gain
    for h in range(t.size[5]):
        first, last = JQ + t.component[h], JQ + t.component[h + 1]
        for i in range(first, last):
            s.sums[h] += 0.5 * (e[i] * e[i] - s.eps[i] * s.eps[i] + k.v[i] * k.v[i] - other.v[i] * other.v[i])
        good = s.rest_chance[at, h] > -s.sums[h]
        s.sums[h] = 1.0 if good else 0.0
        if good:
            s.components[h] += 1.0
            s.accepted[2] += 1.0
            for i in range(first, last):
                k.v[i], k.u[i], s.eps[i] = other.v[i], other.u[i], e[i]
    for j in range(J):
        if t.belongs[j] >= 0 and s.sums[t.belongs[j]] > 0.0:
            _take_level(t, j, other, k)


@jit
def _apart(t: Tables, anchor: Anchor, s: Sweeps, at: int, k: Work, other: Work) -> None:
    """New v for levels of the rest one by one; all as it was where these have no ε."""
    v, u = k.krylov[0], k.krylov[1]
    copy(k.v, v)
    copy(k.u, u)
    copy(k.ll, other.ll)
    copy(s.eps, s.proposed)
    taken = refresh_apart(t, anchor, k, s.apart_noise[at], s.heavy, s.apart_chance[at], s.gain, other)
    if unsettle(t, anchor, k, s.eps, s.steps, other):
        s.accepted[3] += taken
        return
    s.accepted[4] += 1.0
    copy(v, k.v)
    copy(u, k.u)
    copy(other.ll, k.ll)
    copy(s.proposed, s.eps)


@jit
def _take_level(t: Tables, j: int, other: Work, k: Work) -> None:
    """What depends on ε of one inner level, from another's."""
    q = t.size[2]
    k.ll[j], k.root[j] = other.ll[j], other.root[j]
    for i in range(j * q, (j + 1) * q):
        k.v[i], k.u[i], k.centre[i] = other.v[i], other.u[i], other.centre[i]
    for i in range(j * q * q, (j + 1) * q * q):
        k.C[i] = other.C[i]


@jit
def _density(t: Tables, anchor: Anchor, s: Sweeps, p: Places, point: int, k: Work) -> float:
    """The log density of a point with the chain's ε."""
    found, prior = -inf, float(p.prior[point])
    if prior == -inf:
        return -inf
    if locate(t, anchor, p.scalars[point], p.factors[point], k, s.close):
        found = settle(t, anchor, k, s.eps, s.steps, k)
    if found == -inf:
        s.accepted[4] += 1.0
    return found + prior


@jit
def walk(t: Tables, anchor: Anchor, first: Work, second: Work, third: Work, s: Sweeps) -> None:
    """The sweeps, from the first point and `s.eps` on."""
    p, sweeps = _places(s.places), len(s.chance)
    thin, state, now, works = sweeps // len(s.density), 0, 0, (first, second)
    _density(t, anchor, s, p, 0, first)
    for at in range(sweeps):
        here = works[now].value[1] + p.prior[state] - p.proposal[state]
        s.ratio[at] = _density(t, anchor, s, p, 1 + at, works[1 - now]) - p.proposal[1 + at] - here
        if s.chance[at] > -s.ratio[at]:
            s.accepted[0] += 1.0
            state, now = 1 + at, 1 - now
        if (at + 1) % EVERY == 0:
            move = at // EVERY
            near, here = 1 + sweeps + move, works[now].value[1] + p.prior[state]
            place(p, near, state, s.step[move])
            if s.near_chance[move] > here - _density(t, anchor, s, p, near, works[1 - now]):
                s.accepted[5] += 1.0
                state, now = near, 1 - now
        k = works[now]
        if t.size[2] > 0:
            _inner(t, s, at, k, third)
        if t.size[4] > 0:
            _rest(t, anchor, s, at, k, third)
            if len(s.apart_noise) > 0:
                _apart(t, anchor, s, at, k, third)
        found = log_density(t, k, k)
        s.kept[at] = state
        if (at + 1) % thin == 0:
            draw = (at + 1) // thin - 1
            s.density[draw] = found
            if len(s.effects) > 0:
                copy(k.u, s.effects[draw])
