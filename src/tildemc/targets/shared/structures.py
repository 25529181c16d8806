"""Covariance structures that the kernels of the exact and the direct engine know."""

from __future__ import annotations

from tildemc.model.covariance import Covariance, Matrix, Single

__all__ = ["PATTERNS", "unknown"]

PATTERNS = {"exchangeable": 0}
"""Patterns of correlations that follow from one number: the numbers under which kernels know them."""


def unknown(covariance: Covariance) -> bool:
    """Whether the kernels have no code for a structure."""
    match covariance.correlations:
        case None | Matrix():
            return False
        case Single(name):
            return name not in PATTERNS
    return True
