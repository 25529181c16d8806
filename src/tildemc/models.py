"""Model: a model and its data, with one method for each thing that it can become."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from tildemc.engines.settings import Settings, refuse_unknown
from tildemc.errors import DataError, PriorError, SemanticError, TildeError, doors
from tildemc.spec.origin import UNNAMED, Origin
from tildemc.visible import shown, visible

if TYPE_CHECKING:
    import pandas as pd
    import pymc as pm
    from xarray import DataTree

    from tildemc.arrays import Floats, Integers, Label
    from tildemc.engines.settings import Drawing
    from tildemc.resolve.request import Request
    from tildemc.resolve.stream import Data, NewData
    from tildemc.results.estimate import Estimate
    from tildemc.results.fit import Fit
    from tildemc.results.levels import Groups
    from tildemc.results.pooling import Pooling
    from tildemc.spec.design import Numbers
    from tildemc.spec.model import ModelSpec
    from tildemc.spec.report import Report
    from tildemc.syntax.command import Priors
    from tildemc.targets.explain import Facts
    from tildemc.targets.pymc.program import Program

__all__ = ["GroupTerm", "Model"]

_DEFAULTS = Settings()


@dataclass(frozen=True, eq=False)
class GroupTerm:
    """One group term.

    Attributes
    ----------
    parameter : str
        Whose predictor it belongs to.
    group : str
    levels : tuple
    columns : tuple of str
    correlated : bool
    index : (n,) of int
        The row's level, -1 for none.
    values : (n, q)
        The effects' columns.
    """

    parameter: str
    group: str
    levels: tuple[Label, ...]
    columns: tuple[str, ...]
    correlated: bool
    index: Integers
    values: Floats

    def __repr__(self) -> str:
        kind = "correlated" if self.correlated else "independent"
        columns = ", ".join(self.columns)
        size = f"{len(self.levels)} levels, {kind}, {len(self.index)} rows"
        return visible(f"<GroupTerm ({columns} | {self.group}): {size}>")


@doors
@dataclass(frozen=True, eq=False)
class Model:
    """A model and its data, ready to be printed, built or fitted.

    Attributes
    ----------
    request : Request
        What it was made of: the text, the data and all else that `model` was given.
    spec : ModelSpec
        What the model is.
    design : Numbers
        Its numbers: arrays, or a pass over the rows if these are streamed.
    report : Report
        What was left out on the way.
    origin : Origin or None
        The file the data came from, and how it is read.
    display : tuple of str
        How the text asks for results: "or", "irr", "eform", "level(90)".
    """

    request: Request
    spec: ModelSpec
    design: Numbers
    report: Report
    origin: Origin | None = None
    display: tuple[str, ...] = ()

    @classmethod
    def of(cls, request: Request) -> Model:
        """The model that was asked for."""
        from tildemc.limits import under
        from tildemc.reading import read_model

        with under(request.limits):
            return cls(request, *read_model(request))

    @property
    def path(self) -> str | None:
        """The file the data came from."""
        return None if self.origin is None else self.origin.path

    def __str__(self) -> str:
        from tildemc.targets.explain import render

        return render(self.facts())

    def __repr__(self) -> str:
        from tildemc.spec.design import Streamed

        streamed = ", streamed" if isinstance(self.design, Streamed) else ""
        return f"<Model {shown(self.spec.formula)}: {self.spec.family.name}, {self.design.n} rows{streamed}>"

    def _repr_html_(self) -> str:
        from tildemc.targets.explain import page

        return page(self.facts()).html()

    def facts(self) -> Facts:
        """What `print` shows, as plain JSON values."""
        from tildemc.targets.explain import facts

        return facts(self.spec, self.report)

    def priors(self) -> pd.DataFrame:
        """Every prior of the model.

        Returns
        -------
        DataFrame
            `target` and `prior`, which joined by `~` are a statement that `model` takes; `stated`, whether a person
            made it; and `source`: their statement, or how a default's numbers come from the data.
        """
        from tildemc.targets.explain import prior_frame

        return prior_frame(self.spec)

    def design_matrix(self, parameter: str = "mu") -> pd.DataFrame:
        """The population design of a parameter: R's columns, `Intercept` first, the rows used under their own index.

        Raises
        ------
        SemanticError
            If no formula models that parameter.
        """
        import pandas as pd

        from tildemc.spec.terms.product import INTERCEPT_LABEL

        design = self.design.whole("the design matrix")
        predictor = self.spec.predictor(parameter)
        if predictor is not None:
            population = predictor.population
            frame = pd.DataFrame(design.of(population).X, design.index, [c.label for c in population.columns])
            if population.intercept is not None:
                frame.insert(0, INTERCEPT_LABEL, 1.0)
            return frame
        modelled = ", ".join(p.parameter for p in self.spec.predictors)
        raise SemanticError(f"no formula models `{parameter}`; there are formulas for {modelled}")

    def group_terms(self) -> tuple[GroupTerm, ...]:
        """The group terms of all parameters, in order."""
        found: list[GroupTerm] = []
        design = self.design.whole("a list of the group terms")
        for group in self.spec.groups():
            numbers, start = design.of(group), 0
            for block in group.blocks:
                values = numbers.Z[:, start : start + len(block.columns)]
                start += len(block.columns)
                found.append(
                    GroupTerm(
                        group.parameter, group.factor.label, group.factor.values, block.labels, block.correlated,
                        numbers.index, values,
                    )
                )  # fmt: skip
        return tuple(found)

    def source(self, data: str | Path | None = None) -> str:
        """The model as a PyMC program of its own.

        Parameters
        ----------
        data : str, optional
            The path that the program is to read; by default the one that the model was given, else `data.csv`: the
            frame's columns as `to_csv(path, index=False)` writes them, so that its rows are counted from 0 there.
        """
        from tildemc.targets.pymc.source import source

        return source(self._program(None if data is None else str(data)))

    def latex(self) -> str:
        r"""The model in equations, in Gelman and Hill's notation: an `aligned` environment, for `$$ … $$`."""
        from tildemc.targets.latex.equations import latex

        return latex(self.spec)

    def _repr_markdown_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def write_project(self, folder: str | Path, data: str | Path | None = None) -> tuple[Path, ...]:
        """Write the model as the files of an analysis: `data.py model.py fit.py graphics.py README.md`.

        Parameters
        ----------
        folder : path
            Made if need be. Files there are overwritten only if they are as this method left them.
        data : path, optional
            As for `source`, from where Python runs now; the programs are to run in `folder`. Data that came as a frame
            are read from `data.csv` there by default.

        Returns
        -------
        tuple of Path
            The files.

        Raises
        ------
        TildeError
            If a file is there that is not this method's, or the folder cannot be written to.
        """
        from tildemc.project.write import write_project

        if not isinstance(folder, str | Path) or not str(folder):
            raise TildeError(f"`folder` is a path, not {shown(folder)}")
        program = self._program(None if data is None else str(data), folder=str(folder))
        framed = self.origin is None and data is None
        return write_project(Path(folder), self.spec, program, framed=framed)

    def pymc(self) -> pm.Model:
        """The model as a live PyMC graph, with coords and dims."""
        from tildemc.targets.pymc.build import build
        from tildemc.targets.pymc.lower import graph

        return build(graph(self.spec, self.design.whole("the PyMC graph")))

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
        method : {"auto", "exact", "nuts", "direct", "pymc"}
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
        return fit(self.spec, self.design, chosen).shown(self.display).of_model(self, chosen.said())

    def like(self, spec: ModelSpec, design: Numbers) -> Model:
        """Another model of the same request: with other terms, or of some of the rows."""
        return replace(self, spec=spec, design=design)

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
        family: str | None = None,
        priors: Priors | None = None,
    ) -> Model:
        """The model with another formula, other data, another family or other priors; what is not given stays.

        Parameters
        ----------
        formula : str, optional
            A change as R's `update` takes it, `~ . + z`, `log(.) ~ . - x`, `sigma ~ z`: `.` is what was there, and a
            response that is left out stays. A Stata command or an R call is a new text.
        data : data frame, mapping, path, or stream, optional
        family : str, optional
        priors : str, sequence of str, or mapping, optional
            Instead of all that were given before.

        Raises
        ------
        TildeError
            What is wrong, where in the text, and what would work.
        """
        from tildemc.syntax.command import language_of

        request = self.request
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
            family=request.family if family is None else family,
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
    ) -> pd.Series[float] | pd.DataFrame:
        """What the model says of each row at stated values of the parameters.

        Parameters
        ----------
        parameters : mapping
            As for `log_likelihood`.
        newdata : data frame, mapping or path, optional
        kind : {"mean", "linear"} or a parameter's name
        groups : {"all", "none"}, list of grouping factors, or mapping of these to effects

        Returns
        -------
        Series or DataFrame
            Under the data's own index; NaN for a row without a value in what the model needs. Of a response that is
            one of several categories the mean is the chance of each, a column for each.
        """
        from tildemc.results.point import predicted_at

        return predicted_at(self.spec, self.design, parameters, kind, newdata, groups)

    def simulate(
        self, parameters: Mapping[str, object], seed: int | None = None, *, newdata: NewData = None
    ) -> pd.Series[float]:
        """A new response of each row at stated values of the parameters.

        Parameters
        ----------
        parameters : mapping
            As for `log_likelihood`. Where a group's effects are not among them but their sds are (and their
            correlations, if they have any), effects are drawn too.
        seed : int, optional
        newdata : data frame, mapping or path, optional

        Returns
        -------
        Series
            Under the data's own index, so that `data.assign(y=model.simulate(…))` is a data set of the model's own.
        """
        from tildemc.results.point import drawn_at

        return drawn_at(self.spec, self.design, parameters, newdata, seed)

    def prior_predictive(self, draws: int = 1000, seed: int | None = None) -> DataTree:
        """Responses of the rows under draws from the priors.

        Parameters
        ----------
        draws : int
        seed : int, optional

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

        return prior_predictive(self.spec, self.design, draws, seed)

    def optimize(self, criterion: str = "reml", **others: object) -> Estimate:
        """Maximise the likelihood of a Gaussian model, restricted (REML) or not; priors play no part.

        Parameters
        ----------
        criterion : {"reml", "ml"}
        **others
            None, as for `fit`.

        Returns
        -------
        Estimate
            Population effects and their standard errors, group sds and correlations, residual sd, and the criterion.

        Raises
        ------
        FitError
            If the model has no exact likelihood; with all reasons.
        """
        from tildemc.engines.estimate import optimize

        refuse_unknown("optimize", others, ["criterion"])
        return optimize(self.spec, self.design, criterion)

    def _program(self, path: str | None = None, folder: str = "") -> Program:
        """The program with its text; it reads the data at `path`, by default where the model found them.

        It is to run in `folder`, by default where Python does.
        """
        from tildemc.spec.design import outline
        from tildemc.targets.pymc.lower import lower

        origin = self.origin or UNNAMED
        known = origin.named or path is not None
        origin = origin if path is None else origin.at(path)
        origin = origin.seen_from(folder) if folder and known else origin
        return lower(self.spec, outline(self.spec, self.design), self.report, origin)
