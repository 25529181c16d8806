"""Which group effects a prediction has, and the effects of levels that the model has not seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np

from tildemc.arrays import Floats, Mask
from tildemc.errors import SemanticError, nearest
from tildemc.results.evaluate import Draws
from tildemc.spec.covariance import effects
from tildemc.spec.design import Design
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names
from tildemc.spec.terms.group import GroupDesign, GroupEffects, GroupNames
from tildemc.spec.terms.measured import Measured, MeasuredDesign, MeasuredNames
from tildemc.spec.terms.shared import SharedEffects
from tildemc.visible import shown

__all__ = ["Chosen", "Groups", "Unseen", "chosen", "distributed", "drawn_effects", "only"]


def distributed(
    group: GroupEffects, named: GroupNames, draws: Draws, generator: np.random.Generator, levels: int
) -> dict[str, Floats]:
    """Effects (draws, levels, q) of levels that nothing is known of but the distribution that each draw has for them.

    With what makes them Student-t, if they are.
    """
    found = {named.r: effects(draws[named.sd], draws.get(named.cor), generator, levels)}
    if group.tails is None:
        return found
    df = draws[named.df]
    u = df[:, None] / generator.chisquare(df[:, None], (len(df), levels))
    return group.with_tails(named, found, df, u)


def drawn_effects(
    group: GroupEffects, named: GroupNames, draws: Draws, generator: np.random.Generator
) -> dict[str, Floats]:
    """The same of the levels of the model, which may be related, or not count alike."""
    found = distributed(group, named, draws, generator, group.size)
    return found | {named.r: group.related(found[named.r])}


Groups = str | Collection[str] | Mapping[str, str | Collection[str]]
"""Whose effects are there: "all", "none", grouping factors, or a mapping of these to effects."""


@dataclass(frozen=True, eq=False)
class Chosen:
    """The group effects that are asked for: by the grouping factor's label those effects, or None for all of them."""

    effects: Mapping[str, frozenset[str] | None]

    def __call__(self, group: GroupEffects) -> Mask:
        """Which of a group's effects, (q,)."""
        label = group.factor.label
        asked = self.effects.get(label, frozenset())
        return np.array([asked is None or column.label in asked for column in group.columns], dtype=bool)


def chosen(spec: ModelSpec, groups: object) -> Chosen:
    """Which effects are meant by what a person asks for.

    Parameters
    ----------
    spec : ModelSpec
    groups : "all", "none", a grouping factor's name, several, or a mapping of these to names of effects

    Raises
    ------
    SemanticError
        If there is no such grouping factor or effect.
    """
    known: dict[str, set[str]] = {}
    for group in spec.groups():
        known.setdefault(group.factor.label, set()).update(group.labels)
    if isinstance(groups, str):
        groups = {"all": [*known], "none": []}.get(groups, [groups])
    asked: dict[str, frozenset[str] | None]
    if isinstance(groups, Mapping):
        asked = {label: _labels(label, labels) for label, labels in groups.items()}
    elif isinstance(groups, list | tuple | set | frozenset) and all(isinstance(label, str) for label in groups):
        asked = dict.fromkeys(groups, None)
    else:
        raise SemanticError(f'`groups` is "all", "none" or a list of grouping factors, not {shown(groups)}')
    for label, labels in asked.items():
        if label not in known:
            there = f"the model groups by {', '.join(known)}" if known else "the model has no group effects"
            raise SemanticError(f"`groups`: no effects vary by {shown(label)}{nearest(str(label), known)}; {there}")
        for effect in sorted((labels or set()) - known[label]):
            has = ", ".join(sorted(known[label]))
            raise SemanticError(f"`groups`: {label} has no effect {effect!r}; it has {has}")
    return Chosen(asked)


def _labels(label: object, labels: object) -> frozenset[str]:
    if isinstance(labels, str):
        return frozenset({labels})
    if not isinstance(labels, list | tuple | set | frozenset) or not all(isinstance(name, str) for name in labels):
        raise SemanticError(f"`groups`: the effects of {label} are a list of names, not {shown(labels)}")
    return frozenset(labels)


