"""Frame: the columns of any data frame as NumPy arrays, and arithmetic with them."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
from narwhals.typing import IntoDataFrame
from numpy.typing import ArrayLike

from tildemc.arrays import Floats, Integers, Label, Values
from tildemc.errors import DataError
from tildemc.resolve.column import Categorical, Column, Kind, Mask, Seen, read_column
from tildemc.resolve.dictionaries import UNDECLARED, Dictionary, dictionaries, written_types
from tildemc.spec import bases
from tildemc.spec.columns import Stored, label_of
from tildemc.spec.design import RowLabels
from tildemc.spec.expr import Apply, Col, Const, Expr, Op, Recode, inside, value_of
from tildemc.spec.origin import Origin
from tildemc.spec.vocabulary import NUMPY
from tildemc.trees import fold

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Frame", "Native", "as_float"]

Native = IntoDataFrame | Mapping[str, ArrayLike]
"""A data frame of any kind that narwhals reads, or columns by name."""

_Found = tuple[Any, str | None]
"""Values, and the column of text whose different texts they are for; None if they are for rows, or are constants."""


class Frame:
    """Columns by name.

    Parameters
    ----------
    native
        Any eager data frame that narwhals reads, or a mapping of names to arrays.
    origin : Origin, optional
        Where it was read from.
    start : int
        How many rows of the data come before.
    value_labels : mapping of str to mapping of number to str, optional
        For a column of numeric codes, as .dta and .sav files have them, the name of each. A column is a factor if all
        the codes in it are named, in the order of the codes; its values stay the codes.
    notes : tuple of str
        What a person should know of how it was read.

    Raises
    ------
    DataError
        If `native` is nothing like a data frame.
    """

    def __init__(
        self,
        native: Native,
        origin: Origin | None = None,
        start: int = 0,
        value_labels: Mapping[str, Mapping[Label, str]] | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        self._frame = _table(native)
        self.origin = origin
        self.notes = notes
        self._start = start
        self._value_labels = dict(value_labels or {})
        self._columns: dict[str, Column] = {}
        self._positions = np.arange(len(self._frame), dtype=np.int64)
        self._added: dict[str, Column] = {}
        self.coded = False

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return (*self._own_names, *self._added)

    @cached_property
    def _own_names(self) -> tuple[str, ...]:
        return tuple(str(name) for name in self._frame.columns)

    @property
    def native(self) -> nw.DataFrame[IntoDataFrame]:
        """The data frame, all rows of it."""
        return self._frame

    def __len__(self) -> int:
        return len(self._positions)

    @property
    def rows(self) -> Integers:
        """The position in the original data of each row."""
        return self._positions + self._start

    @property
    def labels(self) -> RowLabels | None:
        """What the data frame itself calls each row; None if it counts them."""
        index = nw.maybe_get_index(self._frame)
        if index is None or (index.dtype.kind in "iu" and np.array_equal(index, np.arange(len(index)))):
            return None
        return RowLabels(index).take(self._positions)

    def row(self, position: int) -> str:
        """What the row at a position of the original is called in words: `row 3`, `row 3 (index 'b12')`."""
        index = nw.maybe_get_index(self._frame)
        labels = None if index is None else RowLabels(index[[position - self._start]]).values.tolist()
        return f"row {position}" if labels in (None, [position]) else f"row {position} (index {labels[0]!r})"

    def _row_at(self, position: int) -> str:
        """The same of the row at a position of this data frame."""
        return self.row(position + self._start)

    @property
    def every(self) -> Frame:
        """All rows of the data frame."""
        whole = copy(self)
        whole._positions = np.arange(len(self._frame), dtype=np.int64)
        return whole

    def select(self, keep: Mask) -> Frame:
        """The rows where `keep` is true; positions still count from the original."""
        chosen = copy(self)
        chosen._positions = self._positions[keep]
        return chosen

    def with_column(self, name: str, values: Values) -> Frame:
        """The same with one column more, of a value for each of its rows; the rows that it leaves out have none.

        Parameters
        ----------
        name : str
            Of no column that is there.
        values : (n,)
            Numbers, or objects, None where there is no value.
        """
        import pandas as pd

        assert name not in self.names, "a column is added once"
        whole = np.full(len(self._frame), None if values.dtype == object else np.nan, dtype=values.dtype)
        whole[self._positions] = values
        more = copy(self)
        series = nw.from_native(pd.Series(whole), series_only=True)
        more._added = {**self._added, name: read_column(series, name, row=self._row_at)}
        return more

    def with_columns_of(self, other: Frame) -> Frame:
        """The same rows with the columns that another frame of the same data has more."""
        more = copy(self)
        more._added = {**self._added, **other._added}
        return more

    def as_codes(self) -> Frame:
        """The same rows as Stata takes them: no order of levels, and numbers are numbers, named or not."""
        coded = copy(self)
        coded._columns = {}
        coded.coded = True
        return coded

    def value_labels(self, name: str) -> Mapping[Label, str]:
        """The names of a column's codes; empty where it has none."""
        return self._value_labels.get(name, {})

    def label(self, name: str, value: Label) -> str:
        """What a value of a column is called: by its value label, else by its text."""
        return label_of(value, self.value_labels(name))

    def values(self, name: str) -> Values:
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
        present = frozenset(column.present(self._positions))
        return Seen(Categorical, present, column.declared, column.ordered)

    def stored(self, name: str) -> Stored:
        """How the data hold a column, whichever rows this frame has."""
        return self._read(name).stored

    def distinct(self, name: str) -> tuple[Label, ...]:
        """The different values of a column in order, whatever its kind."""
        kind = self.kind(name)
        return kind.levels if isinstance(kind, Categorical) else self._read(name).present(self._positions)

    def place(self, name: str, order: Sequence[Label]) -> Integers:
        """The position of each row's label in `order`, (n,); -1 where it is not there."""
        return self._read(name).place(self._positions, order)

    def evaluate(self, expr: Expr) -> Values:
        """The value of `expr` in every row; (n,)."""
        return np.broadcast_to(np.asarray(self._value(expr)), (len(self),))

    def told_apart(self, expr: Expr) -> Values:
        """What tells rows apart by `expr`: its value, of a column of numbers its labels; (n,)."""
        if isinstance(expr, Col) and self._read(expr.name).codes is None:
            return self._read(expr.name).labels[self._positions]
        return self.evaluate(expr)

    def _value(self, expr: Expr) -> Any:
        return self._by_row(fold(expr, self._inside, self._combined))

    def _inside(self, part: Expr) -> Sequence[Expr]:
        return () if self._compares_labels(part) else inside(part)

    def _compares_labels(self, part: Expr) -> bool:
        """Whether a column of numbers is looked up by its own values, which float64 may not hold."""
        match part:
            case Op("==", Col(name), Const()) | Recode(Col(name)):
                return self._read(name).codes is None
            case _:
                return False

    def _combined(self, part: Expr, values: Sequence[_Found]) -> _Found:
        """The value of `part`: what depends on one column of text alone, once for each different text."""
        match part:
            case Op("==", Col(name), Const(level)) if self._compares_labels(part):
                return (self._exact(name) == level) & ~self.missing(name), None
            case Recode(Col(name), mapping) if self._compares_labels(part):
                return _recode(self._exact(name), mapping), None
            case Col(name):
                column = self._read(name)
                return (self.values(name), None) if column.codes is None else (column.values, name)
            case Const(float(number)):
                # Python raises where NumPy knows infinity.
                return np.float64(number), None
            case _:
                pass
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

    def _exact(self, name: str) -> Values:
        """A column's own values, integers as they are; (n,)."""
        column = self._read(name)
        return self.values(name) if column.exact is None else column.exact[self._positions]

    def _read(self, name: str) -> Column:
        if name in self._added:
            return self._added[name]
        if name not in self._columns:
            written, dictionary = self._written.get(name), self._dictionaries.get(name, UNDECLARED)
            try:
                column = read_column(self._frame[name], name, written, dictionary, self._row_at)
            except DataError:
                raise
            except Exception as error:  # what cells' own methods raise: they may be anything
                held = "numbers, text, and true and false can be in a model"
                raise DataError(f"column `{name}` holds something that cannot be read ({error}); {held}") from error
            self._columns[name] = column.as_codes() if self.coded else column.named(self.value_labels(name))
        return self._columns[name]

    @cached_property
    def _schema(self) -> pa.Schema | None:
        """That of an Arrow table; None for other frames."""
        schema = getattr(self._frame.to_native(), "schema", None)
        return schema if hasattr(schema, "pandas_metadata") else None

    @cached_property
    def _dictionaries(self) -> dict[str, Dictionary]:
        return {} if self._schema is None else dictionaries(self._schema)

    @cached_property
    def _written(self) -> dict[str, str]:
        return {} if self._schema is None else written_types(self._schema)


