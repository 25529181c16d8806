"""What residuals are made of by coordinates in which a likelihood can be climbed to its maximum."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import groupby
from typing import assert_never, override

import numpy as np

from tildemc.arrays import Floats, Integers, Mask
from tildemc.spec.autocorrelation import coefficients_of
from tildemc.spec.correlation import Region
from tildemc.spec.special import autocorrelations
from tildemc.targets.marginal.coordinates import NOTHING
from tildemc.targets.marginal.likelihood import Marginal
from tildemc.targets.marginal.structured import JointMarginal
from tildemc.targets.marginal.variances import RESIDUAL

__all__ = ["Residuals", "residuals_of"]

FARTHEST = 12.0
"""How far a number may go towards its ends, on the logit scale."""
STEP = 1e-6

Bounds = tuple[float | None, float | None]


class Residuals(ABC):
    """The residuals' part of a likelihood, which has coordinates of its own."""

    @property
    @abstractmethod
    def start(self) -> Floats:
        """Where to begin."""

    @property
    @abstractmethod
    def bounds(self) -> list[Bounds]:
        """Between what each coordinate is."""

    @property
    @abstractmethod
    def sds(self) -> Integers:
        """The coordinates that are logs of sds."""

    @abstractmethod
    def numbers(self, x: Floats) -> Floats:
        """What coordinates x stand for: residual sds first."""

    @abstractmethod
    def unit(self, x: Floats) -> tuple[float, Floats]:
        """What the factors are relative to, and its derivatives by the coordinates."""

    @abstractmethod
    def likelihood(self, x: Floats, factors: Floats) -> tuple[float, Floats, Floats]:
        """Log p(y | factors, x), and its derivatives by factors and coordinates."""

    @abstractmethod
    def weights(self, numbers: Floats) -> Floats:
        """What `effects_at` takes for these numbers."""


def residuals_of(model: Marginal, sd: float) -> Residuals:
    """Of a model whose response has that sd."""
    return _Joint.of(model, sd) if isinstance(model, JointMarginal) else _Classes(model, sd)


@dataclass(frozen=True, eq=False)
class _Classes(Residuals):
    """Independent residuals: the log of each sd over the response's."""

    model: Marginal
    sd: float

    @property
    def size(self) -> int:
        """How many sds there are."""
        return int((self.model.code.factor == RESIDUAL).sum())

    @property
    @override
    def start(self) -> Floats:
        return np.full(self.size, -0.5)

    @property
    @override
    def bounds(self) -> list[Bounds]:
        return [(float(np.log(NOTHING)), None)] * self.size

    @property
    @override
    def sds(self) -> Integers:
        return np.arange(self.size)

    @override
    def numbers(self, x: Floats) -> Floats:
        return np.asarray(self.sd * np.exp(x))

    @override
    def unit(self, x: Floats) -> tuple[float, Floats]:
        slope = np.zeros_like(x)
        if not self.size:
            return self.sd, slope
        slope[0] = self.numbers(x)[0]
        return float(slope[0]), slope

    @override
    def likelihood(self, x: Floats, factors: Floats) -> tuple[float, Floats, Floats]:
        sigma = self.numbers(x)
        precision = self.weights(sigma)
        found, by_factor, by_precision = self.model.likelihood(factors, precision)
        slope = np.zeros_like(x)
        for k, s in enumerate(self._places):
            if s >= 0:
                slope[s] -= 2.0 * sigma[s] ** 2 * precision[k] ** 2 * by_precision[k]
        return found, by_factor, slope

    @property
    def _places(self) -> Integers:
        """For each residual class which sd it has."""
        code = self.model.code
        return np.asarray(code.sigma - (len(code.kind) - self.size))

    @override
    def weights(self, numbers: Floats) -> Floats:
        code = self.model.code
        own = np.append(numbers, 0.0)[np.where(code.sigma >= 0, self._places, -1)]
        return np.asarray(1.0 / (own**2 + code.known))


