"""The examples run, with few draws, and say what they promise."""

from __future__ import annotations

import importlib.util
import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import tildemc as tm


@pytest.fixture
def run(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """`run("radon", "--folds", "3")`: what an example prints, run in another folder."""

    def printed(example: str, *arguments: str | Path) -> str:
        script = str(project / "examples" / example / "run.py")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", [script, "--draws", "50", *map(str, arguments)])
        runpy.run_path(script, run_name="__main__")
        return capsys.readouterr().out

    return printed


@pytest.mark.slow
def test_radon(run: Callable[..., str], tmp_path: Path) -> None:
    said = run("radon", "--folds", "3", "--folder", tmp_path)
    assert "25 of 85 levels cannot support a regression of their own" in said
    assert "STLOUIS         116" in said
    cells = [line.split() for line in said.splitlines() if line.startswith(("  complete ", "  none ", "  partial "))]
    unseen = {way: float(number) for way, _, _, number, *_ in cells}
    assert unseen["partial"] < min(unseen["none"], unseen["complete"])
    for picture in ("shrinkage", "counties"):
        assert (tmp_path / f"{picture}.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_partially_clustered(run: Callable[..., str]) -> None:
    said = run("partially_clustered")
    assert "Rows: 200 of 200" in said
    assert "Effects by j: 10 levels" in said
    assert "treat = 0: " in said
    assert "treat = 1: " in said
    assert "  10: " in said


@pytest.mark.slow
def test_sleepstudy(run: Callable[..., str]) -> None:
    correlated, independent = run("sleepstudy").split("\n\n\n")[:2]
    assert "cor_Subject[Intercept, Days]" in correlated
    assert "cor_Subject" not in independent


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
