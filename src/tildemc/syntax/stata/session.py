"""Session: what is known of a do-file while its commands are gone through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tildemc.errors import TildeError
from tildemc.syntax.stata.files import Opened
from tildemc.syntax.stata.macros import Macros
from tildemc.syntax.stata.pasted import Pasted
from tildemc.syntax.stata.scene import Scene
from tildemc.syntax.stata.series import Panel
from tildemc.syntax.stata.traced import Traced
from tildemc.syntax.stata.varlist import Base
from tildemc.syntax.steps import Make, Step
from tildemc.syntax.tree import Expr, Name

__all__ = ["Session"]


@dataclass
class Session:
    """What is known while the commands are gone through."""

    columns: Sequence[str] | None
    macros: Macros = field(default_factory=Macros)
    steps: list[Step] = field(default_factory=list)
    results: dict[str, Expr] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    unread: dict[str, TildeError] = field(default_factory=dict)
    models: list[Pasted] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    unknown: list[Traced] = field(default_factory=list)
    kept: list[tuple[Step, ...]] = field(default_factory=list)
    opened: Opened | None = None
    panel: Panel | None = None
    survey: Traced | None = None
    order: tuple[Expr, ...] = ()
    bases: dict[str, Base] = field(default_factory=dict)
    programs: dict[str, Traced] = field(default_factory=dict)
    refused: TildeError | None = None

    def known(self) -> Sequence[str] | None:
        """The columns by now."""
        made = [step.name for step in self.steps if isinstance(step, Make)]
        return None if self.columns is None else tuple(dict.fromkeys((*self.columns, *made)))

    def scene(self, by: tuple[Name, ...] = ()) -> Scene:
        """What a command finds that changes the data."""
        return Scene(by, self.known(), self.results, self.order, self.panel)
