"""Predictions, comparisons and slopes of stated draws, against the same by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from logistic import DATA, B, N, logistic, probabilities
from tildemc.errors import TildeError
from tildemc.results.fit import Fit
from tildemc.results.margins.margins import Margins

X, IS_B = DATA["x"].to_numpy(), (DATA["f"] == "b").to_numpy(dtype=float)
SLOPE = B[:, [0]] + B[:, [2]] * IS_B
HERE = probabilities(X, IS_B)


@pytest.fixture(scope="module")
def fit() -> Fit:
    return logistic()


def _by_f(values: np.ndarray) -> np.ndarray:
    return np.column_stack([values[:, level == IS_B].mean(axis=1) for level in (0, 1)])


def _odds(p: np.ndarray) -> np.ndarray:
    return p / (1 - p)


CASES: dict[str, tuple[Callable[[Fit], Margins], np.ndarray]] = {
    "each row": (lambda fit: fit.predictions(), HERE),
    "an average": (lambda fit: fit.avg_predictions(), HERE.mean(axis=1, keepdims=True)),
    "averages by a factor": (lambda fit: fit.predictions(by="f"), _by_f(HERE)),
    "every row at each level": (
        lambda fit: fit.avg_predictions(variables="f"),
        np.column_stack([probabilities(X, level).mean(axis=1) for level in (0, 1)]),
    ),
    "on the scale of the predictor": (lambda fit: fit.predictions(kind="linear"), np.log(_odds(HERE))),
    "a level against the reference": (
        lambda fit: fit.comparisons("f"), probabilities(X, 1) - probabilities(X, 0),
    ),
    "one unit more": (lambda fit: fit.avg_comparisons("x"), (probabilities(X + 1, IS_B) - HERE).mean(axis=1)[:, None]),
    "two values": (lambda fit: fit.comparisons({"x": [1, 3]}), probabilities(3, IS_B) - probabilities(1, IS_B)),
    "an sd": (
        lambda fit: fit.comparisons({"x": "sd"}),
        probabilities(X.mean() + X.std(ddof=1) / 2, IS_B) - probabilities(X.mean() - X.std(ddof=1) / 2, IS_B),
    ),
    "levels turned round": (lambda fit: fit.comparisons({"f": ["b", "a"]}), probabilities(X, 0) - probabilities(X, 1)),
    "a ratio of averages": (
        lambda fit: fit.avg_comparisons("f", comparison="ratio"),
        (probabilities(X, 1).mean(axis=1) / probabilities(X, 0).mean(axis=1))[:, None],
    ),
    "ratios of rows": (
        lambda fit: fit.comparisons("f", comparison="ratio"), probabilities(X, 1) / probabilities(X, 0),
    ),
    "log odds ratios": (
        lambda fit: fit.comparisons("f", comparison="lnor"),
        np.log(_odds(probabilities(X, 1)) / _odds(probabilities(X, 0))),
    ),
    "a lift": (
        lambda fit: fit.comparisons("f", comparison="lift"), probabilities(X, 1) / probabilities(X, 0) - 1,
    ),
    "slopes": (lambda fit: fit.slopes("x"), HERE * (1 - HERE) * SLOPE),
    "the average slope is the mean of p (1 - p) b": (
        lambda fit: fit.avg_slopes("x"), (HERE * (1 - HERE) * SLOPE).mean(axis=1)[:, None],
    ),
    "a weighted average": (
        lambda fit: fit.avg_predictions(DATA.assign(w=X**2), wts="w"), (HERE @ X**2 / (X**2).sum())[:, None],
    ),
    "slopes by a factor": (lambda fit: fit.slopes("x", by="f"), _by_f(HERE * (1 - HERE) * SLOPE)),
    "elasticities": (lambda fit: fit.slopes("x", slope="eyex"), (1 - HERE) * SLOPE * X),
    "semi-elasticities": (lambda fit: fit.slopes("x", slope="eydx"), (1 - HERE) * SLOPE),
    "a slope by a factor is a difference": (
        lambda fit: fit.avg_slopes("f"), (probabilities(X, 1) - probabilities(X, 0)).mean(axis=1)[:, None],
    ),
    "without effects of groups": (lambda fit: fit.predictions(groups="none"), probabilities(X, IS_B, groups=False)),
    "a difference of averages": (
        lambda fit: fit.avg_predictions(by="f").hypotheses("b2 - b1 = 0"),
        np.diff(_by_f(HERE), axis=1),
    ),
    "averages pair by pair": (
        lambda fit: fit.avg_predictions(by="f").hypotheses("revpairwise"), -np.diff(_by_f(HERE), axis=1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_estimates_are_those_by_hand(case: str, fit: Fit) -> None:
    ask, expected = CASES[case]
    found = ask(fit)
    np.testing.assert_allclose(found.draws().values[0], expected, rtol=1e-6, atol=1e-7)
    table = found.frame()
    np.testing.assert_allclose(table["estimate"], np.median(expected, axis=0), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(table["eti95_lb"], np.quantile(expected, 0.025, axis=0), rtol=1e-6, atol=1e-7)


def test_chunks_change_nothing(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tildemc.results.evaluate.CHUNK", 20)
    for ask, expected in CASES.values():
        np.testing.assert_allclose(ask(fit).draws().values[0], expected, rtol=1e-6, atol=1e-7)


def test_all_variables_are_compared_unless_some_are_named(fit: Fit) -> None:
    table = fit.avg_comparisons().frame()
    assert list(zip(table["term"], table["contrast"], strict=True)) == [("x", "+1"), ("f", "b - a")]


def _stated(text: str, data: pd.DataFrame | Path, b: list[float], **how: str) -> Fit:
    """A fit of one draw."""
    model = tm.model(text, data, **how)
    posterior = {"Intercept": np.zeros((1, 1)), "b": np.array([[b]]), "sigma": np.ones((1, 1))}
    return Fit.of(model.spec, model.design, posterior, {}, "stated", 0.0).of_model(model, {})


def test_numbers_that_are_zero_or_one_are_compared_at_these() -> None:
    fit = _stated("x ~ z", DATA.assign(z=np.resize([0, 1, 1], N)), [2.0])
    table = fit.avg_comparisons().frame()
    assert table[["contrast", "estimate"]].to_numpy().tolist() == [["1 - 0", 2.0]]


def test_a_row_without_a_value_has_no_estimate(fit: Fit) -> None:
    rows = DATA.assign(x=np.where(np.arange(N) == 2, np.nan, X))
    found = fit.comparisons("x", rows)
    assert np.flatnonzero(found.frame()["estimate"].isna()).tolist() == [2]
    kept = (probabilities(X + 1, IS_B) - HERE)[:, np.arange(N) != 2].mean(axis=1)
    np.testing.assert_allclose(fit.avg_comparisons("x", rows).draws().values[0, :, 0], kept, rtol=1e-6)


def test_the_reference_is_the_level_that_the_coding_leaves_out() -> None:
    fit = _stated("regress x ib2.h", DATA.assign(h=np.resize([1, 2, 3], N)), [1.0, 3.0], syntax="stata")
    table = fit.avg_comparisons().frame()
    assert table[["contrast", "estimate"]].to_numpy().tolist() == [["1 - 2", 1.0], ["3 - 2", 3.0]]


def test_variables_are_varied_before_they_are_transformed() -> None:
    data = DATA.assign(z=np.exp(X), w=np.arange(N) / N)
    fit = _stated("x ~ log(z) + poly(w, 2)", data, [2.0, 1.0, 0.5])
    np.testing.assert_allclose(fit.slopes("z").draws().values[0, 0], 2 / np.exp(X), rtol=1e-5)
    line = fit.predictions(tm.datagrid(fit, w=[0.2, 0.2 + 1e-6])).draws().values[0, 0]
    slope = fit.slopes("w", tm.datagrid(fit, w=0.2)).draws().item()
    assert slope == pytest.approx(np.diff(line)[0] / 1e-6, rel=1e-4)


def test_columns_called_as_the_frames_own_make_way() -> None:
    fit = _stated("x ~ term + sd", DATA.assign(term=X, sd=X), [1.0, 2.0])
    assert [*fit.predictions().frame().columns[:3]] == ["row", "term", "sd_"]
    assert fit.slopes().frame()[["term", "term_"]].iloc[0].tolist() == ["term", X[0]]
    assert fit.avg_slopes().frame()["estimate"].tolist() == pytest.approx([1.0, 2.0])


def test_levels_go_by_the_names_that_the_data_give_them(tmp_path: Path) -> None:
    path = tmp_path / "labelled.dta"
    data = DATA.assign(k=np.resize([0, 1], N))
    data.to_stata(path, write_index=False, value_labels={"k": {0: "none", 1: "one"}})
    fit = _stated("x ~ k", path, [2.0])
    assert fit.avg_comparisons().frame()[["contrast", "estimate"]].to_numpy().tolist() == [["one - none", 2.0]]
    assert fit.conditional_effects("k").frame()["estimate"].tolist() == [0.0, 2.0]
    assert tm.datagrid(fit, k=["one", 0])["k"].tolist() == [1, 0]


MISTAKES: dict[str, tuple[Callable[[Fit], Any], str]] = {
    "a variable": (lambda fit: fit.comparisons("z"), "has no variable 'z'"),
    "a contrast of levels": (lambda fit: fit.comparisons({"f": "mean"}), "are compared by reference"),
    "a level": (lambda fit: fit.comparisons({"f": ["a", "c"]}), "no level 'c'; it has a, b"),
    "a contrast of a number": (lambda fit: fit.comparisons({"x": "mean"}), "by a step, at two numbers, or by sd"),
    "a comparison": (lambda fit: fit.comparisons(comparison="diff"), "one of difference, ratio"),
    "a slope": (lambda fit: fit.slopes(slope="dxdy"), "one of dydx"),
    "a slope at two points": (lambda fit: fit.slopes({"x": 2}), "it takes no 2"),
    "by": (lambda fit: fit.predictions(by=2), "`by` is True"),
    "a column of by": (lambda fit: fit.predictions(by="z"), "no column `z`"),
    "variables": (lambda fit: fit.predictions(variables=3), "`variables` is a column's name"),
    "a value": (lambda fit: fit.predictions(variables={"x": "a"}), "`x` is a number, not 'a'"),
    "a hypothesis": (lambda fit: fit.predictions(by="f").hypotheses("b3 = 0"), "there are b1 to b2"),
    "no text": (lambda fit: fit.predictions(by="f").hypotheses([]), "a hypothesis is a text"),
    "another's word": (lambda fit: fit.avg_slopes(conf_level=0.9), "`interval` says it"),
    "what there is not": (lambda fit: fit.slopes(draws=True), "no argument `draws` here"),  # type: ignore[call-arg]
    "weights of each row": (lambda fit: fit.slopes(wts="x"), "weights are for averages"),
    "negative weights": (lambda fit: fit.avg_slopes("f", wts="x"), "cannot weigh rows"),
    "a grid": (lambda fit: tm.datagrid(fit, grid_type="all"), "one of mean_or_mode"),
    "a level of a grid": (lambda fit: tm.datagrid(fit, f="z"), "no level 'z'"),
    "a grid of nothing": (lambda fit: tm.datagrid(3, x=1), "is for a fit"),  # type: ignore[arg-type]
    "no rows": (lambda fit: fit.avg_predictions(DATA.assign(x=np.nan)), "no row has a value"),
    "data that are gone": (
        lambda fit: Fit(fit.spec, fit.design, fit.groups, "", 0.0).predictions(), "give them as `newdata=`",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_what_cannot_be_asked_is_said_in_a_sentence(case: str, fit: Fit) -> None:
    ask, message = MISTAKES[case]
    with pytest.raises(TildeError, match=message):
        ask(fit)


def test_a_fit_without_its_data_takes_others(fit: Fit) -> None:
    alone = Fit(fit.spec, fit.design, fit.groups, "", 0.0)
    np.testing.assert_allclose(alone.slopes("x", DATA).draws(), fit.slopes("x").draws())


GRIDS: dict[str, tuple[dict[str, Any], pd.DataFrame]] = {
    "typical": ({}, pd.DataFrame({"x": [X.mean()], "f": ["b"], "g": ["u"]})),
    "two values": ({"x": [0, 1]}, pd.DataFrame({"x": [0, 1], "f": "b", "g": "u"})),
    "a function": ({"x": np.max}, pd.DataFrame({"x": [X.max()], "f": "b", "g": "u"})),
    "crossed": (
        {"f": ["a", "b"], "x": [0, 1]}, pd.DataFrame({"f": list("aabb"), "x": [0, 1, 0, 1], "g": "u"}),
    ),
    "all levels": ({"grid_type": "balanced"}, pd.DataFrame({"f": ["a", "b"], "x": X.mean(), "g": "u"})),
    "every row": ({"grid_type": "counterfactual", "x": 0}, DATA[["x", "f", "g"]].assign(x=0)),
}  # fmt: skip


@pytest.mark.parametrize("case", GRIDS)
def test_grids(case: str, fit: Fit) -> None:
    asked, expected = GRIDS[case]
    pd.testing.assert_frame_equal(tm.datagrid(fit, **asked), expected, check_dtype=False, check_like=True)
