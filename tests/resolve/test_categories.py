"""Responses that are one of several categories: which these are, their order, and what is none."""

from __future__ import annotations

import pandas as pd
import pytest

import tildemc as tm
from marked import mistake
from tildemc.errors import TildeError

WORDS = ["low", "high", "mid", "low", "high", "mid"]
DATA = pd.DataFrame(
    {
        "grade": [1, 2, 4, 2, 1, 4], "from_0": [0, 1, 2, 0, 1, 2], "half": [1.5, 2, 2.5, 1.5, 2, 2.5], "one": [1] * 6,
        "word": WORDS, "ranked": pd.Categorical(WORDS, ["low", "mid", "high"], ordered=True),
        "declared": pd.Categorical(WORDS, ["mid", "low", "high"]), "yes": [True, False] * 3, "x": [0, 1, 0, 1, 0, 1],
    }
)  # fmt: skip

FOUND = [
    ("grade ~ x", "cumulative", "1 2 3 4", [1, 2, 4, 2, 1, 4]),
    ("grade | thres(5) ~ x", "acat", "1 2 3 4 5 6", [1, 2, 4, 2, 1, 4]),
    ("ordered(grade) ~ x", "sratio", "1 2 4", [1, 2, 3, 2, 1, 3]),
    ("ordered(from_0) ~ x", "cumulative", "0 1 2", [1, 2, 3, 1, 2, 3]),
    ("ranked ~ x", "cumulative", "low mid high", [1, 3, 2, 1, 3, 2]),
    ("declared ~ x", "cratio", "mid low high", [2, 3, 1, 2, 3, 1]),
    ('ordered(word, levels = c("high", "mid", "low")) ~ x', "cumulative", "high mid low", [3, 1, 2, 3, 1, 2]),
    ("yes ~ x", "cumulative", "FALSE TRUE", [2, 1, 2, 1, 2, 1]),
    ("word ~ x", "categorical", "high low mid", [2, 1, 3, 2, 1, 3]),
    ("from_0 ~ x", "categorical", "0 1 2", [1, 2, 3, 1, 2, 3]),
    ("ologit from_0 x", None, "0 1 2", [1, 2, 3, 1, 2, 3]),
    ("mlogit grade x", None, "1 2 4", [1, 2, 3, 2, 1, 3]),
]


@pytest.mark.parametrize(("text", "family", "labels", "y"), FOUND)
def test_categories_are_in_the_order_of_the_data(text: str, family: str | None, labels: str, y: list[int]) -> None:
    model = tm.model(text, DATA, family)
    assert model.spec.family.categories is not None
    assert list(model.spec.family.categories.labels) == labels.split()
    assert model.design.whole("").y.tolist() == y  # type: ignore[union-attr]


REFUSED = [
    ("⟪word⟫ ~ x", "cumulative", "is text without one: `ordered(word, levels = …)` says it"),
    ("⟪from_0⟫ ~ x", "cumulative", "counts its categories from 1, and `from_0` is 0: `ordered(from_0)` takes"),
    ("⟪half⟫ ~ x", "acat", "is up to 2.5"),
    ("⟪one⟫ ~ x", "cumulative", "two categories or more, `one` has one, 1"),
    ("⟪grade⟫ | thres(2) ~ x", "cumulative", "`grade` is up to 4, and 2 thresholds tell 3 categories apart"),
    ("⟪ranked⟫ | thres(3) ~ x", "cumulative", "`ranked` has 3 categories, which 2 thresholds tell apart, not 3"),
    ("grade | ⟪thres(x)⟫ ~ x", "cumulative", "takes a number of thresholds, as in `thres(3)`"),
    ("word | ⟪thres(3)⟫ ~ x", "categorical", "`thres()` goes with ordered categories"),
    ("grade | ⟪cens(x)⟫ ~ x", "cumulative", "`cens()` of a response in categories is not built"),
    ("grade ~ x; ⟪thresholds ~ x⟫", "cumulative", "no formula models them"),
    ("word ~ x; ⟪muhi ~ x⟫", "categorical", "has no parameter `muhi`; it has mulow, mumid"),
]


@pytest.mark.parametrize(("marked", "family", "message"), REFUSED)
def test_what_is_no_response_of_categories_is_told(marked: str, family: str, message: str) -> None:
    mistake(lambda text: tm.model(text, DATA, family), marked, message, TildeError)


def test_each_category_but_the_first_has_a_predictor() -> None:
    model = tm.model("word ~ x; mumid ~ 1", DATA, "categorical", priors=["mulow.b(x) ~ normal(0, 1)"])
    assert [(p.parameter, len(p.population.columns)) for p in model.spec.predictors] == [("mulow", 1), ("mumid", 0)]
    assert "the other categories of `word` are compared with its first, high" in str(model)


def test_thresholds_have_priors_of_their_own() -> None:
    priors = ["Intercept ~ normal(0, 2)", "Intercept[2] ~ normal(1, 1)", 'Intercept("3") ~ normal(2, 1)']
    targets = tm.model("grade ~ x", DATA, "cumulative", priors=priors).priors().set_index("target")["prior"]
    stated = ["normal(0, 2)", "normal(1, 1)", "normal(2, 1)"]
    assert targets[[f"Intercept[{k}]" for k in (1, 2, 3)]].tolist() == stated
