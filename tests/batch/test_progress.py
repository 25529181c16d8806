"""What is told: the live table's content, and the log where the disk is full."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
from rich.console import Console

from tildemc.batch.outcome import Outcome
from tildemc.batch.progress import EventLog, Progress


def shown(progress: Progress) -> str:
    console = Console(width=100, record=True, file=open("/dev/null", "w", encoding="utf-8"))  # noqa: SIM115
    console.print(progress._table())
    return console.export_text()


def test_the_table(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    progress = Progress(4, log, live=False, lines=False)
    progress.began("[bold]a[/bold]", "k1")
    progress.began("b", "k2")
    progress.finished("b", Outcome("k2", "done", draws=4000, divergences=3))
    text = shown(progress)
    assert "1 of 4 fits, 0 failed" in text
    assert "[bold]a[/bold]" in text
    assert "\nb " not in text
    assert "4,000 draws, 3 divergences so far" in text
    log.close()
    lines = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["began", "began", "done"]


def test_on_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Progress(1, EventLog(tmp_path / "events.jsonl"), live=True, lines=True) as progress:
        progress.began("a", "k")
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
