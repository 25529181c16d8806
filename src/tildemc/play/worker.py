"""Worker: a process that does one thing after the other for the server, and can be stopped at any."""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Lock, RLock
from time import monotonic
from typing import Any

from tildemc.errors import TildeError
from tildemc.processes import prepare

__all__ = ["Progress", "Stopped", "Worker"]

type Progress = Callable[[int, int], None]
"""Told how many draws there are, and how many diverged."""
type Work[J, A] = Callable[[J, Progress], A]

DIED = "the process that worked on it ended: it was killed, or out of memory"
CANCELLED = "cancelled"
SCREEN = "44"
"""So many columns has the page for carets and the text above them."""


class Stopped(TildeError):
    """What was asked has no answer, since the process that worked on it is gone."""


@dataclass(frozen=True, slots=True)
class _Told:
    draws: int
    diverged: int


@dataclass(frozen=True, slots=True)
class _Failed:
    error: TildeError


@dataclass(frozen=True, slots=True)
class _Done:
    answer: Any


class Worker[J, A]:
    """A process; it is begun again where it was stopped.

    Parameters
    ----------
    make : callable
        Called in the process, once: gives what does the jobs. It is found there by its name.
    """

    def __init__(self, make: Callable[[], Work[J, A]]) -> None:
        self._make = make
        self._turn, self._changing = Lock(), RLock()
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._why = DIED
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether a job is being done."""
        return self._turn.locked()

    def begin(self) -> Connection:
        """Have a process that waits for jobs, and the way to it.

        Raises
        ------
        Stopped
            After `close`.
        """
        with self._changing:
            if self._closed:
                raise Stopped(CANCELLED)
            if self._connection is not None and self._process is not None and self._process.is_alive():
                return self._connection
            context = multiprocessing.get_context("spawn")
            self._connection, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, self._make), daemon=True)
            self._process.start()
            theirs.close()
            self._why = DIED
            return self._connection

    def ask(self, job: J, seconds: float, told: Progress = lambda draws, diverged: None) -> A:
        """Have a job done; jobs of several threads are done one after the other.

        Raises
        ------
        Stopped
            If it takes longer, somebody stopped it, or the process died.
        TildeError
            What the job itself raises.
        """
        with self._turn:
            connection = self.begin()
            try:
                connection.send(job)
                until = monotonic() + seconds
                while connection.poll(max(0.0, until - monotonic())):
                    match connection.recv():
                        case _Told(draws, diverged):
                            told(draws, diverged)
                        case _Done(answer):
                            return answer  # type: ignore[no-any-return]
                        case _Failed(error):
                            raise error
                        case other:
                            raise AssertionError(other)
            except (EOFError, OSError):
                raise Stopped(self._why) from None
            self.stop()
            raise Stopped(f"stopped after {seconds:g} s, the limit of the playground: in Python there is none")

    def stop(self) -> None:
        """End the process; who waits for it is told so."""
        with self._changing:
            self._why = CANCELLED
            if self._process is not None:
                self._process.kill()
                self._process.join()
                self._process = None

    def close(self) -> None:
        """End the process, and begin no other."""
        with self._changing:
            self._closed = True
            self.stop()


def _serve[J, A](connection: Connection, make: Callable[[], Work[J, A]]) -> None:
    """Do jobs until there is nobody to ask for any."""
    prepare(os.cpu_count() or 1)
    os.environ["COLUMNS"] = SCREEN
    work = make()

    def told(draws: int, diverged: int) -> None:
        connection.send(_Told(draws, diverged))

    while True:
        try:
            job = connection.recv()
        except EOFError:
            return
        connection.send(_outcome(work, job, told))


def _outcome[J, A](work: Work[J, A], job: J, told: Progress) -> _Done | _Failed:
    try:
        return _Done(work(job, told))
    except TildeError as error:
        return _Failed(error)
    except Exception as error:  # a fault of a library's, or of ours, is told and takes no page with it
        last = traceback.extract_tb(error.__traceback__)[-1]
        return _Failed(TildeError(f"{type(error).__name__}: {error} ({Path(last.filename).name}, line {last.lineno})"))
