"""Pooled: a model's three ways of pooling, and what each says of every level of the factor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from tildemc.arrays import Floats, Integers, Values
from tildemc.errors import FitError
from tildemc.passes.pool import Own, foreseen, pool, unpool
from tildemc.results.expected import posterior_means
from tildemc.results.folds import checked_number, folds_of, refits
from tildemc.results.grouping import factor_of
from tildemc.results.predict import posterior_draws
from tildemc.results.tables import checked_interval, columns_of_interval, described
from tildemc.spec.design import Design
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names
from tildemc.spec.terms.group import GroupDesign, GroupEffects
from tildemc.visible import shown

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from tildemc.results.predicted import Predicted

__all__ = ["WAYS", "Pooled", "observed", "rmsd"]


SETTINGS = {"draws": 250, "tune": 300}
"""Of each chain of a fit to some of the rows: a posterior mean needs no more."""
WAYS = ("complete", "none", "partial")
"""How groups may be pooled."""


@dataclass(frozen=True, eq=False)
class Pooled:
    """A model fitted with a factor's groups pooled completely, not at all, and partially.

    Attributes
    ----------
    group : str
        The grouping factor.
    fits : mapping of str to Fit
        `complete`, without the factor's effects; `none`, in which each level has effects of its own, not drawn from a
        common distribution; and `partial`, the model itself.
    own : tuple of Own
        What levels have of their own in each predictor with that factor.
    seed : int
        Of what is replicated.
    unseen : DataFrame or None
        What cross-validation found, by way: `rmsd`, the root mean square deviation of rows from their posterior means,
        given the rows of the other folds; over the `rows` that every way can say something of. Without pooling these
        are the rows that the other rows of their own level determine.
    """

    group: str
    fits: Mapping[str, Predicted]
    own: tuple[Own, ...]
    seed: int = 1
    unseen: DataFrame | None = field(default=None, repr=False)

    @classmethod
    def fitted(cls, fit: Predicted, group: str | None, *, folds: int, seed: int) -> Self:
        """Fit a model's other two ways of pooling.

        Raises
        ------
        TildeError
            If there is no group term, several factors and none named, or nothing to pool.
        """
        design = fit.design.whole("pooling")
        factor = factor_of(fit.spec, group)
        if any(predictor.shared for predictor in fit.spec.predictors):
            raise FitError("pooling is of effects that come in once, and not of those by `mm()` or with an ID")
        if folds:
            checked_number("folds", folds, design.n, none=0)
        complete, separate = pool(fit.spec, design, factor), unpool(fit.spec, design, factor)
        fits = {"complete": fit.refit(*complete), "none": fit.refit(separate.spec, separate.design), "partial": fit}
        found = cls(factor, fits, separate.own, seed)
        return replace(found, unseen=found.cross_validated(folds)) if folds else found

    def cross_validated(self, folds: int) -> DataFrame:
        """What each way of pooling predicts of rows that it has not seen; see `unseen`."""
        from tildemc.table import Table

        members = [(self.members(own), len(own.factor.levels)) for own in self.own]
        n = self.design.n
        means, said = {way: np.empty(n) for way in WAYS}, np.zeros(n, dtype=bool)
        generator = np.random.default_rng(self.seed)
        parts = folds_of(np.arange(n), folds, generator)
        for out, kept, again in refits(self.fits, parts, generator, SETTINGS):
            said[out] = np.logical_and.reduce([foreseen(group, levels, kept, out) for group, levels in members])
            for way, fit in again.items():
                left_out = self.fits[way].design.whole("pooling").take(out)
                means[way][out] = posterior_means(fit.spec, left_out, fit.groups["posterior"])
        left = {way: rmsd((values - observed(self.design))[said]) for way, values in means.items()}
        return Table({"rmsd": left, "rows": int(said.sum())}).rename_axis("pooling")

    @cached_property
    def design(self) -> Design:
        """The numbers of the model itself."""
        return self.fits["partial"].design.whole("pooling")

    def members(self, own: Own) -> GroupDesign:
        """The factor's design in a predictor."""
        return self.design.of(self._effects(self.fits["partial"].spec, own))

    def _effects(self, spec: ModelSpec, own: Own) -> GroupEffects:
        """The factor's effects in a predictor."""
        effects = spec.groups()
        return next(one for one in effects if (one.parameter, one.factor.label) == (own.parameter, self.group))

    def level_draws(self, way: str, own: Own) -> Floats:
        """Each level's own effects under each draw, (draws, levels, effects); NaN where its rows leave them open.

        Of complete and partial pooling they are what the population's coefficients come to in that level, with the
        level's deviations from these added.
        """
        fit = self.fits[way]
        predictor = fit.spec.predictor(own.parameter)
        assert predictor is not None
        population, known = predictor.population, names(fit.spec)
        named = known.of(population)
        drawn, _ = posterior_draws(fit.groups["posterior"])
        if way == "none":
            # `unpool` puts what levels have of their own behind all other coefficients.
            levels = drawn[named.b][:, -(own.place.max() + 1) :]
            return np.where(own.known, levels[:, np.maximum(own.place, 0)], np.nan)
        labels = [column.label for column in population.columns]
        spanned = [
            drawn[named.b][:, labels.index(label)] if label in labels else drawn[named.intercept]
            for label in own.spanned
        ]
        found = np.tensordot(np.stack(spanned, axis=1), own.shares, (1, 2)) if spanned else np.zeros(own.place.shape)
        for around in own.around:
            effects = drawn[known.of(around.effects).r][:, np.maximum(around.level, 0)]
            found = found + np.einsum("dlq,leq->dle", effects * (around.level >= 0)[:, None], around.shares)
        if way == "partial":
            found = found + drawn[known.of(self._effects(fit.spec, own)).r]
        return np.broadcast_to(found, (fit.draws, *own.place.shape))

    def coefficients(self, *, parameter: str = "mu", interval: float | None = None) -> DataFrame:
        """The coefficients of each level's own regression under each way of pooling.

        Parameters
        ----------
        parameter : str
            Whose predictor, where several have the factor.
        interval : float, optional
            The probability of the equal-tailed intervals, as for `Fit.summary`.

        Returns
        -------
        DataFrame
            Indexed by (level, effect); columns (way, statistic) with `mean`, `sd` and the ends of the interval,
            `eti95_lb` and `eti95_ub`; and (`data`, `rows`). Without pooling, what the level's own rows leave open is
            NaN.
        """
        import pandas as pd

        from tildemc.table import Table

        interval = self.fits["partial"].interval if interval is None else interval
        ends = columns_of_interval(checked_interval(interval))
        own = self.of(parameter)
        index = pd.MultiIndex.from_product([list(own.factor.values), list(own.effects)], names=[self.group, "effect"])
        columns: dict[tuple[str, str], Values] = {("data", "rows"): np.repeat(self.sizes(own), len(own.effects))}
        for way in WAYS:
            draws = self.level_draws(way, own)
            numbers = described(draws.reshape(len(draws), -1), interval)
            columns |= {(way, name): numbers[:, k] for k, name in enumerate(("mean", "sd", *ends))}
        return Table(columns, index)

    def of(self, parameter: str) -> Own:
        """What levels have of their own in that predictor."""
        found = next((own for own in self.own if own.parameter == parameter), None)
        if found is None:
            listed = ", ".join(own.parameter for own in self.own)
            raise FitError(
                f"no formula has effects by `{self.group}` on {shown(parameter)}; there are some on {listed}"
            )
        return found

    def sizes(self, own: Own) -> Integers:
        """How many rows each level has."""
        index = self.members(own).index
        return np.bincount(index[index >= 0], minlength=len(own.factor.levels))

    def undetermined(self) -> Series:
        """The levels whose rows cannot support a regression of their own, each with the effects that they leave open.

        A county of basements only says nothing of its own floor effect; one of ground floors only says neither that
        nor its level in the basement. Without pooling these have no coefficient there.
        """
        import pandas as pd

        found = {
            level: ", ".join(effect for effect, known in zip(own.effects, row, strict=True) if not known)
            for own in self.own
            for level, row in zip(own.factor.values, own.known.tolist(), strict=True)
            if not all(row)
        }
        return pd.Series(found, name="undetermined", dtype=object).rename_axis(self.group)


def observed(design: Design) -> Floats:
    """The response of the rows, (n,)."""
    assert design.y is not None
    return design.y


def rmsd(deviation: Floats) -> float:
    """The root mean square."""
    return float(np.sqrt(np.mean(deviation**2)))
