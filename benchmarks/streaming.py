"""Rows from disk: what a model of n = 10³ … 10⁷ rows costs when only a chunk of them is in memory at a time.

`python benchmarks/streaming.py [most rows]` simulates `y ~ x + (1 + x | g)` to parquet files in a temporary folder
(10,000 groups; a tenth of the rows where that is less), measures each in a fresh process that has fitted a small model
before, prints a table in Markdown and draws streaming.png. Counts and choices, `k ~ s + t + (1 | g)` with five values
of s and two of t, follow in a table of their own: their rows are merged (`--merged`: these alone).
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

SIZES, GROUPS, BATCH = (10**3, 10**4, 10**5, 10**6, 10**7), 10_000, 1_000_000
HEADING = """\
| rows | groups | labels of text: learn + products, s (CPU) | of numbers, s | peak GB | fit after that, s (CPU) \
| read whole, s | peak GB |
|---|---|---|---|---|---|---|---|"""
MERGED = {"poisson": "k ~ s + t + (1 | g)", "bernoulli": "hit ~ s + t + (1 | g)"}
MERGED_SIZES = (10**6, 10**7)
MERGED_HEADING = """\
| rows | response | distinct rows | learn + merge, s (CPU) | peak GB | fit after that, s (CPU) | peak GB | min ESS |
|---|---|---|---|---|---|---|---|"""
PICTURE = Path(__file__).with_suffix(".png")


def simulate(path: Path, n: int, seed: int = 1) -> None:
    """Write n rows, a batch at a time: responses and predictors, and the group as text and as a whole number."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(seed)
    groups = groups_of(n)
    u = rng.normal(0, 0.5, (groups, 2))
    names = pa.array([f"site {j:05d}" for j in range(groups)])
    kinds = {"y": pa.float64(), "x": pa.float64(), "g": pa.string(), "j": pa.int64()}
    schema = pa.schema(kinds | dict.fromkeys(("k", "hit", "s", "t"), pa.int64()))
    with pq.ParquetWriter(path, schema) as writer:
        for at in range(0, n, BATCH):
            size = min(BATCH, n - at)
            j, x = rng.integers(0, groups, size), rng.normal(size=size)
            y = 1 + u[j, 0] + (0.5 + u[j, 1]) * x + rng.normal(size=size)
            s, t = rng.integers(0, 5, size), rng.integers(0, 2, size)
            eta = -1 + u[j, 0] + 0.2 * s + 0.3 * t
            k, hit = rng.poisson(np.exp(eta)), rng.random(size) < 1 / (1 + np.exp(-eta))
            columns = [y, x, names.take(pa.array(j)), j, k, hit.astype(np.int64), s, t]
            writer.write_table(pa.table(columns, schema=schema))


