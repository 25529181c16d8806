"""A column is what its type says, in every library: labels of their own type, missing where there is no value."""

from __future__ import annotations

import datetime
from decimal import Decimal as D
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tildemc.errors import DataError
from tildemc.resolve.frame import Frame

BIG = 2**60


def frames(values: list[Any], *, pandas: Any = None, polars: Any = None, arrow: Any = None) -> dict[str, Any]:
    """The same column in each library."""
    return {
        "pandas": pd.DataFrame({"v": pd.Series(values, dtype=pandas)}),
        "polars": pl.DataFrame({"v": pl.Series("v", values, dtype=polars)}),
        "arrow": pa.table({"v": pa.array(values, arrow)}),
    }


KINDS: dict[str, tuple[dict[str, Any], list[int], tuple[Any, ...]]] = {
    "truths with gaps": (
        frames([True, None, False, True], pandas="boolean", polars=pl.Boolean, arrow=pa.bool_()),
        [1, -1, 0, 1], (False, True),
    ),
    "truths as objects": ({"pandas": pd.DataFrame({"v": [True, None, np.nan, False]})}, [1, -1, -1, 0], (False, True)),
    "only one truth": (
        frames([True, None, True], pandas="boolean", polars=pl.Boolean, arrow=pa.bool_()), [0, -1, 0], (True,),
    ),
    "integers with gaps": (
        frames([3, None, 1], pandas="Int64", polars=pl.Int64, arrow=pa.int64()), [1, -1, 0], (1, 3),
    ),
    "integers beyond floats": (
        frames([BIG + 1, BIG, None], pandas="Int64", polars=pl.Int64, arrow=pa.int64()), [1, 0, -1], (BIG, BIG + 1),
    ),
    "unsigned integers beyond int64": (
        frames([2**63 + 1, 2**63, 7], pandas="uint64", polars=pl.UInt64, arrow=pa.uint64()),
        [2, 1, 0], (7, 2**63, 2**63 + 1),
    ),
    "integers as objects": ({"pandas": pd.DataFrame({"v": pd.Series([BIG + 1, BIG, None], dtype=object)})},
        [1, 0, -1], (BIG, BIG + 1),
    ),
    "floats that are whole": (
        frames([2.0, None, 1.0], pandas=float, polars=pl.Float64, arrow=pa.float64()), [1, -1, 0], (1, 2),
    ),
    "decimals": (
        frames([D("1.5"), None, D("1.0")], pandas=object, polars=pl.Decimal(9, 2), arrow=pa.decimal128(9, 2)),
        [1, -1, 0], (1.0, 1.5),
    ),
    "empty text": (frames(["b", "", "a"], pandas="str", polars=pl.String, arrow=pa.string()), [1, -1, 0], ("a", "b")),
    "an empty level": ({"pandas": pd.DataFrame({"v": pd.Categorical(["b", "", "a"], ["b", "", "a"])}),
        "polars": pl.DataFrame({"v": pl.Series(["b", "", "a"], dtype=pl.Enum(["b", "", "a"]))})},
        [0, -1, 1], ("b", "a"),
    ),
    "levels that are numbers": ({"pandas": pd.DataFrame({"v": pd.Categorical([3.0, None, 1.0], [3.0, 2.0, 1.0])})},
        [0, -1, 1], (3, 1),
    ),
    "numbers and text": ({"pandas": pd.DataFrame({"v": pd.Series(["A7", 101, None, 9, "1", 1], dtype=object)})},
        [4, 2, -1, 1, 3, 0], (1, 9, 101, "1", "A7"),
    ),
    "text among whole floats": ({"pandas": pd.DataFrame({"v": pd.Series(["A7", 101.0, np.nan, ""], dtype=object)})},
        [1, 0, -1, -1], (101, "A7"),
    ),
    "levels that are numbers and text": ({"pandas": pd.DataFrame({"v": pd.Categorical(["b", 1, "1"], ["1", 1, "b"])})},
        [2, 1, 0], ("1", 1, "b"),
    ),
    "levels that are truths": ({"pandas": pd.DataFrame({"v": pd.Categorical([True, None, False], [True, False])})},
        [0, -1, 1], (True, False),
    ),
}  # fmt: skip
CASES = [(kind, library) for kind, (made, _, _) in KINDS.items() for library in made]


@pytest.mark.parametrize(("kind", "library"), CASES)
def test_labels_are_the_values_in_their_own_type_and_missing_ones_are_none(kind: str, library: str) -> None:
    made, places, order = KINDS[kind]
    frame = Frame(made[library])
    found = frame.distinct("v")
    assert found == order
    assert list(map(type, found)) == list(map(type, order))
    assert frame.place("v", order).tolist() == places
    assert frame.missing("v").tolist() == [place < 0 for place in places]


@pytest.mark.parametrize(
    ("order", "places"),
    [((1, 3), [1, -1, 0]), ((1.0, 2.5, 3.0), [2, -1, 0]), (("1", "3"), [-1, -1, -1]), ((), [-1, -1, -1])],
)
@pytest.mark.parametrize("library", ["pandas", "polars", "arrow"])
def test_labels_of_another_model_are_found_by_their_value(order: Any, places: list[int], library: str) -> None:
    frame = Frame(KINDS["integers with gaps"][0][library])
    assert frame.place("v", order).tolist() == places


@pytest.mark.parametrize(
    ("values", "fragment"),
    [
        (
            pd.Series([datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)]),
            "type date in row 0; make numbers or text of it",
        ),
        (pd.Series(pd.to_datetime(["2020-01-01", "2020-01-02"])), "dates or times; make numbers or text of it"),
        (pd.Series([datetime.timedelta(1), datetime.timedelta(2)]), "dates or times; make numbers or text of it"),
        (pd.Series(pd.cut(pd.Series([1.0, 5.0]), 2)), "type Interval; make numbers or text of it"),
        (pd.Series([(1, 2), (3, 4)]), "type tuple in row 0; make numbers or text of it"),
        (pd.Series([b"a", b"b"]), "make numbers or text of it"),
        (pd.Series([True, "a"], dtype=object), "mixes true and false with other values, such as 'a' in row 1: make"),
        (pd.Series([3, None, True], dtype=object), "mixes true and false with other values, such as 3 in row 0"),
        (pd.Series([1, True, "a"], index=list("uvw"), dtype=object), r"such as 1 in row 0 \(index 'u'\)"),
        (pd.Series(pd.Categorical(["a", True])), "mixes true and false with other values, such as 'a': make"),
        (pd.Series([1, (2,)], dtype=object), "type tuple in row 1; make numbers or text of it"),
        (pd.Series([10**400, 1], dtype=object), "too large"),
        (pd.Series([10**400, "a"], dtype=object), "too large"),
        (pd.Series(pd.Categorical([10**400, 1])), "too large"),
    ],
)
def test_what_a_model_has_no_use_for_is_refused_in_words(values: Any, fragment: str) -> None:
    with pytest.raises(DataError, match=fragment):
        Frame(pd.DataFrame({"v": values})).kind("v")


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([float(BIG), 1.0]),
        pd.Series([1e300, 2e300]),
        pd.Series([D("1." + "0" * 20 + "1"), D("1." + "0" * 20 + "2")]),
    ],
)
def test_floats_that_may_stand_for_several_numbers_are_no_labels_but_numbers(values: Any) -> None:
    frame = Frame(pd.DataFrame({"v": values}))
    assert len(frame.values("v")) == 2
    with pytest.raises(DataError, match="do not tell them all apart"):
        frame.distinct("v")
