"""ModelSpec -> the effects of all its predictors, those of the same levels beside one another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.spec.design import Design
from tildemc.spec.model import Integrated, ModelSpec, Predictor
from tildemc.spec.terms.effects import EffectsBlock
from tildemc.spec.terms.factor import Factor as Levels
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.known import Between
from tildemc.spec.terms.shared import SharedEffects
from tildemc.targets.glmm.arrange import Factor, Met

__all__ = ["Placed", "Stack", "Stacked", "moving"]


def moving(spec: ModelSpec) -> tuple[Predictor, ...]:
    """The predictors that have effects."""
    return tuple(predictor for predictor in spec.predictors if predictor.integrated or predictor.shared)


@dataclass(frozen=True, eq=False)
class Relation:
    """Effects of related levels as sums of those of levels that are independent.

    Attributes
    ----------
    others : (levels, most)
        Of which levels each level's effects are sums.
    weights : (levels, most)
        What these's are multiplied by; zero where there are fewer.
    """

    others: Integers
    weights: Floats

    @classmethod
    def of(cls, between: Between) -> Relation:
        """By a square root of the covariance between levels."""
        most = int(np.count_nonzero(between.factor, axis=1).max())
        others = np.argsort(between.factor == 0, axis=1, kind="stable")[:, :most]
        weights = np.take_along_axis(between.factor, others, axis=1)
        # Where there is nothing more to add, a level that is there already connects no others.
        return cls(np.where(weights == 0, others[:, :1], others), weights)

    def met(self, met: Met) -> Iterator[Met]:
        """Where rows that have columns of related levels meet the independent ones."""
        for others, weights in zip(self.others.T, self.weights.T, strict=True):
            levels = np.where(met.levels >= 0, others[met.levels], -1)
            yield met._replace(columns=met.columns * weights[met.levels][:, None], levels=levels)


@dataclass(frozen=True, slots=True)
class Stack:
    """Terms whose effects are of the same levels: of a level, those of one term stand after those of another.

    Attributes
    ----------
    terms : tuple of GroupEffects, Smooth, GaussianProcess and Areal
        Of one, where they are no group effects.
    again : tuple of SharedEffects
        Where effects of theirs come in once more.
    """

    terms: tuple[Integrated, ...]
    again: tuple[SharedEffects, ...]

    @property
    def size(self) -> int:
        """How many levels there are."""
        return self.terms[0].size

    @property
    def width(self) -> int:
        """How many effects a level has."""
        return sum(term.width for term in self.terms)

    @property
    def firsts(self) -> tuple[int, ...]:
        """For each term which of a level's effects is its first."""
        return (0, *accumulate(term.width for term in self.terms[:-1]))

    @property
    def blocks(self) -> tuple[EffectsBlock, ...]:
        """Independent of each other."""
        return tuple(block for term in self.terms for block in term.blocks)

    @property
    def correlated(self) -> bool:
        """Whether there is a correlation to speak of."""
        return any(term.correlated for term in self.terms)

    @property
    def meeting(self) -> bool:
        """Whether a row has several of its levels, which are not independent of one another then."""
        [first, *_] = self.terms
        related = isinstance(first, GroupEffects) and first.between is not None
        return related or any(shared.factor != self._levels for shared in self.again)

    def alike(self, other: Stack) -> bool:
        """Whether each row has one level, and the same one, of both."""
        groups = all(isinstance(term, GroupEffects) for term in (*self.terms, *other.terms))
        return groups and self._levels == other._levels and not (self.meeting or other.meeting)

    @property
    def _levels(self) -> Levels | None:
        return self.terms[0].grouped_by

    def factor(self, design: Design, predictors: tuple[str, ...]) -> Factor:
        """Where rows meet the effects."""
        met, relation = [*self._met(design, predictors)], self.relation
        if relation is not None:
            met = [part for own in met for part in relation.met(own)]
        return Factor(self.size, self.width, not self.correlated, met)

    @property
    def relation(self) -> Relation | None:
        """How levels are related, which are then of one term."""
        [first, *_] = self.terms
        if not isinstance(first, GroupEffects) or first.between is None:
            return None
        return Relation.of(first.between)

    @property
    def columns(self) -> int:
        """How many effects a row has at most of one of its levels."""
        relation = self.relation
        return self.width * (1 if relation is None else relation.others.shape[1])

    def _met(self, design: Design, predictors: tuple[str, ...]) -> Iterator[Met]:
        first_of = {term.path: first for term, first in zip(self.terms, self.firsts, strict=True)}
        # The levels that a row has once are met once, by the columns of all terms.
        alike = [shared for shared in self.again if shared.factor == self._levels]
        columns, of = np.zeros((design.n, self.width)), np.zeros(self.width, dtype=np.int64)
        for term, first in zip(self.terms, self.firsts, strict=True):
            numbers = term.in_rows(design.of(term))
            columns[:, first : first + term.width] = numbers.Z
            of[first : first + term.width] = predictors.index(term.path[0])
        for shared in alike:
            first = first_of[shared.owner] + shared.first
            columns[:, first : first + len(shared.columns)] = design.of(shared).Z
            of[first : first + len(shared.columns)] = predictors.index(shared.parameter)
        yield Met(columns * self._spread(numbers.index, 0, self.width), numbers.index, 0, of)
        for shared in (shared for shared in self.again if shared.factor != self._levels):
            own, first = design.of(shared), first_of[shared.owner] + shared.first
            of = np.full(len(shared.columns), predictors.index(shared.parameter))
            yield Met(own.Z * self._spread(own.index, first, len(of)), own.index, first, of)

    def _spread(self, index: Integers, first: int, width: int) -> Floats | float:
        """What the weights of levels make of some of the columns, (n, width)."""
        weights = [term.weights if isinstance(term, GroupEffects) else None for term in self.terms]
        if not any(weights):
            return 1.0
        each = [np.ones(self.size) if known is None else known.spread for known in weights]
        of_effects = np.repeat(each, [term.width for term in self.terms], axis=0)
        return of_effects[first : first + width, index].T


