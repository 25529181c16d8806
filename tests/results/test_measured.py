"""What one does with a fit of what is measured with error, and its posterior where that is known in closed form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

import tildemc as tm
from programs import run_source, same_graph

PRIORS = (
    "Intercept ~ normal(0, 2)", "b ~ normal(0, 1)", "sigma ~ exponential(1)", "meanme ~ normal(0, 2)",
    "sdme ~ exponential(1)",
)  # fmt: skip


def simulated(rng: np.random.Generator, n: int = 50) -> tuple[dict[str, float], pd.DataFrame]:
    """Parameters drawn from these priors, and data."""
    a, b, m = rng.normal(0, 2), rng.normal(), rng.normal(0, 2)
    sigma, t = rng.exponential(size=2)
    s = rng.uniform(0.2, 1, n)
    true = rng.normal(m, t, n)
    data = pd.DataFrame({"x": rng.normal(true, s), "s": s, "y": rng.normal(a + b * true, sigma)})
    return {"Intercept": a, "mexs": b, "meanme_mex": m, "sdme_mex": t, "sigma": sigma}, data


@pytest.fixture(scope="module")
def fitted() -> tuple[pd.DataFrame, tm.Fit]:
    _, data = simulated(np.random.default_rng(3), 40)
    return data, tm.model("y ~ me(x, s)", data, priors=PRIORS).fit(draws=1000, seed=1, progress=False)


def integrated(data: pd.DataFrame, theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """The log posterior of (a, b, log sigma, m, log t) up to a constant: x and y of a row are bivariate normal."""
    a, b, log_sigma, m, log_t = theta.T[:, :, None]
    sigma, t, s = np.exp(log_sigma), np.exp(log_t), data["s"].to_numpy()
    xx, xy, yy = t**2 + s**2, b * t**2, b**2 * t**2 + sigma**2
    dx, dy = data["x"].to_numpy() - m, data["y"].to_numpy() - a - b * m
    det = xx * yy - xy**2
    rows = -0.5 * (yy * dx**2 - 2 * xy * dx * dy + xx * dy**2) / det - 0.5 * np.log(det)
    priors = stats.norm.logpdf(a, 0, 2) + stats.norm.logpdf(b) + stats.norm.logpdf(m, 0, 2)
    scales = log_sigma - sigma + log_t - t
    return np.asarray(rows.sum(axis=1) + (priors + scales)[:, 0])


def test_the_posterior_is_that_with_true_values_integrated_out(fitted: tuple[pd.DataFrame, tm.Fit]) -> None:
    data, fit = fitted
    names = ["Intercept", "mexs", "sigma", "meanme_mex", "sdme_mex"]
    draws = np.stack([fit.data["posterior"][name].to_numpy().ravel() for name in names], axis=-1)
    draws[:, [2, 4]] = np.log(draws[:, [2, 4]])
    # Draws of a Student t about ours, weighted by the closed form: none of the chain's draws has a part in the result.
    proposal = stats.multivariate_t(draws.mean(axis=0), np.cov(draws.T), df=5)
    points = proposal.rvs(20_000, random_state=1)
    weights = np.exp(log := integrated(data, points) - proposal.logpdf(points) - np.max(integrated(data, points[:1])))
    assert np.isfinite(log).all()
    weights = weights / weights.sum()
    mean, sd = weights @ points, np.sqrt(weights @ (points - weights @ points) ** 2)
    error = 4.4 * sd * np.sqrt(1 / 600 + np.sum(weights**2))
    np.testing.assert_array_less(np.abs(draws.mean(axis=0) - mean), error)
    np.testing.assert_allclose(draws.std(axis=0), sd, rtol=0.15)


def test_ranks_of_truths_are_uniform() -> None:
    ranks: dict[str, list[int]] = {}
    for number in range(30):
        truth, data = simulated(np.random.default_rng(100 + number), 25)
        model = tm.model("y ~ me(x, s)", data, priors=PRIORS)
        fit = model.fit(chains=1, tune=200, draws=150, seed=number, progress=False)
        posterior = fit.data["posterior"]
        for name, value in truth.items():
            ranks.setdefault(name, []).append(int((posterior[name].to_numpy()[0, 4::5] < value).sum()))
    for name, found in ranks.items():
        # 30 ranks among 30 draws: the sum of squared deviates of six bins, and the mean, are as chance has them.
        counts = np.bincount(np.minimum(np.array(found) * 6 // 31, 5), minlength=6)
        assert stats.chisquare(counts).pvalue > 1e-4, name


def test_new_rows_have_true_values_given_what_was_measured(fitted: tuple[pd.DataFrame, tm.Fit], tmp_path: Path) -> None:
    _, fit = fitted
    draws = {name: fit.data["posterior"][name].to_numpy().ravel() for name in ("mexs", "meanme_mex", "sdme_mex")}
    known = fit.predict({"x": [1.5], "s": [0.0]})["mean"].item()
    a = fit.data["posterior"]["Intercept"].to_numpy()
    assert known == pytest.approx(a.mean() + 1.5 * draws["mexs"].mean(), rel=0.01)
    poor = fit.predict({"x": [1.5], "s": [1e6]}, seed=1)["mean"].item()
    population = (a.ravel() + draws["mexs"] * draws["meanme_mex"]).mean()
    assert poor == pytest.approx(population, abs=5 * (draws["mexs"] * draws["sdme_mex"]).std() / 30 + 0.05)
    fit.save(tmp_path / "fit.nc")
    rows = {"x": [0.3, 0.1], "s": [0.5, 0.2]}
    pd.testing.assert_frame_equal(tm.load(tmp_path / "fit.nc").predict(rows, seed=1), fit.predict(rows, seed=1))
    with pytest.raises(tm.errors.DataError, match="greater than 0, but here it is -1"):
        fit.predict({"x": [1.0], "s": [-1.0]})


def test_names_are_brms(fitted: tuple[pd.DataFrame, tm.Fit]) -> None:
    _, fit = fitted
    for name in ("bsp_mexs", "meanme_mex", "sdme_mex", "b(mexs)", "Xme_mex[3]"):
        assert np.isfinite(fit.hypothesis(f"{name} > 0")["mean"]).all()
    assert [*fit.fixef().index] == ["Intercept", "mexs"]
    assert "True values: means" in str(fit)


def test_programs_and_equations_say_the_same(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame(rng.normal(size=(24, 3)), columns=["x", "w", "y"])
    data.assign(g=np.arange(24) % 4, m=0.5 * (np.arange(24) % 4)).to_csv(tmp_path / "data.csv", index=False)
    model = tm.model("y ~ me(x, 0.2) * me(w, 0.3) + me(m, 0.1, gr = g)", tmp_path / "data.csv")
    same_graph(model.pymc(), run_source(model.source(), tmp_path))
    for told in (r"{\mathrm{x}_{i}}^{*}", r"\tau_{\mathrm{mem}}", "R_{"):
        assert told in model.latex()
