"""Large crossed models by the transport engine: what 10⁵ to 10⁶ Bernoulli rows of two crossed factors take.

    python benchmarks/crossed.py [--direct] [ROWS×LEVELS×LEVELS …]

Prints processor and wall seconds of a whole fit, the model's own from the data frame included, with the least bulk ESS
of coefficients, of sds and of effects; in a process of its own for each size, after one small fit, so that kernels are
there. `--direct` has NUTS as well.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd
from glmm import least_sizes

import tildemc as tm

SIZES = "20000×2000×400", "100000×5000×1000", "300000×15000×1700", "1000000×50000×3000"
DRAWS = 500
"""Of each of four chains."""


def crossed(rows: int, persons: int, items: int, seed: int = 1) -> pd.DataFrame:
    """Who answers what is random."""
    rng = np.random.default_rng(seed)
    p, i, x = rng.integers(0, persons, rows), rng.integers(0, items, rows), rng.normal(size=rows)
    eta = 0.3 + 0.5 * x + rng.normal(0, 1.0, persons)[p] + rng.normal(0, 0.7, items)[i]
    y = (rng.uniform(size=rows) < 1 / (1 + np.exp(-eta))).astype(int)
    return pd.DataFrame({"y": y, "x": x, "p": np.char.add("p", p.astype(str)), "i": np.char.add("i", i.astype(str))})


def fitted(frame: pd.DataFrame, method: str, draws: int) -> tm.Fit:
    """The model of all sizes."""
    model = tm.model("y ~ x + (1 | p) + (1 | i)", frame, family="bernoulli")
    return model.fit(method=method, seed=1, draws=draws, progress=False)


def one(size: str, method: str) -> None:
    """A line of the table."""
    fitted(crossed(500, 20, 10), method, 20)
    frame = crossed(*map(int, size.split("×")))
    wall, cpu = time.perf_counter(), time.process_time()
    fit = fitted(frame, method, DRAWS)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    sizes = ", ".join(f"{least:.0f}" for least in least_sizes(fit))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"| {size} | {method} | {cpu:.0f} | {wall:.0f} | {sizes} | {memory:.1f} | {os.getloadavg()[0]:.0f} |")
    print(f"  {fit.path}", file=sys.stderr)


def main() -> None:
    """Print the table, or a line of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", metavar="ROWS×LEVELS×LEVELS", default=SIZES)
    parser.add_argument("--direct", action="store_true", help="NUTS on the direct engine as well")
    parser.add_argument("--only", metavar="METHOD", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        one(*given.sizes, given.only)
        return
    print("| rows × levels × levels | engine | cpu, s | wall, s | least ESS: β, sds, effects | memory, GB | load |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for size in given.sizes:
        for method in ("transport", "direct") if given.direct else ("transport",):
            subprocess.run([sys.executable, __file__, size, "--only", method], check=True)


if __name__ == "__main__":
    main()
