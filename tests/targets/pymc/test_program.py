"""The live graph and the printed source are two readers of one program, and cannot drift."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from case import ROOT, Case, cases
from programs import run_source, same_density, same_graph


@pytest.mark.parametrize("case", cases(), ids=str)
def test_source_and_graph_are_one_model(case: Case) -> None:
    model = case.model()
    same_density(model.pymc(), model.source(case.data), ROOT)


@pytest.mark.parametrize("case", cases(), ids=str)
def test_source_is_what_was_read_and_accepted(case: Case, accept: bool) -> None:
    check_golden(case.folder / "model.py", case.model().source(case.data), accept)


@pytest.mark.parametrize("case", cases(), ids=str)
def test_explanation_is_what_was_read_and_accepted(case: Case, accept: bool) -> None:
    check_golden(case.folder / "explain.txt", str(case.model()) + "\n", accept)


DEFAULTS: tuple[str, ...] = ()
WHOLE_SDS = ("sigma ~ half_student_t(3, 4525)", "b ~ normal(0, 90000)", "sd ~ student_t(3, 1000, 60000)")
WHOLE_VARIANCES = ("var(sigma) ~ inv_gamma(300, 70000)", "b ~ cauchy(0, 50000)", "var(g) ~ gamma(2, 40000)")
WHOLE_BOUNDS = ("sigma ~ uniform(0, 30000000)", "b ~ student_t(4, 200, 70000)", "sd ~ exponential(300)")


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1.0, 4525.0, 1e6])
@pytest.mark.parametrize("priors", [DEFAULTS, WHOLE_SDS, WHOLE_VARIANCES, WHOLE_BOUNDS], ids="|".join)
def test_source_has_the_graphs_density_at_any_scale(scale: float, priors: tuple[str, ...], tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"x": rng.normal(size=24), "g": np.resize(list("abc"), 24)})
    data["y"] = scale * (2 * data["x"] + rng.normal(size=24))
    data.to_csv(tmp_path / "data.csv", index=False)
    model = tm.model("y ~ x + (1 | g)", data, priors=priors)
    same_graph(model.pymc(), run_source(model.source("data.csv"), tmp_path))


def check_golden(path: Path, text: str, accept: bool) -> None:
    if accept:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{path} differs: read the diff, then `pytest --accept`"


def test_ruff_would_leave_every_source_as_it_is() -> None:
    files = [str(case.folder / "model.py") for case in cases()]
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "88", "--diff", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--line-length", "88", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


OTHERS = {
    "a number of the data": {"data": {"y": [1.0, 2.0, 4.0], "x": [0.0, 1.0, 3.5]}},
    "a response": {"data": {"y": [1.0, 2.5, 4.0], "x": [0.0, 1.0, 3.0]}},
    "a prior's scale": {"priors": ["sigma ~ exponential(2)"]},
    "a prior": {"priors": ["sigma ~ half_normal(1)"]},
    "a family": {"family": "student"},
    "a term": {"text": "y ~ x + I(x^2)"},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_graphs_that_differ_are_told_apart(other: dict[str, Any]) -> None:
    one: dict[str, Any] = {
        "text": "y ~ x",
        "data": {"y": [1.0, 2.0, 4.0], "x": [0.0, 1.0, 3.0]},
        "priors": ["Intercept ~ normal(0, 1)", "b ~ normal(0, 1)", "sigma ~ exponential(1)"],
    }
    same_graph(tm.model(**one).pymc(), tm.model(**one).pymc())
    with pytest.raises(AssertionError):
        same_graph(tm.model(**one).pymc(), tm.model(**one | other).pymc())
