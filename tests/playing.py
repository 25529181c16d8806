"""A playground whose workers are none but this process."""

from __future__ import annotations

from threading import Event

from tildemc.play.app import Playground
from tildemc.play.asked import Job
from tildemc.play.bench import Answer, Bench
from tildemc.play.fitting import Fitting
from tildemc.play.shelf import Shelf
from tildemc.play.worker import Progress, Stopped

__all__ = ["HOST", "RADON", "TOKEN", "Slow", "playground"]

TOKEN = "secret"
HOST = "http://127.0.0.1:8000"
RADON = {"text": "log_radon ~ floor + (1 | county)", "file": "radon.csv"}


class Here:
    """Does at once what a worker does in a process of its own."""

    busy = False

    def __init__(self) -> None:
        self.work = Bench()

    def begin(self) -> None:
        """There is nothing to begin."""

    def close(self) -> None:
        """There is nothing to close."""

    def ask(self, job: Job, seconds: float, told: Progress = lambda draws, diverged: None) -> Answer:
        """Do it."""
        return self.work(job, told)


class Slow:
    """A worker that has drawn 12 when it is asked how far it is, and goes on as it is told."""

    def __init__(self) -> None:
        self.going, self.stopped, self.busy = Event(), False, False

    def ask(self, job: Job, seconds: float, told: Progress) -> Answer:
        told(12, 1)
        assert self.going.wait(60)
        if self.stopped:
            raise Stopped("cancelled")
        return Answer("")

    def stop(self) -> None:
        self.stopped = True
        self.going.set()


def playground() -> Playground:
    """A new one."""
    return Playground(Shelf(), Here(), Fitting(Here()))  # type: ignore[arg-type]
