"""A million Bernoulli rows over a few thousand cells on the direct engine, with and without merging rows.

`python benchmarks/aggregation.py [draws]` prints a table in Markdown: seconds of wall time and of processor time from
the model to draws, in a process that has fitted another model before. With few draws (default 50, as many to warm up,
2 chains) the fit of all rows ends in reasonable time; its cost grows with the draws, that of merging does not.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd

import tildemc as tm
from tildemc.passes import aggregate as passes

ROWS, LEVELS = 1_000_000, 200


def data(n: int, seed: int = 1) -> pd.DataFrame:
    """Two arms, eight ages and `LEVELS` schools: 3,200 cells."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"arm": rng.integers(0, 2, n), "age": rng.integers(0, 8, n), "school": rng.integers(0, LEVELS, n)}
    )
    eta = -1 + 0.4 * frame["arm"] + 0.1 * frame["age"] + rng.normal(0, 0.5, LEVELS)[frame["school"]]
    return frame.assign(y=rng.binomial(1, 1 / (1 + np.exp(-eta))))


def main(draws: int) -> None:
    """Print the table."""
    settings = {"method": "direct", "draws": draws, "tune": draws, "chains": 2, "seed": 1, "progress": False}
    formula = "y ~ arm + age + (1 | school)"
    tm.model(formula, data(5_000), family="bernoulli").fit(**settings)
    model = tm.model(formula, data(ROWS), family="bernoulli")
    passes.aggregate(model.spec, model.design)
    start, used = time.perf_counter(), time.process_time()
    *_, note = passes.aggregate(model.spec, model.design)
    print(f"{note}; merging takes {time.perf_counter() - start:.2f} s (cpu {time.process_time() - used:.2f})\n")
    print("| rows | wall, s | cpu, s | mean of b(arm) | gradients |")
    print("|---|---|---|---|---|")
    for name, pays in (("merged", passes.PAYS), ("all", 0.0)):
        passes.PAYS = pays
        start, used = time.perf_counter(), time.process_time()
        fit = model.fit(**settings)
        seconds, cpu = time.perf_counter() - start, time.process_time() - used
        arm = float(fit.data["posterior"]["b"].sel(term="arm").mean())
        gradients = int(fit.data["sample_stats"]["n_steps"].sum())
        print(f"| {name} | {seconds:.2f} | {cpu:.2f} | {arm:.3f} | {gradients} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
