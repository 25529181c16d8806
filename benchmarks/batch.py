"""Five hundred fits of `y ~ x + (1 | g)`, one for each region, in one batch, against a loop of Bambi fits.

    python benchmarks/batch.py [--regions 500] [--workers 2] [--peer PYTHON [--bambi 3]]

Each region has 200 rows and 10 groups. Once with a Gaussian, once with a Poisson response; four chains of 1,000 draws
after as many of warm-up as each package takes by default, 500 and 1,000, or as `--tune` says. Bambi fits some of the
regions with nutpie, one after the other, after one that is not counted; its time for all of them is that much times as
many. It is no dependency: PYTHON is one that has it, `python -m venv bambi; bambi/bin/pip install bambi nutpie`.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

import tildemc
from tildemc.batches import batch

ROWS, GROUPS = 200, 10
FAMILIES = {"gaussian": "y ~ x + (1 | g)", "poisson": "k ~ x + (1 | g)"}


def simulate(regions: int) -> pd.DataFrame:
    """Rows of all regions; each has its own intercept, slope and groups."""
    rng = np.random.default_rng(20110615)
    n = regions * ROWS
    region, group = np.repeat(np.arange(regions), ROWS), np.tile(np.arange(ROWS) % GROUPS, regions)
    x = rng.normal(size=n)
    effects = 0.5 * rng.normal(size=(regions, GROUPS))
    eta = 0.3 * rng.normal(size=regions)[region] + (0.5 + 0.2 * rng.normal(size=regions))[region] * x
    eta = eta + effects[region, group]
    labels = {"region": [f"r{i:03}" for i in region], "g": [f"g{i}" for i in group]}
    return pd.DataFrame({**labels, "x": x, "y": eta + rng.normal(size=n), "k": rng.poisson(np.exp(eta))})


def run(folder: Path, family: str, workers: int, settings: dict[str, int]) -> tuple[float, float, pd.DataFrame]:
    """Seconds for the whole batch, from the file to the page, of the clock and of all processors; and its index."""
    path = folder / f"{family}.toml"
    path.write_text(
        f'[models.each]\nformula = "{FAMILIES[family]}"\nfamily = "{family}"\ndata = "data.parquet"\nby = ["region"]\n',
        encoding="utf-8",
    )
    start, computed = time.perf_counter(), computing()
    found = batch(path, out=folder / family, workers=workers, **settings)  # type: ignore[arg-type]
    seconds = time.perf_counter() - start
    assert found.ok, found.failed["error"].iloc[0]
    return seconds, computing() - computed, found.index


def computing() -> float:
    """Seconds that this process and its children have computed: what does not depend on who else uses the machine."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def bambi(python: str, data: pd.DataFrame, family: str, regions: int, settings: dict[str, int]) -> dict[str, float]:
    """Seconds of the clock and of the processor that Bambi takes for a region, the first left out: it compiles."""
    kept = sorted(data["region"].unique())[: regions + 1]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "data.csv")
        data[data["region"].isin(kept)].to_csv(path, index=False)
        peer = str(Path(__file__).with_name("batch_peer.py"))
        command = [python, peer, str(path), family, FAMILIES[family], json.dumps(settings)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return {name: float(np.mean(values[1:])) for name, values in found.items()}


def main() -> None:
    """Print a line for each family."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--regions", type=int, default=500)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--peer", metavar="PYTHON", help="a Python that has Bambi")
    parser.add_argument("--bambi", type=int, default=3, metavar="N", help="how many regions Bambi fits")
    for name, value in (("draws", 1000), ("tune", None), ("chains", 4)):
        parser.add_argument(f"--{name}", type=int, default=value)
    asked = parser.parse_args()
    settings = {name: getattr(asked, name) for name in ("draws", "tune", "chains") if getattr(asked, name) is not None}
    data = simulate(asked.regions)
    # Kernels are compiled once per machine.
    for family, formula in FAMILIES.items():
        tildemc.model(formula, data[data["region"] == "r000"], family).fit(draws=10, tune=10, progress=False)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data.to_parquet(folder / "data.parquet")
        for family in FAMILIES:
            seconds, computed, index = run(folder, family, asked.workers, settings)
            print(f"{family}: {asked.regions} fits in {seconds:.1f} s, {computed:.1f} s of computing", end="")
            print(f" ({index['engine'].iloc[0]})", end="")
            print(f"; {index['divergences'].sum()} divergences, R-hat up to {index['max_r_hat'].max():.3f}", flush=True)
            if asked.peer and asked.bambi:
                each = bambi(asked.peer, data, family, asked.bambi, {"tune": 1000, **settings})
                print(f"  Bambi: {each['seconds']:.1f} s each, {each['cpu']:.1f} s of computing", end="")
                print(f"; {each['seconds'] * asked.regions:.0f} s for all", flush=True)


if __name__ == "__main__":
    main()
