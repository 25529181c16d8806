"""A Dask scheduler's address -> a crew; data that its workers cannot read are sent to them, once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tildemc.batches.crew import Crew
from tildemc.batches.sources import Source, load
from tildemc.batches.store import BatchError
from tildemc.errors import TildeError

__all__ = ["cluster"]

_SECONDS = 15


@contextmanager
def cluster(address: str) -> Iterator[Crew]:
    """The workers of a Dask cluster; they send their draws back.

    Data are read by the workers if all see the same files, else sent to each of them; the rows of a query always are.

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
        threads = max(sum(client.nthreads().values()), 1)
        yield Crew(client.get_executor(), threads, threads + 2, remote=True, lend=_Lender(client))
    finally:
        client.close()


class _Lender:
    """Sends each source's table to the workers the first time that a task needs it, if it has to be sent."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.sent: dict[Source, object] = {}

    def __call__(self, source: Source) -> object:
        """A future of the table; None if workers are to read the files."""
        if source not in self.sent:
            self.sent[source] = self._send(source)
        return self.sent[source]

    def _send(self, source: Source) -> object:
        if not source.is_sql and self._seen_by_all(source):
            return None
        # What goes wrong here goes wrong for each job, which says so by itself.
        with contextlib.suppress(TildeError, OSError):
            return self.client.scatter(load(source), broadcast=True, hash=False)
        return None

    def _seen_by_all(self, source: Source) -> bool:
        here = stamp(source)
        return all(there == here for there in self.client.run(stamp, source).values())


def stamp(source: Source) -> object:
    """What changes when the files of a source change, as they are seen here; None if they are not."""
    try:
        return source.stamp()
    except (TildeError, OSError):
        return None
