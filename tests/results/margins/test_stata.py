"""Stata's margins of stated draws: what the methods of the other packages say of the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from logistic import DATA, INTERCEPT, B, logistic
from tildemc.errors import TildeError
from tildemc.results.fit import Fit
from tildemc.results.margins.margins import Margins

FIXED = "predict(mu fixedonly)"


@pytest.fixture(scope="module")
def fit() -> Fit:
    return logistic()


CASES: dict[str, Callable[[Fit], Margins]] = {
    f", {FIXED}": lambda fit: fit.avg_predictions(groups="none"),
    "margins, predict(xb)": lambda fit: fit.avg_predictions(kind="linear", groups="none"),
    f"f, {FIXED}": lambda fit: fit.avg_predictions(variables="f", groups="none"),
    f"i.f, {FIXED}": lambda fit: fit.avg_predictions(variables="f", groups="none"),
    f"dydx(x) {FIXED}": lambda fit: fit.avg_slopes("x", groups="none"),
    f", dydx(*) {FIXED}": lambda fit: fit.avg_slopes(groups="none"),
    f", eyex(x) {FIXED}": lambda fit: fit.avg_slopes("x", slope="eyex", groups="none"),
    f", at(x=(1 2 3)) {FIXED}": lambda fit: fit.avg_predictions(variables={"x": [1, 2, 3]}, groups="none"),
    f", at(x=(1/3)) {FIXED}": lambda fit: fit.avg_predictions(variables={"x": [1, 2, 3]}, groups="none"),
    f", at(x=(0(0.5)1)) {FIXED}": lambda fit: fit.avg_predictions(variables={"x": [0, 0.5, 1]}, groups="none"),
    f"f, at(x = 1) {FIXED}": lambda fit: fit.avg_predictions(variables={"x": [1], "f": None}, groups="none"),
    f", over(f) {FIXED}": lambda fit: fit.avg_predictions(by="f", groups="none"),
    f", dydx(x) over(f) {FIXED}": lambda fit: fit.avg_slopes("x", by="f", groups="none"),
    f"f, dydx(x) level(90) {FIXED}": lambda fit: fit.avg_slopes(
        "x", pd.concat([DATA.assign(f="a"), DATA.assign(f="b")]), by="f", groups="none", interval=0.9
    ),
    f"r.f, {FIXED}": lambda fit: fit.avg_comparisons({"f": "reference"}, groups="none"),
    f"ar.f, {FIXED}": lambda fit: fit.avg_comparisons({"f": "sequential"}, groups="none"),
    f"a.f, {FIXED}": lambda fit: fit.avg_comparisons({"f": "revsequential"}, groups="none"),
    f"f, pwcompare {FIXED}": lambda fit: fit.avg_comparisons({"f": "pairwise"}, groups="none"),
    f", at(x=1) at(x=2) {FIXED}": lambda fit: fit.avg_predictions(variables={"x": [1, 2]}, groups="none"),
    f", at((median) x) {FIXED}": lambda fit: fit.avg_predictions(variables={"x": np.median}, groups="none"),
    f", at((p25) x f=b) {FIXED}": lambda fit: fit.avg_predictions(
        variables={"x": lambda x: np.quantile(x, 0.25, method="averaged_inverted_cdf"), "f": ["b"]}, groups="none"
    ),
    f"f, at((mean) _all) {FIXED}": lambda fit: fit.margins(f"f, atmeans {FIXED}"),
    ", predict(fitted)": lambda fit: fit.avg_predictions(kind="linear"),
    ", atmeans predict(xb)": lambda fit: fit.avg_predictions(
        pd.concat([DATA.assign(x=DATA["x"].mean(), f=f) for f in DATA["f"]]), kind="linear", groups="none"
    ),
}


@pytest.mark.parametrize("text", CASES)
def test_margins_are_those_of_the_other_words(text: str, fit: Fit) -> None:
    found, expected = fit.margins(text), CASES[text](fit)
    np.testing.assert_allclose(found.draws(), expected.draws(), rtol=1e-6)
    assert found.frame().columns[-1] == expected.frame().columns[-1]


def test_several_factors_stand_one_below_the_other(fit: Fit) -> None:
    found = fit.margins(f"f g, {FIXED}").frame()
    assert found["f"].dropna().tolist() == ["a", "b"]
    assert found["g"].dropna().tolist() == ["u", "v", "w"]


def test_codes_are_levels() -> None:
    data = DATA.assign(h=np.resize([1, 2, 3], len(DATA)))
    model = tm.model("regress x i.h", data)
    posterior = {"Intercept": np.zeros((1, 1)), "b": np.array([[[2.0, 5.0]]]), "sigma": np.ones((1, 1))}
    fit = Fit.of(model.spec, model.design, posterior, {}, "stated", 0.0).of_model(model, {})
    assert fit.margins("h").frame()["estimate"].tolist() == [0.0, 2.0, 5.0]
    assert fit.margins(", dydx(h)").frame()["contrast"].tolist() == ["2 - 1", "3 - 1"]
    assert fit.margins(", at(h=(2 3))").frame()["estimate"].tolist() == [2.0, 5.0]
    base = fit.margins("rb3.h").frame()
    assert (base["contrast"].tolist(), base["estimate"].tolist()) == (["1 vs 3", "2 vs 3"], [-5.0, -3.0])


def test_a_number_that_also_groups_residuals_has_a_slope(project: Path) -> None:
    trial = project / "examples" / "partially_clustered" / "trial.csv"
    fit = tm.model("mixed y treat || j: treat, nocons residuals(independent, by(treat))", trial).fit(draws=50, seed=1)
    slope, effect = fit.margins(", dydx(treat)").frame(), fit.fixef()
    assert slope.loc[0, "sd"] == pytest.approx(effect.loc["treat", "sd"])


def test_weights_of_the_model_weigh_rows() -> None:
    data = DATA.assign(n=np.resize([1, 2, 3], len(DATA)))
    model = tm.model("regress y x [fweight = n]", data)
    posterior = {"Intercept": np.zeros((1, 1)), "b": np.array([[[2.0]]]), "sigma": np.ones((1, 1))}
    fit = Fit.of(model.spec, model.design, posterior, {}, "stated", 0.0).of_model(model, {})
    (found,) = fit.margins("").frame()["estimate"]
    assert found == pytest.approx(2 * np.average(data["x"], weights=data["n"]))


def eta(fit: Fit, x: object, b: object) -> np.ndarray:
    """The linear predictor by hand, (draws, n)."""
    x, b = np.broadcast_arrays(np.asarray(x, float), np.asarray(b, float))
    return INTERCEPT[:, None] + B @ np.array([x, b, x * b])


def test_the_mean_at_means_is_seen_through_the_link(fit: Fit) -> None:
    share, x = (DATA["f"] == "b").mean(), DATA["x"].mean()
    found = fit.margins(f", atmeans {FIXED}").draws().to_numpy().ravel()
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-eta(fit, [x], [share])[:, 0])))
    slope = fit.margins(f", dydx(x) atmeans {FIXED}").draws().to_numpy().ravel()
    np.testing.assert_allclose(slope, found * (1 - found) * (B[:, 0] + B[:, 2] * share), rtol=1e-6)
    chosen = fit.margins(f"f, atmeans {FIXED}").draws().to_numpy()[0, :, 1]
    np.testing.assert_allclose(chosen, 1 / (1 + np.exp(-eta(fit, [x], [1])[:, 0])))


def test_a_mean_is_over_all_effects_that_groups_may_have(fit: Fit) -> None:
    from scipy.integrate import quad
    from scipy.stats import norm

    at = eta(fit, DATA["x"], DATA["f"] == "b")
    slow = [[quad(lambda u, e=e: norm.pdf(u) / (1 + np.exp(-e - u)), -9, 9)[0] for e in row] for row in at]
    np.testing.assert_allclose(fit.margins("").draws().to_numpy()[0, :, 0], np.mean(slow, axis=1), rtol=1e-6)


MISTAKES = {
    "x, predict(xb)": "`x` is a number",
    ", dydx(z) predict(xb)": "no variable 'z'",
    ", dydx()": "names variables",
    ", dydx(x) eyex(x)": "exclude one another",
    ", at(x) predict(xb)": "sets variables to values",
    ", at(x=(1) x=(2))": "is set twice",
    ", level(90) level(95)": "stands twice",
    "r.f#r.g": "the levels of one factor are compared",
    "r.f, dydx(x)": "slopes are not compared",
    "g.f": "differences from the mean of all levels, is not built",
    ", predict(outcome(2))": "the response has none",
    ", atmeans over(f) predict(xb)": "is not built",
    ", eyex(x) atmeans predict(mu fixedonly)": "is not built",
    ", at((mode) x)": "is not read here",
    ", at((mean) f) predict(xb)": "`f` has levels, and no mean",
    ", at(x=(1(2))) predict(xb)": "a list of numbers is written",
    ", at(x=(1(0)2)) predict(xb)": "there is no list",
    ", atmeans": "of the mean over all groups is not built",
    ", asbalanced": "has no option `asbalanced`",
    ", predict(stdp)": "is not read",
    ", level(950)": "a percentage",
    "f if x > 1": "are not read here",
    "c.x#f": "a number has `at",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_what_is_not_read_is_said_in_a_sentence(text: str, fit: Fit) -> None:
    with pytest.raises(TildeError, match=MISTAKES[text]):
        fit.margins(text)


def test_margins_are_of_a_text(fit: Fit) -> None:
    with pytest.raises(TildeError, match="is a text such as"):
        fit.margins(3)  # type: ignore[arg-type]
