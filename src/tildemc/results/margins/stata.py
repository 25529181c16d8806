"""Stata's `margins` after a fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Label
from tildemc.errors import SemanticError
from tildemc.resolve.margins import read_margins
from tildemc.results.margins.asked import Asked, crossed, values_of, variables_of
from tildemc.results.margins.contrasts import sloped
from tildemc.results.margins.estimates import predictions, slopes
from tildemc.results.margins.margins import Margins
from tildemc.visible import shown

if TYPE_CHECKING:
    from tildemc.results.drawn import Drawn

__all__ = ["margins"]


def margins(fit: Drawn, text: object, interval: float | None) -> Margins:
    """What `margins` says; see `Fit.margins`."""
    if not isinstance(text, str):
        raise SemanticError(f"what stands after `margins` is a text such as `, dydx(x)`, not {shown(text)}")
    known = variables_of(fit)
    asked = read_margins(text, fit.spec, known.names)
    wanted = asked.text
    probable = wanted.level if interval is None else interval
    rows = Asked.of_fit(fit, by=wanted.over or True, kind=asked.kind, groups="none", interval=probable, wts=asked.wts)
    at = {name: values_of(known.chosen(name), values) for name, values in wanted.at.items()}
    found = []
    for term in wanted.terms or ((),):
        settings: dict[str, Sequence[Label]] = {**at, **{name: _levels(rows, name) for name in term}}
        some = replace(rows, table=crossed(rows.table, settings), by=(*settings, *wanted.over))
        variables = None if wanted.variables is None else list(wanted.variables)
        found.append(slopes(some, variables, sloped(wanted.slope)) if wanted.slope else predictions(some))
    return _together(found)


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
    return replace(found[0], labels=labels, parts=lambda: iter([(slice(None), draws)]), along=tuple(labels.columns[:1]))
