"""Missing values of a predictor that is a response too: their posterior, predictions, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

import tildemc as tm
from marked import mistake
from programs import run_source, same_graph
from tildemc.errors import SemanticError, TildeError, UnsupportedError

TEXT = "bf(y ~ mi(x)) + bf(x | mi() ~ z) + set_rescor(FALSE)"
PRIORS = (
    "y.Intercept ~ normal(0, 3)", "y.b ~ normal(0, 2)", "x.Intercept ~ normal(0, 3)", "x.b ~ normal(0, 2)",
    "sigma_y ~ exponential(1)", "sigma_x ~ exponential(1)",
)  # fmt: skip


def rows() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"z": rng.normal(size=60), "k": rng.poisson(2, 60), "g": np.arange(60) % 3})
    frame["x"] = 1 - frame["z"] + 0.8 * rng.normal(size=60)
    frame["y"] = 0.5 + 1.5 * frame["x"] + 0.6 * rng.normal(size=60)
    frame.loc[::4, "x"] = np.nan
    return frame


@pytest.fixture(scope="module")
def fit() -> tm.Fit:
    return tm.model(TEXT, rows(), priors=PRIORS).fit(seed=1, progress=False)


def integrated(data: pd.DataFrame, theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """The log posterior of (a, b, log sigma_y, c, d, log sigma_x): where x is missing y has the variance of both."""
    a, b, log_y, c, d, log_x = theta.T[:, :, None]
    sy, sx, x, y = np.exp(log_y), np.exp(log_x), data["x"].to_numpy(), data["y"].to_numpy()
    mean = c + d * data["z"].to_numpy()
    seen = ~np.isnan(x)
    there = stats.norm.logpdf(y, a + b * np.where(seen, x, 0), sy) + stats.norm.logpdf(np.where(seen, x, 0), mean, sx)
    lacking = stats.norm.logpdf(y, a + b * mean, np.sqrt(sy**2 + b**2 * sx**2))
    # Priors of intercepts are of where predictors, but for those that may be missing, have their means.
    at_means = c + d * data["z"].mean()
    priors = sum(stats.norm.logpdf(v, 0, s) for v, s in ((a, 3), (b, 2), (at_means, 3), (d, 2)))
    scales = log_y - sy + log_x - sx
    return np.asarray(np.where(seen, there, lacking).sum(axis=1) + (priors + scales)[:, 0])


def test_the_posterior_is_that_with_missing_values_integrated_out(fit: tm.Fit) -> None:
    draws = fit.data["posterior"]
    names = ["y_Intercept", "y_mix", "sigma_y", "x_Intercept", "x_b", "sigma_x"]
    found = np.stack([draws[name].to_numpy().reshape(4000) for name in names], axis=-1)
    found[:, [2, 5]] = np.log(found[:, [2, 5]])
    proposal = stats.multivariate_t(found.mean(axis=0), np.cov(found.T), df=5)
    points = proposal.rvs(5_000, random_state=1)
    log = integrated(rows(), points) - proposal.logpdf(points)
    weights = np.exp(log - log.max())
    weights = weights / weights.sum()
    mean = weights @ points
    sd = np.sqrt(weights @ (points - mean) ** 2)
    error = 4.4 * sd * np.sqrt(1 / 600 + np.sum(weights**2))
    np.testing.assert_array_less(np.abs(found.mean(axis=0) - mean), error)
    np.testing.assert_allclose(found.std(axis=0), sd, rtol=0.15)


def test_missing_values_are_drawn_and_have_names(fit: tm.Fit, tmp_path: Path) -> None:
    drawn = fit.data["posterior"]["Ymi_x"]
    assert drawn["Ymi_x_row"].to_numpy().tolist() == [*range(0, 60, 4)]
    for name in ("bsp_y_mix", "b_y_Intercept", "b_x_z", "Ymi_x[8]"):
        assert np.isfinite(fit.hypothesis(f"{name} > 0")["mean"]).all()
    new = {"x": [0.5], "z": [0.0]}
    draws = fit.data["posterior"]
    expected = (draws["y_Intercept"] + 0.5 * draws["y_mix"]).mean()
    assert fit.predict(new, response="y")["mean"].item() == pytest.approx(float(expected))
    assert fit.log_likelihood(response="x").sizes["obs"] == 45
    fit.save(tmp_path / "fit.nc")
    pd.testing.assert_frame_equal(
        tm.load(tmp_path / "fit.nc").predict(new, response="y"), fit.predict(new, response="y")
    )


def test_before_the_data_missing_values_are_as_their_own_model_has_them() -> None:
    drawn = tm.model(TEXT, rows(), priors=PRIORS).prior_predictive(400, seed=1, response="y")["prior"]
    assert drawn["Ymi_x"].shape == (1, 400, 15)
    expected = np.sqrt(9 + 4 * float(np.mean(rows()["z"][::4] ** 2)) + 2)
    assert float(drawn["Ymi_x"].std()) == pytest.approx(expected, rel=0.15)


def test_the_program_is_the_graph(tmp_path: Path) -> None:
    rows().to_csv(tmp_path / "data.csv", index=False)
    model = tm.model(TEXT, tmp_path / "data.csv", priors=PRIORS)
    same_graph(model.pymc(), run_source(model.source(), tmp_path))


def test_true_values_of_a_measured_predictor_are_those_of_me(tmp_path: Path) -> None:
    """A response without predictors that is measured with error is what `me()` has, by another way."""
    rng = np.random.default_rng(5)
    true, s = rng.normal(1, 1, 50), rng.uniform(0.2, 0.4, 50)
    data = pd.DataFrame({"s": s, "x": rng.normal(true, s), "y": rng.normal(1 + true, 0.6)})
    data.loc[[3, 8], "x"] = np.nan
    data.to_csv(tmp_path / "data.csv", index=False)
    priors = ("y.Intercept ~ normal(0, 3)", "y.b ~ normal(0, 2)", "sigma_y ~ exponential(1)",
              "x.Intercept ~ normal(0, 3)", "sigma_x ~ exponential(1)")  # fmt: skip
    model = tm.model("bf(y ~ mi(x)) + bf(x | mi(s) ~ 1) + set_rescor(FALSE)", tmp_path / "data.csv", priors=priors)
    same_graph(model.pymc(), run_source(model.source(), tmp_path))
    several = model.fit(seed=1, progress=False).summary().droplevel("part")
    others = ("Intercept ~ normal(0, 3)", "b ~ normal(0, 2)", "sigma ~ exponential(1)", "meanme ~ normal(0, 3)",
              "sdme ~ exponential(1)")  # fmt: skip
    one = tm.model("y ~ me(x, s)", data.dropna(), priors=others).fit(seed=1, progress=False).summary().droplevel("part")
    pairs = {"y_Intercept": "Intercept", "y_mix": "mexs", "sigma_y": "sigma", "x_Intercept": "meanme_mex",
             "sigma_x": "sdme_mex"}  # fmt: skip
    for name, other in pairs.items():
        assert several.loc[name, "mean"] == pytest.approx(one.loc[other, "mean"], abs=0.25 * one.loc[other, "sd"]), name
        assert several.loc[name, "sd"] == pytest.approx(one.loc[other, "sd"], rel=0.2), name


MISTAKES: list[tuple[str, str, type[TildeError]]] = [
    ("y ~ ⟪mi(x)⟫", "is to be a response, too", SemanticError),
    ("bf(y ~ ⟪mi(z)⟫) + bf(x | mi() ~ z) + set_rescor(FALSE)", "is to be a response, too", SemanticError),
    ("bf(y ~ ⟪mi(x)⟫) + bf(x ~ z) + set_rescor(FALSE)", "`x | mi() ~ …`", SemanticError),
    ("bf(y ~ ⟪mi(x, idx = g)⟫) + bf(x | mi() ~ z) + set_rescor(FALSE)", "no `idx`", UnsupportedError),
    ("bf(y ~ (⟪mi(x)⟫ | g)) + bf(x | mi() ~ z) + set_rescor(FALSE)", "effects by a group", UnsupportedError),
    ("bf(y ~ mi(k)) + bf(k | ⟪mi()⟫ ~ z, family = poisson()) + set_rescor(FALSE)", "any real number", SemanticError),
]


@pytest.mark.parametrize(("marked", "fragment", "kind"), MISTAKES)
def test_what_cannot_be_missing_is_shown_where_it_stands(marked: str, fragment: str, kind: type[TildeError]) -> None:
    mistake(lambda text: tm.model(text, rows()), marked, fragment, kind)
