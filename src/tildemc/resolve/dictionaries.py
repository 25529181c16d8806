"""Arrow's dictionaries: which of them are levels that somebody declared, and in an order.

A dictionary is how Arrow packs text that repeats: it has its texts in the order in which they came. It is the levels of
a factor, in their order, if it is an ordered one, or if pandas, R or polars says in the schema that it made it of a
categorical, a factor or an Enum. All other levels are sorted, whatever frame or file they come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["UNDECLARED", "Dictionary", "as_declared", "dictionaries", "written_types"]


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Whether the order of its values was declared, and whether that is an order of the levels themselves."""

    declared: bool = False
    ordered: bool = False


UNDECLARED = Dictionary()


def dictionaries(schema: pa.Schema) -> dict[str, Dictionary]:
    """What each dictionary of an Arrow schema is, by its column."""
    written = written_types(schema)
    by_r = b"r" in (schema.metadata or {})
    found = {}
    for field in schema:
        if not hasattr(field.type, "ordered"):
            continue
        ordered = bool(field.type.ordered)
        if any(key.startswith(b"_PL_ENUM") for key in field.metadata or {}):
            found[field.name] = Dictionary(declared=True)
        else:
            found[field.name] = Dictionary(ordered or by_r or written.get(field.name) == "category", ordered)
    return found


def written_types(schema: pa.Schema) -> dict[str, str]:
    """The types in which pandas wrote the columns of an Arrow schema, in its names."""
    known = (schema.pandas_metadata or {}).get("columns", ())
    return {
        str(column["name"]): "category" if column["pandas_type"] == "categorical" else column["numpy_type"]
        for column in known
    }


def as_declared(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """What pandas made of a parquet or feather file, for which each dictionary is a declared order."""
    if not any(str(dtype) == "category" for dtype in frame.dtypes):
        return frame
    from pyarrow.dataset import dataset

    kind = "parquet" if path.suffix.lower() in (".parquet", ".pq") else "feather"
    known = dictionaries(dataset(str(path), format=kind).schema)
    for name, found in known.items():
        if name not in frame.columns or str(frame[name].dtype) != "category":
            continue
        levels = frame[name].cat
        if not found.declared:
            frame[name] = levels.reorder_categories(sorted(levels.categories))
        elif levels.ordered and not found.ordered:
            frame[name] = levels.as_unordered()
    return frame
