"""Templates and values -> HTML, in which whatever people wrote is text."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tildemc.visible import visible

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["now", "render"]


def now() -> str:
    """The time here, to the minute, as people and programs read it."""
    return datetime.now().astimezone().isoformat(" ", "minutes")


def render(template: str, **values: object) -> str:
    """A file of `templates/` with these values in it.

    Parameters
    ----------
    template : str
        Its name.
    **values
        Text is escaped; what is HTML already is a `markupsafe.Markup`.
    """
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    from importlib.metadata import version

    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        finalize=lambda value: visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(version=version("tildemc"), now=now)
    return environment
