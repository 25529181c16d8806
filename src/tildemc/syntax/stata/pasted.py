"""Pasted: a model of a script with all that goes before it, and the Statement that comes of both."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tildemc.errors import TildeError
from tildemc.syntax.stata.files import Opened
from tildemc.syntax.stata.series import Panel
from tildemc.syntax.stata.traced import Traced
from tildemc.syntax.stata.varlist import Base
from tildemc.syntax.statement import Statement
from tildemc.syntax.steps import Make, Step
from tildemc.syntax.tree import Expr, deparse

__all__ = ["Pasted", "refuse_unread"]


@dataclass(frozen=True, slots=True)
class Pasted:
    """A model of a script.

    Attributes
    ----------
    name : str
        What the script calls it; `model1` and so on where it has no name.
    line : Traced
        Its command, without what stands before it, macros written out.
    panel : Panel or None
        As declared by then.
    steps : tuple of Step
        What is done to the data by then.
    opened : Opened or None
        The data that the script takes by then.
    notes : tuple of str
    unread : mapping of str to TildeError
        Columns that the script makes in a way that is not read.
    turn : bool
        Whether a loop has it in one of its turns.
    before : str
        The commands that go before it, written out.
    survey : Traced or None
        What `svyset` declared by then, without its stages.
    order : tuple of Expr
        What the rows are sorted by by then.
    bases : mapping of str to Base
        The base levels that `fvset` and `char` declared by then.
    after : tuple of Traced
        The commands after it that ask something of it.
    """

    name: str
    line: Traced
    panel: Panel | None = None
    steps: tuple[Step, ...] = ()
    opened: Opened | None = None
    notes: tuple[str, ...] = ()
    unread: dict[str, TildeError] = field(default_factory=dict)
    turn: bool = False
    before: tuple[str, ...] = ()
    survey: Traced | None = None
    order: tuple[Expr, ...] = ()
    bases: Mapping[str, Base] = field(default_factory=dict)
    after: tuple[Traced, ...] = ()

    @property
    def command(self) -> str:
        """The text of its command."""
        return self.line.text

    @property
    def text(self) -> str:
        """A text whose last model it is, with what is asked of it: the person's so far, or a loop's written out."""
        if self.turn:
            return "\n".join((*self.before, self.line.text, *(line.text for line in self.after)))
        return self.line.source[: max(line.span().end for line in (self.line, *self.after))]

    def _asked(self) -> tuple[str, ...]:
        """What is told of the commands after it."""
        if not self.after:
            return ()
        listed = ", ".join(f"`{line.text}`" for line in self.after[:_TOLD])
        more = f" and {len(self.after) - _TOLD} more" if len(self.after) > _TOLD else ""
        return (f'after the model, {listed}{more}: `fit.stata()` answers, and `fit.stata("…")` what else is asked',)

    def columns(self, given: Sequence[str] | None) -> Sequence[str] | None:
        """The columns of the data, with those that are made."""
        made = [step.name for step in self.steps if isinstance(step, Make)]
        return given if given is None else tuple(dict.fromkeys((*given, *made)))

    def finished(self, statement: Statement, columns: Sequence[str] | None) -> Statement:
        """What its command says, with what goes before, at its places in the person's text.

        Raises
        ------
        TildeError
            If it needs a column that the script makes in a way that is not read.
        """
        known = self.columns(columns) or ()
        refuse_unread(f"{self.command} {deparse(statement.formula.response)}", self.unread, known)
        found = self.line.placed(statement)
        data = self.opened
        return replace(
            found,
            steps=(*self.steps, *found.steps),
            notes=tuple(dict.fromkeys((*self.notes, *found.notes, *self._asked()))),
            after=tuple(line.text for line in self.after),
            data=data.name if data else found.data,
            file=data.file if data else found.file,
        )


_TOLD = 3
"""Commands after the model that a note lists."""


def refuse_unread(text: str, unread: Mapping[str, TildeError], known: Container[str]) -> None:
    """Refuse what needs a column that the script makes in a way that is not read, and the data do not have.

    Raises
    ------
    TildeError
        About the command that makes it.
    """
    for word in re.findall(r"\w+", text):
        # `tabulate g, generate(d)` makes d1, d2 and so on.
        for name in (word, word.rstrip("0123456789")):
            if name in unread and word not in known:
                raise unread[name]
