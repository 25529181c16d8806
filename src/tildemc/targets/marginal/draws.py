"""Many points -> log p(y | variances) at each and draws of all effects; chains that choose among them."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from tildemc.arrays import Floats, Integers
from tildemc.kernels import jit, kernel
from tildemc.kernels.lanes import LANES, WIDTH, aligned, into_lane, lane
from tildemc.kernels.structures import Packed, Struct, at_by_length, pack
from tildemc.kernels.views import Cube, Vector, numbers, view
from tildemc.targets.marginal.blocked import (
    BLOCKS,
    WORK,
    Blocks,
    Work,
    apply_factors,
    in_lanes,
    solve_transposed,
    solve_upper,
    value,
)

__all__ = ["chain", "several", "sweep", "sweep_in_lanes", "walk"]


class Several(NamedTuple):
    """What as many points as there are lanes come with, and go with."""

    factors: Cube  # (factors, widest, widest)
    precision: Vector  # (classes,)
    effects: Vector  # (effects,)


SEVERAL = Struct(Several, LANES)


def several(*shapes: tuple[int, ...]) -> Packed:
    """Memory for the points of `sweep_in_lanes`, some at a time; the shapes of what they have."""
    return pack(SEVERAL, tuple(map(aligned, shapes)))


_blocks, _work, _work_in_lanes, _several = BLOCKS.at, WORK.at, at_by_length(in_lanes), SEVERAL.at


@jit
def _draw(b: Blocks, factors: Cube, work: Work, out: Vector) -> None:
    """One draw of all effects after the `value` that filled `work`: the eliminated factor's, then the rest.

    `out` holds standard normal noise before.
    """
    J, q, m = b.size[0], work.w.shape[1], b.size[2]
    L, rest = factors[0], out[J * q :]
    # A⁻¹ r + A^(-½) noise, from the factor that `value` left behind: U⁻¹ (z + noise) has mean U⁻¹ z and covariance
    # (Uᵀ U)⁻¹, which are the rest's.
    for i in range(m):
        rest[i] += work.z[i]
    solve_upper(work.U, rest)
    apply_factors(b, factors, rest)
    # Given the rest, the levels of the eliminated factor are independent of one another.
    for j in range(J):
        v = out[j * q : (j + 1) * q]
        for a in range(q):
            v[a] += work.w[j, a]
        for i in range(b.neighbour[j], b.neighbour[j + 1]):
            for a in range(q):
                v[a] -= work.W[i, a] * rest[b.column[i]]
        solve_transposed(work.levels[j], work.inverses[j], v)
        for a in range(q - 1, -1, -1):
            total = 0.0
            for k in range(a + 1):
                total += L[a, k] * v[k]
            v[a] = total


@jit
def _same(x: Vector, y: Vector) -> bool:
    equal = True
    for k in range(len(x)):
        equal &= x[k] == y[k]
    return equal


@kernel
def sweep(at: int, workspace: int, factors_: Floats, precision_: Floats, values: Floats, effects_: Floats) -> None:
    """`value` at many points; and a draw of all effects at each where there is room for one.

    Parameters
    ----------
    at, workspace : int
        Addresses of Blocks and Work.
    factors_ : (points, factors, widest, widest), precision_ : (points, classes)
    values : (points,)
        Is filled.
    effects_ : (points, effects) or (points, 0)
        Standard normal noise, which the draws take the place of.
    """
    b, work, factors, precision, effects = (
        _blocks(at),
        _work(workspace),
        view(factors_),
        view(precision_),
        view(effects_),
    )
    for s in range(len(values)):
        # Draws that stand at one point, as those of a chain do, share one factorisation.
        if s > 0 and _same(factors[s].flat, factors[s - 1].flat) and _same(precision[s], precision[s - 1]):
            values[s] = values[s - 1]
        else:
            values[s] = value(b, factors[s], precision[s], True, work)
        if effects.shape[1] > 0:
            _draw(b, factors[s], work, effects[s])


@kernel
def sweep_in_lanes(
    at: int, workspace: int, several: int, width: tuple[int, ...], factors_: Floats, precision_: Floats, values: Floats,
    effects_: Floats,
) -> None:  # fmt: skip
    """`sweep`, as many points at once as there are lanes; the first three are addresses of Blocks, Work and Several.

    `width` is as long as a level has effects, so that the loops over them are known when they are compiled; empty if
    these are many.
    """
    b, work, here = _blocks(at), _work_in_lanes(workspace, width), _several(several)
    factors, precision, effects = view(factors_), view(precision_), view(effects_)
    for first in range(0, len(values), WIDTH):
        size = min(WIDTH, len(values) - first)
        for i in range(WIDTH):
            # The last point stands in all lanes that are left.
            s = first + min(i, size - 1)
            into_lane(i, numbers(factors[s]), numbers(here.factors))
            into_lane(i, precision[s], numbers(here.precision))
        found = value(b, here.factors, here.precision, True, work)
        for i in range(size):
            values[first + i] = lane(found, i)
        if effects.shape[1] > 0:
            rows, drawn = effects[first : first + size], numbers(here.effects)
            for i in range(WIDTH):
                into_lane(i, rows[min(i, size - 1)], drawn)
            _draw(b, here.factors, work, here.effects)
            for i in range(size):
                for k in range(rows.shape[1]):
                    rows[i, k] = drawn[k * WIDTH + i]


@jit
def _taken(s: int, state: int, chance: Floats, values: Floats) -> bool:
    """Whether a chain goes from one point to another: to the start whatever it is, to later ones by their weight."""
    return s == 0 or chance[s] < values[s] - values[state]


@kernel
def walk(chance: Floats, values: Floats, kept: Integers) -> None:
    """The chain of `chain` among points whose log importance weights are known."""
    state = 0
    for s in range(len(values)):
        if _taken(s, state, chance, values):
            state = s
        kept[s] = state


@kernel
def chain(
    at: int, workspaces: tuple[int, int], factors_: Floats, precision_: Floats, offset: Floats, chance: Floats,
    values: Floats, kept: Integers, effects_: Floats,
) -> None:  # fmt: skip
    """Metropolis among points that were proposed independently, with a draw of all effects at each that is kept.

    Parameters
    ----------
    at, workspaces : int
        Addresses of Blocks and of one Work and another.
    factors_ : (1 + proposals, factors, widest, widest), precision_ : (1 + proposals, classes)
        Of the start and of each proposal.
    offset : (1 + proposals,)
        What to add to `value` for the log of an importance weight; -inf for a point that is not one.
    chance : (1 + proposals,)
        Logs of uniform numbers; the first is not used.
    values : (1 + proposals,), kept : (1 + proposals,)
        Are filled: log importance weights, and at which point the chain then is.
    effects_ : (draws, effects)
        As in `sweep`: after every (proposals / draws) proposals the state's own.
    """
    b, works = _blocks(at), (_work(workspaces[0]), _work(workspaces[1]))
    factors, precision, effects = view(factors_), view(precision_), view(effects_)
    thin = (len(values) - 1) // max(len(effects), 1)
    now, state = 0, 0
    for s in range(len(values)):
        # An independence chain accepts by the ratio of two importance weights: the proposal's density is in `offset`.
        # Two workspaces, so that the state's factor is still there when the next proposal is turned down.
        values[s] = -inf
        if offset[s] > -inf:
            values[s] = value(b, factors[s], precision[s], True, works[1 - now]) + offset[s]
        if _taken(s, state, chance, values):
            now, state = 1 - now, s
        kept[s] = state
        if s > 0 and s % thin == 0:
            _draw(b, factors[state], works[now], effects[s // thin - 1])
