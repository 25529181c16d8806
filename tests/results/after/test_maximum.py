"""Commands after an optimised estimate: Stata's numbers, against a dense likelihood and matrices by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize

import tildemc as tm
from afterwards import COMMAND, DATA, SMALLER, F, G, H, N, X, estimate
from tildemc.errors import FitError
from tildemc.results.estimate import Estimate

Y = DATA["y"].to_numpy()
PLAIN = np.column_stack([np.ones(N), F == 2, F == 3, X, H]).astype(float)
LABELS = ["_cons", "2.f", "3.f", "x", "1.h"]


@pytest.fixture(scope="module")
def small() -> Estimate:
    return estimate(SMALLER)


def _deviance(at: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Minus the log likelihood at log sds, best coefficients, and their covariance."""
    V = np.exp(2 * at[0]) * (G[:, None] == G) + np.exp(2 * at[1]) * np.eye(N)
    W = np.linalg.solve(V, PLAIN)
    covariance = np.linalg.inv(PLAIN.T @ W)
    b = covariance @ W.T @ Y
    left = Y - PLAIN @ b
    value = 0.5 * (np.linalg.slogdet(V)[1] + left @ np.linalg.solve(V, left) + N * np.log(2 * np.pi))
    return value, b, covariance


@pytest.fixture(scope="module")
def dense() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float]:
    """Log sds, their covariance, coefficients, theirs, and the log likelihood."""
    best = minimize(lambda at: _deviance(at)[0], np.zeros(2), tol=1e-12)
    step = 1e-3 * np.eye(2)
    curvature = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            corners = [(a, b, _deviance(best.x + a * step[i] + b * step[j])[0]) for a in (1, -1) for b in (1, -1)]
            curvature[i, j] = sum(a * b * value for a, b, value in corners) / 4e-6
    value, b, covariance = _deviance(best.x)
    return best.x, np.linalg.inv(curvature), b, covariance, -value


def test_variances_have_the_errors_of_the_curvature(small: Estimate, dense: tuple) -> None:  # type: ignore[type-arg]
    at, covariance, *_ = dense
    found = small.stata("nlcom ([lns1_1_1]_cons) ([lnsig_e]_cons)").frame()
    np.testing.assert_allclose(found["estimate"], at, atol=1e-4)
    np.testing.assert_allclose(found["se"], np.sqrt(np.diag(covariance)), rtol=1e-3)
    share = 1 / (1 + np.exp(2 * (at[1] - at[0])))
    slope = 2 * share * (1 - share) * np.array([1, -1])
    se = np.sqrt(slope @ covariance @ slope)
    row = small.stata("estat icc").frame().loc["g"]
    np.testing.assert_allclose(row[["estimate", "se"]], [share, se], rtol=1e-3)
    reach = stats.norm.ppf(0.975) * se / (share * (1 - share))
    ends = 1 / (1 + np.exp(-np.log(share / (1 - share)) - np.array([-reach, reach])))
    np.testing.assert_allclose(row[["ci95_lb", "ci95_ub"]], ends, rtol=1e-3)
    sds = small.stata("estat sd").frame()
    ends = np.exp(at[0] + np.array([-1, 1]) * stats.norm.ppf(0.975) * np.sqrt(covariance[0, 0]))
    np.testing.assert_allclose(sds.loc["sd(_cons[g])", ["ci95_lb", "ci95_ub"]].astype(float), ends, rtol=1e-3)


COMBINED = {
    "lincom 2.f - 3.f": [0, 1, -1, 0, 0],
    "lincom x + 2*_cons": [2, 0, 0, 1, 0],
    "margins, at(x=2 h=1 f=3)": [1, 0, 1, 2, 1],
    "margins": PLAIN.mean(axis=0),
    "margins, dydx(x)": [0, 0, 0, 1, 0],
    "margins r.h": [0, 0, 0, 0, 1],
    "margins, atmeans": PLAIN.mean(axis=0),
    "contrast r.h": [0, 0, 0, 0, 1],
}


@pytest.mark.parametrize("command", COMBINED)
def test_combinations_have_walds_tests(command: str, small: Estimate, dense: tuple) -> None:  # type: ignore[type-arg]
    *_, b, covariance, _ = dense
    by = np.asarray(COMBINED[command], float)
    value, se = by @ b, np.sqrt(by @ covariance @ by)
    found = small.stata(command).frame().iloc[-1]
    p = 2 * stats.norm.sf(abs(value / se))
    expected = [value, se, value / se, p, value - stats.norm.ppf(0.975) * se, value + stats.norm.ppf(0.975) * se]
    columns = ["estimate", "se", "z", "P>|z|", "ci95_lb", "ci95_ub"]
    np.testing.assert_allclose(found[columns].astype(float), expected, rtol=1e-4, atol=1e-9)


def test_joint_tests_are_walds(small: Estimate, dense: tuple) -> None:  # type: ignore[type-arg]
    *_, b, covariance, _ = dense
    statistic = b[1:3] @ np.linalg.solve(covariance[1:3, 1:3], b[1:3])
    for command in ("test 2.f 3.f", "testparm i.f", "contrast f"):
        (row,) = small.stata(command).frame().to_dict("records")
        assert row["df"] == 2
        np.testing.assert_allclose([row["chi2"], row["P>chi2"]], [statistic, stats.chi2.sf(statistic, 2)], rtol=1e-4)
    np.testing.assert_allclose(small.stata("estat vce").frame().loc[LABELS, LABELS], covariance, rtol=1e-4, atol=1e-9)


