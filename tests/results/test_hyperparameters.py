"""Fits whose priors follow others: what is reported, drawn and written down; and parameters that are numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import tildemc as tm
from programs import density, points, run_source
from tildemc.errors import FitError
from tildemc.results.fit import Fit


@pytest.fixture(scope="module")
def sparse() -> pd.DataFrame:
    """Twenty predictors, of which three count."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(60, 20))
    y = 1 + X[:, :3] @ [3.0, -2.0, 1.5] + rng.normal(size=60)
    frame = pd.DataFrame(X, columns=[f"x{k}" for k in range(20)])
    return frame.assign(y=y, g=np.resize(list("uvwxyz"), 60))


FORMULA = "y ~ " + " + ".join(f"x{k}" for k in range(20))


@pytest.fixture(scope="module")
def horseshoe(sparse: pd.DataFrame) -> Fit:
    model = tm.model(FORMULA, sparse, priors="b ~ horseshoe(scale_global = 0.1)")
    return model.fit(draws=250, tune=300, chains=2, seed=1, progress=False, target_accept=0.9)


def test_a_horseshoe_shrinks_what_does_not_count(horseshoe: Fit) -> None:
    assert "direct" in horseshoe.path
    b = horseshoe.groups["posterior"].variables["b"][1].mean(axis=(0, 1))
    np.testing.assert_allclose(b[:3], [3, -2, 1.5], atol=0.5)
    assert np.abs(b[3:]).max() < 0.25
    flat = np.linalg.lstsq(
        np.column_stack([np.ones(60), *(horseshoe.design.of(horseshoe.spec.predictors[0].population).X.T)]),
        horseshoe.design.y,
    )[0][1:]  # fmt: skip
    assert np.linalg.norm(b[3:]) < 0.6 * np.linalg.norm(flat[3:])
    shown = str(horseshoe)
    assert "Hyperparameters" in shown and "hs_global" in shown and "hs_local" not in shown


def test_the_graphs_free_variables_are_recovered(horseshoe: Fit) -> None:
    posterior = horseshoe.data["posterior"]
    reach = posterior["hs_global"].values[..., None] * posterior["hs_local"].values
    unit = reach / np.sqrt(1 + reach**2 / (4 * posterior["hs_slab"].values[..., None]))
    np.testing.assert_allclose(posterior["z_b"].values * unit, posterior["b"].values, rtol=1e-9)


def test_a_fit_is_kept_with_its_hyperparameters(horseshoe: Fit, tmp_path: Path) -> None:
    horseshoe.save(tmp_path / "fit.nc")
    kept = tm.load(tmp_path / "fit.nc")
    assert kept.spec == horseshoe.spec
    pd.testing.assert_frame_equal(kept.summary(), horseshoe.summary())
    found = horseshoe.hypothesis(["hs_global > 0", "x0 = 0"])
    assert "follows" in str(found["note"].iloc[1])


def test_numbers_stay_what_they_are_and_engines_say_who_takes_them(sparse: pd.DataFrame) -> None:
    priors = [
        "x0 ~ constant(3)",
        "sigma ~ constant(1)",
        "sd(g) ~ constant(0.5)",
        "x2 ~ normal(m, 1)",
        "m ~ normal(0, 2)",
    ]
    model = tm.model("y ~ x0 + x1 + x2 + (1 | g)", sparse, priors=priors)
    with pytest.raises(FitError, match=r"x0 is a stated number.*"):
        model.fit(method="exact")
    with pytest.raises(FitError, match="stated number"):
        model.optimize()
    fit = model.fit(draws=200, tune=200, chains=2, seed=1, progress=False)
    table = fit.summary(group_effects=False).droplevel(0) if fit.summary().index.nlevels > 1 else fit.summary()
    assert dict(table["mean"].loc[["b[x0]", "sigma", "sd_g[Intercept]"]]) == {
        "b[x0]": 3.0, "sigma": 1.0, "sd_g[Intercept]": 0.5,
    }  # fmt: skip
    assert table["sd"].loc["b[x0]"] == 0
    assert "nan" not in str(fit)
    assert fit.predict(sparse.head(3)).shape[0] == 3
    new = sparse.head(2).assign(g=["new", "u"])
    assert np.isfinite(fit.predict(new, new_levels="sample").to_numpy()).all()


