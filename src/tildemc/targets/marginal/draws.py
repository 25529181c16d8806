"""Many points -> log p(y | variances) at each and draws of all effects; chains that choose among them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tildemc.kernels import inlined, kernel
from tildemc.targets.marginal.blocked import (
    Blocks,
    Work,
    apply_factors,
    solve_transposed,
    solve_upper,
    value,
    workspace,
)

__all__ = ["chain", "sweep"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@inlined
def _draw(b: Blocks, factors: Floats, work: Work, out: Floats) -> None:
    """One draw of all effects after the `value` that filled `work`: the eliminated factor's, then the rest.

    `out` holds standard normal noise before.
    """
    J, q, m = b.size[0], b.size[1], b.size[2]
    L, rest = factors[0], out[J * q :]
    for i in range(m):
        rest[i] += work.z[i]
    solve_upper(work.U, rest)
    apply_factors(b, factors, rest)
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


@kernel
def sweep(b: Blocks, factors: Floats, precision: Floats, values: Floats, effects: Floats) -> None:
    """`value` at many points; and a draw of all effects at each where there is room for one.

    Parameters
    ----------
    factors : (points, factors, widest, widest), precision : (points, classes)
    values : (points,)
        Is filled.
    effects : (points, effects) or (points, 0)
        Standard normal noise, which the draws take the place of.
    """
    work = workspace(b)
    for s in range(len(values)):
        if s > 0 and np.all(factors[s] == factors[s - 1]) and np.all(precision[s] == precision[s - 1]):
            values[s] = values[s - 1]
        else:
            values[s] = value(b, factors[s], precision[s], True, work)
        if effects.shape[1] > 0:
            _draw(b, factors[s], work, effects[s])


@kernel
def chain(
    b: Blocks, factors: Floats, precision: Floats, offset: Floats, chance: Floats, values: Floats, kept: Integers,
    effects: Floats,
) -> None:  # fmt: skip
    """Metropolis among points that were proposed independently, with a draw of all effects at each that is kept.

    Parameters
    ----------
    factors : (1 + proposals, factors, widest, widest), precision : (1 + proposals, classes)
        Of the start and of each proposal.
    offset : (1 + proposals,)
        What to add to `value` for the log of an importance weight; -inf for a point that is not one.
    chance : (1 + proposals,)
        Logs of uniform numbers; the first is not used.
    values : (1 + proposals,), kept : (1 + proposals,)
        Are filled: log importance weights, and at which point the chain then is.
    effects : (draws, effects)
        As in `sweep`: after every (proposals / draws) proposals the state's own.
    """
    works = (workspace(b), workspace(b))
    thin = (len(values) - 1) // max(len(effects), 1)
    now, state = 0, 0
    for s in range(len(values)):
        values[s] = -np.inf
        if offset[s] > -np.inf:
            values[s] = value(b, factors[s], precision[s], True, works[1 - now]) + offset[s]
        # The start is taken whatever it is; later points by their weight.
        if s == 0 or chance[s] < values[s] - values[state]:
            now, state = 1 - now, s
        kept[s] = state
        if s > 0 and s % thin == 0:
            _draw(b, factors[state], works[now], effects[s // thin - 1])
