"""There is one fit at a time; how far it is and how it ended can be asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from playing import Slow
from tildemc.engines.settings import Settings
from tildemc.errors import FitError
from tildemc.play.asked import Asked, Draw
from tildemc.play.fitting import Fitting, State

JOB = Draw(Asked("y ~ x", "a.csv"), Path("a.csv"), Settings(draws=10, tune=5, chains=2))


def until(fitting: Fitting, so: Callable[[State], bool]) -> State:
    ends = time.monotonic() + 60
    while not so(state := fitting.state):
        assert time.monotonic() < ends
        time.sleep(0.001)
    return state


@pytest.fixture
def worker() -> Slow:
    return Slow()


@pytest.fixture
def fitting(worker: Slow) -> Fitting:
    found = Fitting(worker)  # type: ignore[arg-type]
    found.begin(JOB)
    return found


def test_a_fit_tells_how_far_it_is_and_what_it_is_of(fitting: Fitting, worker: Slow) -> None:
    state = until(fitting, lambda state: state.done > 0)
    assert (state.stage, state.done, state.total, state.diverged) == ("running", 12, 30, 1)
    assert state.asked is not None and state.asked["text"] == "y ~ x"
    worker.going.set()
    assert until(fitting, lambda state: state.stage != "running").stage == "done"


def test_a_second_fit_waits_for_the_first(fitting: Fitting, worker: Slow) -> None:
    with pytest.raises(FitError, match="a fit is running: cancel it first"):
        fitting.begin(JOB)
    worker.going.set()


def test_a_picture_of_the_fit_before_is_not_waited_for(worker: Slow) -> None:
    worker.busy = True
    Fitting(worker).begin(JOB)  # type: ignore[arg-type]
    assert worker.stopped


def test_a_fit_is_cancelled(fitting: Fitting) -> None:
    fitting.cancel()
    state = until(fitting, lambda state: state.stage != "running")
    assert (state.stage, state.why) == ("stopped", "cancelled")
