"""Long runs of NUTS on PyMC graphs of Gaussian models, summarised in data/exact_vs_nuts.json, for the exact engine.

`python tests/nuts_reference.py [model …]` draws those named again, by default all; it takes minutes.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path

import arviz as az
import numpy as np
import pandas as pd

import tildemc as tm
from shared import SHARED
from tildemc.results.datatree import dataset
from tildemc.results.fit import Fit

__all__ = ["COLUMNS", "REFERENCE", "data_of", "moments"]

REFERENCE = Path(__file__).parent / "data" / "exact_vs_nuts.json"
COLUMNS = ["mean", "sd", "mcse_mean", "mcse_sd"]
SETTINGS = {"method": "pymc", "draws": 10_000, "tune": 2000, "chains": 4, "target_accept": 0.99, "seed": 2026}
LONGER = {"Penicillin": 20_000}
"""Draws where these chains mix slowly: the mean of one factor's effects trades with the intercept."""
LARGEST_RHAT, LEAST_ESS = 1.005, 2000

MODELS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "sleepstudy": ("sleepstudy", "Reaction ~ Days + (1 + Days | Subject)", ()),
    "sleepstudy_se": ("sleepstudy", "Reaction | se(10 + Days, sigma = TRUE) ~ Days + (1 + Days || Subject)", ()),
    "radon": ("radon", "log_radon ~ floor + log_uranium + (1 + floor | county)", ()),
    "Dyestuff": ("Dyestuff", "Yield ~ 1 + (1 | Batch)", ()),
    "Dyestuff2": ("Dyestuff2", "Yield ~ 1 + (1 | Batch)", ()),
    "Pastes": ("Pastes", "strength ~ 1 + (1 | batch/cask)", ("sd ~ gamma(2, 0.5)", "var(sigma) ~ inv_gamma(2, 1)")),
    "Penicillin": ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", ()),
    "cake": (
        "cake",
        "angle | weights(temp / 200) ~ C(recipe, sum) * factor(temperature) + (1 | recipe:replicate)",
        ("b ~ normal(0, 20)", "var(recipe:replicate) ~ exponential(0.1)"),
    ),
    "ergoStool": ("ergoStool", "effort ~ Type + (1 | Subject)", ("Intercept ~ normal(0, 20)",)),
    "RatPupWeight": ("RatPupWeight", "weight ~ sex * Treatment + Lsize + (1 | Litter); sigma ~ by(Treatment)", ()),
    "epilepsy": ("epilepsy", "log(count + 1) ~ Trt * zAge + offset(log(Base)) + (1 | patient)", ()),
    "Exam": ("Exam", "normexam ~ standLRT + sex + (1 + standLRT + sex | school)", ("cor(school) ~ lkj(1)",)),
    "trial": (
        "examples/partially_clustered/trial.csv",
        "y ~ treat + (0 + treat | j); sigma ~ by(treat)",
        ("Intercept ~ normal(0, 100)", "b ~ normal(0, 100)", "var(j) ~ gamma(1, 1)", "var(sigma) ~ uniform(0, 100)"),
    ),
}
"""By name an open data set, or a file of the project, a formula and priors."""


def data_of(name: str) -> Path | None:
    """Where an open data set, or a file of the project, lies."""
    if name.endswith(".csv"):
        return Path(__file__).resolve().parents[1] / name
    return None if SHARED is None else SHARED / "data" / "open" / f"{name}.csv"


def moments(fit: Fit) -> pd.DataFrame:
    """Means and sds of all scalars that vary, with their Monte Carlo errors, and the diagnostics."""
    with np.errstate(invalid="ignore"):
        table = az.summary(dataset(fit.groups["posterior"]), kind="all", round_to="none").astype(float)
    return table[table["sd"] > 1e-12]


def drawn(name: str) -> dict[str, object]:
    """A model's entry in the file."""
    data, formula, priors = MODELS[name]
    path = data_of(data)
    assert path is not None
    settings = {**SETTINGS, "draws": LONGER.get(name, SETTINGS["draws"])}
    fit = tm.model(formula, path, priors=priors).fit(progress=False, **settings)
    table = moments(fit)
    assert table["r_hat"].max() < LARGEST_RHAT, table["r_hat"].nlargest()
    assert table["ess_bulk"].min() > LEAST_ESS, table["ess_bulk"].nsmallest()
    return {
        "data": data,
        "formula": formula,
        "priors": priors,
        "draws": fit.draws,
        "divergences": fit.divergences,
        "largest_rhat": round(float(table["r_hat"].max()), 5),
        "least_ess": round(float(table["ess_bulk"].min())),
        "moments": {name: [float(f"{v:.7g}") for v in row] for name, row in table[COLUMNS].T.to_dict("list").items()},
    }


def main() -> None:
    """Draw, and write what was drawn."""
    known = json.loads(REFERENCE.read_text())["models"] if REFERENCE.exists() else {}
    for name in sys.argv[1:] or MODELS:
        known[name] = drawn(name)
        print(name, {key: value for key, value in known[name].items() if key != "moments"}, flush=True)
        versions = {package: version(package) for package in ("pymc", "nutpie", "arviz")}
        about = {
            "made_by": "tests/nuts_reference.py",
            "what": "NUTS on the PyMC graph: of each scalar " + ", ".join(COLUMNS),
            "settings": SETTINGS,
            "versions": versions,
        }
        REFERENCE.write_text(_rows({**about, "models": {key: known[key] for key in MODELS if key in known}}))


def _rows(content: dict[str, object]) -> str:
    """JSON with each scalar's numbers on one line."""
    text = json.dumps(content, indent=1, ensure_ascii=False)
    pieces = text.split("[\n")
    flat = [head.split("]", 1) for head in pieces[1:]]
    return pieces[0] + "".join("[" + " ".join(a.split()) + "]" + b for a, b in flat) + "\n"


if __name__ == "__main__":
    main()
