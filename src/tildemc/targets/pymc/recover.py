"""Draws of what a model reports -> draws of its graph's free variables, whichever engine drew.

Where a statement of the program makes a reported quantity from a free variable, the variable says how it follows from
what is reported; here that is evaluated for all draws at once.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.covariance import Loadings
from tildemc.spec.expr import Computes, Expr, evaluate
from tildemc.spec.matrices import cholesky, inverse
from tildemc.spec.terms.rescor import partial_correlations
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.pymc.program import CholeskyCovariance, Program, Random

__all__ = ["recover"]


def recover(program: Program, reported: Mapping[str, Floats]) -> dict[str, tuple[tuple[str, ...], Floats]]:
    """The free variables that are not reported themselves.

    Parameters
    ----------
    program : Program
    reported : mapping
        For each parameter of the model, its draws (chains, draws, …).

    Returns
    -------
    dict
        For each variable its dims, none if the graph names none, and its draws (chains, draws, …) in the graph's shape.
    """
    known = {**program.constants, **reported}
    return {
        name: (dims, evaluate(expr, lambda variable: known[variable.name], FUNCTIONS))
        for name, dims, expr in _recovered(program)
    }


def _recovered(program: Program) -> Iterator[tuple[str, tuple[str, ...], Expr]]:
    for statement in program.statements:
        match statement:
            case Random(name, dims=dims, recovered=expr) if expr is not None:
                yield name, dims, expr
            case CholeskyCovariance(chol, recovered=expr):
                yield chol, (), expr
            case _:
                pass


def _packed_cholesky(sd: Floats, correlations: Floats) -> Floats:
    """The lower triangles, row by row, of the covariance matrices' factors: (…, n (n + 1) / 2)."""
    factor = sd[..., None] * cholesky(correlations)
    rows, columns = np.tril_indices(sd.shape[-1])
    return np.asarray(factor[..., rows, columns])


def _standardised(effects: Floats, sd: Floats, correlations: Floats | None = None) -> Floats:
    """The z of effects (…, levels, n) that are L z; where a variance is zero, one of those that would do."""
    z = np.asarray(effects * inverse(sd)[..., None, :])
    if correlations is not None:
        factor = cholesky(correlations)[..., None, :, :]
        for i in range(z.shape[-1]):
            for j in range(i):
                z[..., i] -= factor[..., i, j] * z[..., j]
            z[..., i] *= inverse(factor[..., i, i])
    return z


def _scores(effects: Floats, loadings: Floats, rank: int) -> Floats:
    """What effects (…, levels, n) are made of that are sums of so many factors, (…, levels, rank)."""
    factor = Loadings(rank).matrix(loadings, effects.shape[-1])[..., :rank, :]
    return np.swapaxes(np.linalg.solve(factor, np.swapaxes(effects[..., :rank], -1, -2)), -1, -2)


def _unrelated(factor: Floats, effects: Floats) -> Floats:
    """The independent effects (…, levels, n) that those of related levels are made of."""
    return np.linalg.solve(factor, effects)


def _loaded(loadings: Floats, effects: Floats) -> Floats:
    """The coefficients (…, q) of effects (…, areas) that are their products with the loadings (areas, q)."""
    return np.asarray(effects @ np.linalg.pinv(loadings).T)


FUNCTIONS: Mapping[str, Computes] = ChainMap(
    {
        "columns": lambda *parts: np.stack(parts, axis=-1),
        "cholesky": cholesky,
        "packed_cholesky": _packed_cholesky,
        "standardised": _standardised,
        "unrelated": _unrelated,
        "loaded": _loaded,
        "scores": _scores,
        "beside": lambda *parts: np.concatenate(parts, axis=-1),
        "halves": lambda matrix: 0.5 * (1 + partial_correlations(matrix)),
    },
    {name: NUMPY[name] for name in ("exp", "sqrt")},
)
"""What recovered variables apply."""
