"""Fit models of mixed.py in this process, a line of JSON for each: `python worker.py bambi|auto|direct MODEL …`.

`auto` and `direct` are tildemc's methods; with Bambi in an environment of its own, no tildemc is needed there.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any

import numpy as np
from mixed import GAUSSIAN, PROBLEMS, Problem

SEED = 1
WARM_UP = "cbpp", "sleepstudy"


def fit_tildemc(problem: Problem, frame: Any, method: str) -> tuple[Any, Any]:
    import tildemc as tm
    from tildemc.results.datatree import dataset

    fit = tm.model(problem.formula, frame, family=problem.family).fit(method=method, seed=SEED, progress=False)
    return dataset(fit.groups["posterior"]), dataset(fit.groups["sample_stats"])


def fit_bambi(problem: Problem, frame: Any, _method: str) -> tuple[Any, Any]:
    import bambi as bmb

    # It has no correlated effects: its `|` is `||`.
    model = bmb.Model(problem.bambi or problem.formula, frame, family=problem.bambi_family or problem.family)
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


def main(method: str, names: list[str]) -> None:
    """Fit each once, after fits that warm the process up; Bambi compiles each graph, as it must for whoever asks."""
    warnings.filterwarnings("ignore")
    fit, known = fit_bambi if method == "bambi" else fit_tildemc, PROBLEMS | GAUSSIAN
    for name in WARM_UP:
        fit(known[name], known[name].frame(), method)
    for name in names:
        frame = known[name].frame()
        start, cpu = time.perf_counter(), time.process_time()
        posterior, statistics = fit(known[name], frame, method)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        least, effects = smallest_ess(posterior)
        divergent = int(statistics["diverging"].sum()) if "diverging" in statistics else 0
        found = {"seconds": seconds, "cpu": cpu, "ess": least, "ess_effects": effects, "divergent": divergent}
        print(json.dumps({"problem": name, "method": method, **found}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
