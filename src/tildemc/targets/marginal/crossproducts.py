"""A model and its data as cross-products: what its marginal likelihood needs, in one pass over the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.design import Design, Numbers
from tildemc.spec.model import Integrated, ModelSpec
from tildemc.spec.terms.areal import Areal
from tildemc.spec.terms.group import GroupDesign, GroupEffects
from tildemc.spec.terms.levels_apart import LevelWeights
from tildemc.spec.terms.population import PopulationDesign
from tildemc.spec.terms.term import Path
from tildemc.targets.marginal.blocked import Blocks
from tildemc.targets.marginal.elimination import Elimination
from tildemc.targets.marginal.population import PopulationEffects, population
from tildemc.targets.marginal.related import rotated
from tildemc.targets.marginal.residuals import Residuals
from tildemc.targets.marginal.statistics import Layout, Products, Rows, Statistics, assemble, products
from tildemc.threads import one_blas_thread

__all__ = ["Reduced", "reduced"]


@dataclass(frozen=True, eq=False)
class Reduced:
    """A model and its data, in one pass, as what its marginal likelihood needs.

    Attributes
    ----------
    groups : tuple of GroupEffects, Smooth, GaussianProcess and Areal
        In the order of the kernels.
    population : PopulationEffects
    known : Residuals
    layout : Layout
    sums : Statistics
    rows : callable
        The rows of a design as kernels take them.
    rotation : (levels, levels) or None
        As in `Marginal`.
    """

    groups: tuple[Integrated, ...]
    population: PopulationEffects
    known: Residuals
    layout: Layout
    sums: Statistics
    rows: Callable[[Design], Rows]
    rotation: Floats | None = None

    @property
    def blocks(self) -> Blocks:
        """What kernels read of them."""
        layout, sums, effects = self.layout, self.sums, self.population
        others = len(layout.widths) - 1
        return Blocks(
            start=sums.start,
            classes=sums.classes,
            table=sums.table,
            twin=sums.twin,
            counts=sums.counts,
            neighbour=sums.neighbour,
            column=sums.column,
            rest_row=sums.rest_row,
            rest_column=sums.rest_column,
            first=layout.first,
            width=np.array(layout.widths[1:], dtype=np.int64),
            factor=np.arange(len(self.groups) - others, len(self.groups)),
            size=np.array([layout.levels[0], layout.widths[0], layout.rest, layout.p]),
            prior_precision=effects.precision,
            prior_shift=effects.pull,
            constant=sums.constant + effects.constant,
        )


def reduced(spec: ModelSpec, design: Numbers, known: Residuals, *, flat: bool, integrate: bool) -> Reduced:
    """Reduce a model and its data to cross-products.

    Parameters
    ----------
    spec, design
    known : Residuals
        The residual classes.
    flat : bool
        Take all population priors for flat.
    integrate : bool
        Integrate the population effects out; otherwise they are at their best.
    """
    predictor = spec.predictors[0]
    elimination = Elimination.of(predictor)
    # One pass over the rows: after it the data are cross-products, and no evaluation knows how many rows there were.
    effects = population(spec, design, flat=flat, integrate=integrate)
    layout = elimination.layout(effects.size, len(known.sigma))
    offset = predictor.offset
    reduction = _Reduction(
        layout,
        predictor.population.path,
        None if offset is None else offset.path,
        tuple(elimination.met),
        tuple(elimination.weights),
        {areas.path: areas for areas in predictor.areas},
        known,
        effects,
    )
    found, rotation = design.reduce(reduction, Products.merge), None
    match elimination.groups:
        case (GroupEffects(between=between), *_) if between is not None:
            found, rotation = rotated(layout, found, between.factor)
        case _:
            pass
    return Reduced(elimination.groups, effects, known, layout, assemble(layout, found), reduction.rows, rotation)


def _weighed(group: GroupDesign, weights: LevelWeights | None) -> Floats:
    """A term's columns, for effects that all levels have alike."""
    return group.Z if weights is None else group.Z * weights.spread[group.index][:, None]


@dataclass(frozen=True)
class _Reduction:
    """What becomes of some rows of a design; `groups` are the terms by which a row has levels, as in the layout.

    Of one design, the layout and the paths say all: priors, which a fit has and an estimate has not, play no part.
    """

    layout: Layout
    population: Path
    offset: Path | None
    groups: tuple[Path, ...]
    weights: tuple[LevelWeights | None, ...]
    areas: Mapping[Path, Areal] = field(compare=False)
    known: Residuals = field(compare=False)
    effects: PopulationEffects = field(compare=False)

    def rows(self, design: Design) -> Rows:
        """The rows as kernels take them."""
        population: PopulationDesign = design.terms[self.population]
        groups: list[GroupDesign] = [
            self.areas[path].in_rows(design.terms[path]) if path in self.areas else design.terms[path]
            for path in self.groups
        ]
        known = self.known
        assert design.y is not None
        response = design.y if self.offset is None else design.y - design.terms[self.offset].values
        return Rows(
            response - self.effects.shift,
            self.effects.design(population.X),
            tuple(map(_weighed, groups, self.weights)),
            tuple(group.index for group in groups),
            known.index(design),
            known.multiplier(design),
            known.counts(design),
            known.constant(design),
        )

    def __call__(self, design: Design) -> Products:
        with one_blas_thread():
            return products(self.layout, self.rows(design))
