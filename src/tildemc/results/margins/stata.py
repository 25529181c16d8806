"""Stata's `margins` after a fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Label, Values
from tildemc.errors import SemanticError, UnsupportedError
from tildemc.resolve.margins import Crossed, MarginsAsked, Operator, Statistic, read_margins
from tildemc.results.margins.asked import CATEGORY, Asked, along_of, crossed, values_of, variables_of
from tildemc.results.margins.contrasts import COMPARISONS, sloped
from tildemc.results.margins.estimates import comparisons, predictions, slopes
from tildemc.results.margins.integrated import over_groups
from tildemc.results.margins.margins import Margins
from tildemc.results.margins.means import at_means
from tildemc.results.margins.variables import Variable, Variables
from tildemc.visible import shown

if TYPE_CHECKING:
    from tildemc.results.drawn import Drawn

__all__ = ["marginal", "margins"]

HOW = {"r": "reference", "ar": "sequential", "a": "revsequential"}
"""What operators of comparison are called here."""
_DIFFERENCE = replace(COMPARISONS["difference"], sign="vs")


def margins(fit: Drawn, text: object, interval: float | None) -> Margins:
    """What `margins` says; see `Fit.margins`."""
    if not isinstance(text, str):
        raise SemanticError(f"what stands after `margins` is a text such as `, dydx(x)`, not {shown(text)}")
    return marginal(fit, read_margins(text, fit.spec, variables_of(fit).names), interval)


def marginal(fit: Drawn, asked: MarginsAsked, interval: float | None = None) -> Margins:
    """What is asked for by `margins`."""
    wanted = asked.text
    probable = wanted.level if interval is None else interval
    groups = "none" if asked.over == "none" else "all"
    by = wanted.over or True
    rows = Asked.of_fit(fit, by=by, kind=asked.kind, groups=groups, interval=probable, wts=asked.wts)
    if asked.over == "marginal":
        rows = replace(rows, setting=replace(rows.setting, quantity=over_groups(fit.spec, rows.setting.quantity)))
    if wanted.means:
        _check_means(asked)
        rows = at_means(rows)
    terms = wanted.terms or (None,)
    found = [
        _of_term(rows, asked, at, term) for at, term in product([*_settings(rows.variables, asked)] or [{}], terms)
    ]
    return _of_outcome(_along_numbers(_together(found), rows.variables), asked.outcome)


def _settings(known: Variables, asked: MarginsAsked) -> Iterator[Mapping[str, Sequence[Label]]]:
    """The values that each `at()` sets variables to."""
    for at in asked.text.at:
        yield {
            name: values_of(known.chosen(name), _of_data(name, value) if isinstance(value, Statistic) else value)
            for name, value in at.values.items()
        }


def _of_data(name: str, statistic: Statistic) -> Callable[[Values], object]:
    """What a variable is set to, by its values; percentiles as Stata has them."""

    def of(values: Values) -> object:
        if values.dtype.kind not in "iuf":
            raise SemanticError(f"`{name}` has levels, and no {statistic.name}: name the level, `at({name}=1)`")
        numbers = values.astype(np.float64)
        if statistic.name == "zero":
            return 0.0
        share = {"median": 0.5, "min": 0.0, "max": 1.0}.get(statistic.name)
        if statistic.name == "mean":
            return float(numbers.mean())
        share = int(statistic.name[1:]) / 100 if share is None else share
        return float(np.quantile(numbers, share, method="averaged_inverted_cdf"))

    return of


def _of_term(rows: Asked, asked: MarginsAsked, at: Mapping[str, Sequence[Label]], term: Crossed | None) -> Margins:
    """The margins at the levels of some factors, or what tells these apart."""
    wanted = asked.text
    factors = () if term is None else term.factors
    span = None if term is None else term.span
    compared = {name: operator for name, operator in factors if operator is not None or wanted.pairwise}
    levels = {name: _levels(rows, name) for name, _ in factors if name not in compared}
    settings = {**at, **levels}
    some = replace(rows, table=crossed(rows.table, settings), by=(*settings, *wanted.over))
    if wanted.slope and compared:
        raise UnsupportedError("slopes are not compared here: `margins f, dydx(x)` has them by level", span)
    if wanted.slope:
        variables = None if wanted.variables is None else list(wanted.variables)
        return slopes(some, variables, sloped(wanted.slope))
    if not compared:
        return predictions(some)
    if len(factors) > 1:
        message = "the levels of one factor are compared here: `margins r.f, at(h=(1 2))` has that by level of another"
        raise UnsupportedError(message, span)
    ((name, operator),) = compared.items()
    _levels(rows, name)
    found = [comparisons(some, how, _DIFFERENCE) for how in _contrasts(rows.variables.chosen(name), operator)]
    return _together(found)


def _contrasts(variable: Variable, operator: Operator | None) -> list[Mapping[str, object]]:
    """How the levels of a factor are compared: all pairs, by an operator, or each with a base."""
    if operator is None:
        return [{variable.name: "pairwise"}]
    if operator.base is None:
        return [{variable.name: HOW[operator.kind]}]
    base = variable.level(operator.base)
    return [{variable.name: [base, level]} for level in variable.levels if level != base]


def _check_means(asked: MarginsAsked) -> None:
    wanted = asked.text
    if wanted.over:
        raise UnsupportedError("`over()` with `atmeans` is not built: `at()` sets the variables to what they are")
    if asked.over == "marginal":
        raise UnsupportedError(
            "`atmeans` of the mean over all groups is not built: `predict(mu fixedonly)` has their effects at zero, "
            "and `predict(xb)` is the linear prediction"
        )
    if wanted.slope not in ("", "dydx"):
        raise UnsupportedError(f"`{wanted.slope}` with `atmeans` is not built; `dydx` is")


def _levels(rows: Asked, name: str) -> Sequence[Label]:
    variable = rows.variables.chosen(name)
    if variable.number:
        raise SemanticError(
            f"`{name}` is a number in the model: margins at its values are asked for by `at({name}=(…))`"
        )
    return variable.levels


def _together(found: list[Margins]) -> Margins:
    """Several, one below the other."""
    import pandas as pd

    if len(found) == 1:
        return found[0]
    draws = np.column_stack([each.draws().to_numpy().reshape(-1, len(each)) for each in found])
    labels = pd.concat([each.labels for each in found], ignore_index=True)
    alike = all([*each.labels.columns] == [*labels.columns] for each in found)
    along = along_of(labels) if alike else tuple(labels.columns[:1])
    return replace(found[0], labels=labels, parts=lambda: iter([(slice(None), draws)]), along=along)


def _along_numbers(found: Margins, known: Variables) -> Margins:
    """Where a picture goes along a number there is a line."""
    across = found.along[0] if found.along else ""
    several = across in known.names and found.labels[across].nunique() > 1
    return replace(found, lines=True) if several and known[across].number else found


def _of_outcome(found: Margins, outcome: str) -> Margins:
    """Those of one category."""
    if not outcome:
        return found
    chosen = np.flatnonzero(found.labels[CATEGORY] == outcome)
    draws = found.draws().to_numpy().reshape(-1, len(found))[:, chosen]
    labels = found.labels.iloc[chosen].drop(columns=CATEGORY).reset_index(drop=True)
    along = tuple(name for name in found.along if name != CATEGORY)
    return replace(found, labels=labels, parts=lambda: iter([(slice(None), draws)]), along=along)
