"""Columns of every type that data frames have, in each library, written to files; and programs run without PyMC."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from tildemc.spec.columns import are_mixed
from tildemc.spec.expr import Const
from tildemc.targets.pymc.program import Array, CholeskyCovariance, Data, Program, Random

__all__ = [
    "FACTORS",
    "LIBRARIES",
    "LOGICALS",
    "NO_LABELS",
    "NUMBERS",
    "ColumnType",
    "assert_same",
    "frame_of",
    "recorded",
    "stated",
    "write",
]


@dataclass(frozen=True)
class ColumnType:
    """Values of a type, and the library's own column of such values; None where it has no such type."""

    values: tuple[Any, ...]
    pandas: Callable[[list[Any]], Any] | None = None
    polars: Any = None
    arrow: Any = None

    @property
    def dense(self) -> bool:
        """Whether pandas has no missing value of that type."""
        return self.pandas is not None and getattr(self.pandas([*self.values]), "dtype", None) in _DENSE


_DENSE = [np.dtype(name) for name in ("bool", "int8", "int16", "int32", "int64", "uint8", "uint64")]


def _series(dtype: Any) -> Callable[[list[Any]], Any]:
    return lambda values: pd.Series(values, dtype=dtype)


def _levels(*levels: Any, ordered: bool = False) -> Callable[[list[Any]], Any]:
    return lambda values: pd.Categorical(values, categories=list(levels), ordered=ordered)


def _dictionary(*levels: str) -> Callable[[list[Any]], Any]:
    """An ordered dictionary of Arrow's."""
    code = {level: at for at, level in enumerate(levels)}
    return lambda values: pa.DictionaryArray.from_arrays(
        pa.array([code.get(value) for value in values]), pa.array(levels), ordered=True
    )


CAB, DIGITS, BOTH = ("b", "a", "c"), ("10", "9", "1"), (True, False)
IDS = (2**60 + 3, 2**60 + 1, 2**60 + 2)
DAYS = tuple(datetime.date(2020, 1, day) for day in (3, 1, 2))
TIMES = tuple(datetime.datetime(2020, 1, day) for day in (3, 1, 2))

FACTORS = {
    "text": ColumnType(CAB, _series("str"), pl.String, pa.string()),
    "text as objects": ColumnType(CAB, _series(object), None, pa.large_string()),
    "text of pandas's string": ColumnType(CAB, _series("string"), None),
    "text of Arrow": ColumnType(CAB, _series(pd.ArrowDtype(pa.string()))),
    "text of digits": ColumnType(DIGITS, _series("str"), pl.String, pa.string()),
    "text of truths": ColumnType(("true", "False"), _series("str"), pl.String, pa.string()),
    "text that reads as missing": ColumnType(("NA", "#NA", "null"), _series("str"), pl.String, pa.string()),
    "text that is empty": ColumnType(("", "a", "b", "c"), _series("str"), pl.String, pa.string()),
    "text with colons": ColumnType(("a:1", "a", 'a:"1"'), _series("str"), pl.String, pa.string()),
    "levels": ColumnType(CAB, _levels("c", "a", "b"), pl.Enum(["c", "a", "b"]), _levels("c", "a", "b")),
    "levels of no order": ColumnType(CAB, None, pl.Categorical(), pa.dictionary(pa.int32(), pa.string())),
    "levels in order": ColumnType(CAB, _levels("c", "b", "a", ordered=True), None, _dictionary("c", "b", "a")),
    "levels of digits": ColumnType(DIGITS, _levels("9", "10", "1"), pl.Enum(["9", "10", "1"])),
    "levels with an empty one": ColumnType(("", "b", "a"), _levels("b", "", "a"), pl.Enum(["b", "", "a"])),
    "levels of whole numbers": ColumnType((3, 1, 2), _levels(3, 1, 2)),
    "levels of ids": ColumnType(IDS, _levels(*IDS)),
    "levels of floats": ColumnType((0.5, 2.0, 1.25), _levels(2.0, 0.5, 1.25)),
    "levels of truths": ColumnType(BOTH, _levels(True, False)),
    "numbers and text": ColumnType((101, "A7", 9), _series(object)),
    "floats and text": ColumnType((101.0, "A7", 0.5), _series(object)),
    "levels of numbers and text": ColumnType(("b", 12, 3), _levels(12, "b", 3)),
    "an infinite float": ColumnType((np.inf, 0.5, 2.0), _series(float), pl.Float64, pa.float64()),
}  # fmt: skip

LOGICALS = {
    "truths": ColumnType(BOTH, _series(bool), pl.Boolean, pa.bool_()),
    "truths with gaps": ColumnType((*BOTH, None), _series("boolean"), pl.Boolean, pa.bool_()),
    "truths as objects": ColumnType((*BOTH, None), _series(object)),
    "truths of Arrow": ColumnType(BOTH, _series("bool[pyarrow]")),
    "truths of Arrow with gaps": ColumnType((*BOTH, None), _series("bool[pyarrow]")),
}  # fmt: skip

