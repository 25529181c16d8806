"""The engine of `auto` against the direct one, Bambi with nutpie, and glmer's and glmmTMB's point estimates, of R.

`python glmm.py [MODEL …] [--bambi PYTHON] [--no-direct]` prints a table in Markdown: seconds of processor time and of
wall time in a warm process, from formula and data frame to draws; the least bulk ESS of population effects and other
parameters, of sds, of effects; how many times more effective draws a processor second `auto` gives than the direct
engine, the least of each; and how many times longer Bambi takes until its least ESS is ours, in wall time.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from engines_vs_peers import results
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


def told(cost: Cost) -> str:
    """Seconds, and effective draws."""
    return f"{cost.used:.2f}, {cost.wall:.2f}; " + ", ".join(f"{size:.0f}" for size in cost.sizes)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", metavar="MODEL", help=f"of {', '.join(PROBLEMS)}; all without any")
    parser.add_argument("--bambi", metavar="PYTHON", help="a Python that has Bambi, with nutpie")
    parser.add_argument("--no-direct", action="store_true", help="leave out the direct engine")
    asked = parser.parse_args()
    names = tuple(asked.models or PROBLEMS)
    peers = results(asked.bambi, "bambi", names) if asked.bambi else {}
    print(
        "| model | auto: cpu, wall s; least ESS | direct: cpu, wall s; least ESS | ratio "
        "| Bambi: wall s; least ESS | ratio to equal ESS | glmer, glmmTMB cpu s |"
    )
    print("|---|---|---|---|---|---|---|")
    for name in names:
        problem = PROBLEMS[name]
        frame = problem.frame()
        ours = cost(problem, frame, "auto")
        cells = [name, told(ours), "—", "—", "—", "—"]
        if not asked.no_direct:
            direct = cost(problem, frame, "direct")
            cells[2:4] = told(direct), f"{ours.rate / direct.rate:.1f}"
        if name in peers:
            their = peers[name]
            least = min(their["ess"], their["ess_effects"])
            cells[4] = f"{their['seconds']:.1f}; {their['ess']:.0f}, {their['ess_effects']:.0f}"
            cells[5] = f"{their['seconds'] / least * min(ours.sizes) / ours.wall:.0f}"
        point = ", ".join(in_r(problem, frame, *who) for who in (("lme4", "glmer"), ("glmmTMB", "glmmTMB")))
        print("|", " | ".join((*cells, point)), "|", flush=True)
        print(f"  {ours.path}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
