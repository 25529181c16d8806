"""Thresholds: the numbers that cut the line on which a predictor lies into ordered categories."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import override

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.spec.expr import Apply, Const, Expr, Index, Op, Var
from tildemc.spec.priors import Prior
from tildemc.spec.support import POSITIVE, REAL, Spacing, Support
from tildemc.spec.terms.address import Sense, Target
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.levels import LevelsDesign, LevelsSummary
from tildemc.spec.terms.product import INTERCEPT_LABEL, Column
from tildemc.spec.terms.term import Dim, Free, Path, Reader, Term
from tildemc.spec.vocabulary import apply

__all__ = [
    "DELTA",
    "FAR",
    "Cuts",
    "Thresholds",
    "ThresholdsNames",
]

FAR = 1e15
"""A threshold that no predictor comes near, and that may be multiplied and squared."""
DELTA = "delta"
"""The distance between equidistant thresholds."""
COUNT = "thres"
"""What a row's density calls the number of its own thresholds, where rows differ in it."""


@dataclass(frozen=True, slots=True)
class ThresholdsNames:
    """`cutpoints` are the thresholds at the predictors' means; `dim` and `index` those of the factor `by`.

    `places` is where each level's thresholds stand among all, `place_dim` along it.
    """

    name: str
    threshold_dim: str
    cutpoints: str
    delta: str
    places: str
    place_dim: str
    dim: str = ""
    index: str = ""


@dataclass(frozen=True, slots=True)
class Cuts:
    """The thresholds of some rows.

    Attributes
    ----------
    size : int
        How many they are.
    prior_of : tuple of Prior
        One for each, of equidistant ones that of the first; where predictors are centred, at their means.
    delta : Prior or None
        Of the distance from each to the next, where that is one.
    """

    size: int
    prior_of: tuple[Prior, ...]
    delta: Prior | None = None

    @property
    def priors(self) -> tuple[Prior, ...]:
        """All of its priors."""
        return self.prior_of if self.delta is None else (*self.prior_of, self.delta)


