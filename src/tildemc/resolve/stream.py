"""Stream: rows that are read in chunks, whenever they are needed, from parquet files or a cluster."""

from __future__ import annotations

import glob
import os.path
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from importlib import import_module
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tildemc.errors import DataError
from tildemc.resolve.conventions import USUAL, Conventions
from tildemc.resolve.files import read_frame, with_origin
from tildemc.resolve.frame import Frame, Native
from tildemc.spec.origin import PARQUET, DataFile, Files, Origin

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyarrow.dataset import Dataset

__all__ = ["CHUNK", "STREAMED_FROM", "Data", "NewData", "Stream", "open_data", "stream"]

CHUNK = 1 << 18
"""Rows of a chunk."""
STREAMED_FROM = 1_000_000
"""Parquet files of so many rows are streamed without being asked to."""
FAN_IN = 8
"""Results of partitions that are merged at once."""

type Part[T] = Callable[[Frame], T | None]
type Merge[T] = Callable[[T, T], T]


class Stream(ABC):
    """Rows that are read in chunks; `names` are all columns, `origin` where they are if that is known."""

    names: tuple[str, ...]
    origin: Origin | None
    advice: str
    """How to have all rows at once."""

    @cached_property
    @abstractmethod
    def rows(self) -> int:
        """How many rows there are."""

    @abstractmethod
    def holds_factor(self, name: str) -> bool:
        """Whether a column holds text or levels."""

    @abstractmethod
    def reduce[T](self, columns: Sequence[str], part: Part[T], merge: Merge[T]) -> T:
        """What `part` makes of each chunk, merged.

        Parameters
        ----------
        columns : sequence of str
            Those that are read.
        part : callable
            Takes a Frame of at least one row; None is nothing.
        merge : callable
            Associative; gets neighbours in order.
        """


type Data = Native | Stream | Dataset | str | Path
"""What `model` takes for data."""
type NewData = Data | None
"""Rows to say something of: data, or columns by name, of one value each for one row; None for the rows of the fit."""


def stream(data: object, *, chunk: int = CHUNK) -> Stream:
    """Data of which only a chunk of rows is in memory at a time; see `tildemc.stream`."""
    if isinstance(data, Stream):
        return data
    if _is_dask(data):
        return _Dask(data, chunk)
    if _is_dataset(data):
        return _Parquet(data, chunk)
    if isinstance(data, str | Path) and _parquet_files(data):
        return _Parquet(_open_dataset(data), chunk, _parquet_at(str(data)))
    raise DataError(
        "rows are streamed from parquet files (a file, a folder, a glob), a pyarrow Dataset or a dask DataFrame, "
        f"not from {data if isinstance(data, str | Path) else type(data).__name__}"
    )


def open_data(data: Data, conventions: Conventions = USUAL) -> Frame | Stream:
    """Data as `model` takes them: read whole, or streamed if they are a stream or parquet files of very many rows.

    Raises
    ------
    DataError
        If they cannot be read, or are streamed and some values in them are said to stand for none.
    """
    if isinstance(data, Stream) or _is_dask(data) or _is_dataset(data):
        conventions.refuse_csv("the data are streamed")
        if conventions.stated:
            raise DataError("`na` needs all rows at once: give streamed data without what stands for no value")
        return stream(data)
    if not isinstance(data, str | Path) or not _parquet_files(data):
        return read_frame(data, conventions)
    conventions.refuse_csv("the data are parquet")
    found = stream(data)
    return found if found.rows >= STREAMED_FROM and not conventions.stated else read_whole(data, conventions)


def read_whole(data: str | Path, conventions: Conventions = USUAL) -> Frame:
    """All rows of parquet files."""
    if os.path.isfile(data):
        return read_frame(data, conventions)
    return with_origin(_open_dataset(data).to_table(), _parquet_at(str(data)), conventions)


def _parquet_at(path: str) -> Origin:
    """Where the rows of parquet files are: a file, a folder or a glob."""
    if not glob.has_magic(path) or os.path.exists(path):
        return Origin(DataFile(path, PARQUET))
    return Origin(Files(path, tuple(DataFile(file, PARQUET) for file in sorted(glob.glob(path, recursive=True)))))


def _is_dask(data: object) -> bool:
    return type(data).__module__.startswith("dask.") and hasattr(data, "to_delayed") and hasattr(data, "columns")


def _is_dataset(data: object) -> bool:
    if not type(data).__module__.startswith("pyarrow."):
        return False
    from pyarrow.dataset import Dataset

    return isinstance(data, Dataset)


def _parquet_files(data: str | Path) -> str | list[str] | None:
    """What of a path pyarrow is to open; None for what is no parquet file, folder or glob."""
    path = Path(data)
    # The functions of os.path answer for names that can be no file's, where Path raises.
    if os.path.isdir(path):
        return str(path)
    if path.suffix.lower() not in PARQUET.suffixes:
        return None
    if os.path.isfile(path) or not glob.has_magic(str(data)):
        return str(path) if os.path.isfile(path) else None
    return sorted(glob.glob(str(data), recursive=True)) or None


