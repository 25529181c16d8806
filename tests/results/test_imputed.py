"""Responses that are drawn after a fit, against their closed forms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm


def rows() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"x": rng.normal(size=60), "g": np.arange(60) % 5, "s": rng.uniform(0.3, 0.6, 60)})
    frame = frame.assign(y=1 + 2 * frame["x"] + 0.4 * rng.normal(size=60))
    frame.loc[[3, 9], "y"] = np.nan
    return frame


def test_missing_responses_change_nothing_and_are_predictions(tmp_path: Path) -> None:
    data = rows()
    fit = tm.model("y | mi() ~ x + (1 | g)", data).fit(seed=1, progress=False)
    plain = tm.model("y ~ x + (1 | g)", data).fit(seed=1, progress=False)
    pd.testing.assert_frame_equal(fit.summary(), plain.summary())
    drawn = fit.data["posterior"]["Ymi"]
    expected = plain.predict(data.loc[[3, 9]], kind="response", seed=2)
    assert drawn["Ymi_row"].to_numpy().tolist() == [3, 9]
    np.testing.assert_allclose(drawn.mean(("chain", "draw")), expected["mean"], atol=0.05)
    np.testing.assert_allclose(drawn.std(("chain", "draw")), expected["sd"], rtol=0.08)
    assert fit.hypothesis("Ymi[9] > 0")["mean"].item() == pytest.approx(float(drawn.sel(Ymi_row=9).mean()))
    fit.save(tmp_path / "fit.nc")
    np.testing.assert_array_equal(tm.load(tmp_path / "fit.nc").data["posterior"]["Ymi"], drawn)
    assert np.isfinite(fit.kfold(2, draws=100).elpd)


def test_true_responses_are_between_what_was_measured_and_the_mean() -> None:
    data = rows()
    fit = tm.model("y | mi(s) ~ x", data, priors=("sigma ~ exponential(1)",)).fit(seed=1, progress=False)
    draws = fit.data["posterior"]
    sigma, seen = draws["sigma"].to_numpy()[..., None], data.dropna()
    mean = draws["Intercept"].to_numpy()[..., None] + draws["b"].to_numpy() * seen["x"].to_numpy()
    share = sigma**2 / (sigma**2 + seen["s"].to_numpy() ** 2)
    expected = (mean + share * (seen["y"].to_numpy() - mean)).mean(axis=(0, 1))
    true = draws["Yl"].mean(("chain", "draw"))
    assert draws.sizes["Yl_row"] == 60
    np.testing.assert_allclose(true.to_numpy()[:58], expected, atol=0.04)
