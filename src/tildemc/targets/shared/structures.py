"""Covariance structures that the kernels of the exact and the direct engine take, and their correlations' densities."""

from __future__ import annotations

from tildemc.scalars import Computable
from tildemc.spec.covariance import Covariance, Loadings, Matrix, Pattern
from tildemc.spec.densities import Distribution
from tildemc.targets.shared.recipes import traceable

__all__ = ["CORRELATIONS", "STRUCTURES"]


class _Structures:
    """Structures whose correlations are free, or can be worked out in steps."""

    def __contains__(self, covariance: Covariance) -> bool:
        match covariance.correlations:
            case None | Matrix() | Loadings():
                return True
            case Pattern() as pattern:
                return traceable(pattern)
            case _:
                return False


class _Correlations:
    """LKJ's density of a matrix, and those of a number that kernels can work out."""

    def __init__(self) -> None:
        self.scalars = Computable()

    def __contains__(self, record: Distribution) -> bool:
        return record.name == "lkj" if record.support.matrix else record in self.scalars


STRUCTURES, CORRELATIONS = _Structures(), _Correlations()
