"""One SELECT over some tables -> its rows, within limits of time and memory; nothing else is within its reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from tildemc.errors import DataError
from tildemc.limits import allowed

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

__all__ = ["select"]

_AGAIN = 0.1
"""Seconds between interruptions: one that comes before DuckDB begins is lost."""
_SMALL = 1 << 20
"""Bytes of a chunk of a result, below which the next may be larger."""
_CLOSED = ("enable_external_access", "autoinstall_known_extensions", "autoload_known_extensions")


def select(text: str, tables: Callable[[], Mapping[str, pd.DataFrame]]) -> pd.DataFrame:
    """The rows of a query.

    Parameters
    ----------
    text : str
        One SELECT.
    tables : callable
        Reads the tables that it may name; they are read if it is one.

    Raises
    ------
    DataError
        If it is something else, fails, or takes more time or memory than `allowed()`.
    """
    try:
        import duckdb
    except ImportError:
        raise DataError("SQL needs duckdb: pip install 'tildemc[sql]'") from None
    config: dict[str, str | bool | int | float | list[str]] = {
        **dict.fromkeys((*_CLOSED, "python_enable_replacements"), "false"),
        "threads": "1",
    }
    config |= {"memory_limit": f"{allowed().sql_gigabytes}GB", "max_temp_directory_size": "0KiB"}
    connection = duckdb.connect(":memory:", config=config)
    try:
        connection.execute("set lock_configuration = true")
        statements = connection.extract_statements(text)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise DataError("SQL for data is one SELECT, nothing else")
        for name, rows in tables().items():
            connection.register(name, rows)
        with _broken_off(connection.interrupt, allowed().sql_seconds):
            return _fetched(connection.execute(statements[0]))
    except duckdb.InterruptException:
        raise DataError(f"the SQL for the data takes more than {_raised('sql_seconds')}") from None
    except (duckdb.OutOfMemoryException, MemoryError):
        raise DataError(f"the SQL for the data needs more than {_raised('sql_gigabytes')}") from None
    except duckdb.Error as error:
        raise DataError(f"the SQL for the data failed: {error}") from None
    finally:
        connection.close()


def _raised(name: str) -> str:
    return f"{getattr(allowed(), name):g} {name.removeprefix('sql_')} (the limit `{name}`, which can be raised)"


@contextmanager
def _broken_off(interrupt: Callable[[], None], seconds: float) -> Iterator[None]:
    """Interrupt what is done within, if it takes longer."""
    done = Event()

    def watch() -> None:
        late = not done.wait(seconds)
        while late and not done.wait(_AGAIN):
            interrupt()

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _fetched(result: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The rows of a result, as many as memory is allowed for: DuckDB counts its own and not what leaves it."""
    import pandas as pd

    chunks: list[pd.DataFrame] = []
    size, vectors = 0, 1
    while not chunks or len(chunks[-1]):
        chunks.append(result.fetch_df_chunk(vectors))
        grown = int(chunks[-1].memory_usage(deep=True).sum())
        size += grown
        if size > allowed().sql_gigabytes * 1e9:
            raise MemoryError
        vectors = 2 * vectors if grown < _SMALL else 1
    return pd.concat(chunks[:-1] if len(chunks) > 1 else chunks, ignore_index=True)
