"""Estimates against glmer's and glmmTMB's of the same data, side by side, where R has these packages.

`python estimates.py [PROBLEM …]` prints a table in Markdown: seconds of processor time in a warm process, from formula
and data frame to estimates with standard errors; log likelihoods; and by how much estimates and standard errors differ.
R's are those of the better of two runs in a process of its own.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd
from mixed import PROBLEMS, Problem

import tildemc as tm
from tildemc.results.estimate import Estimate

R = """
suppressMessages({{library(lme4); library(glmmTMB); library(jsonlite)}})
d <- read.csv("{data}", stringsAsFactors = TRUE)
for (name in c({factors})) d[[name]] <- factor(d[[name]])
fit <- function() {call}
invisible(fit())
used <- min(sapply(1:2, function(i) sum(system.time(m <<- fit())[1:2])))
found <- if (inherits(m, "glmmTMB")) summary(m)$coefficients$cond else summary(m)$coefficients
sds <- if (inherits(m, "glmmTMB")) VarCorr(m)$cond else VarCorr(m)
cat(toJSON(list(used = used, ll = as.numeric(logLik(m)), b = found[, 1], se = found[, 2],
                sds = unlist(lapply(sds, function(g) attr(g, "stddev")))), digits = 12))
"""


def ours(problem: Problem, frame: pd.DataFrame, package: str) -> tuple[float, Estimate]:
    """The better of two after a first; with glmer's curvatures, or glmmTMB's."""
    text = f"{package}({problem.formula}, family = {problem.r_family})"
    best, found = float("inf"), None
    for _ in range(3):
        start = time.process_time()
        found = tm.model(text, frame).optimize("laplace")
        best = min(best, time.process_time() - start)
    assert found is not None
    return best, found


def theirs(problem: Problem, frame: pd.DataFrame, package: str) -> dict[str, Any] | None:
    """R's, if there is one."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "data.csv")
        frame.to_csv(path, index=False)
        labels = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
        call = f"{package}({problem.formula}, family = {problem.r_family}, data = d)"
        script = R.format(data=path, call=call, factors=", ".join(f'"{name}"' for name in labels))
        done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def row(name: str, package: str) -> str:
    """A line of the table."""
    problem = PROBLEMS[name]
    frame = problem.frame()
    used, found = ours(problem, frame, package)
    cells = [name, package, f"{used:.2f}"]
    r = theirs(problem, frame, package)
    if r is None:
        return " | ".join(["", *cells, "-", f"{found.log_likelihood:.4f}", "-", "-", "-", ""]).strip()
    b = max(abs(x - y) for x, y in zip(found.fixef.values(), r["b"], strict=True))
    se = max(abs(x / y - 1) for x, y in zip(found.se.values(), r["se"], strict=True))
    own = sorted(float(sd) for group in found.groups.values() for sd in group.sds)
    sds = max(abs(x - y) for x, y in zip(own, sorted(r["sds"]), strict=True))
    cells += [f"{r['used'][0]:.2f}", f"{found.log_likelihood:.4f}", f"{r['ll'][0]:.4f}"]
    cells += [f"{b:.1e}, {sds:.1e}", f"{100 * se:.2f} %"]
    return f"| {' | '.join(cells)} |"


def main(names: list[str]) -> None:
    """Print the table."""
    heads = ("model", "package", "cpu s", "R's", "log likelihood", "R's", "largest difference of b, sds", "of se")
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for name in names or PROBLEMS:
        for package in ("glmmTMB",) if PROBLEMS[name].r_family == "nbinom2" else ("glmer", "glmmTMB"):
            print(row(name, package), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
