"""Estimates from several completed data sets -> one, by Rubin's rules.

Rubin, D. B. (1987), Multiple Imputation for Nonresponse in Surveys, chapter 3; variances and covariances of group
effects are means over the data sets, as in mitml's `testEstimates`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats
from tildemc.page import Page, Section
from tildemc.results.estimate import TITLES, Estimate, GroupEstimate, SmoothEstimate
from tildemc.screen import number, numbers

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["PooledEstimate", "pooled_estimate"]


@dataclass(frozen=True, eq=False)
class PooledEstimate(Estimate):
    """Estimates pooled over several completed data sets; the criterion, which has no pooled value, is NaN.

    Attributes
    ----------
    each : tuple of Estimate
        Those of the data sets.
    within, between, df : mapping of str to float
        Of each population effect the mean of its squared standard errors, the variance of its estimates between data
        sets, and the degrees of freedom of t for `se`: infinite where all data sets say the same.
    """

    each: tuple[Estimate, ...] = ()
    within: Mapping[str, float] = field(default_factory=dict)
    between: Mapping[str, float] = field(default_factory=dict)
    df: Mapping[str, float] = field(default_factory=dict)

    def frame(self) -> DataFrame:
        """A row for each population effect: estimate, se, df, within, between, and the share that missing data have."""
        from tildemc.table import Table

        share = {name: _added(self.between[name], len(self.each)) / self.se[name] ** 2 for name in self.fixef}
        found = [self.fixef, self.se, self.df, self.within, self.between, share]
        rows = [[column[name] for column in found] for name in self.fixef]
        return Table(rows, [*self.fixef], ["estimate", "se", "df", "within", "between", "lambda"])

    def _page(self) -> Page:
        told = f"{TITLES[self.method]} in {len(self.each)} completed data sets, pooled by Rubin's rules"
        sections = [*self._population(), *self._smooths(), *self._spread(), *self._residual()]
        singular = tuple(
            f"data set {at}: boundary (singular) fit: {'; '.join(one.boundary)}"
            for at, one in enumerate(self.each, 1)
            if one.boundary
        )
        return Page(self.formula, (told,), sections, singular)

    def _population(self) -> Iterator[Section]:
        rows = [
            (label, [*numbers([value, self.se[label]], self.se[label]), number(self.df[label])])
            for label, value in self.fixef.items()
        ]
        if rows:
            yield Section("Population effects", ("estimate", "se", "df"), rows)


def pooled_estimate(each: Sequence[Estimate]) -> PooledEstimate:
    """One estimate of those from several completed data sets.

    Parameters
    ----------
    each : sequence of Estimate
        Of one model.
    """
    first, many = each[0], len(each)
    within = {name: float(np.mean([one.se[name] ** 2 for one in each])) for name in first.fixef}
    between = {name: float(np.var([one.fixef[name] for one in each], ddof=min(1, many - 1))) for name in first.fixef}
    return PooledEstimate(
        first.formula,
        first.method,
        fixef=_mean([one.fixef for one in each]),
        se={name: float(np.sqrt(within[name] + _added(between[name], many))) for name in first.fixef},
        groups={name: _group([one.groups[name] for one in each]) for name in first.groups},
        sigma={name: _root_mean_square([one.sigma[name] for one in each]) for name in first.sigma},
        criterion=float("nan"),
        boundary=tuple(dict.fromkeys(told for one in each for told in one.boundary)),
        smooths={name: _smooth([one.smooths[name] for one in each]) for name in first.smooths},
        residual=_mean([one.residual for one in each]),
        linearised=first.linearised,
        rows=first.rows,
        parameters=first.parameters,
        each=tuple(each),
        within=within,
        between=between,
        df={name: _degrees(within[name], _added(between[name], many), many) for name in first.fixef},
    )


def _added(between: float, many: int) -> float:
    """What data sets that differ add to the variance."""
    return (1 + 1 / many) * between


def _degrees(within: float, added: float, many: int) -> float:
    return (many - 1) * (1 + within / added) ** 2 if added > 0 else float("inf")


def _mean(each: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([one[name] for one in each])) for name in each[0]}


def _root_mean_square(values: Sequence[float]) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def _group(each: Sequence[GroupEstimate]) -> GroupEstimate:
    covariance: Floats = np.mean([one.correlations * np.outer(one.sds, one.sds) for one in each], axis=0)
    sds = np.sqrt(np.diag(covariance))
    scale = np.outer(sds, sds)
    correlations = np.divide(covariance, scale, out=np.eye(len(sds)), where=scale > 0)
    effects: Floats = np.mean([one.effects for one in each], axis=0)
    return GroupEstimate(each[0].columns, sds, correlations, effects, each[0].correlated)


def _smooth(each: Sequence[SmoothEstimate]) -> SmoothEstimate:
    coefficients: Floats = np.mean([one.coefficients for one in each], axis=0)
    return SmoothEstimate(_root_mean_square([one.sd for one in each]), coefficients)
