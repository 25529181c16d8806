"""`tildemc play`: a thin layer over `serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["play"]


def play(
    data: Annotated[Path | None, typer.Option("--data", "-d", metavar="FILE", help="Data to begin with.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for one that is free.")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Whether to open the page.")] = True,
) -> None:
    """Open a page that tells what a formula means while you type it, and fits it."""
    from tildemc.play.serve import serve

    serve(port, data, browser=browser, tell=typer.echo)