NUMBERS = {
    "int8": ColumnType((100, 3, 27), _series("int8"), pl.Int8, pa.int8()),
    "int16": ColumnType((300, 3, 27000), _series("int16"), pl.Int16, pa.int16()),
    "int32": ColumnType((100_000, 90_000, 7), _series("int32"), pl.Int32, pa.int32()),
    "int64": ColumnType((3_000_000, 5, 1), _series("int64"), pl.Int64, pa.int64()),
    "int64 of Arrow": ColumnType((3_000_000, 5, 1), _series("int64[pyarrow]")),
    "uint8": ColumnType((200, 3, 250), _series("uint8"), pl.UInt8, pa.uint8()),
    "uint64": ColumnType((2**63 + 5, 2**63 + 4, 7), _series("uint64"), pl.UInt64, pa.uint64()),
    "uint64 with gaps": ColumnType((2**63 + 5, 2**63 + 4, None), _series("UInt64"), pl.UInt64, pa.uint64()),
    "ids": ColumnType(IDS, _series("int64"), pl.Int64, pa.int64()),
    "ids with gaps": ColumnType((*IDS, None), _series("Int64"), pl.Int64, pa.int64()),
    "Int64": ColumnType((300, 7, 12), _series("Int64")),
    "Int64 with gaps": ColumnType((300, 7, 12, None), _series("Int64"), pl.Int64, pa.int64()),
    "whole floats": ColumnType((2.0, 10.0, 3.0), _series(float), pl.Float64, pa.float64()),
    "whole floats with gaps": ColumnType((2.0, 10.0, 3.0, None), _series(float), pl.Float64, pa.float64()),
    "floats": ColumnType((0.5, 2.0, 1e-5), _series(float), pl.Float64, pa.float64()),
    "floats of one text": ColumnType((0.3, 0.1 + 0.2, 1.0), _series(float), pl.Float64, pa.float64()),
    "floats of pandas": ColumnType((0.5, 2.0, None), _series("Float64")),
    "float32": ColumnType((0.1, 2.5, 3.0), _series("float32"), pl.Float32, pa.float32()),
    "decimals": ColumnType(
        tuple(map(Decimal, ("1.50", "2.00", "0.10"))), _series(object), pl.Decimal(10, 2), pa.decimal128(10, 2)
    ),
}  # fmt: skip

NO_LABELS = {
    "ids as floats": ColumnType(tuple(map(float, IDS)), _series(float), pl.Float64, pa.float64()),
    "decimals that floats merge": ColumnType(
        tuple(map(Decimal, ("1.00000000000000000001", "1.00000000000000000002", "2"))),
        _series(object), pl.Decimal(38, 20), pa.decimal128(38, 20),
    ),
    "dates": ColumnType(DAYS, _series(object), pl.Date, pa.date32()),
    "times": ColumnType(TIMES, _series("datetime64[ns]"), pl.Datetime(), pa.timestamp("us")),
    "levels of dates": ColumnType(DAYS, _levels(*DAYS)),
    "intervals": ColumnType((1, 2, 3), lambda values: pd.cut(pd.Series(values), [0, 1, 2, 3])),
    "truths and text": ColumnType((True, "b", "a"), _series(object)),
    "levels of truths and text": ColumnType((True, "b", "a"), _levels(True, "b", "a")),
}  # fmt: skip
"""What nothing can be grouped by."""

LIBRARIES = ("pandas", "polars", "arrow")


def frame_of(library: str, column: ColumnType, values: Sequence[Any], others: dict[str, list[Any]]) -> Any:
    """A frame with the column `v` of these values, and others; None if the library has no such column."""
    kind, cells = getattr(column, library), list(values)
    if kind is None or (library == "pandas" and column.dense and None in cells):
        return None
    match library:
        case "pandas":
            return pd.DataFrame({**others, "v": kind(cells)})
        case "polars":
            return pl.DataFrame(others).with_columns(pl.Series("v", cells, dtype=kind))
    made = kind(cells) if callable(kind) else pa.array(cells, kind)
    if isinstance(made, pd.Categorical):
        return pa.Table.from_pandas(pd.DataFrame({**others, "v": made}))
    return pa.table({**others, "v": made})


