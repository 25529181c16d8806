"""Estimate: what maximises a likelihood."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats, Label
from tildemc.errors import FitError, one_of
from tildemc.page import Page, Section
from tildemc.results.components import Components
from tildemc.results.intervals import METHODS, Intervals, Uncertain
from tildemc.results.summary import PARTS
from tildemc.results.tables import checked_interval
from tildemc.screen import number, numbers
from tildemc.spec.support import POSITIVE, REAL

if TYPE_CHECKING:
    from pandas import DataFrame

    from tildemc.results.after.answers import Answers
    from tildemc.results.after.subject import Subject
    from tildemc.results.drawn import Fitted
    from tildemc.results.neighbours import Neighbours

__all__ = ["Estimate", "GroupEstimate", "SmoothEstimate"]


TITLES = {
    "reml": "restricted maximum likelihood",
    "ml": "maximum likelihood",
    "laplace": "maximum likelihood by Laplace's approximation",
    "agq": "maximum likelihood by adaptive quadrature",
    "map": "posterior mode",
}
"""What maximises what, by `method`."""


@dataclass(frozen=True, eq=False)
class GroupEstimate:
    """Of one grouping.

    Attributes
    ----------
    columns : tuple of str
    sds : (q,)
    correlations : (q, q)
    effects : (levels, q)
        The conditional modes, lme4's `ranef`; no levels where the residuals themselves are meant.
    correlated : bool
        Whether any two effects may correlate.
    levels : tuple
        What these are called.
    effect_sds : (levels, q) or None
        The sds of effects given the data and the estimates, lme4's `condVar`; None where nobody worked them out.
    """

    columns: tuple[str, ...]
    sds: Floats
    correlations: Floats
    effects: Floats
    correlated: bool
    levels: tuple[Label, ...] = ()
    effect_sds: Floats | None = None


@dataclass(frozen=True, eq=False)
class SmoothEstimate:
    """Of one penalty of a smooth: the sd of its coefficients, and these (q,)."""

    sd: float
    coefficients: Floats


@dataclass(frozen=True, eq=False)
class Estimate:
    """Maximum likelihood or REML estimates.

    Attributes
    ----------
    formula : str
    method : str
        `ml`, `reml`, `laplace`, `agq` or `map`.
    fixef, se : mapping of str to float
        Population effects, the intercept at zero first, and their standard errors: of `ml` and `reml` given the
        variances, else with these.
    groups : mapping of str to GroupEstimate
    sigma : mapping of str to float
        Residual sds by level; one, under an empty name, if there is but one; none if they are known.
    criterion : float
        Minus twice the maximum of the log (restricted) likelihood; of `map`, of the log posterior density.
    residual : mapping of str to float
        What else residuals have: coefficients of the log sd's formula, and of their correlations.
    smooths : mapping of str to SmoothEstimate
        By the names of brms: `sx_1` is the first penalty of `s(x)`.
    boundary : tuple of str
        Where the fit is singular: which sd is zero, which effects are a multiple of others.
    linearised : bool
        Whether the likelihood is that of a curve's plane at the estimates, as nlme has it.
    rows, parameters : int
        How many rows there are, and how many numbers were estimated.
    how : str
        What is to be told of how it was worked out.
    intervals : Intervals or None
        Of all numbers; None where nobody worked them out.
    profiled : callable or None
        Works out those of the likelihood that is not restricted, for profiles.
    told : tuple of str
        What a reader should know of it, a sentence without its full stop each.
    model : Model or None
        The model that was fitted.
    neighbours : callable or None
        Gives what the model reports a little beside the estimates; None where nobody works that out.
    """

    formula: str
    method: str
    fixef: Mapping[str, float]
    se: Mapping[str, float]
    groups: Mapping[str, GroupEstimate]
    sigma: Mapping[str, float]
    criterion: float
    boundary: tuple[str, ...] = ()
    smooths: Mapping[str, SmoothEstimate] = field(default_factory=dict)
    residual: Mapping[str, float] = field(default_factory=dict)
    linearised: bool = False
    rows: int = 0
    parameters: int = 0
    how: str = ""
    intervals: Intervals | None = None
    told: tuple[str, ...] = ()
    profiled: Callable[[], Intervals] | None = None
    model: Fitted | None = field(default=None, repr=False)
    neighbours: Callable[[], Neighbours] | None = field(default=None, repr=False)

    @property
    def log_likelihood(self) -> float:
        """The maximum, restricted for REML; of `map`, of the log posterior density."""
        return -0.5 * self.criterion

    @property
    def aic(self) -> float:
        """Akaike's criterion, as lme4 and glmmTMB count: every number that was estimated, and no effect."""
        return self.criterion + 2.0 * self.parameters

    @property
    def bic(self) -> float:
        """Schwarz's, of as many observations as rows."""
        return self.criterion + float(np.log(self.rows)) * self.parameters

    def confint(
        self, method: str = "wald", *, interval: float = 0.95, parameters: str | Sequence[str] | None = None
    ) -> DataFrame:
        """Confidence intervals; profiles of a REML estimate are of the likelihood that is not restricted, as in lme4.

        Parameters
        ----------
        method : {"wald", "profile"}
            From standard errors, or where the likelihood, all other numbers at their best, is so much lower.
        interval : float
        parameters : str or sequence of str, optional
            Which numbers, by the names of this table.

        Returns
        -------
        DataFrame
            A row for each number: estimate, se, lower, upper; NaN where there is none, as of an sd that is zero.

        Raises
        ------
        FitError
            If there is no such method or number, or nothing to work intervals out of.
        """
        one_of("method", method, METHODS, FitError)
        known = self.intervals or Intervals([*self.numbers()], None)
        if method == "profile" and known.profile is None:
            if self.profiled is None:
                raise FitError(f"a {TITLES[self.method]} estimate has no profile here: `confint()` has Wald intervals")
            known = self.profiled()
        return known.frame(method, interval, parameters)

    def summary(self, *, interval: float = 0.95) -> DataFrame:
        """All numbers but effects: estimates, standard errors and Wald intervals where there are these.

        Returns
        -------
        DataFrame
            Indexed by (part, parameter), as the summary of draws; columns estimate, se, lower, upper.
        """
        import pandas as pd
        from scipy.stats import norm

        from tildemc.table import Table

        z = float(norm.ppf(0.5 + 0.5 * checked_interval(interval)))
        every = [*self.numbers()]
        index = [(PARTS[one.role], one.name) for one in every]
        rows = [[one.value, one.se, *one.wald(z)] for one in every]
        named = pd.MultiIndex.from_tuples(index, names=["part", "parameter"])
        return Table(np.reshape(rows, (-1, 4)), named, ["estimate", "se", "lower", "upper"])

    def numbers(self) -> Iterator[Uncertain]:
        """All numbers but effects, by the names of summaries; a standard error that is not known is NaN."""
        if self.intervals is not None:
            yield from self.intervals.estimates
            return
        for name, value in self.fixef.items():
            yield Uncertain(name, value, self.se.get(name, np.nan))
        for name, smooth in self.smooths.items():
            yield Uncertain(f"sds_{name}", smooth.sd, np.nan, POSITIVE, "smooth parameter")
        for factor, group in self.groups.items():
            for i, column in enumerate(group.columns):
                yield Uncertain(f"sd_{factor}[{column}]", float(group.sds[i]), np.nan, POSITIVE, "group sd")
            for i, j in combinations(range(len(group.columns)) if group.correlated else (), 2):
                name = f"cor_{factor}[{group.columns[i]}, {group.columns[j]}]"
                yield Uncertain(name, float(group.correlations[i, j]), np.nan, REAL, "group correlation")
        for level, value in self.sigma.items():
            yield Uncertain(f"sigma[{level}]" if level else "sigma", value, np.nan, POSITIVE, "residual")
        for name, value in self.residual.items():
            yield Uncertain(name, value, np.nan, REAL, "residual")

    def ranef(self) -> dict[str, DataFrame]:
        """The conditional modes of group effects, and their sds where these are known.

        Returns
        -------
        dict of str to DataFrame
            By grouping factor: a row for each level; columns by effect and then `mode` and `sd`. The sds are those
            given the estimates, as lme4's `condVar`: what is not known of the estimates themselves is no part of them.
        """
        import pandas as pd

        from tildemc.table import Table

        found: dict[str, DataFrame] = {}
        for name, group in self.groups.items():
            sds = np.full(group.effects.shape, np.nan) if group.effect_sds is None else group.effect_sds
            cells = np.stack([group.effects, sds], axis=-1).reshape(len(group.effects), -1)
            columns = pd.MultiIndex.from_product([group.columns, ["mode", "sd"]])
            levels = pd.Index(group.levels or range(len(cells)), name=name)
            found[name] = Table(cells, levels, columns)
        return found

    @property
    def sds(self) -> dict[str, dict[str, float]]:
        """The sds of effects, by grouping factor and effect."""
        return {name: dict(zip(group.columns, group.sds.tolist(), strict=True)) for name, group in self.groups.items()}

    def re_pca(self) -> DataFrame:
        """In how many directions group effects vary: the principal components of their covariances, lme4's `rePCA`.

        Returns
        -------
        DataFrame
            A row for each grouping factor and component, the largest first: its sd, its share of the variance, and
            that of it and those before. Components of a singular covariance have an sd of zero.
        """
        covariances = {
            factor: (group.correlations * np.outer(group.sds, group.sds))[None] for factor, group in self.groups.items()
        }
        return Components(covariances).frame(None)

    def stata(self, text: str | None = None, **fits: Estimate) -> Answers:
        """What Stata's commands after a model say, in Stata's numbers: standard errors, tests, likelihood ratios.

        Parameters
        ----------
        text, **fits
            As for `Fit.stata`.

        Returns
        -------
        Answers

        Raises
        ------
        TildeError
            For what is not read, with its place in the text and what would work.

        Notes
        -----
        Standard errors are by the delta method, those of population effects given the variances; tests are Wald's.
        """
        from tildemc.results.after.asked import asked_of_fit

        return asked_of_fit(self, text, fits)

    @property
    def known_model(self) -> Fitted:
        """The model that was fitted.

        Raises
        ------
        FitError
            If these estimates do not know it.
        """
        if self.model is None:
            raise FitError("these estimates came without their model: `tildemc.model(…).optimize()` has it")
        return self.model

    @cached_property
    def subject(self) -> Subject:
        """What `stata` is asked of."""
        from tildemc.results.after.maximum import subject_of

        return subject_of(self)

    def __str__(self) -> str:
        return self._page().text()

    def __repr__(self) -> str:
        return f"<Estimate of {self.formula!r}: {self.title}; {self._height()}>"

    def _repr_html_(self) -> str:
        return self._page().html()

    @property
    def title(self) -> str:
        """What is the highest there."""
        plane = " of the curve made linear at the estimates, as by nlme" if self.linearised else ""
        how = f", {self.how}" if self.how else ""
        return f"{TITLES[self.method]}{plane}{how}"

    def _page(self) -> Page:
        line = f"{self.title}; {self._height()}"
        sections = [*self._population(), *self._smooths(), *self._spread(), *self._residual()]
        singular = (f"boundary (singular) fit: {'; '.join(self.boundary)}",) if self.boundary else ()
        return Page(self.formula, (line, *self.told), sections, singular)

    def _height(self) -> str:
        if self.method in ("ml", "reml"):
            return f"{'REML criterion' if self.method == 'reml' else '-2 log likelihood'} {self.criterion:.2f}"
        if self.method == "map":
            return f"log posterior density {self.log_likelihood:.2f}"
        return f"log likelihood {self.log_likelihood:.2f}, AIC {self.aic:.1f}, BIC {self.bic:.1f}"

    def _population(self) -> Iterator[Section]:
        if self.fixef and not self.se:
            yield Section("Population effects", ("estimate",), [(k, [number(v)]) for k, v in self.fixef.items()])
            return
        rows = [(label, numbers([value, self.se[label]], self.se[label])) for label, value in self.fixef.items()]
        if rows:
            yield Section("Population effects", ("estimate", "se"), rows)

    def _spread(self) -> Iterator[Section]:
        for name, group in self.groups.items():
            levels = f": {len(group.effects):,} levels" if len(group.effects) else ""
            title = f"Effects by {name}{levels}, sd{', correlations' * group.correlated}"
            q = len(group.columns)
            rows = []
            for a, column in enumerate(group.columns):
                shown = [f"{r:.2f}" for r in group.correlations[a, :a]] if group.correlated else []
                rows.append((column, [number(group.sds[a]), *shown, *[""] * (q - 1 - len(shown))]))
            yield Section(title, [""] * q, rows)

    def _smooths(self) -> Iterator[Section]:
        rows = [(f"sds({name})", [number(smooth.sd)]) for name, smooth in self.smooths.items()]
        if rows:
            yield Section("Smooths", ["sd"], rows)

    def _residual(self) -> Iterator[Section]:
        rows = [(level or "sigma", [number(value)]) for level, value in self.sigma.items()]
        if rows:
            yield Section("Residual sd", [""], rows)
        others = [(name, [number(value)]) for name, value in self.residual.items()]
        if others:
            yield Section("Residual" if rows else "Other parameters", [""], others)
