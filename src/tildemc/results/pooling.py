"""Pooling: one model with a factor's groups pooled completely, not at all and partially, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.errors import FitError
from tildemc.page import Page, Section
from tildemc.passes.pool import Own, foreseen, pool, unpool
from tildemc.results.expected import posterior_means
from tildemc.results.folds import checked_number, folds_of, refits
from tildemc.results.grouping import factor_of
from tildemc.results.pointwise import loo
from tildemc.results.predict import posterior_draws
from tildemc.results.predictive import posterior_predictive
from tildemc.results.tables import checked_interval, columns_of_interval, described
from tildemc.spec.design import Design
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names
from tildemc.spec.terms.group import GroupDesign, GroupEffects
from tildemc.visible import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame, Series

    from tildemc.results.fit import Fit

__all__ = ["WAYS", "Pooling", "pooled"]


WAYS = ("complete", "none", "partial")
"""How groups may be pooled."""

PLACES = {"elpd": ".1f", "se": ".1f", "p": ".1f", "high_k": ".0f"}
"""How the table's numbers are written, where not to three places."""


@dataclass(frozen=True, eq=False)
class Pooling:
    """One model with a factor's groups pooled completely, not at all, and partially.

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
    fits: Mapping[str, Fit]
    own: tuple[Own, ...]
    seed: int = 1
    unseen: DataFrame | None = field(default=None, repr=False)

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

    def coefficients(self, *, parameter: str = "mu", interval: float = 0.95) -> DataFrame:
        """The coefficients of each level's own regression under each way of pooling.

        Parameters
        ----------
        parameter : str
            Whose predictor, where several have the factor.
        interval : float
            The probability of the equal-tailed intervals.

        Returns
        -------
        DataFrame
            Indexed by (level, effect); columns (way, statistic) with `mean`, `sd` and the ends of the interval,
            `eti95_lb` and `eti95_ub`; and (`data`, `rows`). Without pooling, what the level's own rows leave open is
            NaN.
        """
        import pandas as pd

        from tildemc.table import Table

        ends = columns_of_interval(checked_interval(interval))
        own = self.of(parameter)
        index = pd.MultiIndex.from_product([list(own.factor.values), list(own.effects)], names=[self.group, "effect"])
        columns: dict[tuple[str, str], Any] = {("data", "rows"): np.repeat(self.sizes(own), len(own.effects))}
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

    def table(self) -> DataFrame:
        """How each way of pooling does.

        Returns
        -------
        DataFrame
            Indexed by the way.

            `rmsd`: root mean square deviation of each row's posterior mean from what was observed, √(mean over rows of
            (E[y_rep | y] - y)²). The less is pooled the lower it is: it rewards a fit to noise.

            `ordered`: the same of the ordered rows, √(mean over i of (E[y_rep,(i) | y] - y_(i))²): how far the
            distribution of replicated data is from that of the data, as a quantile-quantile plot shows it. This is the
            definition that gives, for radon, numbers like those that the post "The best of both worlds" (Elbers and
            Wiecki, 2014) prints without their code: 0.12 without pooling and 0.08 with partial pooling, there 0.13 and
            0.08.

            `unseen`: out of sample, by cross-validation, over the rows that all three ways can say something of; see
            `unseen`.

            `elpd`, `se`, `p`: leave-one-out cross-validation, as `Fit.loo` has it; `high_k`: of how many rows it is
            not to be trusted.
        """
        from tildemc.table import Table

        rows = {}
        for way in WAYS:
            fit = self.fits[way]
            found = loo(fit.spec, fit.design, fit.groups["posterior"])
            row = {"rmsd": _rmsd(_means(fit) - _response(self.design)), "ordered": self._ordered(way)}
            if self.unseen is not None:
                row["unseen"] = float(self.unseen.loc[way, "rmsd"])
            rows[way] = row | {
                "elpd": float(found.elpd),
                "se": float(found.se),
                "p": float(found.p),
                "high_k": float((found.pareto_k > found.good_k).sum()),
            }
        return Table.from_dict(rows, orient="index").rename_axis("pooling")

    def plot(
        self,
        kind: str = "shrinkage",
        *,
        ax: Axes | None = None,
        levels: Sequence[Any] | None = None,
        parameters: Sequence[str] | None = None,
    ) -> Any:
        """Draw a picture, as `Fit.plot` of partial pooling does."""
        from tildemc.results.plots import PICTURES, Asked, plot

        by_group = kind in PICTURES and "group" in PICTURES[kind].takes
        return plot(kind, Asked(self.fits["partial"], ax, levels, parameters, self.group if by_group else None, self))

    @cached_property
    def _table(self) -> DataFrame:
        return self.table()

    def _ordered(self, way: str) -> float:
        """The deviation of the mean ordered replicates from the ordered rows."""
        fit = self.fits[way]
        drawn = posterior_predictive(fit.spec, fit.design, fit.groups["posterior"], self.seed)
        replicated = drawn.draws[names(fit.spec).response]
        ordered = np.sort(replicated.reshape(-1, self.design.n), axis=1).mean(axis=0)
        return _rmsd(ordered - np.sort(_response(self.design)))

    @cached_property
    def _page(self) -> Page:
        """What is shown, as text or in a notebook."""
        frame = self._table
        told = [f"{self.group}: {len(self.own[0].factor.levels)} levels, pooled three ways"]
        told += [f"{way}: {self.fits[way].spec.formula}" for way in WAYS]
        rows = [
            (way, [f"{value:{PLACES.get(name, '.3f')}}" for name, value in zip(frame, frame.loc[way], strict=True)])
            for way in WAYS
        ]
        section = Section("How each way of pooling does", [*frame.columns], rows)
        return Page(self.fits["partial"].spec.formula, told, [section], [*self._told()])

    def __str__(self) -> str:
        return self._page.text()

    def _repr_html_(self) -> str:
        return self._page.html()

    def _told(self) -> Iterator[str]:
        """What a reader should know of the levels, and what speaks against trusting the draws."""
        for way in WAYS:
            yield from (f"{way} pooling: {warning}" for warning in self.fits[way].warnings())
        for own in self.own:
            open_ = ~own.known.all(axis=1)
            if open_.any():
                some = [level for level, one in zip(own.factor.levels, open_, strict=True) if one]
                listed = ", ".join(some[:4]) + (", …" if len(some) > 4 else "")
                yield (
                    f"{len(some)} of {len(open_)} levels cannot support a regression of their own ({listed}): "
                    "without pooling they have no estimate of what their rows leave open; undetermined() lists it"
                )
            if own.absorbed:
                yield f"without pooling, the levels' own effects have taken in {', '.join(own.absorbed)}"

    def __repr__(self) -> str:
        return f"<Pooling of {self.fits['partial'].spec.formula!r} by {self.group}>"


def pooled(fit: Fit, group: str | None, *, folds: int, seed: int) -> Pooling:
    """Fit a model's other two ways of pooling.

    Raises
    ------
    TildeError
        If there is no group term, several factors and none named, or nothing to pool.
    """
    design = fit.design.whole("pooling")
    factor = factor_of(fit.spec, group)
    if folds:
        checked_number("folds", folds, design.n, none=0)
    complete, separate = pool(fit.spec, design, factor), unpool(fit.spec, design, factor)
    fits = {"complete": fit.refit(*complete), "none": fit.refit(separate.spec, separate.design), "partial": fit}
    found = Pooling(factor, fits, separate.own, seed)
    if not folds:
        return found
    return Pooling(factor, fits, separate.own, seed, _unseen(found, folds, seed))


SETTINGS = {"draws": 250, "tune": 300}
"""Of each chain of a fit to some of the rows: a posterior mean needs no more."""


def _unseen(found: Pooling, folds: int, seed: int) -> DataFrame:
    """What each way of pooling predicts of rows that it has not seen."""
    from tildemc.table import Table

    design = found.design
    members = [(found.members(own), len(own.factor.levels)) for own in found.own]
    means, said = {way: np.empty(design.n) for way in WAYS}, np.zeros(design.n, dtype=bool)
    generator = np.random.default_rng(seed)
    parts = folds_of(np.arange(design.n), folds, generator)
    for out, kept, again in refits(found.fits, parts, generator, SETTINGS):
        said[out] = np.logical_and.reduce([foreseen(group, levels, kept, out) for group, levels in members])
        for way, fit in again.items():
            left_out = found.fits[way].design.whole("pooling").take(out)
            means[way][out] = posterior_means(fit.spec, left_out, fit.groups["posterior"])
    rmsd = {way: _rmsd((values - _response(design))[said]) for way, values in means.items()}
    return Table({"rmsd": rmsd, "rows": int(said.sum())}).rename_axis("pooling")


def _means(fit: Fit) -> Floats:
    return posterior_means(fit.spec, fit.design.whole("pooling"), fit.groups["posterior"])


def _response(design: Design) -> Floats:
    assert design.y is not None
    return design.y


def _rmsd(deviation: Floats) -> float:
    return float(np.sqrt(np.mean(deviation**2)))
