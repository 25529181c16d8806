"""Frame: the columns of any data frame as NumPy arrays, with what is missing in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from tildemc.errors import DataError
from tildemc.model.expr import Apply, Expr, evaluate

__all__ = ["Categorical", "Frame", "Kind", "Logical", "Numeric", "label_of", "read_frame"]

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Numeric:
    """Numbers."""


@dataclass(frozen=True, slots=True)
class Logical:
    """True and false."""


@dataclass(frozen=True, slots=True)
class Categorical:
    """Values of a finite set, in the order of `levels`; `declared` if the data said so, else the order is Python's."""

    levels: tuple[Any, ...]
    ordered: bool = False
    declared: bool = False
    unused: tuple[Any, ...] = ()


Kind = Numeric | Logical | Categorical


def label_of(value: Any) -> str:
    """A level's name: its text, a whole number without a decimal point, a logical as R writes it."""
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    if isinstance(value, float | np.floating):
        return f"{float(value):.15g}"
    return str(value)


@dataclass(frozen=True, eq=False)
class _Column:
    values: NDArray[Any]
    missing: Mask
    kind: type[Numeric] | type[Logical] | type[Categorical]
    declared: tuple[Any, ...] | None = None
    ordered: bool = False
    whole: bool = False


class Frame:
    """Columns by name.

    Parameters
    ----------
    native
        Any eager data frame that narwhals reads, or a mapping of names to arrays.
    source : str, optional
        The path it was read from.

    Raises
    ------
    DataError
        If `native` is nothing like a data frame.
    """

    def __init__(self, native: Any, source: str | None = None) -> None:
        if isinstance(native, Mapping):
            import pandas as pd

            native = pd.DataFrame(dict(native))
        try:
            frame = nw.from_native(native, eager_only=True)
        except nw.exceptions.DuplicateError as error:
            raise DataError("the data have two columns of the same name") from error
        except TypeError as error:
            found = type(native).__name__
            raise DataError(f"the data must be a data frame or a path to a csv or parquet file, not {found}") from error
        self._frame: nw.DataFrame[Any] = frame
        self.source = source
        self._columns: dict[str, _Column] = {}
        self._positions = np.arange(len(frame), dtype=np.int64)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(str(name) for name in self._frame.columns)

    def __len__(self) -> int:
        return len(self._positions)

    @property
    def rows(self) -> NDArray[np.int64]:
        """The position in the original data of each row."""
        return self._positions

    def select(self, keep: Mask) -> Frame:
        """The rows where `keep` is true; positions still count from the original."""
        chosen = object.__new__(Frame)
        chosen._frame = self._frame
        chosen.source = self.source
        chosen._columns = self._columns
        chosen._positions = self._positions[keep]
        return chosen

    def values(self, name: str) -> NDArray[Any]:
        """A column: float64, bool, or objects for text and factors; (n,)."""
        return self._read(name).values[self._positions]

    def missing(self, name: str) -> Mask:
        """Where a column has no value; (n,)."""
        return self._read(name).missing[self._positions]

    def holds_factor(self, name: str) -> bool:
        """Whether a column holds text or levels."""
        try:
            return self._read(name).kind is Categorical
        except DataError:
            return False

    def kind(self, name: str) -> Kind:
        """What a column is, on the rows of this frame that have a value in it."""
        column = self._read(name)
        if column.kind is Numeric:
            return Numeric()
        return Logical() if column.kind is Logical else self._levels(column)

    def distinct(self, name: str) -> tuple[Any, ...]:
        """The different values of a column in order, whatever its kind."""
        kind = self.kind(name)
        if isinstance(kind, Categorical):
            return kind.levels
        present = np.unique(self.values(name)[~self.missing(name)])
        if self._read(name).whole:
            present = present.astype(np.int64)
        return tuple(value.item() for value in present)

    def evaluate(self, expr: Expr) -> NDArray[Any]:
        """The value of `expr` in every row; (n,)."""
        value = evaluate(expr, lambda column: self.values(column.name), FUNCTIONS)
        return np.broadcast_to(np.asarray(value), (len(self),))

    def _levels(self, column: _Column) -> Categorical:
        present = column.values[self._positions][~column.missing[self._positions]]
        seen = set(present.tolist())
        if column.declared is None:
            return Categorical(tuple(sorted(seen)), declared=False)
        levels = tuple(value for value in column.declared if value in seen)
        unused = tuple(value for value in column.declared if value not in seen)
        return Categorical(levels, column.ordered, declared=True, unused=unused)

    def _read(self, name: str) -> _Column:
        if name not in self._columns:
            self._columns[name] = _read_column(self._frame[name], name)
        return self._columns[name]


