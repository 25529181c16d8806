"""Levels whose effects are not all spread alike: Student-t effects, and weights of levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.priors import Prior, default
from tildemc.spec.support import Support

__all__ = ["DEGREES", "TAILS", "LevelWeights", "Tails", "widened"]

DEGREES = Support(lower=1.0)
"""The degrees of freedom that brms lets effects have."""


@dataclass(frozen=True, slots=True)
class Tails:
    """Effects that are multivariate Student-t: normal ones times √u, u of each level inverse gamma(df / 2, df / 2).

    brms's `udf` is u / df.

    Attributes
    ----------
    prior : Prior
        Of df, the degrees of freedom.
    """

    prior: Prior


TAILS = Tails(default("gamma", 2.0, 0.1, lower=1.0))
"""With brms's default."""


def widened(effects: Floats, u: Floats) -> Floats:
    """Normal effects (…, levels, q) as Student-t ones, by u (…, levels)."""
    return np.asarray(effects * np.sqrt(u)[..., None])


@dataclass(frozen=True, slots=True)
class LevelWeights:
    """How much each level's own density counts: effects of weight w have their covariance over w, brms's `gr(pw = w)`.

    Attributes
    ----------
    column : str
    values : tuple of float
        Positive, one for each level.
    """

    column: str
    values: tuple[float, ...]

    def only(self, levels: Sequence[int]) -> LevelWeights:
        """Of these levels."""
        return LevelWeights(self.column, tuple(self.values[level] for level in levels))

    @property
    def spread(self) -> Floats:
        """What effects of weight 1 are multiplied by, (levels,)."""
        return np.array(self.values) ** -0.5
