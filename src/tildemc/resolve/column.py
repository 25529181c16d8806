"""Column: one column of any data frame as NumPy arrays: what it is, its values, what is missing.

Numbers are float64, and integers that float64 cannot hold are kept beside it; text and levels are codes. Which type
labels keep, and how they are spelled, is said in `tildemc.spec.columns`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, assert_never

import narwhals as nw
import numpy as np
from narwhals.typing import IntoSeries

from tildemc.arrays import Integers, Label, Mask, Values
from tildemc.errors import DataError
from tildemc.resolve.cells import as_python, content
from tildemc.resolve.dictionaries import UNDECLARED, Dictionary
from tildemc.spec.columns import EXACT, Stored, in_order, own_types

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Categorical", "Column", "Kind", "Logical", "Mask", "Numeric", "Seen", "place", "read_column"]


@dataclass(frozen=True, slots=True)
class Numeric:
    """Numbers."""


@dataclass(frozen=True, slots=True)
class Logical:
    """True and false."""


@dataclass(frozen=True, slots=True)
class Categorical:
    """Values of a finite set, in the order of `levels`; `declared` if the data said so, else the order is Python's."""

    levels: tuple[Label, ...]
    ordered: bool = False
    declared: bool = False
    unused: tuple[Label, ...] = ()


Kind = Numeric | Logical | Categorical
Type = type[Numeric] | type[Logical] | type[Categorical]


@dataclass(frozen=True, slots=True)
class Seen:
    """What some rows show of a column: its type, the levels they have, and those that the data declare, if they do."""

    type: Type
    levels: frozenset[Label] = frozenset()
    declared: tuple[Label, ...] | None = None
    ordered: bool = False

    @property
    def kind(self) -> Kind:
        """What the column is, if these are all rows."""
        if self.type is not Categorical:
            return Numeric() if self.type is Numeric else Logical()
        if self.declared is None:
            return Categorical(in_order(self.levels), declared=False)
        levels = tuple(value for value in self.declared if value in self.levels)
        unused = tuple(value for value in self.declared if value not in self.levels)
        return Categorical(levels, self.ordered, declared=True, unused=unused)


@dataclass(frozen=True, eq=False)
class Column:
    """A column.

    Attributes
    ----------
    name : str
    type : Type
    values : NDArray
        Numbers (n,) as float64, truth values (n,); of text and factors the different ones, None the last.
    missing : (n,) of bool
    dtype : str
        How the data have the values, as in `Stored`.
    plain : bool
        As in `Stored`.
    codes : (n,) of int, or None
        Of text and factors, where in `values` each row's is.
    declared : tuple or None
        The levels in their order, if the data say it.
    ordered : bool
    exact : (n,) of int, or None
        Integers of which float64 cannot hold all; 0 where one is missing.
    different : int or None
        Of numbers that float64 may have made one of, how many different ones there are.
    """

    name: str
    type: Type
    values: Values
    missing: Mask
    dtype: str
    plain: bool = True
    codes: Integers | None = None
    declared: tuple[Label, ...] | None = None
    ordered: bool = False
    exact: Values | None = None
    different: int | None = None
    blank: bool = False

    @cached_property
    def stored(self) -> Stored:
        """How the data hold it."""
        gaps = bool(self.missing.any())
        if self.codes is not None:
            levels = self.values[:-1].tolist()
            held = content(levels, self.name)
            numbers = [level for level in levels if held in ("number", "mixed") and not isinstance(level, str)]
            largest = _largest(np.array(numbers, dtype=float)) if numbers else None
            return Stored(held, self.dtype, self.plain, gaps, self.blank, largest)
        if self.type is Logical:
            return Stored("truth", self.dtype, self.plain, gaps)
        return Stored("number", self.dtype, self.plain, gaps, largest=_largest(self.values[~self.missing]))

    @cached_property
    def labels(self) -> Values:
        """What rows are told apart by, (n,), or of text and factors the different values.

        Raises
        ------
        DataError
            If float64, which holds the values, has made one of several.
        """
        if self.exact is not None:
            return self.exact
        if self.type is Numeric:
            present = self.values[~self.missing]
            merged = self.different is not None and len(np.unique(present)) < self.different
            if merged or (self.stored.wide and bool(np.isfinite(present).all())):
                raise DataError(
                    f"column `{self.name}` holds whole numbers or decimals of more than 15 digits as floats, which do "
                    "not tell them all apart: make integers or text of it before it names groups or levels"
                )
        return self.values

    def named(self, names: Mapping[Label, str]) -> Column:
        """A column of codes as a factor in their order, if all of them have names."""
        if not names or self.type is not Numeric or not set(self.values[~self.missing].tolist()) <= names.keys():
            return self
        order = own_types(sorted(names))
        codes = np.where(self.missing, len(order), place(self.values, order))
        return replace(self, type=Categorical, values=_with_none(order), codes=codes, declared=order)

    def as_codes(self) -> Column:
        """The column as Stata takes it: its levels have no order, and levels that are numbers are numbers."""
        if self.codes is None or not self.declared or self.stored.content != "number":
            return replace(self, ordered=False)
        numbers = np.append(self.values[:-1].astype(float), np.nan)[self.codes]
        return Column(self.name, Numeric, numbers, self.missing, self.dtype, self.plain)

    def present(self, rows: Integers) -> tuple[Label, ...]:
        """The labels that some rows have, each once, in order if they are no text."""
        if self.codes is not None:
            counts = np.bincount(self.codes[rows], minlength=len(self.values))
            return tuple(self.values[:-1][counts[:-1] > 0].tolist())
        import pandas as pd

        chosen = rows[~self.missing[rows]]
        return own_types(np.sort(pd.unique(self.labels[chosen])).tolist())

    def place(self, rows: Integers, order: Sequence[Label]) -> Integers:
        """The position of each row's label in `order`; -1 where it is not there, or missing."""
        if self.codes is not None:
            return place(self.values, order)[self.codes[rows]]
        return np.where(self.missing[rows], -1, place(self.labels[rows], order))


