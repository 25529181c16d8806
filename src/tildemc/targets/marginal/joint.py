"""Joint: what the residuals are made of, of rows that go together or have a formula for their sd.

Residuals have the covariance S R S: S the rows' sds, R block diagonal. With D = S⁻¹ [Z X y] the cross-products are
Dᵀ R⁻¹ D, those of whitened rows, and the log likelihood lacks -½ log|R| - Σ log s_i.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tildemc.arrays import Floats, Integers, Mask
from tildemc.spec.design import Design
from tildemc.spec.model import ModelSpec
from tildemc.spec.rows_together import Coefficients, in_order
from tildemc.spec.terms.residual import PATH, Residual
from tildemc.targets.marginal.numbers import Number, numbers_of
from tildemc.targets.marginal.statistics import Rows

__all__ = ["Joint", "Spread", "joint"]


@dataclass(frozen=True, eq=False)
class Spread:
    """The rows' log sds: `base` and `columns` times the logs of sds, or the coefficients of a formula.

    Attributes
    ----------
    columns : (n, sds)
    base : (n,)
    logs : (sds,) of bool
        Which of these are sds.
    """

    columns: Floats
    base: Floats
    logs: Mask

    def at(self, x: Floats) -> Floats:
        """(…, n), at numbers (…, ·) of which these are the first."""
        first = x[..., : len(self.logs)]
        own = np.where(self.logs, np.log(np.where(self.logs, first, 1.0)), first)
        return np.asarray(self.base + own @ self.columns.T)

    def back(self, x: Floats, by_log_sd: Floats) -> Floats:
        """Derivatives by log sds -> by the numbers, (sds,)."""
        return np.asarray((by_log_sd @ self.columns) / np.where(self.logs, x[: len(self.logs)], 1.0))

    def distinct(self) -> tuple[Spread, Integers]:
        """Those that differ, and which one each row has."""
        both = np.column_stack([self.columns, self.base])
        known, which = np.unique(both, axis=0, return_inverse=True)
        return Spread(known[:, :-1], known[:, -1], self.logs), which.ravel()


@dataclass(frozen=True, eq=False)
class Joint:
    """The residuals of a model.

    Attributes
    ----------
    residual : Residual or None
    numbers : tuple of Number
    columns : (n, d)
        [Z X y] of each row.
    levels : tuple of (n,)
        Each row's level of each factor, -1 for none.
    spread : Spread
    centre : (coefficients,)
        What the columns of the sds' formula are measured from.
    longest : int
        The rows of the largest block.
    """

    residual: Residual | None
    numbers: tuple[Number, ...]
    columns: Floats
    levels: tuple[Integers, ...]
    spread: Spread
    centre: Floats
    longest: int

    @property
    def start(self) -> Floats:
        """Where to begin, (numbers,)."""
        return np.array([number.start for number in self.numbers])

    def log_sds(self, x: Floats) -> Floats:
        """The rows' log sds, (…, n), at numbers x."""
        return self.spread.at(x)

    def sets(self, x: Floats) -> list[Coefficients]:
        """The coefficients of the correlations at numbers x: one set, or one for each level; (…, size) each."""
        if self.residual is None:
            return [{}]
        if self.residual.known:
            return [self.residual.given()] * self.residual.sets
        found: list[dict[str, Floats]] = [{} for _ in range(self.residual.sets)]
        for name, places in self.places.items():
            for k, part in enumerate(np.split(places, self.residual.sets)):
                found[k][name] = x[..., part]
        return list(found)

    @cached_property
    def places(self) -> dict[str, Integers]:
        """Where among the numbers the correlations' are, by name."""
        found: dict[str, list[int]] = {}
        for i, number in enumerate(self.numbers):
            if number.path[:1] == PATH:
                found.setdefault(number.path[-1], []).append(i)
        return {name: np.array(places) for name, places in found.items()}

    @property
    def free(self) -> bool:
        """Whether the correlations have numbers that are estimated."""
        return bool(self.places)

    def back(self, x: Floats, by_log_sd: Floats, spread: Spread, given: Mapping[str, Floats]) -> Floats:
        """Derivatives by log sds, and by coefficients (sets, size) -> by the numbers."""
        found = np.zeros(len(x))
        found[: len(spread.logs)] = spread.back(x, by_log_sd)
        for name, by in given.items():
            found[self.places[name]] = by.ravel()
        return found

    def of_blocks(self, block: Integers) -> tuple[Integers, ...]:
        """The blocks' levels of each factor, those of their rows, some of which may have none."""
        found = tuple(np.full(block.max(initial=-1) + 1, -1) for _ in self.levels)
        for own, level in zip(found, self.levels, strict=True):
            np.maximum.at(own, block, level)
        return found


def joint(spec: ModelSpec, design: Design, rows: Rows) -> Joint:
    """The residuals of a model.

    Parameters
    ----------
    spec, design
    rows : Rows
        All of them.
    """
    parts = [np.where((index >= 0)[:, None], Z, 0.0) for Z, index in zip(rows.Z, rows.index, strict=True)]
    columns = np.column_stack([*parts, rows.X, rows.y])
    levels = rows.index or (np.zeros(len(rows.y), dtype=np.int64),)
    longest = 1 if spec.residual is None else int(in_order(design.of(spec.residual))[2].max(initial=1))
    spread, centre = _spread(spec, design), _centre(spec, design)
    return Joint(spec.residual, numbers_of(spec, design), columns, levels, spread, centre, longest)


def _centre(spec: ModelSpec, design: Design) -> Floats:
    for predictor in spec.predictors[1:]:
        population = predictor.population
        return design.of(population).centre if population.centred else np.zeros(len(population.coefficients))
    return np.zeros(0)


def _spread(spec: ModelSpec, design: Design) -> Spread:
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
    return Spread(np.column_stack(parts) if parts else np.zeros((n, 0)), base, np.array(logs, dtype=bool))
