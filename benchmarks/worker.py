"""Fit the models of problems.py in this process, a line of JSON for each: `python worker.py bambi|direct|auto`.

`direct` and `auto` are tildemc's methods.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any

import numpy as np
from problems import PROBLEMS, Problem

SEED, REPEATS = 1, 2


def fit_tildemc(problem: Problem, frame: Any, method: str) -> tuple[Any, Any]:
    import tildemc as tm
    from tildemc.results.datatree import dataset

    model = tm.model(problem.formula, frame, family=problem.family)
    fit = model.fit(method=method, tune=1000, seed=SEED, progress=False)
    return dataset(fit.groups["posterior"]), dataset(fit.groups["sample_stats"])


def fit_bambi(problem: Problem, frame: Any, _method: str) -> tuple[Any, Any]:
    import bambi as bmb

    # Bambi has no correlated effects: its `|` is `||`, and is written so here.
    formula = (problem.bambi or problem.formula).replace("||", "|")
    model = bmb.Model(formula, frame, family=problem.family)
    fit = model.fit(
        draws=1000, tune=1000, chains=4, inference_method="nutpie", random_seed=SEED, progressbar=False,
        target_accept=0.9,
    )  # fmt: skip
    return fit.posterior, fit.sample_stats


def smallest_ess(posterior: Any) -> tuple[float, float]:
    """The smallest bulk ESS of coefficients, sds and correlations; and of the group effects."""
    import arviz as az

    least, effects = np.inf, np.inf
    for name, values in posterior.data_vars.items():
        if str(name).endswith(("_offset", "__")) or name in ("p", "mu"):
            continue
        ess = float(az.ess(values.to_dataset(name="v"))["v"].min())
        if str(name).startswith("r_") or ("|" in str(name) and not str(name).endswith("_sigma")):
            effects = min(effects, ess)
        elif np.isfinite(ess):
            least = min(least, ess)
    return least, effects


def main(method: str) -> None:
    """Fit everything `REPEATS` times, after one fit that warms the process up."""
    warnings.filterwarnings("ignore")
    fit = fit_bambi if method == "bambi" else fit_tildemc
    for warm_up in ("cbpp", "sleepstudy"):
        fit(PROBLEMS[warm_up], PROBLEMS[warm_up].frame(), method)
    for problem in PROBLEMS.values():
        frame, seconds = problem.frame(), []
        for _ in range(REPEATS):
            start, cpu = time.perf_counter(), time.process_time()
            posterior, statistics = fit(problem, frame, method)
            seconds.append((time.perf_counter() - start, time.process_time() - cpu))
        least, effects = smallest_ess(posterior)
        steps = float(statistics["n_steps"].mean()) if "n_steps" in statistics else None
        divergent = int(statistics["diverging"].sum()) if "diverging" in statistics else 0
        print(json.dumps({
            "problem": problem.name, "method": method, "first": seconds[0][0],
                    "first_cpu": seconds[0][1], "seconds": seconds[-1][0],
            "cpu": seconds[-1][1], "ess": least, "ess_effects": effects, "steps": steps,
            "divergent": divergent,
        }), flush=True)  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1])
