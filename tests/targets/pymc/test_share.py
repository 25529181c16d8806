"""A program whose numbers are data is the program, and serves other data of its shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from case import Case, cases
from programs import points, values
from tildemc.spec.parameters import names
from tildemc.targets.pymc.build import build
from tildemc.targets.pymc.share import Shared, share


def shared(model: tm.Model) -> Shared:
    return share(model._program("data.csv"), names(model.spec).obs)


@pytest.mark.parametrize("case", cases(), ids=str)
def test_shared_numbers_change_no_density(case: Case) -> None:
    model = case.model()
    live = model.pymc()
    at = points(live, range(2))
    for value, other in zip(*(values(graph, at) for graph in (live, build(shared(model).program))), strict=True):
        assert value == pytest.approx(other, rel=1e-8)


def rows(n: int, levels: str = "abc", seed: int = 1) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    x, g = rng.normal(size=n), np.resize(list(levels), n)
    return {"y": x + rng.normal(size=n), "k": rng.poisson(2, size=n), "x": x, "g": g, "w": np.resize([1.0, 2.0], n)}


@pytest.mark.parametrize(
    ("formula", "family"),
    [
        ("y ~ x + (1 + x | g)", "gaussian"),
        ("y ~ x + I(x^2); sigma ~ by(g)", "student"),
        ("y | weights(w) ~ x", "gaussian"),
        ("k ~ x + (1 | g)", "poisson"),
    ],
)
def test_models_of_other_rows_have_one_shape_and_their_own_values(formula: str, family: str) -> None:
    one, two = (tm.model(formula, pd.DataFrame(rows(n, seed=n)), family) for n in (30, 40))
    here, there = shared(one), shared(two)
    assert here.shape == there.shape
    graph = build(here.program)
    for name, value in there.values.items():
        graph[name].set_value(np.asarray(value, graph[name].dtype))
    graph.set_dim("obs", 40, range(40))
    at = points(graph, range(1))
    [ours], [theirs] = values(graph, at), values(two.pymc(), at)
    assert ours == pytest.approx(theirs, rel=1e-8)


def test_other_levels_columns_or_families_have_another_shape() -> None:
    formula = "y ~ x + (1 | g)"
    models = [
        tm.model(formula, rows(30)),
        tm.model(formula, rows(30, "abcd")),
        tm.model("y ~ x + (x | g)", rows(30)),
        tm.model(formula, rows(30), "student"),
        tm.model(formula, rows(30), priors=["sd ~ exponential(0.7)"]),
    ]
    assert len({shared(model).shape for model in models}) == len(models)


def test_labels_make_no_difference() -> None:
    formula = "y ~ x + (1 | g)"
    assert shared(tm.model(formula, rows(30, "abc"))).shape == shared(tm.model(formula, rows(30, "uvw"))).shape
