"""ModelSpec -> Layout: give each free quantity its place among the coordinates."""

from __future__ import annotations

from typing import assert_never

from tildemc.model.covariance import Matrix, Single
from tildemc.model.priors import joint
from tildemc.model.spec import Block, Grouping, ModelSpec, Predictor
from tildemc.targets.direct.problem import BlockLayout, GroupLayout, Layout, PredictorLayout
from tildemc.targets.direct.tables import CORRELATION, COVARIANCE, DIAGONAL, PATTERN
from tildemc.targets.shared.structures import PATTERNS

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
    predictors = tuple(_predictor(predictor, allocator) for predictor in spec.predictors)
    auxiliaries = tuple(allocator.take(1 if a.by is None else len(a.by.levels)) for a in spec.auxiliaries)
    return Layout(predictors, auxiliaries, allocator.size)


def _predictor(predictor: Predictor, allocator: _Allocator) -> PredictorLayout:
    intercept = None if predictor.intercept is None else allocator.take(1).start
    b = allocator.take(len(predictor.columns))
    return PredictorLayout(intercept, b, tuple(_grouping(g, allocator) for g in predictor.groupings))


def _grouping(grouping: Grouping, allocator: _Allocator) -> GroupLayout:
    blocks: list[BlockLayout] = []
    start = 0
    for block in grouping.blocks:
        n = len(block.columns)
        columns = slice(start, start + n)
        start += n
        blocks.append(_block(block, columns, allocator))
    levels = len(grouping.factor.levels)
    return GroupLayout(levels, start, allocator.take(levels * start), tuple(blocks))


def _block(block: Block, columns: slice, allocator: _Allocator) -> BlockLayout:
    n, sds = len(block.columns), len(block.sd_priors)
    match block.covariance.correlations:
        case None:
            return BlockLayout(DIAGONAL, columns, allocator.take(sds), None)
        case Single(name):
            return BlockLayout(PATTERN, columns, allocator.take(sds), allocator.take(1), PATTERNS[name])
        case Matrix() if joint(block.sd_priors) and not block.one_sd:
            return BlockLayout(COVARIANCE, columns, None, allocator.take(n * (n + 1) // 2))
        case Matrix():
            return BlockLayout(CORRELATION, columns, allocator.take(sds), allocator.take(n * (n - 1) // 2))
        case other:
            assert_never(other)
