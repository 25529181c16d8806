"""Shares: positive numbers whose sum is 1, one for each component of a mixture."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import override

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.expr import Expr, Var
from tildemc.spec.priors import Prior
from tildemc.spec.support import SHARES, UNIT
from tildemc.spec.terms.address import Sense, Target
from tildemc.spec.terms.alone import NoNumbers, NoSummary, OnePrior
from tildemc.spec.terms.term import Dim, Free, Path, Reader

__all__ = ["Shares", "SharesNames", "whole"]


def whole(pieces: Floats) -> Floats:
    """Shares of what pieces were broken off, each a part of what those before it had left; (…, pieces + 1)."""
    one = np.ones_like(pieces[..., :0], shape=(*pieces.shape[:-1], 1))
    before = np.concatenate([one, np.cumprod(1 - pieces, axis=-1)], axis=-1)
    return np.asarray(before * np.concatenate([pieces, one], axis=-1))


SharesNames = Mapping[str, str]
"""`together` is what all shares are called in one array, and each is by what the family calls it."""


@dataclass(frozen=True, slots=True)
class Shares(OnePrior[NoNumbers, NoSummary, SharesNames]):
    """The shares of a mixture's components.

    Attributes
    ----------
    parameter : str
        What they are called together.
    parameters : tuple of str
        What the family calls each of them.
    prior : Prior
        Of all together.
    """

    parameter: str
    parameters: tuple[str, ...]
    prior: Prior

    @property
    @override
    def path(self) -> Path:
        return (self.parameter,)

    @property
    def size(self) -> int:
        """How many they are."""
        return len(self.parameters)

    @override
    def free(self) -> Iterator[Free]:
        # Their density is of all together.
        yield from (Free((*self.path, name), (), UNIT, "residual") for name in self.parameters)

    @override
    def dims(self) -> Iterator[Dim]:
        return iter(())

    @override
    def fixed_names(self) -> Mapping[str, str]:
        return {"together": self.parameter, **{name: name for name in self.parameters}}

    @override
    def named(self, given: Mapping[str, str]) -> SharesNames:
        return given

    @override
    def spoken_for(self, names: SharesNames) -> Collection[str]:
        return names.values()

    @override
    def targets(self, names: SharesNames, taken: Collection[str]) -> Iterator[Target]:
        shown = (self.parameter,)
        known = (shown, Sense.ONE), ((names["together"],), Sense.ONE)
        yield Target(self.parameter, "shares", (), SHARES, self.prior, shown, known, size=self.size)

    @override
    def read(self, rows: Reader) -> NoNumbers:
        return NoNumbers()

    @override
    def outline(self, summary: NoSummary) -> NoNumbers:
        return NoNumbers()

    @override
    def value(self, names: SharesNames) -> Expr:
        return Var(names["together"])
