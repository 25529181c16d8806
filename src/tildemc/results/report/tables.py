"""The tables of a report that are no part of a fit's page."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import TildeError
from tildemc.page import Section
from tildemc.results.predictive import prior_predictive
from tildemc.screen import Row, number, numbers
from tildemc.spec.design import Design, Numbers, Streamed
from tildemc.spec.model import ModelSpec
from tildemc.spec.moments import Moments
from tildemc.spec.parameters import names
from tildemc.spec.report import Report
from tildemc.spec.responses import response_names, seen_by

if TYPE_CHECKING:
    from tildemc.results.drawn import Fitted
    from tildemc.results.predicted import Predicted

__all__ = ["MOST_VALUES", "columns", "diagnostics", "numbers_of", "predictive", "session", "sizes"]

FEWEST, MOST = 40, 200
"""Draws from the priors; of long data fewer."""
MOST_VALUES = 400_000_000
"""Rows times draws that are worked on for one table or picture."""
_SHARES = (0.025, 0.25, 0.5, 0.75, 0.975)


# The data


def columns(report: Report) -> Section:
    """The columns that the model reads: what each holds, and in how many rows it has no value."""
    missing = {**report.unlabelled, **report.missing}
    rows: list[Row] = []
    for name, stored in report.columns.items():
        count = missing.get(name, 0)
        gaps = f"{count:,}" if count else "some" if stored.gaps else "0"
        rows.append((name, [report.held.get(name, _CONTENT[stored.content]), stored.dtype, gaps]))
    return Section("Columns of the data", ("holds", "type", "rows without a value"), rows)


_CONTENT = {"number": "numbers", "truth": "truth values", "text": "labels", "mixed": "numbers and labels"}


def numbers_of(spec: ModelSpec, design: Numbers) -> Section:
    """What the response and each column of the designs come to over the rows used."""
    summary = design.summary
    rows: list[Row] = []
    each: list[tuple[ModelSpec, Numbers]] = [(spec, design)]
    if spec.responses:
        each = [seen_by(spec, design.whole("several responses"), name) for name in response_names(spec)]
    for own, seen in each:
        rows += _moments([own.response.label], seen.summary.y)
    for predictor in spec.predictors:
        known = summary.of(predictor.population).X
        rows += _moments([column.label for column in predictor.population.columns], known)
    return Section("Numbers in the model", ("mean", "sd", "least", "greatest"), [*dict(rows).items()])


def _moments(labels: list[str], known: Moments) -> list[Row]:
    each = zip(labels, known.mean, known.sd, known.low, known.high, strict=True)
    return [
        (label, [*numbers((mean, sd), sd), number(float(low)), number(float(high))])
        for label, mean, sd, low, high in each
    ]


def sizes(spec: ModelSpec, design: Numbers) -> Section:
    """How many levels each grouping factor has, and how many rows a level."""
    rows: dict[str, list[str]] = {}
    for effects in spec.groups():
        counts = design.summary.of(effects).rows
        levels = len(effects.factor.levels)
        counts = np.concatenate([counts, np.zeros(levels - len(counts), counts.dtype)])
        ends = (counts.min(), np.median(counts), counts.max())
        rows.setdefault(effects.factor.label, [f"{levels:,}", *(f"{value:,.6g}" for value in ends)])
    return Section("Groups", ("levels", "fewest rows", "median", "most"), [*rows.items()])


# What the priors say


def predictive(fit: Predicted) -> Section | str:
    """Where responses lie under the priors, and where they were observed; or why that cannot be told."""
    try:
        design = fit.design.whole("the prior predictive distribution")
        draws = int(np.clip(MOST_VALUES // (100 * design.n), FEWEST, MOST))
        tree = prior_predictive(fit.spec, design, draws, 1)
    except TildeError as error:
        return error.message
    response = names(fit.spec).response
    before = tree["prior_predictive"][response].to_numpy().reshape(draws, -1)
    before = before[np.isfinite(before).all(axis=1)]
    if not len(before):
        return "no draw from the priors is one that the family can have: state narrower priors"
    observed = tree["observed_data"][response].to_numpy()
    rows = [("under the priors", _quantiles(before)), ("observed", _quantiles(observed))]
    title = f"Responses of the rows, in {len(before):,} draws from the priors and as observed"
    return Section(title, ("mean", *(f"{100 * share:g}%" for share in _SHARES)), rows)


def _quantiles(values: Floats) -> list[str]:
    found = [float(values.mean()), *np.quantile(values, _SHARES).tolist()]
    return [number(value) for value in found]


# The draws


def diagnostics(fit: Predicted) -> Section:
    """What was looked at, what was found, and what would help."""
    small = isinstance(fit.design, Design) and fit.design.n * fit.draws <= MOST_VALUES
    rows: list[Row] = [
        (check, ["yes" if ok else "no", f"{value:.4g}", f"{limit:.4g}", advice])
        for check, value, limit, ok, advice in fit.diagnose(loo=small).itertuples(index=False)
    ]
    return Section("", ("in order", "value", "limit", "advice"), rows, words=True)


def session(fit: Predicted, model: Fitted) -> Section:
    """With what, from what and how all this was made."""
    settings = fit.settings
    read = None if model.origin is None else model.origin.path
    sizes = fit.groups["posterior"].sizes
    rows = {
        "Data": read or ("rows that were streamed" if isinstance(fit.design, Streamed) else "a data frame"),
        "Engine": fit.path,
        "Draws": f"{sizes['draw']:,} of each of {sizes['chain']} chains",
        "Warm-up": str(settings.get("tune", "not recorded")),
        "Seed": "none: other draws next time" if settings.get("seed") is None else str(settings["seed"]),
        "Time": f"{fit.seconds:.2f} s",
        "Python": sys.version.split()[0],
        **{name: version(name) for name in ("tildemc", "numpy", "pymc", "arviz")},
    }
    return Section("", ("",), [(name, [text]) for name, text in rows.items()], words=True)
