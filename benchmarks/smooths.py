"""A smooth and a Gaussian process of 10,000 rows: from formula and data frame to results, beside mgcv's and Bambi's.

`python benchmarks/smooths.py [--rows 10000] [--runs 5] [--peer PYTHON]` prints medians of wall and processor seconds,
the smooth's sd and the residual sd. R with mgcv must be installed for its line, and reads the data once; PYTHON is one
that has Bambi and nutpie.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import tildemc as tm

SMOOTH = "y ~ s(x, k = 20)"
PROCESS = "y ~ gp(x, k = 30, c = 5/4)"
R = """
suppressMessages(library(mgcv))
d <- read.csv("{path}")
used <- sapply(1:{runs}, function(i) {{ t <- system.time(m <<- gam({formula}, data = d, method = "REML"))
  c(t[["elapsed"]], t[["user.self"]] + t[["sys.self"]]) }})
sink(tempfile())
v <- gam.vcomp(m, rescale = FALSE)
sink()
cat(median(used[1, ]), median(used[2, ]), v[1, 1], v[2, 1], "\\n")
"""


def data(rows: int) -> pd.DataFrame:
    """A sine wave with noise."""
    rng = np.random.default_rng(2)
    x = rng.uniform(size=rows)
    return pd.DataFrame({"x": x, "y": np.sin(8 * x) + 0.5 * rng.normal(size=rows)})


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
    """REML estimates."""
    found = tm.model(SMOOTH, frame).optimize("reml")
    return f"sds {found.smooths['sx_1'].sd:.4f}, sigma {found.sigma['']:.4f}"


def drawn(formula: str, frame: pd.DataFrame) -> str:
    """4 x 1,000 draws."""
    fit = tm.model(formula, frame).fit(seed=1, progress=False)
    return f"smallest bulk ESS {fit.summary()['ess_bulk'].min():.0f}"


def mgcv(frame: pd.DataFrame, runs: int) -> tuple[float, float, str]:
    """The same by gam(), REML."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        frame.to_csv(path, index=False)
        code = R.format(path=path, runs=runs, formula=SMOOTH)
        printed = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=True).stdout
    wall, used, sds, sigma = map(float, printed.split())
    return wall, used, f"sds {sds:.4f}, sigma {sigma:.4f}"


def bambi(python: str, frame: pd.DataFrame) -> tuple[float, float, str]:
    """The process by Bambi's `hsgp()`, the second fit of two: the first compiles."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        frame.to_csv(path, index=False)
        command = [python, str(Path(__file__).with_name("smooths_peer.py")), str(path), "30", "1"]
        printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    wall, used, least, memory = json.loads(printed.splitlines()[-1])
    return wall, used, f"smallest bulk ESS {least:.0f}, {memory:.1f} GB"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peer", metavar="PYTHON", help="a Python that has Bambi")
    asked = parser.parse_args()
    frame = data(asked.rows)
    found = {
        f"{SMOOTH}, optimize": timed(asked.runs, lambda: optimized(frame)),
        f"{SMOOTH}, fit": timed(asked.runs, lambda: drawn(SMOOTH, frame)),
        f"{PROCESS}, fit": timed(1, lambda: drawn(PROCESS, frame)),
    }
    if shutil.which("Rscript"):
        found[f"mgcv: gam({SMOOTH}), REML"] = mgcv(frame, asked.runs)
    if asked.peer:
        found["Bambi: y ~ hsgp(x, m=30, c=1.25), fit"] = bambi(asked.peer, frame)
    for name, (wall, used, told) in found.items():
        print(f"{name}: {wall:.2f} s ({used:.2f} s CPU); {told}")


if __name__ == "__main__":
    main()
