"""Predictor -> which effects are integrated out level by level, and which are left to the dense part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tildemc.spec.model import Integrated, Predictor
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.levels_apart import LevelWeights
from tildemc.spec.terms.term import Path
from tildemc.targets.marginal.statistics import Layout

__all__ = ["Elimination"]


@dataclass(frozen=True, slots=True)
class Elimination:
    """The effects of a predictor, in the order of the kernels.

    Attributes
    ----------
    groups : tuple of GroupEffects, Smooth, GaussianProcess and Areal
        The one that is eliminated first, if there is one.
    alone : bool
        Whether there is one.
    met : mapping of Path to Path
        By which terms a row has a level, and whose level that is: of `mm(g1, g2)` it has several.
    """

    groups: tuple[Integrated, ...]
    alone: bool
    met: Mapping[Path, Path]

    @classmethod
    def of(cls, predictor: Predictor) -> Elimination:
        """Eliminate the one with the most effects of those whose levels never meet in a row."""
        # Levels that meet are not independent of one another given all other effects.
        members = {shared.path: shared.owner for shared in predictor.shared}
        several = frozenset(members.values())

        def later(group: Integrated) -> tuple[bool, bool, int]:
            # Related levels are independent once they are rotated, which is done with those that are eliminated.
            related = isinstance(group, GroupEffects) and group.between is not None
            return group.path in several, not related, -group.size * group.width

        groups = tuple(sorted(predictor.integrated, key=later))
        alone = bool(groups) and groups[0].path not in several
        return cls(groups, alone, {**{group.path: group.path for group in groups}, **members})

    @property
    def weights(self) -> Iterator[LevelWeights | None]:
        """Of the levels of what is met, in order."""
        known = {group.path: group.weights for group in self.groups if isinstance(group, GroupEffects)}
        yield from (known.get(owner) for owner in self.met.values())

    @property
    def others(self) -> tuple[Integrated, ...]:
        """What is not eliminated."""
        return self.groups[1:] if self.alone else self.groups

    @property
    def rest(self) -> int:
        """How many effects these have."""
        return sum(group.size * group.width for group in self.others)

    def layout(self, p: int, classes: int) -> Layout:
        """Where each effect lies, with p population effects and as many residual classes."""
        first = (self.groups[0].size, self.groups[0].width) if self.alone else (0, 1)
        number = {group.path: f for f, group in enumerate(self.groups, start=not self.alone)}
        return Layout(
            (first[0], *(group.size for group in self.others)),
            (first[1], *(group.width for group in self.others)),
            tuple(number[owner] for owner in self.met.values()),
            p,
            classes,
        )
