"""Effects: coefficients that are normal with sds of their own, be they those of levels or of a smooth's functions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Protocol

from tildemc.arrays import Floats
from tildemc.spec.covariance import Covariance, Shape
from tildemc.spec.expr import Expr
from tildemc.spec.priors import Prior
from tildemc.spec.terms.term import Path

__all__ = ["Blocks", "Effects", "EffectsBlock"]


class EffectsBlock(Protocol):
    """Effects that share a covariance matrix, as engines need to know them."""

    @property
    def width(self) -> int:
        """How many effects a level has."""

    @property
    def standard(self) -> int:
        """Of how many standard normal numbers a level's effects are made."""

    @property
    def covariance(self) -> Covariance:
        """The structure of their covariance matrix."""

    @property
    def sd_priors(self) -> tuple[Prior, ...]:
        """One for each sd of the structure."""

    @property
    def shape_priors(self) -> tuple[Prior, ...]:
        """Of what its correlations follow from, if it has any."""

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """What its correlations follow from."""

    @property
    def spectrum(self) -> tuple[Expr, ...]:
        """What each effect's sd is multiplied by, an expression of `shape0`, `shape1` …; empty if by nothing."""

    @property
    def apart(self) -> Floats:
        """How far apart the effects are, (q, q)."""

    @property
    def sds(self) -> tuple[int, ...]:
        """For each effect the number of its sd."""

    @property
    def one_sd(self) -> bool:
        """Whether several effects have one sd between them."""

    @property
    def correlated(self) -> bool:
        """Whether there is a correlation to speak of."""


class Blocks(Protocol):
    """Effects of levels, as far as their covariance goes."""

    @property
    def width(self) -> int:
        """How many effects a level has."""

    @property
    def blocks(self) -> Sequence[EffectsBlock]:
        """Independent of each other."""


class Effects[N](Blocks, Protocol):
    """A term whose coefficients are normal: for each level those of its columns, in blocks.

    N is the class of its names.
    """

    @property
    def path(self) -> Path:
        """Where it stands."""

    @property
    def size(self) -> int:
        """How many levels there are."""

    @property
    def correlated(self) -> bool:
        """Whether there is a correlation to speak of."""

    @abstractmethod
    def reported(self, names: N, sd: Floats, r: Floats, cor: Floats, shape: Floats | None) -> Mapping[str, Floats]:
        """What the model reports of them.

        Parameters
        ----------
        names : N
        sd : (…, width)
        r : (…, size, width)
        cor : (…, width, width)
        shape : (…, numbers) or None
            What correlations follow from and is no correlation itself.
        """
