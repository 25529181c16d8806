"""Radon in Minnesota's counties: complete, no and partial pooling side by side, and what partial pooling does to each county."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
import tildemc as tm

HERE = Path(__file__).parent
DATA = HERE / "data" / "radon.csv"

COMPLETE = "log_radon ~ floor"
NONE = "log_radon ~ 0 + county + county:floor"
PARTIAL = "log_radon ~ floor + (1 + floor | county)"

COUNTIES = ["LACQUIPARLE", "WILKIN", "MURRAY", "COOK", "KOOCHICHING", "AITKIN", "CLAY", "ANOKA", "HENNEPIN", "STLOUIS"]
"""A few for the table and the plot's labels, from two houses to more than a hundred."""


def estimates(draws: int) -> pd.DataFrame:
    """Each county's level in the basement (floor 0): its houses, and mean and sd under each way of pooling."""
    posteriors = {}
    for formula in (COMPLETE, NONE, PARTIAL):
        fit = tm.model(formula, DATA).fit(draws=draws, tune=max(draws, 200), seed=1, progress=False)
        print(f"{formula}\n  {fit.path}, {fit.seconds:.1f} s")
        print(*(f"  ! {warning}" for warning in fit.warnings()), sep="\n")
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
    chosen = table.loc[COUNTIES].sort_values("houses")
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
    """The counties' places on a log axis: those with equally many houses beside one another."""
    rank = houses.groupby(houses).rank(method="first")
    centred = rank - rank.groupby(houses).transform("mean")
    return houses * 1.045**centred


def draw(table: pd.DataFrame, path: Path) -> None:
    """Draw the counties against their numbers of houses, without pooling and with it."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import NullLocator

    x = spread(table["houses"])
    figure, axes = plt.subplots(1, 2, figsize=(11, 5), sharex=True, sharey=True, layout="constrained")
    for ax, way, colour, title in zip(
        axes, ("none", "partial"), ("#b3541e", "#1f5a7a"), ("No pooling", "Partial pooling"), strict=True
    ):
        ax.axhline(table["complete"].iloc[0], color="0.35", linewidth=1, linestyle=(0, (5, 3)), zorder=1)
        if way == "partial":
            ax.vlines(x, table["none"], table["partial"], color="0.82", linewidth=1, zorder=1)
            ax.scatter(x, table["none"], s=9, facecolor="white", edgecolor="0.6", linewidth=0.8, zorder=2)
        low, high = table[way] - table[f"{way}_sd"], table[way] + table[f"{way}_sd"]
        ax.vlines(x, low, high, color=colour, linewidth=1.1, alpha=0.55, zorder=3)
        ax.scatter(x, table[way], s=17, color=colour, zorder=4)
        for county in COUNTIES:
            place = (x[county], table.loc[county, way])
            ax.annotate(county.title(), place, (5, 3), textcoords="offset points", fontsize=7.5, color="0.15", zorder=5)
        ax.set_xscale("log")
        ax.set_xticks([1, 2, 5, 10, 20, 50, 100], ["1", "2", "5", "10", "20", "50", "100"])
        ax.xaxis.set_minor_locator(NullLocator())
        ax.set_title(title, loc="left", fontsize=12)
        ax.set_xlabel("houses measured in the county")
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("log radon in the basement, mean ± sd")
    axes[1].annotate(
        "complete pooling", (1, table["complete"].iloc[0]), (0, -11), textcoords="offset points", fontsize=8, color="0.35"
    )
    figure.savefig(path, dpi=160)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000, help="of each chain")
    parser.add_argument("--plot", type=Path, default=HERE / "shrinkage.png", help="where to draw")
    arguments = parser.parse_args()
    found = estimates(arguments.draws)
    show(found)
    draw(found, arguments.plot)
    print(f"\nDrawn: {arguments.plot.name}")
