"""A worker does jobs in a process of its own, and is begun again after it was stopped."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import pytest

from tildemc.errors import TildeError
from tildemc.play.worker import CANCELLED, DIED, Stopped, Worker
from worker_fakes import clerk


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker[str, str]]:
    found = Worker(clerk)
    yield found
    found.stop()


def test_what_a_job_comes_to_and_how_far_it_is_comes_back(worker: Worker[str, str]) -> None:
    told: list[tuple[int, int]] = []
    assert worker.ask("tell", 60, lambda draws, diverged: told.append((draws, diverged))) == "tell: 1"
    assert told == [(10, 0), (20, 1)]


@pytest.mark.parametrize(
    "job, message", [("mistake", "no column `flor`"), ("fault", r"ZeroDivisionError: by zero \(worker_fakes.py, line")]
)
def test_what_a_job_raises_is_raised_here_and_the_process_lives(
    worker: Worker[str, str], job: str, message: str
) -> None:
    before = int(worker.ask("count", 60).split()[1])
    with pytest.raises(TildeError, match=message):
        worker.ask(job, 60)
    assert worker.ask("count", 60) == f"count: {before + 2}"


def test_a_job_that_takes_too_long_is_stopped_and_the_next_is_done(worker: Worker[str, str]) -> None:
    with pytest.raises(Stopped, match=r"stopped after 0\.2 s, the limit of the playground"):
        worker.ask("sleep", 0.2)
    assert worker.ask("count", 60) == "count: 1"


def test_a_job_is_stopped_by_another_thread(worker: Worker[str, str]) -> None:
    def stop(draws: int, diverged: int) -> None:
        Thread(target=worker.stop).start()

    with pytest.raises(Stopped, match=CANCELLED):
        worker.ask("sleep", 60, stop)


def test_a_process_that_dies_is_told(worker: Worker[str, str]) -> None:
    with pytest.raises(Stopped, match=DIED):
        worker.ask("die", 60)


def test_after_the_end_nothing_is_begun(worker: Worker[str, str]) -> None:
    worker.close()
    with pytest.raises(Stopped, match=CANCELLED):
        worker.ask("count", 60)
