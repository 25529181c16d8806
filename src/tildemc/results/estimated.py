"""Estimated: what one asks of the draws of a model: estimates, spreads, hypotheses, and whether to trust them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tildemc.errors import FitError, doors, one_of
from tildemc.results.checks import Check, of_sampler
from tildemc.results.drawn import Drawn
from tildemc.results.summary import Summary, summarise

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import DataArray

    from tildemc.results.effects import Effects, Variation
    from tildemc.results.tables import Labelled, Levels

__all__ = ["Estimated"]


@doors
class Estimated(Drawn):
    """Draws, the estimates from them, and what speaks against these."""

    def summary(
        self,
        *,
        group_effects: bool = False,
        interval: float | None = None,
        exponentiate: bool | None = None,
        variances: bool | None = None,
        names: str = "tildemc",
    ) -> DataFrame:
        """Mean, sd, interval, effective sample sizes and R-hat of each parameter.

        Parameters
        ----------
        group_effects : bool
            Whether to list every level's effects too.
        interval : float, optional
            The probability of the equal-tailed interval, 0.95 unless the text said otherwise.
        exponentiate : bool, optional
            Whether to show population effects as ratios: exp of each draw.
        variances : bool, optional
            Whether to show `var_g`, `cov_g` and `var_sigma` in place of `sd_g`, `cor_g` and `sigma`: of each draw too.
        names : {"tildemc", "stata"}
            Whose names parameters have: `b[factor(f)2]` is Stata's `2.f`, `sd_g[Intercept]` its `sd(_cons[g])`.

        Returns
        -------
        DataFrame
            Indexed by (part, parameter), with ArviZ's columns.
        """
        from tildemc.resolve.after.names import StataNames

        one_of("names", names, ("tildemc", "stata"), FitError)
        called = StataNames(self.spec).shown if names == "stata" else {}
        shown = replace(
            self,
            interval=self.probability(interval),
            exponentiate=self.exponentiate if exponentiate is None else exponentiate,
            variances=self.variances if variances is None else variances,
        )
        return shown._summary.frame(group_effects=group_effects, called=called)

    @cached_property
    def _summary(self) -> Summary:
        """Of every scalar, as it is shown."""
        return summarise(
            self.spec,
            self.groups["posterior"],
            interval=self.interval,
            exponentiate=self.exponentiate,
            variances=self.variances,
        )

    def fixef(self, *, interval: float | None = None, draws: bool = False) -> DataFrame | DataArray:
        """The population effects.

        Parameters
        ----------
        interval : float, optional
            The probability of the equal-tailed intervals, as for `summary`.
        draws : bool
            Whether to give the draws, labelled, in place of a table of them.

        Returns
        -------
        DataFrame or DataArray
            A row for each effect, `Intercept` and R's labels of columns, those of another parameter with its name in
            front, `sigma_Intercept`; columns `mean`, `sd` and the interval's ends. Draws: (chain, draw, effect).
        """
        return self._given(self._effects.fixef(), interval, draws)

    def ranef(
        self, *, interval: float | None = None, draws: bool = False
    ) -> dict[str, DataFrame] | dict[str, DataArray]:
        """The group effects: how far each level is from the population.

        Returns
        -------
        dict of str to DataFrame or DataArray
            By grouping factor: a row for each level; columns by effect and then `mean`, `sd` and the interval's ends,
            so that `fit.ranef()["county"]["floor"]` is a table of its own. Draws: (chain, draw, county, effect).
        """
        return {factor: self._given(known, interval, draws) for factor, known in self._effects.ranef().items()}

    def coef(
        self, *, interval: float | None = None, draws: bool = False
    ) -> dict[str, DataFrame] | dict[str, DataArray]:
        """The coefficients of each level: population and group effects together, as `ranef` gives the latter."""
        return {factor: self._given(known, interval, draws) for factor, known in self._effects.coef().items()}

    def varcorr(self, *, interval: float | None = None, draws: bool = False) -> DataFrame | DataArray:
        """The sds and correlations of group effects, and the residual sd: lme4's `VarCorr` as a data frame.

        Returns
        -------
        DataFrame or DataArray
            A row for each sd and each correlation, by group, effect and other effect; columns `sdcor` and `vcov` (the
            variance or covariance), and of each `mean`, `sd` and the interval's ends. Draws: (statistic, chain, draw,
            row).
        """
        return self._given(self._effects.varcorr(), interval, draws)

    def re_pca(self, *, interval: float | None = None) -> DataFrame:
        """In how many directions group effects vary: the principal components of their covariances, lme4's `rePCA`.

        Returns
        -------
        DataFrame
            A row for each grouping factor and component, the largest first: its sd, its share of the variance, with
            mean, sd and interval, and the mean share of it and those before. A last share near zero says that the
            effects may be told by fewer.

        Raises
        ------
        FitError
            If the model has no group effects.
        """
        return self._effects.components().frame(self.probability(interval))

    def sigma(self, *, interval: float | None = None, draws: bool = False) -> DataFrame | DataArray:
        """The residual sd, or one for each level that has its own.

        Raises
        ------
        FitError
            If the model has none, or a formula for it.
        """
        return self._given(self._effects.sigma(), interval, draws)

    def vcov(self, *, correlation: bool = False) -> DataFrame:
        """The covariance matrix of the population effects, or their correlations."""
        return self._effects.vcov(correlation=correlation)

    def icc(self, newdata: Any = None, *, interval: float | None = None, draws: bool = False) -> DataFrame | DataArray:
        """Intraclass correlations: shares of the variance on the scale of the linear predictor.

        Parameters
        ----------
        newdata : data frame, mapping or path, optional
            The rows over which variances that differ by row are averaged, by default those of the fit: `{"treat": 1,
            "j": 1}` of a trial whose arms have variances of their own.
        interval, draws
            As for `fixef`.

        Returns
        -------
        DataFrame or DataArray
            A row for each grouping factor: the correlation of two rows of the same level, as Stata's `estat icc` has
            it, for which a level of `school:class` shares the variance of `school` too. Then `adjusted`: the share of
            all group effects, and `unadjusted`: the same with the variance of the population effects in the total.
            Draws: (chain, draw, group).

        Raises
        ------
        TildeError
            If the model has no group effects, or what is left has no variance on that scale.

        Notes
        -----
        What is left is the residual variance, the variance of a latent response (logit π²/3, probit 1, cloglog π²/6),
        or log(1 + variance / mean²) for a log link: Nakagawa, Johnson & Schielzeth (2017), J. R. Soc. Interface 14,
        20170213. Effects of a predictor count by their mean variance over the rows: Johnson (2014), Methods in
        Ecology and Evolution 5, 944-946.
        """
        from tildemc.results.variance import icc

        return self._given(icc(self.spec, self.design, self.groups["posterior"], newdata), interval, draws)

    def r2(
        self, *, residuals: str = "drawn", interval: float | None = None, draws: bool = False
    ) -> DataFrame | DataArray:
        """Bayesian R²: the share of the variance of fitted means.

        Parameters
        ----------
        residuals : {"drawn", "expected"}
            What the rest is: the variance of the response minus the means of each draw, as brms has it, or the variance
            that the model expects, as rstanarm has it.

        Returns
        -------
        DataFrame or DataArray
            `conditional`, with all effects, and `marginal`, with population effects alone. Draws: (chain, draw,
            effects).

        Notes
        -----
        Gelman, Goodrich, Gabry & Vehtari (2019), R-squared for Bayesian regression models, The American Statistician
        73, 307-309.
        """
        from tildemc.results.variance import r2

        return self._given(r2(self.spec, self.design, self.groups["posterior"], residuals), interval, draws)

    def priors(self) -> DataFrame:
        """Every prior of the model that was fitted, as `Model.priors` gives them."""
        from tildemc.targets.explain import prior_frame

        return prior_frame(self.spec)

    def hypothesis(
        self,
        hypotheses: str | Sequence[str],
        *,
        class_: str | None = None,
        group: str | None = None,
        scope: str = "standard",
        alpha: float = 0.05,
        draws: bool = False,
    ) -> DataFrame | DataArray:
        """How far the draws speak for hypotheses, as brms writes them.

        Parameters
        ----------
        hypotheses : str or sequence of str
            `floor < 0`, `a - b = 0`, `exp(b_floor) > 2`, `sd_county__floor / sigma > 1`: arithmetic of the model's
            numbers, by the names of a summary, `sd_county[floor]`, of priors, `sd(county, floor)`, or of brms.
        class_, group : str, optional
            What stands before names in brms: `class_="sd", group="county"` makes `floor` mean `sd_county__floor`.
        scope : {"standard", "ranef", "coef"}
            Whether names are the model's numbers, or group effects, or coefficients, of each level of `group`.
        alpha : float
            Two-sided hypotheses have intervals of probability 1 - alpha, one-sided ones of 1 - 2 alpha.
        draws : bool
            Whether to give the draws of each left side minus its right.

        Returns
        -------
        DataFrame or DataArray
            A row for each hypothesis: `mean`, `sd`, `lower` and `upper` of the left side minus the right;
            `evidence_ratio`, of `<` and `>` the odds that it holds, of `=` the posterior over the prior density there
            (Savage and Dickey's; missing, with the reason in `note`, where the prior density is not known);
            `probability`, that it holds; `star`, where that of `<` or `>` is above 1 - alpha, or the interval of `=`
            leaves zero out. Draws: (chain, draw, hypothesis).
        """
        from tildemc.results.hypotheses import Scope, test

        found = test(self.spec, self.groups["posterior"], hypotheses, Scope(class_, group, scope), alpha)
        return found.array().array() if draws else found.frame()

    @cached_property
    def _effects(self) -> Effects:
        from tildemc.results.effects import Effects

        return Effects(self.spec, self.groups["posterior"])

    def _given(self, found: Labelled | Levels | Variation, interval: float | None, draws: bool) -> Any:
        """What was found as a frame, or its draws."""
        return found.array() if draws else found.frame(self.probability(interval))

    def warnings(self) -> tuple[str, ...]:
        """What speaks against trusting these draws; empty if nothing does."""
        return self.concerns(self._summary)

    def concerns(self, summary: Summary) -> tuple[str, ...]:
        """What speaks against trusting these draws, by a summary of them."""
        found = [f"interrupted {self.interrupted}"] if self.interrupted else []
        return (*found, *(check.advice for check in self._checks(summary) if not check.ok))

    def _checks(self, summary: Summary) -> tuple[Check, ...]:
        posterior = self.groups["posterior"]
        statistics = {name: values for name, (_, values) in self.groups["sample_stats"].variables.items()}
        return (*of_sampler(statistics, posterior.attributes), *summary.checks(posterior.sizes["chain"]))

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against trusting these draws: `warnings()` is empty."""
        return not self.warnings()
