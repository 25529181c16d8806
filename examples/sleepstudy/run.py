"""Reaction times after short nights: slopes that are correlated with the intercepts, and slopes that are not."""

import argparse
from pathlib import Path

import tildemc as tm

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--draws", type=int, default=1000, help="of each chain")
draws = parser.parse_args().draws

for formula in ("Reaction ~ Days + (1 + Days | Subject)", "Reaction ~ Days + (1 + Days || Subject)"):
    model = tm.model(formula, Path(__file__).parent / "data" / "sleepstudy.csv")
    print(model, model.fit(draws=draws, tune=max(draws, 200), seed=1, progress=False), sep="\n\n", end="\n\n\n")
