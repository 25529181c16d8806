"""The marginal likelihood of rows that go together, in the numbers that their residuals are made of."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import override

import numpy as np

from tildemc.arrays import Floats
from tildemc.targets.marginal.joint import Joint
from tildemc.targets.marginal.likelihood import Marginal

__all__ = ["JointMarginal"]


@dataclass(frozen=True, eq=False)
class JointMarginal(Marginal):
    """As `Marginal`; where that has precisions, this one has numbers, the last of the scalars.

    Attributes
    ----------
    joint : Joint
    """

    joint: Joint = field(kw_only=True)

    @property
    def first(self) -> int:
        """Where among the scalars the joint's numbers begin."""
        return len(self.code.kind) - len(self.joint.numbers)

    @property
    @override
    def begin(self) -> Mapping[int, float]:
        return {self.first + i: number.start for i, number in enumerate(self.joint.numbers)}

    @property
    @override
    def rows(self) -> float:
        return float(len(self.joint.columns))

    @abstractmethod
    def value(self, factors: Floats, x: Floats, by_factor: Floats | None = None) -> tuple[float, Floats]:
        """Log p(y | factors, numbers) and its derivatives by the numbers; those by factors are filled in.

        Parameters
        ----------
        factors : (factors, widest, widest)
        x : (numbers,)
        by_factor : (factors, widest, widest), optional
        """

    def by_phi(self, x: Floats) -> Floats:
        """How numbers move with φ."""
        lower, upper = self.code.lower[self.first :], self.code.upper[self.first :]
        squared = self.code.squared[self.first :] == 1
        value = np.where(squared, x**2, x)
        with np.errstate(invalid="ignore"):
            slope = np.where(np.isinf(upper), value - lower, (value - lower) * (upper - value) / (upper - lower))
        slope = np.where(np.isinf(lower) & np.isinf(upper), 1.0, slope)
        return np.where(squared, 0.5 * slope / np.where(squared, x, 1.0), slope)
