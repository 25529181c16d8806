"""`Model.terms()`: every term of every predictor, with its numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm

DATA = pd.DataFrame(
    {
        "y": [1.0, 2.5, 3.1, 2.2, 1.9, 4.0, 2.8, 3.3],
        "x": [0.1, 0.5, 0.9, 0.3, 0.7, 0.2, 0.8, 0.4],
        "f": list("abcabcab"),
        "g": list("ppqqrrss"),
    }
)

CASES = {
    "an intercept and columns": ("y ~ x + f", ["mu population 1: 1", "mu population x: 1", "mu population f: 2"]),
    "no intercept": ("y ~ 0 + x", ["mu population x: 1"]),
    "group terms by block": (
        "y ~ 1 + (1 + x | g) + (0 + x | f)",
        ["mu population 1: 1", "mu group (1 + x | g): 2", "mu group (0 + x | f): 1"],
    ),
    "an offset": ("y ~ 1 + offset(x)", ["mu population 1: 1", "mu offset offset(x): 1"]),
    "each parameter's own": (
        "y ~ x\nsigma ~ f",
        ["mu population 1: 1", "mu population x: 1", "sigma population 1: 1", "sigma population f: 2"],
    ),
}


@pytest.mark.parametrize(("formula", "expected"), CASES.values(), ids=CASES)
def test_every_term_is_listed_with_its_columns(formula: str, expected: list[str]) -> None:
    found = tm.model(formula, DATA).terms()
    assert [f"{t.parameter} {t.kind} {t.text}: {len(t.columns)}" for t in found] == expected
    assert all(t.values.shape == (8, len(t.columns)) for t in found)


def test_a_group_term_has_the_rows_levels() -> None:
    term = tm.model("y ~ x + (1 + x | g)", DATA).terms()[-1]
    assert term.index is not None
    np.testing.assert_array_equal(term.index, [0, 0, 1, 1, 2, 2, 3, 3])
    np.testing.assert_array_equal(term.values[:, 1], DATA["x"])
    assert repr(term) == "<TermView (1 + x | g): group term of mu, 2 columns>"
