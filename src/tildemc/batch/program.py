"""A job's model -> its PyMC program, with the lines that read the job's own rows."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tildemc.batch.plan import Job
from tildemc.batch.sources import By, Source

if TYPE_CHECKING:
    from tildemc.api import Model

__all__ = ["program"]

_READERS = {".feather": "read_feather", ".arrow": "read_feather", ".dta": "read_stata"}


def program(model: Model, job: Job) -> str:
    """The program; it reads the data by the path that the formula file gives, from that file's folder."""
    source = job.source
    one = not source.is_sql and PurePosixPath(source.text).suffix.lower() in (".csv", ".parquet", ".pq")
    text = model.source(source.text if one and "*" not in source.text else "data.csv")
    lines = text.split("\n")
    reading = next(node for node in ast.parse(text).body if _reads(node))
    end = reading.end_lineno or reading.lineno
    kept = lines[reading.lineno - 1 : end] if one and "*" not in source.text else _reading(source)
    return "\n".join([*lines[: reading.lineno - 1], *kept, *_selection(job.by), *lines[end:]])


def _reads(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "data"
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func).startswith("pd.read_")
    )


def _reading(source: Source) -> list[str]:
    if source.is_sql:
        return ["import duckdb", "", f"data = duckdb.sql({source.text!r}).df()"]
    reader = _READERS.get(PurePosixPath(source.text).suffix.lower(), "read_csv")
    reader = "read_parquet" if source.text.lower().endswith((".parquet", ".pq")) else reader
    if any(c in source.text for c in "*?["):
        each = f"pd.{reader}(path) for path in sorted(glob.glob({source.text!r}, recursive=True))"
        return ["import glob", "", f"data = pd.concat([{each}], ignore_index=True)"]
    return [f"data = pd.{reader}({source.text!r})"]


def _selection(by: By) -> list[str]:
    return [f"data = data[data[{name!r}] == {value!r}]" for name, value in by]
