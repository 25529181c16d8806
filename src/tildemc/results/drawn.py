"""Drawn: the draws of a fit, the model that they are of, and how they came about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, Self

from tildemc.arrays import Floats, Values
from tildemc.errors import FitError, Interrupted, doors
from tildemc.results.datatree import Group, completed, datatree, groups
from tildemc.results.tables import checked_interval
from tildemc.spec.design import Completed, Design, Numbers, Streamed
from tildemc.spec.model import ModelSpec
from tildemc.spec.terms.alone import NoNumbers
from tildemc.spec.unobserved import Unobserved

if TYPE_CHECKING:
    from xarray import DataTree

    from tildemc.resolve.request import Request
    from tildemc.resolve.stream import Data
    from tildemc.resolve.used import Kept
    from tildemc.spec.origin import Origin
    from tildemc.spec.report import Report
    from tildemc.targets.explain import Facts

__all__ = ["Drawn", "Fitted"]


class Fitted(Protocol):
    """What a fit asks of the model that it came from: `tildemc.Model`, which this part of the package may not know."""

    @property
    def request(self) -> Request:
        """What the model was made of."""

    @property
    def report(self) -> Report:
        """What became of the rows, levels and words on the way to it."""

    @property
    def origin(self) -> Origin | None:
        """The file that its data came from."""

    @property
    def spec(self) -> ModelSpec:
        """What it is."""

    @property
    def design(self) -> Numbers:
        """Its numbers."""

    @property
    def display(self) -> tuple[str, ...]:
        """How its text asks for results."""

    @property
    def after(self) -> tuple[str, ...]:
        """Stata's commands after the model in its text."""

    @property
    def facts(self) -> Callable[[], Facts]:
        """What it is, as plain JSON values."""

    @property
    def source(self) -> Callable[[], str]:
        """It as a PyMC program."""

    def like(self, spec: ModelSpec, design: Numbers) -> Fitted:
        """Another model of the same request."""

    @property
    def of_data_set(self) -> Callable[[int], Fitted]:
        """Of several data sets, it with one of them."""

    @property
    def update(self) -> Callable[..., Fitted]:
        """The model with some of it changed."""

    @property
    def fit(self) -> Callable[..., Drawn]:
        """Draw from its posterior."""


