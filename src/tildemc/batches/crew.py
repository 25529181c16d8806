"""Tasks -> outcomes, over any executor; when a local worker dies, only the task that killed it is lost."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager

from tildemc.batches.outcome import FAILED, Outcome
from tildemc.batches.sources import Source
from tildemc.batches.worker import Task, work
from tildemc.processes import prepare, thread_limits

__all__ = ["Crew", "local"]

Done = tuple[Outcome, bytes | None]
Result = tuple[Task, Outcome, bytes | None]
_PATIENCE = 0.25
_NONE_LIVES = 'no worker stays alive; in a script, put what it does under `if __name__ == "__main__":`'
_DIED = "the worker that ran it died, twice: it was killed, or out of memory"


class Crew:
    """Those who do the work.

    Parameters
    ----------
    executor : Executor
    workers : int
        How many tasks run at a time.
    queued : int
        How many more may be with the executor, so that no worker waits; it may take them for running.
    renew : callable, optional
        Makes another executor after one broke; without it what it had in hand fails and the rest is left.
    remote : bool
        Whether the workers may be on machines that do not see the results folder.
    lend : callable, optional
        What to hand over of a source's data besides their place: a Table, what the executor makes one of, or None.
    """

    def __init__(
        self,
        executor: Executor,
        workers: int,
        queued: int = 0,
        renew: Callable[[], Executor] | None = None,
        *,
        remote: bool = False,
        lend: Callable[[Source], object] | None = None,
    ) -> None:
        self.executor = executor
        self.workers = workers
        self.window = workers + queued
        self.renew = renew
        self.remote = remote
        self.lend = lend
        self.do: Callable[..., Done] = work
        self.stopped = False
        self.interrupted = False
        self.ended = 0

    def stop(self) -> None:
        """Begin no more tasks."""
        self.stopped = True

    def outcomes(self, tasks: Sequence[Task], began: Callable[[Task], None]) -> Iterator[Result]:
        """Do the tasks; results come as they are ready. `began` is told of each task that a worker takes up."""
        waiting = deque(tasks)
        while waiting and not self.stopped:
            lost: list[Task] = []
            yield from self._run(waiting, self.window, began, lost)
            # Who broke the executor cannot be told; one after the other, it can.
            for task in lost:
                again: list[Task] = []
                yield from self._run(deque([task]), 1, began, again)
                if again:
                    yield task, Outcome(task.key, FAILED, _DIED), None
            if lost and not self.ended:
                self.stop()
                for task in waiting:
                    yield task, Outcome(task.key, FAILED, _NONE_LIVES), None

    def _run(
        self, waiting: deque[Task], window: int, began: Callable[[Task], None], lost: list[Task]
    ) -> Iterator[Result]:
        """Do what is waiting until there is no more or the executor breaks; then `lost` is what it had in hand."""
        running: dict[Future[Done], Task] = {}
        told: set[str] = set()
        while running or (waiting and not self.stopped):
            whole = self._submit(waiting, running, window)
            done = wait(running, timeout=_PATIENCE, return_when=FIRST_COMPLETED).done
            for task in self._begun(running):
                if task.key not in told:
                    told.add(task.key)
                    began(task)
            for future in [future for future in running if future in done]:
                task = running.pop(future)
                try:
                    result = future.result()
                    self.ended += 1
                    yield task, *result
                except BrokenExecutor:
                    lost.append(task)
                except Exception as error:  # a cluster's own: a worker was killed, a result could not be sent
                    yield task, Outcome(task.key, FAILED, f"{type(error).__name__}: {error}"), None
            if lost or not whole:
                yield from self._mend(lost, running)
                return

    def _begun(self, running: dict[Future[Done], Task]) -> list[Task]:
        """Those that are done, and of the others as many as can run, in the order in which they were handed out."""
        done = [task for future, task in running.items() if future.done()]
        taken = [task for future, task in running.items() if future.running()]
        return done + taken[: self.workers]

    def _submit(self, waiting: deque[Task], running: dict[Future[Done], Task], window: int) -> bool:
        """Hand tasks out; False if the executor is broken."""
        while waiting and len(running) < window and not self.stopped:
            lent = () if self.lend is None else (self.lend(waiting[0].job.source),)
            try:
                running[self.executor.submit(self.do, waiting[0], *lent)] = waiting[0]
            except (BrokenExecutor, RuntimeError):
                return False
            waiting.popleft()
        return True

    def _mend(self, lost: list[Task], running: dict[Future[Done], Task]) -> Iterator[Result]:
        """Take another executor, or fail what this one had in hand."""
        for future, task in running.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                yield task, *future.result()
            else:
                lost.append(task)
        if self.renew is not None:
            self.executor.shutdown(wait=False, cancel_futures=True)
            self.executor = self.renew()
            return
        self.stop()
        for task in lost:
            yield task, Outcome(task.key, FAILED, "the executor broke while it ran"), None
        lost.clear()


@contextmanager
def local(workers: int) -> Iterator[Crew]:
    """A pool of processes on this machine that do not fight for its cores."""
    threads = max(1, (os.cpu_count() or 1) // workers)

    def renew() -> Executor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(workers, mp_context=context, initializer=prepare, initargs=(threads,))

    limits = thread_limits(threads)
    before = {name: os.environ.get(name) for name in limits}
    os.environ.update(limits)
    crew = Crew(renew(), workers, 1, renew)
    finished = False
    try:
        yield crew
        finished = not crew.interrupted
    finally:
        _leave(crew.executor, finished)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _leave(executor: Executor, finished: bool) -> None:
    """Shut a pool down; at once if the work was broken off."""
    processes = dict(getattr(executor, "_processes", None) or {})
    if not finished:
        for process in processes.values():
            process.terminate()
    executor.shutdown(wait=True, cancel_futures=True)