def test_what_is_drawn_before_the_data_follows_too(sparse: pd.DataFrame) -> None:
    priors = ["b ~ normal(m, 2 * tau)", "m ~ normal(1, 0.5)", "tau ~ exponential(2)", "sigma ~ constant(2)"]
    tree = tm.model("y ~ x0 + x1", sparse, priors=priors).prior_predictive(draws=20_000, seed=1)
    prior = {name: tree["prior"][name].values[0] for name in ("b", "m", "tau", "sigma")}
    z = (prior["b"] - prior["m"][:, None]) / (2 * prior["tau"][:, None])
    assert abs(z.mean()) < 0.03 and z.std() == pytest.approx(1, abs=0.03)
    assert prior["tau"].mean() == pytest.approx(0.5, abs=0.02)
    assert np.all(prior["sigma"] == 2)


def test_an_r2d2_prior_has_the_share_of_variance_that_is_stated(sparse: pd.DataFrame) -> None:
    tree = tm.model("y ~ x0 + x1 + x2", sparse, priors="b ~ R2D2(0.25, 4)").prior_predictive(draws=4000, seed=1)
    prior = tree["prior"]
    assert float(prior["R2D2_R2"].mean()) == pytest.approx(0.25, abs=0.02)
    np.testing.assert_allclose(prior["R2D2_phi"].values.sum(axis=-1), 1)


def test_r2_is_the_beta_prior_of_the_share_that_coefficients_explain(sparse: pd.DataFrame) -> None:
    model = tm.model("y ~ x0 + x1 + x2 + x3", sparse, priors=["b ~ R2(0.3, mean)", "sigma ~ exponential(1)"])
    prior = model.prior_predictive(draws=4000, seed=1)["prior"]
    X = model.design.of(model.spec.predictors[0].population).X
    explained = (((X - X.mean(axis=0)) @ prior["b"].values[0].T) ** 2).sum(axis=0)
    share = explained / (explained + (len(X) - 1) * prior["sigma"].values[0] ** 2)
    assert stats.kstest(share, stats.beta(2, 2 * 0.7 / 0.3).cdf).pvalue > 0.01


def test_equations_and_source_say_what_follows_what(sparse: pd.DataFrame) -> None:
    priors = ["b ~ normal(0, tau)", "tau ~ exponential(1)", "sigma ~ constant(2)"]
    model = tm.model("y ~ x0 + x1", sparse, priors=priors)
    assert r"\beta_{1}, \beta_{2} &\sim \mathrm{N}(0, \tau^{2})" in model.latex()
    assert r"\tau &\sim \mathrm{Exponential}(1)" in model.latex()
    assert r"\sigma &= 2" in model.latex()


def test_the_printed_program_is_the_graph(sparse: pd.DataFrame, tmp_path: Path) -> None:
    sparse.to_csv(tmp_path / "d.csv", index=False)
    priors = ["b ~ horseshoe()", "x0 ~ constant(3)", "sd(g) ~ normal(0, tau)", "tau ~ exponential(1)"]
    model = tm.model("y ~ x0 + x1 + x2 + (1 | g)", tmp_path / "d.csv", priors=priors)
    graph, printed = model.pymc(), run_source(model.source(), tmp_path)
    for (value, slope), (expected, by_graph) in zip(
        density(printed, points(graph, range(2))), density(graph, points(graph, range(2))), strict=True
    ):
        assert value == pytest.approx(expected, rel=1e-12)
        np.testing.assert_allclose(slope, by_graph, rtol=1e-12)
