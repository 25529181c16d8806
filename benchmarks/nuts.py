"""NUTS on the direct engine over seeds: `python nuts.py [SEEDS]`.

Prints a table in Markdown: the least bulk ESS of whatever a fit reports, from the least to the largest of the seeds;
effective draws a processor second, the median; divergent draws of each seed; gradients a draw.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd
from mixed import EPILEPSY, GAUSSIAN, PROBLEMS, Problem

import tildemc as tm
from tildemc.results.diagnose import COLUMNS, diagnose
from tildemc.results.fit import Fit


def scales() -> pd.DataFrame:
    """Groups that differ in their means and in their residual sds."""
    rng = np.random.default_rng(3)
    g, x = rng.integers(0, 40, 600), rng.normal(size=600)
    u, s = rng.normal(0, 0.5, 40), rng.normal(0, 0.4, 40)
    y = 1 + 0.5 * x + u[g] + np.exp(-0.2 + 0.3 * x + s[g]) * rng.normal(size=600)
    return pd.DataFrame({"y": y, "x": x, "g": np.char.add("g", g.astype(str))})


def above() -> pd.DataFrame:
    """Whether radon is above its median."""
    frame = GAUSSIAN["radon"].frame()
    return frame.assign(above=(frame.log_radon > frame.log_radon.median()).astype(int))


RADON = GAUSSIAN["radon"]
MODELS = {
    "radon, correlated slopes": RADON,
    "radon above its median, Bernoulli": Problem("above ~ floor + (1 + floor | county)", "bernoulli", above),
    "radon, Student's t": replace(RADON, family="student"),
    "radon, Student's t counties": Problem(
        'log_radon ~ floor + (1 | gr(county, dist = "student"))', "gaussian", RADON.frame
    ),
    "a smooth process, epilepsy": Problem(
        "count ~ zAge + gp(zBase, k = 10, c = 5/4) + (1 | patient)", "poisson", PROBLEMS["epilepsy"].frame
    ),
    "sigma ~ x + (1 \\| g)": Problem("y ~ x + (1 | g)\nsigma ~ x + (1 | g)", "gaussian", scales),
    "epilepsy, negative binomial": Problem(EPILEPSY, "negbinomial", PROBLEMS["epilepsy"].frame),
    **{name: PROBLEMS[name] for name in ("grouseticks", "epilepsy", "cbpp", "contraception", "crossed", "tiny")},
    "sleepstudy": GAUSSIAN["sleepstudy"],
}


def least(fit: Fit) -> float:
    """The least bulk ESS of any number that the fit reports."""
    found = np.inf
    for _, values in fit.groups["posterior"].variables.values():
        draws = np.asarray(values, dtype=float)
        flat = draws.reshape(*draws.shape[:2], -1)
        sizes = diagnose(np.moveaxis(flat, 2, 0))[:, COLUMNS.index("ess_bulk")]
        found = min(found, float(np.fmin.reduce(sizes, initial=np.inf)))
    return found


def main(seeds: int) -> None:
    """Print the table."""
    print("| model | least ESS | a cpu s | divergent | gradients a draw |\n|---|---|---|---|---|")
    for name, problem in MODELS.items():
        model = tm.model(problem.formula, problem.frame(), family=problem.family)
        model.fit(method="direct", draws=20, tune=20, seed=99, progress=False)
        sizes, rates, divergent, steps = [], [], [], []
        for seed in range(1, seeds + 1):
            used = time.process_time()
            fit = model.fit(method="direct", seed=seed, progress=False)
            used = time.process_time() - used
            statistics = fit.groups["sample_stats"].variables
            sizes.append(least(fit))
            rates.append(sizes[-1] / used)
            divergent.append(int(np.asarray(statistics["diverging"][1]).sum()))
            steps.append(float(np.asarray(statistics["n_steps"][1]).mean()))
        print(
            f"| {name} | {min(sizes):.0f}–{max(sizes):.0f} | {np.median(rates):.0f} | "
            f"{', '.join(map(str, divergent))} | {np.mean(steps):.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6)
