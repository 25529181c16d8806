"""How far a running fit is: a small file that its worker writes over and over, and that whoever waits for it reads."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tildemc.batches.files import TEMPORARY

__all__ = ["Pulse", "feel", "pulse"]

_EVERY = 0.5


class Pulse:
    """Writes now and then how many draws there are, warm-up included, and how many diverged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._last = time.monotonic()

    def __call__(self, drawn: int, divergences: int) -> None:
        """Write, unless that was a moment ago."""
        now = time.monotonic()
        if now - self._last >= _EVERY:
            self._last = now
            with contextlib.suppress(OSError):
                self.path.write_text(f"{drawn} {divergences}\n", encoding="ascii")


@contextmanager
def pulse(folder: str | Path, key: str) -> Iterator[Pulse]:
    """The pulse of a fit while it runs. If its worker dies, the file stays until the next run sweeps the folder."""
    path = _path(folder, key)
    try:
        yield Pulse(path)
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def feel(folder: str | Path, key: str) -> tuple[int, int] | None:
    """Draws and divergences of a fit so far; None if it has told nothing."""
    try:
        drawn, divergences = _path(folder, key).read_text(encoding="ascii").split()
        return int(drawn), int(divergences)
    except (OSError, ValueError):
        return None


def _path(folder: str | Path, key: str) -> Path:
    return Path(folder, f".{key}.pulse{TEMPORARY}")
