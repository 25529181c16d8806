"""Rows are called what the data frame calls them: in the design matrix, in coordinates, in files and in messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import xarray as xr

import tildemc as tm
from programs import prepared
from tildemc.errors import DataError

N = 8
DATA = pd.DataFrame({"y": [1.0, 2, np.nan, 4, 6, 5, 8, 9], "x": [0.0, 1, 1, 0, 1, 0, 1, 0], "w": 1.0})
KEPT = [0, 1, 3, 4, 5, 6, 7]

INDICES: dict[str, pd.Index] = {
    "text": pd.Index([f"b{i}" for i in range(N)], name="plot"),
    "numbers that do not begin at 0": pd.RangeIndex(5, 5 + N),
    "numbers in another order": pd.Index([7, 6, 5, 4, 3, 2, 1, 0]),
    "decimals": pd.Index([i / 4 for i in range(N)]),
    "duplicates": pd.Index(["a", "b"] * (N // 2)),
    "dates": pd.date_range("2020-01-05", periods=N),
    "times with a zone": pd.date_range("2020-01-05", periods=N, freq="h", tz="UTC"),
    "spans of time": pd.to_timedelta(range(N), unit="h"),
    "two levels": pd.MultiIndex.from_product([["a", "b"], [1, 2, 3, 4]], names=["site", "plot"]),
    "levels of numbers and dates": pd.MultiIndex.from_arrays([range(N), pd.date_range("2020-01-05", periods=N)]),
    "truth values": pd.Index([True, False] * (N // 2)),
    "categories": pd.CategoricalIndex([f"b{i}" for i in range(N)]),
    "missing labels": pd.Index(["a", None, *"cdefgh"]),
}


@pytest.mark.parametrize("kind", INDICES)
def test_the_index_is_the_datas_and_coordinates_are_the_programs(kind: str, tmp_path: Path) -> None:
    data = DATA.set_index(INDICES[kind])
    data.to_parquet(tmp_path / "d.parquet")
    model = tm.model("y ~ x", data)
    pd.testing.assert_index_equal(model.design_matrix().index, data.index[KEPT])
    printed = prepared(model.source("d.parquet"), tmp_path)["coords"]["obs"]
    assert list(map(str, printed)) == list(map(str, model.design.obs))
    assert list(map(str, model.pymc().coords["obs"])) == list(map(str, model.design.obs))
    from_file = tm.model("y ~ x", tmp_path / "d.parquet")
    assert list(map(str, from_file.design.obs)) == list(map(str, model.design.obs))


COUNTED: dict[str, Any] = {
    "the default index": DATA,
    "polars": pl.DataFrame(DATA.to_dict("list"), strict=False).with_columns(pl.col("y").fill_nan(None)),
    "arrow": pa.Table.from_pandas(DATA),
    "mapping": DATA.to_dict("list"),
}


@pytest.mark.parametrize("kind", COUNTED)
def test_rows_without_labels_are_counted(kind: str) -> None:
    model = tm.model("y ~ x", COUNTED[kind])
    assert model.design.labels is None
    assert list(model.design_matrix().index) == list(model.design.obs) == KEPT


@pytest.mark.parametrize("kind", ["text", "numbers in another order", "duplicates", "dates", "two levels"])
def test_coordinates_are_kept_in_files(kind: str, tmp_path: Path) -> None:
    fit = tm.model("y ~ x", DATA.set_index(INDICES[kind])).fit(draws=20, tune=20, chains=1, seed=1, method="exact")
    fit.save(tmp_path / "fit.nc")
    with xr.open_datatree(tmp_path / "fit.nc", engine="h5netcdf") as tree:
        kept = tree["observed_data"]["obs"].to_numpy().tolist()
        assert kept == tree["constant_data"]["obs"].to_numpy().tolist()
    assert kept == list(fit.data["observed_data"]["obs"].to_numpy()) == fit.design.obs.tolist()
    assert fit.log_likelihood().coords["obs"].to_numpy().tolist() == kept


MESSAGES = {
    "text": ({"index": INDICES["text"]}, r"row 3 \(index 'b3'\)"),
    "other numbers": ({"index": INDICES["numbers that do not begin at 0"]}, r"row 3 \(index 8\)"),
    "two levels": ({"index": INDICES["two levels"]}, r"row 3 \(index 'a:4'\)"),
    "dates": ({"index": INDICES["dates"]}, r"row 3 \(index '2020-01-08 00:00:00'\)"),
    "the same number": ({"index": pd.Index([0, 9, 9, 3, 9, 9, 9, 9])}, r"row 3\b(?! \(index)"),
    "no labels": ({}, r"row 3\b(?! \(index)"),
}
WRONG = {
    "no finite number": ("y ~ log(x)", {"x": -1.0}),
    "a response out of range": ("w | weights(x) ~ 1", {"x": -1.0}),
    "stray text": ("y ~ t", {"t": "N/a"}),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("kind", MESSAGES)
def test_messages_call_a_row_both_where_they_differ(kind: str, wrong: str) -> None:
    index, message = MESSAGES[kind]
    formula, cells = WRONG[wrong]
    data = pd.DataFrame({"y": range(N), "x": 1.0, "w": range(N), "t": [str(i / 4) for i in range(N)]}, **index)
    column, value = next(iter(cells.items()))
    data.iloc[3, data.columns.get_loc(column)] = value
    with pytest.raises(DataError, match=message):
        tm.model(formula, data)
