"""Stata's margins of stated draws: what the methods of the other packages say of the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from logistic import DATA, logistic
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


MISTAKES = {
    "": "averages over the effects of groups",
    "x, predict(xb)": "`x` is a number",
    ", dydx(z) predict(xb)": "no variable 'z'",
    ", dydx()": "names variables",
    ", dydx(x) eyex(x)": "exclude one another",
    ", at(x) predict(xb)": "sets variables to values",
    ", at(x=(1) x=(2)) at(x=1)": "stands twice",
    ", at((mean) x)": "is not read here",
    ", at(x=(1(2))) predict(xb)": "a list of numbers is written",
    ", at(x=(1(0)2)) predict(xb)": "there is no list",
    ", atmeans": "has no option `atmeans`",
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
