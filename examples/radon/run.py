"""Radon in Minnesota: complete, no and partial pooling side by side, and what partial pooling does to each county."""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib

import tildemc as tm
from tildemc.results.plots import save
from tildemc.results.pooling import Pooling

HERE = Path(__file__).parent
FORMULA = "log_radon ~ floor + (1 + floor | county)"
COUNTIES = ["CASS", "CROWWING", "FREEBORN"]
"""Those that the post shows, from few houses that say little to a level of its own."""
LISTED = ["LACQUIPARLE", "WILKIN", "MURRAY", "COOK", *COUNTIES, "KOOCHICHING", "CLAY", "ANOKA", "HENNEPIN", "STLOUIS"]


def show(pooling: Pooling) -> None:
    """Print how each way of pooling does, and some counties' coefficients as mean (sd)."""
    print(pooling)
    found = pooling.coefficients().loc[LISTED]
    for effect, told in (("Intercept", "Log radon in the basement"), ("floor", "What the first floor adds")):
        table = found.xs(effect, level="effect").sort_values(("data", "rows"))
        print(f"\n{told}, mean (sd)\n")
        print(f"{'':12} houses  no pooling     partial        complete")
        for county, row in table.iterrows():
            cells = [f"{row[way, 'mean']:5.2f} ({row[way, 'sd']:.2f})" for way in ("none", "partial", "complete")]
            shown = "  ".join("             " if "nan" in cell else f"{cell:13}" for cell in cells)
            print(f"{county:12} {row['data', 'rows']:6.0f}  {shown}".rstrip())


def main(draws: int, folds: int, folder: Path) -> None:
    """Fit the three ways, print what comes of it, and draw it."""
    matplotlib.use("Agg")
    pooling = tm.pooling(FORMULA, HERE / "data" / "radon.csv", folds=folds, draws=draws, progress=False)
    show(pooling)
    save(pooling.plot("shrinkage"), folder / "shrinkage.png", dpi=100)
    save(pooling.plot("groups", levels=COUNTIES), folder / "counties.png", dpi=100)
    print("\nDrawn: shrinkage.png, counties.png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000, help="of each chain")
    parser.add_argument("--folds", type=int, default=10, help="parts of the rows that are left out in turn")
    parser.add_argument("--folder", type=Path, default=HERE, help="where to draw")
    arguments = parser.parse_args()
    main(arguments.draws, arguments.folds, arguments.folder)
