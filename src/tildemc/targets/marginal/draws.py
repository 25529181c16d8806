"""Many points -> log p(y | variances) at each and draws of all effects; chains that choose among them."""

from __future__ import annotations

from math import inf

from tildemc.arrays import Floats, Integers
from tildemc.kernels import jit, kernel
from tildemc.kernels.views import Cube, Vector, view
from tildemc.targets.marginal.blocked import (
    BLOCKS,
    WORK,
    Blocks,
    Work,
    apply_factors,
    solve_transposed,
    solve_upper,
    value,
)

__all__ = ["chain", "sweep"]


_blocks, _work = BLOCKS.at, WORK.at


@jit
def _draw(b: Blocks, factors: Cube, work: Work, out: Vector) -> None:
    """One draw of all effects after the `value` that filled `work`: the eliminated factor's, then the rest.

    `out` holds standard normal noise before.
    """
    J, q, m = b.size[0], b.size[1], b.size[2]
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
        solve_transposed(work.levels[j], v)
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
        # The start is taken whatever it is; later points by their weight.
        if s == 0 or chance[s] < values[s] - values[state]:
            now, state = 1 - now, s
        kept[s] = state
        if s > 0 and s % thin == 0:
            _draw(b, factors[state], works[now], effects[s // thin - 1])
