"""Long runs of NUTS on PyMC graphs, summarised in data/nuts_on_the_graph.json, for the engines that are no graph.

`python tests/nuts_reference.py [model …]` draws those named again, by default all; it takes minutes.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import arviz as az
import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from shared import SHARED
from tildemc.results.datatree import dataset
from tildemc.results.fit import Fit

__all__ = ["MODELS", "REFERENCE", "Recorded", "assert_alike", "model_of", "moments", "recorded"]

REFERENCE = Path(__file__).parent / "data" / "nuts_on_the_graph.json"
COLUMNS = ["mean", "sd", "mcse_mean", "mcse_sd"]
SETTINGS = {"method": "pymc", "draws": 10_000, "tune": 2000, "chains": 4, "target_accept": 0.99, "seed": 2026}
LONGER = {"Penicillin": 20_000, "epilepsy_counts": 20_000}
"""Draws where these chains mix slowly: effects trade with the intercept, or with a column that they could stand for."""
LARGEST_RHAT, LEAST_ESS = 1.005, 2000


@dataclass(frozen=True)
class Recorded:
    """A model on an open data set, or on a file of the project."""

    data: str
    formula: str
    priors: tuple[str, ...] = ()
    family: str = "gaussian"

    @property
    def path(self) -> Path | None:
        """Where the data lie, if they are there."""
        if self.data.endswith(".csv"):
            return Path(__file__).resolve().parents[1] / self.data
        found = None if SHARED is None else SHARED / "data" / "open" / f"{self.data}.csv"
        return found if found is not None and found.exists() else None


MODELS = {
    "sleepstudy": Recorded("examples/sleepstudy/data/sleepstudy.csv", "Reaction ~ Days + (1 + Days | Subject)"),
    "sleepstudy_se": Recorded("sleepstudy", "Reaction | se(10 + Days, sigma = TRUE) ~ Days + (1 + Days || Subject)"),
    "radon": Recorded("radon", "log_radon ~ floor + log_uranium + (1 + floor | county)"),
    "radon_exponential": Recorded(
        "examples/radon/data/radon.csv", "log_radon ~ floor + (1 + floor | county)", ("sd(county) ~ exponential(1)",)
    ),
    "Dyestuff": Recorded("Dyestuff", "Yield ~ 1 + (1 | Batch)"),
    "Dyestuff2": Recorded("Dyestuff2", "Yield ~ 1 + (1 | Batch)"),
    "Pastes": Recorded(
        "tests/data/Pastes.csv",
        "strength ~ 1 + (1 | batch/cask)",
        ("sd ~ gamma(2, 0.5)", "var(sigma) ~ inv_gamma(2, 1)"),
    ),
    "Penicillin": Recorded("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)"),
    "cake": Recorded(
        "cake",
        "angle | weights(temp / 200) ~ C(recipe, sum) * factor(temperature) + (1 | recipe:replicate)",
        ("b ~ normal(0, 20)", "var(recipe:replicate) ~ exponential(0.1)"),
    ),
    "ergoStool": Recorded("ergoStool", "effort ~ Type + (1 | Subject)", ("Intercept ~ normal(0, 20)",)),
    "RatPupWeight": Recorded("RatPupWeight", "weight ~ sex * Treatment + Lsize + (1 | Litter); sigma ~ by(Treatment)"),
    "epilepsy": Recorded("epilepsy", "log(count + 1) ~ Trt * zAge + offset(log(Base)) + (1 | patient)"),
    "Exam": Recorded("Exam", "normexam ~ standLRT + sex + (1 + standLRT + sex | school)", ("cor(school) ~ lkj(1)",)),
    "trial": Recorded(
        "examples/partially_clustered/trial.csv",
        "y ~ treat + (0 + treat | j); sigma ~ by(treat)",
        ("Intercept ~ normal(0, 100)", "b ~ normal(0, 100)", "var(j) ~ gamma(1, 1)", "var(sigma) ~ uniform(0, 100)"),
    ),
    "cbpp": Recorded(
        "tests/data/cbpp.csv",
        "cbind(incidence, size - incidence) ~ factor(period) + (1 | herd)",
        family="binomial",
    ),
    "epilepsy_counts": Recorded(
        "tests/data/epilepsy.csv",
        "count ~ zAge + zBase * Trt + (1 | patient) + (1 | obs)",
        family="poisson",
    ),
}


def moments(fit: Fit) -> pd.DataFrame:
    """Means and sds of all scalars that vary, with their Monte Carlo errors, and the diagnostics."""
    with np.errstate(invalid="ignore"):
        table = az.summary(dataset(fit.groups["posterior"]), kind="all", round_to="none").astype(float)
    return table[table["sd"] > 1e-12]


def assert_alike(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """The same scalars, with means and sds that differ by less than 4 Monte Carlo errors."""
    assert set(one.index) == set(other.index)
    for moment in ("mean", "sd"):
        error = np.hypot(one[f"mcse_{moment}"], other[f"mcse_{moment}"])
        z = (one[moment] - other[moment]) / error
        assert z.abs().max() < 4, f"{moment} of {z.abs().idxmax()}: {z.abs().max():.2f} errors apart"


def recorded(name: str) -> pd.DataFrame:
    """The moments that long runs had."""
    found = json.loads(REFERENCE.read_text())["models"][name]["moments"]
    return pd.DataFrame.from_dict(found, orient="index", columns=COLUMNS)


def model_of(name: str) -> tm.Model:
    """A recorded model; skips where its data are absent."""
    described = MODELS[name]
    if described.path is None:
        pytest.skip(f"no {described.data} among the shared data")
    return tm.model(described.formula, described.path, described.family, described.priors)


def drawn(name: str) -> dict[str, object]:
    """A model's entry in the file."""
    settings = {**SETTINGS, "draws": LONGER.get(name, SETTINGS["draws"])}
    fit = model_of(name).fit(progress=False, **settings)
    table = moments(fit)
    assert table["r_hat"].max() < LARGEST_RHAT, table["r_hat"].nlargest()
    assert table["ess_bulk"].min() > LEAST_ESS, table["ess_bulk"].nsmallest()
    return {
        **asdict(MODELS[name]),
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