@dataclass(frozen=True, eq=False)
class _Joint(Residuals):
    """Residuals that go together: logs of what is positive, logits of what has ends, and partial correlations.

    Attributes
    ----------
    lower, upper : (numbers,)
    first : (numbers,)
        Where to begin.
    regions : tuple of (Region, slice)
        The numbers that have a region together.
    """

    model: JointMarginal
    sd: float
    lower: Floats
    upper: Floats
    first: Floats
    regions: tuple[tuple[Region, slice], ...]

    @classmethod
    def of(cls, model: JointMarginal, sd: float) -> _Joint:
        """Of a model whose response has that sd."""
        numbers, joint = model.joint.numbers, model.joint
        lower = np.array([number.lower for number in numbers])
        upper = np.array([number.upper for number in numbers])
        sets = 1 if joint.residual is None else joint.residual.sets
        regions: list[tuple[Region, slice]] = []
        at = 0
        for (_, region), same in groupby(numbers, lambda number: (number.path, number.region)):
            size = len(list(same))
            if region != "box":
                regions += [(region, slice(at + k, at + k + size // sets)) for k in range(0, size, size // sets)]
            at += size
        for i, number in enumerate(numbers):
            if number.path[-1] == "cosy" and lower[i] < 0.0:
                # With a lower correlation so many rows cannot go together.
                lower[i] = -1.0 / max(joint.longest - 1, 1)
        return cls(model, sd, lower, upper, joint.start, tuple(regions))

    @property
    def _real(self) -> Mask:
        return np.asarray(np.isinf(self.lower) & np.isinf(self.upper))

    @property
    def _ended(self) -> Mask:
        return np.asarray(np.isfinite(self.upper))

    @property
    @override
    def start(self) -> Floats:
        with np.errstate(all="ignore"):
            share = (self.first - self.lower) / (self.upper - self.lower)
            found = np.where(self._ended, np.log(share / (1.0 - share)), np.log(self.first - self.lower))
        found = np.where(self._real, self.first, found)
        for _, part in self.regions:
            found[part] = 0.0
        return found

    @property
    @override
    def bounds(self) -> list[Bounds]:
        found: list[Bounds] = []
        for number, real, ended in zip(self.model.joint.numbers, self._real, self._ended, strict=True):
            lowest = float(np.log(NOTHING * self.sd)) if number.spread else -30.0
            found.append((None, None) if real else (-FARTHEST, FARTHEST) if ended else (lowest, None))
        return found

    @property
    @override
    def sds(self) -> Integers:
        return np.flatnonzero([number.spread for number in self.model.joint.numbers])

    @override
    def numbers(self, x: Floats) -> Floats:
        with np.errstate(over="ignore", invalid="ignore"):
            share = 1.0 / (1.0 + np.exp(-x))
            found = np.where(self._ended, self.lower + (self.upper - self.lower) * share, self.lower + np.exp(x))
        found = np.where(self._real, x, found)
        for region, part in self.regions:
            found[part] = _within(region, np.tanh(0.5 * x[part]))
        return np.asarray(found)

    def _slopes(self, x: Floats, by_number: Floats) -> Floats:
        """Derivatives by numbers -> by coordinates."""
        numbers = self.numbers(x)
        with np.errstate(invalid="ignore"):
            ended = (numbers - self.lower) * (self.upper - numbers) / (self.upper - self.lower)
            slope = np.where(self._real, 1.0, np.where(self._ended, ended, numbers - self.lower))
        found = by_number * slope
        for region, part in self.regions:
            for i in range(part.start, part.stop):
                step = np.zeros(part.stop - part.start)
                step[i - part.start] = STEP
                above, below = (_within(region, np.tanh(0.5 * (x[part] + s))) for s in (step, -step))
                found[i] = by_number[part] @ (above - below) / (2.0 * STEP)
        return np.asarray(found)

    @override
    def unit(self, x: Floats) -> tuple[float, Floats]:
        return self.sd, np.zeros_like(x)

    @override
    def likelihood(self, x: Floats, factors: Floats) -> tuple[float, Floats, Floats]:
        by_factor = np.zeros_like(factors)
        found, by_number = self.model.value(factors, self.numbers(x), by_factor)
        return found, by_factor, self._slopes(x, by_number)

    @override
    def weights(self, numbers: Floats) -> Floats:
        return numbers


def _within(region: Region, partial: Floats) -> Floats:
    """The numbers that have these partial correlations."""
    match region:
        case "box":
            return partial
        case "stationary":
            return coefficients_of(partial)
        case "invertible":
            return -coefficients_of(partial)
        case "correlations":
            return np.array(autocorrelations(*partial)[1:])
        case never:
            assert_never(never)
