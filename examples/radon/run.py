"""Radon in Minnesota: complete, no and partial pooling side by side, and what partial pooling does to each county."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

import tildemc as tm

HERE = Path(__file__).parent
DATA = HERE / "data" / "radon.csv"

COMPLETE = "log_radon ~ floor"
NONE = "log_radon ~ 0 + county + county:floor"
PARTIAL = "log_radon ~ floor + (1 + floor | county)"

COUNTIES = {
    "LACQUIPARLE": "Lac qui Parle",
    "WILKIN": "Wilkin",
    "MURRAY": "Murray",
    "COOK": "Cook",
    "AITKIN": "Aitkin",
    "KOOCHICHING": "Koochiching",
    "CLAY": "Clay",
    "ANOKA": "Anoka",
    "HENNEPIN": "Hennepin",
    "STLOUIS": "St. Louis",
}
"""A few, as they are written: for the table, and to be named in the plot."""


def estimates(draws: int) -> pd.DataFrame:
    """Each county's level in the basement (floor 0): its houses, and mean and sd under each way of pooling."""
    posteriors = {}
    for formula in (COMPLETE, NONE, PARTIAL):
        fit = tm.model(formula, DATA).fit(draws=draws, tune=max(draws, 200), seed=1, progress=False)
        print(f"{formula}\n  {fit.path}, {fit.seconds:.1f} s")
        for warning in fit.warnings():
            print(f"  ! {warning}")
        posteriors[formula] = fit.data["posterior"]

    houses = pd.read_csv(DATA)["county"].value_counts().sort_index()
    complete = posteriors[COMPLETE]["Intercept"]
    separate = posteriors[NONE]["b"].sel(term=[f"county{county}" for county in houses.index])
    partial = posteriors[PARTIAL]["Intercept"] + posteriors[PARTIAL]["r_county"].sel(county_term="Intercept")
    partial = partial.sel(county=houses.index.to_list())

    over = ("chain", "draw")
    table = pd.DataFrame({"houses": houses})
    table["complete"], table["complete_sd"] = float(complete.mean()), float(complete.std())
    table["none"], table["none_sd"] = separate.mean(over).to_numpy(), separate.std(over).to_numpy()
    table["partial"], table["partial_sd"] = partial.mean(over).to_numpy(), partial.std(over).to_numpy()
    return table


def show(table: pd.DataFrame) -> None:
    """Print the chosen counties' estimates as mean (sd)."""
    chosen = table.loc[list(COUNTIES)].rename(COUNTIES).sort_values("houses")
    columns = {
        f"{way} pooling": [f"{mean:5.2f} ({sd:.2f})" for mean, sd in zip(chosen[way], chosen[f"{way}_sd"], strict=True)]
        for way in ("complete", "none", "partial")
    }
    columns["no pooling"] = columns.pop("none pooling")
    shown = pd.DataFrame({"houses": chosen["houses"], **columns})
    order = ["houses", "no pooling", "partial pooling", "complete pooling"]
    print("\nLog radon in the basement, mean (sd)\n")
    print(shown[order].rename_axis(None).to_string())


def spread(houses: pd.Series) -> pd.Series:
    """The counties' places on a log axis: those with equally many houses side by side, short of the next number."""
    group = houses.groupby(houses)
    step = (0.8 * np.log1p(1 / houses) / group.transform("size")).clip(upper=0.045)
    rank = group.rank(method="first")
    return houses * np.exp(step * (rank - rank.groupby(houses).transform("mean")))


def draw(table: pd.DataFrame, path: Path) -> None:
    """Draw the counties against their numbers of houses, without pooling and with it."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    x = spread(table["houses"])
    level = table["complete"].iloc[0]
    figure, axes = plt.subplots(1, 2, figsize=(12, 5.2), sharex=True, sharey=True, layout="constrained")
    for ax, way, colour in zip(axes, ("none", "partial"), ("#b3541e", "#1f5a7a"), strict=True):
        ax.axhline(level, color="0.35", linewidth=1, linestyle=(0, (5, 3)), zorder=1)
        ax.errorbar(
            x, table[way], yerr=table[f"{way}_sd"], fmt="o", color=colour, ecolor=f"{colour}80", markersize=4,
            elinewidth=1.1, zorder=3,
        )  # fmt: skip
        for county, name in COUNTIES.items():
            y = table.loc[county, "none"]
            beside = (5, 4 if y > level else -10)
            ax.annotate(name, (x[county], y), beside, textcoords="offset points", fontsize=8, color="0.2", zorder=5)
        ax.set_xscale("log")
        ax.set_xticks([1, 2, 5, 10, 20, 50, 100], ["1", "2", "5", "10", "20", "50", "100"])
        ax.set_xticks([], minor=True)
        ax.set_xlim(0.8, 250)
        ax.set_xlabel("houses measured in the county (equal numbers side by side)")
        ax.spines[["top", "right"]].set_visible(False)

    left, right = axes
    left.set_title("No pooling: a regression for each county", loc="left")
    left.set_ylabel("log radon in the basement, posterior mean ± sd")
    right.set_title("Partial pooling: the less is known of a county, the more it moves", loc="left")
    right.vlines(x, table["none"], table["partial"], color="0.8", linewidth=1, zorder=1)
    right.scatter(
        x, table["none"], 12, facecolor="white", edgecolor="0.55", linewidth=0.8, zorder=2, label="no pooling"
    )
    right.legend(frameon=False, loc="upper right")
    right.annotate("complete pooling", (240, level), (0, -11), textcoords="offset points", ha="right", fontsize=8)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1500, help="of each chain")
    parser.add_argument("--plot", type=Path, default=HERE / "shrinkage.png", help="where to draw")
    arguments = parser.parse_args()
    found = estimates(arguments.draws)
    show(found)
    draw(found, arguments.plot)
    print(f"\nDrawn: {arguments.plot.name}")
