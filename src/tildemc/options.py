"""What several commands of the command line are given alike, with its help."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from tildemc.engines.settings import METHODS, SAMPLERS
from tildemc.syntax.command import LANGUAGES
from tildemc.usage import beginning

__all__ = [
    "Csv",
    "Data",
    "Family",
    "FitFile",
    "Formula",
    "Limit",
    "MaybeData",
    "MaybeFormula",
    "Method",
    "Na",
    "OneResponse",
    "Panel",
    "Priors",
    "Sampler",
    "Syntax",
]


def _families() -> Iterable[str]:
    from tildemc.spec.families import FAMILIES

    return FAMILIES


Formula = Annotated[
    str,
    typer.Argument(
        metavar="FORMULA",
        help="A formula, or a text of Stata, R, SAS, Python or Julia, or a file of these: a.do, a.R, @FILE.",
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        "-d",
        metavar="PATH",
        help="A file (csv, xlsx, dta, …), or a folder or glob of parquet files; by default what the script reads.",
        show_default=False,
    ),
]
MaybeFormula = Annotated[
    str | None,
    typer.Argument(metavar="FORMULA", help="As for `fit`; or none, with --fit.", show_default=False),
]
MaybeData = Annotated[
    Path | None, typer.Option("--data", "-d", metavar="PATH", help="As for `fit`; or none, with --fit.")
]
FitFile = Annotated[
    Path | None, typer.Option("--fit", metavar="FILE", help="What `fit --out` wrote, instead of a formula and data.")
]
Family = Annotated[
    str | None,
    typer.Option(
        "--family",
        "-f",
        help="A family, or one with a link: 'bernoulli(probit)'; gaussian by default.",
        autocompletion=beginning(_families),
    ),
]
Syntax = Annotated[
    str,
    typer.Option(help=f"The text's language: {', '.join(LANGUAGES)}.", autocompletion=beginning(lambda: LANGUAGES)),
]
Method = Annotated[
    str, typer.Option(help=f"The engine: {', '.join(METHODS)}.", autocompletion=beginning(lambda: METHODS))
]
Sampler = Annotated[
    str, typer.Option(help=f"Who runs NUTS: {', '.join(SAMPLERS)}.", autocompletion=beginning(lambda: SAMPLERS))
]
Panel = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Stata's panel variable; for lags with the time, 'id year'."),
]
Na = Annotated[
    list[str] | None,
    typer.Option(metavar="TEXT", help="What stands for no value in the data, such as 'N/a'; may be repeated."),
]
Csv = Annotated[
    list[str] | None,
    typer.Option(
        metavar="MARK=C",
        help="What a text file does not tell: 'sep=;', 'decimal=,' or 'thousands=.'; may be repeated.",
    ),
]
Priors = Annotated[
    list[str] | None,
    typer.Option(
        "--prior",
        "-p",
        metavar="PRIOR",
        help="Such as 'sd(county) ~ exponential(1)' or brms's 'prior(exponential(1), class = sd)'; may be repeated; "
        "'stata' for Stata's defaults.",
    ),
]
OneResponse = Annotated[str | None, typer.Option(metavar="NAME", help="Which of several responses.")]
Limit = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=N", help="Of what is read: 'terms=20000'; may be repeated."),
]
