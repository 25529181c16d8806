"""Predictions, comparisons and slopes, row by row or averaged: what marginaleffects has by these names.

Arel-Bundock, Greifer & Heiss (2024), How to interpret statistical models using marginaleffects for R and Python,
Journal of Statistical Software 111.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats, Label, Values
from tildemc.errors import SemanticError
from tildemc.results.margins.asked import Asked, crossed, named_of, settings_of
from tildemc.results.margins.contrasts import COMPARISONS, Comparison, Contrast, Slope, contrasts_of
from tildemc.results.margins.evaluation import Estimand, Places
from tildemc.results.margins.margins import Margins
from tildemc.results.margins.variables import Variable
from tildemc.visible import shown

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["comparisons", "predictions", "slopes"]


_STEP = 1e-5
"""Of a variable's range, the distance over which a slope is the difference: central differences lose least near the
cube root of the machine's precision."""


def predictions(asked: Asked, variables: object = None) -> Margins:
    """The quantity in each row, or its averages; with `variables`, of each row at each of their values."""
    if variables is not None:
        values = settings_of(asked.variables, variables, _usual)
        by = asked.by if asked.by is None else tuple(dict.fromkeys((*values, *asked.by)))
        asked = replace(asked, table=crossed(asked.table, values), by=by)
    return asked.margins([Estimand({}, lambda: [asked.table], lambda values, _: values[0])])


def _usual(variable: Variable) -> Sequence[Label]:
    """Its levels; of a number Tukey's five."""
    return np.quantile(variable.numbers, (0, 0.25, 0.5, 0.75, 1)).tolist() if variable.number else variable.levels


def comparisons(asked: Asked, variables: object, comparison: Comparison) -> Margins:
    """The quantity at one value of a variable against that at another, all else as it is in the row."""
    found = [
        _compared(asked, variable, contrast, comparison)
        for variable, how in _chosen(asked, variables)
        for contrast in contrasts_of(variable, how, comparison.sign)
    ]
    return replace(asked, of=f"{comparison.told} {asked.of}").margins(found)


def _compared(asked: Asked, variable: Variable, contrast: Contrast, comparison: Comparison) -> Estimand:
    return Estimand(
        {"term": variable.name, "contrast": contrast.label},
        lambda: [_set(asked, variable, value) for value in contrast.at(asked.table[variable.name].to_numpy())],
        lambda values, _: comparison.of(*values),
        of_averages=True,
    )


def slopes(asked: Asked, variables: object, slope: Slope) -> Margins:
    """The derivative of the quantity by a variable, by central differences; of a factor differences of its levels."""
    found: list[Estimand] = []
    difference = COMPARISONS["difference"]
    for variable, how in _chosen(asked, variables):
        if variable.number:
            if how is not None:
                raise SemanticError(f"a slope by `{variable.name}` is at a point: it takes no {shown(how)}")
            found.append(_sloped(asked, variable, slope))
        else:
            each = contrasts_of(variable, how, difference.sign)
            found += [_compared(asked, variable, contrast, difference) for contrast in each]
    return replace(asked, of=f"slope of {asked.of}").margins(found)


def _sloped(asked: Asked, variable: Variable, slope: Slope) -> Estimand:
    extent = float(np.ptp(variable.numbers)) if len(variable.numbers) else 0.0
    step = _STEP * (extent or 1.0)
    x = asked.table[variable.name].to_numpy(dtype=np.float64)

    def of(values: Sequence[Floats], places: Places | slice) -> Floats:
        above, below, *here = values
        return slope.of((above - below) / step, x[places], here[0] if here else above)

    # What a third evaluation costs is paid only by slopes that are relative to the prediction.
    shifts = (step / 2, -step / 2, 0.0) if slope.of_prediction else (step / 2, -step / 2)
    labels = {"term": variable.name, "contrast": "dY/dX"}
    return Estimand(labels, lambda: [_set(asked, variable, x + by) for by in shifts], of)


def _set(asked: Asked, variable: Variable, value: Label | Values) -> DataFrame:
    """The rows with another value of a column; a row that has none keeps none."""
    old = asked.table[variable.name]
    lacking = old.isna()
    return asked.table.assign(**{variable.name: old.where(lacking, value) if lacking.any() else value})


def _chosen(asked: Asked, variables: object) -> list[tuple[Variable, object]]:
    """The variables that a person names, each with what is said of how it is compared; all if none is named."""
    known = asked.variables
    return (
        [(known[name], None) for name in known.effects]
        if variables is None
        else named_of(known, variables, "contrasts")
    )
