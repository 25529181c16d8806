"""Where streamed rows come from: parquet files, folders, globs, Arrow datasets, dask frames."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

import tildemc as tm
from tildemc.errors import DataError
from tildemc.resolve import stream as streams
from tildemc.resolve.frame import Frame
from tildemc.resolve.stream import stream
from tildemc.spec.design import Streamed

FRAME = pd.DataFrame(
    {"y": np.random.default_rng(1).normal(size=60), "x": np.arange(60.0), "g": np.repeat(list("abcdef"), 10)}
)
FORMULA = "y ~ x + (1 | g)"


@pytest.fixture(scope="module")
def dd() -> ModuleType:
    """Dask's frames, imported for who runs these tests and not for who collects them."""
    import dask.dataframe

    return dask.dataframe


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files of twenty rows."""
    for k in range(3):
        FRAME.iloc[20 * k : 20 * (k + 1)].to_parquet(tmp_path / f"part-{k}.parquet")
    return tmp_path


def seen(data: Any, chunk: int) -> list[tuple[int, int]]:
    """Where each chunk begins, and how long it is."""
    parts = stream(data, chunk=chunk).reduce(
        ["x"], lambda f: [(int(f.rows[0]), len(f))], lambda one, two: one + two
    )  # fmt: skip
    assert isinstance(parts, list)
    return parts


def test_every_form_gives_the_same_model(folder: Path, dd: ModuleType) -> None:
    expected = str(tm.model(FORMULA, FRAME))
    for data in (
        stream(folder),
        stream(str(folder / "*.parquet")),
        ds.dataset(folder),
        stream(ds.dataset(pa.Table.from_pandas(FRAME))),
        dd.from_pandas(FRAME, npartitions=4),
        stream(dd.read_parquet(folder)),
    ):
        model = tm.model(FORMULA, data)
        assert isinstance(model.design, Streamed)
        assert str(model) == expected


def test_paths_are_read_whole_unless_they_have_very_many_rows(folder: Path, monkeypatch: Any) -> None:
    one = str(folder / "part-0.parquet")
    for path in (one, str(folder), str(folder / "part-*.parquet")):
        assert not isinstance(tm.model("y ~ x", path).design, Streamed)
    monkeypatch.setattr(streams, "STREAMED_FROM", 60)
    assert not isinstance(tm.model("y ~ x", one).design, Streamed)
    assert isinstance(tm.model("y ~ x", str(folder)).design, Streamed)
    assert repr(tm.model("y ~ x", str(folder))) == "<Model 'y ~ x': gaussian, 60 rows, streamed>"


def test_a_path_is_read_whole_for_a_model_that_needs_it(folder: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(streams, "STREAMED_FROM", 60)
    assert not isinstance(tm.model("I(y > 0) ~ x", str(folder), family="bernoulli").design, Streamed)
    assert not isinstance(tm.model("y ~ x", str(folder), priors=["b ~ student_t(3, 0, 1)"]).design, Streamed)


def test_chunks_know_where_they_begin(folder: Path, dd: ModuleType) -> None:
    assert seen(folder, 8) == [(0, 8), (8, 8), (16, 4), (20, 8), (28, 8), (36, 4), (40, 8), (48, 8), (56, 4)]
    assert seen(dd.from_pandas(FRAME, npartitions=4), 10) == [(0, 10), (10, 5), (15, 10), (25, 5), (30, 10), (40, 5),
                                                              (45, 10), (55, 5)]  # fmt: skip


def test_small_files_are_put_together(folder: Path) -> None:
    assert seen(folder, 50) == [(0, 40), (40, 20)]


def test_folders_named_for_values_are_columns(tmp_path: Path) -> None:
    pq.write_to_dataset(pa.Table.from_pandas(FRAME), tmp_path, partition_cols=["g"])
    assert tm.model(FORMULA, stream(tmp_path)).spec == tm.model(FORMULA, FRAME).spec


def test_the_index_that_pandas_writes_is_no_column(tmp_path: Path) -> None:
    FRAME.set_index("x").to_parquet(tmp_path / "rows.parquet")
    assert stream(tmp_path / "rows.parquet").names == ("y", "g")


def test_stata_is_told_which_columns_are_factors(folder: Path, dd: ModuleType) -> None:
    assert tm.convert("y ~ g", "stata", data=ds.dataset(folder)).text == tm.convert("y ~ g", "stata", data=FRAME).text
    assert stream(dd.from_pandas(FRAME, npartitions=2)).holds_factor("g")


@pytest.mark.parametrize("data", [FRAME, "rows.csv", "none.parquet", "none-*.parquet", 3])
def test_what_cannot_be_streamed_is_said(data: Any) -> None:
    with pytest.raises(DataError, match="rows are streamed from parquet files"):
        stream(data)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no parquet files in"):
        stream(tmp_path)
    (tmp_path / "rows.parquet").write_text("y,x\n1,2\n")
    with pytest.raises(DataError, match=r"rows\.parquet cannot be read"):
        stream(tmp_path / "rows.parquet")


def test_files_that_disagree_are_told_of(folder: Path) -> None:
    FRAME.assign(x="text").to_parquet(folder / "part-3.parquet")
    with pytest.raises(DataError, match="cannot be read"):
        tm.model("y ~ x", stream(folder))


def test_dates_are_refused_by_name(tmp_path: Path) -> None:
    FRAME.assign(day=pd.Timestamp("2020-01-01")).to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(DataError, match="column `day` holds dates"):
        tm.model("y ~ day", stream(tmp_path / "rows.parquet"))


def test_a_partition_without_any_value_takes_the_type_of_the_others(dd: ModuleType) -> None:
    parts = [FRAME.assign(h=list("uv") * 30).astype({"h": object}), FRAME.assign(h=None)]
    frame = dd.from_map(lambda k: parts[k], [0, 1], meta=parts[0])
    model, twin = (tm.model("y ~ x + h", data) for data in (frame, pd.concat(parts)))
    assert (model.spec, model.report) == (twin.spec, twin.report)


def test_text_is_read_as_codes_and_given_back_as_text() -> None:
    frame = Frame(pa.table({"g": pa.array(["b", None, "a", "b"])}))
    assert frame.values("g").tolist() == ["b", None, "a", "b"]
    assert frame.missing("g").tolist() == [False, True, False, False]
    assert frame.place("g", ("a", "b")).tolist() == [1, -1, 0, 1]
    assert frame.distinct("g") == ("a", "b")