@dataclass(frozen=True, slots=True)
class Placed:
    """A term among the stacks: which of them it is in, and which of a level's effects is its first."""

    term: Integrated
    stack: int
    first: int

    def of(self, factors: Floats) -> Floats:
        """The Cholesky factors of its effects, (points, width, width), of those of all stacks."""
        own = slice(self.first, self.first + self.term.width)
        return factors[:, self.stack, own, own]


@dataclass(frozen=True, slots=True)
class Stacked:
    """All effects of a model, in the order of the kernels.

    Attributes
    ----------
    moving : tuple of Predictor
        That have effects.
    stacks : tuple of Stack
        The one that is eliminated first, if there is one: most effects, of levels that never meet in a row.
    """

    moving: tuple[Predictor, ...]
    stacks: tuple[Stack, ...]

    @classmethod
    def of(cls, spec: ModelSpec) -> Stacked:
        """Those of a model."""
        predictors = moving(spec)
        again = [shared for predictor in predictors for shared in predictor.shared]
        found: list[Stack] = []
        for term in (term for predictor in predictors for term in predictor.integrated):
            own = Stack((term,), tuple(shared for shared in again if shared.owner == term.path))
            at = next((k for k, stack in enumerate(found) if stack.alike(own)), None)
            if at is None:
                found.append(own)
            else:
                found[at] = Stack((*found[at].terms, term), (*found[at].again, *own.again))
        return cls(predictors, tuple(sorted(found, key=lambda stack: (stack.meeting, -stack.size * stack.width))))

    @property
    def parameters(self) -> tuple[str, ...]:
        """Whose predictors have effects."""
        return tuple(predictor.parameter for predictor in self.moving)

    @property
    def alone(self) -> bool:
        """Whether there is one to eliminate level by level."""
        return bool(self.stacks) and not self.stacks[0].meeting

    @property
    def rest(self) -> int:
        """How many effects the others have."""
        return sum(stack.size * stack.width for stack in self.stacks[int(self.alone) :])

    @property
    def columns(self) -> int:
        """How many effects of one level of each a row has at most, added up."""
        return sum(stack.columns for stack in self.stacks)

    @property
    def placed(self) -> tuple[Placed, ...]:
        """Each term, stack by stack."""
        return tuple(
            Placed(term, k, first)
            for k, stack in enumerate(self.stacks)
            for term, first in zip(stack.terms, stack.firsts, strict=True)
        )
