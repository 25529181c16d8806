"""`tildemc help`: a command's options, or what the documentation says of a topic."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from tildemc.manual.pages import found, pages
from tildemc.usage import EXAMPLES, beginning
from tildemc.visible import visible

__all__ = ["help_command"]


def _topics() -> Iterable[str]:
    return (*EXAMPLES, *pages())


def help_command(
    ctx: typer.Context,
    topic: Annotated[
        str | None,
        typer.Argument(
            help="A command, a page, or a word of headings; none lists the pages.",
            show_default=False,
            autocompletion=beginning(_topics),
        ),
    ] = None,
    word: Annotated[str | None, typer.Argument(help="A word of that page's headings.", show_default=False)] = None,
) -> None:
    """Show the documentation of a topic, such as priors, or a command's options."""
    console = Console(highlight=False)
    if topic is None:
        console.print(_contents())
    elif topic in EXAMPLES and ctx.parent is not None:
        # The program itself shows a command's help, as it does for `--help`.
        ctx.parent.command.main([topic, "--help"], prog_name=ctx.parent.info_name, standalone_mode=False)
    else:
        text = Markdown(visible(found(topic, word)), hyperlinks=False)
        if sys.stdin.isatty() and console.is_terminal:
            with console.pager(styles=True):
                console.print(text)
        else:
            console.print(text)


def _contents() -> Table:
    table = Table.grid(padding=(0, 3))
    for page in pages().values():
        table.add_row(page.topic, page.contents)
    return table
