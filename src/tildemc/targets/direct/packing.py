"""The kernel's tables while a model is being packed: where its numbers, columns, slots and groups find room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tildemc.arrays import Floats, Integers
from tildemc.scalars import coded
from tildemc.spec.densities import DISTRIBUTIONS
from tildemc.spec.design import Design
from tildemc.spec.expr import Const
from tildemc.spec.model import Integrated, ModelSpec
from tildemc.spec.priors import Prior
from tildemc.spec.stepwise import before
from tildemc.spec.terms.areal import Areal
from tildemc.spec.terms.known import Between
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.process import GaussianProcess
from tildemc.spec.terms.term import Path
from tildemc.targets.direct.followed import Followed
from tildemc.targets.direct.problem import Layout
from tildemc.targets.direct.rows import share_piece
from tildemc.targets.direct.start import coordinate, coordinate_of, transform_of
from tildemc.targets.direct.tables import (
    INTERVAL,
    LEVELS,
    NONE,
    Bend,
    Block,
    Group,
    Link,
    Made,
    Map,
    Scalar,
    Shift,
    Slot,
    Stretch,
    Term,
)
from tildemc.targets.shared.apart import apart
from tildemc.targets.shared.recipes import room_for

__all__ = ["Packing"]

NEWTON = 20


class Packing:
    """The tables so far.

    Attributes
    ----------
    design : Design
        Its rows in the order of the tables.
    slots : dict of str to Slot
        What a row's density reads, by what it calls it.
    owners : dict of Path to int
        The numbers of groups whose effects other terms may have too.
    effects, factors, recipes : int
        How many numbers of each the kernel needs memory for.
    spectral : dict of int to GaussianProcess or Areal
        Whose coefficients' sds a block's spectrum makes, by the block's number.
    related : dict of Path to Known or Related
        How effects of related levels are made of independent ones.
    start : (size,)
        Where chains begin.
    before : (n,) or None
        Where rows follow one another, the row before each.
    apart : mapping of str to float
        Where the intercepts of components begin, which must not begin alike.
    """

    def __init__(self, spec: ModelSpec, design: Design, layout: Layout) -> None:
        self.spec, self.design, self.layout = spec, design, layout
        self.groups: list[Group] = []
        self.blocks: list[Block] = []
        self.scalars: list[Scalar] = []
        self.spreads: list[Scalar] = []
        self.bends: list[Bend] = []
        self.maps: list[Map] = []
        self.shifts: list[Shift] = []
        self.stretches: list[Stretch] = []
        self.terms: list[Term] = []
        self.follows: list[Shift] = []
        self.links: list[Link] = []
        self.spectral: dict[int, GaussianProcess | Areal] = {}
        self.related: dict[Path, Between] = {}
        self.made: list[Made] = []
        self.numbers: list[int] = []
        self.quantities = Followed()
        self.columns: list[int] = []
        self.slots: dict[str, Slot] = {}
        self.owners: dict[Path, int] = {}
        self.effects = self.factors = self.recipes = 0
        self.start = np.zeros(layout.size)
        self._floats: list[Floats] = [np.empty(0)]
        self._index: list[NDArray[np.int32]] = [np.empty(0, np.int32)]
        self._lengths = {"floats": 0, "index": 0}
        # Where rows follow one another, what stands for a row's parameters is there once more for the row before it.
        self.before = None if spec.residual is None else before(design.of(spec.residual))
        self.apart = {} if spec.family.mixture is None else apart(spec, design)

    # Flat arrays

    def floats(self, values: Floats) -> int:
        """Where numbers are kept."""
        at = self._lengths["floats"]
        self._floats.append(np.ascontiguousarray(values, dtype=np.float64).ravel())
        self._lengths["floats"] += values.size
        return at

    def index(self, values: Integers, levels: int) -> int:
        """Where the levels of rows are kept."""
        at = self._lengths["index"]
        # Rows without a level point past the last, where the kernel keeps a row of zeros: it need not ask.
        self._index.append(np.where(values < 0, levels, values).astype(np.int32))
        self._lengths["index"] += values.size
        return at

    def recipe(self, recipe: Floats) -> int:
        """Where a recipe stands; the kernel has memory for the largest."""
        self.recipes = max(self.recipes, room_for(recipe))
        return self.floats(recipe)

    @property
    def flat(self) -> tuple[NDArray[np.int32], Floats]:
        """All levels of rows, and all numbers."""
        return np.concatenate(self._index), np.concatenate(self._floats)

    # Coordinates

    def scalar(self, at: int, prior: Prior, transform: int | None = None) -> None:
        """A coordinate that has a prior, which says where it begins and, by default, how it is made unconstrained."""
        if prior.made:
            inputs, recipe = self.quantities.recipe(prior)
            self.made.append(Made(at, len(self.columns), self.recipe(recipe)))
            self.columns += inputs
            if prior.distribution.point:
                self.numbers.append(at)
                return
            prior = prior.standard
        lower, upper = prior.support.lower, prior.support.upper
        how = transform_of(prior) if transform is None else transform
        self.scalars.append(Scalar(at, how, int(prior.on_variance), *self.density(prior), lower, upper))
        self.start[at] = coordinate(prior.plausible, prior, transform_of(prior))

    def scalars_from(self, first: int, priors: Sequence[Prior]) -> None:
        """Coordinates side by side, one for each prior."""
        for at, prior in enumerate(priors, start=first):
            self.scalar(at, prior)

    def density(self, prior: Prior) -> tuple[int, float, float, float]:
        """A prior's code and arguments; its steps, if it has any, stand among the floats."""
        scalar = coded(prior)
        return scalar.at(self.floats(np.array(scalar.steps)))

    def begin(self, at: int, sd: float, prior: Prior) -> None:
        """Let chains begin at an sd."""
        if not prior.made:
            self.start[at] = coordinate_of(sd, prior)

    def bend(self, at: int, origin: float, scale: float) -> None:
        """Bend a coordinate below `origin`; chains begin where they did."""
        self.bends.append(Bend(at, origin, scale))
        to, x = (self.start[at] - origin) / scale, 0.0
        # What is bent is concave in x, so that Newton's steps come to it from below.
        for _ in range(NEWTON):
            below = np.logaddexp(0.0, -x)
            x -= (x - 0.5 * below**2 - to) / (1.0 + below / (1.0 + np.exp(x)))
        self.start[at] = x

    def pieces(self, place: slice, prior: Prior, name: str) -> None:
        """Pieces broken off one, each a part of what those before it have left: Dirichlet shares have beta pieces."""
        weights = prior.values
        for k in range(len(weights) - 1):
            piece = Prior(DISTRIBUTIONS["beta"], (Const(weights[k]), Const(sum(weights[k + 1 :]))))
            self.scalar(place.start + k, piece)
            self.start[place.start + k] = coordinate(1 / (len(weights) - k), piece, INTERVAL)
            self.slots[share_piece(name, k)] = Slot(LEVELS, value=place.start + k)

    @property
    def free(self) -> Integers:
        """The places of coordinates: those of numbers are none."""
        return np.setdiff1d(np.arange(self.layout.size), self.numbers)

    def factor_of(self, term: Integrated) -> int:
        """Where among the factors the sds of a process's coefficients, or of those of areas, stand."""
        number = next(number for number, own in self.spectral.items() if own.path == term.path)
        return self.blocks[number].factor

    # Columns of rows

    def rows_of_levels(self, Z: Floats, index: Integers, levels: int, effects: int) -> None:
        """A grouping's columns, and each row's level; its effects stand from `effects` on."""
        first = len(self.columns)
        for column in Z.T:
            # The row past the last level is zero, so that a column of ones is one also where a row has no level.
            ones = bool((column[index >= 0] == 1).all())
            self.columns.append(NONE if ones else self.floats(column))
        self.groups.append(Group(levels, Z.shape[1], first, self.index(index, levels), effects))

    def centred(self, population: Population) -> Floats:
        """Columns as they are packed: measured from their means; what is reported is put back from these (`expand`)."""
        return np.asarray(self.design.of(population).X - self.means(population))

    def means(self, population: Population) -> Floats:
        """What the columns are measured from."""
        design = self.design.of(population)
        return design.centre if population.centred else np.zeros(design.X.shape[1])
