"""ModelSpec -> Layout: give each free quantity its place among the coordinates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, assert_never

from tildemc.spec.covariance import Loadings, Matrix, Pattern
from tildemc.spec.model import ModelSpec, chains
from tildemc.spec.priors import joint
from tildemc.spec.terms.areal import Areal
from tildemc.spec.terms.effects import Effects, EffectsBlock
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.measured import Measured
from tildemc.spec.terms.measured_effect import MeasuredEffect
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.spec.terms.offset import Offset
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.process import GaussianProcess
from tildemc.spec.terms.shared import SharedEffects
from tildemc.spec.terms.smooth import Smooth
from tildemc.spec.terms.specific import Specific
from tildemc.spec.terms.term import Path
from tildemc.spec.terms.thresholds import Thresholds
from tildemc.targets.direct.problem import (
    BlockLayout,
    GroupLayout,
    Layout,
    MeasuredLayout,
    MonotonicLayout,
    PopulationLayout,
    ThresholdsLayout,
)
from tildemc.targets.direct.tables import CORRELATION, COVARIANCE, DIAGONAL, PATTERN, SPECTRUM

__all__ = ["arrange"]


class _Allocator:
    def __init__(self) -> None:
        self.size = 0

    def take(self, size: int) -> slice:
        start, self.size = self.size, self.size + size
        return slice(start, self.size)


def arrange(spec: ModelSpec) -> Layout:
    """Where the free quantities of a model stand."""
    allocator = _Allocator()
    # Those that increase stand side by side, before anything else.
    increasing = {name: allocator.take(1).start for chain in chains(spec) if len(chain) > 1 for name in chain}
    populations: dict[Path, PopulationLayout] = {}
    groups: dict[Path, GroupLayout] = {}
    monotonic: dict[Path, MonotonicLayout] = {}
    effects: dict[Path, int] = {}
    for predictor in spec.predictors:
        for term in predictor.terms:
            match term:
                case Population():
                    populations[term.path] = _population(term, allocator, increasing.get(term.parameter))
                    # Beside the other coefficients, with which they get coordinates.
                    effects |= {effect.path: allocator.take(1).start for effect in predictor.measured}
                case GroupEffects():
                    groups[term.path] = _with_tails(_group(term, allocator), term, allocator)
                case Smooth():
                    groups[term.path] = _group(term, allocator)
                case GaussianProcess() | Areal():
                    groups[term.path] = _process(term, allocator)
                case Monotonic():
                    b = allocator.take(1).start
                    shared = None if term.owner is None else monotonic[term.owner].shares
                    monotonic[term.path] = MonotonicLayout(b, shared or allocator.take(term.steps - 1))
                case Offset() | SharedEffects() | MeasuredEffect():
                    pass
                case other:
                    assert_never(other)
    auxiliaries = {auxiliary.path: allocator.take(auxiliary.size) for auxiliary in spec.auxiliaries}
    thresholds = None if spec.thresholds is None else _thresholds(spec.thresholds, spec.specific, allocator)
    shares = {shares.path: allocator.take(shares.size - 1) for shares in spec.shares}
    rescor = allocator.take(0 if spec.rescor is None else len(spec.rescor.parameters))
    coefficients = () if spec.residual is None else spec.residual.free()
    residual = {free.path: allocator.take(len(free.priors)) for free in coefficients}
    latents = {latent.path: allocator.take(latent.size) for latent in spec.latents}
    measured = {one.path: _measured(one, allocator) for one in spec.measured}
    # Of shares the pieces that they are made of, one less.
    hyper = {h.path: allocator.take(h.size - h.support.shares) for h in spec.hyperparameters}
    return Layout(
        populations, groups, auxiliaries, allocator.size, thresholds, shares, monotonic, measured, effects, rescor,
        residual, latents, hyper,
    )  # fmt: skip


def _measured(measured: Measured, allocator: _Allocator) -> MeasuredLayout:
    sizes = (measured.width, measured.width, len(measured.pairs), measured.width * measured.size)
    return MeasuredLayout(*(allocator.take(size) for size in sizes))


def _thresholds(thresholds: Thresholds, specific: Specific | None, allocator: _Allocator) -> ThresholdsLayout:
    own = allocator.take(sum(len(cuts.prior_of) for cuts in thresholds.cuts))
    distances = allocator.take(sum(cuts.delta is not None for cuts in thresholds.cuts))
    effects = 0 if specific is None else specific.size * len(specific.columns)
    return ThresholdsLayout(own, distances, allocator.take(effects))


def _population(population: Population, allocator: _Allocator, intercept: int | None) -> PopulationLayout:
    if intercept is None and population.intercept is not None:
        intercept = allocator.take(1).start
    return PopulationLayout(intercept, allocator.take(len(population.columns)))


def _process(process: GaussianProcess | Areal, allocator: _Allocator) -> GroupLayout:
    [block] = process.blocks
    sd, scales = allocator.take(1), allocator.take(len(block.shapes))
    whole, kind = slice(0, process.width), SPECTRUM if block.spectrum else DIAGONAL
    place = BlockLayout(kind, whole, sd, scales, whole)
    return GroupLayout(1, process.width, allocator.take(process.width), (place,))


def _group(group: Effects[Any], allocator: _Allocator) -> GroupLayout:
    blocks: list[BlockLayout] = []
    start = first = 0
    for block in group.blocks:
        columns, scores = slice(start, start + block.width), slice(first, first + block.standard)
        start, first = columns.stop, scores.stop
        blocks.append(_block(block, columns, scores, allocator))
    return GroupLayout(group.size, start, allocator.take(group.size * first), tuple(blocks))


def _with_tails(layout: GroupLayout, group: GroupEffects, allocator: _Allocator) -> GroupLayout:
    if group.tails is None:
        return layout
    return replace(layout, df=allocator.take(1).start, mixing=allocator.take(layout.levels))


def _block(block: EffectsBlock, columns: slice, scores: slice, allocator: _Allocator) -> BlockLayout:
    n, sds = block.width, len(block.sd_priors)
    match block.covariance.correlations:
        case None:
            return BlockLayout(DIAGONAL, columns, allocator.take(sds), None, scores)
        case Pattern():
            return BlockLayout(PATTERN, columns, allocator.take(sds), allocator.take(len(block.shape_priors)), scores)
        case Loadings():
            return BlockLayout(PATTERN, columns, None, allocator.take(len(block.shape_priors)), scores)
        case Matrix() if joint(block.sd_priors) and not block.one_sd:
            return BlockLayout(COVARIANCE, columns, None, allocator.take(n * (n + 1) // 2), scores)
        case Matrix():
            return BlockLayout(CORRELATION, columns, allocator.take(sds), allocator.take(n * (n - 1) // 2), scores)
        case other:
            assert_never(other)
