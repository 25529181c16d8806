"""Judged: how well a model predicts, and what is printed of its draws."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from tildemc.errors import doors
from tildemc.page import Page
from tildemc.passes.identify import unidentified
from tildemc.results.checks import frame, of_loo
from tildemc.results.datatree import dataset, datatree
from tildemc.results.estimated import Estimated
from tildemc.results.printed import about, sections
from tildemc.spec.design import Design
from tildemc.spec.parameters import names

if TYPE_CHECKING:
    from arviz import ELPDDataLOO, ELPDDataLOOKFold
    from pandas import DataFrame
    from xarray import DataArray, DataTree

    from tildemc.resolve.stream import NewData
    from tildemc.results.levels import Groups
    from tildemc.results.validation import ELPDDataWAIC

__all__ = ["Judged"]


@doors
class Judged(Estimated):
    """Draws and estimates, what speaks for or against them, and all of it on a page."""

    def diagnose(self, *, loo: bool = True) -> DataFrame:
        """What is to be looked at before the draws are trusted.

        Parameters
        ----------
        loo : bool
            Whether to look at the Pareto k of `loo` too. It says nothing against the draws, but of which rows they
            cannot tell how well these would be predicted without; `ok` leaves it out. Streamed rows have none, nor
            have several data sets together.

        Returns
        -------
        DataFrame
            A row for each of divergences, E-BFMI, tree depth, Pareto k of importance weights (as far as the engine has
            them), R-hat, bulk and tail ESS, and Pareto k of loo: `check`, `value`, `limit`, `ok`, `advice`.
        """
        checks = self._checks(self._summary)
        if loo and isinstance(self.design, Design):
            checks = (*checks, of_loo(self._loo()))
        return frame(checks)

    def log_likelihood(
        self,
        newdata: NewData = None,
        *,
        groups: Groups = "all",
        new_levels: str = "error",
        seed: int | None = None,
        response: str | None = None,
    ) -> DataArray:
        """The log likelihood of each row under each draw.

        Parameters
        ----------
        newdata : data frame, mapping or path, optional
            Rows with a response, by default those of the fit.
        groups, new_levels, seed
            As in `predict`.
        response : str, optional
            Of several responses one; by default a row's are all of them together.

        Returns
        -------
        DataArray
            (chain, draw, obs), named after the response, all terms of the density; a row's weight multiplies it. It
            takes 8 bytes × draws × rows.
        """
        from tildemc.results.conditioning import Conditioning
        from tildemc.results.pointwise import log_likelihood_group

        own = self if response is None else self.of_response(response)
        conditioning = Conditioning.of(own.spec, groups, new_levels, seed)
        posterior = own.groups["posterior"]
        group = log_likelihood_group(own.spec, own.design, posterior, conditioning=conditioning, newdata=newdata)
        return dataset(group)[names(own.spec).response]

    def loo(self, *, response: str | None = None) -> ELPDDataLOO:
        """How well the model predicts rows that it has not seen: leave-one-out cross-validation.

        Parameters
        ----------
        response : str, optional
            Of several responses one; by default a row's are all of them together.

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
        found = (self if response is None else self.of_response(response))._loo()
        check = of_loo(found)
        if not check.ok:
            warnings.warn(check.advice, UserWarning, stacklevel=3)
        return found

    def _loo(self) -> ELPDDataLOO:
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
        self, k: int | None = 10, *, group: str | None = None, seed: int | None = None, **settings: object
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

    def text(self, *, group_effects: bool = False) -> str:
        """What was fitted and how, the summary section by section, what the data leave open, what speaks against it.

        No line is wider than the screen.
        """
        return self.page(group_effects=group_effects).text()

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return self.page().html()

    def page(self, *, group_effects: bool = False) -> Page:
        """What is printed of it."""
        sizes = self.groups["posterior"].sizes
        given = None if self.model is None else self.model.report.rows
        seconds = f"{self.seconds:.{1 if self.seconds > 1 else 2}f} s"
        remarks = unidentified(self.spec, self.design) if self.remarks is None else self.remarks
        chains, draws = (f"{sizes[what]} {what}{'s' * (sizes[what] != 1)}" for what in ("chain", "draw"))
        how = f"{chains} of {draws}; {self.path}; {seconds}"
        return Page(
            self.spec.formula,
            (about(self.spec, self.design.n, given), how),
            [*sections(
                self.spec, self._summary, sizes, exponentiated=self.exponentiate, group_effects=group_effects
            )],
            (*remarks, *self.warnings()),
        )  # fmt: skip
