"""Bambi's HSGP on the rows of a file, in this process: `python smooths_peer.py DATA.csv K RUNS`.

Run by smooths.py with a Python that has Bambi and nutpie. Prints a line of JSON: median seconds of the clock and of the
processor but for a first run, which compiles, the smallest bulk ESS, and the most memory that the process held, in GB.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
import warnings


def main(path: str, k: str, runs: str) -> None:
    """Fit the model so often, and once more."""
    import arviz as az
    import bambi as bmb
    import numpy as np
    import pandas as pd

    warnings.filterwarnings("ignore")
    logging.getLogger("pymc").setLevel(logging.ERROR)
    data = pd.read_csv(path)
    wall, used, least = [], [], 0.0
    for _ in range(int(runs) + 1):
        start = time.perf_counter(), time.process_time()
        term = f"hsgp(x, m={k}, c=1.25)"
        model = bmb.Model(f"y ~ {term}", data)
        # Names with commas have more dims than they have, as nutpie reads them.
        model.set_alias({term: "f"})
        settings = {"draws": 1000, "tune": 1000, "chains": 4, "random_seed": 1, "progressbar": False}
        drawn = model.fit(inference_method="nutpie", **settings)
        wall.append(time.perf_counter() - start[0])
        used.append(time.process_time() - start[1])
        least = float(az.summary(drawn, var_names=["~f"])["ess_bulk"].astype(float).min())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps([float(np.median(wall[1:])), float(np.median(used[1:])), least, memory]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
