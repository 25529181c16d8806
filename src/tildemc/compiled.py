"""Model: a model and its data, to be fitted, changed, and asked what they say of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Unpack

from tildemc.described import Described
from tildemc.engines.settings import Settings, refuse_unknown
from tildemc.errors import DataError, PriorError, SemanticError, doors
from tildemc.own import Family
from tildemc.visible import shown

if TYPE_CHECKING:
    import pandas as pd
    from xarray import DataTree

    from tildemc.engines.settings import Drawing
    from tildemc.resolve.request import Request
    from tildemc.resolve.stream import Data, NewData
    from tildemc.results.estimate import Estimate
    from tildemc.results.fit import Fit
    from tildemc.results.levels import Groups
    from tildemc.results.pooling import Pooling
    from tildemc.spec.design import Numbers
    from tildemc.spec.model import ModelSpec
    from tildemc.syntax.command import Priors

__all__ = ["Model"]

_DEFAULTS = Settings()


@doors
class Model(Described):
    """A model and its data, ready to be printed, built or fitted."""

    @classmethod
    def of(cls, request: Request) -> Model:
        """The model that was asked for."""
        from tildemc.limits import under
        from tildemc.reading import read_model

        with under(request.limits):
            return cls(request, *read_model(request))

    def fit(
        self,
        draws: int = _DEFAULTS.draws,
        *,
        tune: int = _DEFAULTS.tune,
        chains: int = _DEFAULTS.chains,
        seed: int | None = None,
        method: str = _DEFAULTS.method,
        sampler: str = _DEFAULTS.sampler,
        target_accept: float = _DEFAULTS.target_accept,
        progress: bool = True,
        report: Callable[[int, int], None] | None = None,
        **others: object,
    ) -> Fit:
        """Draw from the posterior.

        Parameters
        ----------
        draws, tune, chains : int
            Kept and warm-up draws of each chain: 1000, 500 and 4.
        seed : int, optional
        method : {"auto", "exact", "transport", "nuts", "direct", "pymc"}
            Which engine: `exact` integrates a Gaussian model's effects out, `direct` runs NUTS with nothing to compile,
            `pymc` runs it on the PyMC graph; `auto` takes the first of these that can fit the model, `nuts` the first
            of the last two.
        sampler : {"nutpie", "pymc"}
            Who runs NUTS.
        target_accept : float
            0.9 by default.
        progress : bool
            Whether to show a bar.
        report : callable, optional
            Called now and then while NUTS runs, from another thread, with the number of draws so far, warm-up included,
            and of divergences.
        **others
            None: what other packages call these, and what is misspelled, is answered with the name here.

        Raises
        ------
        FitError
            If a setting is out of range, or the engine asked for cannot fit this model.
        """
        from tildemc.engines.choose import fit

        refuse_unknown("fit", others, [setting.name for setting in fields(Settings)])
        chosen = Settings(draws, tune, chains, seed, method, sampler, target_accept, progress, report)
        found = fit(self.spec, self.design, chosen).shown(self.display)
        return found.with_unobserved(self.later, chosen.seed).of_model(self, chosen.said())

    def of_data_set(self, number: int) -> Model:
        """Of several completed data sets, the model with one of them; numbers are from 1."""
        from tildemc.resolve.completed import data_of
        from tildemc.spec.design import Completed

        if not isinstance(self.design, Completed):
            raise DataError("this model is of one data set")
        own = data_of(self.request, number, len(self.design.designs))
        return replace(self, request=replace(self.request, data=own), design=self.design.designs[number - 1])

    def like(self, spec: ModelSpec, design: Numbers) -> Model:
        """Another model of the same request: with other terms, or of some of the rows."""
        return replace(self, spec=replace(spec, imputed=None), design=design, later=None)

    def pooling(
        self, group: str | None = None, *, folds: int = 10, seed: int = 1, **settings: Unpack[Drawing]
    ) -> Pooling:
        """Fit the model with its groups pooled completely, not at all, and partially; see `tildemc.pooling`."""
        from tildemc.results.grouping import factor_of

        factor_of(self.spec, group)
        return self.fit(seed=seed, **settings).pooling(group, folds=folds, seed=seed)

    def update(
        self,
        formula: str | None = None,
        data: Data | None = None,
        *,
        family: str | Family | None = None,
        priors: Priors | None = None,
    ) -> Model:
        """The model with another formula, other data, another family or other priors; what is not given stays.

        Parameters
        ----------
        formula : str, optional
            A change as R's `update` takes it, `~ . + z`, `log(.) ~ . - x`, `sigma ~ z`: `.` is what was there, and a
            response that is left out stays. A Stata command or an R call is a new text.
        data : data frame, mapping, path, or stream, optional
        family : str or Family, optional
        priors : str, sequence of str, or mapping, optional
            Instead of all that were given before.

        Raises
        ------
        TildeError
            What is wrong, where in the text, and what would work.
        """
        from tildemc.syntax.command import language_of

        request = self.request
        own = request.families
        if isinstance(family, Family):
            own = (*(one for one in own if one.name != family.name), family.written)
        if formula is not None:
            if not isinstance(formula, str):
                raise SemanticError(f"`formula` is a text such as `~ . + x`, not {shown(formula)}")
            if language_of(formula) == "formula":
                request = replace(request, changes=(*request.changes, formula))
            else:
                request = replace(request, text=formula, changes=(), instead=(), syntax="auto")
        instead = [name for name, value in (("family", family), ("priors", priors)) if value is not None]
        request = replace(
            request,
            data=request.data if data is None else data,
            family=request.family if family is None else family.name if isinstance(family, Family) else family,
            families=own,
            priors=request.priors if priors is None else priors,
            instead=tuple(dict.fromkeys((*request.instead, *instead))),
        )
        if request.data is None:
            raise DataError("the data are not in the file that this came from: give them too, `update(…, data=…)`")
        try:
            return Model.of(request)
        except PriorError as error:
            if priors is None:
                advice = "the priors stay as they were stated: `update(…, priors=…)` states others"
                raise PriorError(f"{error.message}; {advice}", error.span) from None
            raise

    def log_likelihood(self, parameters: Mapping[str, object]) -> pd.Series[float]:
        """Each row's log density at stated values of the parameters.

        Parameters
        ----------
        parameters : mapping
            By the names that a summary has: `{"Intercept": 0.3, "b": {"x": 1}, "r_g": frame, "sigma": 1}`; numbers,
            arrays, or mappings, Series and frames by label. The intercept is that at zero. A parameter of the response
            may be stated by its own name in place of its predictor's quantities, as one number or one for each row:
            `{"mu": 2.0, "sigma": 1}`.

        Returns
        -------
        Series
            (n,), all terms of the density, times the row's weight; under the data's own index.

        Raises
        ------
        SemanticError
            If a value is missing, unknown, of another shape, or none that the parameter may have.
        """
        from tildemc.results.point import log_likelihood_at

        return log_likelihood_at(self.spec, self.design, parameters)

    def predict_at(
        self,
        parameters: Mapping[str, object],
        newdata: NewData = None,
        kind: str = "mean",
        *,
        groups: Groups = "all",
        response: str | None = None,
    ) -> pd.Series[float] | pd.DataFrame:
        """What the model says of each row at stated values of the parameters.

        Parameters
        ----------
        parameters : mapping
            As for `log_likelihood`.
        newdata : data frame, mapping or path, optional
        kind : {"mean", "linear"} or a parameter's name
        groups : {"all", "none"}, list of grouping factors, or mapping of these to effects
        response : str, optional
            Which of several responses.

        Returns
        -------
        Series or DataFrame
            Under the data's own index; NaN for a row without a value in what the model needs. Of a response that is
            one of several categories the mean is the chance of each, a column for each.
        """
        from tildemc.results.point import predicted_at

        return predicted_at(self.spec, self.design, parameters, kind, newdata, groups, response)

    def simulate(
        self,
        parameters: Mapping[str, object],
        seed: int | None = None,
        *,
        newdata: NewData = None,
        response: str | None = None,
    ) -> pd.Series[float]:
        """A new response of each row at stated values of the parameters.

        Parameters
        ----------
        parameters : mapping
            As for `log_likelihood`. Where a group's effects are not among them but their sds are (and their
            correlations, if they have any), effects are drawn too.
        seed : int, optional
        newdata : data frame, mapping or path, optional
        response : str, optional
            Which of several responses.

        Returns
        -------
        Series
            Under the data's own index, so that `data.assign(y=model.simulate(…))` is a data set of the model's own.
        """
        from tildemc.results.point import drawn_at

        return drawn_at(self.spec, self.design, parameters, newdata, seed, response)

    def prior_predictive(self, draws: int = 1000, seed: int | None = None, *, response: str | None = None) -> DataTree:
        """Responses of the rows under draws from the priors.

        Parameters
        ----------
        draws : int
        seed : int, optional
        response : str, optional
            Which of several responses, of the rows that have it.

        Returns
        -------
        DataTree
            ArviZ's groups `prior`, `prior_predictive` and `observed_data`. A draw whose parameters are outside of what
            the family can have, as under an identity link, is NaN.

        Raises
        ------
        PriorError
            If a prior is flat: there is nothing to draw from.
        """
        from tildemc.results.predictive import prior_predictive

        return prior_predictive(self.spec, self.design, draws, seed, response)

    def optimize(self, criterion: str | None = None, *, points: int | None = None, **others: object) -> Estimate:
        """Maximise the likelihood, effects integrated out; priors play no part but in `map`.

        Of a curve, a non-linear formula of the mean, it is that of the linear mixed model that the curve's plane at the
        estimates is (Lindstrom and Bates, 1990): for `ml` as in nlme, whose `REML` is that of ml but for the degrees of
        freedom.

        Parameters
        ----------
        criterion : {"reml", "ml", "laplace", "agq", "map"}, optional
            Of Gaussian models `reml` (the default, unless the text says otherwise) and `ml`, whose integral is exact.
            Of others `ml` is what the text's package does: Laplace's approximation, or quadrature with its number of
            points; `laplace` and `agq` say which. `map` is the mode of the posterior.
        points : int, optional
            Of adaptive quadrature, `agq`, for each effect: the text's number, or 7.
        **others
            None, as for `fit`.

        Returns
        -------
        Estimate
            Population effects and their standard errors, group sds and correlations, conditional modes, log likelihood,
            AIC, intervals. Of several completed data sets, a `PooledEstimate`: Rubin's rules, with degrees of freedom.

        Raises
        ------
        FitError
            If the model has no such likelihood; with all reasons.
        """
        from tildemc.engines.optimize import optimize

        refuse_unknown("optimize", others, ["criterion", "points"])
        return replace(optimize(self.spec, self.design, criterion, points, self.customs), model=self)