def test_a_ratio_of_likelihoods_is_a_test(small: Estimate, dense: tuple) -> None:  # type: ignore[type-arg]
    large = estimate(COMMAND)
    (row,) = large.stata("lrtest m0 .", m0=small).frame().to_dict("records")
    assert row["df"] == 4
    assert row["LR chi2"] == pytest.approx(2 * (large.log_likelihood - dense[-1]), abs=1e-5)
    assert row["P>chi2"] == pytest.approx(stats.chi2.sf(row["LR chi2"], 4))
    criteria = large.stata("estimates stats m0 .", m0=small).frame()
    assert criteria["df"].tolist() == [7, 11]
    assert criteria.loc["m0", "AIC"] == pytest.approx(14 - 2 * dense[-1])
    assert criteria.loc["m0", "BIC"] == pytest.approx(7 * np.log(N) - 2 * dense[-1])
    with pytest.raises(FitError, match="by one criterion"):
        large.stata("lrtest m0 .", m0=estimate(SMALLER, "reml"))
    with pytest.raises(FitError, match="equally many"):
        small.stata("lrtest m0 .", m0=estimate("mixed y i.f c.z i.h || g:"))
    with pytest.raises(FitError, match="cannot be compared"):
        estimate(COMMAND, "reml").stata("lrtest m0 .", m0=estimate(SMALLER, "reml"))


def test_regressions_have_students_t() -> None:
    found = estimate("regress y i.f x i.h", "reml")
    b, rss, *_ = np.linalg.lstsq(PLAIN, Y)
    covariance = rss[0] / (N - 5) * np.linalg.inv(PLAIN.T @ PLAIN)
    row = found.stata("lincom x").frame().iloc[0]
    t = b[3] / np.sqrt(covariance[3, 3])
    np.testing.assert_allclose(row[["t", "P>|t|"]], [t, 2 * stats.t.sf(abs(t), N - 5)], rtol=1e-5)
    (joint,) = found.stata("test 2.f 3.f").frame().to_dict("records")
    F_ = b[1:3] @ np.linalg.solve(covariance[1:3, 1:3], b[1:3]) / 2
    np.testing.assert_allclose([joint["F"], joint["P>F"]], [F_, stats.f.sf(F_, 2, N - 5)], rtol=1e-5)


def test_estimates_are_shown_again_with_the_names_of_stata(small: Estimate) -> None:
    names = small.stata("mixed").frame().index.tolist()
    assert names == ["2.f", "3.f", "x", "1.h", "_cons", "sd(_cons[g])", "sd(Residual)"]
    assert small.stata("mixed, variance").frame().index.tolist()[-2:] == ["var(_cons[g])", "var(Residual)"]
    assert small.stata("mixed, eform").frame()["estimate"].iloc[2] == pytest.approx(np.exp(small.fixef["x"]))
    found = small.stata("predict u, reffects reses(s)\npredict m, fitted")
    np.testing.assert_allclose(found[0].frame()["s"], small.ranef()["g"]["Intercept"]["sd"].loc[G])
    np.testing.assert_allclose(found[0].frame()["u"], small.groups["g"].effects[G, 0], rtol=1e-6)


def test_what_an_estimate_does_not_know_is_told() -> None:
    with pytest.raises(FitError, match="came without their model"):
        Estimate("", "ml", {}, {}, {}, {}, 0.0).stata("margins")


def test_margins_of_a_logit_are_by_the_delta_method() -> None:
    binary = DATA.assign(b=(np.median(Y) < Y).astype(int))
    found = tm.model("logit b x i.h", binary).optimize("ml")
    design = np.column_stack([np.ones(N), X, H])
    b = np.array([found.fixef["Intercept"], found.fixef["x"], found.fixef["factor(h)1"]])
    p = 1 / (1 + np.exp(-design @ b))
    np.testing.assert_allclose(design.T @ (binary["b"] - p), 0, atol=1e-3)
    covariance = np.linalg.inv((design.T * (p * (1 - p))) @ design)
    slope = b[1] * (p * (1 - p)).mean()
    by = b[1] * ((p * (1 - p) * (1 - 2 * p))[:, None] * design).mean(axis=0)
    by[1] += (p * (1 - p)).mean()
    row = found.stata("margins, dydx(x)").frame().iloc[0]
    np.testing.assert_allclose(row[["estimate", "se"]].astype(float), [slope, np.sqrt(by @ covariance @ by)], rtol=1e-3)
    odds = found.stata("lincom 1.h, or").frame().iloc[0]
    se, reach = np.sqrt(covariance[2, 2]), stats.norm.ppf(0.975)
    expected = [np.exp(b[2]), np.exp(b[2]) * se, np.exp(b[2] - reach * se), np.exp(b[2] + reach * se)]
    columns = ["estimate", "se", "ci95_lb", "ci95_ub"]
    np.testing.assert_allclose(odds[columns].astype(float), expected, rtol=1e-3)