def place(values: Values, order: Sequence[Label]) -> Integers:
    """The position of each value in `order`; -1 where it is not there."""
    import pandas as pd

    text = any(isinstance(value, str) for value in order)
    fractions = values.dtype.kind in "iu" and not all(isinstance(value, int) for value in order)
    known = np.array(order, dtype=object if text or fractions else values.dtype)
    return np.asarray(pd.Index(known).get_indexer(values), dtype=np.int64)


def read_column(
    series: nw.Series[IntoSeries],
    name: str,
    written: str | None = None,
    dictionary: Dictionary = UNDECLARED,
    row: Callable[[int], str] = "row {}".format,
) -> Column:
    """A column of a frame.

    Parameters
    ----------
    series : narwhals Series
    name : str
    written : str, optional
        The type in which pandas wrote it, if an Arrow table says that.
    dictionary : Dictionary
        What it is, if it is one of an Arrow table's.
    row : callable
        What a row at a position is called.

    Raises
    ------
    DataError
        If its values are neither text nor numbers nor true and false.
    """
    dtype = series.dtype
    missing = np.asarray(series.is_null().to_numpy(), dtype=bool)
    if dtype.is_numeric():
        return _numbers(series, missing, name, written)
    if dtype == nw.Boolean:
        values = series.fill_null(False).to_numpy().astype(bool)
        return Column(name, Logical, values, missing, "bool", _is_plain(series, written, "bool"))
    if dtype == nw.String:
        levels, codes = _dictionary(series.to_arrow())
        return _levelled(name, levels, codes, "text", _is_plain(series, written, "str", "object"))
    if isinstance(dtype, nw.Enum | nw.Categorical):
        return _factor(series, name, dictionary)
    if dtype == nw.Object or missing.all():
        return _objects(series.to_list(), missing, name, row)
    raise DataError(f"column `{name}` holds {_spoken(dtype)}; make numbers or text of it before it goes into a model")


def _is_plain(series: nw.Series[IntoSeries], written: str | None, *names: str) -> bool:
    """Whether pandas has the column in one of these types; that is how it reads what others wrote."""
    if series.implementation.is_pandas():
        written = str(series.to_pandas().dtype)
    return written is None or written in names


def _spoken(dtype: nw.dtypes.DType) -> str:
    return "dates or times" if dtype.is_temporal() else f"values of type {str(dtype).lower()}"


def _numbers(series: nw.Series[IntoSeries], missing: Mask, name: str, written: str | None) -> Column:
    dtype = series.dtype
    whole = series.fill_null(0).to_numpy() if dtype.is_integer() else None
    if whole is not None and whole.dtype.kind in "iu":
        values = np.where(missing, np.nan, whole) if missing.any() else whole.astype(float)
    else:
        values = series.cast(nw.Float64()).to_numpy().astype(float)
    missing = missing | np.isnan(values)
    spelled = str(dtype).lower().partition("(")[0]
    exact = whole if whole is not None and (np.abs(values[~missing]) >= EXACT).any() else None
    different = None if dtype.is_integer() or dtype.is_float() else len(set(series.drop_nulls().to_list()))
    plain = spelled in ("int64", "float64") and _is_plain(series, written, spelled)
    return Column(name, Numeric, values, missing, spelled, plain, exact=exact, different=different)


def _largest(present: Values) -> float | None:
    """The largest absolute value, if all are whole."""
    numbers = np.asarray(present, np.float64)
    with np.errstate(invalid="ignore"):
        whole = bool(np.isfinite(numbers).all()) and bool((numbers == np.floor(numbers)).all())
    return float(np.abs(numbers).max(initial=0.0)) if whole else None


