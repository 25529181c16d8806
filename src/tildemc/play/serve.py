"""Serve the playground: on this machine's own address, under a path that nobody can guess."""

from __future__ import annotations

import socket
import webbrowser
from collections.abc import Callable
from html import escape
from pathlib import Path
from secrets import token_urlsafe

from tildemc.errors import TildeError

__all__ = ["serve"]

ADDRESS = "127.0.0.1"


def serve(port: int, data: Path | None, *, browser: bool, tell: Callable[[str], None]) -> None:
    """Serve until Ctrl-C.

    Parameters
    ----------
    port : int
        0 for one that is free.
    data : Path, optional
        A file to begin with, read where it is.
    browser : bool
        Whether to open one.
    tell : callable
        Says the page's address to whoever began it.

    Raises
    ------
    TildeError
        If the libraries are not installed, the port is taken, or the file cannot be read.
    """
    try:
        from tildemc.play.app import Playground, Server
    except ImportError as error:
        raise TildeError(f"the playground needs {error.name}: `pip install 'tildemc[play]'` installs it") from error
    from tildemc.play.bench import bench
    from tildemc.play.fitting import Fitting
    from tildemc.play.shelf import Shelf
    from tildemc.play.worker import Worker

    shelf = Shelf()
    playground = Playground(shelf, Worker(bench), Fitting(Worker(bench)))
    token = token_urlsafe(24)
    try:
        if data is not None:
            playground.first = shelf.put(data)
        with _listening(port) as listening:
            address = f"http://{ADDRESS}:{listening.getsockname()[1]}/{token}/"
            tell(f"The playground is at {address}\nCtrl-C ends it.")
            if browser:
                _open(address, shelf.folder)
            Server(playground, token).run(sockets=[listening])
    except KeyboardInterrupt:
        return
    finally:
        shelf.clear()


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((ADDRESS, port))
    except OSError as error:
        reason = error.strerror or error
        raise TildeError(f"port {port} cannot be used: {reason}; without `--port` a free one is taken") from None


def _open(address: str, folder: Path) -> None:
    """Open the page by way of a file that only this person can read: what a program is told, others may see."""
    page = folder / "play.html"
    page.write_text(
        f'<!doctype html><meta http-equiv="refresh" content="0; url={escape(address)}"><title>tildemc</title>',
        encoding="utf-8",
    )
    webbrowser.open(page.as_uri())
