"""Covariance structures that the kernels of the exact and the direct engine know, and their correlations' densities."""

from __future__ import annotations

from tildemc.model.covariance import Covariance, Matrix, Single
from tildemc.model.densities import Distribution
from tildemc.scalars import Computable

__all__ = ["CORRELATIONS", "PATTERNS", "STRUCTURES"]

PATTERNS = {"exchangeable": 0}
"""Patterns of correlations that follow from one number: the numbers under which kernels know them."""


class _Structures:
    """Structures whose correlations are free or follow a known pattern."""

    def __contains__(self, covariance: Covariance) -> bool:
        match covariance.correlations:
            case None | Matrix():
                return True
            case Single(name):
                return name in PATTERNS
            case _:
                return False


class _Correlations:
    """LKJ's density of a matrix, and those of a number that kernels can work out."""

    def __init__(self) -> None:
        self.scalars = Computable()

    def __contains__(self, record: Distribution) -> bool:
        return record.name == "lkj" if record.support.matrix else record in self.scalars


STRUCTURES, CORRELATIONS = _Structures(), _Correlations()
