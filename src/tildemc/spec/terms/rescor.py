"""Residual correlations: how the responses of a row go together, beside what predictors say of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import add
from typing import override

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.densities import DISTRIBUTIONS
from tildemc.spec.expr import Const, Expr, Var
from tildemc.spec.families.multivariate import factor, product
from tildemc.spec.matrices import cholesky, inverse
from tildemc.spec.priors import Prior
from tildemc.spec.support import CORRELATIONS
from tildemc.spec.terms.address import Sense, Target
from tildemc.spec.terms.alone import NoNumbers, NoSummary, OnePrior
from tildemc.spec.terms.term import Dim, Free, Path, Reader

__all__ = ["PATH", "RescorNames", "ResidualCorrelations", "partial_correlations"]

PATH: Path = ("rescor",)
"""Where they stand in a model."""


@dataclass(frozen=True, slots=True)
class RescorNames:
    """The matrix `cor` along `dim` and `dim2`, and the partial correlations that it is made of."""

    cor: str
    partial: str
    dim: str
    dim2: str


@dataclass(frozen=True, slots=True)
class ResidualCorrelations(OnePrior[NoNumbers, NoSummary, RescorNames]):
    """Correlations between the residuals of several responses, a matrix with an LKJ prior.

    Attributes
    ----------
    responses : tuple of str
        In the order of the matrix.
    parameters : tuple of str
        What the density of a row calls the partial correlation of each two, given the responses before both.
    prior : Prior
        Of the matrix.
    """

    responses: tuple[str, ...]
    parameters: tuple[str, ...]
    prior: Prior

    @property
    @override
    def path(self) -> Path:
        return PATH

    @property
    def size(self) -> int:
        """How many responses there are."""
        return len(self.responses)

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The two responses of each partial correlation."""
        return tuple(combinations(range(self.size), 2))

    @property
    def halves(self) -> tuple[Prior, ...]:
        """The prior of each (1 + p) / 2, which by themselves are beta.

        Lewandowski, Kurowicka & Joe (2009), Generating random correlation matrices based on vines and extended onion
        method, Journal of Multivariate Analysis 100.
        """
        (eta,) = self.prior.values
        shapes = (Const(eta + 0.5 * (self.size - 2 - first)) for first, _ in self.pairs)
        return tuple(Prior(DISTRIBUTIONS["beta"], (shape, shape)) for shape in shapes)

    def entries(self, partial: Sequence[Expr]) -> list[list[Expr]]:
        """The lower triangle of the correlations that partial ones come to."""
        L = factor(dict(zip(self.pairs, partial, strict=True)), self.size)
        return [
            [
                Const(1.0) if i == j else reduce(add, (product(L[i][c], L[j][c]) for c in range(j + 1)))
                for j in range(i + 1)
            ]
            for i in range(self.size)
        ]

    def matrix(self, partial: Floats) -> Floats:
        """The correlations (…, n, n) that partial ones (…, pairs) come to."""
        n = self.size
        L = np.zeros((*partial.shape[:-1], n, n))
        left = np.ones((*partial.shape[:-1], n))
        for (j, i), p in zip(self.pairs, np.moveaxis(partial, -1, 0), strict=True):
            L[..., i, j] = p * left[..., i]
            left[..., i] *= np.sqrt(1 - p**2)
        L[..., range(n), range(n)] = left
        return np.asarray(L @ np.swapaxes(L, -1, -2))

    @override
    def free(self) -> Iterator[Free]:
        yield Free((*self.path, "cor"), (*self.dims(),), CORRELATIONS, "residual correlation", (self.prior,))

    @override
    def dims(self) -> Iterator[Dim]:
        yield from (Dim("dim", self.responses), Dim("dim2", self.responses))

    @override
    def fixed_names(self) -> Mapping[str, str]:
        return {"cor": "rescor", "partial": "rescor_half", "dim": "response", "dim2": "response2"}

    @override
    def named(self, given: Mapping[str, str]) -> RescorNames:
        return RescorNames(**given)

    @override
    def spoken_for(self, names: RescorNames) -> Collection[str]:
        return (names.cor,)

    @override
    def targets(self, names: RescorNames, taken: Collection[str]) -> Iterator[Target]:
        known: list[tuple[tuple[str, ...], Sense]] = [((names.cor,), Sense.ONE)]
        if self.size == 2:
            known.append(((f"{names.cor}[{', '.join(self.responses)}]",), Sense.ONE))
        yield Target(self.path[0], "cor", (), CORRELATIONS, self.prior, ("rescor",), (*known, (("rescor",), Sense.ONE)))

    @override
    def read(self, rows: Reader) -> NoNumbers:
        return NoNumbers()

    @override
    def outline(self, summary: NoSummary) -> NoNumbers:
        return NoNumbers()

    @override
    def value(self, names: RescorNames) -> Expr:
        return Var(names.cor)


def partial_correlations(matrix: Floats) -> Floats:
    """The partial correlations (…, pairs) that make correlations (…, n, n)."""
    L, n = cholesky(matrix), matrix.shape[-1]
    left = np.ones(matrix.shape[:-1])
    found: list[Floats] = []
    for j, i in combinations(range(n), 2):
        p = np.clip(L[..., i, j] * inverse(left[..., i]), -1.0, 1.0)
        left[..., i] *= np.sqrt(1 - p**2)
        found.append(p)
    return np.stack(found, axis=-1)
