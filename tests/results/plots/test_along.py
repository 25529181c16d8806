"""A row with one column varied is the row that data with that value would have."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.resolve.encode import Read
from tildemc.resolve.frame import Frame
from tildemc.results.plots.along import Axis, Members, along, axes_of, axis_of
from tildemc.spec.terms.residual import Residual


def rows() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame({
        "y": rng.normal(size=30), "x": rng.normal(size=30), "z": rng.normal(size=30), "t": rng.normal(size=30),
        "g": np.arange(30) % 5, "f": np.resize(["a", "b", "c"], 30), "e": rng.random(30),
        "k": np.resize([0, 1, 1, 2, 3], 30), "h": np.resize([0, 3, 1, 4, 2, 2], 30),
    })  # fmt: skip


FORMULAS = {
    "alone": "y ~ x + z + (1 | g)",
    "with its square and products": "y ~ x * z + I(x^2) + (1 + x | g)",
    "beside a factor": "y ~ x * f + offset(t) + (0 + f | g)",
    "in two predictors": "y ~ x + (1 | g); sigma ~ x + z",
    "of a smooth": "y ~ s(x, k = 5) + s(z, k = 5) + (1 | g)",
    "of smooths by level": 'y ~ f + s(x, by = f, k = 4) + s(x, f, bs = "fs", k = 4)',
    "of a smooth of two": "y ~ t2(x, z, k = 4)",
    "of a process": "y ~ gp(x, k = 4, c = 5/4) + gp(z, k = 4, c = 5/4, by = f)",
    "beside steps": "y ~ mo(k) * x + (1 | g)",
    "beside two groups": "y ~ x + (1 + x | mm(g, h))",
    "beside a series": "y ~ x + s(z, k = 4) + ar(gr = g)",
}


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS.keys())
def test_a_row_is_as_it_would_be_read(formula: str) -> None:
    data = rows()
    model = tm.model(formula, data)
    frame, changed = Frame(data), Read(Frame(data.assign(x=data["x"].where(data.index != 7, 1.7))))
    axis = axis_of(model.spec, frame, "x")
    found = along(model.spec, model.design.whole("a test"), axis, np.array([1.7]), Members(frame, np.array([7]), "g"))
    for term in (one for one in model.spec.terms() if not isinstance(one, Residual)):
        for name, values in vars(term.read(changed).take(np.array([7]))).items():
            if name not in ("mean", "index") and values is not None:
                np.testing.assert_allclose(getattr(found.terms[term.path], name), values, err_msg=str(term.path))


def test_what_depends_on_others_too_is_averaged() -> None:
    model, frame = tm.model("y ~ t2(x, z, k = 4) + I(x * exp(z))", rows()), Frame(rows())
    at, everywhere = np.array([-1.0, 0.5]), Members(Frame(rows()), np.arange(30))
    found = along(model.spec, model.design.whole("a test"), axis_of(model.spec, frame, "x"), at, everywhere)
    for term in model.spec.terms():
        for k, x in enumerate(at):
            for name, values in vars(term.read(Read(Frame(rows().assign(x=x))))).items():
                if name in ("X", "Z"):
                    np.testing.assert_allclose(getattr(found.terms[term.path], name)[k], values.mean(axis=0))


def test_steps_are_varied_one_by_one_and_otherwise_those_of_most_rows() -> None:
    model, frame = tm.model("y ~ mo(k) + x", rows()), Frame(rows())
    [effect] = model.spec.predictors[0].monotonic
    design, everywhere = model.design.whole("a test"), Members(frame, np.arange(30))

    def codes(axis: Axis) -> list[float]:
        return along(model.spec, design, axis, axis.grid, everywhere).terms[effect.path].values[:, 0].tolist()

    assert codes(axis_of(model.spec, frame, effect.code.label)) == [0, 1, 2, 3]
    assert {*codes(axis_of(model.spec, frame, "x"))} == {1}


def test_what_is_made_of_the_same_data_is_refused() -> None:
    model, frame = tm.model("y ~ exp(x) + sin(x) + z", rows()), Frame(rows())
    axes = axes_of(model.spec, frame)
    assert [(label, axis.alone(model.spec)) for label, axis in axes.items()] == [
        ("exp(x)", False), ("sin(x)", False), ("z", True),
    ]  # fmt: skip
    with pytest.raises(tm.TildeError, match="made of the same data"):
        everywhere = Members(frame, np.arange(30))
        along(model.spec, model.design.whole("a test"), axes["exp(x)"], np.zeros(1), everywhere)