def _dictionary(array: pa.Array | pa.ChunkedArray) -> tuple[list[Label], Integers]:
    """The different values of an Arrow array, and each row's position in them, -1 for none."""
    if hasattr(array, "unify_dictionaries"):
        array = array.unify_dictionaries().combine_chunks()
    if not hasattr(array, "dictionary"):
        array = array.dictionary_encode()
    codes = array.indices.cast("int64").fill_null(-1).to_numpy(zero_copy_only=False)
    return array.dictionary.to_pylist(), codes


def _factor(series: nw.Series[IntoSeries], name: str, dictionary: Dictionary) -> Column:
    """A column of levels, of which pandas and a polars Enum declare the order."""
    pandas_levels: Any = getattr(series.to_native(), "cat", None)
    if hasattr(pandas_levels, "categories"):
        levels, ordered = pandas_levels.categories.tolist(), bool(pandas_levels.ordered)
        codes, declared = pandas_levels.codes.to_numpy().astype(np.int64), True
    elif series.implementation.is_polars():
        (levels, codes), ordered = _dictionary(series.to_arrow()), False
        declared = isinstance(series.dtype, nw.Enum)
        if isinstance(series.dtype, nw.Enum):
            levels, codes = _reordered(levels, codes, series.dtype.categories)
    else:
        levels, codes = _dictionary(series.to_arrow())
        declared, ordered = dictionary.declared, dictionary.ordered
    return _levelled(name, levels, codes, "levels", False, declared, ordered)


def _reordered(levels: list[Label], codes: Integers, order: Sequence[Label]) -> tuple[list[Label], Integers]:
    position = {value: at for at, value in enumerate(order)}
    moved = np.array([*(position[value] for value in levels), -1], dtype=np.int64)
    return list(order), moved[codes]


def _levelled(
    name: str,
    levels: Sequence[Label],
    codes: Integers,
    dtype: str,
    plain: bool,
    declared: bool = False,
    ordered: bool = False,
) -> Column:
    """A column of text or levels, of which `codes` says each row's, -1 for none; empty text is missing."""
    kept = [at for at, value in enumerate(levels) if value is not None and value != ""]
    blank = any(value == "" and bool((codes == at).any()) for at, value in enumerate(levels))
    known = own_types(as_python(levels[at], name) for at in kept)
    if len(set(known)) < len(known):
        raise DataError(f"column `{name}` has levels that are the same number")
    content(known, name)
    moved = np.full(len(levels) + 1, len(kept), dtype=np.int64)
    moved[kept] = np.arange(len(kept))
    codes = moved[codes]
    order = known if declared else None
    missing = codes == len(kept)
    return Column(name, Categorical, _with_none(known), missing, dtype, plain, codes, order, ordered, blank=blank)


def _with_none(levels: Sequence[Label]) -> Values:
    values = np.empty(len(levels) + 1, dtype=object)
    values[:-1] = levels
    return values


def _objects(cells: Sequence[Label], missing: Mask, name: str, row: Callable[[int], str]) -> Column:
    values = np.empty(len(cells), dtype=object)
    for at, cell in enumerate(cells):  # NumPy would make a table of tuples
        values[at] = cell
    missing = missing | np.array([isinstance(cell, float | Decimal) and cell != cell for cell in cells], dtype=bool)
    present, places = values[~missing], np.flatnonzero(~missing)
    match content(present, name, lambda at: row(int(places[at]))):
        case "truth":
            return Column(name, Logical, np.where(missing, False, values).astype(bool), missing, "bool")
        case "number":
            return _number_objects(values, missing, name)
        case "text" | "mixed":
            pass
        case never:
            assert_never(never)
    import pandas as pd

    codes, levels = pd.factorize(pd.Series(values, dtype=object).mask(missing))
    return _levelled(name, list(levels), np.asarray(codes, dtype=np.int64), "text" if len(present) else "null", True)


def _number_objects(values: Values, missing: Mask, name: str) -> Column:
    present = values[~missing]
    found = [np.nan if gone else as_python(value, name) for value, gone in zip(values, missing, strict=True)]
    numbers = np.array(found, dtype=float)
    exact = None
    if all(isinstance(value, int | np.integer) for value in present):
        whole = np.array([0 if gone else int(value) for value, gone in zip(values, missing, strict=True)])
        exact = whole if whole.dtype.kind in "iu" and (np.abs(numbers[~missing]) >= EXACT).any() else None
    decimal = any(isinstance(value, Decimal) for value in present)
    dtype = "decimal" if decimal else "object"
    return Column(name, Numeric, numbers, missing, dtype, False, exact=exact, different=len(set(present.tolist())))
