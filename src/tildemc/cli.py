"""The command line: a thin layer over api.py."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Container, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperGroup

import tildemc
from tildemc.batches.command import INTERRUPTED, stated, tell
from tildemc.batches.command import batch as batch_command
from tildemc.engines.settings import Settings
from tildemc.errors import Interrupted, TildeError
from tildemc.manual.command import help_command
from tildemc.options import (
    Csv,
    Data,
    Family,
    FitFile,
    Formula,
    Limit,
    MaybeData,
    MaybeFormula,
    Method,
    Na,
    OneResponse,
    Panel,
    Priors,
    Sampler,
    Syntax,
)
from tildemc.play.command import play as play_command
from tildemc.usage import beginning, examples

if TYPE_CHECKING:
    from tildemc.compiled import Model
    from tildemc.results.fit import Fit

__all__ = ["app"]

_DEFAULTS = Settings()


class _Commands(TyperGroup):
    """Commands whose errors about the reader's text and data are told in words, with exit code 1; 130 after Ctrl-C."""

    def invoke(self, ctx: Any) -> object:
        try:
            return super().invoke(ctx)
        except TildeError as error:
            Console(stderr=True).print(_told(error), soft_wrap=True)
            raise typer.Exit(INTERRUPTED if isinstance(error, Interrupted) else 1) from None


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="An optimising compiler for multilevel models.",
)


def _version(asked: bool) -> None:
    if asked:
        tell(f"tildemc {tildemc.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Hold the options that come before a command."""


@app.command(epilog=examples("translate"))
def translate(
    formula: Formula,
    data: Data = None,
    family: Family = None,
    prior: Priors = None,
    syntax: Syntax = "auto",
    panel: Panel = None,
    na: Na = None,
    csv: Csv = None,
    limit: Limit = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Instead of stdout.")] = None,
    project: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write data.py, model.py, fit.py, graphics.py and a README.")
    ] = None,
) -> None:
    """Print the model as a PyMC program of its own."""
    if project is not None and output is not None:
        raise TildeError("a program goes to a file (`--output`) or to the files of a folder (`--project`), not to both")
    model = _model(formula, data, family, prior, syntax, panel, na, csv, limit)
    if project is not None:
        for path in model.write_project(project):
            tell(str(path))
        return
    source = model.source()
    if output is None:
        tell(source, nl=False)
    else:
        _write(output, source)


@app.command(epilog=examples("explain"))
def explain(
    formula: Formula,
    data: Data = None,
    family: Family = None,
    prior: Priors = None,
    syntax: Syntax = "auto",
    panel: Panel = None,
    na: Na = None,
    csv: Csv = None,
    limit: Limit = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same for machines.")] = False,
    as_latex: Annotated[bool, typer.Option("--latex", help="Its equations instead.")] = False,
) -> None:
    """Show what the model is: its columns, groups and priors, the rows used and left out."""
    model = _model(formula, data, family, prior, syntax, panel, na, csv, limit)
    if as_latex:
        tell(model.latex())
        return
    tell(json.dumps(model.facts(), indent=2, ensure_ascii=False) if as_json else str(model))


@app.command(epilog=examples("fit"))
def fit(
    ctx: typer.Context,
    formula: Formula,
    data: Data = None,
    family: Family = None,
    prior: Priors = None,
    syntax: Syntax = "auto",
    panel: Panel = None,
    na: Na = None,
    csv: Csv = None,
    limit: Limit = None,
    draws: Annotated[int, typer.Option(help="Draws to keep of each chain.")] = _DEFAULTS.draws,
    tune: Annotated[int, typer.Option(help="Draws of each chain to warm up with.")] = _DEFAULTS.tune,
    chains: Annotated[int, typer.Option(help="Chains.")] = _DEFAULTS.chains,
    seed: Annotated[int | None, typer.Option(help="For the same draws again.", show_default=False)] = _DEFAULTS.seed,
    method: Method = _DEFAULTS.method,
    sampler: Sampler = _DEFAULTS.sampler,
    target_accept: Annotated[float, typer.Option(help="Higher for smaller steps.")] = _DEFAULTS.target_accept,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Keep the draws, as netCDF.")] = None,
    group_effects: Annotated[bool, typer.Option("--group-effects", help="List each level's effects too.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Estimates by maximum likelihood, as the text's package has them: no draws.")
    ] = False,
    after: Annotated[
        bool, typer.Option("--after", help="Answer what a do-file asks after its model: margins, estat, lincom …")
    ] = False,
) -> None:
    """Draw from the posterior and summarise it."""
    if quick:
        stray = [name for name in _OF_DRAWS if _stated(ctx, name)]
        if stray:
            raise TildeError(f"`--{stray[0].replace('_', '-')}` is of draws, and `--quick` makes none: leave out one")
        estimate = _model(formula, data, family, prior, syntax, panel, na, csv, limit).optimize()
        tell(str(estimate))
        for table in estimate.ranef().values() if group_effects else ():
            tell(f"\n{table!r}")
        if after:
            tell(f"\n{estimate.stata()}")
        return
    if out is not None:
        from tildemc.results.stored import check_path

        check_path(out)
    model = _model(formula, data, family, prior, syntax, panel, na, csv, limit)
    on_screen = sys.stderr.isatty()
    fitted = model.fit(
        draws=draws,
        tune=tune,
        chains=chains,
        seed=seed,
        method=method,
        sampler=sampler,
        target_accept=target_accept,
        progress=on_screen,
    )
    tell(fitted.text(group_effects=group_effects))
    if after:
        tell(f"\n{fitted.stata()}")
    if out is not None:
        fitted.save(out)
    if fitted.interrupted:
        raise typer.Exit(INTERRUPTED)


