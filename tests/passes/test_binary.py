"""A response of two values under a family of real numbers is told of; any third value makes it a number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm

RNG = np.random.default_rng(3)
YES = RNG.integers(0, 2, 40)
X = RNG.normal(size=40)

TOLD = {
    "0 and 1": (YES, "gaussian", "`y` is 0 or 1 in every row: under gaussian this is a linear probability model"),
    "0.0 and 1.0, under another family of reals": (YES * 1.0, "student", "under student"),
    "true and false": (YES == 1, "gaussian", "family `bernoulli` models a chance"),
    "1 and 2": (YES + 1, "gaussian", "`y` is 1 or 2 in every row: family `bernoulli` models the chance of the second"),
    "two numbers far from zero": (1e6 + YES, "gaussian", "`factor(y)`"),
}

NO_NEWS = {
    "a share": (np.clip(YES + 0.2 * X, 0, 1), "gaussian"),
    "one value between": (np.where(np.arange(40) == 7, 0.5, YES), "gaussian"),
    "three values": (YES + (X > 0), "gaussian"),
    "a bernoulli": (YES, "bernoulli"),
    "a count of none or one": (YES, "poisson"),
}


@pytest.mark.parametrize(("y", "family", "told"), TOLD.values(), ids=TOLD.keys())
def test_two_values_are_told_of(y: Any, family: str, told: str) -> None:
    (note,) = tm.model("y ~ x", pd.DataFrame({"y": y, "x": X}), family).report.notes
    assert told in note


@pytest.mark.parametrize(("y", "family"), NO_NEWS.values(), ids=NO_NEWS.keys())
def test_numbers_are_no_news(y: Any, family: str) -> None:
    assert tm.model("y ~ x", pd.DataFrame({"y": y, "x": X}), family).report.notes == ()
