"""How numbers are told: by their draws; or, of what maximises a likelihood, by the delta method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import FitError
from tildemc.results.tables import columns_of_interval, described

if TYPE_CHECKING:
    from tildemc.table import Table

__all__ = ["MEDIANS", "ByDelta", "ByDraws", "Telling", "framed"]


class Telling(Protocol):
    """How numbers are told that come as (n, k): k numbers at n values of what a model estimates."""

    @property
    def about_tests(self) -> tuple[str, ...]:
        """What a reader of `joint` should know."""

    @property
    def of_margins(self) -> Telling:
        """How margins are told."""

    def columns(self, interval: float) -> list[str]:
        """What `rows` has of each number: first the estimate, last the ends of its interval."""

    def rows(self, values: Floats, interval: float, *, exponentiate: bool = False) -> Floats:
        """Of each number what `columns` names, (k, columns); or of exp of it."""

    def middle(self, values: Floats) -> Floats:
        """The estimates, (k,)."""

    def spread(self, values: Floats) -> Floats:
        """How far they are known: sds, or standard errors, (k,)."""

    def covariance(self, values: Floats) -> Floats:
        """Of the numbers, (k, k)."""

    def joint(self, values: Floats) -> dict[str, float]:
        """How far numbers are from being zero together."""


def framed(
    telling: Telling, labels: Sequence[str], values: Floats, interval: float, *, exponentiate: bool = False
) -> Table:
    """A row for each number, by its label."""
    import pandas as pd

    from tildemc.table import Table

    found = telling.rows(values, interval, exponentiate=exponentiate)
    return Table(found, pd.Index(labels, name="parameter"), telling.columns(interval))


@dataclass(frozen=True)
class ByDraws:
    """Means, or medians, sds and equal-tailed intervals of draws, (draws, k)."""

    median: bool = False

    @property
    def about_tests(self) -> tuple[str, ...]:
        """That there is no p-value."""
        return (
            "`contour` is the posterior probability of values less plausible than all zero: it stands where Stata has "
            "a p-value, and is none",
        )

    @property
    def of_margins(self) -> Self:
        """By medians."""
        return replace(self, median=True)

    def columns(self, interval: float) -> list[str]:
        """ArviZ's names."""
        return ["estimate" if self.median else "mean", "sd", *columns_of_interval(interval)]

    def rows(self, values: Floats, interval: float, *, exponentiate: bool = False) -> Floats:
        """Of draws, or of exp of each."""
        return described(np.exp(values) if exponentiate else values, interval, median=self.median)

    def middle(self, values: Floats) -> Floats:
        """Means."""
        return np.asarray(values.mean(axis=0))

    def spread(self, values: Floats) -> Floats:
        """Standard deviations."""
        return np.asarray(values.std(axis=0, ddof=1))

    def covariance(self, values: Floats) -> Floats:
        """That of the draws."""
        return np.cov(values, rowvar=False).reshape(values.shape[1], values.shape[1])

    def joint(self, values: Floats) -> dict[str, float]:
        """Wald's chi-squared of the posterior's mean and covariance, its degrees of freedom, and `contour`.

        That is the probability of values that are less plausible than zero for all, outside of the ellipse about the
        mean that zero is on: Box & Tiao (1973), Bayesian Inference in Statistical Analysis, section 2.8.
        """
        mean = values.mean(axis=0)
        root = _whitening(self.covariance(values))
        distance = (((values - mean) @ root) ** 2).sum(axis=1)
        statistic = float(((mean @ root) ** 2).sum())
        return {"chi2": statistic, "df": root.shape[1], "contour": float(np.mean(distance >= statistic))}


MEDIANS = ByDraws(median=True)


@dataclass(frozen=True)
class ByDelta:
    """Estimates and standard errors by the delta method.

    Of values (1 + 2 p, k) the first are at the estimate; then come, for each column of a root of the covariance matrix
    of what was estimated, those `step` times that column above and below it.

    Attributes
    ----------
    step : float
    df : float
        Of Student's t; infinite for the normal distribution.
    """

    step: float
    df: float = np.inf

    @property
    def about_tests(self) -> tuple[str, ...]:
        """Nothing."""
        return ()

    @property
    def of_margins(self) -> Self:
        """The same."""
        return self

    @property
    def _letter(self) -> str:
        return "z" if np.isinf(self.df) else "t"

    def columns(self, interval: float) -> list[str]:
        """Stata's, but for the ends."""
        level = f"ci{100 * interval:g}"
        return ["estimate", "se", self._letter, f"P>|{self._letter}|", f"{level}_lb", f"{level}_ub"]

    def rows(self, values: Floats, interval: float, *, exponentiate: bool = False) -> Floats:
        """With exp the tests and the ends are those of the logarithm, as in Stata."""
        from scipy.stats import t

        estimate, se = self.middle(values), self.spread(values)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = estimate / se
        reach = t.ppf((1 + interval) / 2, self.df) * se
        lower, upper = estimate - reach, estimate + reach
        p = 2 * t.sf(np.abs(ratio), self.df)
        if exponentiate:
            estimate, lower, upper = np.exp(estimate), np.exp(lower), np.exp(upper)
            se = se * estimate
        return np.column_stack([estimate, se, ratio, p, lower, upper])

    def middle(self, values: Floats) -> Floats:
        """At the estimate."""
        return np.asarray(values[0])

    def spread(self, values: Floats) -> Floats:
        """Standard errors; NaN of what depends on nothing that has one."""
        found = np.sqrt((self._slopes(values) ** 2).sum(axis=0))
        return np.where(found > 0, found, np.nan)

    def covariance(self, values: Floats) -> Floats:
        """J V J', J the derivatives."""
        slopes = self._slopes(values)
        return np.asarray(slopes.T @ slopes)

    def _slopes(self, values: Floats) -> Floats:
        """By each column of the root, (p, k)."""
        return np.asarray((values[1::2] - values[2::2]) / (2 * self.step))

    def joint(self, values: Floats) -> dict[str, float]:
        """Wald's test: chi-squared, or F where there are degrees of freedom."""
        from scipy.stats import chi2, f

        root = _whitening(self.covariance(values))
        statistic, rank = float(((values[0] @ root) ** 2).sum()), root.shape[1]
        if np.isinf(self.df):
            return {"chi2": statistic, "df": rank, "P>chi2": float(chi2.sf(statistic, rank))}
        ratio = statistic / rank
        return {"F": ratio, "df": rank, "residual df": self.df, "P>F": float(f.sf(ratio, rank, self.df))}


def _whitening(covariance: Floats) -> Floats:
    """A root of the (pseudo)inverse of a covariance matrix, (k, rank).

    Raises
    ------
    FitError
        If nothing varies.
    """
    scale = np.sqrt(np.diag(covariance))
    if not (scale > 0).any():
        raise FitError("these combinations have no error that is known: there is nothing to test")
    safe = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(covariance / np.outer(safe, safe))
    kept = values > values.max() * 1e-9
    return np.asarray(vectors[:, kept] / np.sqrt(values[kept]) / safe[:, None])
