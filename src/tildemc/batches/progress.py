"""What is told while a batch runs: a live table on a terminal, else lines; and always a log of events."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from tildemc.batches.outcome import DONE, Outcome
from tildemc.batches.pulse import feel
from tildemc.visible import cut, shortened, visible

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

__all__ = ["EventLog", "Progress"]

_SHOWN = 12
_WIDEST = 100


class EventLog:
    """One JSON object per line: when, what, and of which job."""

    def __init__(self, path: Path) -> None:
        self._file: IO[str] = path.open("a", encoding="utf-8")

    def write(self, event: str, **values: object) -> None:
        """Add an event; a disk that is full does not stop the batch."""
        line = json.dumps({"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **values})
        try:
            self._file.write(f"{line}\n")
            self._file.flush()
        except OSError:
            return

    def close(self) -> None:
        """Close the file."""
        try:
            self._file.close()
        except OSError:
            return


@dataclass(frozen=True, slots=True)
class _Running:
    """A job that a worker has: its key, how many steps it takes, and when it began."""

    key: str
    steps: int
    began: float


class Progress:
    """Tells of jobs as they begin and end.

    Parameters
    ----------
    total : int
        How many jobs are to be run.
    log : EventLog
    live, lines : bool
        Whether to show a table, and, without one, whether to print lines; on stderr.
    folder : Path, optional
        Where workers on this machine tell how far they are.
    """

    def __init__(self, total: int, log: EventLog, *, live: bool, lines: bool, folder: Path | None = None) -> None:
        self.total = total
        self.log = log
        self.lines = lines
        self.ended = self.failed = self.divergences = self.draws = 0
        self.folder = folder
        self.running: dict[str, _Running] = {}
        self.start = time.perf_counter()
        self._live: Live | None = _live(self._table) if live and total else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.update(self._table())
            self._live.stop()

    def began(self, name: str, key: str, steps: int) -> None:
        """A worker took a job up that takes so many steps, warm-up included."""
        self.running[name] = _Running(key, steps, time.perf_counter())
        self.log.write("began", job=name, key=key)

    def finished(self, name: str, outcome: Outcome) -> None:
        """A job ended, well or not."""
        self.running.pop(name, None)
        self.ended += 1
        self.failed += outcome.status != DONE
        self.divergences += outcome.divergences
        self.draws += outcome.draws
        facts = {"seconds": round(outcome.seconds, 3), "divergences": outcome.divergences, "r_hat": outcome.max_r_hat}
        self.log.write(outcome.status, job=name, key=outcome.key, **facts, error=outcome.error)
        self.say(f"[{self.ended}/{self.total}] {name}: {told(outcome)}")

    def say(self, text: str) -> None:
        """Print a line; above the table if there is one."""
        text = shortened(visible(text))
        if self._live is not None:
            if "failed" in text:
                self._live.console.print(text, markup=False, highlight=False, style="red")
        elif self.lines:
            print(text, file=sys.stderr, flush=True)

    def _table(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        now = time.perf_counter()
        spent = now - self.start
        left = spent / self.ended * (self.total - self.ended) if self.ended else None
        eta = "" if left is None else f", about {_clock(left)} left"
        title = f"{self.ended} of {self.total} fits, {self.failed} failed, {_clock(spent)}{eta}"
        caption = f"{self.draws:,} draws, {self.divergences:,} divergences so far"
        table = Table(
            title=title, title_justify="left", caption=caption, caption_justify="left", box=None, pad_edge=False
        )
        # A table is no wider than its columns, and would break the lines above and below it.
        table.add_column("running", min_width=max(len(title), len(caption)))
        for heading in ("for", "draws", "divergences"):
            table.add_column(heading, justify="right")
        for name, running in list(self.running.items())[:_SHOWN]:
            table.add_row(Text(cut(visible(name), _WIDEST)), _clock(now - running.began), *self._so_far(running))
        return table

    def _so_far(self, running: _Running) -> tuple[str, str]:
        """Draws and divergences of a job; nothing while it reads, compiles, or is on another machine."""
        found = None if self.folder is None else feel(self.folder, running.key)
        if found is None:
            return "", ""
        drawn, divergences = found
        return f"{drawn:,} of {running.steps:,}", f"{divergences:,}"


def told(outcome: Outcome) -> str:
    """One line on an outcome."""
    if outcome.status != DONE:
        return f"failed: {outcome.error.splitlines()[0]}"
    warned = "".join(f"; {warning}" for warning in outcome.warnings)
    if outcome.estimated:
        return f"estimated in {outcome.seconds:.1f} s{warned}"
    return f"{outcome.draws:,} draws in {outcome.seconds:.1f} s{warned}"


def _live(table: Callable[[], Table]) -> Live:
    from rich.console import Console
    from rich.live import Live

    return Live(get_renderable=table, console=Console(stderr=True), refresh_per_second=4)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
