"""Rows -> the one row of their means, as Stata's `atmeans` has it: a factor's indicators are at their shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from math import prod

import numpy as np

from tildemc.arrays import Floats, Label
from tildemc.errors import SemanticError, UnsupportedError
from tildemc.results.margins.asked import Asked
from tildemc.results.margins.variables import Variable
from tildemc.results.quantity import known_mean, quantity
from tildemc.spec.expr import Var, evaluate
from tildemc.spec.vocabulary import NUMPY

__all__ = ["at_means"]

_WEIGHT = "share of rows"
_MOST = 100_000
"""Combinations of levels."""


def at_means(asked: Asked) -> Asked:
    """The same of a row whose numbers are at their means, and whose factors' indicators are at their shares.

    A linear predictor at the shares of levels is its average over all combinations of levels by the products of their
    shares; a mean is what the link makes of that.

    Raises
    ------
    UnsupportedError
        If the quantity is no function of one linear predictor.
    """
    import pandas as pd

    known, weights = asked.variables, asked.weights()
    numbers = {name: _mean(known[name], weights) for name in known.effects if known[name].number}
    shares = {name: _shares(known[name], weights) for name in known.effects if not known[name].number}
    if prod(map(len, shares.values())) > _MOST:
        raise SemanticError("the factors have too many combinations of levels for `atmeans`: set some by `at()`")
    rows = pd.DataFrame([*product(*shares.values())], columns=[*shares])
    if not len(shares):
        rows = pd.DataFrame(index=[0])
    rows = rows.assign(**{name: known.typical(name) for name in known.names if name not in shares} | numbers)
    rows[_WEIGHT] = [prod(each) for each in product(*(own.values() for own in shares.values()))]
    return _linear(replace(asked, table=rows, wts=_WEIGHT))


def _mean(variable: Variable, weights: Floats) -> float:
    values = variable.values.astype(np.float64)
    there = ~np.isnan(values)
    return float(np.average(values[there], weights=weights[there]))


def _shares(variable: Variable, weights: Floats) -> Mapping[Label, float]:
    counts = {level: float(weights[variable.values == level].sum()) for level in variable.levels}
    total = sum(counts.values())
    return {level: count / total for level, count in counts.items()}


def _linear(asked: Asked) -> Asked:
    """The same by the linear predictor, through which its mean is seen."""
    setting = asked.setting
    if asked.of == "linear predictor":
        return asked
    spec = setting.spec
    predictor = spec.predictors[0]
    if setting.quantity.chances or known_mean(spec) != Var(predictor.parameter):
        raise UnsupportedError(f"`atmeans` of {spec.family} response is built for the linear prediction, `predict(xb)`")

    def through(eta: Floats) -> Floats:
        return np.asarray(evaluate(predictor.link.inverse, lambda _: eta, NUMPY))

    return replace(asked, setting=replace(setting, quantity=quantity(spec, "linear")), through=through)
