"""Quantities that are made of others: of their shift and of a standard quantity times their stretch; and the way back.

Shift and stretch are arithmetic of what stands in `value` already; kernels go through its steps (`shared/recipes`).
"""

from __future__ import annotations

from tildemc.arrays import Floats
from tildemc.kernels import jit
from tildemc.kernels.views import fill
from tildemc.targets.direct.tables import Made, Tables
from tildemc.targets.shared.correlations import run, run_back
from tildemc.targets.shared.recipes import HEAD, STEP

__all__ = ["make", "make_back"]


@jit
def make(t: Tables, value: Floats, standard: Floats, memory: Floats) -> None:
    """What is made, in the place of what it is made of; `standard` keeps that for the way back."""
    for k in range(t.made.size):
        m = t.made[k]
        standard[k] = value[m.at]
        shift, stretch = _run(t, m, value, memory)
        value[m.at] = memory[shift] + memory[stretch] * standard[k]


@jit
def _run(t: Tables, m: Made, value: Floats, memory: Floats) -> tuple[int, int]:
    """Work the arithmetic out; returns where shift and stretch stand."""
    recipe = t.floats[m.recipe :]
    for j in range(int(recipe[0])):
        memory[j] = value[t.columns[m.inputs + j]]
    run(recipe, memory)
    last = HEAD + STEP * int(recipe[1])
    return int(recipe[last]), int(recipe[last + 1])


@jit
def make_back(t: Tables, value: Floats, standard: Floats, d_value: Floats, memory: Floats) -> None:
    """From derivatives by what is made to those by what it is made of, the last one first."""
    for k in range(t.made.size - 1, -1, -1):
        m = t.made[k]
        recipe, d = t.floats[m.recipe :], d_value[m.at]
        shift, stretch = _run(t, m, value, memory)
        inputs = int(recipe[0])
        registers = inputs + int(recipe[1])
        by = memory[registers : 2 * registers]
        fill(by, 0.0)
        by[shift] += d
        by[stretch] += d * standard[k]
        run_back(recipe, memory, by)
        for j in range(inputs):
            d_value[t.columns[m.inputs + j]] += by[j]
        d_value[m.at] = d * memory[stretch]
