"""The marginal likelihood by its definition, n × n: slow and obvious, to test the fast one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.spec.design import Design
from tildemc.spec.model import ModelSpec
from tildemc.spec.terms.group import GroupEffects

__all__ = ["Dense", "dense"]


@dataclass(frozen=True, eq=False)
class Dense:
    """A Gaussian model of n rows.

    Attributes
    ----------
    y : (n,)
    flat : (n, ·)
        The population columns with a flat prior.
    normal : (n, ·), mean, sd : (·,)
        Those with a normal one.
    Z : sequence of (n, levels, q)
        For each grouping; zero where the row has another level.
    residual : (n,) of int
        Which residual sd, -1 for none.
    known, weights : (n,)
    """

    y: Floats
    flat: Floats
    normal: Floats
    mean: Floats
    sd: Floats
    Z: tuple[Floats, ...]
    residual: Integers
    known: Floats
    weights: Floats

    def likelihood(
        self, factors: Sequence[Floats], sigma: Floats, *, integrate: bool = True
    ) -> tuple[float, list[Floats], Floats]:
        """Log p(y | Λ, σ) and its derivatives by the factors, each (q, q), and by sigma."""
        w, X = self.weights, self.flat
        V0 = np.where(self.residual >= 0, sigma[self.residual] ** 2 if len(sigma) else 0.0, 0.0) + self.known
        V = (self.normal * self.sd**2) @ self.normal.T + np.diag(V0 / w)
        for Z, L in zip(self.Z, factors, strict=True):
            V += np.einsum("ija,ab,kjb->ik", Z, L @ L.T, Z)
        inverse = np.linalg.inv(V)
        information = X.T @ inverse @ X
        P = inverse - inverse @ X @ np.linalg.solve(information, X.T @ inverse)
        residual = self.y - self.normal @ self.mean
        n, p = X.shape
        found = -0.5 * (np.linalg.slogdet(V)[1] + residual @ P @ residual + n * np.log(2 * np.pi))
        # w log N(y; mu, V0) is log N(y; mu, V0 / w) and this:
        found += np.sum(-0.5 * (w - 1) * np.log(2 * np.pi * V0) - 0.5 * np.log(w))
        if integrate:
            found += -0.5 * np.linalg.slogdet(information)[1] + 0.5 * p * np.log(2 * np.pi)
        G = 0.5 * (np.outer(P @ residual, P @ residual) - (P if integrate else inverse))
        by_factors = [2 * np.einsum("ija,ik,kjb->ab", Z, G, Z) @ L for Z, L in zip(self.Z, factors, strict=True)]
        by_variance = np.diag(G) / w - 0.5 * (w - 1) / V0
        by_sigma = np.array([2 * s * by_variance[self.residual == k].sum() for k, s in enumerate(sigma)])
        return float(found), by_factors, by_sigma


def dense(spec: ModelSpec, design: Design, *, flat: bool = False) -> Dense:
    """A model and its data as plain matrices; all population priors taken for flat if `flat`."""
    population, offset = spec.predictors[0].population, spec.predictors[0].offset
    assert design.y is not None
    X, priors = design.of(population).X, population.priors
    if population.intercept is not None:
        # The prior is on the intercept at the means where predictors are centred.
        X = np.column_stack([np.ones(design.n), X - X.mean(axis=0) if population.centred else X])
    free = np.array([flat or not prior.distribution.proper for prior in priors], dtype=bool)
    located = np.array([p.values for p, f in zip(priors, free, strict=True) if not f]).reshape(-1, 2)
    factors = []
    first = spec.predictors[0]
    for group in first.integrated:
        numbers = group.in_rows(design.of(group))
        Z = np.zeros((design.n, group.size, numbers.Z.shape[1]))
        rows = np.flatnonzero(numbers.index >= 0)
        Z[rows, numbers.index[rows]] = numbers.Z[rows]
        if isinstance(group, GroupEffects) and group.between is not None:
            Z = np.einsum("nja,ji->nia", Z, group.between.factor)
        for shared in (shared for shared in spec.predictors[0].shared if shared.owner == group.path):
            numbers = design.of(shared)
            rows = np.flatnonzero(numbers.index >= 0)
            np.add.at(Z, (rows, numbers.index[rows]), numbers.Z[rows])
        if isinstance(group, GroupEffects) and group.weights is not None:
            Z = Z * group.weights.spread[:, None]
        factors.append(Z)
    modelled = bool(spec.auxiliaries)
    by = design.of(spec.auxiliaries[0]).index if modelled else None
    return Dense(
        design.y - (0.0 if offset is None else design.of(offset).values),
        X[:, free],
        X[:, ~free],
        located[:, 0],
        located[:, 1],
        tuple(factors),
        np.full(design.n, -1) if not modelled else np.zeros(design.n, np.int64) if by is None else by,
        np.zeros(design.n) if design.se is None else design.se**2,
        np.ones(design.n) if design.weights is None else design.weights,
    )
