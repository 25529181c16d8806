"""Answers: what commands after a model came to, as text, as tables, as HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload, override

from tildemc.errors import FitError, doors
from tildemc.screen import folded
from tildemc.visible import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

    from tildemc.results.margins.margins import Margins
    from tildemc.table import Table

__all__ = ["Answer", "Answers"]


@doors
@dataclass(frozen=True, eq=False)
class Answer:
    """What one command came to.

    Attributes
    ----------
    command : str
        As it was written.
    title : str
        What it is, in words.
    table : Table or None
    notes : tuple of str
        What a reader should know.
    margins : Margins or None
        Of `margins`, all of it.
    axes : Axes or None
        A picture.
    """

    command: str
    title: str = ""
    table: Table | None = None
    notes: tuple[str, ...] = ()
    margins: Margins | None = field(default=None, repr=False)
    axes: Axes | None = field(default=None, repr=False)

    def frame(self) -> DataFrame:
        """The table as a data frame.

        Raises
        ------
        FitError
            If there is none.
        """
        if self.table is None:
            raise FitError(f"`{self.command}` has no table")
        return self.table.copy()

    def __str__(self) -> str:
        lines = [f". {self.command}", *(folded(self.title) if self.title else ())]
        if self.table is not None:
            lines += ["", repr(self.table)]
        for note in self.notes:
            lines += ["", *folded(note, "! ", "  ")]
        return visible("\n".join(lines))

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from markupsafe import Markup

        from tildemc.markup import render

        # Markup that pandas has escaped.
        table = None if self.table is None else Markup(self.table._repr_html_())
        return render("answer.html", answer=self, table=table)


@doors
@dataclass(frozen=True, eq=False, repr=False)
class Answers(Sequence[Answer]):
    """What commands came to, in their order."""

    each: tuple[Answer, ...]

    @overload
    def __getitem__(self, place: int) -> Answer: ...

    @overload
    def __getitem__(self, place: slice) -> Answers: ...

    @override
    def __getitem__(self, place: int | slice) -> Answer | Answers:
        return Answers(self.each[place]) if isinstance(place, slice) else self.each[place]

    @override
    def __len__(self) -> int:
        return len(self.each)

    @override
    def __iter__(self) -> Iterator[Answer]:
        return iter(self.each)

    def frame(self) -> DataFrame:
        """The table of the last that has one.

        Raises
        ------
        FitError
            If none has.
        """
        for answer in reversed(self.each):
            if answer.table is not None:
                return answer.frame()
        raise FitError("none of these commands has a table")

    def __str__(self) -> str:
        return "\n\n".join(map(str, self.each))

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return "".join(answer._repr_html_() for answer in self.each)
