"""Confidence intervals of estimates: Wald's on the scale where a number is nearly normal, or those of its profile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tildemc.errors import FitError, nearest
from tildemc.results.tables import checked_interval
from tildemc.spec.support import REAL, Support
from tildemc.spec.terms.term import Role
from tildemc.visible import listed

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["METHODS", "Intervals", "Uncertain"]

METHODS = ("wald", "profile")
FARTHEST = 50.0
"""What is known no better than this many times its distance from an end, as an sd at the boundary, has no interval."""


@dataclass(frozen=True, slots=True)
class Uncertain:
    """A number that was estimated.

    Attributes
    ----------
    name : str
    value, se : float
        NaN for a standard error where the data do not give one, as of an sd that is zero.
    support : Support
        Correlations are between -1 and 1.
    role : Role
        What it is to the model.
    """

    name: str
    value: float
    se: float
    support: Support = REAL
    role: Role = "population"

    def wald(self, z: float) -> tuple[float, float]:
        """The ends of ± z standard errors: of the log of what is positive, of the logit of what has two ends."""
        lower, upper = self.support.lower, self.support.upper
        below, above = self.value - lower, upper - self.value
        if not np.isfinite(self.se) or below <= 0.0 or above <= 0.0 or z * self.se > FARTHEST * min(below, above):
            return np.nan, np.nan
        if np.isfinite(lower) and np.isfinite(upper):
            odds, reach = below / above, z * self.se * (upper - lower) / (below * above)
            shares = [odds * np.exp(sign * reach) / (1.0 + odds * np.exp(sign * reach)) for sign in (-1.0, 1.0)]
            return lower + (upper - lower) * shares[0], lower + (upper - lower) * shares[1]
        if np.isfinite(lower):
            return lower + below * np.exp(-z * self.se / below), lower + below * np.exp(z * self.se / below)
        return self.value - z * self.se, self.value + z * self.se


@dataclass(frozen=True, eq=False)
class Intervals:
    """All numbers that were estimated, and how to have their intervals.

    Attributes
    ----------
    estimates : sequence of Uncertain
    profile : callable or None
        Of a number's place among these and of a drop of the log likelihood: the ends of its profile's interval.
    """

    estimates: Sequence[Uncertain]
    profile: Callable[[int, float], tuple[float, float]] | None

    def frame(self, method: str, interval: float, parameters: Sequence[str] | None) -> DataFrame:
        """A row for each number asked for: estimate, se, lower, upper."""
        from scipy.stats import chi2, norm

        from tildemc.table import Table

        share = checked_interval(interval)
        places = self._places(parameters)
        if method == "profile":
            assert self.profile is not None
            drop = 0.5 * float(chi2.ppf(share, 1))
            ends = [self.profile(k, drop) for k in places]
        else:
            z = float(norm.ppf(0.5 + 0.5 * share))
            ends = [self.estimates[k].wald(z) for k in places]
        own = [self.estimates[k] for k in places]
        rows = [[one.value, one.se, *end] for one, end in zip(own, ends, strict=True)]
        return Table(rows, [one.name for one in own], ["estimate", "se", "lower", "upper"])

    def _places(self, parameters: Sequence[str] | None) -> list[int]:
        known = {one.name: k for k, one in enumerate(self.estimates)}
        if parameters is None:
            return [*known.values()]
        asked = [parameters] if isinstance(parameters, str) else [*parameters]
        for name in asked:
            if name not in known:
                raise FitError(f"no number is called {name!r}{nearest(str(name), known)}; there are {listed([*known])}")
        return [known[name] for name in asked]