def only(spec: ModelSpec, design: Design, wanted: Chosen) -> Design:
    """The rows with no other group effects than those asked for."""
    terms = dict(design.terms)
    for group in spec.grouped():
        asked, numbers = wanted(spec.owner(group)), design.of(group)
        if isinstance(group, SharedEffects):
            asked = asked[group.first : group.first + len(group.columns)]
        if not asked.all():
            index = numbers.index if asked.any() else np.full_like(numbers.index, -1)
            terms[group.path] = GroupDesign(numbers.Z * asked, index)
    return replace(design, terms=terms)


@dataclass(frozen=True, eq=False)
class Unseen:
    """How levels that the model has not seen come by their effects.

    Attributes
    ----------
    existing : bool
        Each draw takes those of one of the levels that the model has seen, picked at random; else effects are drawn
        from the distribution that the draw has for them.
    seed : int
        What a level's effects depend on beside the level: they are the same wherever its rows are met.
    """

    existing: bool
    seed: int

    def __call__(self, spec: ModelSpec, design: Design, draws: Draws) -> tuple[Design, Draws]:
        """Rows and draws of which every level of every row has its effects."""
        known, changed, terms = names(spec), dict(draws), dict(design.terms)
        for group in spec.groups():
            having = [term for term in spec.having(group) if term.path in design.terms]
            index = np.concatenate([np.empty(0, np.int64), *(design.of(term).index for term in having)])
            named, levels = known.of(group), len(group.factor.levels)
            if index.max(initial=-1) < levels:
                continue
            present, local = np.unique(index, return_inverse=True)
            # A row of no level has none here, too.
            lacking = int(np.searchsorted(present, 0))
            seen, unseen = present[lacking:][present[lacking:] < levels], present[present >= levels]
            new = [self._effects(group, named, draws, int(number - levels)) for number in unseen]
            changed[named.r] = np.asfortranarray(np.concatenate([draws[named.r][:, seen], *new], axis=1))
            each = np.split(local.reshape(-1) - lacking, len(having))
            terms |= {term.path: GroupDesign(design.of(term).Z, own) for term, own in zip(having, each, strict=True)}
        for measured in (one for one in spec.measured if one.path in terms):
            named_, numbers = known.of(measured), terms[measured.path]
            terms[measured.path], true = self._true_values(measured, numbers, draws, named_)
            changed |= {name: np.concatenate([draws[name], values], axis=1) for name, values in true.items()}
        return replace(design, terms=terms), changed

    def _true_values(
        self, measured: Measured, numbers: MeasuredDesign, draws: Draws, named: MeasuredNames
    ) -> tuple[MeasuredDesign, Draws]:
        """The rows, and the true values of levels that the model has not seen: drawn, given what was measured."""
        unseen, length = numbers.index >= measured.size, len(draws[named["mean 0"]])
        if not unseen.any():
            return numbers, {}
        present, first = np.unique(numbers.index[unseen], return_index=True)
        rows = np.flatnonzero(unseen)[first]
        own = [self._generator(measured.label, int(number)) for number in present - measured.size]
        z = np.stack([generator.normal(size=(measured.width, length)) for generator in own], axis=-1)
        kept = MeasuredDesign(numbers.values[rows], numbers.noise[rows], np.arange(len(rows)))
        new = measured.drawn(named, draws, kept, z)
        place = np.searchsorted(present, numbers.index[unseen])
        index = numbers.index.copy()
        index[unseen] = measured.size + place
        return replace(numbers, index=index), new

    def _effects(self, group: GroupEffects, named: GroupNames, draws: Draws, number: int) -> Floats:
        """Of one level under each draw, (draws, 1, q)."""
        drawn = draws[named.r]
        if self.existing:
            # Of all predictors those of one level: they belong together.
            generator = self._generator(group.factor.label, number)
            picked = (generator.uniform(size=len(drawn)) * drawn.shape[1]).astype(np.int64)
            return np.asarray(drawn[np.arange(len(drawn)), picked][:, None])
        return distributed(group, named, draws, self._generator(named.r, number), 1)[named.r]

    def _generator(self, name: str, number: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, crc32(name.encode()), number])
