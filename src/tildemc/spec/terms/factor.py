"""Factor: what rows are grouped by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tildemc.arrays import Label
from tildemc.spec.columns import are_mixed, combined, own_types

__all__ = ["Factor"]


@dataclass(frozen=True, slots=True)
class Factor:
    """Something that rows are grouped by: columns of the data, and the observed combinations of their values.

    Attributes
    ----------
    label : str
        `county`, or `school:class` for combinations.
    columns : tuple of str
    keys : tuple of tuple
        For each level, its value in each of the columns, in the type that a column's labels keep.
    levels : tuple of str
        For each level, its name.
    named : bool
        Whether a name is not the value's own text: the data give values names, or values are of several types.
    among : tuple of str
        The columns whose values are levels of one factor, where a row has several of them; this is one of them.
    unmet : int
        How many of the levels, the last ones, no row has.
    """

    label: str
    columns: tuple[str, ...]
    keys: tuple[tuple[Label, ...], ...]
    levels: tuple[str, ...]
    named: bool = False
    among: tuple[str, ...] = ()
    unmet: int = 0

    @classmethod
    def of(
        cls,
        label: str,
        columns: tuple[str, ...],
        keys: Iterable[tuple[Label, ...]],
        names: Sequence[Mapping[Label, str]] = (),
    ) -> Factor:
        """The factor whose levels are these combinations of the columns' values, which may have names."""
        kept = tuple(zip(*map(own_types, zip(*keys, strict=True)), strict=True))
        named = any(names) or any(map(are_mixed, zip(*kept, strict=True)))
        return cls(label, columns, kept, combined(kept, names)[0], named)

    def only(self, levels: Sequence[int]) -> Factor:
        """The factor with these of its levels."""
        keys = tuple(self.keys[level] for level in levels)
        if self.named:
            return replace(self, keys=keys, levels=tuple(self.levels[level] for level in levels))
        return replace(Factor.of(self.label, self.columns, keys), among=self.among)

    def and_others(self, levels: Sequence[str]) -> Factor:
        """The factor of one column with levels more, which no row has; numbers where its own are numbers."""
        if not levels:
            return self
        keys = tuple((_like(self.keys[0][0], level),) for level in levels)
        return replace(self, keys=(*self.keys, *keys), levels=(*self.levels, *levels), unmet=len(levels))

    @property
    def text(self) -> str:
        """What a formula calls it."""
        return f"mm({', '.join(self.among)})" if self.among else self.label

    @property
    def values(self) -> tuple[Label, ...]:
        """Its levels as coordinates: a column's own values, or the names of values and combinations."""
        return self.levels if self.named or len(self.columns) > 1 else tuple(key[0] for key in self.keys)


def _like(known: Label, level: str) -> Label:
    """A level's value, in the type of another's where it reads as one."""
    if isinstance(known, bool | str):
        return level
    try:
        value = type(known)(level)
    except ValueError:
        return level
    return value if str(value) == level else level
