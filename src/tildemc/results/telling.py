"""How numbers are told: by their draws; or, of what maximises a likelihood, by the delta method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol, Self, assert_never

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import FitError
from tildemc.results.tables import columns_of_interval, described

if TYPE_CHECKING:
    from scipy.stats._distn_infrastructure import rv_frozen

    from tildemc.table import Table

__all__ = ["MEDIANS", "ByDelta", "ByDraws", "Scale", "Telling", "framed"]

Scale = Literal["plain", "exp", "positive", "share", "correlation"]
"""Whether a number is told as it is, or exp of it; or how it is bounded, where its interval's ends have none."""


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

    def rows(self, values: Floats, interval: float, scales: Sequence[Scale] = ()) -> Floats:
        """Of each number what `columns` names, (k, columns), by its scale if it has one."""

    def middle(self, values: Floats) -> Floats:
        """The estimates, (k,)."""

    def spread(self, values: Floats) -> Floats:
        """How far they are known: sds, or standard errors, (k,)."""

    def covariance(self, values: Floats) -> Floats:
        """Of the numbers, (k, k)."""

    def joint(self, values: Floats) -> dict[str, float]:
        """How far numbers are from being zero together."""


def framed(
    telling: Telling, labels: Sequence[str], values: Floats, interval: float, scales: Sequence[Scale] = ()
) -> Table:
    """A row for each number, by its label."""
    import pandas as pd

    from tildemc.table import Table

    found = telling.rows(values, interval, scales)
    table = Table(found, pd.Index(labels, name="parameter"), telling.columns(interval))
    # Of what is bounded there is no test against zero.
    return table.dropna(axis=1, how="all") if len(table) else table


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

    def rows(self, values: Floats, interval: float, scales: Sequence[Scale] = ()) -> Floats:
        """Of draws, or of exp of each; draws know by themselves where a number cannot be."""
        exp = np.array([scale == "exp" for scale in scales] or [False] * values.shape[1])
        return described(np.where(exp, np.exp(values), values), interval, median=self.median)

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

    def rows(self, values: Floats, interval: float, scales: Sequence[Scale] = ()) -> Floats:
        """With exp the tests and the ends are those of the logarithm; what has ends has no test, as in Stata."""
        reach = float(self._law().ppf((1 + interval) / 2))
        own: Sequence[Scale] = scales or ["plain"] * values.shape[1]
        numbers = zip(self.middle(values), self.spread(values), own, strict=True)
        return np.array([self._row(float(estimate), float(se), reach, scale) for estimate, se, scale in numbers])

    def _law(self) -> rv_frozen:
        from scipy.stats import norm, t

        return norm() if np.isinf(self.df) else t(self.df)

    def _row(self, estimate: float, se: float, reach: float, scale: Scale) -> tuple[float, ...]:
        """The estimate, its error, the test and the ends, which are of a function in which there are none."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            ratio = estimate / se
            test = ratio, 2 * float(self._law().sf(abs(ratio)))
            match scale:
                case "plain":
                    return estimate, se, *test, estimate - reach * se, estimate + reach * se
                case "exp":
                    ends = np.exp([estimate - reach * se, estimate + reach * se])
                    return float(np.exp(estimate)), se * float(np.exp(estimate)), *test, *ends.tolist()
                case "positive":
                    ends = estimate * np.exp(np.array([-reach, reach]) * se / estimate)
                case "share":
                    logit, slope = np.log(estimate / (1 - estimate)), 1 / estimate / (1 - estimate)
                    ends = 1 / (1 + np.exp(-logit - np.array([-reach, reach]) * se * slope))
                case "correlation":
                    ends = np.tanh(np.arctanh(estimate) + np.array([-reach, reach]) * se / (1 - estimate**2))
                case never:
                    assert_never(never)
        return estimate, se, np.nan, np.nan, *ends.tolist()

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