def _open_dataset(data: str | Path) -> Dataset:
    from pyarrow.dataset import dataset

    with _read_errors(_parquet_at(str(data))):
        found = dataset(_parquet_files(data), format="parquet", partitioning="hive")
    if not found.files:
        raise DataError(f"there are no parquet files in {data}")
    return found


@contextmanager
def _read_errors(origin: Origin | None) -> Iterator[None]:
    """Tell of what pyarrow cannot read."""
    from pyarrow import ArrowException

    try:
        yield
    except (ArrowException, OSError) as error:
        where = "the dataset" if origin is None else origin.path
        raise DataError(f"{where} cannot be read: {error}") from error


@dataclass(eq=False)
class _Parquet(Stream):
    """A dataset of Arrow's."""

    dataset: Dataset
    chunk: int
    origin: Origin | None = None
    advice: str = field(init=False)

    def __post_init__(self) -> None:
        place = None if self.origin is None else self.origin.place
        call = f"pandas.read_parquet({place.path!r})" if isinstance(place, DataFile) else "dataset.to_table()"
        self.advice = f"give the model `{call}` to have them all in memory"

    @cached_property
    def names(self) -> tuple[str, ...]:  # type: ignore[override]
        """All columns but those that pandas kept its index in."""
        schema = self.dataset.schema
        index = (schema.pandas_metadata or {}).get("index_columns", ())
        return tuple(name for name in schema.names if name not in index)

    @cached_property
    def rows(self) -> int:
        """From the files' metadata."""
        with _read_errors(self.origin):
            return int(self.dataset.count_rows())

    def holds_factor(self, name: str) -> bool:
        """By the schema."""
        return Frame(self.dataset.schema.empty_table()).holds_factor(name)

    def reduce[T](self, columns: Sequence[str], part: Part[T], merge: Merge[T]) -> T:
        """Chunk by chunk, in this process; pyarrow reads ahead."""
        # Two batches ahead keep pyarrow's threads at work; its default of 16 takes memory for nothing.
        batches = self.dataset.to_batches(
            columns=list(columns), batch_size=self.chunk, batch_readahead=2, fragment_readahead=1
        )
        with _read_errors(self.origin):
            found = _fold((part(frame) for frame in _frames(batches, self.chunk)), merge)
        assert found is not None, "a stream has rows, of which every part makes something"
        return found


def _frames(batches: Iterable[pa.RecordBatch], size: int, start: int = 0) -> Iterator[Frame]:
    """Frames of record batches, small ones put together."""
    import pyarrow as pa

    held: list[pa.RecordBatch] = []
    for batch in batches:
        if held and sum(map(len, held)) + len(batch) > size:
            yield Frame(pa.Table.from_batches(held), start=start)
            start += sum(map(len, held))
            held = []
        if len(batch):
            held.append(batch)
    if held:
        yield Frame(pa.Table.from_batches(held), start=start)


def _fold[T](found: Iterable[T | None], merge: Merge[T]) -> T | None:
    """All results merged; None is nothing."""
    total: T | None = None
    for result in found:
        if total is None:
            total = result
        elif result is not None:
            total = merge(total, result)
    return total


@dataclass(eq=False)
class _Dask(Stream):
    """A dask DataFrame: a tree of merges over its partitions, on whatever scheduler dask uses."""

    frame: Any
    chunk: int
    origin: Origin | None = None
    advice: str = "give the model `frame.compute()` to have them all in memory"

    @cached_property
    def names(self) -> tuple[str, ...]:  # type: ignore[override]
        """All columns."""
        return tuple(str(name) for name in self.frame.columns)

    @cached_property
    def rows(self) -> int:
        """The sum over partitions."""
        return sum(self._sizes)

    @cached_property
    def _sizes(self) -> tuple[int, ...]:
        dask: Any = import_module("dask")
        pieces = self.frame[list(self.frame.columns[:1])].to_delayed()
        return tuple(dask.compute(*(dask.delayed(len)(piece) for piece in pieces)))

    def holds_factor(self, name: str) -> bool:
        """By the types of the columns."""
        return Frame(self.frame._meta).holds_factor(name)

    def reduce[T](self, columns: Sequence[str], part: Part[T], merge: Merge[T]) -> T:
        """Partition by partition, where they are; then merged by eights."""
        dask: Any = import_module("dask")
        work = dask.delayed(_Partition(part, merge, self.chunk))
        join = dask.delayed(partial(_fold, merge=merge))
        starts = [0, *accumulate(self._sizes)]
        pieces = zip(self.frame[list(columns)].to_delayed(), starts, self._sizes, strict=False)
        found = [work(piece, start) for piece, start, size in pieces if size > 0]
        while len(found) > 1:
            found = [join(found[i : i + FAN_IN]) for i in range(0, len(found), FAN_IN)]
        whole: T = found[0].compute()
        return whole


class _Partition[T]:
    """What a worker does with a partition that begins at row `start`."""

    def __init__(self, part: Part[T], merge: Merge[T], chunk: int) -> None:
        self.part, self.merge, self.chunk = part, merge, chunk

    def __call__(self, frame: pd.DataFrame, start: int) -> T | None:
        import pyarrow as pa

        table = pa.Table.from_pandas(frame, preserve_index=False)
        return _fold(map(self.part, _frames(table.to_batches(self.chunk), self.chunk, start)), self.merge)
