"""A job's model -> its PyMC program, with the lines that read the job's own rows."""

from __future__ import annotations

import ast
import glob
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tildemc.batch.plan import Job
from tildemc.batch.sources import By, Source

if TYPE_CHECKING:
    from tildemc.api import Model

__all__ = ["program"]

_READERS = {
    ".csv": "read_csv",
    ".parquet": "read_parquet",
    ".pq": "read_parquet",
    ".feather": "read_feather",
    ".arrow": "read_feather",
    ".dta": "read_stata",
}


def program(model: Model, job: Job) -> str:
    """The program; it reads the data by the path that the formula file gives, from that file's folder."""
    source = job.source
    suffix = PurePosixPath(source.text).suffix.lower()
    plain = not source.is_sql and suffix in (".csv", ".parquet", ".pq") and not glob.has_magic(source.text)
    text = model.source(source.text if plain else "data.csv")
    lines = text.split("\n")
    reading = next(node for node in ast.parse(text).body if _reads(node))
    end = reading.end_lineno or reading.lineno
    kept = lines[reading.lineno - 1 : end] if plain else _reading(source)
    first = next(i for i, line in enumerate(lines) if line.startswith("import "))
    imports = [] if plain else _imports(source)
    head = [*lines[:first], *imports, *lines[first : reading.lineno - 1]]
    return "\n".join([*head, *kept, *_selection(job.by), *lines[end:]])


def _reads(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "data"
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func).startswith("pd.read_")
    )


def _imports(source: Source) -> list[str]:
    if source.is_sql:
        return ["import duckdb"]
    return ["import glob", ""] if glob.has_magic(source.text) else []


def _reading(source: Source) -> list[str]:
    if source.is_sql:
        return [f"data = duckdb.sql({source.text!r}).df()"]
    reader = _READERS[PurePosixPath(source.text).suffix.lower()]
    if glob.has_magic(source.text):
        each = f"pd.{reader}(path) for path in sorted(glob.glob({source.text!r}, recursive=True))"
        return [f"data = pd.concat([{each}], ignore_index=True)"]
    return [f"data = pd.{reader}({source.text!r})"]


def _selection(by: By) -> list[str]:
    return [f"data = data[data[{name!r}] == {value!r}]" for name, value in by]
