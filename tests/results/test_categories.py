"""Fits of responses in categories: predictions, residuals, shares of variance, files; and brms's posterior of one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.errors import SemanticError, TildeError, UnsupportedError


def data(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    x, g = rng.normal(size=n), np.arange(n) % 6
    cut = np.digitize(x + rng.normal(size=6)[g] + rng.logistic(size=n), [-1.0, 0.5])
    word = pd.Categorical(np.array(["low", "mid", "high"])[cut], ["low", "mid", "high"], ordered=True)
    return pd.DataFrame({"x": x, "g": g, "word": word, "arm": np.array(["a", "b", "c"])[cut]})


@pytest.fixture(scope="module")
def ordered() -> tm.Fit:
    return tm.model("word ~ x + (1 | g)", data(), "cumulative").fit(
        draws=60, tune=100, chains=2, seed=1, progress=False
    )


@pytest.fixture(scope="module")
def unordered() -> tm.Fit:
    return tm.model("arm ~ x", data(), "categorical").fit(draws=60, tune=100, chains=2, seed=1, progress=False)


def test_means_are_the_chance_of_each_category(ordered: tm.Fit) -> None:
    table = ordered.predict()
    assert list(table.columns.get_level_values(0).unique()) == ["low", "mid", "high"]
    chances = table.xs("mean", axis=1, level=1)
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    drawn = ordered.predict(draws=True)
    assert drawn.dims == ("chain", "draw", "obs", "category")
    np.testing.assert_allclose(drawn.mean(("chain", "draw")), chances)
    shares = ordered.predict(kind="response", seed=1)
    assert list(shares.columns) == ["low", "mid", "high"]
    np.testing.assert_allclose(shares, chances, atol=0.25)
    new = ordered.predict(pd.DataFrame({"x": [0.0, 9.0], "g": [1, 1]}))
    assert new["high", "mean"].is_monotonic_increasing


def test_what_else_is_asked_of_ordered_categories(ordered: tm.Fit, tmp_path: Path) -> None:
    assert (ordered.predict(kind="disc")["mean"] == 1).all()
    assert np.isfinite(ordered.predict(kind="linear")).all(axis=None)
    for kind in ("ordinary", "pearson", "quantile"):
        assert np.isfinite(ordered.residuals(kind, seed=1)).all(axis=None)
    assert np.isfinite(ordered.loo().elpd)
    sd = ordered.data["posterior"]["sd_g"][..., 0]
    expected = (sd**2 / (sd**2 + np.pi**2 / 3)).mean()
    assert ordered.icc().loc["g", "mean"] == pytest.approx(float(expected))
    assert ordered.r2().loc["conditional", "mean"] > 0.05
    assert "Intercept[2]" in str(ordered)
    assert "cumulative with logit link; 60 rows" in str(ordered)
    ordered.save(tmp_path / "fit.nc")
    pd.testing.assert_frame_equal(tm.load(tmp_path / "fit.nc").predict(), ordered.predict())


def test_categories_in_no_order_have_chances_alone(unordered: tm.Fit) -> None:
    chances = unordered.predict().xs("mean", axis=1, level=1)
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    assert np.isfinite(unordered.loo().elpd)
    assert "categorical with logit link; 60 rows" in str(unordered)
    for refused in (unordered.residuals, unordered.r2):
        with pytest.raises(SemanticError, match="have no mean: `predict\\(\\)` gives the chance of each"):
            refused()


def test_categories_in_no_order_have_no_share_of_variance() -> None:
    fit = tm.model("arm ~ x + (1 | g)", data(), "categorical").fit(draws=20, tune=50, chains=2, seed=1, progress=False)
    with pytest.raises(UnsupportedError, match="has no variance on its predictor's scale"):
        fit.icc()


def test_stated_thresholds_increase() -> None:
    model = tm.model("word ~ x", data(), "cumulative")
    values = {"mu": 0.0, "Intercept": [-1.0, 1.0]}
    table = model.predict_at(values)
    assert list(table.columns) == ["low", "mid", "high"]
    np.testing.assert_allclose(table.iloc[0], [0.26894, 0.46212, 0.26894], atol=1e-5)
    assert set(model.simulate(values, seed=1)) == {1.0, 2.0, 3.0}
    with pytest.raises(TildeError, match="takes increasing numbers, and 1, -1 are none"):
        model.predict_at({"mu": 0.0, "Intercept": [1.0, -1.0]})
    with pytest.raises(TildeError, match="needed are Intercept, b; mu itself"):
        model.predict_at({"mu": 0.0})
    drawn = model.prior_predictive(50, seed=1)["prior"]["Intercept"]
    assert (drawn.diff("threshold") > 0).all()


def test_a_pasted_call_has_brms_posterior(shared: Path) -> None:
    folder = shared / "oracles" / "posteriors"
    known = json.loads((folder / "inhaler_cumulative.json").read_text())
    fit = tm.model(known["call"], pd.read_csv(folder / "inhaler_cumulative.csv")).fit(
        draws=400, tune=300, chains=2, seed=1, progress=False
    )
    ours = fit.summary().droplevel("part")
    for row in known["summary"]:
        name = row["parameter"].removeprefix("b_")
        name = {"sd_subject__Intercept": "sd_subject[Intercept]"}.get(name, name)
        name = name if "[" in name else f"b[{name}]"
        if name == "b[disc]":
            continue
        mean, sd = row["Estimate"], row["Est.Error"]
        # brms drew 8,000; of both the effective number is what ours says.
        error = sd / np.sqrt(ours.loc[name, "ess_bulk"]) * np.sqrt(1.2)
        assert ours.loc[name, "mean"] == pytest.approx(mean, abs=4 * error), name
        assert ours.loc[name, "sd"] == pytest.approx(sd, rel=4 / np.sqrt(ours.loc[name, "ess_bulk"])), name


def test_log_likelihoods_at_polrs_estimates_are_its_own(shared: Path) -> None:
    fits = json.loads((shared / "oracles" / "fits.json").read_text())["inhaler"]
    rows = pd.read_csv(shared / "data" / "open" / "inhaler.csv")
    known = [fit for name, fit in fits.items() if name.startswith("polr")]
    assert known
    for fit in known:
        link = fit["family"].partition("(")[2].rstrip(")")
        call = f"polr(factor(rating, ordered = TRUE) ~ treat + period + carry, data = inhaler, method = '{link}')"
        model = tm.model(call, rows)
        values = {"Intercept": [*fit["thresholds"].values()], "b": fit["coef"]}
        assert -2 * model.log_likelihood(values).sum() == pytest.approx(fit["minus2loglik"], rel=1e-9)
