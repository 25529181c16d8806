"""An error about the reader's text and data shows the message, not the frames inside the package."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

import tildemc as tm
from tildemc.batches.results import Batch
from tildemc.results.fit import Fit

DATA = {"y": [1.0, 2.0, 4.0, 3.0], "x": [1.0, 2.0, 3.0, 5.0]}
MODEL = tm.model("y ~ x", DATA)

CALLS: dict[str, Callable[[], object]] = {
    "model": lambda: tm.model("y ~ zz", DATA),
    "convert": lambda: tm.convert("y ~ (", "stata"),
    "stream": lambda: tm.stream(3),
    "load": lambda: tm.load("no such file"),
    "batch": lambda: tm.batch("no such file", out="x"),
    "load_batch": lambda: tm.load_batch("no such folder"),
    "fit": lambda: MODEL.fit(drawz=3),
    "a job of a batch": lambda: Batch(Path("nowhere"))["job"],
    "a property": lambda: Batch(Path("nowhere")).failed,
    "a table that is read once": lambda: Batch(Path("nowhere")).index,
    "a method of a fit": lambda: fit().save(Path("/")),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_traceback_ends_where_the_package_begins(name: str) -> None:
    with pytest.raises(tm.TildeError) as caught:
        CALLS[name]()
    files = [frame.filename for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert [Path(name).name for name in files if "tildemc" in Path(name).parts] == ["errors.py"]
    assert caught.value.__suppress_context__ and caught.value.__cause__ is None


def test_a_notebook_shows_the_message_and_its_place() -> None:
    with pytest.raises(tm.TildeError) as caught:
        tm.model("y ~ zz", DATA)
    (shown,) = caught.value._render_traceback_()
    assert shown.startswith("UnknownColumn: no column `zz` in the data") and shown.endswith("^^")


def test_functions_keep_their_names_and_documentation() -> None:
    assert tm.model.__name__ == "model" and "Parameters" in (tm.model.__doc__ or "")


@cache
def fit() -> Fit:
    """Of the model, for all that ask: whoever only collects this file waits for none."""
    return MODEL.fit(draws=20, tune=20, chains=2, seed=1, progress=False)


UNKNOWN: dict[str, tuple[Callable[[], object], str]] = {
    "brms's": (
        lambda: fit().predict(re_formula=None),
        "`predict` has no `re_formula`: it is `groups` here; it has newdata,",
    ),  # type: ignore[call-arg]
    "ArviZ's": (
        lambda: fit().fixef(ci_prob=0.9),
        "`fixef` has no `ci_prob`: it is `interval` here; it has interval, draws",
    ),  # type: ignore[call-arg]
    "misspelled": (lambda: fit().ranef(intervall=0.9), "`ranef` has no `intervall`; did you mean `interval`?; it has"),  # type: ignore[call-arg]
    "of a function": (
        lambda: tm.model("y ~ 1", DATA, prior=()),
        "`model` has no `prior`; did you mean `priors`?; it has",
    ),  # type: ignore[call-arg]
    "of one that has none": (lambda: fit().waic(k=1), "`waic` has no `k`; it has no arguments"),  # type: ignore[call-arg]
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_argument_that_is_not_there_is_answered_with_those_that_are(name: str) -> None:
    call, told = UNKNOWN[name]
    with pytest.raises(tm.TildeError) as caught:
        call()
    assert str(caught.value).startswith(told)


def test_a_mistake_of_types_in_a_known_argument_stays_what_it_is() -> None:
    with pytest.raises(TypeError, match="positional"):
        fit().fixef(0.9)  # type: ignore[misc]
