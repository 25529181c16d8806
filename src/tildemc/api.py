"""The public functions: `model` reads a formula, `load` opens a fit, `compare` compares some."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from tildemc.compiled import Model
from tildemc.errors import DataError, PriorError, SemanticError, at_the_door
from tildemc.limits import Limits
from tildemc.own import Family, own_families
from tildemc.syntax.unparse import TARGETS
from tildemc.visible import shown

if TYPE_CHECKING:
    import pandas as pd
    from arviz import ELPDData
    from scipy.sparse import sparray, spmatrix

    from tildemc.arrays import Floats
    from tildemc.engines.settings import Drawing
    from tildemc.resolve.precision import Precision
    from tildemc.resolve.stream import Data, NewData, Stream
    from tildemc.results.fit import Fit
    from tildemc.results.pooling import Pooling
    from tildemc.syntax.command import Priors
    from tildemc.syntax.unparse.parts import Converted

__all__ = [
    "TARGETS",
    "Model",
    "compare",
    "convert",
    "datagrid",
    "load",
    "model",
    "pedigree",
    "pooling",
    "precision",
    "stream",
]


@at_the_door
def model(
    text: str,
    data: Data | Sequence[Data] | None = None,
    family: str | Family | None = None,
    priors: Priors = (),
    *,
    families: Sequence[Family] = (),
    syntax: str = "auto",
    panel: str | None = None,
    na: Sequence[str] = (),
    csv: Mapping[str, str] | None = None,
    data2: Mapping[str, pd.DataFrame | Precision] | None = None,
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
        that the exact engine fits, or whose rows come to few distinct ones. A list is of completed data sets,
        imputations of one: each is fitted by itself, and their draws are pooled. None: the file that the text itself
        reads, by Stata's `use` or R's `read.csv()`.
    family : str or Family, optional
        A family's name, or with a link: `bernoulli(probit)`; several in one, `mixture(gaussian, student)`; or a
        `tildemc.Family` of one's own. By default what the text says, else gaussian.
    priors : str, sequence of str, or mapping
        Statements such as `sd(county) ~ exponential(1)`, any line that `print` shows of a prior, or brms's
        `prior(exponential(1), class = sd)`; or densities by their targets, `{"sd(county)": "exponential(1)"}`.
        Everything else keeps its default. "stata" asks for the defaults of Stata's `bayes:` prefix.
    families : sequence of Family
        Families of one's own, for `family` or the text to name.
    syntax : {"auto", "formula", "stata", "r"}
        The text's language.
    panel : str, optional
        What `xtset` says in Stata: the panel variable of the `xt` commands, and the time of lags, as in `id year`.
    limits : Limits, optional
        How large the text, and what it is multiplied out to, may be: `Limits(terms=20_000)`.
    na : sequence of str
        What stands for no value in the data, beside empty cells, `NA` and the like: `["N/a", "-99"]`. In a Stata
        command, `.` and `.a` to `.z` do.
    csv : mapping, optional
        What stands between columns of a text file, before decimals and between thousands, where the file does not
        tell: `{"sep": ";", "decimal": ",", "thousands": "."}`, or some of these.
    data2 : mapping of str to data frame, or to what `precision` and `pedigree` make, optional
        Matrices that the text names, brms's `gr(animal, cov = A)`: `{"A": frame}`, whose rows and columns are called as
        the levels are; `{"A": pedigree(frame)}`.

    Returns
    -------
    Model

    Raises
    ------
    TildeError
        What is wrong, where in the text, and what would work.
    """
    own = own_families(family, families)
    name = family.name if isinstance(family, Family) else family
    for argument, given in (("family", name), ("syntax", syntax), ("panel", panel)):
        if not isinstance(given, str | None):
            raise SemanticError(f"`{argument}` is a text, not {shown(given)}")
    if not isinstance(priors, Iterable):
        raise PriorError(f"`priors` are texts such as `sd(county) ~ exponential(1)`, not {shown(priors)}")
    if not isinstance(data2, Mapping | None):
        raise DataError(f'`data2` is matrices by name, `{{"A": frame}}`, not {shown(data2)}')
    from tildemc.resolve.request import Request

    data = _file_of(text, syntax) if data is None else data
    request = Request(text, data, name, priors, syntax, panel, na, csv, limits, families=own, data2=data2 or {})
    return Model.of(request)


@at_the_door
def models(
    text: str,
    data: Data | Sequence[Data] | None = None,
    family: str | Family | None = None,
    priors: Priors = (),
    **others: Any,
) -> dict[str, Model]:
    """Read all models of a script, by the names that it gives them; of a model by groups, one of each group.

    Parameters
    ----------
    text : str
        An R script: `m1 <- lmer(y ~ x + (1 | g), d)` and, on another line, `m2 <- update(m1, . ~ . + z)`. What it does
        to its data before a model (`d$z <- scale(d$x)`, `filter(d, x > 1)`) is done; what it does with a model is not.
        Or a do-file or log of Stata's, in which `estimates store m1` or `eststo m1:` names a model.
        Or `bysort arm: mixed y x || g:`, `statsby, by(arm): …`, `lmList(y ~ x | arm, d)`.
    data, family, priors, **others
        As for `tildemc.model`, for each of them.

    Returns
    -------
    dict of str to Model
        In the script's order; `model1` and so on where the script gives no name. The text of a model is the script as
        far as its own end; of one in a loop, the script with the loop written out. A group's model is called as
        its rows are, `arm=1`, after the script's name if it has one, `m1.arm=1`; rows without a value are in none.

    Raises
    ------
    TildeError
        What is wrong, where in the text, and what would work.
    """
    from tildemc.reading import read_apart
    from tildemc.syntax.command import models_of

    data = _file_of(text, others.get("syntax", "auto")) if data is None else data
    texts = models_of(text, lambda: _columns(text, data, **others))
    said = {key: others[key] for key in ("syntax", "panel", "na", "csv") if key in others}
    found: dict[str, Model] = {}
    for name, own in texts.items():
        for part, rows in read_apart(own, data, **said).items():
            called = part if name == "model1" and part else ".".join(filter(None, (name, part)))
            found[called] = model(own, rows, family, priors, **others)
    return found


