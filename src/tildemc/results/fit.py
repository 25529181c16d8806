"""Fit: draws from a model's posterior, and what one does with them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Unpack

from tildemc.arrays import Floats, Values
from tildemc.errors import FitError, Interrupted, doors
from tildemc.page import Page
from tildemc.passes.identify import unidentified
from tildemc.results.checks import Check, frame, of_loo, of_sampler
from tildemc.results.datatree import Group, completed, dataset, datatree, groups
from tildemc.results.printed import about, sections
from tildemc.results.summary import Summary, summarise
from tildemc.results.tables import checked_interval
from tildemc.spec.design import Numbers, Streamed
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names

if TYPE_CHECKING:
    from arviz import ELPDDataLOO, ELPDDataLOOKFold
    from matplotlib.axes import Axes
    from pandas import DataFrame
    from xarray import DataArray, DataTree

    from tildemc.resolve.request import Request
    from tildemc.resolve.used import Kept
    from tildemc.results.effects import Effects, Variation
    from tildemc.results.margins.asked import By, How
    from tildemc.results.margins.conditional import Conditional
    from tildemc.results.margins.margins import Margins
    from tildemc.results.pooling import Pooling
    from tildemc.results.tables import Labelled, Levels
    from tildemc.results.validation import ELPDDataWAIC
    from tildemc.spec.report import Report

__all__ = ["Fit", "Fitted"]


class Fitted(Protocol):
    """What a fit asks of the model that it came from: `tildemc.Model`, which this part of the package may not know."""

    @property
    def request(self) -> Request:
        """What the model was made of."""

    @property
    def report(self) -> Report:
        """What became of the rows, levels and words on the way to it."""

    def like(self, spec: ModelSpec, design: Numbers) -> Fitted:
        """Another model of the same request."""

    @property
    def update(self) -> Callable[..., Fitted]:
        """The model with some of it changed."""

    @property
    def fit(self) -> Callable[..., Fit]:
        """Draw from its posterior."""


@doors
@dataclass(frozen=True, eq=False)
class Fit:
    """Draws from a model's posterior.

    Attributes
    ----------
    spec : ModelSpec
    design : Numbers
        The numbers it was fitted to.
    groups : mapping
        What was drawn: the arrays of `posterior` and `sample_stats`.
    path : str
        Which engine drew, and why that one.
    seconds : float
        Wall time of compiling and sampling.
    exponentiate : bool
        Whether a summary shows population effects as ratios (odds, rates) unless asked otherwise.
    interval : float
        The probability of a summary's intervals unless asked otherwise.
    variances : bool
        Whether a summary shows variances and covariances in place of sds and correlations unless asked otherwise.
    model : Model or None
        The model that was fitted; None of draws that an engine has just made.
    settings : mapping
        What `Model.fit` was given, by name.
    remarks : tuple of str or None
        What the data leave open, where a file says it; None to work it out.
    columns : mapping or None
        The data's columns in the rows of the fit, where a file has them.
    """

    spec: ModelSpec
    design: Numbers
    groups: Mapping[str, Group]
    path: str
    seconds: float
    exponentiate: bool = False
    interval: float = 0.95
    variances: bool = False
    model: Fitted | None = field(default=None, repr=False)
    settings: Mapping[str, object] = field(default_factory=dict, repr=False)
    remarks: tuple[str, ...] | None = field(default=None, repr=False)
    columns: Kept | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls,
        spec: ModelSpec,
        design: Numbers,
        posterior: Mapping[str, Floats],
        statistics: Mapping[str, Values],
        path: str,
        seconds: float,
        **attributes: float,
    ) -> Fit:
        """A fit of an engine's draws; see `groups`. Further attributes are kept with the posterior."""
        if isinstance(design, Streamed):
            path = f"{path}; {design.n:,} rows, streamed"
        known = {"formula": spec.formula, "family": spec.family.name, "path": path}
        found = groups(spec, posterior, statistics, {**known, "seconds": seconds, **attributes})
        return cls(spec, design, found, path, seconds)

    @cached_property
    def data(self) -> DataTree:
        """ArviZ's groups: `posterior`, `sample_stats`, `observed_data`, `constant_data`.

        They are what `pm.sample` would return for `Model.pymc()`, whichever engine drew: its free variables are there
        beside what the model reports, and its data, so that PyMC takes them for posterior predictive sampling. Of
        streamed rows there is no graph, and only what was drawn.
        """
        return datatree(self.completed())

    def completed(self) -> dict[str, Group]:
        """The groups of `data` as arrays."""
        from tildemc.targets.pymc.lower import graph

        if isinstance(self.design, Streamed):
            return dict(self.groups)
        return completed(self.groups, graph(self.spec, self.design))

    def asked(self, chains: int, draws: int) -> Fit:
        """The same fit; where fewer chains or draws came than were asked for, it says that it was interrupted."""
        posterior = self.groups["posterior"]
        came = posterior.sizes
        if (came["chain"], came["draw"]) == (chains, draws):
            return self
        some = f" in {came['chain']} of {chains} chains" if came["chain"] < chains else ""
        attributes = {**posterior.attributes, "interrupted": f"after {came['draw']:,} of {draws:,} draws{some}"}
        return replace(self, groups={**self.groups, "posterior": replace(posterior, attributes=attributes)})

    @property
    def interrupted(self) -> str:
        """Where sampling was broken off: `after 713 of 1,000 draws`; empty if it was not."""
        return str(self.groups["posterior"].attributes.get("interrupted", ""))

    def shown(self, display: Sequence[str]) -> Fit:
        """The same fit, shown as Stata's display options ask: `or`, `irr`, `eform`, `level(90)`, `variance`."""
        levels = [float(option[6:-1]) / 100 for option in display if option.startswith("level(")]
        return replace(
            self,
            exponentiate=any(option in ("or", "irr", "eform") for option in display),
            interval=levels[-1] if levels else self.interval,
            variances="variance" in display,
        )

    def pooling(self, group: str | None = None, *, folds: int = 10, seed: int = 1) -> Pooling:
        """Fit the same with the groups pooled completely and not at all, and compare; see `tildemc.pooling`."""
        from tildemc.results.pooling import pooled

        return pooled(self, group, folds=folds, seed=seed)

    def plot(
        self,
        kind: str,
        *,
        ax: Axes | None = None,
        levels: Sequence[Any] | None = None,
        parameters: Sequence[str] | None = None,
        group: str | None = None,
    ) -> Any:
        """Draw a picture.

        Parameters
        ----------
        kind : str
            Of groups: `shrinkage` (arrows from each level's own estimate to its pooled one), `groups` (data and
            regressions, small multiples), `ranef` (effects with intervals); of the response: `conditional` (the mean
            along each column), `ppc`, `loo_pit`, `residuals`; of parameters: `forest`, `prior` (against the
            posterior), `trace`, `rank`, `pairs`.
        ax : Axes, optional
            Where to draw, for kinds of one panel.
        levels : sequence, optional
            Of the grouping factor, which ones.
        parameters : sequence of str, optional
            Which parameters, effects or columns.
        group : str, optional
            The grouping factor, where there are several.

        Returns
        -------
        PlotCollection, Axes or array of Axes
            ArviZ's where ArviZ draws, else matplotlib's.

        Raises
        ------
        FitError
            If there is no such kind, or no such level, parameter or group.
        """
        from tildemc.results.plots import Asked, plot

        return plot(kind, Asked(self, ax, levels, parameters, group))

    def refit(self, spec: ModelSpec, design: Numbers, **settings: object) -> Fit:
        """Draw from another model of the same request, as this one was drawn from but for some settings.

        Raises
        ------
        FitError
            If these draws do not know their model.
        Interrupted
            If that was, before all draws were there.
        """
        model = self.known_model()
        asked = {**self.settings, "progress": False, "report": None, **settings}
        found = model.like(spec, design).fit(**asked)
        if found.interrupted:
            raise Interrupted(f"interrupted while `{spec.formula}` was fitted to {design.n:,} rows")
        return found

    def known_model(self) -> Fitted:
        """The model, of draws that know it.

        Raises
        ------
        FitError
            If they do not.
        """
        if self.model is None:
            raise FitError("these draws came without their model: fit one with `tildemc.model(…).fit()`")
        return self.model

    def of_model(self, model: Fitted, settings: Mapping[str, object]) -> Fit:
        """The same fit, which knows its model and how this was fitted."""
        return replace(self, model=model, settings=settings)

    def update(
        self,
        formula: str | None = None,
        data: Any = None,
        *,
        family: str | None = None,
        priors: str | Sequence[str] | Mapping[str, str] | None = None,
        **settings: Any,
    ) -> Fit:
        """Fit again with another formula, other data, family, priors or settings; what is not given stays.

        Parameters
        ----------
        formula, data, family, priors
            As for `Model.update`: `fit.update("~ . + z")`.
        **settings
            As for `Model.fit`: `fit.update(draws=4000)`.

        Raises
        ------
        TildeError
            What is wrong, where in the text, and what would work.
        """
        known = self.known_model()
        given = (formula, data, family, priors)
        same = all(value is None for value in given)
        model = known if same else known.update(formula, data, family=family, priors=priors)
        return model.fit(**{**self.settings, **settings})

    def summary(
        self,
        *,
        group_effects: bool = False,
        interval: float | None = None,
        exponentiate: bool | None = None,
        variances: bool | None = None,
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

        Returns
        -------
        DataFrame
            Indexed by (part, parameter), with ArviZ's columns.
        """
        shown = replace(
            self,
            interval=self.interval if interval is None else checked_interval(interval),
            exponentiate=self.exponentiate if exponentiate is None else exponentiate,
            variances=self.variances if variances is None else variances,
        )
        return shown._summary.frame(group_effects=group_effects)

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

    # What R's users ask for by name

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

    def icc(self, *, interval: float | None = None, draws: bool = False) -> DataFrame | DataArray:
        """Intraclass correlations: shares of the variance on the scale of the linear predictor.

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

        return self._given(icc(self.spec, self.design, self.groups["posterior"]), interval, draws)

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
        return (
            found.array() if draws else found.frame(self.interval if interval is None else checked_interval(interval))
        )

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

    def diagnose(self, *, loo: bool = True) -> DataFrame:
        """What is to be looked at before the draws are trusted.

        Parameters
        ----------
        loo : bool
            Whether to look at the Pareto k of `loo` too. It says nothing against the draws, but of which rows they
            cannot tell how well these would be predicted without; `ok` leaves it out. Streamed rows have none.

        Returns
        -------
        DataFrame
            A row for each of divergences, E-BFMI, tree depth, Pareto k of importance weights (as far as the engine has
            them), R-hat, bulk and tail ESS, and Pareto k of loo: `check`, `value`, `limit`, `ok`, `advice`.
        """
        checks = self._checks(self._summary)
        if loo and not isinstance(self.design, Streamed):
            with warnings.catch_warnings():
                # What ArviZ warns of is what the check says.
                warnings.simplefilter("ignore")
                checks = (*checks, of_loo(self.loo()))
        return frame(checks)

    @property
    def draws(self) -> int:
        """The number of draws, of all chains."""
        sizes = self.groups["posterior"].sizes
        return sizes["chain"] * sizes["draw"]

    @property
    def divergences(self) -> int:
        """The number of divergent transitions; 0 for an engine that has none."""
        statistics = self.groups["sample_stats"].variables
        return int(statistics["diverging"][1].sum()) if "diverging" in statistics else 0

    def predict(
        self,
        newdata: Any = None,
        kind: str = "mean",
        *,
        groups: Any = "all",
        new_levels: str = "error",
        draws: bool = False,
        interval: float | None = None,
        seed: int | None = None,
        progress: bool = True,
    ) -> DataFrame | DataArray:
        """What the model says of each row.

        Parameters
        ----------
        newdata : data frame, mapping or path, optional
            Rows to predict, by default those of the fit. They need no response.
        kind : {"mean", "linear", "response"} or a parameter's name
            The mean of the response (`posterior_epred`), the linear predictor (`posterior_linpred`), a new response
            (`posterior_predict`), or a parameter of the response, such as `sigma`.
        groups : {"all", "none"}, list of grouping factors, or mapping of these to effects
            Whose effects are there: `["county"]`; `{"county": ["floor"]}` for some of them.
        new_levels : {"error", "sample", "population", "existing"}
            What becomes of a level that the model has not seen: its effects are drawn from the distribution of the
            group's effects, one draw for each draw of the posterior; or are zero; or are those of a level that was
            seen, picked at random for each draw (brms's "gaussian", none, and "uncertainty").
        draws : bool
            Whether to return every draw.
        interval : float, optional
            The probability of the equal-tailed interval, 0.95 unless the text said otherwise.
        seed : int, optional
            For the same new responses and new levels again.
        progress : bool
            Whether to show a bar, if it takes more than a second.

        Returns
        -------
        DataFrame or DataArray
            Mean, sd and interval under the data's own index; or (chain, draw, obs), 8 bytes × draws × rows. A row
            without a value in what the model needs has none here.

        Raises
        ------
        TildeError
            If the new data lack a column, or have a level of a factor that the fit had not, with its row.
        """
        from tildemc.results.predict import predicted, quantity, summarised
        from tildemc.results.request import Request

        asked, request = quantity(self.spec, kind), Request.of(self.spec, groups, new_levels, seed)
        of = self.spec, self.design, self.groups["posterior"], asked, request
        if draws:
            group = predicted(*of, newdata=newdata, progress=progress)
            return dataset(group)[names(self.spec).response]
        chosen = self.interval if interval is None else checked_interval(interval)
        return summarised(*of, newdata=newdata, interval=chosen, progress=progress).frame()

    def residuals(
        self, kind: str = "ordinary", *, groups: Any = "all", interval: float | None = None, seed: int | None = None
    ) -> DataFrame:
        """How far each row's response is from what the model says of it.

        Parameters
        ----------
        kind : {"ordinary", "pearson", "quantile"}
            The response less its mean; the same in standard deviations of the response (of its log, in a lognormal
            model); or the normal quantile of the response in its posterior predictive distribution, randomised where
            responses are whole numbers, which is standard normal where the model is right.
        groups : {"all", "none"}, list or mapping
            As in `predict`.
        interval : float, optional
        seed : int, optional
            For the same randomised residuals again.

        Returns
        -------
        DataFrame
            Mean, sd and interval over the draws, of quantile residuals the one `residual`; under the data's own index.

        Notes
        -----
        Dunn & Smyth (1996), Randomized quantile residuals, Journal of Computational and Graphical Statistics 5.
        """
        from tildemc.results.request import Request
        from tildemc.results.residuals import residuals

        chosen = self.interval if interval is None else checked_interval(interval)
        request = Request.of(self.spec, groups, "error", seed)
        return residuals(self.spec, self.design, self.groups["posterior"], kind, request, chosen).frame()

    def conditional_effects(
        self,
        effects: str | Sequence[str] | None = None,
        *,
        conditions: Any = None,
        int_conditions: Mapping[str, Any] | None = None,
        method: str = "fitted",
        groups: Any = "none",
        resolution: int = 100,
        interval: float | None = None,
        seed: int | None = None,
    ) -> Conditional:
        """What the model says along a variable, or along two, all others held: brms's `conditional_effects`.

        Parameters
        ----------
        effects : str or sequence of str, optional
            `"x"`, `"x:f"`; by default each variable of a population effect, and each two of one term.
        conditions : mapping or data frame, optional
            What others are held at: `{"z": 0}`, or several rows of such; by default numbers at their means, factors at
            their reference levels, trials at one.
        int_conditions : mapping, optional
            The values that a number takes as the second of two; by default its mean, and one sd below and above.
        method : {"fitted", "predict", "posterior_linpred"} or as `kind` of `predict`
            The mean of the response, a new response, the linear predictor, or a parameter of the response.
        groups
            As in `predict`.
        resolution : int
            At how many places a number is looked at.
        interval, seed
            As in `predict`.

        Returns
        -------
        Conditional
            A mapping of effects to their estimates, with `frame()` and `plot()`. An estimate is the median of the
            draws.
        """
        from tildemc.results.margins.asked import Asked
        from tildemc.results.margins.conditional import METHODS, Held, conditional_effects

        kind = METHODS.get(method, method)
        asked = Asked.of_fit(self, kind=kind, groups=groups, interval=interval, seed=seed)
        return conditional_effects(asked, effects, Held(conditions, int_conditions, resolution))

    def predictions(
        self, newdata: Any = None, *, variables: Any = None, by: By = False, **asked: Unpack[How]
    ) -> Margins:
        """What the model says of each row, or on average over rows.

        Parameters
        ----------
        newdata : data frame, mapping or path, optional
            The rows, by default those of the fit; `tildemc.datagrid` makes some up.
        variables : str, list, or mapping of names to values, optional
            Each row is looked at with each of these values in place of its own; by default of a name all levels, or
            the five numbers of Tukey.
        by : bool, str or list of str
            The columns within whose levels rows are averaged; True for one average.
        **asked
            `kind`, `groups`, `new_levels`, `interval` and `seed` as in `predict`; `wts`, a column that averages are by.

        Returns
        -------
        Margins
            Estimates, which are medians of draws, with `frame()`, `draws()`, `hypotheses()` and `plot()`.

        Notes
        -----
        Arel-Bundock, Greifer & Heiss (2024), How to interpret statistical models using marginaleffects for R and
        Python, Journal of Statistical Software 111.
        """
        from tildemc.results.margins.asked import Asked
        from tildemc.results.margins.estimates import predictions

        return predictions(Asked.of_fit(self, newdata, by=by, **asked), variables)

    def avg_predictions(self, newdata: Any = None, *, by: By = True, **asked: Any) -> Margins:
        """`predictions` on average."""
        return self.predictions(newdata, by=by, **asked)

    def comparisons(
        self,
        variables: Any = None,
        newdata: Any = None,
        *,
        comparison: str = "difference",
        by: By = False,
        **asked: Unpack[How],
    ) -> Margins:
        """What the model says of each row at one value of a variable against that at another.

        Parameters
        ----------
        variables : str, list, or mapping of names to contrasts, optional
            By default all variables of population effects. A number is compared by a step (1), "sd", "2sd", "iqr",
            "minmax", or at two values; levels by "reference", "sequential", "pairwise", these with "rev" before them,
            "minmax", or as two of them.
        newdata, by
            As in `predictions`.
        comparison : {"difference", "ratio", "lnratio", "lnor", "lift"}
            Averages over rows are taken before a ratio, not after.
        **asked
            `kind`, `groups`, `new_levels`, `interval` and `seed` as in `predict`; `wts`, a column that averages are by.

        Returns
        -------
        Margins
            By `term` and `contrast`.
        """
        from tildemc.results.margins.asked import Asked
        from tildemc.results.margins.contrasts import compared
        from tildemc.results.margins.estimates import comparisons

        return comparisons(Asked.of_fit(self, newdata, by=by, **asked), variables, compared(comparison))

    def avg_comparisons(self, variables: Any = None, newdata: Any = None, *, by: By = True, **asked: Any) -> Margins:
        """`comparisons` on average."""
        return self.comparisons(variables, newdata, by=by, **asked)

    def slopes(
        self, variables: Any = None, newdata: Any = None, *, slope: str = "dydx", by: By = False, **asked: Unpack[How]
    ) -> Margins:
        """How steeply what the model says of each row rises with a variable.

        Parameters
        ----------
        variables : str, list, or mapping, optional
            By default all variables of population effects; of a factor, differences of its levels as in `comparisons`.
        newdata, by
            As in `predictions`.
        slope : {"dydx", "eyex", "dyex", "eydx"}
            The derivative, the elasticity, and the two between.
        **asked
            `kind`, `groups`, `new_levels`, `interval` and `seed` as in `predict`; `wts`, a column that averages are by.

        Returns
        -------
        Margins
            By `term` and `contrast`.
        """
        from tildemc.results.margins.asked import Asked
        from tildemc.results.margins.contrasts import sloped
        from tildemc.results.margins.estimates import slopes

        return slopes(Asked.of_fit(self, newdata, by=by, **asked), variables, sloped(slope))

    def avg_slopes(self, variables: Any = None, newdata: Any = None, *, by: By = True, **asked: Any) -> Margins:
        """`slopes` on average."""
        return self.slopes(variables, newdata, by=by, **asked)

    def hypotheses(self, asked: str | Sequence[str], *, interval: float | None = None) -> Margins:
        """Combinations of the model's own numbers, as `hypothesis` reads them, each with its interval: `"a - b = 0"`.

        What `predictions`, `comparisons` and `slopes` return has the same of its rows.
        """
        from tildemc.results.hypotheses import Scope, test
        from tildemc.results.margins.margins import of_draws

        found = test(self.spec, self.groups["posterior"], asked, Scope(), 0.05).array()
        sizes = found.values.shape[:2]
        probable = self.interval if interval is None else checked_interval(interval)
        return of_draws({"hypothesis": [*found.labels]}, found.values.reshape(-1, len(found.labels)), sizes, probable)

    def margins(self, text: str, *, interval: float | None = None) -> Margins:
        """What Stata's `margins` says after the command that the model is of.

        Parameters
        ----------
        text : str
            What stands after `margins`: `"f"`, `", dydx(x)"`, `"f, at(x=(1 2 3))"`; or the whole command.
        interval : float, optional

        Returns
        -------
        Margins

        Raises
        ------
        TildeError
            For what is not read, with its place in the text.
        """
        from tildemc.results.margins.stata import margins

        return margins(self, text, interval)

    def posterior_predictive(self, *, seed: int | None = None) -> DataTree:
        """`data` with one more group, `posterior_predictive`: a new response of each row under each draw."""
        from tildemc.results.predictive import posterior_predictive

        drawn = posterior_predictive(self.spec, self.design, self.groups["posterior"], seed)
        return datatree({**self.completed(), "posterior_predictive": drawn})

    def log_likelihood(
        self, newdata: Any = None, *, groups: Any = "all", new_levels: str = "error", seed: int | None = None
    ) -> DataArray:
        """The log likelihood of each row under each draw.

        Parameters
        ----------
        newdata : data frame, mapping or path, optional
            Rows with a response, by default those of the fit.
        groups, new_levels, seed
            As in `predict`.

        Returns
        -------
        DataArray
            (chain, draw, obs), named after the response, all terms of the density; a row's weight multiplies it. It
            takes 8 bytes × draws × rows.
        """
        from tildemc.results.pointwise import log_likelihood_group
        from tildemc.results.request import Request

        request = Request.of(self.spec, groups, new_levels, seed)
        posterior = self.groups["posterior"]
        group = log_likelihood_group(self.spec, self.design, posterior, request=request, newdata=newdata)
        return dataset(group)[names(self.spec).response]

    def loo(self) -> ELPDDataLOO:
        """How well the model predicts rows that it has not seen: leave-one-out cross-validation.

        Returns
        -------
        ELPDDataLOO
            ArviZ's: the expected log pointwise predictive density `elpd`, its standard error `se`, the effective number
            of parameters `p`, and for each row `elpd_i` and `pareto_k`. `arviz.compare({"a": a.loo(), "b": b.loo()})`
            compares models of the same rows.

        Notes
        -----
        Pareto-smoothed importance sampling: Vehtari, Gelman & Gabry (2017), Practical Bayesian model evaluation using
        leave-one-out cross-validation and WAIC, Statistics and Computing 27, 1413-1432. Rows whose `pareto_k` is above
        `good_k` are not to be trusted; rows with a weight of zero or no trials are not counted. What is left out is a
        row, not a level: the other rows of its group still inform the group's effect.
        """
        from tildemc.results.pointwise import loo

        return loo(self.spec, self.design, self.groups["posterior"])

    def waic(self) -> ELPDDataWAIC:
        """How well the model predicts rows that it has not seen, by the widely applicable information criterion.

        Returns
        -------
        ELPDDataWAIC
            ArviZ's container, which `compare` takes: `elpd` (minus half of WAIC), `se`, `p`, row by row `elpd_i` and
            `p_waic_i`; `warning` where a row's share of `p` is above 0.4: prefer `loo` then.

        Notes
        -----
        Watanabe (2010), Asymptotic equivalence of Bayes cross validation and widely applicable information criterion in
        singular learning theory, JMLR 11.
        """
        from tildemc.results.validation import waic

        return waic(self)

    def kfold(
        self, k: int | None = 10, *, group: str | None = None, seed: int | None = None, **settings: Any
    ) -> ELPDDataLOOKFold:
        """How well the model predicts rows that it has not seen: fitted again without them, in turn.

        Parameters
        ----------
        k : int or None
            How many parts the rows make, of as many rows each; None for one of each row, or level of `group`.
        group : str, optional
            A grouping factor of the model, whose levels are left out whole: `kfold(None, group="county")` is
            leave-one-group-out. The effects of a level that was left out are drawn from the distribution of the others.
        seed : int, optional
            For the same parts and draws again.
        **settings
            As for `Model.fit`; by default those of this fit.

        Returns
        -------
        ELPDDataLOOKFold
            ArviZ's: `elpd`, `se`, `p`, row by row `elpd_i`; `warning` where one of the fits is not `ok`. `compare`
            takes it: compare models by the same `k`, `group` and `seed`, which then leave out the same rows.

        Notes
        -----
        The model is the same in all: default priors stay as the whole data scaled them.
        """
        from tildemc.results.validation import kfold

        return kfold(self, k, group, seed, settings)

    def with_log_likelihood(self) -> DataTree:
        """`data` with one more group, `log_likelihood`, for what ArviZ computes from it: `az.loo`, `az.compare`."""
        from tildemc.results.pointwise import log_likelihood_group

        group = log_likelihood_group(self.spec, self.design, self.groups["posterior"])
        return datatree({**self.completed(), "log_likelihood": group})

    def save(self, path: str | Path) -> None:
        """Write the fit as netCDF, with a checksum behind it; `tildemc.load` opens it again.

        Folders are made. ArviZ and xarray read the file too: the groups of `data`, and the model in a group beside.

        Raises
        ------
        DataError
            If it cannot be written.
        """
        from tildemc.results.saved import save

        save(self, path)

    def report(self, *, group_effects: bool = False) -> str:
        """What was fitted and how, the summary section by section, what the data leave open, what speaks against it.

        No line is wider than the screen.
        """
        return self._page(group_effects).text()

    def __str__(self) -> str:
        return self.report()

    def __repr__(self) -> str:
        return f"<Fit of {self.spec.formula!r}: {self.draws} draws, {self.path}>"

    def _repr_html_(self) -> str:
        return self._page(group_effects=False).html()

    def _page(self, group_effects: bool) -> Page:
        sizes = self.groups["posterior"].sizes
        given = None if self.model is None else self.model.report.rows
        seconds = f"{self.seconds:.{1 if self.seconds > 1 else 2}f} s"
        remarks = unidentified(self.spec, self.design) if self.remarks is None else self.remarks
        how = f"{sizes['chain']} chains of {sizes['draw']} draws; {self.path}; {seconds}"
        return Page(
            self.spec.formula,
            (about(self.spec, self.design.n, given), how),
            [*sections(
                self.spec, self._summary, sizes, exponentiated=self.exponentiate, group_effects=group_effects
            )],
            (*remarks, *self.warnings()),
        )  # fmt: skip
