"""Data as a script knows them: their name, the file that they are read from, and what has been done to them so far."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tildemc.syntax.steps import Step

__all__ = ["Frame"]


@dataclass(frozen=True, slots=True)
class Frame:
    """A data frame: what the text calls it, the file that it is read from, what is done to it, and what is told."""

    name: str | None = None
    file: str | None = None
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()

    def then(self, *steps: Step) -> Frame:
        """The same with something more done to it."""
        return replace(self, steps=(*self.steps, *steps))

    def told(self, note: str) -> Frame:
        """The same with a note more."""
        return replace(self, notes=(*self.notes, note))
