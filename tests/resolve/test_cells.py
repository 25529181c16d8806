"""Whatever stands in the cells of a column, in whatever place of a model: numbers, or a sentence; nothing raw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm

ROWS = 8


class NoText:
    def __repr__(self) -> str:
        raise ZeroDivisionError


class NoComparison:
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise ZeroDivisionError

    def __ne__(self, other: object) -> bool:
        raise ZeroDivisionError


def cells(*values: Any) -> np.ndarray[Any, Any]:
    """A column of these objects in turn, as they are."""
    column = np.empty(ROWS, dtype=object)
    for row in range(ROWS):
        column[row] = values[row % len(values)]
    return column


CELLS: dict[str, Callable[[], Any]] = {
    "tuples": lambda: cells((1, 2)),
    "lists": lambda: cells([1, 2]),
    "lists of several lengths": lambda: cells([1], [1, 2], []),
    "arrays": lambda: cells(np.arange(3)),
    "arrays and numbers": lambda: cells(np.arange(3), 1.0),
    "arrays of nothing": lambda: cells(np.array(1.0)),
    "dicts": lambda: cells({}),
    "series": lambda: cells(pd.Series([1])),
    "frames": lambda: cells(pd.DataFrame({"a": [1]})),
    "functions": lambda: cells(print),
    "what has no text": lambda: cells(NoText()),
    "what cannot be compared": lambda: cells(NoComparison()),
    "what cannot be compared, and numbers": lambda: cells(1.0, NoComparison()),
    "intervals": lambda: pd.cut(np.arange(ROWS), 3),
    "an interval array": lambda: pd.arrays.IntervalArray.from_breaks(np.arange(ROWS + 1.0)),
    "periods": lambda: pd.period_range("2020", periods=ROWS, freq="M"),
    "dates": lambda: cells(dt.date(2020, 1, 1), dt.date(2021, 1, 1)),
    "dates and times": lambda: pd.date_range("2020", periods=ROWS),
    "dates in a zone": lambda: pd.date_range("2020", periods=ROWS, tz="UTC"),
    "times": lambda: cells(dt.time(1), dt.time(2)),
    "spans of time": lambda: pd.to_timedelta(np.arange(ROWS), unit="D"),
    "categories that are dates": lambda: pd.Categorical(cells(dt.date(2020, 1, 1), dt.date(2021, 1, 1))),
    "categories that are instants": lambda: pd.Categorical(pd.date_range("2020", periods=ROWS)),
    "categories that are tuples": lambda: pd.Categorical(cells((1, 2), (3, 4))),
    "mixed categories": lambda: pd.Categorical(cells("a", 1)),
    "mixed categories in order": lambda: pd.Categorical(cells("a", 1), categories=[1, "a"], ordered=True),
    "categories that no row has": lambda: pd.Categorical([None] * ROWS, categories=["a"]),
    "huge whole numbers": lambda: cells(10**400),
    "a huge whole number": lambda: cells(*range(7), 10**400),
    "a huge negative number": lambda: cells(*range(7), -(10**400)),
    "numbers without a text": lambda: cells(10**5000),
    "whole numbers beyond 64 bits": lambda: cells(10**20, 10**21),
    "decimals": lambda: cells(Decimal("1.5"), Decimal("2.5"), Decimal("4")),
    "decimals that are none": lambda: cells(Decimal("NaN"), Decimal(1)),
    "decimals that signal": lambda: cells(Decimal("sNaN"), Decimal(1)),
    "infinite decimals": lambda: cells(Decimal("Infinity"), Decimal(1)),
    "fractions": lambda: cells(Fraction(1, 3), Fraction(2, 3)),
    "complex numbers": lambda: np.arange(ROWS) * 1j,
    "bytes": lambda: cells(b"a", b"b"),
    "denormal numbers": lambda: np.arange(ROWS) * 5e-324,
    "tiny numbers": lambda: np.arange(ROWS) * 1e-200,
    "huge numbers": lambda: (np.arange(ROWS) - 4.0) * 4e307,
    "huge and alike": lambda: np.full(ROWS, 1e308),
    "tiny and huge numbers": lambda: cells(1e-320, 1e300),
    "infinities": lambda: np.full(ROWS, np.inf),
    "one infinity": lambda: cells(*range(7), np.inf),
    "no numbers": lambda: np.full(ROWS, np.nan),
    "nothing": lambda: cells(None),
    "missing of pandas": lambda: cells(pd.NA, 1),
    "missing times": lambda: cells(pd.NaT, 1),
    "nothing but missing": lambda: cells(pd.NA, None, pd.NaT, np.nan),
    "text and numbers": lambda: cells("a", 1),
    "truths and numbers": lambda: cells(True, 2),
    "truths and text": lambda: cells(True, "a"),
    "text with a zero": lambda: cells("a\0", "b"),
    "text of NumPy": lambda: cells(np.str_("a"), np.str_("b")),
    "long text": lambda: cells("a" * 100_000, "b"),
    "sparse numbers": lambda: pd.arrays.SparseArray([0.0, 1.0] * 4),
}
PLACES = {
    "a predictor": ("y ~ v", None),
    "a group": ("y ~ 1 + (1 | v)", None),
    "a nested group": ("y ~ 1 + (1 | g/v)", None),
    "a factor": ("y ~ factor(v)", None),
    "a response": ("v ~ g", None),
    "a binary response": ("v ~ 1", "bernoulli"),
    "a condition": ("y ~ I(v > 1)", None),
    "weights": ("y | weights(v) ~ g", None),
    "residual sds": ("y ~ g; sigma ~ by(v)", None),
    "rows": ("lm(y ~ g, data = d, subset = v > 1)", None),
    "stata's factors": ("regress y i.v", None),
}


@pytest.mark.parametrize("kind", CELLS)
def test_cells_of_any_kind_are_read_or_refused_in_words(kind: str) -> None:
    frame = pd.DataFrame({"y": np.arange(ROWS) ** 2.0, "g": list("aabbccdd"), "v": CELLS[kind]()})
    for place, (text, family) in PLACES.items():
        try:
            assert str(tm.model(text, frame, family))
        except tm.TildeError as error:
            assert len(str(error)) < 2_000, place


REFUSED = {
    *("tuples", "lists", "arrays", "dicts", "what has no text", "what cannot be compared", "huge whole numbers"),
    *("a huge whole number", "denormal numbers", "tiny numbers", "huge numbers", "tiny and huge numbers"),
}


@pytest.mark.parametrize("kind", sorted(REFUSED))
def test_what_is_no_number_or_too_large_or_small_to_be_squared_is_no_predictor(kind: str) -> None:
    frame = pd.DataFrame({"y": np.arange(ROWS) ** 2.0, "v": CELLS[kind]()})
    with pytest.raises(tm.TildeError, match="`v`"):
        tm.model("y ~ v", frame)


TABLES: dict[str, Any] = {
    "ragged columns": {"y": [1, 2], "x": [1]},
    "scalars": {"y": 1, "x": 2},
    "scalars of NumPy": {"y": np.array(1.0), "x": np.array(2.0)},
    "columns of columns": {"y": np.ones((3, 2)), "x": [1, 2, 3]},
    "nested": {"y": {"a": 1}, "x": {"b": 2}},
    "no columns": {},
    "nothing": None,
    "a number": 3,
    "a list": [1, 2],
    "a column": pd.Series([1.0, 2.0]),
    "bytes": b"data.csv",
    "columns of one name": pd.DataFrame([[1.0, 2.0]], columns=["y", "y"]),
    "columns named by numbers": pd.DataFrame({1: [1.0, 2.0], 2: [2.0, 1.0]}),
    "columns named by tuples": pd.DataFrame({("y", "a"): [1.0, 2.0], ("x", "b"): [2.0, 1.0]}),
    "a path": "nowhere.csv",
    "a path without a name": "",
    "a long path": "a" * 5_000 + ".csv",
    "a long path of parquet": "a" * 5_000 + ".parquet",
    "a long folder": "a/" * 5_000,
    "a long glob": "*" * 5_000 + ".parquet",
    "a long Path": Path("a" * 5_000 + ".csv"),
    "a zero in a path": "a\0.csv",
    "a zero in a path of parquet": "a\0.parquet",
    "half a character in a path": "\ud800.csv",
    "an escape in a path": "\x1b[2J.csv",
}


@pytest.mark.parametrize("kind", TABLES)
def test_what_is_no_data_is_refused_in_words(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(tm.TildeError) as caught:
        tm.model("y ~ x", TABLES[kind])
    assert len(str(caught.value)) < 2_000 and "\x1b" not in str(caught.value)


ARGUMENTS: dict[str, dict[str, Any]] = {
    "a text that is a number": {"text": 3},
    "a text that is nothing": {"text": None},
    "a text that is bytes": {"text": b"y ~ x"},
    "a text that is a list": {"text": ["y ~ x"]},
    "a family that is a number": {"family": 3},
    "a family that is a list": {"family": ["gaussian"]},
    "priors that are a number": {"priors": 3},
    "priors that are nothing": {"priors": None},
    "a prior that is a number": {"priors": [3]},
    "a prior that is nothing": {"priors": [None]},
    "a language that is a number": {"syntax": 3},
    "a language that is none": {"syntax": "sas"},
    "a panel that is a number": {"panel": 3},
    "a missing value that is nothing": {"na": None},
    "missing values that are lists": {"na": [[1]]},
    "limits that are a number": {"limits": 3},
    "limits that are a mapping": {"limits": {"terms": 3}},
}


@pytest.mark.parametrize("kind", ARGUMENTS)
def test_arguments_of_another_kind_are_refused_in_words(kind: str) -> None:
    frame = pd.DataFrame({"y": [1.0, 2.0, 4.0], "x": [1.0, 3.0, 2.0]})
    with pytest.raises(tm.TildeError):
        tm.model(**({"text": "y ~ x", "data": frame} | ARGUMENTS[kind]))
