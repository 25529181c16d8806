"""The exact engine against our direct engine and lme4's REML fit (if R has it), in one run.

`python exact_vs_direct.py [PROBLEM …]` prints a table in Markdown: seconds of wall time and of processor time in a warm
process, from formula and data frame to draws; lme4's without reading.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import tildemc as tm
from tildemc.engines.exact import sample_exact
from tildemc.engines.settings import Settings
from tildemc.results.fit import Fit

SHARED = next((p / "shared" for p in Path(__file__).resolve().parents if (p / "shared" / "data").is_dir()), None)


@dataclass(frozen=True)
class Problem:
    """A model of an open data set; `draws` of each of 4 chains."""

    data: str
    formula: str
    lmer: str
    draws: int = 1000
    direct: bool = True
    repeats: int = 5


PROBLEMS = {
    p.data: p
    for p in (
        Problem("sleepstudy", "Reaction ~ Days + (1 + Days | Subject)", "Reaction ~ Days + (1 + Days | Subject)"),
        Problem("radon", "log_radon ~ floor + (1 + floor | county)", "log_radon ~ floor + (1 + floor | county)"),
        Problem("Pastes", "strength ~ 1 + (1 | batch/cask)", "strength ~ 1 + (1 | batch/cask)"),
        Problem("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", "diameter ~ 1 + (1 | plate) + (1 | sample)"),
        Problem(
            "InstEval", "y ~ service + (1 | s) + (1 | d) + (1 | dept:service)",
            "y ~ service + (1 | s) + (1 | d) + (1 | dept:service)", draws=250, direct=False, repeats=1,
        ),
    )
}  # fmt: skip


def timed(run: Callable[[], Fit], repeats: int) -> tuple[float, float, float, Fit]:
    """The first run's wall time, the best later one's with its processor time, and a fit."""
    start = time.perf_counter()
    fit = run()
    first, best = time.perf_counter() - start, (np.inf, np.inf)
    for _ in range(repeats):
        start, used = time.perf_counter(), time.process_time()
        fit = run()
        best = min(best, (time.perf_counter() - start, time.process_time() - used))
    return first, *best, fit


def least_ess(fit: Fit) -> float:
    """The smallest bulk ESS of population effects, sds, correlations and sigma, as a share of the draws."""
    return float(fit.summary()["ess_bulk"].min()) / fit.draws


def lme4(problem: Problem, path: Path) -> float:
    """Seconds of lmer, reading the data left out; NaN without R or lme4."""
    if shutil.which("Rscript") is None:
        return float("nan")
    factors = [name for name in ("s", "d", "dept", "Subject", "county") if name in pd.read_csv(path, nrows=1)]
    code = (
        f'suppressMessages(library(lme4)); d <- read.csv("{path}"); '
        f"for (v in c({', '.join(repr(f) for f in factors) or 'character(0)'})) d[[v]] <- factor(d[[v]]); "
        f"cat(system.time(lmer({problem.lmer}, d))[['elapsed']])"
    )
    run = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=False)
    return float(run.stdout.split()[-1]) if run.returncode == 0 and run.stdout.strip() else float("nan")


def main(names: list[str]) -> None:
    """Print the table."""
    assert SHARED is not None, "the open data sets lie in a folder `shared` beside the checkout"
    print("| model | exact, s (first; cpu) | ESS a draw | path | direct, s | ESS a draw | lme4, s |")
    print("|---|---|---|---|---|---|---|")
    for name in names or PROBLEMS:
        problem = PROBLEMS[name]
        path = SHARED / "data/open" / f"{name}.csv"
        frame = pd.read_csv(path)

        def exact(problem: Problem = problem, frame: pd.DataFrame = frame) -> Fit:
            model = tm.model(problem.formula, frame)
            settings = Settings(draws=problem.draws, seed=1, progress=False)
            return sample_exact(model.spec, model.design, settings, "exact")

        def direct(problem: Problem = problem, frame: pd.DataFrame = frame) -> Fit:
            model = tm.model(problem.formula, frame)
            return model.fit(method="direct", draws=problem.draws, seed=1, progress=False)

        first, seconds, used, fit = timed(exact, problem.repeats)
        other = ("—", "—")
        if problem.direct:
            _, theirs, _, nuts = timed(direct, 2)
            other = (f"{theirs:.2f}", f"{least_ess(nuts):.2f}")
        how = fit.path.split("variances by ")[-1].split(", effects")[0]
        print(
            f"| {name} | {seconds:.2f} ({first:.1f}; {used:.2f}) | {least_ess(fit):.2f} | {how} | "
            f"{other[0]} | {other[1]} | {lme4(problem, path):.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
