"""An error about the reader's text and data shows the message, not the frames inside the package."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

import tildemc as tm
from tildemc.batches.results import Batch

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
    "a method of a fit": lambda: MODEL.fit(draws=20, seed=1, progress=False).save(Path("/")),
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
