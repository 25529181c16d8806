"""What a terminal shows while NUTS runs: one line that is no wider than the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tildemc.engines.settings import Settings

__all__ = ["followed"]

Report = Callable[[int, int], None]


@contextmanager
def followed(settings: Settings) -> Iterator[Report | None]:
    """Whom to tell how many draws there are and how many diverged: the bar, and the caller's `report`.

    There is a bar on a terminal only: in a notebook the sampler has a table of its own.
    """
    if not settings.progress or not sys.stderr.isatty():
        yield settings.report
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    total = settings.chains * (settings.draws + settings.tune)
    columns = (BarColumn(None), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), expand=True) as progress:
        task = progress.add_task("", total=total)

        def report(done: int, diverged: int) -> None:
            told = f"{done:,} of {total:,} draws" + f", {diverged:,} diverged" * (diverged > 0)
            progress.update(task, completed=done, description=told)
            if settings.report is not None:
                settings.report(done, diverged)

        report(0, 0)
        yield report
