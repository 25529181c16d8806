"""Margins of responses in categories: the chance of each, as marginaleffects and brms have it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.errors import SemanticError

LABELS = ["low", "mid", "high"]


def data(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    x, arm = rng.normal(size=n), rng.choice(["u", "v"], n)
    cut = np.digitize(x + rng.logistic(size=n), [-1.0, 0.5])
    word = pd.Categorical(np.array(LABELS)[cut], LABELS, ordered=True)
    return pd.DataFrame({"x": x, "arm": arm, "item": rng.choice(["p", "q"], n), "word": word, "kind": word.astype(str)})


DATA = data()


def fitted(formula: str, family: str) -> tm.Fit:
    return tm.model(formula, DATA, family).fit(draws=20, tune=80, chains=2, seed=1, progress=False)


@pytest.fixture(scope="module")
def ordered() -> tm.Fit:
    return fitted("word | thres(gr = item) ~ arm + cs(x)", "sratio")


@pytest.fixture(scope="module")
def unordered() -> tm.Fit:
    return fitted("kind ~ x + arm", "categorical")


def chances(fit: tm.Fit, rows: pd.DataFrame) -> np.ndarray:
    """(draws, n, categories)."""
    found = fit.predict(rows, draws=True)
    return np.asarray(found.values.reshape(-1, len(rows), 3))


def test_predictions_are_the_chances_of_each_category_by_group(ordered: tm.Fit) -> None:
    found = ordered.predictions()
    frame = found.frame()
    assert frame["group"].drop_duplicates().tolist() == LABELS
    expected = np.median(chances(ordered, DATA), axis=0)
    for k, label in enumerate(LABELS):
        np.testing.assert_allclose(frame.loc[frame["group"] == label, "estimate"], expected[:, k])
    by_arm = ordered.avg_predictions(by="arm").frame().set_index(["group", "arm"])["estimate"]
    each = np.median(chances(ordered, DATA)[:, DATA["arm"] == "v"].mean(axis=1), axis=0)
    np.testing.assert_allclose(by_arm.loc[[(label, "v") for label in LABELS]], each)


def test_comparisons_and_slopes_of_all_categories_sum_to_zero(ordered: tm.Fit) -> None:
    for found in (ordered.avg_comparisons(), ordered.avg_slopes()):
        frame = found.frame()
        assert {*frame["term"]} == {"arm", "x"}
        draws = found.draws().values.reshape(40, -1)
        for term in ("arm", "x"):
            np.testing.assert_allclose(draws[:, frame["term"] == term].sum(axis=1), 0, atol=1e-9)
    one, other = (chances(ordered, DATA.assign(arm=arm)).mean(axis=1) for arm in "vu")
    frame = ordered.avg_comparisons("arm").frame()
    np.testing.assert_allclose(frame["estimate"], np.median(one - other, axis=0))


def test_conditional_effects_are_of_each_category_or_of_their_numbers(ordered: tm.Fit) -> None:
    held = pd.DataFrame({"arm": ["u", "v"], "x": DATA["x"].mean(), "item": DATA["item"].mode()[0]})
    each = chances(ordered, held)
    found = ordered.conditional_effects("arm", categorical=True)["arm"]
    assert found.along == ("arm", "group")
    np.testing.assert_allclose(found.frame()["estimate"], np.median(each, axis=0).T.ravel())
    mean = ordered.conditional_effects("arm")["arm"].frame()
    assert "group" not in mean
    np.testing.assert_allclose(mean["estimate"], np.median(each @ [1, 2, 3], axis=0))


def test_categories_in_no_order_have_chances(unordered: tm.Fit) -> None:
    frame = unordered.avg_predictions().frame()
    assert frame["group"].tolist() == ["high", "low", "mid"]
    assert frame["estimate"].sum() == pytest.approx(1, abs=0.05)
    assert len(unordered.conditional_effects("arm", categorical=True).frame()) == 6


def test_the_picture_of_effects_has_a_curve_for_each_category(unordered: tm.Fit) -> None:
    panels = np.ravel(unordered.plot("effects"))
    assert [len(ax.get_legend_handles_labels()[1]) for ax in panels] == [3, 3]


REFUSED: dict[str, tuple[Callable[[tm.Fit], object], str]] = {
    "no order": (lambda fit: fit.conditional_effects("x"), "`categorical=True` asks for the chance of each"),
    "no truth value": (lambda fit: fit.conditional_effects("x", categorical="yes"), "`categorical` is True or False"),  # type: ignore[arg-type]
    "no chances": (
        lambda fit: fit.conditional_effects("x", categorical=True, method="mulow"), "what is asked for has none",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_meaning_is_told(case: str, unordered: tm.Fit) -> None:
    ask, message = REFUSED[case]
    with pytest.raises(SemanticError, match=message):
        ask(unordered)
