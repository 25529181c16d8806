"""Who computes: as many threads as there are processors, each with a linear algebra that starts no more."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController

__all__ = ["in_threads", "one_blas_thread"]

LISTENS = 0.1
"""So often, in seconds, who waits for threads looks whether there was an interrupt."""


@cache
def _libraries(scipy: bool) -> ThreadpoolController:
    """Those that are loaded: SciPy has a BLAS of its own, which is found only then."""
    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager[object]:
    """Keep the loaded BLAS and LAPACK to one thread: theirs wait for one another, on a busy machine for long."""
    libraries = _libraries("scipy.linalg" in sys.modules)
    limits: AbstractContextManager[object] = libraries.limit(limits=1, user_api="blas")
    return limits


def in_threads[T](
    function: Callable[..., T], *arguments: Iterable[object], interrupted: Callable[[], None] = lambda: None
) -> list[T]:
    """`map`, by threads where there are processors for them; for functions that release the interpreter.

    A KeyboardInterrupt is raised when the calls that had begun have ended; `interrupted` is called before that, and may
    tell them to.
    """
    calls = list(zip(*arguments, strict=True))
    workers = min(len(calls), os.cpu_count() or 1)
    if workers < 2:
        return [function(*call) for call in calls]
    with ThreadPoolExecutor(workers) as pool:
        futures, found = [pool.submit(function, *call) for call in calls], []
        try:
            for future in futures:
                # Who waits without end does not hear of every interrupt.
                while wait([future], LISTENS).not_done:
                    pass
                found.append(future.result())
        except BaseException as error:
            for future in futures:
                future.cancel()
            if isinstance(error, KeyboardInterrupt):
                interrupted()
            raise
    return found
