"""The program `tildemc`, and `python -m tildemc`: how its process begins and ends."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress

__all__ = ["main"]

_ALLOCATIONS = 200_000
"""Between searches for cycles: what is imported stays, and to look through it every 2,000 is a third of the start."""


def main() -> None:
    """Run the command line, and end without taking the interpreter apart, which takes as long as a small fit."""
    gc.set_threshold(_ALLOCATIONS, *gc.get_threshold()[1:])
    status = 1

    def end() -> None:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)

    # What is registered first is called last: threads are joined by then, and what others wished to do is done.
    atexit.register(end)
    from tildemc.cli import app

    try:
        app()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
        raise


if __name__ == "__main__":
    main()