@doors
@dataclass(frozen=True, eq=False)
class Drawn:
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
    ) -> Self:
        """A fit of an engine's draws; see `groups`. Further attributes are kept with the posterior."""
        if isinstance(design, Streamed):
            path = f"{path}; {design.n:,} rows, streamed"
        known = {"formula": spec.formula, "family": spec.family.called, "path": path}
        found = groups(spec, posterior, statistics, {**known, "seconds": seconds, **attributes})
        return cls(spec, design, found, path, seconds)

    @cached_property
    def data(self) -> DataTree:
        """ArviZ's groups: `posterior`, `sample_stats`, `observed_data`, `constant_data`.

        They are what `pm.sample` would return for `Model.pymc()`, whichever engine drew: its free variables are there
        beside what the model reports, and its data, so that PyMC takes them for posterior predictive sampling. Of
        streamed rows, and of several data sets, there is no graph, and only what was drawn.
        """
        return datatree(self.completed())

    def completed(self) -> dict[str, Group]:
        """The groups of `data` as arrays."""
        from tildemc.targets.pymc.lower import graph

        if not isinstance(self.design, Design):
            return dict(self.groups)
        return completed(self.groups, graph(self.spec, self.design))

    def of_response(self, response: str | None, *, everywhere: bool = False) -> Self:
        """The draws as those of a model of one of several responses: its summary, its pictures, how well it predicts.

        Parameters
        ----------
        response : str or None
            Which one, by its name; None where there is one only.
        everywhere : bool
            Whether rows that lack it are there too.

        Raises
        ------
        SemanticError
            If there is no such response, or none is named of several.
        """
        from tildemc.results.responses import of_response

        spec, design = of_response(self.spec, self.design, response, everywhere=everywhere)
        return self if spec is self.spec else replace(self, spec=spec, design=design)

    def asked(self, chains: int, draws: int) -> Self:
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

    def shown(self, display: Sequence[str]) -> Self:
        """The same fit, shown as Stata's display options ask: `or`, `irr`, `eform`, `level(90)`, `variance`."""
        # In Stata too the last of several counts.
        levels = [float(option[6:-1]) / 100 for option in display if option.startswith("level(")]
        return replace(
            self,
            exponentiate=any(option in ("or", "irr", "eform") for option in display),
            interval=levels[-1] if levels else self.interval,
            variances="variance" in display,
        )

    def of_data_set(self, number: int) -> Self:
        """The fit of one of several completed data sets: its rows and its draws, for `loo`, `diagnose`, pictures.

        Parameters
        ----------
        number : int
            From 1.

        Raises
        ------
        FitError
            If there is no such data set.
        """
        from tildemc.results.imputations import of_one

        if not isinstance(self.design, Completed):
            raise FitError("this fit is of one data set")
        model = self.known_model.of_data_set(number)
        path = f"{self.path.rpartition('; ')[0]}; data set {number} of {len(self.design.designs)}"
        groups, design = of_one(self.groups, number), self.design.designs[number - 1]
        return replace(self, model=model, design=design, groups=groups, path=path, remarks=None)

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

    @property
    def known_model(self) -> Fitted:
        """The model that was fitted.

        Raises
        ------
        FitError
            If these draws do not know it.
        """
        if self.model is None:
            raise FitError("these draws came without their model: fit one with `tildemc.model(…).fit()`")
        return self.model

    def probability(self, interval: float | None) -> float:
        """That of intervals: what is asked for, else the fit's own."""
        return self.interval if interval is None else checked_interval(interval)

    def refit(self, spec: ModelSpec, design: Numbers, **settings: object) -> Self:
        """Draw from another model of the same request, as this one was drawn from but for some settings.

        Raises
        ------
        FitError
            If these draws do not know their model.
        Interrupted
            If that was, before all draws were there.
        """
        # Who asks for several fits has a bar of their own.
        asked = {**self.settings, "progress": False, "report": None, **settings}
        found = self.known_model.like(spec, design).fit(**asked)
        if found.interrupted:
            raise Interrupted(f"interrupted while `{spec.formula}` was fitted to {design.n:,} rows")
        return self._alike(found)

    def with_unobserved(self, later: Unobserved | None, seed: int | None) -> Self:
        """The same fit with the responses that are drawn once all else is."""
        from tildemc.results.imputed import imputed

        if later is None:
            return self
        spec = replace(self.spec, imputed=later.imputed)
        drawn = imputed(self.spec, self.design, self.groups["posterior"], later, spec, seed)
        design = self.design.whole("`mi()`")
        design = replace(design, terms={**design.terms, later.imputed.path: NoNumbers()})
        return replace(self, spec=spec, design=design, groups={**self.groups, "posterior": drawn})

    def of_model(self, model: Fitted, settings: Mapping[str, object]) -> Self:
        """The same fit, which knows its model and how this was fitted."""
        return replace(self, model=model, settings=settings)

    def update(
        self,
        formula: str | None = None,
        data: Data | None = None,
        *,
        family: str | None = None,
        priors: str | Sequence[str] | Mapping[str, str] | None = None,
        **settings: object,
    ) -> Self:
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
        given = (formula, data, family, priors)
        same = all(value is None for value in given)
        model = self.known_model if same else self.known_model.update(formula, data, family=family, priors=priors)
        return self._alike(model.fit(**{**self.settings, **settings}))

    def _alike(self, found: Drawn) -> Self:
        """What a model's `fit` has made, which is of this class."""
        assert isinstance(found, type(self))
        return found
