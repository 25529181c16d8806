"""Joint: rows that go together, or have a formula for their sd -> cross-products as if they were independent.

Residuals have the covariance S R S: S the rows' sds, R block diagonal. With D = S⁻¹ [Z X y] the cross-products are
Dᵀ R⁻¹ D, those of whitened rows, and the log likelihood lacks -½ log|R| - Σ log s_i.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.spec.design import Design
from tildemc.spec.model import ModelSpec
from tildemc.spec.rows_together import Batch, Coefficients, batches, matrices, partials_back
from tildemc.spec.terms.residual import PATH, Residual
from tildemc.targets.marginal.entries import Pairs, pairs_of
from tildemc.targets.marginal.numbers import Number, numbers_of
from tildemc.targets.marginal.statistics import Layout, Rows, Statistics
from tildemc.targets.marginal.whiten import Solved, slopes, solve

__all__ = ["Joint", "Whitened", "joint"]

STEP = 1e-6
"""Of differences, over the size of a number."""


@dataclass(frozen=True, eq=False)
class Whitened:
    """What the numbers come to: the entries, what the log likelihood has beside them, and what slopes need.

    `scaled` (n, d) are the rows over their sds, `solved` what becomes of those of each batch.
    """

    entries: Floats
    log_density: float
    scaled: Floats
    correlations: tuple[Floats, ...]
    solved: tuple[Solved, ...]


@dataclass(frozen=True, eq=False)
class Joint:
    """The residuals of a model.

    Attributes
    ----------
    residual : Residual or None
    numbers : tuple of Number
    columns : (n, d)
        [Z X y] of each row.
    spread : (n, sds)
        Log sds are `base` and this, times the logs of sds or the coefficients of a formula.
    base : (n,)
    logs : (sds,) of bool
        Which of these are sds.
    batches : tuple of Batch
    pairs : tuple of Pairs
        Of each batch.
    centre : (coefficients,)
        What the columns of the sds' formula are measured from.
    """

    residual: Residual | None
    numbers: tuple[Number, ...]
    columns: Floats
    spread: Floats
    base: Floats
    logs: Integers
    batches: tuple[Batch, ...]
    pairs: tuple[Pairs, ...]
    centre: Floats

    @property
    def start(self) -> Floats:
        """Where to begin, (numbers,)."""
        return np.array([number.start for number in self.numbers])

    @property
    def operations(self) -> float:
        """About how many it takes to whiten the rows once."""
        n, d = self.columns.shape
        whole = [batch for batch in self.batches if not batch.stepwise]
        factored = sum(len(batch.place) * batch.rows.shape[1] ** 3 for batch in whole)
        return float(n * d * (self.longest * bool(whole) + d) + factored)

    @property
    def longest(self) -> int:
        """The rows of the largest block."""
        return max(int(batch.rows.shape[1]) for batch in self.batches)

    def log_sds(self, x: Floats) -> Floats:
        """The rows' log sds, (n,), at numbers x."""
        k = self.spread.shape[1]
        own = np.where(self.logs, np.log(np.where(self.logs, x[:k], 1.0)), x[:k])
        return np.asarray(self.base + self.spread @ own)

    def sets(self, x: Floats) -> list[Coefficients]:
        """The coefficients of the correlations at numbers x: one set, or one for each level."""
        if self.residual is None:
            return [{}]
        found: list[dict[str, Floats]] = [{} for _ in range(self.residual.sets)]
        if self.residual.known:
            return [self.residual.given()] * self.residual.sets
        for name, places in self.places.items():
            for k, part in enumerate(np.split(places, self.residual.sets)):
                found[k][name] = x[part]
        return list(found)

    @cached_property
    def places(self) -> dict[str, Integers]:
        """Where among the numbers the correlations' are, by name."""
        found: dict[str, list[int]] = {}
        for i, number in enumerate(self.numbers):
            if number.path[:1] == PATH:
                found.setdefault(number.path[-1], []).append(i)
        return {name: np.array(places) for name, places in found.items()}

    def correlations(self, x: Floats) -> list[Floats]:
        """R of each batch's patterns, or the correlations of neighbours."""
        if self.residual is None:
            return [np.ones((1, 1, 1))]
        sets = self.sets(x)
        return [matrices(self.residual, batch, sets) for batch in self.batches]

    def whitened(self, x: Floats) -> Whitened | None:
        """What numbers x come to; None where they make no covariance."""
        log_sds = self.log_sds(x)
        total = -float(log_sds.sum())
        entries = np.zeros(self.pairs[0].size)
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = self.columns * np.exp(-log_sds)[:, None]
        if not np.isfinite(total) or not np.isfinite(scaled).all():
            return None
        correlations, done = self.correlations(x), []
        for batch, pairs, R in zip(self.batches, self.pairs, correlations, strict=True):
            rows = scaled[batch.rows]
            solved = solve(batch, R, rows)
            if solved is None:
                return None
            entries += pairs.total(rows.swapaxes(1, 2) @ solved.white)
            total -= solved.half
            done.append(solved)
        return Whitened(entries, total, scaled, tuple(correlations), tuple(done))

    def back(self, x: Floats, at: Whitened, by_entry: Floats) -> Floats:
        """Derivatives by the entries -> by the numbers, with those of what the log likelihood has beside them."""
        n, k = self.spread.shape
        by_log_sd = np.full(n, -1.0)
        by_correlation: list[Floats] = []
        for batch, pairs, R, solved in zip(self.batches, self.pairs, at.correlations, at.solved, strict=True):
            moments, rows = pairs.back(by_entry), at.scaled[batch.rows]
            by_log_sd[batch.rows] -= 2.0 * ((solved.white @ moments) * rows).sum(axis=2)
            if self.residual is not None:
                by_correlation.append(slopes(batch, R, solved, rows, moments))
        found = np.zeros(len(self.numbers))
        found[:k] = (by_log_sd @ self.spread) / np.where(self.logs, x[:k], 1.0)
        if self.residual is not None and not self.residual.known:
            found[k:] = self._by_coefficients(x, by_correlation)[k:]
        return found

    def _by_coefficients(self, x: Floats, slopes: list[Floats]) -> Floats:
        residual = self.residual
        assert residual is not None
        found = np.zeros(len(x))
        for name, places in self.places.items():
            if name == "cortime":
                found[places] = self._by_partials(x[places], slopes)
                continue
            for i in places:
                step = np.zeros(len(x))
                step[i] = STEP * max(abs(x[i]), 1e-2)
                above, below = self.correlations(x + step), self.correlations(x - step)
                change = (float((s * (a - b)).sum()) for s, a, b in zip(slopes, above, below, strict=True))
                found[i] = sum(change) / (2.0 * step[i])
        return found

    def _by_partials(self, partial: Floats, slopes: list[Floats]) -> Floats:
        assert self.residual is not None
        n = len(self.residual.times)
        total = np.zeros((n, n))
        for batch, slope in zip(self.batches, slopes, strict=True):
            at = batch.place[..., 0].astype(np.int64)
            np.add.at(total, (at[:, :, None], at[:, None, :]), slope)
        return partials_back(total, partial)


