"""Autoregressive residuals of many series: from formula text to estimates and draws, beside nlme and glmmTMB.

`python benchmarks/series.py [--groups 1000] [--times 50] [--runs 3]` prints medians of wall and processor seconds, and
what was found. R with nlme and glmmTMB must be installed for their rows; it reads the data once, and fits once.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import tildemc as tm

CALL = "lme(y ~ x, random = ~ 1 | g, correlation = corAR1(form = ~ t | g), method = 'ML')"
GLMMTMB = "glmmTMB(y ~ x + (1 | g) + ar1(0 + factor(t) | g), dispformula = ~ 0)"
R = """
suppressMessages({{library(nlme); library(glmmTMB)}})
d <- read.csv("{path}")
d$g <- factor(d$g)
timed <- function(run) {{
  t <- system.time(m <- run())
  cat(t[["elapsed"]], t[["user.self"]] + t[["sys.self"]], sprintf("%.4f", logLik(m)), "\\n")
}}
timed(function() {lme})
timed(function() {tmb})
"""


def data(groups: int, times: int) -> pd.DataFrame:
    """Series with an effect each, and residuals whose correlation is 0.6 from one time to the next."""
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(groups, times))
    noise[:, 0] /= np.sqrt(1 - 0.6**2)
    for t in range(1, times):
        noise[:, t] += 0.6 * noise[:, t - 1]
    x = rng.normal(size=(groups, times))
    y = 1 + 0.5 * x + 0.7 * rng.normal(size=(groups, 1)) + noise
    t, g = np.tile(np.arange(times), groups), np.repeat(np.arange(groups), times)
    return pd.DataFrame({"y": y.ravel(), "x": x.ravel(), "t": t, "g": g})


def timed(runs: int, run: Callable[[], str]) -> tuple[float, float, str]:
    """Median seconds of wall and processor time, but for a first run, and what the last one found."""
    wall, used, told = [], [], run()
    for _ in range(runs):
        start = time.perf_counter(), time.process_time()
        told = run()
        wall.append(time.perf_counter() - start[0])
        used.append(time.process_time() - start[1])
    return float(np.median(wall)), float(np.median(used)), told


def optimized(frame: pd.DataFrame) -> str:
    """Maximum likelihood."""
    return f"log likelihood {tm.model(CALL, frame).optimize('ml').log_likelihood:.4f}"


def drawn(frame: pd.DataFrame, method: str) -> str:
    """4 x 1,000 draws."""
    fit = tm.model(CALL, frame).fit(method=method, seed=1, progress=False)
    return f"smallest bulk ESS {fit.summary()['ess_bulk'].min():.0f}"


def peers(frame: pd.DataFrame) -> dict[str, tuple[float, float, str]]:
    """The same by lme() and glmmTMB()."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        frame.to_csv(path, index=False)
        lme, tmb = CALL.replace("method", "data = d, method"), GLMMTMB.replace("dispformula", "data = d, dispformula")
        code = R.format(path=path, lme=lme, tmb=tmb)
        printed = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=True).stdout
    rows = [[*map(float, line.split())] for line in printed.splitlines()]
    named = zip((f"nlme: {CALL}", f"glmmTMB: {GLMMTMB}"), rows, strict=True)
    return {name: (wall, used, f"log likelihood {value:.4f}") for name, (wall, used, value) in named}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=1000)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    frame = data(asked.groups, asked.times)
    found = {
        "optimize": timed(asked.runs, lambda: optimized(frame)),
        "fit, exact": timed(asked.runs, lambda: drawn(frame, "exact")),
    }
    if shutil.which("Rscript"):
        found |= peers(frame)
    for name, (wall, used, told) in found.items():
        print(f"{name}: {wall:.2f} s ({used:.2f} s CPU); {told}")


if __name__ == "__main__":
    main()
