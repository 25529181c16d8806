"""Any data frame is read alike: kinds, missing values, levels in the right order."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import tildemc as tm
from tildemc.errors import DataError
from tildemc.resolve.column import Categorical, Logical, Numeric
from tildemc.resolve.files import read_frame
from tildemc.resolve.frame import Frame, as_float
from tildemc.spec.expr import Apply, Col, Const, Op

COLUMNS: dict[str, list[Any]] = {
    "y": [1.5, 2.0, 4.0, 3.0, None, 2.5],
    "i": [1, 2, 3, 1, 2, 3],
    "s": ["b", "a", None, "B", "a", "b"],
    "l": [True, False, True, True, False, False],
}
MAKERS = {
    "pandas": lambda: pd.DataFrame(COLUMNS),
    "polars": lambda: pl.DataFrame(COLUMNS),
    "arrow": lambda: pa.table(COLUMNS),
    "mapping": lambda: COLUMNS,
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())
def test_every_frame_gives_the_same_columns(make: Any) -> None:
    frame = Frame(make())
    assert isinstance(frame.kind("y"), Numeric)
    assert isinstance(frame.kind("l"), Logical)
    assert frame.kind("s") == Categorical(("B", "a", "b"))
    assert frame.missing("y").tolist() == [False, False, False, False, True, False]
    assert frame.missing("s").tolist() == [False, False, True, False, False, False]
    assert frame.distinct("i") == (1, 2, 3)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())
def test_every_frame_gives_the_same_model(make: Any) -> None:
    model, other = tm.model("y ~ s * l + (1 | i)", make()), tm.model("y ~ s * l + (1 | i)", pd.DataFrame(COLUMNS))
    pd.testing.assert_frame_equal(model.design_matrix(), other.design_matrix())
    assert model.report == other.report
    assert model.spec == other.spec


@pytest.mark.parametrize(("suffix", "write"), [("csv", "to_csv"), ("parquet", "to_parquet")])
def test_files_are_read(tmp_path: Any, suffix: str, write: str) -> None:
    path = tmp_path / f"data.{suffix}"
    getattr(pd.DataFrame(COLUMNS), write)(path, index=False)
    assert tm.model("y ~ s", str(path)).path == str(path)
    assert read_frame(path).names == ("y", "i", "s", "l")


def test_declared_order_of_levels_is_kept_and_unused_ones_reported() -> None:
    data = pd.DataFrame(COLUMNS).assign(s=lambda d: pd.Categorical(d["s"], categories=["b", "zz", "a", "B"]))
    model = tm.model("y ~ s", data)
    assert list(model.design_matrix().columns) == ["Intercept", "sa", "sB"]
    assert model.report.unused_levels == {"s": ("zz",)}
    assert "zz" in str(model)


def test_a_polars_enum_keeps_its_order() -> None:
    data = pl.DataFrame(COLUMNS).with_columns(pl.col("s").cast(pl.Enum(["b", "a", "B"])))
    assert list(tm.model("y ~ s", data).design_matrix().columns) == ["Intercept", "sa", "sB"]


def test_rows_with_missing_values_are_left_out_and_counted_by_column() -> None:
    model = tm.model("y ~ s + (1 | i)", pd.DataFrame(COLUMNS))
    assert model.report.used == 4
    assert model.report.missing == {"y": 1, "s": 1}
    assert list(model.design_matrix().index) == [0, 1, 3, 5]
    assert "4 of 6" in str(model)


def test_a_column_that_is_not_used_costs_no_row() -> None:
    assert tm.model("y ~ l", pd.DataFrame(COLUMNS)).report.used == 5


@pytest.mark.parametrize(
    ("data", "fragment"),
    [
        (3, "data frame"),
        ("nowhere.csv", "no file"),
        ("data.json", "csv"),
        ({"y": [1, 2], "x": ["a", 3]}, "1 of its 2 values is no number: 'a' in row 0"),
        ({"y": [], "x": []}, "no rows"),
        ({"y": [1.0, None], "x": [None, 2.0]}, "no row has a value"),
        (pd.DataFrame([[1, 2], [3, 4]], columns=["x", "x"]), "two columns"),
    ],
)
def test_data_that_cannot_be_used_are_refused_in_words(data: Any, fragment: str) -> None:
    with pytest.raises(DataError, match=fragment):
        tm.model("y ~ x", data)


def test_an_infinite_response_is_refused_with_its_row() -> None:
    with pytest.raises(DataError, match="row 2"):
        tm.model("y ~ 1", {"y": [1.0, 2.0, np.inf]})


def test_a_frame_leaves_memory_at_once_after_it_was_used() -> None:
    """Streams read many: those that wait for the garbage collector to find a cycle would add up."""
    gc.disable()
    try:
        frame = Frame({"x": [1.0, 2.0], "g": ["a", "b"]})
        frame.evaluate(Op("*", Apply("log", (Col("x"),)), as_float(Op("==", Col("g"), Const("a")))))
        reference = weakref.ref(frame)
        del frame
        assert reference() is None
    finally:
        gc.enable()


LABELS = {"region": {1: "North", 2: "South", 3: "East"}, "age": {0: "under 1"}}


def test_codes_with_names_are_a_factor_and_stay_codes() -> None:
    """Value labels of .dta and .sav files: a column of which only some values are named holds numbers."""
    data = pd.DataFrame({"region": [3, 1, 2, 1], "age": [0, 4, 2, 9], "plain": [1, 2, 3, 4]})
    frame = Frame(data, value_labels=LABELS)
    assert frame.kind("region") == Categorical((1, 2, 3), declared=True)
    assert frame.values("region").tolist() == [3, 1, 2, 1]
    assert frame.label("region", 2.0) == "South"
    assert isinstance(frame.kind("age"), Numeric)
    assert frame.label("age", 4) == "4"
    assert frame.value_labels("plain") == {}
    two = frame.select(np.array([True, False, False, True]))
    assert two.kind("region") == Categorical((1, 3), declared=True, unused=(2,))


NUMBERED = {
    "named codes": (pd.Series([3, 1, 2, 1], name="region"), (1, 2, 3)),
    "whole categories": (pd.Series(pd.Categorical([3, 1, None, 1], [3, 2, 1], ordered=True)), (1, 3)),
    "fractions as categories": (pd.Series(pd.Categorical([0.5, 1.5, 0.5, 2])), (0.5, 1.5, 2)),
}


@pytest.mark.parametrize(("column", "distinct"), NUMBERED.values(), ids=NUMBERED.keys())
def test_statas_columns_are_numbers_whatever_pandas_makes_of_them(column: Any, distinct: Any) -> None:
    frame = Frame({"region": column}, value_labels=LABELS).as_codes()
    assert isinstance(frame.kind("region"), Numeric)
    assert frame.distinct("region") == distinct
    assert frame.select(np.ones(4, dtype=bool)).coded


def test_labels_without_codes_lose_their_order_in_stata() -> None:
    column = pd.Categorical(["lo", "hi", "lo"], ["lo", "hi"], ordered=True)
    frame = Frame({"x": column})
    assert frame.kind("x") == Categorical(("lo", "hi"), ordered=True, declared=True)
    assert frame.as_codes().kind("x") == Categorical(("lo", "hi"), declared=True)
