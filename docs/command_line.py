"""Write docs/command-line.md: every command of `tildemc` with what it is given, from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from tildemc.cli import app
from tildemc.usage import EXAMPLES

PAGE = Path(__file__).parent / "command-line.md"

TOP = """# Command line

`tildemc` has a command for each thing that one does with a model. `tildemc COMMAND --help` shows what is below in the
terminal, and `tildemc help TOPIC` the pages of this documentation. `tildemc --install-completion` has the shell
complete commands, families, engines, languages and topics, from the next terminal on.

- The **text** of a model is an argument, or a file of it: `a.do`, `a.R`, `@formula.txt`, or `-` for what is piped in.
- **Results** go to the standard output, messages and progress to the standard error: `>` and `|` get the former.
- **Exit codes**: 0 if all went well; 1 for a mistake in the text, the data or the options, which is told in a sentence
  with a caret; 2 for an option that there is not; 130 after Ctrl-C, with the draws that there were by then shown, and
  kept if `--out` was given.
- Compiled kernels are kept in the user's cache folder; the environment's variable `TILDEMC_CACHE_DIR` names another.
"""


def page() -> str:
    """The whole page."""
    commands: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    return "\n".join([TOP, *("\n".join(_section(name, command)) for name, command in commands.items())])


def _section(name: str, command: Any) -> Iterator[str]:
    yield f"## {name}\n\n{command.help}\n"
    yield "\n".join(["```sh", *EXAMPLES[name], "```", ""])
    yield "| | | |\n|---|---|---|"
    for parameter in command.params:
        if parameter.name != "help":
            yield f"| {_called(parameter)} | {_taken(parameter)} | {_meant(parameter)} |"
    yield ""


def _called(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar or parameter.name.upper()}`"
    return ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))


def _taken(parameter: Any) -> str:
    """What stands after an option's name; nothing for a switch."""
    if parameter.param_type_name == "argument" or parameter.is_flag:
        return ""
    kind = {int: "N", float: "X"}.get(parameter.type_descriptor.annotation, "TEXT")
    return f"`{parameter.metavar or kind}`"


def _meant(parameter: Any) -> str:
    default = parameter.default
    shown = (
        not parameter.required and not isinstance(default, bool) and default not in (None, ()) and not callable(default)
    )
    return f"{parameter.help or ''}{f' `{default}` by default.' if shown else ''}".replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
