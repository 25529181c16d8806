"""Frame: the columns of any data frame as NumPy arrays, with what is missing in them."""

from __future__ import annotations

import os.path
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Real
from pathlib import Path
from types import MappingProxyType
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from tildemc.errors import DataError
from tildemc.model.expr import Apply, Col, Const, Expr, inside, value_of
from tildemc.trees import fold
from tildemc.visible import shown

__all__ = ["Categorical", "Frame", "Kind", "Logical", "Numeric", "Seen", "label_of", "place", "read_frame"]

Mask = NDArray[np.bool_]
_Found = tuple[Any, str | None]
"""Values, and the column of text whose different texts they are for; None if they are for rows, or are constants."""


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


def label_of(value: Any, names: Mapping[Any, str] = MappingProxyType({})) -> str:
    """A level's name: that in `names`, or its text; a whole number without a decimal point, a logical as in R."""
    if value in names:
        return names[value]
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    if isinstance(value, float | np.floating):
        return f"{float(value):.15g}"
    return str(value)


Type = type[Numeric] | type[Logical] | type[Categorical]


@dataclass(frozen=True, slots=True)
class Seen:
    """What some rows show of a column: its type, the levels they have, and those that the data declare, if they do."""

    type: Type
    levels: frozenset[Any] = frozenset()
    declared: tuple[Any, ...] | None = None
    ordered: bool = False

    @property
    def kind(self) -> Kind:
        """What the column is, if these are all rows."""
        if self.type is not Categorical:
            return Numeric() if self.type is Numeric else Logical()
        if self.declared is None:
            return Categorical(tuple(sorted(self.levels)), declared=False)
        levels = tuple(value for value in self.declared if value in self.levels)
        unused = tuple(value for value in self.declared if value not in self.levels)
        return Categorical(levels, self.ordered, declared=True, unused=unused)


@dataclass(frozen=True, eq=False)
class _Column:
    """A column: its values (n,); of text the different ones, None the last, and for each row a code (n,)."""

    values: NDArray[Any]
    missing: Mask
    type: Type
    declared: tuple[Any, ...] | None = None
    ordered: bool = False
    whole: bool = False
    codes: NDArray[np.int64] | None = None