@dataclass(frozen=True, slots=True)
class Thresholds(Term[LevelsDesign, LevelsSummary, ThresholdsNames]):
    """Thresholds, which stand in the place of the first predictor's intercept.

    Attributes
    ----------
    parameter : str
        The family's.
    cuts : tuple of Cuts
        Those of all rows, or one for each level of `by`.
    support : Support
        Of those of one row together.
    spacing : Spacing
    by : Factor or None
    """

    parameter: str
    cuts: tuple[Cuts, ...]
    support: Support
    spacing: Spacing = "flexible"
    by: Factor | None = None

    @property
    @override
    def path(self) -> Path:
        return (self.parameter,)

    @property
    @override
    def grouped_by(self) -> Factor | None:
        return self.by

    @property
    def size(self) -> int:
        """How many a row has at most."""
        return max(cuts.size for cuts in self.cuts)

    @property
    def starts(self) -> Integers:
        """Where those of each level begin, and the last end, as they stand one level after the other."""
        return np.cumsum([0, *(cuts.size for cuts in self.cuts)])

    @property
    def labels(self) -> tuple[int, ...] | tuple[str, ...]:
        """What they are called: 1, 2, …, or with the level before it."""
        if self.by is None:
            return tuple(range(1, self.size + 1))
        each = zip(self.by.levels, self.cuts, strict=True)
        return tuple(f"{level},{k}" for level, cuts in each for k in range(1, cuts.size + 1))

    @property
    def centred(self) -> bool:
        """Whether their priors are of thresholds at the predictors' means."""
        return self.cuts[0].prior_of[0].at_means

    @property
    def distance(self) -> Support:
        """What the distance from one to the next may be."""
        return POSITIVE if self.support.ordered else REAL

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        return ()

    # Of a row

    def quantity(self, k: int) -> str:
        """What the density of a row calls the quantity that its threshold k, counted from 0, is made of."""
        return f"{self.parameter} {k}"

    @property
    def step(self) -> str:
        """What it calls the distance between thresholds."""
        return f"{self.parameter} delta"

    @property
    def quantities(self) -> tuple[str, ...]:
        """All that the thresholds of a row are made of."""
        if self.spacing == "equidistant":
            return self.quantity(0), self.step
        return tuple(map(self.quantity, range(self.size)))

    def of_row(self, k: int) -> Expr:
        """A row's threshold k in these quantities; one that it does not have is out of reach."""
        match self.spacing:
            case "equidistant":
                first = Var(self.quantity(0))
                own = first + k * Var(self.step) if k else first
            case "sum_to_zero":
                every = range(self.size)
                mean = reduce(add, (self._where(j, Var(self.quantity(j)), Const(0.0)) for j in every)) / self._count
                own = Var(self.quantity(k)) - mean
            case _:
                own = Var(self.quantity(k))
        return self._where(k, own, Const(FAR))

    def seen_from(self, expr: Expr) -> Expr:
        """What is made of a threshold as seen from the predictor, `disc * (threshold - mu)`, without a slope far away.

        One that a row does not have is seen as far in any case; its slope may be infinite there, and count nothing.
        """
        match expr:
            case Op("*", _, Op("-", Index(Var(name), (int(k),)), _)) if name == self.parameter:
                return self._where(k, expr, Const(FAR))
            case Op("*", _, Op("-", _, Index(Var(name), (int(k),)))) if name == self.parameter:
                return self._where(k, expr, Const(-FAR))
            case Op(symbol, left, right):
                return Op(symbol, self.seen_from(left), self.seen_from(right))
            case Apply(function, arguments):
                return Apply(function, tuple(map(self.seen_from, arguments)))
            case _:
                return expr

    def _where(self, k: int, has: Expr, lacks: Expr) -> Expr:
        if k < min(cuts.size for cuts in self.cuts):
            return has
        return apply("where", apply("less", Const(k), Var(COUNT)), has, lacks)

    @property
    def _count(self) -> Expr:
        return Const(float(self.size)) if len({cuts.size for cuts in self.cuts}) == 1 else Var(COUNT)

    def counts(self, design: LevelsDesign) -> dict[str, Floats]:
        """How many each row has, (n,), by what its density calls that."""
        if design.index is None:
            return {}
        return {COUNT: np.array([cuts.size for cuts in self.cuts], dtype=np.float64)[design.index]}

    def spaced(self, values: Floats, delta: Floats | None) -> Floats:
        """Thresholds, (…, all), from the numbers that have priors, and the distances, (…, levels)."""
        if delta is not None:
            parts = [values[..., [j]] + np.arange(cuts.size) * delta[..., [j]] for j, cuts in enumerate(self.cuts)]
            return np.concatenate(parts, axis=-1)
        if self.spacing == "flexible":
            return values
        each = np.split(values, self.starts[1:-1], axis=-1)
        return np.concatenate([part - part.mean(axis=-1, keepdims=True) for part in each], axis=-1)

    def reported(self, names: ThresholdsNames, own: Floats, delta: Floats | None, shift: Floats) -> dict[str, Floats]:
        """What the model reports of numbers that have priors, (…, all), and distances, (…, levels).

        Thresholds where predictors are zero are a `shift`, (…), from those at their means.
        """
        draws: dict[str, Floats] = {}
        if delta is not None:
            draws[names.delta] = delta[..., 0] if self.by is None else delta
        elif self.spacing == "sum_to_zero":
            draws[names.cutpoints] = own
        return {**draws, names.name: self.spaced(own, delta) + shift[..., None]}

    def by_row(self, values: Floats, design: LevelsDesign) -> Floats:
        """Each row's own of all of them, (draws, all): (most, draws, n), or 1 in place of n where rows do not differ.

        One that a row does not have is `FAR`.
        """
        if design.index is None:
            return values.T[:, :, None]
        padded = np.column_stack([values, np.full(len(values), FAR)])
        return np.moveaxis(padded[:, self.places[design.index]], 2, 0)

    @property
    def places(self) -> Integers:
        """Where each level has its own, (levels, most); past the last for one that it does not have."""
        found = np.full((len(self.cuts), self.size), self.starts[-1])
        for j, (cuts, start) in enumerate(zip(self.cuts, self.starts, strict=False)):
            found[j, : cuts.size] = start + np.arange(cuts.size)
        return found

    # As a term

    @override
    def free(self) -> Iterator[Free]:
        along = (Dim("threshold_dim", self.labels),)
        every = tuple(prior for cuts in self.cuts for prior in cuts.prior_of)
        own = every if self.spacing == "flexible" else ()
        # Those of one level increase, and not from one level to the next.
        support = self.support if self.by is None else REAL
        if self.spacing == "sum_to_zero":
            yield Free((*self.path, "cutpoints"), along, support, "working", every, within=True)
        yield Free((*self.path, "name"), along, support, "population", own)
        if self.spacing == "equidistant":
            each = () if self.by is None else (Dim("dim", self.by.values),)
            priors = tuple(cuts.delta for cuts in self.cuts if cuts.delta is not None)
            yield Free((*self.path, "delta"), each, self.distance, "residual", priors, within=True)

    @override
    def dims(self) -> Iterator[Dim]:
        yield Dim("threshold_dim", self.labels)
        if self.by is not None:
            yield Dim("dim", self.by.values)
            yield Dim("place_dim", tuple(range(1, self.size + 1)))

    @override
    def fixed_names(self) -> Mapping[str, str]:
        own = {"name": INTERCEPT_LABEL, "threshold_dim": "threshold", "cutpoints": "cutpoints", "delta": DELTA}
        return own | {"places": "threshold_places", "place_dim": "threshold_place"}

    @override
    def named(self, given: Mapping[str, str]) -> ThresholdsNames:
        return ThresholdsNames(**given)

    @override
    def spoken_for(self, names: ThresholdsNames) -> Collection[str]:
        return names.name, names.cutpoints, names.delta

    @override
    def targets(self, names: ThresholdsNames, taken: Collection[str]) -> Iterator[Target]:
        groups = [()] if self.by is None else [(level,) for level in self.by.levels]
        for group, cuts in zip(groups, self.cuts, strict=True):
            part = [((word, *group), Sense.PART) for word in (INTERCEPT_LABEL, names.name) if group]
            for number, prior in enumerate(cuts.prior_of, start=1):
                at = (*group, str(number))
                own = f"{names.name}[{','.join(at)}]"
                known = (
                    ((INTERCEPT_LABEL,), Sense.ALL), ((names.name,), Sense.ALL), *part,
                    ((INTERCEPT_LABEL, *at), Sense.ONE), ((own,), Sense.ONE),
                )  # fmt: skip
                shown = (INTERCEPT_LABEL, *at) if group else (own,)
                yield Target("mu", "Intercept", at, REAL, prior, shown, known, made=False)
            if cuts.delta is not None:
                words = names.delta, *group
                known = (((names.delta,), Sense.ALL), (words, Sense.ONE))
                yield Target(DELTA, "parameter", group, self.distance, cuts.delta, words, known, made=False)

    @property
    @override
    def priors(self) -> tuple[Prior, ...]:
        return tuple(prior for cuts in self.cuts for prior in cuts.priors)

    @override
    def with_priors(self, priors: Sequence[Prior]) -> Thresholds:
        left = iter(priors)
        changed = []
        for cuts in self.cuts:
            own = tuple(next(left) for _ in cuts.prior_of)
            changed.append(replace(cuts, prior_of=own, delta=None if cuts.delta is None else next(left)))
        return replace(self, cuts=tuple(changed))

    @override
    def spreads(self, summary: LevelsSummary) -> Sequence[tuple[str, float]]:
        return [("", 1.0)] * len(self.priors)

    @override
    def read(self, rows: Reader) -> LevelsDesign:
        return LevelsDesign(None if self.by is None else rows.levels(self.by, needed=True))

    @override
    def outline(self, summary: LevelsSummary) -> LevelsDesign:
        return LevelsDesign(None if self.by is None else np.zeros(1, np.int64))

    @override
    def value(self, names: ThresholdsNames) -> Expr:
        return Var(names.name)
