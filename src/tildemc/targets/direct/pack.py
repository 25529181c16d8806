"""ModelSpec × Design -> Problem: lay a model out in the kernel's tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from tildemc.arrays import Floats, Integers
from tildemc.kernels.densities import FLAT
from tildemc.scalars import coded
from tildemc.spec.covariance import Loadings, Matrix, Pattern
from tildemc.spec.densities import DISTRIBUTIONS
from tildemc.spec.design import Design
from tildemc.spec.expr import Const
from tildemc.spec.model import Integrated, ModelSpec, Predictor, chains
from tildemc.spec.priors import Prior
from tildemc.spec.stepwise import BEFORE, before, coefficient, known_of_steps
from tildemc.spec.terms.areal import Areal
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.effects import EffectsBlock
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.hyperparameter import Hyperparameter
from tildemc.spec.terms.latent import Latent
from tildemc.spec.terms.measured import Measured
from tildemc.spec.terms.measured_effect import MeasuredEffect
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.process import GaussianProcess
from tildemc.spec.terms.rescor import ResidualCorrelations
from tildemc.spec.terms.residual import Residual
from tildemc.spec.terms.shared import SharedEffects
from tildemc.spec.terms.shares import Shares
from tildemc.spec.terms.smooth import Smooth
from tildemc.spec.terms.specific import Specific
from tildemc.spec.terms.term import Path
from tildemc.spec.terms.thresholds import Thresholds
from tildemc.targets.direct.between import packed
from tildemc.targets.direct.decorrelate import Part, decorrelate
from tildemc.targets.direct.followed import Followed
from tildemc.targets.direct.kinds import kinds_of
from tildemc.targets.direct.layout import arrange
from tildemc.targets.direct.pilot import views
from tildemc.targets.direct.problem import BlockLayout, GroupLayout, Layout, Problem
from tildemc.targets.direct.rows import given_columns, level_rows, row_function, rows_of, share_piece
from tildemc.targets.direct.spectra import spectrum
from tildemc.targets.direct.start import coordinate, coordinate_of, seen, transform_of
from tildemc.targets.direct.tables import (
    ABOVE,
    AFTER,
    BLOCK,
    COVARIANCE,
    GROUP,
    HEADER,
    INTERVAL,
    KIND,
    LEVELS,
    MADE,
    MAP,
    NONE,
    PREDICTED,
    REAL,
    SCALAR,
    SHIFT,
    SLOT,
    STRETCH,
    Block,
    Group,
    Header,
    KindOfRows,
    Made,
    Map,
    Scalar,
    Shift,
    Slot,
    Stretch,
    Tables,
)
from tildemc.targets.shared.apart import apart
from tildemc.targets.shared.recipes import recipe_of, recipe_of_loadings, room_for

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
    packer = _Packer(spec, design, arrange(spec))
    for quantity in spec.followed():
        packer.followed(quantity)
    for auxiliary in spec.auxiliaries:
        if auxiliary.parameter not in packer.slots:
            packer.auxiliary(auxiliary)
    if spec.thresholds is not None:
        packer.thresholds(spec.thresholds)
    if spec.specific is not None:
        packer.specific(spec.specific)
    for shares in spec.shares:
        packer.shares(shares)
    if spec.rescor is not None:
        packer.rescor(spec.rescor)
    if spec.residual is not None:
        packer.residual(spec.residual)
    for measured in spec.measured:
        packer.measured(measured)
    for latent in spec.latents:
        packer.latent(latent)
    for predictor in spec.predictors:
        packer.predictor(predictor)
    if decorrelated:
        packer.decorrelate()
    means = {p.population.path: packer.means(p.population) for p in spec.predictors}
    known = {measured.path: measured.given(design.of(measured)) for measured in spec.measured}
    free = packer.free
    return Problem(packer.tables(), packer.layout, means, packer.start[free], free, packer.spectral, known)


class _Packer:
    """The tables so far."""

    def __init__(self, spec: ModelSpec, design: Design, layout: Layout) -> None:
        self.spec, self.layout = spec, layout
        rows, known = rows_of(spec), row_known(spec, design)
        self.kinds = kinds_of(rows, given_columns(rows, design.n, known))
        # Rows of a kind stand together; where there is one, all stay as they are.
        self.design = design if len(self.kinds) == 1 else design.take(np.concatenate([k.members for k in self.kinds]))
        self.groups: list[Group] = []
        self.blocks: list[Block] = []
        self.scalars: list[Scalar] = []
        self.spreads: list[Scalar] = []
        self.maps: list[Map] = []
        self.shifts: list[Shift] = []
        self.stretches: list[Stretch] = []
        self.spectral: dict[int, GaussianProcess | Areal] = {}
        self.made: list[Made] = []
        self.numbers: list[int] = []
        self.quantities = Followed()
        self.columns: list[int] = []
        self.slots: dict[str, Slot] = {}
        self.owners: dict[Path, int] = {}
        self.effects = self.factors = self.recipes = 0
        self.start = np.zeros(layout.size)
        self._floats: list[Floats] = []
        self._index: list[NDArray[np.int32]] = []
        self._lengths = {"floats": 0, "index": 0}
        # Where rows follow one another, what stands for a row's parameters is there once more for the row before it.
        self.before = None if spec.residual is None else before(self.design.of(spec.residual))
        self.apart = {} if spec.family.mixture is None else apart(spec, self.design)

    # Flat arrays

    def floats(self, values: Floats) -> int:
        at = self._lengths["floats"]
        self._floats.append(np.ascontiguousarray(values, dtype=np.float64).ravel())
        self._lengths["floats"] += values.size
        return at

    def density(self, prior: Prior) -> tuple[int, float, float, float]:
        """A prior's code and arguments; its steps, if it has any, stand among the floats."""
        scalar = coded(prior)
        return scalar.at(self.floats(np.array(scalar.steps)))

    def index(self, values: Integers, levels: int) -> int:
        at = self._lengths["index"]
        # Rows without a level point past the last, where the kernel keeps a row of zeros: it need not ask.
        self._index.append(np.where(values < 0, levels, values).astype(np.int32))
        self._lengths["index"] += values.size
        return at

    # Parts of a model

    def predictor(self, predictor: Predictor) -> None:
        """Pack a predictor."""
        population, offset = predictor.population, predictor.offset
        layout, X = self.layout.populations[population.path], self.centred(population)
        if population.intercept is not None and layout.intercept is not None:
            self.scalar(layout.intercept, population.intercept, AFTER if population.above else None)
            if predictor.parameter in self.apart:
                value, below = self.apart[predictor.parameter], self.apart.get(population.above)
                self.start[layout.intercept] = value if below is None else np.log(value - below)
        for j, prior in enumerate(population.coefficients):
            self.scalar(layout.b.start + j, prior)
        first = len(self.groups)
        for group in predictor.effects:
            self.group(group)
        for process in predictor.processes:
            self.process(process)
        for areas in predictor.areas:
            self.process(areas)
        for effect in predictor.monotonic:
            self.monotonic(effect)
        for measured in predictor.measured:
            self.measured_effect(measured)
        for shared in predictor.shared:
            self.shared(shared)
        self.slots[predictor.parameter] = Slot(
            PREDICTED,
            intercept=NONE if layout.intercept is None else layout.intercept,
            b=layout.b.start,
            columns=X.shape[1],
            X=self.floats(X.T),
            offset=NONE if offset is None else self.floats(self.design.of(offset).values),
            first_group=first,
            last_group=len(self.groups),
        )
        if self.before is not None:
            self.predictor_before(predictor, X, self.before)

    def predictor_before(self, predictor: Predictor, X: Floats, at: Integers) -> None:
        """The same predictor of the row before each."""
        here, first = self.slots[predictor.parameter], len(self.groups)
        for group in (*predictor.effects, *predictor.processes, *predictor.shared):
            owner = group.owner if isinstance(group, SharedEffects) else group.path
            own, (Z, index) = self.groups[self.owners[owner]], self.of_effects(group)
            self.rows_of_levels(Z[at], index[at], own.levels, own.effects)
        offset = None if predictor.offset is None else self.design.of(predictor.offset).values[at]
        self.slots[f"{BEFORE}{predictor.parameter}"] = here._replace(
            X=self.floats(X[at].T), offset=NONE if offset is None else self.floats(offset), first_group=first,
            last_group=len(self.groups),
        )  # fmt: skip

    def of_effects(self, term: GroupEffects | Smooth | GaussianProcess | SharedEffects) -> tuple[Floats, Integers]:
        """The columns of a term's effects, as wide as its owner has them, and each row's level."""
        design = self.design.of(term)
        if not isinstance(term, SharedEffects):
            return design.Z, design.index
        Z = np.zeros((self.design.n, self.layout.groups[term.owner].width))
        Z[:, term.first : term.first + design.Z.shape[1]] = design.Z
        return Z, design.index

    def residual(self, residual: Residual) -> None:
        """The coefficients of a series, one or one for each level."""
        level = self.design.of(residual).level
        labels = NONE if level is None else self.index(level, residual.sets)
        for free, prior in zip(residual.free(), residual.prior_of, strict=True):
            place = self.layout.residual[free.path]
            for at in range(place.start, place.stop):
                self.scalar(at, prior)
            self.slots[coefficient(free.path[-1])] = Slot(LEVELS, value=place.start, labels=labels)

    def decorrelate(self) -> None:
        """Coordinates in which each predictor's coefficients and effects are nearly uncorrelated."""
        looked = views(self.spec, self.design)
        seen = [predictor for view in looked for predictor in view.predictors]
        alone = [([predictor], None) for predictor in self.spec.predictors if predictor not in seen]
        for own, view in (*((view.predictors, view) for view in looked), *alone):
            parts = [self.part(predictor) for predictor in own]
            # What follows others has no precision of its own to choose coordinates by.
            if not any(prior.made for part in parts for prior in part.priors):
                decorrelate(self, parts, view)

    def part(self, predictor: Predictor) -> Part:
        """A predictor's coefficients, the intercept among them unless it keeps a coordinate of its own."""
        population = predictor.population
        layout, X = self.layout.populations[population.path], self.centred(population)
        # True values are not far from what was measured.
        X = np.column_stack([X, *(self.design.of(effect).observed for effect in predictor.measured)])
        slopes = tuple(effect.prior for effect in predictor.measured)
        if population.intercept is None or layout.intercept is None or self.increases(predictor):
            return Part(predictor, layout.b.start, (*population.coefficients, *slopes), X)
        ones = np.ones(len(X))
        return Part(predictor, layout.intercept, (*population.priors, *slopes), np.column_stack([ones, X]))

    def centred(self, population: Population) -> Floats:
        """Columns as they are packed: measured from their means; what is reported is put back from these (`expand`)."""
        return np.asarray(self.design.of(population).X - self.means(population))

    def means(self, population: Population) -> Floats:
        """What the columns are measured from."""
        design = self.design.of(population)
        return design.centre if population.centred else np.zeros(design.X.shape[1])

    def increases(self, predictor: Predictor) -> bool:
        """Whether its intercept keeps a coordinate of its own, for others are seen from it, or it from another."""
        return any(predictor.parameter in chain for chain in chains(self.spec) if len(chain) > 1)

    def factor_of(self, term: Integrated) -> int:
        number = next(number for number, own in self.spectral.items() if own.path == term.path)
        return self.blocks[number].factor

    def begin(self, at: int, sd: float, prior: Prior) -> None:
        if prior.made:
            return
        self.start[at] = coordinate_of(sd, prior)

    def process(self, process: GaussianProcess | Areal) -> None:
        number, layout = len(self.groups), self.layout.groups[process.path]
        design = process.in_rows(self.design.of(process))
        [block] = process.blocks
        self.owners[process.path] = number
        self.rows_of_levels(design.Z, design.index, layout.levels, self.effects)
        self.effects += (layout.levels + 1) * layout.width
        [place] = layout.blocks
        assert place.sd is not None and place.chol is not None
        self.scalar(place.sd.start, process.sd)
        for at, prior in enumerate(block.shape_priors, start=place.chol.start):
            self.scalar(at, prior)
        recipe = NONE
        if block.spectrum:
            recipe = self.floats(spectrum(process))
            self.spectral[len(self.blocks)] = process
        self.blocks.append(Block(
            number, 0, layout.width, place.kind, layout.z.start, layout.width, layout.width, place.sd.start, 0,
            place.chol.start, recipe, self.factors, NONE, 0.0,
        ))  # fmt: skip
        self.factors += layout.width

    def group(self, group: GroupEffects | Smooth) -> None:
        layout, number = self.layout.groups[group.path], len(self.groups)
        self.owners[group.path] = number
        design = self.design.of(group)
        self.rows_of_levels(design.Z, design.index, layout.levels, self.effects)
        if isinstance(group, GroupEffects):
            self.groups[number] = self.apart_levels(group, layout, self.groups[number])
        self.effects += (layout.levels + 1) * layout.width
        blocks: Sequence[EffectsBlock] = group.blocks
        for block, place in zip(blocks, layout.blocks, strict=True):
            width = place.columns.stop - place.columns.start
            eta = 0.0
            if place.sd is not None:
                for j, prior in enumerate(block.sd_priors):
                    self.scalar(place.sd.start + j, prior)
            recipe = NONE
            match block.covariance.correlations:
                case Pattern() as pattern:
                    assert place.chol is not None
                    for at, prior in enumerate(block.shape_priors, start=place.chol.start):
                        self.scalar(at, prior)
                    recipe = self.recipe(recipe_of(pattern, block.apart))
                case Loadings() as loadings:
                    assert place.chol is not None
                    for at, prior in enumerate(block.shape_priors, start=place.chol.start):
                        self.scalar(at, prior)
                    recipe = self.recipe(recipe_of_loadings(loadings, width))
                case Matrix():
                    eta = block.shape_priors[0].values[0]
                case None:
                    pass
                case never:
                    assert_never(never)
            self.blocks.append(Block(
                number, place.columns.start, width, place.kind, layout.z.start + place.scores.start,
                layout.blocks[-1].scores.stop, place.scores.stop - place.scores.start, _start(place.sd), place.step,
                _start(place.chol), recipe, self.factors, len(self.spreads), eta,
            ))  # fmt: skip
            if place.kind == COVARIANCE:
                self.covariance(place, block.sd_priors)
            self.factors += width * (width + 1) // 2

    def apart_levels(self, group: GroupEffects, layout: GroupLayout, own: Group) -> Group:
        """A grouping of which levels are related, or not spread alike."""
        if group.between is not None:
            own = own._replace(related=self.floats(packed(group.between)))
        if group.weights is not None:
            own = own._replace(spread=self.floats(group.weights.spread))
        if group.tails is not None:
            assert layout.df is not None and layout.mixing is not None
            self.scalar(layout.df, group.tails.prior)
            own = own._replace(df=layout.df, mixing=layout.mixing.start)
        return own

    def shared(self, shared: SharedEffects) -> None:
        """Effects that are there, at other levels of the rows or on another parameter."""
        own = self.groups[self.owners[shared.owner]]
        self.rows_of_levels(*self.of_effects(shared), own.levels, own.effects)

    def rows_of_levels(self, Z: Floats, index: Integers, levels: int, effects: int) -> None:
        """A grouping's columns, and each row's level; its effects stand from `effects` on."""
        first = len(self.columns)
        for column in Z.T:
            # The row past the last level is zero, so that a column of ones is one also where a row has no level.
            ones = bool((column[index >= 0] == 1).all())
            self.columns.append(NONE if ones else self.floats(column))
        self.groups.append(Group(levels, Z.shape[1], first, self.index(index, levels), effects))

    def recipe(self, recipe: Floats) -> int:
        """Where a recipe stands; the kernel has memory for the largest."""
        self.recipes = max(self.recipes, room_for(recipe))
        return self.floats(recipe)

    def covariance(self, place: BlockLayout, priors: Sequence[Prior]) -> None:
        """The factor's diagonal is positive and has no density but the sds'."""
        assert place.chol is not None
        # The packed triangle row by row: from the diagonal of row i to that of row i + 1 it is i + 2 places.
        at = place.chol.start
        for i, prior in enumerate(priors):
            self.spreads.append(Scalar(NONE, REAL, 0, *self.density(prior), 0.0, 0.0))
            self.scalars.append(Scalar(at, ABOVE, 0, FLAT, 0.0, 0.0, 0.0, 0.0, 0.0))
            self.start[at] = np.log(prior.plausible)
            at += i + 2

    def followed(self, quantity: Hyperparameter | Auxiliary) -> None:
        """What priors are arithmetic of."""
        match quantity:
            case Auxiliary(parameter):
                self.quantities.add(parameter, self.layout.auxiliaries[quantity.path])
                self.auxiliary(quantity)
            case Hyperparameter(name, prior, support):
                place = self.layout.hyperparameters[quantity.path]
                self.quantities.add(name, place, shares=support.shares)
                if support.shares:
                    self.pieces(place, prior, name)
                    return
                for at in range(place.start, place.stop):
                    self.scalar(at, prior)
            case never:
                assert_never(never)

    def auxiliary(self, auxiliary: Auxiliary) -> None:
        place, index = self.layout.auxiliaries[auxiliary.path], self.design.of(auxiliary).index
        for at in range(place.start, place.stop):
            self.scalar(at, auxiliary.prior)
        self.slots[auxiliary.parameter] = Slot(
            LEVELS,
            value=place.start,
            labels=NONE if index is None else self.index(index, place.stop - place.start),
        )
        if self.before is not None and index is not None:
            self.slots[f"{BEFORE}{auxiliary.parameter}"] = Slot(
                LEVELS, value=place.start, labels=self.index(index[self.before], place.stop - place.start)
            )

    def thresholds(self, thresholds: Thresholds) -> None:
        """Where they must increase, each of a level's but the first is seen from the one before it."""
        layout, begin = self.layout.thresholds, seen(self.spec, self.design)
        assert layout is not None
        at, place = layout.own.start, 0
        for j, cuts in enumerate(thresholds.cuts):
            own = begin[place : place + cuts.size]
            place += cuts.size
            for k, prior in enumerate(cuts.prior_of):
                after = bool(k) and thresholds.support.ordered
                self.scalar(at, prior, AFTER if after else None)
                self.start[at] = np.log(own[k] - own[k - 1]) if after else own[k]
                at += 1
            if cuts.delta is not None:
                distance = float(own[-1] - own[0]) / max(cuts.size - 1, 1)
                self.scalar(layout.distances.start + j, cuts.delta)
                self.begin(layout.distances.start + j, distance, cuts.delta)
        if thresholds.spacing == "equidistant":
            self.slots[thresholds.quantity(0)] = self.of_level(thresholds, layout.own.start)
            self.slots[thresholds.step] = self.of_level(thresholds, layout.distances.start)
            return
        # A row that lacks a threshold is given its last, of which nothing is made.
        last = [cuts.size - 1 for cuts in thresholds.cuts]
        for k in range(thresholds.size):
            where = thresholds.starts[:-1] + np.minimum(k, last)
            self.slots[thresholds.quantity(k)] = self.of_level(thresholds, layout.own.start, where)

    def of_level(self, thresholds: Thresholds, value: int, where: Integers | None = None) -> Slot:
        """A number of each row's level, found `where` from `value` on; by default each level has one."""
        index = self.design.of(thresholds).index
        if index is None:
            return Slot(LEVELS, value=value if where is None else value + int(where[0]))
        labels = index if where is None else where[index]
        return Slot(LEVELS, value=value, labels=self.index(labels, int(labels.max(initial=0)) + 1))

    def specific(self, specific: Specific) -> None:
        """The effects on each threshold, which have one design."""
        layout, X = self.layout.thresholds, self.design.of(specific).X
        assert layout is not None
        design, columns = self.floats(X.T), X.shape[1]
        for k in range(specific.size):
            first = layout.effects.start + k * columns
            for j, prior in enumerate(specific.coefficients):
                self.scalar(first + j, prior)
            self.slots[specific.quantity(k)] = Slot(PREDICTED, b=first, columns=columns, X=design)

    def shares(self, shares: Shares) -> None:
        """Pieces broken off one, each a part of what those before it have left: Dirichlet shares have beta pieces."""
        self.pieces(self.layout.shares[shares.path], shares.prior, shares.parameter)

    def rescor(self, rescor: ResidualCorrelations) -> None:
        """Partial correlations p, of which (1 + p) / 2 is beta."""
        for k, prior in enumerate(rescor.halves):
            at = self.layout.rescor.start + k
            self.scalar(at, prior)
            self.start[at] = 0.0
            self.slots[share_piece(rescor.path[0], k)] = Slot(LEVELS, value=at)

    def monotonic(self, effect: Monotonic) -> None:
        """The mean effect of a step, and the steps' shares."""
        layout, own = self.layout.monotonic[effect.path], effect.in_rows
        self.scalar(layout.b, effect.prior)
        self.slots[own.b] = Slot(LEVELS, value=layout.b)
        if effect.owner is None:
            self.pieces(layout.shares, effect.shares, own.simo)

    def measured_effect(self, effect: MeasuredEffect) -> None:
        """The coefficient of true values."""
        at = self.layout.measured_effects[effect.path]
        self.scalar(at, effect.prior)
        self.slots[effect.in_rows] = Slot(LEVELS, value=at)

    def measured(self, measured: Measured) -> None:
        """Means, sds and partial correlations of true values, and a standard normal number for each."""
        layout, called = self.layout.measured[measured.path], measured.drawn_in_rows
        for k, variable in enumerate(measured.variables):
            for field, place, prior in (("mean", layout.means, variable.mean), ("sd", layout.sds, variable.sd)):
                self.scalar(place.start + k, prior)
                self.slots[called[f"{field} {k}"]] = Slot(LEVELS, value=place.start + k)
        for at, (j, k) in enumerate(measured.pairs, start=layout.partials.start):
            # Their places between -1 and 1 are beta.
            weight = Const(measured.partial_weight(j))
            half = Prior(DISTRIBUTIONS["beta"], (weight, weight))
            self.scalar(at, half)
            self.slots[called[f"partial {j} {k}"]] = Slot(LEVELS, value=at)
        self.slots |= self.of_levels(measured, self.design.of(measured).index)

    def latent(self, latent: Latent) -> None:
        """Missing values, whose density is that of the response."""
        place, labels = self.layout.latents[latent.path], self.index(self.design.of(latent).place, max(latent.size, 1))
        self.slots[latent.drawn_in_rows] = Slot(LEVELS, value=place.start, labels=labels)
        self.start[place] = latent.centre
        numbers = self.design.of(latent)
        self.start[place.start + numbers.place[numbers.measured]] = numbers.value[numbers.measured]

    def of_levels(self, measured: Measured, index: Integers) -> dict[str, Slot]:
        """The standard normal numbers of rows with these levels."""
        layout, levels = self.layout.measured[measured.path], self.index(index, measured.size)
        return {
            measured.drawn_in_rows[f"z {k}"]: Slot(LEVELS, value=layout.z.start + k * measured.size, labels=levels)
            for k in range(measured.width)
        }

    def pieces(self, place: slice, prior: Prior, name: str) -> None:
        weights = prior.values
        for k in range(len(weights) - 1):
            piece = Prior(DISTRIBUTIONS["beta"], (Const(weights[k]), Const(sum(weights[k + 1 :]))))
            self.scalar(place.start + k, piece)
            self.start[place.start + k] = coordinate(1 / (len(weights) - k), piece, INTERVAL)
            self.slots[share_piece(name, k)] = Slot(LEVELS, value=place.start + k)

    def scalar(self, at: int, prior: Prior, transform: int | None = None) -> None:
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

    # All together

    @property
    def free(self) -> Integers:
        """The places of coordinates: those of numbers are none."""
        return np.setdiff1d(np.arange(self.layout.size), self.numbers)

    def tables(self) -> Tables:
        design, known = self.design, row_known(self.spec, self.design)
        kinds, slots, given = list[KindOfRows](), list[Slot](), [np.empty(0)]
        at = place = 0
        for kind in self.kinds:
            first, n = len(slots), len(kind.members)
            slots += [self.slots[parameter] for parameter in kind.parameters]
            kinds.append(KindOfRows(at, n, row_function(kind.rows), first, len(slots), place))
            own = {name: values[at : at + n] for name, values in known.items()}
            given.append(given_columns(kind.rows, n, own).ravel())
            at, place = at + n, place + len(given[-1])
        for measured in self.spec.measured:
            known_of_levels, first = measured.given(design.of(measured)), len(slots)
            columns = given_columns(level_rows(measured), measured.size, known_of_levels)
            [kind] = kinds_of(level_rows(measured), columns)
            # These rows stand behind the data's, and begin with the first level.
            at_levels = self.slots | self.of_levels(measured, np.maximum(np.arange(at + measured.size) - at, 0))
            slots += [at_levels[parameter] for parameter in kind.parameters]
            kinds.append(KindOfRows(at, measured.size, row_function(kind.rows), first, len(slots), place))
            given.append(given_columns(kind.rows, measured.size, known_of_levels).ravel())
            at, place = at + measured.size, place + len(given[-1])
        header = np.array([Header(design.n, self.effects, self.factors, self.recipes, self.layout.size)], dtype=HEADER)
        return Tables(
            header,
            np.array(kinds, dtype=KIND),
            np.array(slots, dtype=SLOT),
            np.array(self.groups, dtype=GROUP),
            np.array(self.blocks, dtype=BLOCK),
            np.array(self.scalars, dtype=SCALAR),
            np.array(self.spreads, dtype=SCALAR),
            np.array(self.made, dtype=MADE),
            np.array(self.maps, dtype=MAP),
            np.array(self.shifts, dtype=SHIFT),
            np.array(self.stretches, dtype=STRETCH),
            np.array(self.columns, dtype=np.int64),
            self.free if self.numbers else np.empty(0, np.int64),
            np.concatenate([np.empty(0, np.int32), *self._index]),
            np.concatenate([np.empty(0), *self._floats]),
            np.concatenate(given),
            np.empty(0) if design.weights is None else np.concatenate([design.weights, np.ones(at - design.n)]),
        )


def row_known(spec: ModelSpec, design: Design) -> dict[str, Floats]:
    """What is known of each row, by what its density calls it."""
    own = {} if spec.thresholds is None else dict(spec.thresholds.counts(design.of(spec.thresholds)))
    for effect in (effect for predictor in spec.predictors for effect in predictor.monotonic):
        own |= effect.given(design.of(effect))
    for measured in spec.measured:
        numbers = design.of(measured)
        own |= {name: values[numbers.index] for name, values in measured.given(numbers).items()}
    for latent in spec.latents:
        own |= {latent.seen_in_rows: design.of(latent).seen, latent.noise_in_rows: design.of(latent).noise}
    for number in (number for predictor in spec.predictors for number in predictor.measured):
        own |= {f"{number.in_rows} times": design.of(number).times}
    known = {**design.row, **own}
    return known if spec.residual is None else known | known_of_steps(spec, design.of(spec.residual), known)


def _start(place: slice | None) -> int:
    return NONE if place is None else int(place.start)
