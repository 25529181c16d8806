"""Conventions: how some data are written, as far as a person says it or it follows from where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from string import ascii_lowercase

from tildemc.arrays import Label
from tildemc.errors import DataError, FormulaSyntaxError, nearest
from tildemc.syntax.command import language_of
from tildemc.visible import shown

__all__ = ["MARKS", "STATA", "USUAL", "Conventions", "Marks", "conventions"]

STATA = (".", *(f".{letter}" for letter in ascii_lowercase))
"""How Stata writes its missing values."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What a person says of text in columns: what stands between columns, before decimals, between thousands."""

    sep: str | None = None
    decimal: str | None = None
    thousands: str | None = None

    def __post_init__(self) -> None:
        found: set[str] = set()
        for name, mark in self.said().items():
            if not isinstance(mark, str) or len(mark) != 1 or mark.isalnum() or mark in '"\n\r':
                raise DataError(f"`{name}` of `csv` is one character, as `;` is, or a tab, not {shown(mark)}")
            if mark in found:
                raise DataError(f"{shown(mark)} cannot be two marks of `csv`")
            found.add(mark)

    @classmethod
    def named(cls, csv: Mapping[str, str]) -> Marks:
        """The marks of a mapping; a tab may be a backslash and a `t`.

        Raises
        ------
        DataError
            If it is none of one character each.
        """
        if not isinstance(csv, Mapping):
            raise DataError(f'`csv` is a mapping, as in {{"sep": ";", "decimal": ","}}, not {shown(csv)}')
        for name in csv:
            if name not in MARKS:
                raise DataError(f"`csv` has no `{name}`{nearest(str(name), MARKS)}; it has {', '.join(MARKS)}")
        return cls(**{name: "\t" if mark == "\\t" else mark for name, mark in csv.items()})

    def said(self) -> dict[str, str]:
        """Those that are said, by name, as pandas calls them."""
        return {name: mark for name in MARKS if (mark := getattr(self, name)) is not None}


MARKS = tuple(field.name for field in fields(Marks))


@dataclass(frozen=True, slots=True)
class Conventions:
    """How data are written.

    Attributes
    ----------
    stated, implied : tuple of str
        Texts that stand for no value: those that a person names, and those of where the data or the text come from.
    csv : Marks
    """

    stated: tuple[str, ...] = ()
    implied: tuple[str, ...] = ()
    csv: Marks = Marks()

    @property
    def blanks(self) -> frozenset[str]:
        """All texts that stand for no value."""
        return frozenset((*self.stated, *self.implied))

    def and_implied(self, texts: tuple[str, ...]) -> Conventions:
        """These, and what stands for no value in a kind of file."""
        return replace(self, implied=tuple(dict.fromkeys((*self.implied, *texts))))

    def refuse_csv(self, data: str) -> None:
        """Refuse marks of text in columns for data that are none.

        Raises
        ------
        DataError
        """
        if self.csv.said():
            raise DataError(f"`csv` says how text in columns is read, and {data}: leave it out")


USUAL = Conventions()
"""Nothing but what readers know."""


def conventions(
    text: str, na: str | Sequence[Label] = (), syntax: str = "auto", csv: Mapping[str, str] | None = None
) -> Conventions:
    """How the data are written that a text is for: what a person says, and for Stata how it writes missing values.

    Raises
    ------
    DataError
        If something that is named for no value is neither text nor a number, or `csv` names no marks.
    """
    named = list(na) if isinstance(na, Iterable) and not isinstance(na, str) else [na]
    for value in named:
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise DataError(f"`na` names texts or numbers that stand for no value, not {shown(value)}")
    stated = tuple(str(value) for value in named)
    return Conventions(stated, STATA if _is_stata(text, syntax) else (), Marks.named(csv or {}))


def _is_stata(text: str, syntax: str) -> bool:
    """Whether a text is a Stata command; what is of no language is refused where it is read."""
    if syntax != "auto":
        return syntax == "stata"
    try:
        return language_of(text) == "stata"
    except FormulaSyntaxError:
        return False
