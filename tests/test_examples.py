"""The examples' data are what they are said to be, and the README shows what the examples print."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import tildemc as tm


def test_the_trial_is_what_its_script_simulates(project: Path) -> None:
    folder = project / "examples" / "partially_clustered"
    spec = importlib.util.spec_from_file_location("simulate", folder / "simulate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    shipped = pd.read_csv(folder / "trial.csv", dtype={"j": "Int64"})
    pd.testing.assert_frame_equal(module.simulate(), shipped)
    assert shipped.loc[shipped["treat"] == 0, "j"].isna().all()


def test_data_are_the_originals(project: Path, open_data: Callable[[str], Path]) -> None:
    for name in ("radon", "sleepstudy"):
        copy = project / "examples" / name / "data" / f"{name}.csv"
        assert copy.read_bytes() == open_data(name).read_bytes()


PRIORS = ["Intercept ~ normal(0, 100)", "b ~ normal(0, 100)", "var(j) ~ gamma(1, 1)", "var(sigma) ~ uniform(0, 100)"]

TOUR = [
    ("log_radon ~ floor + (1 + floor | county)", "radon/data/radon.csv", ["sd(county) ~ exponential(1)"]),
    ("y ~ treat + (0 + treat | j); sigma ~ by(treat)", "partially_clustered/trial.csv", PRIORS),
]

MISTAKES = ["log_radon ~ flor + (1 | county)", "log_radon ~ floor + 1 | county", "log_radon ~ floor + (1 | county"]


@pytest.mark.parametrize(("formula", "data", "priors"), TOUR, ids=["radon", "partially clustered"])
def test_readme_shows_the_models(project: Path, formula: str, data: str, priors: list[str]) -> None:
    assert f"```\n{tm.model(formula, project / 'examples' / data, priors=priors)}\n```" in readme(project)


def test_readme_shows_the_source(project: Path) -> None:
    formula, data, priors = TOUR[0]
    source = tm.model(formula, project / "examples" / data, priors=priors).source()
    block = source[source.index("with pm.Model") : source.index("\nif __name__")].strip()
    assert f"```python\n{block}\n```" in readme(project)


@pytest.mark.parametrize("formula", MISTAKES)
def test_readme_shows_the_mistakes(project: Path, formula: str) -> None:
    with pytest.raises(tm.TildeError) as told:
        tm.model(formula, project / "examples" / "radon" / "data" / "radon.csv")
    assert f"error: {told.value}\n" in readme(project)


def readme(project: Path) -> str:
    return (project / "README.md").read_text(encoding="utf-8")