def joint(spec: ModelSpec, design: Design, layout: Layout, rows: Rows, sums: Statistics) -> Joint:
    """The residuals of a model.

    Parameters
    ----------
    spec, design
    layout : Layout
    rows : Rows
        All of them.
    sums : Statistics
        Of the rows as they are: where each entry stands.
    """
    residual = spec.residual
    parts = [np.where((index >= 0)[:, None], Z, 0.0) for Z, index in zip(rows.Z, rows.index, strict=True)]
    columns = np.column_stack([*parts, rows.X, rows.y])
    found = batches(residual, None if residual is None else design.of(residual), len(rows.y), stepwise=True)
    indices = rows.index or (np.zeros(len(rows.y), dtype=np.int64),)
    pairs = tuple(pairs_of(layout, sums, tuple(_of_blocks(index, batch) for index in indices)) for batch in found)
    numbers = numbers_of(spec, design)
    spread, base, logs = _spread(spec, design)
    return Joint(residual, numbers, columns, spread, base, logs, found, pairs, _centre(spec, design))


def _centre(spec: ModelSpec, design: Design) -> Floats:
    for predictor in spec.predictors[1:]:
        population = predictor.population
        return design.of(population).centre if population.centred else np.zeros(len(population.coefficients))
    return np.zeros(0)


def _of_blocks(index: Integers, batch: Batch) -> Integers:
    """Each block's level of a factor: that of its rows, some of which may have none."""
    return np.asarray(index[batch.rows].max(axis=1))


def _spread(spec: ModelSpec, design: Design) -> tuple[Floats, Floats, Integers]:
    """`Joint.spread`, `base` and `logs`."""
    n = design.n
    parts: list[Floats] = []
    logs: list[bool] = []
    base = np.zeros(n)
    for auxiliary in spec.auxiliaries:
        index = design.of(auxiliary).index
        parts.append(np.ones((n, 1)) if index is None else np.eye(auxiliary.size)[index])
        logs += [True] * auxiliary.size
    for predictor in spec.predictors[1:]:
        population = predictor.population
        numbers = design.of(population)
        if population.intercept is not None:
            parts.append(np.ones((n, 1)))
        parts.append(numbers.X - numbers.centre if population.centred else numbers.X)
        logs += [False] * (len(population.coefficients) + (population.intercept is not None))
        if predictor.offset is not None:
            base = base + design.of(predictor.offset).values
    return np.column_stack(parts) if parts else np.zeros((n, 0)), base, np.array(logs, dtype=bool)