class Frame:
    """Columns by name.

    Parameters
    ----------
    native
        Any eager data frame that narwhals reads, or a mapping of names to arrays.
    source : str, optional
        The path it was read from.
    start : int
        How many rows of the data come before.
    value_labels : mapping of str to mapping of number to str, optional
        For a column of numeric codes, as .dta and .sav files have them, the name of each. A column is a factor if all
        the codes in it are named, in the order of the codes; its values stay the codes.

    Raises
    ------
    DataError
        If `native` is nothing like a data frame.
    """

    def __init__(
        self,
        native: Any,
        source: str | None = None,
        start: int = 0,
        value_labels: Mapping[str, Mapping[float, str]] | None = None,
    ) -> None:
        if isinstance(native, Mapping):
            import pandas as pd

            try:
                native = pd.DataFrame(dict(native))
            except (ValueError, TypeError) as error:
                raise DataError(f"these columns make no table: {error}") from error
        try:
            frame = nw.from_native(native, eager_only=True)
        except nw.exceptions.DuplicateError as error:
            raise DataError("the data have two columns of the same name") from error
        except TypeError as error:
            found = type(native).__name__
            raise DataError(f"the data must be a data frame or a path to a csv or parquet file, not {found}") from error
        self._frame: nw.DataFrame[Any] = frame
        self.source = source
        self._start = start
        self._value_labels = dict(value_labels or {})
        self._columns: dict[str, _Column] = {}
        self._positions = np.arange(len(frame), dtype=np.int64)
        self.coded = False

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(str(name) for name in self._frame.columns)

    def __len__(self) -> int:
        return len(self._positions)

    @property
    def rows(self) -> NDArray[np.int64]:
        """The position in the original data of each row."""
        return self._positions + self._start

    def select(self, keep: Mask) -> Frame:
        """The rows where `keep` is true; positions still count from the original."""
        chosen = copy(self)
        chosen._positions = self._positions[keep]
        return chosen

    def as_codes(self) -> Frame:
        """The same rows as Stata takes them: no order of levels, and numbers are numbers, named or not."""
        coded = copy(self)
        coded._columns = {}
        coded.coded = True
        return coded

    def value_labels(self, name: str) -> Mapping[float, str]:
        """The names of a column's codes; empty where it has none."""
        return self._value_labels.get(name, {})

    def label(self, name: str, value: Any) -> str:
        """What a value of a column is called: by its value label, else by its text."""
        return label_of(value, self.value_labels(name))

    def values(self, name: str) -> NDArray[Any]:
        """A column: float64, bool, or objects for text and factors; (n,)."""
        column = self._read(name)
        if column.codes is None:
            return column.values[self._positions]
        return column.values[column.codes[self._positions]]

    def missing(self, name: str) -> Mask:
        """Where a column has no value; (n,)."""
        return self._read(name).missing[self._positions]

    def holds_factor(self, name: str) -> bool:
        """Whether a column holds text or levels."""
        try:
            return self._read(name).type is Categorical
        except DataError:
            return False

    def kind(self, name: str) -> Kind:
        """What a column is, on the rows of this frame that have a value in it."""
        return self.seen(name).kind

    def seen(self, name: str) -> Seen:
        """What the rows of this frame show of a column."""
        column = self._read(name)
        if column.type is not Categorical:
            return Seen(column.type)
        present = frozenset(self._present(column).tolist())
        return Seen(Categorical, present, column.declared, column.ordered)

    def distinct(self, name: str) -> tuple[Any, ...]:
        """The different values of a column in order, whatever its kind."""
        kind = self.kind(name)
        if isinstance(kind, Categorical):
            return kind.levels
        column = self._read(name)
        present = np.unique(self._present(column))
        return tuple((present.astype(np.int64) if column.whole else present).tolist())

    def place(self, name: str, order: Sequence[Any]) -> NDArray[np.int64]:
        """The position of each row's value in `order`, (n,); -1 where it is not there."""
        column = self._read(name)
        if column.codes is None:
            return place(column.values[self._positions], order)
        return place(column.values, order)[column.codes[self._positions]]

    def evaluate(self, expr: Expr) -> NDArray[Any]:
        """The value of `expr` in every row; (n,)."""
        return np.broadcast_to(np.asarray(self._value(expr)), (len(self),))

    def _value(self, expr: Expr) -> Any:
        return self._by_row(fold(expr, inside, self._combined))

    def _combined(self, part: Expr, values: Sequence[_Found]) -> _Found:
        """The value of `part`: what depends on one column of text alone, once for each different text."""
        match part:
            case Col(name):
                column = self._read(name)
                return (self.values(name), None) if column.codes is None else (column.values, name)
            case Const(float(number)):
                # Python raises where NumPy knows infinity.
                return np.float64(number), None
        columns = {of for value, of in values if np.ndim(value)}
        text = columns.pop() if len(columns) == 1 else None
        found = [value if text is not None else self._by_row((value, of)) for value, of in values]
        return value_of(part, found, lambda column: self.values(column.name), FUNCTIONS), text

    def _by_row(self, found: _Found) -> Any:
        value, name = found
        if name is None:
            return value
        column = self._read(name)
        assert column.codes is not None
        return np.broadcast_to(np.asarray(value), column.values.shape)[column.codes[self._positions]]

    def _present(self, column: _Column) -> NDArray[Any]:
        """The values that the rows have, each at least once."""
        import pandas as pd

        if column.codes is None:
            return np.asarray(pd.unique(column.values[self._positions][~column.missing[self._positions]]))
        counts = np.bincount(column.codes[self._positions], minlength=len(column.values))
        return column.values[:-1][counts[:-1] > 0]

    def _read(self, name: str) -> _Column:
        if name not in self._columns:
            try:
                column = _read_column(self._frame[name], name)
            except DataError:
                raise
            except Exception as error:  # what cells' own methods raise: they may be anything
                held = "numbers, text, and true and false can be in a model"
                raise DataError(f"column `{name}` holds something that cannot be read ({error}); {held}") from error
            self._columns[name] = _as_codes(column) if self.coded else _as_named(column, self.value_labels(name))
        return self._columns[name]


def place(values: NDArray[Any], order: Sequence[Any]) -> NDArray[np.int64]:
    """The position of each value in `order`; -1 where it is not there."""
    import pandas as pd

    return np.asarray(pd.Index(np.array(order, dtype=values.dtype)).get_indexer(values), dtype=np.int64)


