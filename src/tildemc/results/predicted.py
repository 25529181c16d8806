"""Predicted: what a model says of rows, the first or new ones, and on average."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Unpack

from tildemc.errors import doors
from tildemc.results.datatree import dataset, datatree
from tildemc.results.judged import Judged
from tildemc.spec.parameters import names

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import DataArray, DataTree

    from tildemc.arrays import Label
    from tildemc.resolve.stream import NewData
    from tildemc.results.levels import Groups
    from tildemc.results.margins.asked import By, How, Named
    from tildemc.results.margins.conditional import Conditional
    from tildemc.results.margins.margins import Margins
    from tildemc.results.quantity import Quantity

__all__ = ["Predicted"]


@doors
class Predicted(Judged):
    """Draws and estimates, and what follows for rows."""

    def predict(
        self,
        newdata: NewData = None,
        kind: str = "mean",
        *,
        groups: Groups = "all",
        new_levels: str = "error",
        residuals: str = "none",
        draws: bool = False,
        interval: float | None = None,
        seed: int | None = None,
        progress: bool = True,
        response: str | None = None,
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
        residuals : {"none", "before", "others"}
            Where rows go together: whether a row's mean or response is that given the responses of its group, those
            before it (one step ahead, brms's `incl_autocor`) or all others. New data then have the response, with
            missing values in rows that are to be foretold; those say nothing of others.
        draws : bool
            Whether to return every draw.
        interval : float, optional
            The probability of the equal-tailed interval, 0.95 unless the text said otherwise.
        seed : int, optional
            For the same new responses and new levels again.
        progress : bool
            Whether to show a bar, if it takes more than a second.
        response : str, optional
            Which of several responses.

        Returns
        -------
        DataFrame or DataArray
            Mean, sd and interval under the data's own index; or (chain, draw, obs), 8 bytes × draws × rows. A row
            without a value in what the model needs has none here. Of a response that is one of several categories
            there are these of the chance of each, in columns under its name; of kind "response" the share of new
            responses that are of each category.

        Raises
        ------
        TildeError
            If the new data lack a column, or have a level of a factor that the fit had not, with its row.
        """
        from tildemc.results.quantity import quantity_beside

        own = self.of_response(response, everywhere=True)
        asked = quantity_beside(own.spec, kind, residuals)
        return own._asked(asked, newdata, groups, new_levels, draws, interval, seed, progress=progress)

    def _asked(
        self,
        asked: Quantity,
        newdata: NewData,
        groups: Groups,
        new_levels: str,
        draws: bool,
        interval: float | None,
        seed: int | None,
        *,
        progress: bool = True,
    ) -> DataFrame | DataArray:
        """Something of each row, summarised or with every draw."""
        from tildemc.results.conditioning import Conditioning
        from tildemc.results.predict import predicted, summarised

        conditioning = Conditioning.of(self.spec, groups, new_levels, seed)
        of = self.spec, self.design, self.groups["posterior"], asked, conditioning
        if draws:
            group = predicted(*of, newdata=newdata, progress=progress)
            return dataset(group)[names(self.spec).response]
        chosen = self.probability(interval)
        return summarised(*of, newdata=newdata, interval=chosen, progress=progress).frame()

    def residuals(
        self,
        kind: str = "ordinary",
        *,
        groups: Groups = "all",
        interval: float | None = None,
        seed: int | None = None,
        response: str | None = None,
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
        response : str, optional
            Which of several responses, of the rows that have it.

        Returns
        -------
        DataFrame
            Mean, sd and interval over the draws, of quantile residuals the one `residual`; under the data's own index.

        Notes
        -----
        Dunn & Smyth (1996), Randomized quantile residuals, Journal of Computational and Graphical Statistics 5.
        """
        from tildemc.results.conditioning import Conditioning
        from tildemc.results.residuals import residuals

        own, chosen = self.of_response(response), self.probability(interval)
        conditioning = Conditioning.of(own.spec, groups, "error", seed)
        return residuals(own.spec, own.design, own.groups["posterior"], kind, conditioning, chosen).frame()

    def mixture_probabilities(
        self,
        newdata: NewData = None,
        *,
        groups: Groups = "all",
        new_levels: str = "error",
        draws: bool = False,
        interval: float | None = None,
        seed: int | None = None,
    ) -> DataFrame | DataArray:
        """The probability of each row to be of each component of a mixture, given its response (`pp_mixture`).

        Parameters
        ----------
        newdata : data frame, mapping or path, optional
            Rows with their response, by default those of the fit.
        groups, new_levels, draws, interval, seed
            As in `predict`.

        Returns
        -------
        DataFrame or DataArray
            Of each component, in columns under its number, mean, sd and interval of the probability; or every draw.

        Raises
        ------
        SemanticError
            If the model is no mixture.
        """
        from tildemc.results.quantity import component_of

        return self._asked(component_of(self.spec), newdata, groups, new_levels, draws, interval, seed)

    def posterior_predictive(self, *, seed: int | None = None, response: str | None = None) -> DataTree:
        """`data` with one more group, `posterior_predictive`: a new response of each row under each draw.

        Of several responses `response` says which one, of the rows that have it.
        """
        from tildemc.results.predictive import posterior_predictive

        own = self.of_response(response)
        drawn = posterior_predictive(own.spec, own.design, own.groups["posterior"], seed)
        return datatree({**own.completed(), "posterior_predictive": drawn})

    def conditional_effects(
        self,
        effects: str | Sequence[str] | None = None,
        *,
        conditions: Mapping[str, Label] | DataFrame | None = None,
        int_conditions: Mapping[str, Label | Sequence[Label]] | None = None,
        method: str = "fitted",
        groups: Groups = "none",
        resolution: int = 100,
        categorical: bool = False,
        interval: float | None = None,
        seed: int | None = None,
        response: str | None = None,
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
        categorical : bool
            Of a response that is one of several categories, the chance of each, and not the mean of their numbers.
        interval, seed, response
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
        asked = Asked.of_fit(self, kind=kind, groups=groups, interval=interval, seed=seed, response=response)
        return conditional_effects(asked, effects, Held(conditions, int_conditions, resolution, categorical))

    def predictions(
        self, newdata: NewData = None, *, variables: Named = None, by: By = False, **asked: Unpack[How]
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
            `kind`, `groups`, `new_levels`, `interval`, `seed` and `response` as in `predict`; `wts`, a column that
            averages are by.

        Returns
        -------
        Margins
            Estimates, which are medians of draws, with `frame()`, `draws()`, `hypotheses()` and `plot()`. Of a
            response that is one of several categories they are chances, by `group`, the category.

        Notes
        -----
        Arel-Bundock, Greifer & Heiss (2024), How to interpret statistical models using marginaleffects for R and
        Python, Journal of Statistical Software 111.
        """
        from tildemc.results.margins.asked import Asked
        from tildemc.results.margins.estimates import predictions

        return predictions(Asked.of_fit(self, newdata, by=by, **asked), variables)

    def avg_predictions(self, newdata: NewData = None, *, by: By = True, **asked: Unpack[How]) -> Margins:
        """`predictions` on average."""
        return self.predictions(newdata, by=by, **asked)

    def comparisons(
        self,
        variables: Named = None,
        newdata: NewData = None,
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
            `kind`, `groups`, `new_levels`, `interval`, `seed` and `response` as in `predict`; `wts`, a column that
            averages are by.

        Returns
        -------
        Margins
            By `term` and `contrast`.
        """
        from tildemc.results.margins.asked import Asked
        from tildemc.results.margins.contrasts import compared
        from tildemc.results.margins.estimates import comparisons

        return comparisons(Asked.of_fit(self, newdata, by=by, **asked), variables, compared(comparison))

    def avg_comparisons(
        self,
        variables: Named = None,
        newdata: NewData = None,
        *,
        comparison: str = "difference",
        by: By = True,
        **asked: Unpack[How],
    ) -> Margins:
        """`comparisons` on average."""
        return self.comparisons(variables, newdata, comparison=comparison, by=by, **asked)

    def slopes(
        self,
        variables: Named = None,
        newdata: NewData = None,
        *,
        slope: str = "dydx",
        by: By = False,
        **asked: Unpack[How],
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
            `kind`, `groups`, `new_levels`, `interval`, `seed` and `response` as in `predict`; `wts`, a column that
            averages are by.

        Returns
        -------
        Margins
            By `term` and `contrast`.
        """
        from tildemc.results.margins.asked import Asked
        from tildemc.results.margins.contrasts import sloped
        from tildemc.results.margins.estimates import slopes

        return slopes(Asked.of_fit(self, newdata, by=by, **asked), variables, sloped(slope))

    def avg_slopes(
        self,
        variables: Named = None,
        newdata: NewData = None,
        *,
        slope: str = "dydx",
        by: By = True,
        **asked: Unpack[How],
    ) -> Margins:
        """`slopes` on average."""
        return self.slopes(variables, newdata, slope=slope, by=by, **asked)

    def hypotheses(self, asked: str | Sequence[str], *, interval: float | None = None) -> Margins:
        """Combinations of the model's own numbers, as `hypothesis` reads them, each with its interval: `"a - b = 0"`.

        What `predictions`, `comparisons` and `slopes` return has the same of its rows.
        """
        from tildemc.results.hypotheses import Scope, test
        from tildemc.results.margins.margins import of_draws

        found = test(self.spec, self.groups["posterior"], asked, Scope(), 0.05).array()
        sizes = found.values.shape[:2]
        probable = self.probability(interval)
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