@app.command(epilog=examples("predict"))
def predict(
    ctx: typer.Context,
    formula: MaybeFormula = None,
    data: MaybeData = None,
    fit: FitFile = None,
    new: Annotated[
        Path | None, typer.Option("--new", "-n", metavar="FILE", help="The rows to predict; those of the fit else.")
    ] = None,
    family: Family = None,
    prior: Priors = None,
    syntax: Syntax = "auto",
    panel: Panel = None,
    na: Na = None,
    csv: Csv = None,
    limit: Limit = None,
    kind: Annotated[str, typer.Option(help="mean, linear, response, or a parameter: sigma.")] = "mean",
    groups: Annotated[
        list[str] | None,
        typer.Option(metavar="GROUP", help="Whose effects are there: none, else all; may be repeated."),
    ] = None,
    new_levels: Annotated[str, typer.Option(help="error, sample, population or existing.")] = "error",
    interval: Annotated[float | None, typer.Option(help="The probability of the interval.", show_default=False)] = None,
    response: OneResponse = None,
    seed: Annotated[int | None, typer.Option(help="For the same draws again.", show_default=False)] = _DEFAULTS.seed,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Instead of stdout.")] = None,
) -> None:
    """Fit the model, or open a fit, and print what it says of each row: mean, sd and interval, as csv."""
    reading = family, prior, syntax, panel, na, csv, limit
    fitted = _fitted(ctx, fit, formula, data, *reading, used=("seed",), seed=seed)
    chosen = groups[0] if groups and len(groups) == 1 else groups or "all"
    rows = None if new is None else str(new)
    own = fitted if response is None else fitted.of_response(response, everywhere=True)
    table = own.predict(rows, kind, groups=chosen, new_levels=new_levels, interval=interval, seed=seed)
    text = table.to_csv(index_label="row")
    for warning in fitted.warnings():
        tell(f"! {warning}", err=True)
    if output is None:
        tell(text, nl=False)
    else:
        _write(output, text)


def _pictures() -> Iterable[str]:
    from tildemc.results.plots import PICTURES

    return PICTURES


@app.command(epilog=examples("plot"))
def plot(
    ctx: typer.Context,
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            "-k",
            help="shrinkage, groups, ranef, conditional, ppc, forest, …",
            autocompletion=beginning(_pictures),
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="What to draw to: png, svg or pdf.")],
    formula: MaybeFormula = None,
    data: MaybeData = None,
    fit: FitFile = None,
    family: Family = None,
    prior: Priors = None,
    syntax: Syntax = "auto",
    panel: Panel = None,
    na: Na = None,
    csv: Csv = None,
    limit: Limit = None,
    level: Annotated[list[str] | None, typer.Option(help="Of the groups, which ones; may be repeated.")] = None,
    parameter: Annotated[
        list[str] | None, typer.Option(help="Which parameters, effects or columns; may be repeated.")
    ] = None,
    group: Annotated[str | None, typer.Option(help="The grouping factor, where there are several.")] = None,
    response: OneResponse = None,
    draws: Annotated[int, typer.Option(help="Draws to keep of each chain.")] = _DEFAULTS.draws,
    seed: Annotated[int, typer.Option(help="For the same picture again.")] = 1,
    method: Method = _DEFAULTS.method,
) -> None:
    """Fit the model, or open a fit, and draw a picture of it."""
    from tildemc.results.plots import check_file, picture_of, save

    picture_of(kind)
    check_file(out)
    settings: dict[str, Any] = {"draws": draws, "seed": seed, "method": method}
    fitted = _fitted(ctx, fit, formula, data, family, prior, syntax, panel, na, csv, limit, **settings)
    own = fitted if response is None else fitted.of_response(response)
    save(own.plot(kind, levels=level or None, parameters=parameter or None, group=group), out)