def _read_column(series: nw.Series[Any], name: str) -> _Column:
    dtype = series.dtype
    missing = np.asarray(series.is_null().to_numpy(), dtype=bool)
    if dtype.is_numeric():
        values = series.cast(nw.Float64()).to_numpy().astype(float)
        return _Column(values, missing | np.isnan(values), Numeric, whole=dtype.is_integer())
    if dtype == nw.Boolean:
        return _Column(series.fill_null(False).to_numpy().astype(bool), missing, Logical)
    if dtype == nw.String:
        return _read_codes(series.to_arrow(), missing)
    if isinstance(dtype, nw.Enum | nw.Categorical):
        native = series.to_native()
        if hasattr(native, "unify_dictionaries"):
            return _read_codes(native.unify_dictionaries(), missing, declared=True)
        declared, ordered = _declared_levels(series)
        if any(np.ndim(level) for level in declared or ()):
            raise DataError(f"the levels of column `{name}` are no single values: make text of them")
        return _Column(_cells(series.to_list()), missing, Categorical, declared, ordered)
    if dtype == nw.Object or missing.all():
        return _read_objects(_cells(series.to_list()), missing, name)
    raise DataError(f"column `{name}` holds {_spoken(dtype)}; make numbers or text of it before it goes into a model")


def _cells(values: Sequence[Any]) -> NDArray[Any]:
    """An array of these objects, (n,); NumPy alone would make (n, k) of n lists of k."""
    cells = np.empty(len(values), dtype=object)
    for row, value in enumerate(values):
        cells[row] = value
    return cells


def _read_codes(array: Any, missing: Mask, declared: bool = False) -> _Column:
    """A column of Arrow's: text, or a dictionary of levels."""
    if hasattr(array, "combine_chunks"):
        array = array.combine_chunks()
    if not hasattr(array, "dictionary"):
        array = array.dictionary_encode()
    levels = array.dictionary.to_pylist()
    codes = np.asarray(array.indices.fill_null(len(levels)).to_numpy(zero_copy_only=False), dtype=np.int64)
    values = np.empty(len(levels) + 1, dtype=object)
    values[:-1] = levels
    known, ordered = (tuple(levels), bool(array.type.ordered)) if declared else (None, False)
    return _Column(values, missing, Categorical, known, ordered, codes=codes)


def _as_named(column: _Column, labels: Mapping[float, str]) -> _Column:
    """A column of codes as a factor, if all of them have names."""
    if not labels or column.type is not Numeric or not set(column.values[~column.missing].tolist()) <= labels.keys():
        return column
    return replace(column, type=Categorical, declared=tuple(sorted(labels)))


def _as_codes(column: _Column) -> _Column:
    """A column as Stata takes it: its levels have no order of their own, and levels that are numbers are numbers."""
    declared = column.declared or ()
    if not declared or not all(isinstance(level, int | float) for level in declared):
        return replace(column, ordered=False)
    values = column.values if column.codes is None else column.values[column.codes]
    numbers = np.where(column.missing, np.nan, values).astype(float)
    return _Column(numbers, column.missing, Numeric, whole=all(isinstance(level, int) for level in declared))


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
    missing = missing | np.array([_is_missing(value) for value in values], dtype=bool)
    present = values[~missing]
    kinds = {type(value) for value in present}
    if kinds <= {bool, np.bool_} and kinds:
        return _Column(np.where(missing, False, values).astype(bool), missing, Logical)
    if kinds and all(issubclass(kind, int | float | np.integer | np.floating) for kind in kinds):
        return _Column(_as_floats(np.where(missing, np.nan, values), name), missing, Numeric)
    if kinds <= {str}:
        return _Column(values, missing, Categorical)
    row = next(i for i, value in enumerate(values) if not missing[i] and not isinstance(value, str))
    others = "mixes text with other values" if str in kinds else "holds neither numbers nor text"
    raise DataError(f"column `{name}` {others}: row {row} holds {shown(values[row])}")


def _is_missing(value: Any) -> bool:
    import pandas as pd

    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, Real) and value != value)


def _as_floats(values: NDArray[Any], name: str) -> NDArray[np.float64]:
    try:
        return values.astype(float)
    except OverflowError:
        row = next(i for i, value in enumerate(values) if isinstance(value, int) and abs(value) >= 2**1024)
        raise DataError(f"column `{name}` holds a number that is too large, in row {row}") from None


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
    if not os.path.isfile(path):
        raise DataError(f"there is no file {path}")
    try:
        return Frame(readers[path.suffix.lower()](path), source=str(data))
    except (ValueError, OSError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error
