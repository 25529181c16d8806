"""A playground whose workers are none but this process."""

from __future__ import annotations

from tildemc.play.app import Playground
from tildemc.play.asked import Job
from tildemc.play.bench import Answer, Bench
from tildemc.play.fitting import Fitting
from tildemc.play.shelf import Shelf
from tildemc.play.worker import Progress

__all__ = ["HOST", "RADON", "TOKEN", "playground"]

TOKEN = "secret"
HOST = "http://127.0.0.1:8000"
RADON = {"text": "log_radon ~ floor + (1 | county)", "file": "radon.csv"}


class Here:
    """Does at once what a worker does in a process of its own."""

    def __init__(self) -> None:
        self.work = Bench()

    def begin(self) -> None:
        """There is nothing to begin."""

    def stop(self) -> None:
        """There is nothing to stop."""

    def ask(self, job: Job, seconds: float, told: Progress = lambda draws, diverged: None) -> Answer:
        """Do it."""
        return self.work(job, told)


def playground() -> Playground:
    """A new one."""
    return Playground(Shelf(), Here(), Fitting(Here()))  # type: ignore[arg-type]