@app.command(epilog=examples("report"))
def report(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The page: radon.html.")],
    formula: MaybeFormula = None,
    data: MaybeData = None,
    fit: FitFile = None,
    family: Family = None,
    prior: Priors = None,
    syntax: Syntax = "auto",
    panel: Panel = None,
    na: Na = None,
    csv: Csv = None,
    limit: Limit = None,
    draws: Annotated[int, typer.Option(help="Draws to keep of each chain.")] = _DEFAULTS.draws,
    tune: Annotated[int, typer.Option(help="Draws of each chain to warm up with.")] = _DEFAULTS.tune,
    chains: Annotated[int, typer.Option(help="Chains.")] = _DEFAULTS.chains,
    seed: Annotated[int, typer.Option(help="For the same draws again.")] = 1,
    method: Method = _DEFAULTS.method,
) -> None:
    """Fit the model, or open a fit, and write one page with all of it; it ends with the page's name."""
    from tildemc.results.stored import check_path

    check_path(out)
    settings: dict[str, Any] = {"draws": draws, "tune": tune, "chains": chains, "seed": seed, "method": method}
    fitted = _fitted(ctx, fit, formula, data, family, prior, syntax, panel, na, csv, limit, **settings)
    tell(str(fitted.report(out)))
    if fitted.interrupted:
        raise typer.Exit(INTERRUPTED)


app.command("batch", epilog=examples("batch"))(batch_command)
app.command("help", epilog=examples("help"))(help_command)
app.command("play", epilog=examples("play"))(play_command)


@app.command(epilog=examples("convert"))
def convert(
    text: Formula,
    to: Annotated[
        str,
        typer.Option(
            help=f"The language: {', '.join(tildemc.TARGETS)}.", autocompletion=beginning(lambda: tildemc.TARGETS)
        ),
    ],
    data: Annotated[Path | None, typer.Option("--data", "-d", metavar="FILE", help="For the columns it has.")] = None,
    na: Na = None,
    csv: Csv = None,
) -> None:
    """Say in another language what a text in any of them says, with what it does to its data first."""
    path = None if data is None else str(data)
    converted = tildemc.convert(_read(text), to, data=path, na=na or (), csv=stated(csv))
    tell(converted.text)
    for left_out in converted.cannot_say:
        tell(f"! {left_out}", err=True)


def _model(
    formula: str,
    data: Path | None,
    family: str | None,
    priors: list[str] | None,
    syntax: str,
    panel: str | None,
    na: list[str] | None,
    csv: list[str] | None,
    limit: list[str] | None,
) -> Model:
    said: list[str] | str = "stata" if priors == ["stata"] else priors or []
    return tildemc.model(
        _read(formula), None if data is None else str(data), family, said, syntax=syntax, panel=panel, na=na or (),
        csv=stated(csv), limits=tildemc.Limits.of(limit or ()),
    )  # fmt: skip


_OF_A_MODEL = ("formula", "data", "family", "prior", "syntax", "panel", "na", "csv", "limit")
"""What has no say in a fit that is there."""


_OF_DRAWS = ("draws", "tune", "chains", "seed", "method", "sampler", "target_accept", "out")
"""What has no say in estimates."""


def _stated(ctx: typer.Context, name: str) -> bool:
    """Whether a person gave this option."""
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _fitted(
    ctx: typer.Context,
    path: Path | None,
    formula: str | None,
    data: Path | None,
    *others: Any,
    used: Container[str] = (),
    **settings: Any,
) -> Fit:
    """The fit that a file holds, or a new one; settings that are `used` later may be given with the former too."""
    if path is None:
        if formula is None:
            raise TildeError("of which fit? Give a formula and `--data`, or `--fit` and what `tildemc fit --out` wrote")
        return _model(formula, data, *others).fit(progress=sys.stderr.isatty(), **settings)
    fresh = [*_OF_A_MODEL, *(name for name in settings if name not in used)]
    stray = [name for name in fresh if _stated(ctx, name)]
    if stray:
        option = "a formula" if stray[0] == "formula" else f"`--{stray[0]}`"
        raise TildeError(f"{option} is for a new fit, and {path} has one: leave out `--fit` or the other")
    return tildemc.load(path)


def _read(formula: str) -> str:
    """The formula itself, from where the argument says it is."""
    if formula == "-":
        return sys.stdin.read()
    script = _SCRIPT.fullmatch(formula)
    if not formula.startswith("@") and script is None:
        return formula
    path = formula.removeprefix("@")
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise TildeError(f"the formula cannot be read from {path}: {reason}") from None


_SCRIPT = re.compile(r"\S+\.(?:do|R|r|log)")
"""The name of a script's file, which no formula looks like."""


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise TildeError(f"cannot write {path}: {error.strerror}") from None


def _told(error: TildeError) -> Text:
    """The message and the place, in colour where the screen has any."""
    lines = [Text.assemble(("error: ", "bold red"), error.message)]
    if error.span is not None:
        text, carets = error.span.caret().rsplit("\n", 1)
        lines += [Text(""), Text(text), Text(carets, "bold red")]
    return Text("\n").join(lines)