def _file_of(text: str, syntax: str) -> str:
    """The file that a text reads its data from."""
    from tildemc.syntax.command import file_of

    found = file_of(text, syntax)
    if found is None:
        raise DataError("give the data, as in `tildemc.model(text, data)`: the text names no file that holds them")
    return found


def _columns(text: str, data: Data | Sequence[Data], **others: Any) -> Sequence[str]:
    """The columns of some data."""
    from tildemc.resolve.conventions import conventions
    from tildemc.resolve.stream import open_data

    said = {name: others[name] for name in ("na", "syntax", "csv") if name in others}
    first = data[0] if isinstance(data, list | tuple) else data
    return open_data(first, conventions(text, **said)).names


@at_the_door
def pooling(
    text: str,
    data: Data,
    family: str | Family | None = None,
    priors: Priors = (),
    *,
    families: Sequence[Family] = (),
    group: str | None = None,
    folds: int = 10,
    seed: int = 1,
    syntax: str = "auto",
    panel: str | None = None,
    na: Sequence[str] = (),
    csv: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    **settings: Unpack[Drawing],
) -> Pooling:
    """Fit a formula with its groups pooled completely, not at all, and partially, and compare.

    Parameters
    ----------
    text, data, family, priors, families, syntax, panel, na, csv, limits
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
    read = model(
        text, data, family, priors, families=families, syntax=syntax, panel=panel, na=na, csv=csv, limits=limits
    )
    return read.pooling(group, folds=folds, seed=seed, **settings)


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
    """Say in another language what a text in any of them says, with what it does to its data first.

    Parameters
    ----------
    text : str
    to : str
        One of `TARGETS`.
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
def precision(matrix: sparray | spmatrix | Floats | pd.DataFrame, levels: Sequence[object] | None = None) -> Precision:
    """The inverse of a covariance between levels, for `data2=`: `gr(animal, cov = A)` with `{"A": precision(Ainv)}`.

    Few entries that are not zero make it cheap, however many levels there are. All of them have effects, those without
    rows in the data too.

    Parameters
    ----------
    matrix : sparse matrix of SciPy's, array or data frame
        Symmetric and positive definite.
    levels : sequence, optional
        What its rows and columns are called; a data frame has names of its own.

    Raises
    ------
    DataError
        If it is no precision matrix, or levels are not as many, or not unique.
    """
    from tildemc.resolve import precision as between

    return between.precision(matrix, levels)


@at_the_door
def pedigree(frame: pd.DataFrame) -> Precision:
    """The inverse of the relatedness of animals by their parents, for `data2=`: `gr(animal, cov = A)`.

    Henderson, C. R. (1976). A simple method for computing the inverse of a numerator relationship matrix used in
    prediction of breeding values. Biometrics 32, 69-83; inbreeding by Meuwissen, T. H. E. & Luo, Z. (1992). Computing
    inbreeding coefficients in large populations. Genetics Selection Evolution 24, 305-313.

    Parameters
    ----------
    frame : data frame
        Its first three columns are the animal and its two parents, a parent that is not known missing; in any order of
        rows. All animals have effects, those without rows in the data too.

    Raises
    ------
    DataError
        If a parent is no animal of the first column, an animal stands twice, or is its own ancestor.
    """
    from tildemc.resolve import precision as between

    return between.pedigree(frame)


@at_the_door
def stream(data: Data, *, chunk: int | None = None) -> Stream:
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
    The model that it gives prints, has its `source()` and `optimize()`, and is fitted: by the exact engine from
    cross-products, by the transport and the direct engine from rows that are merged where their likelihood is one, as
    counts or choices of a cell. Where too many differ, the error says which columns make them. Whatever needs all rows
    (`pymc()`, `loo()`) says so. It takes three passes over the columns in use: what they are, means and spreads,
    cross-products or merged rows; and one more for each call such as `scale(x)`. `poly(x, 2)` holds x whole.
    """
    from tildemc.resolve import stream as streams

    return streams.stream(data) if chunk is None else streams.stream(data, chunk=chunk)


@at_the_door
def datagrid(model: Fit, newdata: NewData = None, grid_type: str = "mean_or_mode", **values: object) -> pd.DataFrame:
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
    from tildemc.results.opened import load

    return load(path, Model)


@at_the_door
def compare(*fits: Fit | ELPDData | Mapping[str, Fit | ELPDData], **named: Fit | ELPDData) -> pd.DataFrame:
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
