"""Processes that work for this one: they leave when it is gone, and keep to their threads."""

from __future__ import annotations

import os

__all__ = ["prepare", "thread_limits"]


def prepare(threads: int) -> None:
    """Set a worker process up: it leaves when the one that started it is gone, and keeps to its threads."""
    import atexit
    import multiprocessing
    import signal
    import threading
    from multiprocessing.connection import wait

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # To take an interpreter with all its kernels apart takes half a second, and nothing is left to do by then.
    atexit.register(os._exit, 0)
    os.environ.update(thread_limits(threads))
    parent = multiprocessing.parent_process()

    def leave() -> None:
        if parent is not None:
            wait([parent.sentinel])
            os._exit(1)

    threading.Thread(target=leave, daemon=True).start()


def thread_limits(threads: int) -> dict[str, str]:
    """The environment of a worker: `threads` for chains, and one for linear algebra, so that numbers depend on none."""
    names = ("OMP", "MKL", "OPENBLAS", "NUMBA", "VECLIB_MAXIMUM", "NUMEXPR")
    return {**{f"{name}_NUM_THREADS": "1" for name in names}, "PYTHON_CPU_COUNT": str(threads)}
