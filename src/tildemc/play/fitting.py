"""Fitting: the one fit at a time, how far it is, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from threading import Lock, Thread
from time import monotonic
from typing import Literal

from tildemc.errors import FitError, TildeError
from tildemc.play.asked import Draw, Job
from tildemc.play.bench import Answer
from tildemc.play.worker import Stopped, Worker

__all__ = ["Fitting", "State"]

LONGEST = 900.0
"""A fit takes no longer, in seconds; nor does a picture of it."""


@dataclass(frozen=True, slots=True)
class State:
    """How far a fit is.

    Attributes
    ----------
    stage : {"none", "running", "done", "failed", "stopped"}
    done, total, diverged : int
        Draws with those to warm up, of all chains; an engine that needs a moment tells of none.
    seconds : float
        Since it began, or what it took.
    why : str
        Of one that failed or was stopped.
    asked : dict or None
        The model as the page asked for it.
    """

    stage: Literal["none", "running", "done", "failed", "stopped"] = "none"
    done: int = 0
    total: int = 0
    diverged: int = 0
    seconds: float = 0.0
    why: str = ""
    asked: Mapping[str, str] | None = None


class Fitting:
    """The fit that a worker makes, for a server that asks how it is."""

    def __init__(self, worker: Worker[Job, Answer]) -> None:
        self.worker = worker
        self._state, self._lock, self._begun = State(), Lock(), 0.0

    @property
    def state(self) -> State:
        """How far it is now."""
        found = self._state
        return replace(found, seconds=monotonic() - self._begun) if found.stage == "running" else found

    def begin(self, job: Draw) -> None:
        """Begin a fit; the one before is forgotten.

        Raises
        ------
        FitError
            If one is running.
        """
        with self._lock:
            if self._state.stage == "running":
                raise FitError("a fit is running: cancel it first")
            settings = job.settings
            total = settings.chains * (settings.draws + settings.tune)
            self._begun = monotonic()
            self._state = State("running", total=total, asked=asdict(job.asked))
        # A picture of the fit before, which is forgotten.
        if self.worker.busy:
            self.worker.stop()
        Thread(target=self._run, args=(job,), daemon=True).start()

    def cancel(self) -> None:
        """Break off the fit that is running, if any."""
        if self._state.stage == "running":
            self.worker.stop()

    def _run(self, job: Draw) -> None:
        def told(done: int, diverged: int) -> None:
            self._state = replace(self._state, done=done, diverged=diverged)

        try:
            self.worker.ask(job, LONGEST, told)
            ended = replace(self._state, stage="done")
        except Stopped as error:
            ended = replace(self._state, stage="stopped", why=error.message)
        except TildeError as error:
            ended = replace(self._state, stage="failed", why=str(error))
        self._state = replace(ended, seconds=monotonic() - self._begun)