def groups_of(n: int) -> int:
    """How many groups there are."""
    return min(GROUPS, n // 10)


def measure(path: str, group: str, streamed: bool) -> dict[str, Any]:
    """In this process: seconds (and of processor time) of each pass and of a fit after them; peak memory in GB."""
    import pandas as pd

    import tildemc as tm
    from tildemc.targets.marginal import marginal

    small = pd.DataFrame({"y": np.arange(60.0) % 7, "x": np.arange(60.0) % 11, "g": np.arange(60) % 6})
    tm.model("y ~ x + (1 + x | g)", small).fit(draws=50, seed=1, progress=False)
    found: dict[str, Any] = {"before": memory()}
    timed = partial(into, found)
    read = tm.stream if streamed else pd.read_parquet
    model = timed("learn", lambda: tm.model(f"y ~ x + (1 + x | {group})", read(path)))
    # A streamed model keeps its cross-products, so that the fit below makes no pass of its own.
    timed("products", lambda: marginal(model.spec, model.design))
    found["passes"] = memory()
    if streamed and group == "g":
        timed("fit", lambda: model.fit(seed=1, progress=False))
        found["after fit"] = memory()
    return found


def measure_merged(path: str, family: str) -> dict[str, Any]:
    """The same of rows that are merged."""
    import pandas as pd

    import tildemc as tm
    from tildemc.passes.aggregate import aggregate

    response = MERGED[family].split()[0]
    rows = np.arange(60)
    small = pd.DataFrame({response: rows % 2, "s": rows % 5, "t": rows % 3, "g": rows % 6})
    tm.model(MERGED[family], small, family=family).fit(draws=50, seed=1, progress=False)
    found: dict[str, Any] = {}
    model = into(found, "learn", lambda: tm.model(MERGED[family], tm.stream(path), family=family))
    # A streamed model keeps its merged rows, so that the fit below makes no pass of its own.
    found["distinct"] = into(found, "merge", lambda: aggregate(model.spec, model.design))[1].n
    found["passes"] = memory()
    fit = into(found, "fit", lambda: model.fit(seed=1, progress=False))
    found["after fit"] = memory()
    found["ess"] = float(fit.summary()[["ess_bulk", "ess_tail"]].min().min())
    return found


def into(found: dict[str, Any], name: str, run: Callable[[], Any]) -> Any:
    """What `run` gives; its seconds, and those of processor time, are noted."""
    start, cpu = time.perf_counter(), time.process_time()
    value = run()
    found[name], found[f"{name} cpu"] = time.perf_counter() - start, time.process_time() - cpu
    return value


def memory() -> float:
    """Peak resident memory of this process so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def elsewhere(*asked: str) -> dict[str, Any]:
    """What is asked, `measure` or `merged` and what these take, in a process of its own."""
    command = [sys.executable, __file__, *asked]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def passes(found: dict[str, Any]) -> float:
    """Seconds of all passes."""
    return float(found["learn"] + found["products"])


def row(n: int, text: dict[str, Any], whole: dict[str, Any], number: dict[str, Any]) -> str:
    """A row of the table."""
    cpu = text["learn cpu"] + text["products cpu"]
    return (
        f"| {n:,} | {groups_of(n):,} | {text['learn']:.2f} + {text['products']:.2f} ({cpu:.1f}) | {passes(number):.2f} "
        f"| {text['passes']:.2f} | {text['fit']:.1f} ({text['fit cpu']:.1f}) | {passes(whole):.2f} "
        f"| {whole['passes']:.2f} |"
    )


def draw(sizes: list[int], texts: list[dict[str, Any]], wholes: list[dict[str, Any]]) -> None:
    """The picture: seconds on the left, memory on the right."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4))
    fits = [found["fit"] for found in texts]
    left.plot(sizes, [passes(found) for found in texts], "o-", color="#1f5fa8", label="all passes over the rows")
    left.plot(sizes, fits, "s-", color="#c8501e", label="4 × 1,000 draws after the passes")
    left.set(ylabel="seconds", title="Time", yscale="log", ylim=(0.003, 50))
    right.plot(sizes, [found["passes"] for found in texts], "o-", color="#1f5fa8", label="streamed")
    right.plot(sizes, [found["passes"] for found in wholes], "^--", color="#777777", label="read whole")
    right.axhline(texts[0]["before"], color="#bbbbbb", linewidth=1)
    right.text(sizes[-1], texts[0]["before"] - 0.05, "Python and its libraries", va="top", ha="right", color="#888888")
    right.set(ylabel="GB", title="Peak memory of the passes", ylim=(0, None))
    fewer = [n for n in sizes if groups_of(n) < GROUPS]
    for axes, corner in ((left, "lower right"), (right, "upper left")):
        axes.set(xscale="log", xlabel="rows", xlim=(sizes[0] / 1.6, sizes[-1] * 1.6))
        axes.grid(alpha=0.25)
        axes.legend(frameon=False, loc=corner)
        if fewer and len(fewer) < len(sizes):
            axes.axvspan(sizes[0] / 1.6, fewer[-1] * 3.16, color="#000000", alpha=0.05, linewidth=0)
    left.text(sizes[0] / 1.3, 25, "fewer groups: n / 10", color="#666666")
    figure.suptitle("y ~ x + (1 + x | g) from parquet: 10,000 groups, 2 cores", fontsize=12)
    figure.tight_layout()
    figure.savefig(PICTURE, dpi=150)


def main(most: int) -> None:
    """Measure all sizes, print the table and draw the picture."""
    sizes = [n for n in SIZES if n <= most]
    texts: list[dict[str, Any]] = []
    wholes: list[dict[str, Any]] = []
    print(HEADING)
    with tempfile.TemporaryDirectory() as folder:
        for n in sizes:
            path = Path(folder, "rows.parquet")
            simulate(path, n)
            number = elsewhere("measure", str(path), "j", "1")
            texts.append(elsewhere("measure", str(path), "g", "1"))
            wholes.append(elsewhere("measure", str(path), "g", "0"))
            print(row(n, texts[-1], wholes[-1], number), flush=True)
    draw(sizes, texts, wholes)


def merged(most: int) -> None:
    """Measure counts and choices, and print the table."""
    print(MERGED_HEADING)
    with tempfile.TemporaryDirectory() as folder:
        for n in (n for n in MERGED_SIZES if n <= most):
            path = Path(folder, "rows.parquet")
            simulate(path, n)
            for family in MERGED:
                found = elsewhere("merged", str(path), family)
                cpu = found["learn cpu"] + found["merge cpu"]
                print(
                    f"| {n:,} | {family} | {found['distinct']:,} | {found['learn']:.1f} + {found['merge']:.1f} "
                    f"({cpu:.1f}) | {found['passes']:.2f} | {found['fit']:.1f} ({found['fit cpu']:.1f}) "
                    f"| {found['after fit']:.2f} | {found['ess']:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["measure", path, group, streamed]:
            print(json.dumps(measure(path, group, streamed == "1")))
        case ["merged", path, family]:
            print(json.dumps(measure_merged(path, family)))
        case [*asked]:
            sizes = [int(float(size)) for size in asked if size != "--merged"] or [SIZES[-1]]
            if "--merged" not in asked:
                main(*sizes)
            merged(*sizes)
