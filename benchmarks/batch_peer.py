"""A loop of Bambi fits, one for each region, in this process: `python batch_peer.py DATA.csv FAMILY FORMULA SETTINGS`.

Run by batch.py with a Python that has Bambi. Prints a line of JSON: the seconds of each region, of the clock and of the
processor. The first compiles, and reads what the others find read.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings


def main(path: str, family: str, formula: str, settings: str) -> None:
    """Fit the regions, one after the other."""
    import bambi as bmb
    import pandas as pd

    warnings.filterwarnings("ignore")
    logging.getLogger("pymc").setLevel(logging.ERROR)
    data = pd.read_csv(path)
    found: dict[str, list[float]] = {"seconds": [], "cpu": []}
    for _, rows in data.groupby("region"):
        start, cpu = time.perf_counter(), time.process_time()
        model = bmb.Model(formula, rows.reset_index(drop=True), family=family)
        model.fit(inference_method="nutpie", random_seed=1, progressbar=False, **json.loads(settings))
        found["seconds"].append(time.perf_counter() - start)
        found["cpu"].append(time.process_time() - cpu)
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
