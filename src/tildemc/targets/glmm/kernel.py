"""The kernel: everything that is done with rows, in one piece of machine code, for most of it serves every task."""

from __future__ import annotations

from math import inf

from tildemc.arrays import Floats
from tildemc.kernels import kernel
from tildemc.kernels.views import copy, view
from tildemc.targets.glmm.anchors import average_anchor, make_anchor
from tildemc.targets.glmm.blocked import to_effects
from tildemc.targets.glmm.chain import SWEEPS, walk
from tildemc.targets.glmm.tables import ANCHOR, TABLES, WORK
from tildemc.targets.glmm.transport import level_values, locate, newton, settle

__all__ = ["ANCHORED", "AT", "AVERAGED", "LAPLACE", "SETTLED", "WALK", "run"]

LAPLACE, ANCHORED, AVERAGED, SETTLED, AT, WALK = 0, 1, 2, 3, 4, 5
"""What may be asked: Laplace's log likelihood, an anchor at a mode or by averages, the density of (ψ, ε), levels' log
likelihoods at given v, or sweeps of a chain."""
CLOSEST = 1e-13
"""How near the quadratic's mode is found where it is iterated: differences are taken of what follows."""

_tables, _anchor, _work, _sweeps = TABLES.at, ANCHOR.at, WORK.at, SWEEPS.at


@kernel
def run(
    task: int, tables: int, anchor_: int, works: tuple[int, int, int], other: int, scalars_: Floats, factors_: Floats,
    steps: int, tolerance: float, values: Floats, effects_: Floats, levels_: Floats,
) -> None:  # fmt: skip
    """Do a task at many points.

    Parameters
    ----------
    task : int
    tables, anchor_ : int
        Addresses of Tables and Anchor.
    works : three int
        Of memory; averages take the second, too, and chains all.
    other : int
        The address of the Anchor to fill, or of Sweeps.
    scalars_ : (points, ·), factors_ : (points, factors, widest, widest)
    steps : int
        Of Newton's at most, or of the transport.
    tolerance : float
        A Newton step that gains less is the last.
    values : (points,)
        Is filled; -inf where nothing could be computed.
    effects_ : (points, effects) or (points, 0)
        All ε to average over; else ε or v that the task is asked of; where Laplace's is filled with modes.
    levels_ : (points, levels) or (points, 0)
        Is filled with levels' log likelihoods.
    """
    t, anchor, first = _tables(tables), _anchor(anchor_), _work(works[0])
    scalars, factors, effects, levels = view(scalars_), view(factors_), view(effects_), view(levels_)
    if task == WALK:
        walk(t, anchor, first, _work(works[1]), _work(works[2]), _sweeps(other))
        return
    if task == AVERAGED:
        found = locate(t, anchor, scalars[0], factors[0], first, CLOSEST)
        found = found and average_anchor(t, anchor, first, effects, _work(works[1]), _anchor(other))
        values[0] = 0.0 if found else -inf
        return
    for s in range(len(values)):
        values[s] = -inf
        if not locate(t, anchor, scalars[s], factors[s], first, CLOSEST):
            continue
        if task == SETTLED:
            values[s] = settle(t, anchor, first, effects[s], steps, first)
            copy(first.v, effects[s])
        elif task == AT:
            values[s] = 0.0
            to_effects(t, first.F, effects[s], first.u, 0, 1)
            level_values(t, first, first.u, first)
        elif newton(t, first, steps, tolerance):
            values[s] = first.value[2]
            if effects.shape[1] > 0:
                copy(first.v0, effects[s])
            if task == ANCHORED and not make_anchor(t, first, _anchor(other)):
                values[s] = -inf
        if levels.shape[1] > 0:
            copy(first.ll, levels[s])
