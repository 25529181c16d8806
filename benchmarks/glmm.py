"""The transport engine against the direct one, and point estimates of glmer and glmmTMB (if R has them).

`python glmm.py [PROBLEM …]` prints a table in Markdown: seconds of processor time and of wall time in a warm process,
from formula and data frame to draws; the least bulk ESS of population effects and other parameters, of sds, of effects;
and how many times more effective draws a processor second the transport gives, the least of each.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from mixed import PROBLEMS, Problem

import tildemc as tm
from tildemc.results.diagnose import COLUMNS, diagnose
from tildemc.results.fit import Fit


@dataclass(frozen=True)
class Cost:
    """Seconds, and the least ESS of parameters, of sds, and of effects."""

    used: float
    wall: float
    sizes: tuple[float, float, float]
    path: str

    @property
    def rate(self) -> float:
        """Effective draws a processor second, the least."""
        return min(self.sizes) / self.used


def cost(problem: Problem, frame: pd.DataFrame, method: str, repeats: int = 2) -> Cost:
    """The cheapest of some warm runs."""
    best: Cost | None = None
    for repeat in range(repeats + 1):
        start, used = time.perf_counter(), time.process_time()
        fit = tm.model(problem.formula, frame, family=problem.family).fit(
            method=method, seed=10 + repeat, progress=False
        )
        used, wall = time.process_time() - used, time.perf_counter() - start
        if repeat and (best is None or used < best.used):
            best = Cost(used, wall, least_sizes(fit), fit.path)
    assert best is not None
    return best


def least_sizes(fit: Fit) -> tuple[float, float, float]:
    """The least bulk ESS of what is no group's, of sds and correlations, and of effects."""
    found = [np.inf, np.inf, np.inf]
    for name, values in fit.groups["posterior"].variables.items():
        array = np.asarray(values[1])
        flat = np.asarray(array, dtype=float).reshape(*array.shape[:2], -1)
        kind = 2 if name.startswith(("r_", "z_")) else 1 if name.startswith(("sd_", "cor_")) else 0
        sizes = diagnose(np.moveaxis(flat, 2, 0))[:, COLUMNS.index("ess_bulk")]
        found[kind] = min(found[kind], float(np.fmin.reduce(sizes, initial=np.inf)))
    return found[0], found[1], found[2]


R = """
suppressMessages({{library({package})}})
d <- read.csv("{path}", stringsAsFactors = TRUE)
for (v in c("herd", "period", "patient", "obs")) if (v %in% names(d)) d[[v]] <- factor(d[[v]])
for (i in 1:2) t <- system.time(try({package}::{call}({formula}, d, family = {family}), silent = TRUE))
cat(t[["user.self"]] + t[["sys.self"]])
"""


def in_r(problem: Problem, frame: pd.DataFrame, package: str, call: str) -> str:
    """Processor seconds of a point estimate; a dash where R cannot."""
    if shutil.which("Rscript") is None or (call == "glmer" and problem.r_family == "nbinom2"):
        return "—"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        frame.to_csv(path, index=False)
        formula = problem.formula
        code = R.format(package=package, call=call, path=path, formula=formula, family=problem.r_family)
        run = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=False)
    return f"{float(run.stdout.split()[-1]):.2f}" if run.returncode == 0 and run.stdout.strip() else "—"


def main(names: list[str]) -> None:
    """Print the table."""
    print(
        "| model | transport: cpu, wall s; least ESS | direct: cpu, wall s; least ESS | ratio | glmer, glmmTMB cpu s |"
    )
    print("|---|---|---|---|---|")
    for name in names or PROBLEMS:
        problem = PROBLEMS[name]
        frame = problem.frame()
        ours, theirs = (cost(problem, frame, method) for method in ("transport", "direct"))
        told = [
            f"{each.used:.2f}, {each.wall:.2f}; " + ", ".join(f"{size:.0f}" for size in each.sizes)
            for each in (ours, theirs)
        ]
        point = ", ".join(in_r(problem, frame, *who) for who in (("lme4", "glmer"), ("glmmTMB", "glmmTMB")))
        print(f"| {name} | {told[0]} | {told[1]} | {ours.rate / theirs.rate:.1f} | {point} |", flush=True)
        print(f"  {ours.path}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
