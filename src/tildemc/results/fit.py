"""Fit: draws from a model's posterior, and what one does with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tildemc.arrays import Floats, Values
from tildemc.passes.identify import unidentified
from tildemc.results.datatree import Group, completed, dataset, datatree, groups
from tildemc.results.stored import write_sealed
from tildemc.results.summary import Summary, summarise
from tildemc.screen import Row, folded, heading, numbers, tables
from tildemc.spec.design import Numbers, Streamed
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names
from tildemc.visible import visible

if TYPE_CHECKING:
    from arviz import ELPDDataLOO
    from pandas import DataFrame
    from xarray import DataArray, DataTree

__all__ = ["Fit"]


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
    """

    spec: ModelSpec
    design: Numbers
    groups: Mapping[str, Group]
    path: str
    seconds: float
    exponentiate: bool = False
    interval: float = 0.95
    variances: bool = False

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
            interval=self.interval if interval is None else interval,
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

    def warnings(self) -> tuple[str, ...]:
        """What speaks against trusting these draws; empty if nothing does."""
        return self.concerns(self._summary)

    def concerns(self, summary: Summary) -> tuple[str, ...]:
        """What speaks against trusting these draws, by a summary of them."""
        found = [f"interrupted {self.interrupted}"] if self.interrupted else []
        divergences = self.divergences
        if divergences:
            found.append(
                f"{divergences} of {self.draws} draws diverged: raise `target_accept`, or give the sds tighter priors"
            )
        return (*found, *summary.concerns(self.groups["posterior"].sizes["chain"]))

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

    def log_likelihood(self) -> DataArray:
        """The log likelihood of each row under each draw.

        Returns
        -------
        DataArray
            (chain, draw, obs), named after the response, all terms of the density; a row's weight multiplies it. It
            takes 8 bytes × draws × rows.
        """
        from tildemc.results.pointwise import log_likelihood_group

        group = log_likelihood_group(self.spec, self.design, self.groups["posterior"])
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

    def save(self, path: str | Path) -> None:
        """Write the DataTree as netCDF, with a checksum behind it."""
        write_sealed(self.data, path)

    def report(self, *, group_effects: bool = False) -> str:
        """What was fitted and how, the summary part by part, what the data leave open, and what speaks against it.

        No line is wider than the screen.
        """
        told = (*unidentified(self.spec, self.design), *self.warnings())
        warned = [line for warning in told for line in ("", *folded(warning, "! ", "  "))]
        return visible("\n".join([*self._heading(), *self._parts(group_effects), *warned]))

    def __str__(self) -> str:
        return self.report()

    def __repr__(self) -> str:
        return f"<Fit of {self.spec.formula!r}: {self.draws} draws, {self.path}>"

    def _heading(self) -> list[str]:
        sizes = self.groups["posterior"].sizes
        how = (
            f"{self.spec.family.name}; {sizes['chain']} chains of {sizes['draw']} draws; "
            f"{self.path}; {self.seconds:.{1 if self.seconds > 1 else 2}f} s"
        )
        return heading(self.spec.formula, how)

    def _parts(self, group_effects: bool) -> list[str]:
        tail = 50 * (1 - self.interval)
        headings = ("mean", "sd", f"{tail:.4g}%", f"{100 - tail:.4g}%", "ESS", "R-hat")
        found: list[str] = []
        parts = [*self._summary.parts(group_effects=group_effects)]
        shown = [_rows(labels[:_MOST_ROWS], numbers) for _, labels, numbers in parts]
        for (role, labels, _), lines in zip(parts, tables(shown, headings), strict=True):
            title = self._summary.titles[role]
            ratios = role == "population" and self.exponentiate
            found += ["", f"{title}, exponentiated" if ratios else title, *lines]
            rest = len(labels) - _MOST_ROWS
            found += [f"  … and {rest} more: summary() has them all"] if rest > 0 else []
        return found


_MOST_ROWS = 100


def _rows(labels: Sequence[str], table: Floats) -> list[Row]:
    """Each parameter's numbers: its own to the places that its sd has, then how well they are known."""
    rows: list[Row] = []
    for label, values in zip(labels, table.tolist(), strict=False):
        mean, sd, lower, upper, ess, _, r_hat = values
        rows.append((label, [*numbers((mean, sd, lower, upper), sd), f"{ess:.0f}", f"{r_hat:.3f}"]))
    return rows
