"""A warm exact fit, formula text and data frame to 4 × 1,000 draws, against lmer's REML estimates, in turns in one run.

`python benchmarks/exact_vs_lmer.py [--runs 9] [PROBLEM …]` prints medians of wall and processor seconds, and the ratio
pair by pair. R with lme4 must be installed; it reads the data once, and its process stays. `--profile` prints where our
time goes instead.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
from exact_vs_direct import PROBLEMS, SHARED, Problem

import tildemc as tm

CHOSEN = ("sleepstudy", "radon", "InstEval")
FACTORS = ("s", "d", "dept", "service", "Subject", "county")
R = """
suppressMessages(library(lme4))
d <- read.csv("{path}")
for (v in intersect(names(d), c({factors}))) d[[v]] <- factor(d[[v]])
input <- file("stdin", "r")
while (length(readLines(input, 1))) {{
  used <- system.time(lmer({formula}, d))
  cat(used[["elapsed"]], used[["user.self"]] + used[["sys.self"]], "\\n")
  flush(stdout())
}}
"""

Seconds = tuple[float, float]
"""Of wall and of processor time."""


class Lmer:
    """A process of R that fits a model each time it is asked."""

    def __init__(self, problem: Problem, path: Path) -> None:
        code = R.format(path=path, factors=", ".join(map('"{}"'.format, FACTORS)), formula=problem.lmer)
        self._process = subprocess.Popen(
            ["Rscript", "-e", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def fit(self) -> Seconds:
        """Fit once more."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        wall, used = self._process.stdout.readline().split()
        return float(wall), float(used)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


@contextmanager
def lmer(problem: Problem, path: Path) -> Iterator[Lmer]:
    """The process, until its last fit."""
    found = Lmer(problem, path)
    try:
        yield found
    finally:
        found.close()


def exact(problem: Problem, frame: pd.DataFrame) -> Seconds:
    """One fit of ours."""
    start, used = time.perf_counter(), time.process_time()
    tm.model(problem.formula, frame).fit(method="exact", seed=1, progress=False)
    return time.perf_counter() - start, time.process_time() - used


def data(path: Path) -> pd.DataFrame:
    """Factors as text, as R has them as factors."""
    frame = pd.read_csv(path)
    return frame.assign(**{name: frame[name].astype(str) for name in FACTORS if name in frame})


def compare(name: str, path: Path, runs: int) -> str:
    """A row of the table."""
    problem, frame = PROBLEMS[name], data(path)
    with lmer(problem, path) as theirs:
        exact(problem, frame), theirs.fit()
        pairs = np.array([(exact(problem, frame), theirs.fit()) for _ in range(runs)])
    (wall, cpu), (their_wall, their_cpu) = np.median(pairs, axis=0)
    ratios = np.median(pairs[:, 0] / pairs[:, 1], axis=0)
    return (
        f"| {name} | {wall:.3f} ({cpu:.3f}) | {their_wall:.3f} ({their_cpu:.3f}) | {ratios[0]:.2f} ({ratios[1]:.2f}) |"
    )


def profile(name: str, path: Path) -> None:
    """Print the functions that take most of a warm fit."""
    problem, frame = PROBLEMS[name], data(path)
    exact(problem, frame)
    profiler = cProfile.Profile()
    profiler.runcall(exact, problem, frame)
    pstats.Stats(profiler).sort_stats("cumulative").print_stats("tildemc", 45)


def main() -> None:
    """Print the table, or profiles."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("problems", nargs="*", default=CHOSEN)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--profile", action="store_true")
    said = parser.parse_args()
    assert SHARED is not None, "the open data sets lie in a folder `shared` beside the checkout"
    if not said.profile:
        print("| model | exact, s (cpu) | lmer, s (cpu) | ratio (cpu), pair by pair |\n|---|---|---|---|")
    for name in said.problems:
        path = SHARED / "data/open" / f"{name}.csv"
        if said.profile:
            profile(name, path)
        else:
            print(compare(name, path, said.runs), flush=True)


if __name__ == "__main__":
    main()
