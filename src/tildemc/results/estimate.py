"""Estimate: what maximises a likelihood."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import FitError
from tildemc.page import Page, Section
from tildemc.results.components import Components
from tildemc.screen import number, numbers

if TYPE_CHECKING:
    from pandas import DataFrame

    from tildemc.results.after.answers import Answers
    from tildemc.results.after.subject import Subject
    from tildemc.results.drawn import Fitted
    from tildemc.results.neighbours import Neighbours

__all__ = ["Estimate", "GroupEstimate", "SmoothEstimate"]


TITLES = {"reml": "restricted maximum likelihood", "ml": "maximum likelihood"}


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
    """

    columns: tuple[str, ...]
    sds: Floats
    correlations: Floats
    effects: Floats
    correlated: bool


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
        `ml` or `reml`.
    fixef, se : mapping of str to float
        Population effects, the intercept at zero first, and their standard errors given the variances.
    groups : mapping of str to GroupEstimate
    sigma : mapping of str to float
        Residual sds by level; one, under an empty name, if there is but one; none if they are known.
    criterion : float
        Minus twice the maximum of the log (restricted) likelihood.
    residual : mapping of str to float
        What else residuals have: coefficients of the log sd's formula, and of their correlations.
    smooths : mapping of str to SmoothEstimate
        By the names of brms: `sx_1` is the first penalty of `s(x)`.
    boundary : tuple of str
        Where the fit is singular: which sd is zero, which effects are a multiple of others.
    linearised : bool
        Whether the likelihood is that of a curve's plane at the estimates, as nlme has it.
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
    model: Fitted | None = field(default=None, repr=False)
    neighbours: Callable[[], Neighbours] | None = field(default=None, repr=False)

    @property
    def log_likelihood(self) -> float:
        """The maximum, restricted for REML."""
        return -0.5 * self.criterion

    @property
    def parameters(self) -> int:
        """How many numbers were estimated."""
        groups = (len(group.sds) + group.correlated * (group.sds.size * (group.sds.size - 1) // 2) for group in
                  self.groups.values())  # fmt: skip
        return len(self.fixef) + sum(groups) + len(self.sigma) + len(self.smooths) + len(self.residual)

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

    def _repr_html_(self) -> str:
        return self._page().html()

    def _page(self) -> Page:
        what = "REML criterion" if self.method == "reml" else "-2 log likelihood"
        plane = " of the curve made linear at the estimates, as by nlme" if self.linearised else ""
        told = f"{TITLES[self.method]}{plane}; {what} {self.criterion:.2f}"
        sections = [*self._population(), *self._smooths(), *self._spread(), *self._residual()]
        singular = (f"boundary (singular) fit: {'; '.join(self.boundary)}",) if self.boundary else ()
        return Page(self.formula, (told,), sections, singular)

    def _population(self) -> Iterator[Section]:
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
            yield Section("Residual", [""], others)
