"""Reading: what the parts of one reading of a command share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tildemc.span import Span
from tildemc.syntax.stata.written import Option

__all__ = ["Reading", "shown"]


@dataclass
class Reading:
    """The text, the data's columns, and what is to be told.

    Attributes
    ----------
    text : str
    columns : sequence of str or None
    notes : list of str
        What was dropped or differs.
    display : list of str
        How the text asks for results.
    dropped : mapping of str to Option
        The options that mean nothing here.
    """

    text: str
    columns: Sequence[str] | None
    notes: list[str] = field(default_factory=list)
    display: list[str] = field(default_factory=list)
    dropped: dict[str, Option] = field(default_factory=dict)

    def place(self, name: str) -> Span:
        """Where a command's name stands."""
        start = max(0, self.text.find(name))
        return Span(self.text, start, start + len(name))


def shown(name: str, option: Option) -> str:
    """An option that says how results are shown, by its full name."""
    words = " ".join(word.text for word in option.given or () if name != "eform")
    return f"{name}({words})" if words else {"ir": "irr"}.get(name, name)
