"""Columns: how data hold one, which type its labels keep, and how a label is spelled.

Whoever reads a column follows this: `resolve`, which takes the model's numbers from a frame in memory, and the program
that `targets/pymc` prints, which reads a file with pandas.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, assert_never

import numpy as np

from tildemc.arrays import Label

__all__ = [
    "EXACT",
    "NO_NAMES",
    "Content",
    "Labels",
    "Stored",
    "are_mixed",
    "combined",
    "in_order",
    "label_of",
    "own_types",
]

NO_NAMES: Mapping[Label, str] = MappingProxyType({})
EXACT = 2.0**53
"""Up to here float64 has every whole number."""

Content = Literal["number", "truth", "text", "mixed"]


@dataclass(frozen=True, slots=True)
class Stored:
    """How data hold a column, over all their rows.

    Attributes
    ----------
    content : {"number", "truth", "text", "mixed"}
        What its values are, or the levels of a factor; "mixed" are numbers and text.
    dtype : str
        The values' type, as NumPy names it: "int64", "float32"; "decimal", "bool", "text".
    plain : bool
        Whether pandas has it as NumPy's int64, float64 or bool, or as text: neither levels nor a type of an extension.
    gaps : bool
        Whether a value is missing in some row.
    blank : bool
        Whether the text of some row is empty, which counts as missing.
    largest : float or None
        The largest absolute value of numbers that are all whole; None if some are not.
    """

    content: Content
    dtype: str
    plain: bool = True
    gaps: bool = False
    blank: bool = False
    largest: float | None = None

    @property
    def wide(self) -> bool:
        """Whether it has whole numbers that float64 cannot tell from their neighbours."""
        return self.largest is not None and self.largest >= EXACT

    def merge(self, other: Stored) -> Stored:
        """By two parts of its rows."""
        if self.content != other.content:
            return self if other.dtype == "null" else other
        largest = None if self.largest is None or other.largest is None else max(self.largest, other.largest)
        return replace(
            self,
            plain=self.plain and other.plain,
            gaps=self.gaps or other.gaps,
            blank=self.blank or other.blank,
            largest=largest,
        )


def label_of(value: Label, names: Mapping[Label, str] = NO_NAMES) -> str:
    """A value by itself: its name, or its text; a whole number without a point, a truth value as R writes it."""
    if value in names:
        return names[value]
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | np.floating):
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < EXACT else f"{number:.15g}"
    return str(value)


def own_types(values: Iterable[Label]) -> tuple[Label, ...]:
    """Labels in the type that they keep: numbers that are all whole are integers, whatever held them."""
    found = tuple(values)
    numbers = [value for value in found if not isinstance(value, str)]
    if not any(isinstance(value, float) for value in numbers):
        return found
    kept = int if all(float(value).is_integer() for value in numbers) else float
    return tuple(value if isinstance(value, str) else kept(value) for value in found)


def are_mixed(values: Collection[Label]) -> bool:
    """Whether some labels are text and others are not."""
    return len({isinstance(value, str) for value in values}) > 1


def in_order(values: Iterable[Label]) -> tuple[Label, ...]:
    """Labels sorted, numbers before text."""
    return tuple(sorted(values, key=lambda value: (isinstance(value, str), value)))


@dataclass(frozen=True, slots=True)
class Labels:
    """The names of the different values of a column, each its own.

    Attributes
    ----------
    kind : {"text", "whole", "real", "truth"}
        Their type.
    short : bool
        Whether 15 digits tell real numbers apart; else each has all of its own, as Python prints it.
    names : mapping
        Names that the data give some of the values.
    """

    kind: Literal["text", "whole", "real", "truth"]
    short: bool = True
    names: Mapping[Label, str] = NO_NAMES

    @classmethod
    def of(cls, values: Iterable[Label], names: Mapping[Label, str] = NO_NAMES) -> Labels:
        """Of values of one type, or of numbers and text; the data may name some."""
        found = own_types(values)
        if names:
            return cls("whole", names=_each_its_own(found, names))
        if are_mixed(found):
            return cls("text", names=_mixed_names(found))
        if found and all(isinstance(value, bool) for value in found):
            return cls("truth")
        if all(isinstance(value, str) for value in found):
            return cls("text")
        if all(isinstance(value, int) for value in found):
            return cls("whole")
        return cls("real", len({f"{value:.15g}" for value in found}) == len(set(found)))

    def __call__(self, value: Label) -> str:
        """The name of one."""
        if self.kind != "real":
            return label_of(value, self.names)
        return f"{value:.15g}" if self.short else repr(float(value))

    def code(self, column: str, integers: str = "") -> str:
        """Python text that names the values of `column`, a pandas series; `integers` makes such of whole numbers."""
        match self.kind:
            case "text":
                return column
            case "whole":
                return f"{column}{integers}.astype(str)"
            case "truth":
                return f"{column}.astype(str).str.upper()"
            case "real":
                return f'{column}.map("{{:.15g}}".format)' if self.short else f"{column}.map(repr)"
            case never:
                assert_never(never)


def _each_its_own(values: tuple[Label, ...], names: Mapping[Label, str]) -> dict[Label, str]:
    """The names; with the value behind where two have the same."""
    labels = {value: label_of(value, names) for value in values}
    given = Counter(labels.values())
    return {value: label if given[label] == 1 else f"{label} ({label_of(value)})" for value, label in labels.items()}


def _mixed_names(values: tuple[Label, ...]) -> dict[Label, str]:
    """The texts that numbers are called by, and in quotes the texts that are such."""
    numbers = [value for value in values if not isinstance(value, str)]
    spelled = dict(zip(numbers, map(Labels.of(numbers), numbers), strict=True))
    texts = {value for value in values if isinstance(value, str)}
    alike = texts & set(spelled.values())
    return spelled | {text: _quoted(text) for text in texts if alike and (text in alike or '"' in text)}


def combined(
    keys: tuple[tuple[Label, ...], ...], names: Sequence[Mapping[Label, str]] = ()
) -> tuple[tuple[str, ...], dict[str, str]]:
    """The names of combinations of values, `school:class`, each its own; and texts that are in quotes for that.

    Parameters
    ----------
    keys : tuple of tuple
        For each combination, its value in each of some columns.
    names : sequence of mapping, optional
        For each column, names that the data give its values.
    """
    if not keys:
        return (), {}
    known = names or [NO_NAMES] * len(keys[0])
    spelled = [Labels.of(values, named) for values, named in zip(zip(*keys, strict=True), known, strict=True)]
    parts = [tuple(spell(value) for spell, value in zip(spelled, key, strict=True)) for key in keys]
    joined = tuple(":".join(part) for part in parts)
    if len(set(joined)) == len(joined):
        return joined, {}
    # `a:b` and `c` would be called as `a` and `b:c` are.
    quotes = {text: _quoted(text) for part in parts for text in part if ":" in text or '"' in text}
    return tuple(":".join(quotes.get(text, text) for text in part) for part in parts), quotes


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
