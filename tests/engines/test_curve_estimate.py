"""Estimates of curves: nlme's numbers, and which curves have none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.errors import FitError

# Orange trees: Draper and Smith (1998), Applied Regression Analysis, exercise 24.N; in R as `Orange`.
AGES = [118, 484, 664, 1004, 1231, 1372, 1582]
TREES = [
    [30, 58, 87, 115, 120, 142, 145], [33, 69, 111, 156, 172, 203, 203], [30, 51, 75, 108, 115, 139, 140],
    [32, 62, 112, 167, 179, 209, 214], [30, 49, 81, 125, 142, 174, 177],
]  # fmt: skip
ORANGE = pd.DataFrame({"age": AGES * 5, "tree": np.repeat(list("12345"), 7), "y": np.ravel(TREES).astype(float)})


def decay() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    g, x = np.repeat(np.arange(12), 10), np.tile(np.linspace(0.2, 6, 10), 12)
    a, b = 10 + 2 * rng.normal(size=12), np.exp(-0.5 + 0.4 * rng.normal(size=12))
    return pd.DataFrame({"g": g.astype(str), "x": x, "y": a[g] * np.exp(-b[g] * x) + 0.3 * rng.normal(size=120)})


DECAY = "nlme(y ~ a * exp(-exp(b) * x), d, fixed = a + b ~ 1, random = {}, start = c(a = 10, b = -0.5))"
# nlme 3.1-162: log likelihood, fixef, sds of effects, sigma
KNOWN = [
    (
        "nlmer(y ~ SSlogis(age, Asym, xmid, scal) ~ Asym | tree, d, start = c(Asym = 200, xmid = 725, scal = 350))",
        ORANGE, -131.5846, [191.049001, 722.555980, 344.162382], [31.482555], 7.846255,
    ),
    (
        DECAY.format("list(g = pdDiag(a + b ~ 1))"), decay(),
        -80.15722808, [9.71998541, -0.49482634], [2.98544380, 0.28653640], 0.31535590,
    ),
    (
        DECAY.format("a + b ~ 1 | g"), decay(),
        -79.83123449, [9.71854624, -0.49675686], [3.00215510, 0.28660170], 0.31531130,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("call", "data", "log_likelihood", "fixef", "sds", "sigma"), KNOWN, ids=[k[0] for k in KNOWN])
def test_estimates_are_nlmes(
    call: str, data: pd.DataFrame, log_likelihood: float, fixef: list[float], sds: list[float], sigma: float
) -> None:
    found = tm.model(call, data).optimize("ml")
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=1e-4)
    np.testing.assert_allclose([*found.fixef.values()], fixef, rtol=2e-6)
    [group] = found.groups.values()
    np.testing.assert_allclose(group.sds, sds, rtol=1e-5)
    assert found.sigma[""] == pytest.approx(sigma, rel=1e-5)
    assert "the curve made linear at the estimates" in " ".join(str(found).split())


def test_without_groups_they_are_least_squares() -> None:
    data = decay()
    found = tm.model("nls(y ~ a * exp(-exp(b) * x), d, start = c(a = 10, b = -0.5))", data).optimize("ml")
    a, b = found.fixef["a_Intercept"], found.fixef["b_Intercept"]
    curve = np.exp(-np.exp(b) * data["x"])
    residuals = data["y"] - a * curve
    for slope in (curve, -a * np.exp(b) * data["x"] * curve):
        assert residuals @ slope == pytest.approx(0, abs=1e-4)


def test_a_linear_formula_written_as_a_curve_has_the_linear_estimates() -> None:
    data = decay()
    curve = tm.model(
        "bf(y ~ a + b * x, a + b ~ 1 + (1 | p | g), nl = TRUE)",
        data,
        priors=("a.b ~ normal(0, 9)", "b.b ~ normal(0, 9)"),
    )
    linear = tm.model("y ~ x + (1 + x | g)", data)
    for criterion in ("ml", "reml"):
        one, other = curve.optimize(criterion), linear.optimize(criterion)
        assert one.criterion == pytest.approx(other.criterion, abs=1e-6)
        np.testing.assert_allclose([*one.fixef.values()], [*other.fixef.values()], rtol=1e-5)
        np.testing.assert_allclose(one.groups["g"].sds, other.groups["g"].sds, rtol=1e-4)


REFUSED = [
    ("bf(n ~ log(a) - b * x, a + b ~ 1, nl = TRUE)", "poisson", "no exact likelihood"),
    ("bf(y ~ a - b * x, nlf(sigma ~ b * x), a + b ~ 1, nl = TRUE)", "gaussian", "of the mean alone"),
    ("bf(y ~ a - b * x, a ~ s(x, k = 4), b ~ 1, nl = TRUE)", "gaussian", "no estimate of a curve with"),
]


@pytest.mark.parametrize(("formula", "family", "fragment"), REFUSED)
def test_what_has_no_such_estimate_is_told(formula: str, family: str, fragment: str) -> None:
    data = decay().assign(n=np.arange(120) % 5)
    model = tm.model(formula, data, family, priors=("a.b ~ normal(9, 5)", "b.b ~ normal(0, 2)"))
    with pytest.raises(FitError, match=fragment):
        model.optimize("ml")