def write(frame: Any, path: Path) -> None:
    """A file of the frame, by its own library; numbers and text are text in parquet, which has no such type."""
    match frame:
        case pd.DataFrame() if path.suffix == ".parquet" and are_mixed(frame["v"].dropna().unique().tolist()):
            frame.astype({"v": str}).where(frame.notna()).to_parquet(path)
        case pd.DataFrame():
            frame.to_csv(path, index=False) if path.suffix == ".csv" else frame.to_parquet(path)
        case pl.DataFrame():
            frame.write_csv(path) if path.suffix == ".csv" else frame.write_parquet(path)
        case _ if path.suffix == ".csv":
            at = frame.schema.get_field_index("v")
            if pa.types.is_dictionary(frame.schema.field(at).type):
                frame = frame.set_column(at, "v", frame["v"].cast(pa.string()))
            pyarrow.csv.write_csv(frame, path)
        case _:
            pyarrow.parquet.write_table(frame, path)


class _Anything:
    """What a program may compute with and call."""

    def __getattr__(self, name: str) -> _Anything:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> _Anything:
        return self

    def __iter__(self) -> Any:
        return iter((self, self, self))

    def __enter__(self) -> _Anything:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __getitem__(self, _: Any) -> _Anything:
        return self

    __array_ufunc__ = None
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __call__
    __pow__ = __rpow__ = __matmul__ = __rmatmul__ = __neg__ = __call__


class _Recorder(_Anything):
    """In PyMC's place: keeps what its functions are given."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name in ("Deterministic", "Potential", "math", "logp", "sample"):
            return _Anything()
        if name.startswith("__"):
            raise AttributeError(name)
        return _Distribution(self, name)

    def record(self, function: str, args: tuple[Any, ...], given: dict[str, Any]) -> _Anything:
        """What one call is given."""
        if function == "Model":
            self.found["coords"] = {dim: [_own(label) for label in labels] for dim, labels in given["coords"].items()}
        elif function == "Data":
            self.found[args[0]] = np.asarray(args[1])
        elif args:
            self.found[args[0]] = (function, {k: np.asarray(v) for k, v in given.items() if _is_number(v)})
            if "observed" in given:
                self.found[f"observed {args[0]}"] = np.asarray(given["observed"])
        return _Anything()


class _Distribution:
    """A function of PyMC's; its `dist` makes a distribution without a name."""

    def __init__(self, recorder: _Recorder, name: str) -> None:
        self.recorder, self.name, self.dist = recorder, name, _Anything()

    def __call__(self, *args: Any, **given: Any) -> _Anything:
        return self.recorder.record(self.name, args, given)


def _is_number(value: Any) -> bool:
    return isinstance(value, float | list)


def _own(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label


def recorded(source: str, folder: Path) -> dict[str, Any]:
    """What a program, run in a folder, gives PyMC: coords, data, what is observed, priors' numbers."""
    recorder = _Recorder()
    before, real = os.getcwd(), sys.modules.get("pymc")
    os.chdir(folder)
    sys.modules["pymc"] = recorder  # type: ignore[assignment]
    try:
        exec(compile(source, "generated.py", "exec"), {"__name__": "generated"})
    finally:
        os.chdir(before)
        if real is None:
            del sys.modules["pymc"]
        else:
            sys.modules["pymc"] = real
    return recorder.found


def stated(program: Program) -> dict[str, Any]:
    """The same of the program that is built."""
    found: dict[str, Any] = {"coords": {dim: [_own(v) for v in labels] for dim, (labels, _) in program.coords.items()}}
    for statement in (s for section in program.sections for s in section.statements):
        match statement:
            case Data(name, values):
                found[name] = values
            case CholeskyCovariance(chol, eta=eta):
                found[chol] = ("LKJCholeskyCov", {"eta": eta})
            case Random(ends=None):
                found[statement.name] = (statement.distribution, dict(_numbers(statement)))
                if statement.observed is not None:
                    found[f"observed {statement.name}"] = statement.observed
    return found


def _numbers(statement: Random) -> Iterator[tuple[str, Any]]:
    for name, argument in statement.arguments.items():
        match argument:
            case Array(values):
                yield name, values
            case Const(float(value)):
                yield name, value


def assert_same(model: dict[str, Any], program: dict[str, Any]) -> None:
    """What a program gives PyMC is what the model has: names, labels and their types, values."""
    assert program["coords"] == model["coords"]
    for dim, labels in model["coords"].items():
        assert list(map(type, program["coords"][dim])) == list(map(type, labels)), dim
    assert set(program) == set(model)
    for name in set(model) - {"coords"}:
        expected, found = model[name], program[name]
        if isinstance(expected, tuple):
            assert found[0] == expected[0], name
            for argument, numbers in expected[1].items():
                assert found[1][argument].dtype == float, (name, argument)
                np.testing.assert_array_equal(found[1][argument], numbers)
        else:
            assert found.dtype.kind in "fiub", (name, found.dtype)
            np.testing.assert_allclose(found.astype(float), expected.astype(float), rtol=1e-12, atol=1e-12)
