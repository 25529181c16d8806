"""What the tests of workers have done in other processes, which find it here by name."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from tildemc.errors import TildeError
from tildemc.play.worker import Progress

__all__ = ["clerk"]


def clerk() -> Callable[[str, Progress], str]:
    """One who says how often it was asked."""
    asked = 0

    def work(job: str, told: Progress) -> str:
        nonlocal asked
        asked += 1
        match job:
            case "tell":
                told(10, 0)
                told(20, 1)
            case "sleep":
                told(1, 0)
                time.sleep(60)
            case "mistake":
                raise TildeError("no column `flor`")
            case "fault":
                raise ZeroDivisionError("by zero")
            case "die":
                os._exit(1)
            case _:
                pass
        return f"{job}: {asked}"

    return work
