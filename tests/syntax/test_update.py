"""A change of a formula does what R's `update` does."""

from __future__ import annotations

import pytest

from tildemc.errors import TildeError
from tildemc.syntax.formula import parse_formula
from tildemc.syntax.update import updated


@pytest.mark.parametrize(
    ("old", "change", "new"),
    [
        pytest.param("y ~ x", "~ . + z", "y ~ x + z", id="a term is added and the response stays"),
        pytest.param("y ~ x + z", ". ~ . - x", "y ~ z", id="a term is taken away"),
        pytest.param("y ~ x", "~ . - x", "y ~ 1", id="with no term left there is the intercept"),
        pytest.param("y ~ x", "~ . + x", "y ~ x", id="a term that is there is not added"),
        pytest.param("y ~ x", "log(.) ~ .", "log(y) ~ x", id="the response is changed"),
        pytest.param("y ~ x", "w ~ .", "w ~ x", id="another response"),
        pytest.param("y ~ x", "~ z", "y ~ z", id="without a dot the terms are new"),
        pytest.param("y ~ x", "w ~ z", "w ~ z", id="a whole formula"),
        pytest.param("y ~ 1 + x", "~ . - 1", "y ~ 1 + x - 1", id="a number speaks of the intercept"),
        pytest.param("y ~ 0 + x", "~ . + 1", "y ~ 0 + x + 1", id="the last number counts"),
        pytest.param("y ~ x * z", "~ . - x:z", "y ~ x * z - x:z", id="a part of a product is left to the algebra"),
        pytest.param(
            "y ~ x + (x | g)", "~ . - (x | g) + (1 | g)", "y ~ x + (1 | g)", id="a group term for another"
        ),
        pytest.param("y ~ x + (1 | g)", "~ . * z", "y ~ (x) * z + (1 | g)", id="products leave group terms alone"),
        pytest.param("y ~ x + z + (1 | g)", "~ .:w", "y ~ (x + z):w + (1 | g)", id="an interaction with all terms"),
        pytest.param("y | weights(w) ~ x", "~ . + z", "y | weights(w) ~ x + z", id="weights stay"),
        pytest.param("y | weights(w) ~ x", "z ~ .", "z ~ x", id="another response has no weights"),
        pytest.param("y | weights(w) ~ x", ". | weights(v) ~ .", "y | weights(v) ~ x", id="other weights"),
        pytest.param("y ~ x; sigma ~ z", "~ . + w", "y ~ x + w; sigma ~ z", id="other parameters stay"),
        pytest.param("y ~ x; sigma ~ z", "sigma ~ . + w", "y ~ x; sigma ~ z + w", id="another parameter's terms"),
        pytest.param("y ~ x", "~ .; sigma ~ z", "y ~ x; sigma ~ z", id="another parameter gets a formula"),
        pytest.param("y ~ x", "~ . + `a b`", "y ~ x + `a b`", id="names in backquotes"),
    ],
)  # fmt: skip
def test_a_formula_is_changed(old: str, change: str, new: str) -> None:
    found = updated(parse_formula(old), change)
    assert str(found) == new and found == parse_formula(new)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(". + z", "has `~`", id="no tilde"),
        pytest.param("~ . +", "a term is missing", id="no formula"),
        pytest.param("~ .; ~ z", "a parameter's name alone", id="two of the response"),
    ],
)
def test_what_is_no_change_is_told(change: str, message: str) -> None:
    with pytest.raises(TildeError, match=message) as caught:
        updated(parse_formula("y ~ x"), change)
    assert "^" in str(caught.value)
