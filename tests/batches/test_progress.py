"""What is told: the live table's content, and the log where the disk is full."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import tildemc as tm
from tildemc.batches import pulse as pulse_module
from tildemc.batches.outcome import Outcome
from tildemc.batches.progress import EventLog, Progress
from tildemc.batches.pulse import feel, pulse


def shown(progress: Progress) -> str:
    console = Console(width=100, record=True, file=open("/dev/null", "w", encoding="utf-8"))  # noqa: SIM115
    console.print(progress._table())
    return console.export_text()


def test_the_table(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    progress = Progress(4, log, live=False, lines=False)
    progress.began("[bold]a[/bold]", "k1", 8000)
    progress.began("b", "k2", 8000)
    progress.finished("b", Outcome("k2", "done", draws=4000, divergences=3))
    text = shown(progress)
    assert "1 of 4 fits, 0 failed" in text
    assert "[bold]a[/bold]" in text
    assert "\nb " not in text
    assert "4,000 draws, 3 divergences so far" in text
    log.close()
    lines = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["began", "began", "done"]


def test_the_table_shows_how_far_running_fits_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse_module, "_EVERY", 0.0)
    progress = Progress(2, EventLog(tmp_path / "events.jsonl"), live=False, lines=False, folder=tmp_path)
    progress.began("a", "k1", 8000)
    progress.began("b", "k2", 8000)
    with pulse(tmp_path, "k1") as report:
        report(1500, 3)
        [row] = [line for line in shown(progress).splitlines() if line.startswith("a ")]
        assert row.split()[-4:] == ["1,500", "of", "8,000", "3"]
        (tmp_path / ".k1.pulse.part").write_text("15", encoding="ascii")  # half written
        assert feel(tmp_path, "k1") is None
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("method", ["direct", "exact"])
def test_samplers_tell_how_far_they_are(method: str) -> None:
    """Not the exact engine, where it draws all at once."""
    told: list[tuple[int, int]] = []
    data = {"y": np.random.default_rng(1).normal(size=30), "x": np.arange(30.0)}
    tm.model("y ~ x", data).fit(
        method=method, draws=200, tune=100, chains=2, progress=False, report=lambda *now: told.append(now)
    )
    assert method == "exact" or told[-1][0] == 600


def test_on_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Progress(1, EventLog(tmp_path / "events.jsonl"), live=True, lines=True) as progress:
        progress.began("a", "k", 8000)
        progress.finished("a", Outcome("k", "failed", "it [cannot] be done"))
    told = capsys.readouterr().err
    assert "failed: it [cannot] be done" in told
    assert "1 of 1 fits, 1 failed" in told


def test_a_log_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = EventLog(tmp_path / "events.jsonl")

    class Full:
        def write(self, _text: str) -> None:
            raise OSError(errno.ENOSPC, "full")

        flush = close = write

    monkeypatch.setattr(log, "_file", Full())
    log.write("began", job="a")
