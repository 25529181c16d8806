"""The public names: `model` reads a formula, `Model` has one method for each thing it can become."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tildemc.engines.settings import Settings, refuse_unknown
from tildemc.errors import DataError, PriorError, SemanticError, TildeError, at_the_door, doors
from tildemc.limits import Limits, under
from tildemc.spec.origin import UNNAMED, Origin
from tildemc.syntax.unparse import TARGETS
from tildemc.visible import shown, visible

if TYPE_CHECKING:
    import pandas as pd
    import pymc as pm
    from arviz import ELPDData
    from xarray import DataTree

    from tildemc.arrays import Floats, Integers, Label
    from tildemc.resolve.request import Request
    from tildemc.resolve.stream import Data, Stream
    from tildemc.results.estimate import Estimate
    from tildemc.results.fit import Fit
    from tildemc.results.pooling import Pooling
    from tildemc.spec.design import Numbers
    from tildemc.spec.model import ModelSpec
    from tildemc.spec.report import Report
    from tildemc.syntax.command import Priors
    from tildemc.syntax.unparse.parts import Converted
    from tildemc.targets.explain import Facts

__all__ = ["TARGETS", "GroupTerm", "Model", "compare", "convert", "datagrid", "load", "model", "pooling", "stream"]

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


@at_the_door
def model(
    text: str,
    data: Data,
    family: str | None = None,
    priors: Priors = (),
    *,
    syntax: str = "auto",
    panel: str | None = None,
    na: Sequence[str] = (),
    csv: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> Model:
    """Read a formula, a Stata command or a pasted R call, and find the model that it means for some data.

    Parameters
    ----------
    text : str
        A formula as lme4 and brms write it: `log_radon ~ floor + (1 + floor | county)`, further parameters after `;` or
        on lines of their own; or `mixed y x || school: x`; or `lmer(y ~ x + (1 | school), data = d)`.
    data : data frame, mapping, path, or stream
        Any eager frame that narwhals reads, columns by name, or a file: csv and other text in columns, parquet,
        feather, Excel, Stata, SPSS, SAS. Rows are read in chunks, never all at once, if they are a `stream`, a pyarrow
        Dataset, a dask DataFrame, or a path to a million rows or more of parquet (a file, a folder, a glob) for a model
        that the exact engine fits.
    family : str, optional
        A family's name, or with a link: `bernoulli(probit)`. By default what the text says, else gaussian.
    priors : str, sequence of str, or mapping
        Statements such as `sd(county) ~ exponential(1)`, any line that `print` shows of a prior, or brms's
        `prior(exponential(1), class = sd)`; or densities by their targets, `{"sd(county)": "exponential(1)"}`.
        Everything else keeps its default. "stata" asks for the defaults of Stata's `bayes:` prefix.
    syntax : {"auto", "formula", "stata", "r"}
        The text's language.
    panel : str, optional
        The panel variable of Stata's `xt` commands.
    limits : Limits, optional
        How large the text, and what it is multiplied out to, may be: `Limits(terms=20_000)`.
    na : sequence of str
        What stands for no value in the data, beside empty cells, `NA` and the like: `["N/a", "-99"]`. In a Stata
        command, `.` and `.a` to `.z` do.
    csv : mapping, optional
        What stands between columns of a text file, before decimals and between thousands, where the file does not
        tell: `{"sep": ";", "decimal": ",", "thousands": "."}`, or some of these.

    Returns
    -------
    Model

    Raises
    ------
    TildeError
        What is wrong, where in the text, and what would work.
    """
    for name, given in (("family", family), ("syntax", syntax), ("panel", panel)):
        if not isinstance(given, str | None):
            raise SemanticError(f"`{name}` is a text, not {shown(given)}")
    if not isinstance(priors, Iterable):
        raise PriorError(f"`priors` are texts such as `sd(county) ~ exponential(1)`, not {shown(priors)}")
    from tildemc.resolve.request import Request

    return _asked(Request(text, data, family, priors, syntax, panel, na, csv, limits))


@at_the_door
def pooling(
    text: str,
    data: Any,
    family: str | None = None,
    priors: Priors = (),
    *,
    group: str | None = None,
    folds: int = 10,
    seed: int = 1,
    syntax: str = "auto",
    panel: str | None = None,
    na: Sequence[str] = (),
    csv: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    **settings: Any,
) -> Pooling:
    """Fit a formula with its groups pooled completely, not at all, and partially, and compare.

    Parameters
    ----------
    text, data, family, priors, syntax, panel, na, csv, limits
        As for `model`.
    group : str, optional
        The grouping factor, where there are several.
    folds : int
        Parts of the rows that are left out in turn, for cross-validation; 0 leaves it out.
    seed : int
        Of the draws and of the folds.
    **settings
        As for `Model.fit`.

    Returns
    -------
    Pooling
        Prints as a table; `coefficients()`, `table()`, `undetermined()`, `plot("shrinkage")`.

    Raises
    ------
    TildeError
        If there is no group term, or several factors and none is named.
    """
    read = model(text, data, family, priors, syntax=syntax, panel=panel, na=na, csv=csv, limits=limits)
    return read.pooling(group, folds=folds, seed=seed, **settings)


def _asked(request: Request) -> Model:
    """The model that was asked for."""
    from tildemc.reading import read_model

    with under(request.limits):
        return Model(request, *read_model(request))


@at_the_door
def convert(
    text: str,
    to: str,
    *,
    data: Data | None = None,
    syntax: str = "auto",
    panel: str | None = None,
    na: Sequence[str] = (),
    csv: Mapping[str, str] | None = None,
) -> Converted:
    """Say in another language what a formula, a Stata command or an R call says.

    Parameters
    ----------
    text : str
    to : {"formula", "brms", "lme4", "glmmTMB", "stata"}
    data : data frame, mapping, or path, optional
        For its columns: Stata's wildcards stand for them, and Stata must be told which of them are factors.
    syntax, panel, na, csv
        As for `model`.

    Returns
    -------
    Converted
        The text, and what of the model the language cannot say.
    """
    from tildemc.reading import converted

    return converted(text, to, data, syntax=syntax, panel=panel, na=na, csv=csv)


@at_the_door
def stream(data: Any, *, chunk: int | None = None) -> Stream:
    """Data of which only a chunk is in memory at a time, for `model`.

    Parameters
    ----------
    data : path, pyarrow Dataset or dask DataFrame
        A parquet file, a folder of them (its `key=value` folders are columns) or a glob. A dask frame's partitions are
        reduced where they are; what comes home does not depend on the number of rows.
    chunk : int
        Rows at a time; 262,144 unless said otherwise.

    Returns
    -------
    Stream

    Raises
    ------
    DataError
        If `data` is none of these, or cannot be read.

    Notes
    -----
    The model that it gives prints, has its `source()` and `optimize()`, and is fitted by the exact engine; whatever
    needs all rows (other engines, `pymc()`, `loo()`) says so. It takes three passes over the columns in use: what they
    are, means and spreads, cross-products; and one more for each call such as `scale(x)`. `poly(x, 2)` holds x whole.
    """
    from tildemc.resolve import stream as streams

    return streams.stream(data) if chunk is None else streams.stream(data, chunk=chunk)


@at_the_door
def datagrid(model: Fit, newdata: Any = None, grid_type: str = "mean_or_mode", **values: Any) -> pd.DataFrame:
    """Rows that are made up: each combination of stated values, all else at what is typical.

    Parameters
    ----------
    model : Fit
        Whose variables they are.
    newdata : data frame, mapping or path, optional
        What is typical in, by default the rows of the fit.
    grid_type : {"mean_or_mode", "balanced", "counterfactual"}
        What other columns are: the mean of numbers and the level that most rows have; the same with all levels of all
        factors; or what they are in each row, which then comes once for each combination.
    **values
        By column: a value, a list of them, or a function of the column: `datagrid(fit, x=[0, 1], z=np.median)`.

    Returns
    -------
    DataFrame
        For `newdata=` of `Fit.predictions`, `comparisons`, `slopes` and `predict`.
    """
    from tildemc.results.margins.grid import made_up_of

    return made_up_of(model, newdata, grid_type, values)


@at_the_door
def load(path: str | Path) -> Fit:
    """Open a fit that `Fit.save` wrote: it summarises, predicts, compares and prints as it did, without its data.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Fit

    Raises
    ------
    DataError
        If the file cannot be read, is damaged, or was written by another version.
    """
    from tildemc.results.saved import load

    return load(path, Model)


@at_the_door
def compare(*fits: Fit | ELPDData | Mapping[str, Any], **named: Fit | ELPDData) -> pd.DataFrame:
    """How well models of the same rows predict rows that they have not seen, the best first.

    Parameters
    ----------
    *fits : Fit, or what `Fit.loo`, `Fit.waic` and `Fit.kfold` return
        Each under its formula; or mappings, by names.
    **named
        More of them, by name.

    Returns
    -------
    DataFrame
        ArviZ's: `elpd_diff` from the best and its standard error `dse`, `weight` in a stack of them, and what to doubt.

    Raises
    ------
    FitError
        If they are not of the same rows and response, or there are not two.

    Notes
    -----
    Yao, Vehtari, Simpson & Gelman (2018), Using stacking to average Bayesian predictive distributions, Bayesian
    Analysis 13.
    """
    from tildemc.results.compare import compare

    return compare(fits, named)


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
            rows = design.rows if design.labels is None else design.labels.index
            frame = pd.DataFrame(design.of(population).X, rows, [c.label for c in population.columns])
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

    def pooling(self, group: str | None = None, *, folds: int = 10, seed: int = 1, **settings: Any) -> Pooling:
        """Fit the model with its groups pooled completely, not at all, and partially; see `tildemc.pooling`."""
        from tildemc.results.grouping import factor_of

        factor_of(self.spec, group)
        return self.fit(seed=seed, **settings).pooling(group, folds=folds, seed=seed)

    def update(
        self,
        formula: str | None = None,
        data: Any = None,
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
        given = {"data": data, "family": family, "priors": priors}
        given = {name: value for name, value in given.items() if value is not None}
        instead = tuple(dict.fromkeys((*request.instead, *(name for name in given if name != "data"))))
        request = replace(request, **given, instead=instead)
        if request.data is None:
            raise DataError("the data are not in the file that this came from: give them too, `update(…, data=…)`")
        return _asked(request)

    def log_likelihood(self, parameters: Mapping[str, Any]) -> pd.Series[float]:
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
        self, parameters: Mapping[str, Any], newdata: Any = None, kind: str = "mean", *, groups: Any = "all"
    ) -> pd.Series[float]:
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
        Series
            Under the data's own index; NaN for a row without a value in what the model needs.
        """
        from tildemc.results.point import predicted_at

        return predicted_at(self.spec, self.design, parameters, kind, newdata, groups)

    def simulate(
        self, parameters: Mapping[str, Any], seed: int | None = None, *, newdata: Any = None
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

    def _program(self, path: str | None = None, folder: str = "") -> Any:
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