def _table(native: Native) -> nw.DataFrame[IntoDataFrame]:
    """The data frame as narwhals reads it."""
    if isinstance(native, Mapping):
        import pandas as pd

        try:
            whole: IntoDataFrame = pd.DataFrame(dict(native))
        except (ValueError, TypeError) as error:
            raise DataError(f"these columns make no table: {error}") from error
    else:
        whole = native
    try:
        return nw.from_native(whole, eager_only=True)
    except nw.exceptions.DuplicateError as error:
        raise DataError("the data have two columns of the same name") from error
    except TypeError as error:
        found = type(native).__name__
        raise DataError(f"the data must be a data frame or a path to a file, not {found}") from error


def _recode(values: Values, mapping: Sequence[tuple[Label, float]]) -> Floats:
    result = np.full(values.shape, np.nan)
    for value, number in mapping:
        result[values == value] = number
    return result


def _missing(values: Values) -> Mask:
    import pandas as pd

    return np.asarray(pd.isna(values), dtype=bool)


def _not(values: Values) -> Mask:
    return ~np.asarray(values, dtype=bool)


FUNCTIONS: Mapping[str, Any] = ChainMap(
    {
        "not": _not,
        "isna": lambda values: _missing(values),
        "notna": lambda values: ~_missing(values),
        "recode": _recode,
        "basis": bases.at,
        "float": lambda values: np.asarray(values, dtype=float),
    },
    NUMPY,  # type: ignore[arg-type]
)
"""What NumPy computes for each function that a column's expression may apply."""


def as_float(expr: Expr) -> Expr:
    """`expr`, a truth value, as 0 or 1."""
    return Apply("float", (expr,))