def _read_column(series: nw.Series[Any], name: str) -> _Column:
    dtype = series.dtype
    missing = np.asarray(series.is_null().to_numpy(), dtype=bool)
    if dtype.is_numeric():
        values = series.cast(nw.Float64()).to_numpy().astype(float)
        return _Column(values, missing | np.isnan(values), Numeric, whole=dtype.is_integer())
    if dtype == nw.Boolean:
        return _Column(series.fill_null(False).to_numpy().astype(bool), missing, Logical)
    if isinstance(dtype, nw.Enum | nw.Categorical):
        declared, ordered = _declared_levels(series)
        return _Column(np.array(series.to_list(), dtype=object), missing, Categorical, declared, ordered)
    if dtype in (nw.String, nw.Object):
        return _read_objects(np.array(series.to_list(), dtype=object), missing, name)
    raise DataError(f"column `{name}` holds {_spoken(dtype)}; make numbers or text of it before it goes into a model")


def _spoken(dtype: Any) -> str:
    return "dates or times" if dtype.is_temporal() else f"values of type {str(dtype).lower()}"


def _declared_levels(series: nw.Series[Any]) -> tuple[tuple[Any, ...] | None, bool]:
    """The levels a categorical column was declared with, and whether they are ordered."""
    pandas_accessor: Any = getattr(series.to_native(), "cat", None)
    if hasattr(pandas_accessor, "categories"):
        return tuple(pandas_accessor.categories.tolist()), bool(pandas_accessor.ordered)
    if isinstance(series.dtype, nw.Enum):
        return tuple(series.dtype.categories), False
    return None, False


def _read_objects(values: NDArray[Any], missing: Mask, name: str) -> _Column:
    missing = missing | np.array([value is None or value != value for value in values], dtype=bool)
    present = values[~missing]
    kinds = {type(value) for value in present}
    if kinds <= {bool, np.bool_} and kinds:
        return _Column(np.where(missing, False, values).astype(bool), missing, Logical)
    if kinds and all(issubclass(kind, int | float | np.integer | np.floating) for kind in kinds):
        return _Column(np.where(missing, np.nan, values).astype(float), missing, Numeric)
    if kinds <= {str}:
        return _Column(values, missing, Categorical)
    row = next(i for i, value in enumerate(values) if not missing[i] and not isinstance(value, str))
    raise DataError(f"column `{name}` mixes text with other values: row {row} holds {values[row]!r}")


def _recode(values: NDArray[Any], mapping: Sequence[tuple[Any, float]]) -> NDArray[np.float64]:
    result = np.full(values.shape, np.nan)
    for value, number in mapping:
        result[values == value] = number
    return result


def _missing(values: NDArray[Any]) -> Mask:
    import pandas as pd

    return np.asarray(pd.isna(values), dtype=bool)


def _not(values: NDArray[Any]) -> Any:
    return ~np.asarray(values, dtype=bool)


FUNCTIONS: dict[str, Any] = {
    "neg": np.negative,
    "not": _not,
    "isna": lambda values: _missing(values),
    "notna": lambda values: ~_missing(values),
    "recode": _recode,
    "log": np.log,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "expm1": np.expm1,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "floor": np.floor,
    "ceil": np.ceil,
    "round": np.round,
    "trunc": np.trunc,
    "float": lambda values: np.asarray(values, dtype=float),
}
"""What NumPy computes for each function that a column's expression may apply."""


def as_float(expr: Expr) -> Expr:
    """`expr`, a truth value, as 0 or 1."""
    return Apply("float", (expr,))


def read_frame(data: Any) -> Frame:
    """A Frame of a data frame, a mapping, or a path to a csv or parquet file."""
    if isinstance(data, Frame):
        return data
    if not isinstance(data, str | Path):
        return Frame(data)
    path = Path(data)
    import pandas as pd

    readers = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".pq": pd.read_parquet}
    if path.suffix.lower() not in readers:
        raise DataError(f"{path}: data are read from .csv and .parquet files")
    if not path.is_file():
        raise DataError(f"there is no file {path}")
    try:
        return Frame(readers[path.suffix.lower()](path), source=str(data))
    except (ValueError, OSError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error
