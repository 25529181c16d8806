"""New rows are refused where they hold what the model does not know, with the row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.resolve.newdata import Needed, new_rows
from tildemc.results.levels import chosen

N = 24
DATA = pd.DataFrame(
    {
        "y": np.sin(np.arange(N)),
        "x": np.arange(1, N + 1) / 4,
        "f": np.resize(list("abc"), N),
        "k": np.resize([1, 2, 3, 5], N),
        "l": np.resize([True, False, False], N),
        "g": np.resize([308, 309, 310, 330], N),
        "h": np.resize(["u", "v"], N),
        "yes": np.resize(["no", "yes", "yes"], N),
    }
)
NEW = DATA.iloc[:3]

REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("a factor's level", "y ~ f", {"f": ["a", "z", "d"]},
     r"`f` has no level z \(row 1, and in 1 more\); its levels are a, b, c"),
    ("a level of a contrast", "y ~ C(f, sum)", {"f": "z"}, r"`C\(f, sum\)` has no level z \(row 0"),
    ("a level in an interaction", "y ~ x:f", {"f": "z"}, "`f` has no level z"),
    ("a level of an effect that varies", "y ~ x + (0 + f | g)", {"f": "z"}, "`f` has no level z"),
    ("a number as a level", "y ~ factor(k)", {"k": 4}, r"`factor\(k\)` has no level 4 .* are 1, 2, 3, 5"),
    ("a level of Stata's", "regress y i.k", {"k": 4}, "has no level 4"),
    ("beyond the intervals", "y ~ cut(x, 3)", {"x": 99}, r"`cut\(x, 3\)` has no level 99"),
    ("a level of by()", "y ~ x; sigma ~ by(h)", {"h": "w"}, "`h` has no level w .*; its levels are u, v"),
    ("a level of a group", "y ~ x + (1 | g)", {"g": 999}, r"`g` has no level 999 \(row 0\): `new_levels=\"sample\"`"),
    ("text for numbers", "y ~ x", {"x": "s"}, "`x` holds numbers in the data of the fit, text in the new data"),
    ("numbers for text", "y ~ f", {"f": 1}, "`f` holds text in the data of the fit, numbers in the new data"),
    ("text for a group's numbers", "y ~ x + (1 | g)", {"g": "308"}, "`g` holds numbers in the data of the fit, text"),
    ("numbers for truth values", "y ~ l", {"l": 1}, "`l` holds truth values in the data of the fit, numbers"),
    ("truth values for numbers", "y ~ x", {"x": True}, "`x` holds numbers in the data of the fit, truth values"),
    ("no finite number", "y ~ log(x)", {"x": 0.0}, r"`log\(x\)` is not a finite number in row 0"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "given", "message"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED])
def test_what_the_model_does_not_know_is_refused(formula: str, given: dict[str, Any], message: str) -> None:
    spec = tm.model(formula, DATA).spec
    with pytest.raises(tm.TildeError, match=message):
        new_rows(Needed(spec, chosen(spec, "all")), NEW.assign(**given), "error")


TAKEN: list[tuple[str, str, dict[str, Any]]] = [
    ("logical columns", "y ~ l + x:l", {}),
    ("a factor with a declared order", "y ~ f", {"f": pd.Categorical(NEW["f"], ["c", "b", "a"])}),
    ("integers as floats", "y ~ factor(k) + (1 | g)", {"g": NEW["g"].astype(float), "k": NEW["k"].astype(float)}),
    ("levels that are numbers", "y ~ x + (1 | g)", {"g": pd.Categorical(NEW["g"])}),
    ("functions that learned", "y ~ poly(x, 2) + scale(k)", {}),
    ("comparisons", "y ~ (f == 'a') + (x > 2)", {}),
    ("Stata's indicators", "regress y i.k##c.x", {}),
]


@pytest.mark.parametrize(("formula", "given"), [case[1:] for case in TAKEN], ids=[case[0] for case in TAKEN])
def test_rows_of_the_fit_have_the_numbers_that_they_had(formula: str, given: dict[str, Any]) -> None:
    model = tm.model(formula, DATA)
    needed = Needed(model.spec, chosen(model.spec, "all"))
    found = new_rows(needed, NEW.drop(columns="y").assign(**given), "error").design
    design = model.design.whole("a test").take(slice(0, 3))
    population = model.spec.predictors[0].population
    np.testing.assert_allclose(found.of(population).X, design.of(population).X)
    for group in model.spec.groups():
        np.testing.assert_array_equal(found.of(group).index, design.of(group).index)


def test_what_is_not_there_is_named_with_all_that_is_needed() -> None:
    spec = tm.model("y ~ x + f + (1 | g)", DATA).spec
    with pytest.raises(tm.TildeError, match="no column `f` in the new data; the model needs `x`, `f`, `g`"):
        new_rows(Needed(spec, chosen(spec, "all")), NEW.drop(columns="f"), "error")
    assert new_rows(Needed(spec, chosen(spec, "none")), NEW.drop(columns=["g", "y"]), "error").design.n == 3


def test_a_response_has_no_other_level_either() -> None:
    spec = tm.model("yes ~ x", DATA, "bernoulli").spec
    with pytest.raises(tm.TildeError, match=r"`yes` has no level maybe \(row 1\); its levels are no, yes"):
        new_rows(Needed(spec, chosen(spec, "all"), response=True), NEW.assign(yes=["no", "maybe", "yes"]), "error")


def test_a_new_level_has_one_number_in_all_predictors() -> None:
    spec = tm.model("y ~ x + (1 | g); sigma ~ 1 + (1 | g)", DATA).spec
    found = new_rows(Needed(spec, chosen(spec, "all")), NEW.assign(g=[7, 308, 7]), "sample").design
    mu, sigma = (found.of(group).index for group in spec.groups())
    np.testing.assert_array_equal(mu, sigma)
    assert mu[0] == mu[2] >= 4 and mu[1] == 0
