"""A linear predictor in the kernel's tables: its terms, its slot, and the same of the row before each."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.spec.model import Predictor
from tildemc.spec.stepwise import BEFORE
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.shared import SharedEffects
from tildemc.targets.direct.packing import Packing
from tildemc.targets.direct.tables import AFTER, NONE, PREDICTED, Slot
from tildemc.targets.direct.terms.effects import of_effects, pack_effects, pack_process, pack_shared
from tildemc.targets.direct.terms.measured import pack_measured_effect
from tildemc.targets.direct.terms.monotonic import pack_monotonic

__all__ = ["pack_predictor"]


def pack_predictor(packing: Packing, predictor: Predictor) -> None:
    """All terms of a predictor, and what the density of a row reads of their sum."""
    population, offset, first = predictor.population, predictor.offset, len(packing.groups)
    layout, X = packing.layout.populations[population.path], packing.centred(population)
    _pack_population(packing, population)
    for group in predictor.effects:
        pack_effects(packing, group)
    for process in predictor.processes:
        pack_process(packing, process)
    for areas in predictor.areas:
        pack_process(packing, areas)
    for effect in predictor.monotonic:
        pack_monotonic(packing, effect)
    for measured in predictor.measured:
        pack_measured_effect(packing, measured)
    for shared in predictor.shared:
        pack_shared(packing, shared)
    packing.slots[predictor.parameter] = Slot(
        PREDICTED,
        intercept=NONE if layout.intercept is None else layout.intercept,
        b=layout.b.start,
        columns=X.shape[1],
        X=packing.floats(X.T),
        offset=NONE if offset is None else packing.floats(packing.design.of(offset).values),
        first_group=first,
        last_group=len(packing.groups),
    )
    if packing.before is not None:
        _pack_before(packing, predictor, X, packing.before)


def _pack_population(packing: Packing, population: Population) -> None:
    """The intercept, and the coefficients."""
    layout = packing.layout.populations[population.path]
    if population.intercept is not None and layout.intercept is not None:
        packing.scalar(layout.intercept, population.intercept, AFTER if population.above else None)
        if population.parameter in packing.apart:
            value, below = packing.apart[population.parameter], packing.apart.get(population.above)
            packing.start[layout.intercept] = value if below is None else np.log(value - below)
    packing.scalars_from(layout.b.start, population.coefficients)


def _pack_before(packing: Packing, predictor: Predictor, X: Floats, at: Integers) -> None:
    """The same predictor of the row before each."""
    here, first = packing.slots[predictor.parameter], len(packing.groups)
    for group in (*predictor.effects, *predictor.processes, *predictor.shared):
        owner = group.owner if isinstance(group, SharedEffects) else group.path
        own, (Z, index) = packing.groups[packing.owners[owner]], of_effects(packing, group)
        packing.rows_of_levels(Z[at], index[at], own.levels, own.effects)
    offset = None if predictor.offset is None else packing.design.of(predictor.offset).values[at]
    packing.slots[f"{BEFORE}{predictor.parameter}"] = here._replace(
        X=packing.floats(X[at].T), offset=NONE if offset is None else packing.floats(offset), first_group=first,
        last_group=len(packing.groups),
    )  # fmt: skip
