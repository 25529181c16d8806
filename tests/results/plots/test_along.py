"""A row with one column varied is the row that data with that value would have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tildemc as tm
from tildemc.results.plots.along import along, axes_of, axis_of


def rows() -> dict[str, Any]:
    rng = np.random.default_rng(3)
    return {
        "y": rng.normal(size=30), "x": rng.normal(size=30), "z": rng.normal(size=30), "t": rng.normal(size=30),
        "g": np.arange(30) % 5, "f": np.resize(["a", "b", "c"], 30), "e": rng.random(30),
    }  # fmt: skip


FORMULAS = {
    "alone": "y ~ x + z + (1 | g)",
    "with its square and products": "y ~ x * z + I(x^2) + (1 + x | g)",
    "beside a factor": "y ~ x * f + offset(t) + (0 + f | g)",
    "in two predictors": "y ~ x + (1 | g); sigma ~ x + z",
}


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS.keys())
def test_a_row_is_as_it_would_be_read(formula: str) -> None:
    data = rows()
    model = tm.model(formula, data)
    design = model.design.whole("a test")
    data["x"] = np.where(np.arange(30) == 7, 1.7, data["x"])
    changed = tm.model(formula, data).design.whole("a test").take(np.array([7]))
    axis = axis_of(model.spec, design, "x")
    found = along(model.spec, design, axis, np.array([1.7]), np.array([7]), "g")
    for term in model.spec.terms():
        for name, values in vars(changed.terms[term.path]).items():
            if name != "mean" and values is not None:
                np.testing.assert_allclose(getattr(found.terms[term.path], name), values, err_msg=str(term.path))


def test_what_is_made_of_the_same_data_is_refused() -> None:
    model = tm.model("y ~ exp(x) + sin(x)", rows())
    design = model.design.whole("a test")
    assert [*axes_of(model.spec, design)] == ["exp(x)", "sin(x)"]
    with pytest.raises(tm.TildeError, match="made of the same data"):
        along(model.spec, design, axis_of(model.spec, design, "exp(x)"), np.zeros(1), np.array([0]))
