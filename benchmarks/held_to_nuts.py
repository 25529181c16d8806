"""What engines draw against long runs of NUTS on the PyMC graph: `python held_to_nuts.py [MODEL …] [--keep FOLDER]`.

For each model of mixed.py that is small enough: means and sds of all scalars, effects among them, and how many Monte
Carlo errors they are apart, at most and in root mean square (1 where two samples of one posterior are compared). A
reference has no divergences: `target_accept` is raised until there are none, and draws are added until chains agree.
With `--keep` the references' moments are written to a folder and read from there the next time.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from mixed import HARD, PROBLEMS, Problem

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import tildemc as tm
from nuts_reference import moments
from tildemc.results.fit import Fit

CASES = {name: PROBLEMS[name] for name in ("cbpp", "epilepsy", "epilepsy_nb", "contraception", "grouseticks")} | HARD
LONGER = ((0.95, 5_000), (0.99, 10_000), (0.995, 20_000), (0.999, 40_000))
"""`target_accept` and draws of each of two chains, until a run is a reference."""
LARGEST_RHAT, LEAST_ESS = 1.01, 1000
TABLE = "| {name} | {path} | {scalars} | {mean} | {sd} | {ours} | {theirs} |"


@dataclass(frozen=True)
class Reference:
    """The moments of a long run, a row a scalar, and how it was run."""

    table: pd.DataFrame
    how: str


def model_of(problem: Problem) -> tm.Model:
    """The model in tildemc's words."""
    return tm.model(problem.formula, problem.frame(), family=problem.family)


def reference(name: str, keep: Path | None) -> Reference:
    """A long run, drawn or read."""
    place = None if keep is None else keep / f"{name.replace(' ', '_')}.json"
    if place is not None and place.exists():
        kept = json.loads(place.read_text())
        return Reference(pd.DataFrame(**kept["moments"]), kept["how"])
    found = _long(name)
    if place is not None:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps({"how": found.how, "moments": found.table.to_dict("split")}))
    return found


def _long(name: str) -> Reference:
    model, start = model_of(CASES[name]), time.perf_counter()
    for target, draws in LONGER:
        fit = model.fit(
            method="pymc", chains=2, draws=draws, tune=2000, target_accept=target, seed=2026, progress=False
        )
        table = moments(fit)
        told = f"{agreement(table)}; {fit.divergences}; {2 * draws:,} at {target}"
        print(f"  {name}: {told}, {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
        if not fit.divergences and table["r_hat"].max() < LARGEST_RHAT and table["ess_bulk"].min() > LEAST_ESS:
            break
    return Reference(table, told)


def agreement(table: pd.DataFrame) -> str:
    """The largest R-hat, and the least bulk and tail ESS."""
    return f"{table['r_hat'].max():.3f}; {table['ess_bulk'].min():.0f}, {table['ess_tail'].min():.0f}"


def engine_of(fit: Fit) -> str:
    """Which engine drew; where it says that, how often it moved, and how far the posterior is from Laplace's."""
    told = fit.groups["posterior"].attributes
    if "laplace_shift" not in told:
        return fit.path
    engine, _, _ = fit.path.partition(":")
    return f"{engine}; {told['acceptance']:.2f}; {abs(told['laplace_shift']):.1f}"


def errors_apart(one: pd.DataFrame, other: pd.DataFrame, moment: str) -> str:
    """By how many Monte Carlo errors a moment differs: the most, where, and the root mean square."""
    error = np.hypot(one[f"mcse_{moment}"], other[f"mcse_{moment}"])
    z = (one[moment] - other[moment]) / error
    return f"{z.abs().max():.2f} (`{z.abs().idxmax()}`), {np.sqrt((z**2).mean()):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", metavar="MODEL", help=f"of {', '.join(CASES)}")
    parser.add_argument("--method", default="auto")
    parser.add_argument("--draws", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder of references")
    asked = parser.parse_args()
    print(
        "| model | engine; acceptance; sds from Laplace | scalars | means apart: most, rms | sds "
        "| R-hat; ESS bulk, tail | NUTS; divergences |"
    )
    print("|---|---|---|---|---|---|---|")
    for name in asked.models or CASES:
        theirs = reference(name, asked.keep)
        fit = model_of(CASES[name]).fit(method=asked.method, draws=asked.draws, seed=asked.seed, progress=False)
        ours = moments(fit)
        assert set(ours.index) == set(theirs.table.index)
        ours = ours.loc[theirs.table.index]
        apart = {moment: errors_apart(ours, theirs.table, moment) for moment in ("mean", "sd")}
        print(TABLE.format(
            name=name, path=engine_of(fit), scalars=len(ours), **apart, ours=agreement(ours), theirs=theirs.how
        ), flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
