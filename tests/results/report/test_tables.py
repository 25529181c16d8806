"""The tables of a report: what they say of columns, numbers and groups is what the data have."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.results.report.tables import columns, numbers_of, predictive, session, sizes
from tildemc.spec.design import Design

RNG = np.random.default_rng(2)
DATA = pd.DataFrame({"y": RNG.normal(3, 2, 30), "x": RNG.normal(size=30), "late": np.arange(30) > 20})
DATA["g"] = np.repeat(["a", "b", "c"], [4, 10, 16])
DATA.loc[[1, 2], "x"] = None


@pytest.fixture(scope="module")
def model() -> tm.Model:
    return tm.model("y ~ x + late + (1 | g)", DATA)


def test_columns_say_what_they_hold_and_lack(model: tm.Model) -> None:
    assert dict(columns(model.report).rows) == {
        "y": ["numbers", "float64", "0"], "x": ["numbers", "float64", "2"], "late": ["truth values", "bool", "0"],
        "g": ["labels", "text", "0"],
    }  # fmt: skip


def test_numbers_are_those_of_the_rows_used(model: tm.Model) -> None:
    used = DATA.dropna()["y"]
    rows = dict(numbers_of(model.spec, model.design).rows)
    assert [*rows] == ["y", "x", "lateTRUE"]
    assert [float(cell) for cell in rows["y"]] == pytest.approx(
        [used.mean(), used.std(ddof=0), used.min(), used.max()], abs=0.005
    )


def test_groups_have_the_rows_of_their_levels(model: tm.Model) -> None:
    assert sizes(model.spec, model.design).rows == [("g", ["3", "2", "10", "16"])]


@pytest.mark.parametrize("shift", [0, 500])
def test_what_priors_foresee_is_where_they_are(shift: float) -> None:
    priors = [f"Intercept ~ normal({shift}, 1)", "b ~ normal(0, 1)", "sigma ~ exponential(1)"]
    fit = tm.model("y ~ x", DATA, priors=priors).fit(draws=20, chains=1, seed=1, progress=False)
    assert isinstance(fit.design, Design)
    found = predictive(fit)
    assert not isinstance(found, str)
    before, observed = (dict(zip(found.headings, map(float, cells), strict=True)) for _, cells in found.rows)
    assert before["50%"] == pytest.approx(shift, abs=2)
    assert observed["mean"] == pytest.approx(DATA.dropna()["y"].mean(), abs=0.01)


def test_the_session_tells_of_the_settings(model: tm.Model) -> None:
    fit = model.fit(draws=20, chains=1, tune=30, progress=False)
    rows = dict(session(fit, model).rows)
    assert rows["Draws"] == ["20 of each of 1 chains"] and rows["Warm-up"] == ["30"]
    assert rows["Seed"] == ["none: other draws next time"]
