"""Rows that go together after a fit: densities given the others, responses drawn together, and files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tildemc as tm
from tildemc.errors import DataError, FitError
from together import together


@pytest.fixture(scope="module")
def fit() -> tm.Fit:
    return tm.model("y ~ x + corAR1(form = ~ t | g)", together()).fit(draws=200, chains=2, seed=1)


def _covariance(phi: float, sigma: float) -> np.ndarray:
    data = together()
    lag = np.abs(data["t"].to_numpy()[:, None] - data["t"].to_numpy())
    same = data["g"].to_numpy()[:, None] == data["g"].to_numpy()
    return np.where(same, sigma**2 * phi**lag, 0.0)


def test_a_rows_density_is_given_the_others(fit: tm.Fit) -> None:
    data, values = together(), {"Intercept": 0.4, "b": [0.3], "sigma": 0.8, "ar": [0.6]}
    found = fit.known_model.log_likelihood(values)
    V, e = _covariance(0.6, 0.8), data["y"].to_numpy() - 0.4 - 0.3 * data["x"].to_numpy()
    for i in range(len(data)):
        others = np.flatnonzero(np.arange(len(data)) != i)
        weights = np.linalg.solve(V[np.ix_(others, others)], V[others, i])
        variance = V[i, i] - weights @ V[others, i]
        known = -0.5 * np.log(2 * np.pi * variance) - 0.5 * (e[i] - weights @ e[others]) ** 2 / variance
        assert found.iloc[i] == pytest.approx(known)
    assert np.isfinite(fit.loo().elpd)


def test_responses_are_drawn_together(fit: tm.Fit) -> None:
    values = {"Intercept": 0.0, "b": [0.0], "sigma": 1.0, "ar": [0.9]}
    drawn = np.stack([fit.known_model.simulate(values, seed=seed).to_numpy() for seed in range(400)])
    assert np.cov(drawn.T) == pytest.approx(_covariance(0.9, 1.0), abs=0.25)
    tree = fit.posterior_predictive(seed=1)
    assert np.isfinite(tree["posterior_predictive"]["y"].to_numpy()).all()
    assert np.isfinite(fit.known_model.prior_predictive(20, seed=1)["prior_predictive"]["y"].to_numpy()).all()


def test_means_need_no_groups(fit: tm.Fit) -> None:
    found = fit.predict({"x": [0.0, 1.0]})
    b = fit.fixef()["mean"].to_numpy()
    assert found["mean"].to_numpy() == pytest.approx([b[0], b.sum()], abs=0.02)


def test_a_group_that_no_row_had_goes_together_as_any_other(fit: tm.Fit) -> None:
    rows = together().iloc[:4]
    known, new = (fit.predict(rows.assign(g=groups), kind="response") for groups in (["g0"] * 4, ["new"] * 4))
    assert new["sd"].to_numpy() == pytest.approx(known["sd"].to_numpy(), rel=0.2)
    with pytest.raises(DataError, match="no level None"):
        fit.predict(rows.assign(g=["new", None, "g0", "g0"]), kind="response")


def test_rows_that_go_together_are_no_folds(fit: tm.Fit) -> None:
    with pytest.raises(FitError, match=r"no folds.*`loo\(\)`"):
        fit.kfold(3)


def test_a_file_keeps_the_structure(fit: tm.Fit, tmp_path: Path) -> None:
    fit.save(tmp_path / "fit.nc")
    again = tm.load(tmp_path / "fit.nc")
    assert again.spec.residual == fit.spec.residual
    assert float(again.loo().elpd) == pytest.approx(float(fit.loo().elpd))


VALUES = {"Intercept": 0.4, "b": 0.3, "sigma": 0.8, "ar": 0.6}
BESIDE = {"before": np.less, "others": np.not_equal}
"""Which rows of its group a row is given."""


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("known", ["all rows", "some rows"])
def test_a_row_is_foretold_from_those_beside_it(fit: tm.Fit, beside: str, known: str) -> None:
    data = together().sample(frac=1.0, random_state=1)
    if known == "some rows":
        data.loc[data.index % 3 == 0, "y"] = np.nan
    mean = fit.predict(data, residuals=beside, draws=True).to_numpy().reshape(-1, len(data))
    posterior = {name: fit.data["posterior"][name].to_numpy().reshape(mean.shape[0], -1)[:, 0] for name in VALUES}
    t, y, there = data["t"].to_numpy(), data["y"].to_numpy(), data["y"].notna().to_numpy()
    for s in (0, 57):
        phi = posterior["ar"][s]
        middle = posterior["Intercept"][s] + posterior["b"][s] * data["x"].to_numpy()
        same = data["g"].to_numpy()[:, None] == data["g"].to_numpy()
        V = np.where(same, phi ** np.abs(t[:, None] - t), 0.0)
        for i in range(len(data)):
            given = np.flatnonzero(there & same[i] & BESIDE[beside](t, t[i]))
            weights = np.linalg.solve(V[np.ix_(given, given)], V[given, i])
            assert mean[s, i] == pytest.approx(middle[i] + weights @ (y - middle)[given])


def test_responses_given_others_are_nearer(fit: tm.Fit) -> None:
    alone, given = (fit.predict(kind="response", residuals=how, seed=1)["sd"] for how in ("none", "others"))
    assert given.mean() < 0.8 * alone.mean()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"residuals": "all"}, "`residuals`"),
        ({"residuals": "others", "kind": "sigma"}, "goes with `kind='mean'`"),
    ],
)
def test_what_cannot_be_given_is_told(fit: tm.Fit, asked: dict[str, str], told: str) -> None:
    with pytest.raises(tm.TildeError, match=told):
        fit.predict(**asked)


def test_independent_rows_have_nothing_beside_them() -> None:
    fit = tm.model("y ~ x", together()).fit(draws=50, chains=2, seed=1)
    with pytest.raises(tm.TildeError, match="the residuals of this model are independent"):
        fit.predict(residuals="before")
