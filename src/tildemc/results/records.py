"""Records -> plain values and arrays that a file can hold, and back: frozen classes of this package, nothing else.

No class is named by a file but by one that a model's records are known to consist of, so that a file can only make
data. What stands in a table, such as a family, is told by its name there.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from importlib.metadata import version
from types import EllipsisType, get_original_bases
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import numpy as np

from tildemc import arrays
from tildemc.arrays import Values
from tildemc.limits import Limits
from tildemc.resolve.own import Made
from tildemc.spec.correlation import CORRELATIONS_OF_ROWS, Correlation
from tildemc.spec.covariance import NAMED, Covariance
from tildemc.spec.customs import Customs
from tildemc.spec.densities import DISTRIBUTIONS, Distribution
from tildemc.spec.design import Completed, Design
from tildemc.spec.families import KEYED, RECIPES, Family
from tildemc.spec.links import LINKS, Link
from tildemc.spec.model import ModelSpec
from tildemc.spec.origin import FORMATS, Format, Origin
from tildemc.spec.report import Report
from tildemc.spec.summary import Summary
from tildemc.spec.unobserved import Unobserved

if TYPE_CHECKING:
    from pandas import Index

__all__ = ["Packed", "layout", "pack", "unpack"]

ROOTS = (ModelSpec, Design, Completed, Unobserved, Summary, Report, Origin, Customs, Limits, *RECIPES, Made)
"""What a model consists of; the classes of their fields, and of these's, are the ones that a file may name."""

TABLES: dict[type, Mapping[str, object]] = {
    Family: KEYED,
    Link: LINKS,
    Distribution: DISTRIBUTIONS,
    Covariance: NAMED,
    Correlation: CORRELATIONS_OF_ROWS,
    Format: {record.name: record for record in FORMATS},
}
"""Records that a file has by name."""

_LONG = 40
"""Texts of more characters are kept once: the places of all nodes share the text that they are in."""

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, slots=True)
class Packed:
    """Values that JSON has, with each record once, before those that hold it; and the arrays that they number."""

    content: Plain
    arrays: Sequence[Values]


@cache
def _classes() -> dict[str, type]:
    """The classes that a file may name."""
    import pandas as pd

    # Some modules import these names for the checks of types alone.
    checked = {**vars(arrays), "pd": pd}
    found: dict[str, type] = {}
    todo: list[object] = [*ROOTS]
    while todo:
        kind = todo.pop()
        if not is_dataclass(kind):
            todo += get_args(kind)
        elif isinstance(kind, type) and kind not in TABLES and kind not in found.values():
            # A file has a class by this name alone: two of one name could not be told apart.
            assert kind.__name__ not in found, kind
            found[kind.__name__] = kind
            hints = get_type_hints(kind, localns=checked)
            todo += [hints[name] for name in _names(kind)]
            # A term's bases say which classes its numbers and their summary are of.
            todo += get_original_bases(kind)
    return found


@cache
def _names(kind: Hashable) -> tuple[str, ...]:
    """The fields of a class."""
    assert isinstance(kind, type) and is_dataclass(kind)
    return tuple(f.name for f in fields(kind) if f.init)


@cache
def layout() -> str:
    """A digest of the classes and their fields: what one layout has written, no other can read."""
    told = sorted(f"{name}({', '.join(_names(kind))})" for name, kind in _classes().items())
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


@cache
def release() -> str:
    """The version of tildemc that writes and reads here."""
    return version("tildemc")


# Packing


def pack(value: object) -> Packed:
    """A value as plain ones: records, tuples, sets, mappings, numbers, texts, arrays and indexes of data frames."""
    packing = _Packing()
    for record in _in_order(value):
        packing.add(record)
    plain = packing(value)
    return Packed({"records": packing.records, "texts": [*packing.texts], "value": plain}, packing.arrays)


def _in_order(root: object) -> Iterator[object]:
    """Every record inside, once, after those that it holds itself."""
    seen: set[int] = set()
    todo: list[tuple[object, bool]] = [(record, False) for record in reversed([*_inside(root)])]
    while todo:
        record, entered = todo.pop()
        if entered:
            yield record
        elif id(record) not in seen:
            seen.add(id(record))
            kind: Any = type(record)
            parts = [part for name in _names(kind) for part in _inside(getattr(record, name))]
            todo += [(record, True), *((part, False) for part in reversed(parts) if id(part) not in seen)]


def _inside(value: object) -> Iterator[object]:
    """The records that a value is, or that its tuples, sets and mappings hold."""
    if isinstance(value, Family) and value.recipe is not None:
        yield value.recipe
    elif is_dataclass(value) and type(value) not in TABLES:
        yield value
    elif isinstance(value, tuple | list | frozenset):
        for item in value:
            yield from _inside(item)
    elif isinstance(value, Mapping):
        for pair in value.items():
            yield from _inside(pair)


