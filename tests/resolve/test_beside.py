"""Residuals by a matrix beside the data, brms's `fcor(M)` and `sar(M)`: densities, numbers of spatialreg, mistakes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal

import tildemc as tm
from programs import same_density
from shared import SHARED, declared
from tildemc.arrays import Floats

N = 12
RNG = np.random.default_rng(5)
DATA = pd.DataFrame({"y": RNG.normal(size=N), "x": RNG.normal(size=N), "g": np.resize(list("abc"), N)})
ROOT = np.tril(RNG.normal(size=(N, N))) + 3 * np.eye(N)
M = ROOT @ ROOT.T


def chain(n: int) -> np.ndarray:
    """Each row beside the next, weights that add up to one."""
    W = np.eye(n, k=1) + np.eye(n, k=-1)
    return np.asarray(W / W.sum(axis=1, keepdims=True))


W = chain(N)
FCOR, SAR = "y ~ x + fcor(M)", 'y ~ x + sar(W, type = "error")'


def model(text: str, data: pd.DataFrame = DATA, **more: object) -> tm.Model:
    return tm.model(text, data, data2={"M": M, "W": W} | more)  # type: ignore[arg-type]


def test_fcor_is_a_normal_with_that_covariance_times_the_variance() -> None:
    found = model(FCOR).optimize("ml")
    mean = found.fixef["Intercept"] + found.fixef["x"] * DATA["x"]
    expected = multivariate_normal(mean, found.sigma[""] ** 2 * M).logpdf(DATA["y"])
    assert found.log_likelihood == pytest.approx(expected, rel=1e-9)
    X = np.column_stack([np.ones(N), DATA["x"]])
    best = np.linalg.solve(X.T @ np.linalg.solve(M, X), X.T @ np.linalg.solve(M, DATA["y"]))
    np.testing.assert_allclose([*found.fixef.values()], best, rtol=1e-6)


@pytest.mark.skipif(SHARED is None, reason="the open data are not here")
def test_errors_of_neighbours_are_spatialregs() -> None:
    """errorsarlm(Reaction ~ Days, head(sleepstudy, 40), mat2listw(W, style = "W")) of spatialreg 1.2-6."""
    data = declared("sleepstudy").head(40)
    found = model('Reaction ~ Days + sar(W, type = "error")', data, W=chain(40)).optimize("ml")
    assert found.log_likelihood == pytest.approx(-210.0980689, abs=1e-4)
    assert found.fixef["Intercept"] == pytest.approx(238.5660967, rel=1e-4)
    assert found.fixef["Days"] == pytest.approx(7.8236800, rel=1e-4)
    assert found.sigma[""] == pytest.approx(40.74733144, rel=1e-4)
    assert found.residual["errorsar"] == pytest.approx(0.6390256612, rel=1e-3)


def lagged() -> tuple[pd.DataFrame, Floats]:
    x = [-0.96, -0.29, 0.26, -1.15, 0.2, 0.03, 0.09, 1.12, -1.22, 1.27, -0.74, -1.13]
    y = [-0.2, 0.39, 0.82, -0.19, -0.47, -1.21, 0.05, 0.76, -0.98, -0.68, -1.89, -3.75]
    return pd.DataFrame({"x": x, "y": y}), chain(N)


def test_responses_of_neighbours_are_spatialregs() -> None:
    """lagsarlm(y ~ x, d, mat2listw(W, style = "W"), method = "eigen") of spatialreg 1.2-6."""
    data, weights = lagged()
    estimate = model("y ~ x + sar(W)", data, W=weights).optimize("ml")
    assert estimate.log_likelihood == pytest.approx(-13.7170767876939, abs=1e-7)
    found = [*estimate.fixef.values(), estimate.sigma[""], estimate.residual["lagsar"]]
    expected = [-0.0883237982867, 0.7617453105679, 0.6349861104060, 0.7135536714985]
    np.testing.assert_allclose(found, expected, rtol=2e-4)


def test_means_of_responses_that_follow_their_neighbours_are_brmss() -> None:
    """As its `posterior_epred`: (I - rho W)^-1 mu; the linear predictor is mu, and other rows have neither."""
    data, weights = lagged()
    fit = model("y ~ x + sar(W)", data, W=weights).fit(draws=50, chains=2, seed=1, progress=False)
    assert fit.path.startswith("exact")
    eta, mean = (fit.predict(kind=kind, draws=True).to_numpy().reshape(-1, N) for kind in ("linear", "mean"))
    rho = fit.groups["posterior"].draws["lagsar"].ravel()
    np.testing.assert_allclose([(np.eye(N) - r * weights) @ m for r, m in zip(rho, mean, strict=True)], eta, rtol=1e-9)
    with pytest.raises(tm.TildeError, match="and not 2 others"):
        fit.predict(data.head(2))


@pytest.mark.parametrize("text", [FCOR, SAR, "y ~ x + sar(W)"])
def test_the_graph_the_source_and_the_marginal_likelihood_agree(text: str, tmp_path: Path) -> None:
    found = model(text)
    DATA.to_csv(tmp_path / "data.csv", index=False)
    same_density(found.pymc(), found.source("data.csv"), tmp_path)
    fit = found.fit(draws=200, chains=2, seed=1, progress=False)
    assert fit.path.startswith("exact")


def test_rows_that_are_left_out_are_left_out_of_the_matrix() -> None:
    lacking = DATA.assign(x=DATA["x"].where(DATA.index != 3))
    kept = [k for k in range(N) if k != 3]
    shorter = model(FCOR, DATA.iloc[kept], M=M[np.ix_(kept, kept)]).optimize("ml")
    assert model(FCOR, lacking).optimize("ml").log_likelihood == pytest.approx(shorter.log_likelihood)


def test_priors_are_brmss_and_have_its_names() -> None:
    call = """brm(y ~ x + sar(W, type = "error"), data = d, data2 = list(W = W),
        prior = prior(uniform(0, 0.9), class = errorsar))"""
    assert "errorsar ~ uniform(0, 0.9)" in str(model(call))
    assert "errorsar ~ uniform(-1, 1)" in str(model(SAR)) and "data2 = list(W = W)" in str(tm.convert(call, "brms"))


def test_other_rows_are_refused() -> None:
    fit = model(FCOR).fit(draws=50, chains=2, seed=1, progress=False)
    assert len(fit.predict(DATA.head(2))) == 2
    with pytest.raises(tm.TildeError, match="knows how 12 rows go together, those of the fit, and not 2 others"):
        fit.predict(DATA.head(2), kind="response")


MISTAKES = [
    ("y ~ x + fcor(1)", {}, "`M` of `fcor()` is a column"),
    ("y ~ x + fcor()", {}, "names a matrix in `data2`"),
    ("y ~ x + fcor(N)", {}, "no matrix `N`"),
    ("y ~ x + fcor(M, type = 1)", {}, "`type`"),
    ("y ~ x + sar(W)\nsigma ~ x", {}, "unequal sds, which is not built"),
    ('y ~ x + sar(W, type = "errors")', {}, '"lag" or "error"'),
    (FCOR, {"M": M[:5, :5]}, "has 5 rows, and the data 12"),
    (FCOR, {"M": M[:5]}, "is a square matrix"),
    (FCOR, {"M": M + np.triu(np.ones((N, N)), 1)}, "is not symmetric"),
    (FCOR, {"M": -M}, "not positive definite"),
    (FCOR, {"M": np.full((N, N), np.nan)}, "entries that are no numbers"),
    (FCOR, {"M": "M"}, "something else than numbers"),
    (SAR, {"W": np.eye(N)}, "a row beside itself"),
    (SAR, {"W": 2 * W}, "divide each row by its sum"),
    (SAR, {"W": 0 * W}, "has no neighbours"),
]


@pytest.mark.parametrize(("text", "given", "fragment"), MISTAKES)
def test_what_is_no_such_matrix_is_told(text: str, given: dict[str, object], fragment: str) -> None:
    with pytest.raises(tm.TildeError) as caught:
        model(text, **given)
    assert fragment in str(caught.value)
