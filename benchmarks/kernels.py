"""What the first fit on a machine costs: processor time in a new process, with an empty kernel cache and again.

`python benchmarks/kernels.py [--runs 3]`: 4 chains of 100 draws; the best of the runs counts.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
RADON, EPILEPSY = EXAMPLES / "radon" / "data" / "radon.csv", EXAMPLES / "batch" / "epilepsy.csv"
COUNTS = "count ~ zAge + zBase * Trt + (1 | patient) + (1 | obs)"
FITS = {
    "radon, exact": ("log_radon ~ floor + (1 + floor | county)", RADON, "gaussian", "exact"),
    "epilepsy, Poisson, direct": (COUNTS, EPILEPSY, "poisson", "direct"),
    "epilepsy, negative binomial, direct": (COUNTS, EPILEPSY, "negbinomial", "direct"),
}
FIT = """
import sys, time
import pandas as pd
import tildemc as tm

formula, path, family, method = sys.argv[1:]
data = pd.read_csv(path)
start = time.process_time()
tm.model(formula, data, family).fit(draws=100, chains=4, seed=1, method=method, progress=False)
print(time.process_time() - start)
"""


def seconds(folder: str, *arguments: str) -> float:
    """Processor seconds of a fit whose kernels are kept in a folder."""
    command = [sys.executable, "-c", FIT, *arguments]
    environment = os.environ | {"TILDEMC_CACHE_DIR": folder}
    return float(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    """Print a row of a table for each fit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    print("| fit | cache empty, s of CPU | kept, s of CPU | difference |\n|---|---|---|---|")
    for name, (formula, path, *others) in FITS.items():
        cold, warm = [], []
        for _ in range(runs):
            with tempfile.TemporaryDirectory() as folder:
                for times in (cold, warm):
                    times.append(seconds(folder, formula, str(path), *others))
        first, again = min(cold), min(warm)
        print(f"| {name} | {first:.1f} | {again:.1f} | {first - again:.1f} |", flush=True)


if __name__ == "__main__":
    main()
