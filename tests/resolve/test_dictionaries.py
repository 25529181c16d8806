"""Levels are in a declared order if somebody declared one, else sorted: in every frame, and in every file of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from tildemc.resolve.column import Categorical
from tildemc.resolve.files import read_frame
from tildemc.resolve.frame import Frame

PACKED = pa.DictionaryArray.from_arrays(pa.array([1, 0, None, 1]), pa.array(["z", "b", "unused"]))
ORDERED = pa.DictionaryArray.from_arrays(PACKED.indices, PACKED.dictionary, ordered=True)
VALUES = ["b", "z", None, "b"]

FRAMES: dict[str, tuple[Any, tuple[str, ...], bool]] = {
    "pandas's categorical": (pd.DataFrame({"g": pd.Categorical(VALUES, ["z", "b", "unused"])}), ("z", "b"), False),
    "pandas's in order": (pd.DataFrame({"g": pd.Categorical(VALUES, ["z", "b"], ordered=True)}), ("z", "b"), True),
    "a polars Enum": (pl.DataFrame({"g": pl.Series(VALUES, dtype=pl.Enum(["z", "c", "b"]))}), ("z", "b"), False),
    "a polars Categorical": (pl.DataFrame({"g": pl.Series(["z", *VALUES], dtype=pl.Categorical())}), ("b", "z"), False),
    "an ordered dictionary": (pa.table({"g": ORDERED}), ("z", "b"), True),
    "a factor of R's": (pa.table({"g": PACKED}).replace_schema_metadata({"r": "A"}), ("z", "b"), False),
    "a dictionary": (pa.table({"g": PACKED}), ("b", "z"), False),
    "text that was packed": (pa.table({"g": pa.array(["z", *VALUES]).dictionary_encode()}), ("b", "z"), False),
    "text": (pa.table({"g": ["z", *VALUES]}), ("b", "z"), False),
}


def table_of(frame: Any) -> pa.Table:
    """The frame as its own library hands it to Arrow."""
    match frame:
        case pd.DataFrame():
            return pa.Table.from_pandas(frame)
        case pl.DataFrame():
            return frame.to_arrow()
    return frame


@pytest.mark.parametrize("name", FRAMES)
def test_levels_are_in_the_declared_order_or_sorted(name: str, tmp_path: Path) -> None:
    frame, levels, ordered = FRAMES[name]
    pyarrow.parquet.write_table(table_of(frame), tmp_path / "g.parquet")
    pyarrow.feather.write_feather(table_of(frame), tmp_path / "g.feather")
    files = [read_frame(tmp_path / f"g.{end}") for end in ("parquet", "feather")]
    for each in (Frame(frame), Frame(table_of(frame)), *files):
        kind = each.kind("g")
        assert isinstance(kind, Categorical)
        assert (kind.levels, kind.ordered) == (levels, ordered)
