"""A Dask scheduler's address -> a crew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tildemc.batch.crew import Crew
from tildemc.batch.store import BatchError

__all__ = ["cluster"]

_SECONDS = 15


@contextmanager
def cluster(address: str) -> Iterator[Crew]:
    """The workers of a Dask cluster; they read the data by the same paths, and send their draws back.

    Raises
    ------
    BatchError
        If `distributed` is missing or nobody answers.
    """
    try:
        import distributed
    except ImportError:
        raise BatchError("a cluster needs distributed: pip install 'tildemc[distributed]'") from None
    connect: Any = distributed.Client
    try:
        client = connect(address, timeout=_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise BatchError(f"no Dask scheduler answers at {address}: {error}") from None
    try:
        threads = sum(client.nthreads().values())
        yield Crew(client.get_executor(), 2 * max(threads, 1) + 2, remote=True)
    finally:
        client.close()
