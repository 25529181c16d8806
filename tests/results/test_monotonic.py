"""What one does with a fit of monotonic effects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm


@pytest.fixture(scope="module")
def oracle(shared: Path) -> tuple[Any, pd.DataFrame, tm.Fit]:
    """brms's posterior, its data, and ours of the pasted call."""
    folder = shared / "oracles" / "posteriors"
    known = json.loads((folder / "sim_monotonic.json").read_text())
    data = pd.read_csv(folder / "sim_monotonic.csv")
    data["income"] = pd.Categorical(data["income"], known["levels"]["income"]["levels"], ordered=True)
    return known, data, tm.model(known["call"], data).fit(draws=800, tune=500, chains=2, seed=1, progress=False)


def test_the_pasted_call_has_brms_posterior(oracle: tuple[Any, pd.DataFrame, tm.Fit]) -> None:
    known, _, fit = oracle
    ours = fit.summary().droplevel("part")
    names = {"b_Intercept": "Intercept", "b_z": "b[z]"}
    for row in known["summary"]:
        name = row["parameter"].removeprefix("bsp_").replace("1[", "[")
        found, sd = ours.loc[names.get(name, name)], row["Est.Error"]
        # brms drew 8,000; of both the effective number is what ours says.
        assert found["mean"] == pytest.approx(row["Estimate"], abs=4.4 * sd / np.sqrt(found["ess_bulk"])), name
        assert found["sd"] == pytest.approx(sd, rel=4.4 / np.sqrt(found["ess_tail"])), name


def test_predictions_and_effects_go_by_steps(oracle: tuple[Any, pd.DataFrame, tm.Fit], tmp_path: Path) -> None:
    _, data, fit = oracle
    rows = data.head(4).assign(
        income=pd.Categorical(["low", "mid", "high", "top"], data["income"].cat.categories), z=0.0
    )
    draws = fit.data["posterior"]
    share = np.concatenate([[0.0], draws["simo_moincome"].mean(("chain", "draw")).cumsum("moincome_step")])
    found = fit.predict(rows)["mean"].to_numpy()
    expected = float(draws["Intercept"].mean()) + 3 * float(draws["moincome"].mean()) * share
    np.testing.assert_allclose(found, expected, rtol=0.01)
    fit.save(tmp_path / "fit.nc")
    pd.testing.assert_frame_equal(tm.load(tmp_path / "fit.nc").predict(rows), fit.predict(rows))
    assert list(fit.conditional_effects(["income", "z"])) == ["income", "z"]
    with pytest.raises(tm.errors.TildeError, match="medium"):
        fit.predict(rows.assign(income="medium"))


@pytest.mark.parametrize(("code", "told"), [(5, "5 from it"), (-1, "-1 from it"), (1.5, "1.5 from it")])
def test_a_place_without_steps_is_refused(code: float, told: str) -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"y": rng.normal(size=40), "k": np.resize(np.arange(4), 40)})
    fit = tm.model("y ~ mo(k)", data).fit(draws=20, tune=20, chains=1, seed=1, progress=False)
    with pytest.raises(tm.errors.DataError, match=told):
        fit.predict({"k": [0.0, code]})


def test_whole_numbers_are_looked_at_where_they_are() -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"k": np.arange(60) % 4}).assign(y=lambda d: d.k**0.5 + 0.3 * rng.normal(size=60))
    fit = tm.model("y ~ mo(k)", data).fit(draws=50, tune=100, chains=2, seed=1, progress=False)
    assert fit.conditional_effects()["k"].frame()["k"].tolist() == [0, 1, 2, 3]
    assert fit.avg_slopes("k").frame()["contrast"].tolist() == ["1 - 0", "2 - 0", "3 - 0"]
