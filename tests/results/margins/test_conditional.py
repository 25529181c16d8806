"""Conditional effects of stated draws, against the same by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from logistic import DATA, INTERCEPT, B, logistic
from tildemc.errors import TildeError
from tildemc.results.fit import Fit

X = DATA["x"].to_numpy()
MEAN, SD = X.mean(), X.std(ddof=1)


@pytest.fixture(scope="module")
def fit() -> Fit:
    return logistic()


def _at(x: Any, b: Any) -> np.ndarray:
    x, b = (np.asarray(v, dtype=float) for v in (x, b))
    return 1 / (1 + np.exp(-(INTERCEPT[:, None] + B @ np.array([x, b, x * b]))))


LINE = np.linspace(X.min(), X.max(), 3)
CASES: dict[str, tuple[str, dict[str, Any], np.ndarray]] = {
    "a number, at the factor's reference": ("x", {}, _at(LINE, [0, 0, 0])),
    "a factor, at the number's mean": ("f", {}, _at([MEAN, MEAN], [0, 1])),
    "a number by a factor": ("x:f", {}, _at(np.repeat(LINE, 2), [0, 1] * 3)),
    "a factor by a number": ("f:x", {}, _at([MEAN - SD, MEAN, MEAN + SD] * 2, [0] * 3 + [1] * 3)),
    "values of the second": ("f:x", {"int_conditions": {"x": [0, 1]}}, _at([0, 1, 0, 1], [0, 0, 1, 1])),
    "another level": ("x", {"conditions": {"f": "b"}}, _at(LINE, [1, 1, 1])),
    "several conditions": (
        "x", {"conditions": pd.DataFrame({"f": ["a", "b"]})}, _at([*LINE, *LINE], [0, 0, 0, 1, 1, 1]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_effects_are_those_by_hand(case: str, fit: Fit) -> None:
    effect, asked, expected = CASES[case]
    found = fit.conditional_effects(effect, resolution=3, **asked)
    assert [*found] == [effect]
    np.testing.assert_allclose(found[effect].draws().values[0], expected, rtol=1e-9)
    np.testing.assert_allclose(found.frame()["estimate"], np.median(expected, axis=0), rtol=1e-9)


def test_each_variable_and_each_interaction_has_one(fit: Fit) -> None:
    found = fit.conditional_effects(resolution=2)
    assert [*found] == ["x", "f", "x:f"]
    assert found.frame()["effect"].tolist() == ["x"] * 2 + ["f"] * 2 + ["x:f"] * 4
    assert not {"g", "row"} & set(found.frame().columns)


def test_trials_are_one_and_offsets_at_their_mean() -> None:
    data = DATA.assign(n=5, w=np.arange(len(DATA)) / 10)
    model = tm.model("y | trials(n) ~ x + offset(w)", data, "binomial")
    draws = {"Intercept": np.array([[0.3]]), "b": np.array([[[0.5]]])}
    fit = Fit.of(model.spec, model.design, draws, {}, "stated", 0.0).of_model(model, {})
    (table,) = [found.frame() for found in fit.conditional_effects("x", resolution=2).values()]
    eta = 0.3 + 0.5 * table["x"] + data["w"].mean()
    np.testing.assert_allclose(table["estimate"], 1 / (1 + np.exp(-eta)))


MISTAKES: dict[str, tuple[Callable[[Fit], Any], str]] = {
    "an effect": (lambda fit: fit.conditional_effects("z"), "has no variable 'z'"),
    "three": (lambda fit: fit.conditional_effects("x:f:g"), "of a variable or of two"),
    "no text": (lambda fit: fit.conditional_effects(3), "of a variable or of two"),
    "a method": (lambda fit: fit.conditional_effects("x", method="fit"), "is one of mean, linear"),
    "a resolution": (lambda fit: fit.conditional_effects("x", resolution=1), "a whole number from 2"),
    "a condition": (lambda fit: fit.conditional_effects("x", conditions={"z": 1}), "no variable 'z'"),
    "two conditions": (lambda fit: fit.conditional_effects("x", conditions={"f": ["a", "b"]}), "at one value"),
    "no conditions": (lambda fit: fit.conditional_effects("x", conditions=2), "a mapping of columns"),
    "a condition on what varies": (lambda fit: fit.conditional_effects("x", conditions={"x": 1}), "goes for nothing"),
    "values of no second": (lambda fit: fit.conditional_effects("f", int_conditions={"x": [1]}), "goes for nothing"),
    "groups without effects": (lambda fit: fit.conditional_effects("g"), "no group has an effect here"),
    "values": (lambda fit: fit.conditional_effects("f:x", int_conditions=2), "a mapping of columns"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_what_cannot_be_asked_is_said_in_a_sentence(case: str, fit: Fit) -> None:
    ask, message = MISTAKES[case]
    with pytest.raises(TildeError, match=message):
        ask(fit)


def test_a_fit_by_predict_is_of_new_responses(fit: Fit) -> None:
    drawn = fit.conditional_effects("f", method="predict", seed=1)["f"].draws().values
    assert set(np.unique(drawn)) <= {0.0, 1.0}


PICTURES: dict[str, tuple[Callable[[Fit], Any], int, int]] = {
    "a line": (lambda fit: fit.conditional_effects("x", resolution=5), 1, 0),
    "two lines": (lambda fit: fit.conditional_effects("x:f", resolution=5), 2, 0),
    "points": (lambda fit: fit.conditional_effects("f"), 0, 1),
    "averages by groups": (lambda fit: fit.avg_comparisons(by="g"), 0, 2),
}


@pytest.mark.parametrize("case", PICTURES)
def test_pictures(case: str, fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many lines, and how many sets of points with intervals, there are in one panel."""
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    ask, lines, points = PICTURES[case]
    ax = ask(fit).plot()
    assert (len(ax.collections) if lines else 0, len(ax.containers)) == (lines, points)
    assert ax.get_xlabel()
    assert "mean of y" in ax.get_ylabel()
    pyplot.close(ax.figure)


def test_rows_one_by_one_are_no_picture(fit: Fit) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(TildeError, match="by one or two columns"):
        fit.predictions().plot()


@pytest.mark.parametrize("term", ["s(x, k = 5)", "gp(x, k = 5, c = 5/4)"])
def test_functions_of_a_variable_are_an_effect_of_it(term: str) -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"x": rng.uniform(0, 9, 40)}).assign(y=lambda d: np.sin(d.x) + 0.3 * rng.normal(size=40))
    fit = tm.model(f"y ~ {term}", data).fit(draws=20, tune=30, chains=1, seed=1, progress=False)
    assert list(fit.conditional_effects()) == ["x"]
