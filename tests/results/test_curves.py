"""What one does with a fit of a non-linear formula."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm


@pytest.fixture(scope="module")
def oracle(shared: Path) -> tuple[dict[str, object], pd.DataFrame, tm.Fit]:
    """brms's posterior, its data, and ours of the pasted call."""
    folder = shared / "oracles" / "posteriors"
    known = json.loads((folder / "loss_nonlinear.json").read_text())
    data = pd.read_csv(folder / "loss_nonlinear.csv")
    return known, data, tm.model(known["call"], data).fit(draws=1000, tune=700, chains=2, seed=1, progress=False)


NAMES = {"b_ult_Intercept": "ult_Intercept", "b_omega_Intercept": "omega_Intercept"}
NAMES |= {"b_theta_Intercept": "theta_Intercept", "sd_AY__ult_Intercept": "ult_sd_AY[Intercept]", "sigma": "sigma"}


def test_the_pasted_call_has_brms_posterior(oracle: tuple[dict[str, list[dict[str, float]]], object, tm.Fit]) -> None:
    known, _, fit = oracle
    ours = fit.summary().droplevel("part")
    for row in known["summary"]:
        found, sd = ours.loc[NAMES[str(row["parameter"])]], row["Est.Error"]
        # brms drew 8,000; of both the effective number is what ours says.
        assert found["mean"] == pytest.approx(row["Estimate"], abs=4.4 * sd / np.sqrt(found["ess_bulk"]))
        assert found["sd"] == pytest.approx(sd, rel=4.4 / np.sqrt(found["ess_tail"]))
    means = fit.predict(kind="mean")["mean"].head(5)
    np.testing.assert_allclose(means, [row["Estimate"] for row in known["fitted_first"]], rtol=0.02)


def test_new_data_need_the_columns_that_the_curve_reads(
    oracle: tuple[object, pd.DataFrame, tm.Fit], tmp_path: Path
) -> None:
    _, data, fit = oracle
    later = data.head(3).assign(dev=120.0)
    draws = fit.data["posterior"]
    values = {name: draws[f"{name}_Intercept"].to_numpy() for name in ("ult", "omega", "theta")}
    own = values["ult"] + draws["ult_r_AY"].sel(AY=data["AY"][0]).to_numpy()[..., 0]
    expected = (own * (1 - np.exp(-((120 / values["theta"]) ** values["omega"])))).mean()
    assert fit.predict(later)["mean"].iloc[0] == pytest.approx(expected)
    fit.save(tmp_path / "fit.nc")
    pd.testing.assert_frame_equal(tm.load(tmp_path / "fit.nc").predict(later), fit.predict(later))
    with pytest.raises(tm.errors.TildeError, match="dev"):
        fit.predict(later.drop(columns="dev"))


def test_effects_are_of_the_columns_too(oracle: tuple[object, object, tm.Fit]) -> None:
    effects = oracle[2].conditional_effects()
    assert list(effects) == ["dev"]
    assert effects["dev"].frame()["estimate"].is_monotonic_increasing
