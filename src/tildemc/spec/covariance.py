"""Covariance structures: how the effects of one group term vary together. All that is to say of one is said here.

A structure has standard deviations, one for each effect or one for all, and correlations: none, a free matrix, or a
matrix that follows from one number. Whoever names, explains, scales, lays out, expands or estimates a model asks it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.expr import Apply, Const, Expr, Var, evaluate
from tildemc.spec.matrices import cholesky
from tildemc.spec.priors import CORRELATION, Prior, default
from tildemc.spec.support import CORRELATIONS, Support

__all__ = ["COVARIANCES", "EXCHANGEABLE", "MATRIX", "Correlations", "Covariance", "Matrix", "Single", "effects"]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Correlations that are free: a matrix with one prior."""

    def support(self, n: int) -> Support:
        """What they may be, of n effects."""
        return CORRELATIONS

    def prior(self, n: int) -> Prior:
        """Their default prior."""
        return CORRELATION

    def draw(self, prior: Prior, n: int, generator: np.random.Generator, size: int) -> Floats:
        """Matrices from an LKJ prior, (size, n, n).

        By the onion, which adds one effect after the other: Lewandowski, Kurowicka & Joe (2009), Generating random
        correlation matrices based on vines and extended onion method, Journal of Multivariate Analysis 100.
        """
        (eta,) = prior.values
        factor = np.zeros((size, n, n))
        factor[:, 0, 0] = 1.0
        for i in range(1, n):
            # What the others explain of this effect, and in which direction.
            share = generator.beta(0.5 * i, eta + 0.5 * (n - 1 - i), size)
            direction = generator.normal(size=(size, i))
            direction /= np.sqrt((direction**2).sum(axis=1, keepdims=True))
            factor[:, i, :i] = np.sqrt(share)[:, None] * direction
            factor[:, i, i] = np.sqrt(1.0 - share)
        return factor @ factor.transpose(0, 2, 1)


@dataclass(frozen=True, slots=True)
class Single:
    """Correlations that follow from one number, rho.

    Attributes
    ----------
    name : str
        By which engines know the pattern.
    lower : callable
        Of the number of effects: above which rho the matrix is positive definite. It ends at 1.
    matrix : callable
        Of rho and the number of effects: the correlation matrix.
    latex : str
        How that is written, with `{rho}`; empty for its name and rho.
    """

    name: str
    lower: Callable[[int], float]
    matrix: Callable[[Expr, int], Expr]
    latex: str = ""

    def support(self, n: int) -> Support:
        """What rho may be, of n effects."""
        return Support(self.lower(n), 1.0)

    def prior(self, n: int) -> Prior:
        """Its default prior: all values alike, which is LKJ's density with eta = 1 on such matrices."""
        return default("uniform", self.lower(n), 1.0)

    def draw(self, prior: Prior, n: int, generator: np.random.Generator, size: int) -> Floats:
        """Matrices whose rho is from a prior, (size, n, n)."""
        rho = prior.draw(generator, (size, 1, 1))
        return np.asarray(evaluate(self.matrix(Var("rho"), n), lambda _: rho, {"eye": np.eye}))


Correlations = Matrix | Single

MATRIX = Matrix()
EXCHANGEABLE = Single(
    "exchangeable",
    lower=lambda n: -1.0 / (n - 1),
    matrix=lambda rho, n: (1.0 - rho) * Apply("eye", (Const(n),)) + rho,
    latex=r"(1 - {rho})\,\mathrm{{I}} + {rho}\,\mathbf{{1}} \mathbf{{1}}^{{\top}}",
)


@dataclass(frozen=True, slots=True)
class Covariance:
    """A structure.

    Attributes
    ----------
    name : str
        As R's packages call it: `diag(1 + x | g)`.
    title : str
        What effects that have it are.
    equal : bool
        Whether all effects have the same sd.
    correlations : Correlations or None
        None if effects are independent.
    """

    name: str
    title: str
    equal: bool = False
    correlations: Correlations | None = None

    @property
    def alike(self) -> bool:
        """Whether sds or correlations are kept the same."""
        return self.equal or isinstance(self.correlations, Single)

    def sds(self, n: int) -> tuple[int, ...]:
        """For each of n effects the number of its sd."""
        return (0,) * n if self.equal else tuple(range(n))

    def like_noise(self, n: int) -> list[list[int]]:
        """The effects, by number, that noise could be taken for: with a multiple of I added, it stays."""
        if self.correlations is None and not self.equal:
            return [[a] for a in range(n)]
        return [[*range(n)]] if self.equal or n == 2 or isinstance(self.correlations, Matrix) else []


def effects(sd: Floats, correlations: Floats | None, generator: np.random.Generator, levels: int) -> Floats:
    """Effects of levels that nothing is known of but their distribution.

    Parameters
    ----------
    sd : (draws, q)
    correlations : (draws, q, q) or None
        None if effects are independent.
    generator : Generator
    levels : int

    Returns
    -------
    (draws, levels, q) array
    """
    z = generator.normal(size=(len(sd), levels, sd.shape[1]))
    unit = z if correlations is None else z @ cholesky(correlations).transpose(0, 2, 1)
    return np.asarray(unit * sd[:, None, :])


COVARIANCES = {
    structure.name: structure
    for structure in (
        Covariance("diag", "independent"),
        Covariance("us", "correlated", correlations=MATRIX),
        Covariance("homdiag", "independent with one sd", equal=True),
        Covariance("cs", "equally correlated", correlations=EXCHANGEABLE),
        Covariance("homcs", "equally correlated with one sd", equal=True, correlations=EXCHANGEABLE),
    )
}
"""The structures by name; of one effect alone there is only `diag`."""
