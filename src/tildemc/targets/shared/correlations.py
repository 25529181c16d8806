"""The Cholesky factor of correlations that follow from a few numbers, and the way back of derivatives.

Registers and triangles stand in memory that the caller has: first the registers, as many again for derivatives, then
the factor, row by row, and as much again.
"""

from __future__ import annotations

from math import exp, nan, sqrt

import numpy as np

from tildemc.arrays import Floats
from tildemc.kernels import jit, kernel
from tildemc.kernels.views import fill, view
from tildemc.targets.shared.recipes import (
    ADD,
    CONSTANT,
    CORRELATED,
    DIVIDE,
    HEAD,
    MULTIPLY,
    NEG,
    ON_DIAGONAL,
    POWER,
    STEP,
    SUBTRACT,
    TRIANGLE,
    room_for,
)

__all__ = [
    "differentiate_unit",
    "factor_back",
    "factor_of",
    "run",
    "run_back",
    "triangle_at",
    "unit_factor",
    "with_memory",
]


@jit
def triangle_at(recipe: Floats) -> int:
    """Where in the memory the factor begins."""
    return 2 * int(recipe[0] + recipe[1])


@jit
def unit_factor(recipe: Floats, shapes: Floats, memory: Floats) -> None:
    """Work the factor out: NaN from where the correlations are not positive definite."""
    size, n = int(recipe[0]), int(recipe[2])
    for k in range(size):
        memory[k] = shapes[k]
    run(recipe, memory)
    entry, L = recipe[HEAD + STEP * int(recipe[1]) :], memory[triangle_at(recipe) :]
    if recipe[3] == ON_DIAGONAL:
        for i in range(n):
            for j in range(i):
                L[i * (i + 1) // 2 + j] = 0.0
            L[i * (i + 1) // 2 + i] = memory[int(entry[i])]
        return
    if recipe[3] == TRIANGLE:
        for k in range(n * (n + 1) // 2):
            L[k] = memory[int(entry[k])]
        return
    for i in range(n):
        row, below = i * (i + 1) // 2, i * (i - 1) // 2
        for j in range(i + 1):
            other = j * (j + 1) // 2
            found = 1.0 if i == j else memory[int(entry[below + j])]
            for k in range(j):
                found -= L[row + k] * L[other + k]
            if i == j:
                L[row + i] = sqrt(found) if found > 0.0 else nan
            else:
                L[row + j] = found / L[other + j]


@jit
def run(recipe: Floats, registers: Floats) -> None:
    """Go through a recipe's steps, each of which fills a register after those of the numbers."""
    size, steps = int(recipe[0]), int(recipe[1])
    for s in range(steps):
        at = HEAD + STEP * s
        step, a, b = int(recipe[at]), recipe[at + 1], recipe[at + 2]
        if step == CONSTANT:
            registers[size + s] = a
            continue
        x = registers[int(a)]
        if step == POWER:
            registers[size + s] = x**b
        elif step == NEG:
            registers[size + s] = -x
        elif step <= DIVIDE:
            y = registers[int(b)]
            if step == ADD:
                registers[size + s] = x + y
            elif step == SUBTRACT:
                registers[size + s] = x - y
            elif step == MULTIPLY:
                registers[size + s] = x * y
            else:
                registers[size + s] = x / y
        else:
            registers[size + s] = exp(x)


@jit
def differentiate_unit(recipe: Floats, memory: Floats) -> None:
    """From derivatives by the factor, which stand behind it, to those by the numbers, which stand behind the registers.

    The memory is as `unit_factor` left it: the steps of the factorisation are taken backwards, each derivative handed
    on to what its entry was made of.
    """
    size, steps, n = int(recipe[0]), int(recipe[1]), int(recipe[2])
    m, first, triangle = size + steps, triangle_at(recipe), n * (n + 1) // 2
    L, D = memory[first : first + triangle], memory[first + triangle :]
    by, entry = memory[m : 2 * m], recipe[HEAD + STEP * steps :]
    fill(by, 0.0)
    if recipe[3] == ON_DIAGONAL:
        for i in range(n):
            by[int(entry[i])] += D[i * (i + 1) // 2 + i]
    elif recipe[3] == TRIANGLE:
        for k in range(triangle):
            by[int(entry[k])] += D[k]
    for i in range(n - 1 if recipe[3] == CORRELATED else -1, -1, -1):
        row, below = i * (i + 1) // 2, i * (i - 1) // 2
        for j in range(i, -1, -1):
            other = j * (j + 1) // 2
            if i == j:
                d = 0.5 * D[row + i] / L[row + i]
            else:
                d = D[row + j] / L[other + j]
                D[other + j] -= d * L[row + j]
                by[int(entry[below + j])] += d
            for k in range(j):
                D[row + k] -= d * L[other + k]
                D[other + k] -= d * L[row + k]
    run_back(recipe, memory, by)


@jit
def run_back(recipe: Floats, registers: Floats, by: Floats) -> None:
    """The way back of `run`: what `by` has of registers is handed on to those that they were made of."""
    size, steps = int(recipe[0]), int(recipe[1])
    for s in range(steps - 1, -1, -1):
        at = HEAD + STEP * s
        step, d = int(recipe[at]), by[size + s]
        if step == CONSTANT or d == 0.0:
            continue
        a, b = int(recipe[at + 1]), recipe[at + 2]
        if step == POWER:
            by[a] += d * b * registers[a] ** (b - 1.0)
        elif step == NEG:
            by[a] -= d
        elif step <= DIVIDE:
            c = int(b)
            if step == ADD:
                by[a] += d
                by[c] += d
            elif step == SUBTRACT:
                by[a] += d
                by[c] -= d
            elif step == MULTIPLY:
                x, y = registers[a], registers[c]
                by[a] += d * y
                by[c] += d * x
            else:
                by[a] += d / registers[c]
                by[c] -= d * registers[size + s] / registers[c]
        else:
            by[a] += d * registers[size + s]


@kernel
def factor_of(recipe_: Floats, shapes_: Floats, memory_: Floats) -> None:
    """`unit_factor`, for arrays."""
    unit_factor(view(recipe_), view(shapes_), view(memory_))


@kernel
def factor_back(recipe_: Floats, memory_: Floats) -> None:
    """`differentiate_unit`, for arrays."""
    differentiate_unit(view(recipe_), view(memory_))


def with_memory(recipe: Floats) -> Floats:
    """Memory to work a recipe out in."""
    return np.empty(room_for(recipe))