@dataclass(slots=True)
class _Packing:
    """What has been packed so far."""

    records: list[Plain] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)
    arrays: list[Values] = field(default_factory=list)

    def add(self, record: object) -> None:
        """Number a record, and keep it: what it holds was added before."""
        kind: Any = type(record)
        assert _classes()[kind.__name__] is kind, kind
        self.numbers[id(record)] = len(self.records)
        self.records.append([kind.__name__, {name: self(getattr(record, name)) for name in _names(kind)}])

    def __call__(self, value: object) -> Plain:
        if isinstance(value, np.generic):
            value = value.item()
        match value:
            case None | bool() | int():
                return value
            case float():
                return value if math.isfinite(value) else {"float": str(value)}
            case str():
                return value if len(value) <= _LONG else {"text": self.texts.setdefault(value, len(self.texts))}
            case tuple() | list():
                return [self(item) for item in value]
            case frozenset():
                # A set has another order in each process, a file has one.
                return {"set": [self(item) for item in sorted(value, key=repr)]}
            case Mapping():
                return {"map": [[self(key), self(item)] for key, item in value.items()]}
            case slice():
                return {"slice": [self(value.start), self(value.stop), self(value.step)]}
            case EllipsisType():
                return {"slice": None}
            case np.ndarray():
                return self._array(value)
            case Family():
                return self._family(value)
            case _ if type(value) in TABLES:
                known: Any = value
                assert TABLES[type(known)][known.name] == known, known
                return {"named": [type(known).__name__, known.name]}
            case _ if is_dataclass(value):
                return {"record": self.numbers[id(value)]}
            case _:
                return self._index(value)

    def _family(self, family: Family) -> Plain:
        """A family by its key or its recipe, with the parameters that a formula gives as numbers."""
        recipe, plain = family.recipe, dict[str, Plain]()
        if recipe is None:
            base, plain["named"] = KEYED[family.key], [Family.__name__, family.key]
        else:
            base, plain["made"] = recipe.family(), self(recipe)
        assert base.fixing(family.fixes) == family, family
        return plain if base == family else {"fixed": [plain, self(family.fixes)]}

    def _array(self, values: Values) -> Plain:
        if values.dtype.kind not in "biufmM":
            return {"objects": [self(v if isinstance(v, str | int | float) else str(v)) for v in values.tolist()]}
        # To netCDF a time is a number with a unit.
        plain = values.view(np.int64) if values.dtype.kind in "mM" else values
        self.arrays.append(plain)
        # By columns or by rows: whoever computes with them next is as quick as before.
        order = "F" if values.ndim > 1 and values.flags.f_contiguous else "C"
        return {"array": [len(self.arrays) - 1, values.dtype.str, order]}

    def _index(self, index: Index) -> Plain:
        levels = [index.get_level_values(level).to_numpy() for level in range(index.nlevels)]
        return {"index": [self(levels), self(list(index.names))]}


# Unpacking


def unpack(packed: Packed) -> Any:
    """What was packed; lists come back as tuples.

    Raises
    ------
    KeyError, IndexError, TypeError, ValueError
        If the content is none that `pack` makes.
    """
    content: Any = packed.content
    unpacking = _Unpacking(packed.arrays, content["texts"])
    for name, parts in content["records"]:
        kind = _classes()[name]
        unpacking.records.append(kind(**{key: unpacking(part) for key, part in parts.items()}))
    return unpacking(content["value"])


@dataclass(slots=True)
class _Unpacking:
    """What has been unpacked so far."""

    arrays: Sequence[Values]
    texts: Sequence[str]
    records: list[Any] = field(default_factory=list)

    def __call__(self, value: Any) -> Any:
        if isinstance(value, list):
            return tuple(self(item) for item in value)
        if not isinstance(value, dict):
            return value
        ((what, content),) = value.items()
        match what:
            case "float":
                return float(content)
            case "text":
                return self.texts[content]
            case "set":
                return frozenset(self(item) for item in content)
            case "map":
                return {self(key): self(item) for key, item in content}
            case "slice":
                return ... if content is None else slice(*self(content))
            case "objects":
                return np.array([*map(self, content)], dtype=object)
            case "array":
                number, dtype, order = content
                values = np.asarray(self.arrays[number])
                kind = np.dtype(dtype)
                return np.asarray(
                    values.view(kind) if kind.kind in "mM" else values.astype(kind, copy=False), order=order
                )
            case "named":
                kind, name = content
                return next(table for owner, table in TABLES.items() if owner.__name__ == kind)[name]
            case "made":
                return self(content).family()
            case "fixed":
                family, values = self(content)
                return family.fixing(values)
            case "record":
                return self.records[content]
            case "index":
                return _index(*map(self, content))
            case _:
                raise ValueError(what)


def _index(levels: tuple[Values, ...], names: tuple[object, ...]) -> Index:
    import pandas as pd

    if len(levels) == 1:
        return pd.Index(levels[0], name=names[0])
    return pd.MultiIndex.from_arrays([*levels], names=[*names])
