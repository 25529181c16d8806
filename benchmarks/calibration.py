"""Simulation-based calibration of the engines (Talts et al., 2018), with its plots.

`python calibration.py [exact|direct|transport] [--datasets 200] [--seed 1]` draws parameters from the priors of three
models, of one for each kind of family, or of four with effects, and data from the parameters, fits each data set, and
ranks the truth among 99 posterior draws thinned to be nearly independent. Printed: for each quantity, how often uniform
ranks would look as bad; drawn, to calibration.png, calibration_families.png or calibration_transport.png: the
difference of the ranks' ECDF from the diagonal, with bands that hold 95 in 100 whole curves (Säilynoja, Bürkner and
Vehtari, 2022).
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import binom

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from calibrated import CARRIED, KINDS, Kind, rank_kind
from simulation import DRAWS, SHAPES, Ranked, Shape, gammas, rank, uniformity

HERE = Path(__file__)
PICTURES = {
    "exact": HERE.with_suffix(".png"),
    "direct": HERE.with_stem("calibration_families").with_suffix(".png"),
    "transport": HERE.with_stem("calibration_transport").with_suffix(".png"),
}
MODELS: dict[str, tuple[Shape, ...] | tuple[Kind, ...]] = {"exact": SHAPES, "direct": KINDS, "transport": CARRIED}


def draw(found: dict[Shape | Kind, Ranked], datasets: int, picture: Path) -> None:
    """A row for each model, a panel for each quantity."""
    share = np.arange(DRAWS + 2) / (DRAWS + 1)
    gamma = np.quantile(gammas(datasets), 0.05)
    low, high = (binom.ppf(tail, datasets, share) / datasets - share for tail in (gamma / 2, 1 - gamma / 2))
    low[[0, -1]] = high[[0, -1]] = 0.0
    width = max(len(ranked.ranks) for ranked in found.values())
    figure, axes = plt.subplots(
        len(found), width, figsize=(1.75 * width, 2.1 * len(found)), sharex=True, sharey=True, layout="constrained"
    )
    for row, (shape, ranked) in zip(axes, found.items(), strict=True):
        row[0].set_ylabel(shape.name)
        for axis in row[len(ranked.ranks) :]:
            axis.set_visible(False)
        for axis, (label, ranks) in zip(row, ranked.ranks.items(), strict=False):
            counts = np.bincount(ranks, minlength=DRAWS + 1).cumsum()
            p = uniformity(ranks)
            axis.fill_between(share, low, high, color="0.85", linewidth=0)
            axis.step(share, np.concatenate([[0.0], counts / datasets]) - share, where="post", color="#1f5a99", lw=1.1)
            axis.axhline(0, color="0.6", lw=0.5, zorder=0)
            axis.set_title(f"{label}\np = {p:.2f}" if p >= 0.01 else f"{label}\np = {p:.2g}", fontsize=8)
            axis.tick_params(labelsize=7)
            axis.set_xticks([0, 0.5, 1], ["0", "½", "1"])
    figure.supxlabel(f"rank of the truth among {DRAWS} draws, as a share; {datasets} data sets", fontsize=9)
    figure.supylabel("ECDF of the ranks less the diagonal", fontsize=9)
    figure.savefig(picture, dpi=130)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", nargs="?", choices=PICTURES, default="exact")
    parser.add_argument("--datasets", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    found: dict[Shape | Kind, Ranked] = {}
    for shape in MODELS[asked.engine]:
        start = time.perf_counter()
        ranking = rank_kind if isinstance(shape, Kind) else rank
        found[shape] = ranked = ranking(shape, asked.datasets, asked.seed)
        print(f"{shape}: {shape.formula}   {time.perf_counter() - start:.0f} s", end="")
        print(f", by Metropolis {ranked.metropolis:.0%}" if ranked.metropolis else "")
        for label, ranks in ranked.ranks.items():
            print(f"  {label:20} p = {uniformity(ranks):.3g}", flush=True)
    p = [uniformity(ranks) for ranked in found.values() for ranks in ranked.ranks.values()]
    print(f"{len(p)} quantities; the least p is {min(p):.3g}, after Bonferroni {min(1.0, min(p) * len(p)):.3g}")
    mpl.use("Agg")
    draw(found, asked.datasets, PICTURES[asked.engine])


if __name__ == "__main__":
    main()
