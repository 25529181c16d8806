"""Effects of areas that resemble their neighbours: brms's conditional autoregressions, as independent coefficients.

A structure's precision between areas has the same eigenvectors whatever its one share is, so that the areas' effects
are r = B (a ∘ z) sd, z ~ N(0, I), with a matrix B and a_k = (1 + c_k share)^power that are known but for the share.
With W the borders (1 between neighbours, else 0) and D the number of each area's neighbours:

escar: Q = D - car W.  esicar: Q = D - W, and effects add up to zero.  icar: Q = D - W, and the effects' sum over sd is
N(0, (0.001 n)²).  bym2: noise with the share 1 - rhocar of the variance beside icar's effects, these divided by the
root of the geometric mean of their variances where their sum is zero.

Besag, J., York, J. & Mollié, A. (1991), Bayesian image restoration, Annals of the Institute of Statistical Mathematics
43; Riebler, A. et al. (2016), An intuitive Bayesian spatial model for disease mapping that accounts for scaling,
Statistical Methods in Medical Research 25; as brms 2.18 writes them in Stan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats

__all__ = ["AREAS", "AreaStructure", "parts_of"]

_SOFT = 0.001
"""The sd of icar's sum, of each area."""


@dataclass(frozen=True, slots=True)
class AreaStructure:
    """How areas resemble their neighbours.

    Attributes
    ----------
    name : str
        brms's `type`.
    title : str
    loadings : callable
        Of W (n, n): B (n, q) and c (q,).
    share : str or None
        What brms calls the one number beside the sd, between 0 and 1; None if there is none.
    power : float
    in_parts : bool
        Whether the map may fall into parts. An area without any neighbour has no effect in brms's either.
    latex : str
        The covariance over the variance, `s` the geometric mean of icar's variances.
    """

    name: str
    title: str
    loadings: Callable[[Floats], tuple[Floats, Floats]]
    latex: str
    share: str | None = None
    power: float = 1.0
    in_parts: bool = False


def _exact(W: Floats) -> tuple[Floats, Floats]:
    root = 1.0 / np.sqrt(W.sum(axis=1))
    values, V = np.linalg.eigh(root[:, None] * W * root)
    return root[:, None] * V, -values


def _intrinsic(W: Floats) -> tuple[Floats, Floats]:
    values, V = _laplacian(W)
    return V[:, 1:] / np.sqrt(values[1:]), np.zeros(len(W) - 1)


def _soft(W: Floats) -> tuple[Floats, Floats]:
    variances, V = _soft_variances(W)
    return V * np.sqrt(variances), np.zeros(len(W))


def _scaled(W: Floats) -> tuple[Floats, Floats]:
    values, V = _laplacian(W)
    # What is left of the inverse where effects add up to zero: without the first, constant eigenvector.
    scale = np.exp(np.mean(np.log((V[:, 1:] ** 2 / values[1:]).sum(axis=1))))
    variances, V = _soft_variances(W)
    return V, variances / scale - 1.0


def _laplacian(W: Floats) -> tuple[Floats, Floats]:
    """The eigenvalues of D - W from zero up, and its eigenvectors."""
    values, V = np.linalg.eigh(np.diag(W.sum(axis=1)) - W)
    return values, V


def _soft_variances(W: Floats) -> tuple[Floats, Floats]:
    """Those of icar's effects for an sd of one, along the eigenvectors."""
    values, V = _laplacian(W)
    n = len(W)
    return np.concatenate([[(_SOFT * n) ** 2 / n], 1.0 / values[1:]]), V


AREAS = {
    structure.name: structure
    for structure in (
        AreaStructure(
            "escar", "a share of the mean of their neighbours", _exact, r"(D - {share}\,W)^{{-1}}", "car", -0.5,
            in_parts=True,
        ),
        AreaStructure("esicar", "the mean of their neighbours, adding up to zero", _intrinsic, "(D - W)^-"),
        AreaStructure("icar", "the mean of their neighbours, adding up to about zero", _soft, "(D - W)^-"),
        AreaStructure(
            "bym2", "the mean of their neighbours, and noise", _scaled,
            r"\bigl((1 - {share})\,I + {share}\,(D - W)^- / s\bigr)", "rhocar", 0.5,
        ),
    )
}  # fmt: skip
"""The structures by brms's `type`."""


def parts_of(W: Floats) -> int:
    """Into how many parts the map falls."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    return int(connected_components(csr_array(W), directed=False)[0])
