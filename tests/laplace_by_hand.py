"""Laplace's approximation of a likelihood, slow and plain: dense matrices, any family, effects in any predictor.

The log density of rows is differentiated twice, evaluated by NumPy, and climbed by Newton's steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tildemc.arrays import Floats
from tildemc.results.evaluate import predictors_of
from tildemc.spec.derivative import differentiate
from tildemc.spec.design import Design
from tildemc.spec.expr import Expr, evaluate
from tildemc.spec.likelihood import density_of
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names
from tildemc.spec.terms.effects import Effects
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.smooth import Smooth
from tildemc.spec.vocabulary import NUMPY

__all__ = ["ByHand"]


class ByHand:
    """A model whose effects are v, standard normal, times factors: log ∫ p(y | v) p(v) dv, approximately."""

    def __init__(self, spec: ModelSpec, design: Design) -> None:
        self.spec, self.design = spec, design
        self.groupings = [effects for predictor in spec.predictors for effects in predictor.effects]
        self.parameters = [p.parameter for p in spec.predictors if p.effects or p.shared]
        self.density = density_of(spec)
        self.slopes = [differentiate(self.density, name) for name in self.parameters]
        self.curves = [[differentiate(slope, name) for name in self.parameters] for slope in self.slopes]
        self.size = sum(effects.size * effects.width for effects in self.groupings)
        self.v = np.zeros(self.size)
        known = names(spec)
        self.without = {}
        for effects in self.groupings:
            named: Any = known.at(effects)
            if isinstance(effects, GroupEffects):
                self.without[named.r] = np.zeros((1, effects.size, effects.width))
            else:
                self.without[named.s] = np.zeros((1, effects.width))

    def columns(self, factors: Floats) -> list[Floats]:
        """What v adds to each parameter's predictor, (n, effects) each."""
        found = [np.zeros((self.design.n, self.size)) for _ in self.parameters]
        at = 0
        for effects, factor in zip(self.groupings, factors, strict=True):
            q = effects.width
            shared = [s for p in self.spec.predictors for s in p.shared if s.owner == effects.path]
            for term, first in ((effects, 0), *((s, s.first) for s in shared)):
                numbers = self.design.terms[term.path]
                Z = numbers.Z @ factor[first : first + numbers.Z.shape[1], :q]
                own = found[self.parameters.index(term.path[0])]
                index = np.zeros(self.design.n, np.int64) if isinstance(effects, Smooth) else numbers.index
                for i in np.flatnonzero(index >= 0):
                    own[i, at + index[i] * q : at + (index[i] + 1) * q] += Z[i]
            at += effects.size * q
        return found

    def rows(self, values: Mapping[str, Floats]) -> dict[str, Floats]:
        """What the density of a row names, with no effects."""
        found = predictors_of(self.spec, self.design, {**self.without, **values})
        return self.design.row | found

    def found(self, expr: Expr, known: Mapping[str, Floats]) -> Floats:
        with np.errstate(all="ignore"):
            value = evaluate(expr, lambda name: known[name.name], NUMPY)
        return np.broadcast_to(np.asarray(value), (1, self.design.n))[0]

    def moved(self, known: Mapping[str, Floats], Z: Sequence[Floats], v: Floats) -> dict[str, Floats]:
        return {**known, **{name: known[name] + Zp @ v for name, Zp in zip(self.parameters, Z, strict=True)}}

    def joint(self, known: Mapping[str, Floats], v: Floats) -> float:
        rows = self.found(self.density, known)
        weights = self.design.weights
        total = float(rows.sum() if weights is None else rows @ weights) - 0.5 * float(v @ v)
        return total if np.isfinite(total) else -np.inf

    def derivatives(self, known: Mapping[str, Floats], Z: Sequence[Floats], v: Floats) -> tuple[Floats, Floats]:
        """By v: of the log of the joint density, and minus its second ones."""
        w = np.ones(self.design.n) if self.design.weights is None else self.design.weights
        slope, minus = -v, np.eye(len(v))
        for j, Zj in enumerate(Z):
            slope = slope + Zj.T @ (w * self.found(self.slopes[j], known))
            for k, Zk in enumerate(Z):
                minus = minus - Zj.T @ ((w * self.found(self.curves[j][k], known))[:, None] * Zk)
        return slope, minus

    def mode(self, values: Mapping[str, Floats], factors: Floats) -> tuple[float, Floats, Floats]:
        """The height of the joint density at its mode, that, and minus the second derivatives there."""
        Z, at, v = self.columns(factors), self.rows(values), self.v
        here = self.joint(self.moved(at, Z, v), v)
        if not np.isfinite(here):
            v = np.zeros_like(v)
            here = self.joint(self.moved(at, Z, v), v)
        for _ in range(100):
            slope, minus = self.derivatives(self.moved(at, Z, v), Z, v)
            ridge = max(0.0, 0.1 - np.linalg.eigvalsh(minus)[0]) if len(v) else 0.0
            step = np.linalg.solve(minus + ridge * np.eye(len(v)), slope)
            share = 1.0
            while share > 1e-10:
                there = v + share * step
                height = self.joint(self.moved(at, Z, there), there)
                if height >= here - 1e-12 * abs(here):
                    break
                share *= 0.5
            v, here = there, height
            if slope @ step < 1e-18:
                break
        self.v = v
        return here, v, self.derivatives(self.moved(at, Z, v), Z, v)[1]

    def log_likelihoods(self, points: Sequence[tuple[Mapping[str, Floats], Floats]]) -> Floats:
        return np.array([self.log_likelihood(*point) for point in points])

    def log_likelihood(self, values: Mapping[str, Floats], factors: Floats) -> float:
        height, _, minus = self.mode(values, factors)
        sign, log_det = np.linalg.slogdet(minus)
        return height - 0.5 * float(log_det) if sign > 0 else -np.inf

    def effects(self, values: Mapping[str, Floats], factors: Floats) -> list[tuple[Effects[Any], Floats, Floats]]:
        """Each grouping's modes and sds, (levels, q)."""
        _, v, minus = self.mode(values, factors)
        covariance, at = np.linalg.inv(minus), 0
        found = []
        for effects, factor in zip(self.groupings, factors, strict=True):
            q, levels = effects.width, effects.size
            L = factor[:q, :q]
            own = slice(at, at + levels * q)
            each = np.array([covariance[k : k + q, k : k + q] for k in range(at, own.stop, q)])
            sds = np.sqrt(np.einsum("ab,jbc,ac->ja", L, each, L))
            found.append((effects, v[own].reshape(levels, q) @ L.T, sds))
            at = own.stop
        return found
