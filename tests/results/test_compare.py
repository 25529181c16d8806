"""Fits of the same rows are compared as ArviZ does it; what cannot be compared is told."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import arviz as az
import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.results.fit import Fit


def rows(n: int = 50) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    data = pd.DataFrame({"x": rng.normal(size=50), "g": np.resize(list("abcde"), 50)})
    data["y"] = np.exp(0.3 * data["x"] + 0.2 * rng.normal(size=50))
    return data[:n]


@cache
def fit(formula: str, family: str = "gaussian", n: int = 50) -> Fit:
    return tm.model(formula, rows(n), family).fit(draws=200, tune=200, chains=2, seed=1, progress=False)


A, B = "y ~ x", "y ~ 1"

NAMES: dict[str, tuple[Callable[[], pd.DataFrame], set[str]]] = {
    "by formula": (lambda: tm.compare(fit(A), fit(B)), {A, B}),
    "by name": (lambda: tm.compare(one=fit(A), two=fit(B)), {"one", "two"}),
    "by a mapping": (lambda: tm.compare({"one": fit(A), "two": fit(B)}), {"one", "two"}),
    "by formula and name": (lambda: tm.compare(fit(A), two=fit(B)), {A, "two"}),
    "of two families": (lambda: tm.compare(fit(A), fit(A, "student")), {f"{A}, gaussian", f"{A}, student"}),
    "twice the same": (lambda: tm.compare(fit(A), fit(A)), {f"{A}, gaussian (1)", f"{A}, gaussian (2)"}),
    "results of loo": (lambda: tm.compare(fit(A).loo(), fit(B).loo()), {"model 1", "model 2"}),
    "waic": (lambda: tm.compare(a=fit(A).waic(), b=fit(B).waic()), {"a", "b"}),
    "refits": (lambda: tm.compare(a=fit(A).kfold(2, seed=1), b=fit(B).kfold(2, seed=1)), {"a", "b"}),
}


@pytest.mark.parametrize(("call", "names"), NAMES.values(), ids=NAMES.keys())
def test_a_table_has_the_models_names(call: Callable[[], pd.DataFrame], names: set[str]) -> None:
    table = call()
    assert set(table.index) == names
    assert list(table["rank"]) == [0, 1] and table["weight"].sum() == pytest.approx(1, abs=0.02)


def test_the_table_is_arviz_s() -> None:
    theirs = az.compare({A: fit(A).loo(), B: fit(B).loo()})
    pd.testing.assert_frame_equal(tm.compare(fit(B), fit(A)), theirs)


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "nothing": (lambda: tm.compare(), "takes two fits or more"),
    "one": (lambda: tm.compare(fit(A)), "takes two fits or more"),
    "no fit": (lambda: tm.compare(fit(A), 3), r"what is compared are fits, or what `loo\(\)`.*, not 3"),
    "other rows": (lambda: tm.compare(fit(A), fit(B, n=40)), r"not fitted to the same rows \(50 and 40 of them\)"),
    "another response": (lambda: tm.compare(fit(A), fit("log(y) ~ x")), "have different responses"),
    "another criterion": (lambda: tm.compare(a=fit(A), b=fit(B).waic()), "different criteria, loo and waic"),
    "no values by row": (
        lambda: tm.compare(a=fit(A), b=az.loo(fit(B).with_log_likelihood(), pointwise=False)),
        "b has no values row by row",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("call", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_compared_is_told(call: Callable[[], Any], told: str) -> None:
    with pytest.raises(tm.TildeError, match=told):
        call()
