"""The direct engine's cost per gradient against the memory that it must read: 100,000 rows, two crossed factors.

Run `python benchmarks/direct_gradient.py`; it prints a table in Markdown.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

import tildemc as tm
from tildemc.targets.direct.entry import addresses, density_function
from tildemc.targets.direct.pack import pack
from tildemc.targets.direct.problem import Problem

ROWS, LEVELS = 100_000, (1_000, 500)


def best(function: Callable[[], object], repeats: int) -> float:
    """The shortest time of a call, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def crossed() -> pd.DataFrame:
    """Counts and whether they are above their median, by three covariates and two crossed factors."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(ROWS, 3)), columns=["a", "b", "c"])
    g, h = (rng.integers(0, J, ROWS) for J in LEVELS)
    eta = 0.5 + frame[["a", "b", "c"]].sum(axis=1) * 0.1
    eta += rng.normal(0, 0.5, LEVELS[0])[g] + rng.normal(0, 0.3, LEVELS[1])[h]
    count = rng.poisson(np.exp(eta))
    return frame.assign(
        count=count, many=(count > np.median(count)).astype(int), y=eta + rng.normal(size=ROWS), g=g, h=h
    )


def gradient(problem: Problem) -> Callable[[], object]:
    """A call of the kernel."""
    number = ctypes.POINTER(ctypes.c_double)
    x, out, value, at = problem.start.copy(), np.empty(problem.size), np.empty(1), addresses(problem.tables)
    kernel, where = density_function().ctypes, at.ctypes.data_as(ctypes.POINTER(ctypes.c_int64))
    arguments = (problem.size, *(array.ctypes.data_as(number) for array in (x, out, value)), where)
    return lambda: kernel(*arguments)


def bandwidth() -> float:
    """Bytes per second that one core reads from memory."""
    large = np.ones(50_000_000)
    return float(large.nbytes / best(large.sum, 5))


def main() -> None:
    """Print the table."""
    frame, rate = crossed(), bandwidth()
    print(f"one core reads {rate / 1e9:.1f} GB/s\n")
    print("| model | µs a gradient | ns a row | bytes a row | µs to read them | ratio |\n|---|---|---|---|---|---|")
    for response, family in (("count", "poisson"), ("many", "bernoulli"), ("y", "gaussian"), ("count", "negbinomial")):
        formula = f"{response} ~ a + b + c + (1 | g) + (1 | h)"
        problem = pack(*(lambda m: (m.spec, m.design))(tm.model(formula, frame, family=family)))
        seconds = best(gradient(problem), 200)
        tables = problem.tables
        size = tables.y.nbytes + 3 * 8 * ROWS + tables.indices.nbytes
        print(
            f"| {family}, `{formula}` | {seconds * 1e6:.0f} | {seconds / ROWS * 1e9:.1f} | {size / ROWS:.0f} | "
            f"{size / rate * 1e6:.0f} | {seconds / (size / rate):.1f} |"
        )


if __name__ == "__main__":
    main()
