"""Records of a model are packed into plain values and arrays, and come back equal."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from case import Case, cases
from tildemc.results.records import Packed, pack, unpack
from tildemc.spec.expr import Col, Const, Expr, Index, Op, Recode


def again(value: Any) -> Any:
    """A value, packed to JSON and unpacked."""
    packed = pack(value)
    return unpack(Packed(json.loads(json.dumps(packed.content, allow_nan=False)), packed.arrays))


@pytest.mark.parametrize("case", cases(), ids=str)
def test_a_model_comes_back_as_it_was(case: Case) -> None:
    model = case.model()
    spec, design, report, origin = again((model.spec, model.design, model.report, model.origin))
    assert (spec, report, origin) == (model.spec, model.report, model.origin)
    assert (spec.formula, spec.response.span) == (model.spec.formula, model.spec.response.span)
    assert str(tm.Model(model.request, spec, design, report, origin, model.display)) == str(model)
    for predictor in spec.predictors:
        one, two = (each.of(predictor.population).X for each in (design, model.design))
        np.testing.assert_array_equal(one, two)
        assert one.flags.f_contiguous == two.flags.f_contiguous


FAMILIES = {
    "a number for a parameter": ("bf(y ~ x, sigma = 2)", "student", ()),
    "a mixture with numbers for shares": ("bf(y ~ x, theta1 = 1, theta2 = 3)", "mixture(gaussian, student)", ()),
    "a curve, and a number beside it": (
        "bf(y ~ exp(a * x), a ~ 1, sigma = 2, nl = TRUE)", "gaussian", ("a.b ~ normal(0, 1)",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FAMILIES)
def test_a_family_that_no_table_has_comes_back(what: str) -> None:
    formula, family, priors = FAMILIES[what]
    data = pd.DataFrame({"x": np.arange(20.0), "y": np.resize([1.0, 3.0, 2.5], 20)})
    spec = tm.model(formula, data, family=family, priors=priors).spec
    assert again(spec) == spec


def deep() -> Expr:
    """A sum of more terms than Python recurses."""
    found: Expr = Col("x")
    for number in range(5_000):
        found = found + number
    return found


VALUES: dict[str, Any] = {
    "numbers that JSON has not": (np.inf, -np.inf),
    "a long text twice": ("long " * 20, "long " * 20),
    "a set and a mapping by numbers": (frozenset({("se", "sigma")}), {1: "a", 2.5: "b"}),
    "a deep expression": deep(),
    "labels of several types": Recode(Col("g"), (("a", 1.0), (2, 2.0), (True, 0.0))),
    "keys of an index": Index(Col("x"), (None, slice(None, 3), ..., Const(1))),
    "one record in two places": (Op("+", Col("x"), Col("x")), Col("x")),
}


@pytest.mark.parametrize("what", VALUES)
def test_a_value_comes_back_as_it_was(what: str) -> None:
    assert again(VALUES[what]) == VALUES[what]


ARRAYS = {
    "whole numbers": np.arange(3),
    "truth values": np.array([True, False]),
    "no columns": np.empty((4, 0), order="F"),
    "times": np.array(["2020-01-01", "NaT"], dtype="datetime64[ns]"),
    "text": np.array(["a", "é\0", ""], dtype=object),
    "numbers and text": np.array(["a", 1, 2.5], dtype=object),
}


@pytest.mark.parametrize("what", ARRAYS)
def test_an_array_comes_back_as_it_was(what: str) -> None:
    found = again(ARRAYS[what])
    np.testing.assert_array_equal(found, ARRAYS[what])
    assert found.dtype == ARRAYS[what].dtype


INDEXES = {
    "text": pd.Index(["b12", "c3"], name="id"),
    "numbers": pd.Index([7, 9]),
    "dates": pd.DatetimeIndex(["2020-01-01", "2021-02-03"]),
    "several levels": pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["k", None]),
}


@pytest.mark.parametrize("what", INDEXES)
def test_an_index_comes_back_as_it_was(what: str) -> None:
    pd.testing.assert_index_equal(again(INDEXES[what]), INDEXES[what], exact="equiv")


@pytest.mark.parametrize(
    "content",
    [
        {"records": [["Path", {"name": "x"}]], "texts": [], "value": {"record": 0}},
        {"records": [["Col", {"other": "x"}]], "texts": [], "value": {"record": 0}},
        {"records": [], "texts": [], "value": {"record": 0}},
        {"records": [], "texts": [], "value": {"eval": "1"}},
    ],
    ids=["another class", "another field", "no such record", "another kind of value"],
)
def test_nothing_else_is_made(content: Any) -> None:
    with pytest.raises((KeyError, TypeError, IndexError, ValueError)):
        unpack(Packed(content, ()))
