"""ModelSpec × Design -> Problem: lay a model out in the kernel's tables, each kind of term as `terms/` has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.design import Design
from tildemc.spec.model import ModelSpec
from tildemc.targets.direct.decorrelate import decorrelate
from tildemc.targets.direct.kinds import Kind, kinds_of
from tildemc.targets.direct.known import known_of_rows
from tildemc.targets.direct.layout import arrange
from tildemc.targets.direct.packing import Packing
from tildemc.targets.direct.problem import Problem
from tildemc.targets.direct.rows import given_columns, level_rows, row_function, rows_of
from tildemc.targets.direct.tables import (
    BEND,
    BLOCK,
    GROUP,
    HEADER,
    KIND,
    LINK,
    MADE,
    MAP,
    NONE,
    SCALAR,
    SHIFT,
    SLOT,
    STRETCH,
    TERM,
    Header,
    KindOfRows,
    Slot,
    Tables,
)
from tildemc.targets.direct.terms.measured import pack_latent, pack_measured, slots_of_levels
from tildemc.targets.direct.terms.predictor import pack_predictor
from tildemc.targets.direct.terms.quantities import pack_auxiliary, pack_followed, pack_shares
from tildemc.targets.direct.terms.residuals import pack_rescor, pack_residual
from tildemc.targets.direct.terms.thresholds import pack_specific, pack_thresholds

__all__ = ["pack"]


def pack(spec: ModelSpec, design: Design, *, decorrelated: bool = True) -> Problem:
    """Lay a model out for the kernel.

    Parameters
    ----------
    spec : ModelSpec
        Without `gaps`, and with numbers for all priors.
    design : Design
    decorrelated : bool
        Whether coefficients get coordinates in which they and the effects are nearly uncorrelated; else their own.
    """
    rows = rows_of(spec)
    kinds = kinds_of(rows, given_columns(rows.given, design.n, known_of_rows(spec, design)))
    # Rows of a kind stand together; where there is one, all stay as they are.
    ordered = design if len(kinds) == 1 else design.take(np.concatenate([kind.members for kind in kinds]))
    packing = Packing(spec, ordered, arrange(spec))
    _pack_all(packing, spec)
    if decorrelated:
        decorrelate(packing)
    means = {p.population.path: packing.means(p.population) for p in spec.predictors}
    known = {measured.path: measured.given(ordered.of(measured)) for measured in spec.measured}
    free = packing.free
    return Problem(
        _tables(packing, kinds), packing.layout, means, packing.start[free], free, known,
        packing.related,
    )  # fmt: skip


def _pack_all(packing: Packing, spec: ModelSpec) -> None:
    """All terms, what others are arithmetic of before these."""
    for quantity in spec.followed():
        pack_followed(packing, quantity)
    for auxiliary in spec.auxiliaries:
        if auxiliary.parameter not in packing.slots:
            pack_auxiliary(packing, auxiliary)
    if spec.thresholds is not None:
        pack_thresholds(packing, spec.thresholds)
    if spec.specific is not None:
        pack_specific(packing, spec.specific)
    for shares in spec.shares:
        pack_shares(packing, shares)
    if spec.rescor is not None:
        pack_rescor(packing, spec.rescor)
    if spec.residual is not None:
        pack_residual(packing, spec.residual)
    for measured in spec.measured:
        pack_measured(packing, measured)
    for latent in spec.latents:
        pack_latent(packing, latent)
    for predictor in spec.predictors:
        pack_predictor(packing, predictor)


@dataclass
class _RowsSoFar:
    """Kinds of rows one after the other: what the density of each reads, and what it is given."""

    kinds: list[KindOfRows] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    given: list[Floats] = field(default_factory=lambda: [np.empty(0)])
    n: int = 0

    def add(self, kind: Kind, n: int, known: Mapping[str, Floats], slots: Mapping[str, Slot]) -> None:
        """The next `n` rows, of which these are known."""
        first, place = len(self.slots), sum(map(len, self.given))
        self.slots += [slots[parameter] for parameter in kind.parameters]
        self.kinds.append(KindOfRows(self.n, n, row_function(kind.rows), first, len(self.slots), place))
        self.given.append(given_columns(kind.rows.given, n, known).ravel())
        self.n += n


def _rows(packing: Packing, kinds: Sequence[Kind]) -> _RowsSoFar:
    """The data's rows, and behind them one for each level that has a true value."""
    spec, design = packing.spec, packing.design
    rows, known = _RowsSoFar(), known_of_rows(spec, design)
    for kind in kinds:
        n = len(kind.members)
        own = {name: values[rows.n : rows.n + n] for name, values in known.items()}
        rows.add(kind, n, own, packing.slots)
    for measured in spec.measured:
        own = dict(measured.given(design.of(measured)))
        [kind] = kinds_of(level_rows(measured), given_columns(level_rows(measured).given, measured.size, own))
        # These rows stand behind the data's, and begin with the first level.
        index = np.maximum(np.arange(rows.n + measured.size) - rows.n, 0)
        rows.add(kind, measured.size, own, packing.slots | slots_of_levels(packing, measured, index))
    return rows


def _tables(packing: Packing, kinds: Sequence[Kind]) -> Tables:
    design, rows = packing.design, _rows(packing, kinds)
    size = packing.layout.size
    rank = max((term.rank for term in packing.terms if term.information != NONE), default=0)
    header = Header(design.n, packing.effects, packing.factors, packing.recipes, rank, size)
    index, floats = packing.flat
    return Tables(
        np.array([header], dtype=HEADER),
        np.array(rows.kinds, dtype=KIND),
        np.array(rows.slots, dtype=SLOT),
        np.array(packing.groups, dtype=GROUP),
        np.array(packing.blocks, dtype=BLOCK),
        np.array(packing.scalars, dtype=SCALAR),
        np.array(packing.spreads, dtype=SCALAR),
        np.array(packing.made, dtype=MADE),
        np.array(packing.bends, dtype=BEND),
        np.array(packing.maps, dtype=MAP),
        np.array(packing.shifts, dtype=SHIFT),
        np.array(packing.stretches, dtype=STRETCH),
        np.array(packing.terms, dtype=TERM),
        np.array(packing.follows, dtype=SHIFT),
        np.array(packing.links, dtype=LINK),
        np.array(packing.columns, dtype=np.int64),
        packing.free if packing.numbers else np.empty(0, np.int64),
        index,
        floats,
        np.concatenate(rows.given),
        np.empty(0) if design.weights is None else np.concatenate([design.weights, np.ones(rows.n - design.n)]),
    )
