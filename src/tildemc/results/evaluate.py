"""Draws × Design -> every parameter of every row: the one evaluator of rows, which predictions and densities read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.design import Design, PredictorDesign
from tildemc.spec.expr import evaluate
from tildemc.spec.links import Link
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import PredictorNames, names
from tildemc.spec.vocabulary import NUMPY

__all__ = ["in_chunks", "parameters_of", "predictors_of"]

Draws = Mapping[str, Floats]
"""For each parameter of the model, an array (draws, …); the intercept is that at zero."""

CHUNK = 2**18
"""How many numbers, draws × rows, are worked on at a time: 2 MB an array stay in a processor's cache."""


def in_chunks(posterior: Mapping[str, Floats], rows: int) -> Iterator[tuple[slice, Draws]]:
    """Some draws at a time, of all chains one after the other, and which they are.

    Parameters
    ----------
    posterior : mapping
        For each parameter of the model, an array (chains, draws, …).
    rows : int
        How many rows are to be evaluated.
    """
    draws = {name: values.reshape(-1, *values.shape[2:]) for name, values in posterior.items()}
    total = len(next(iter(draws.values())))
    size = max(1, CHUNK // max(1, rows))
    for start in range(0, total, size):
        chunk = slice(start, start + size)
        yield chunk, {name: values[chunk] for name, values in draws.items()}


def predictors_of(spec: ModelSpec, design: Design, draws: Draws) -> dict[str, Floats]:
    """The linear predictor of each parameter that a formula models, else its value: (draws, n) or (draws, 1)."""
    known = names(spec)
    found: dict[str, Floats] = {}
    for predictor, named, numbers in zip(spec.predictors, known.predictors, design.predictors, strict=True):
        found[predictor.parameter] = _linear_predictor(named, numbers, draws)
    for auxiliary, named_, indexed in zip(spec.auxiliaries, known.auxiliaries, design.auxiliaries, strict=True):
        drawn = draws[named_.name]
        found[auxiliary.parameter] = drawn[:, None] if indexed.index is None else drawn[:, indexed.index]
    return found


def parameters_of(spec: ModelSpec, design: Design, draws: Draws) -> dict[str, Floats]:
    """Each of the family's parameters that are estimated: (draws, n) or (draws, 1)."""
    found = predictors_of(spec, design, draws)
    with np.errstate(divide="ignore", over="ignore"):
        for predictor in spec.predictors:
            found[predictor.parameter] = _inverse(predictor.link, found[predictor.parameter])
    return found


def _inverse(link: Link, eta: Floats) -> Floats:
    return np.asarray(evaluate(link.inverse, lambda _: eta, NUMPY))


def _linear_predictor(named: PredictorNames, design: PredictorDesign, draws: Mapping[str, Floats]) -> Floats:
    """Of each row under each draw, (draws, n)."""
    length = len(next(iter(draws.values())))
    eta = draws[named.b] @ design.X.T if design.X.shape[1] else np.zeros((length, len(design.X)))
    if named.intercept in draws:
        eta += draws[named.intercept][:, None]
    if design.offset is not None:
        eta += design.offset
    for group, group_named in zip(design.groups, named.groups, strict=True):
        effects = draws[group_named.r]
        # A row of no level has no effect, whatever its Z.
        Z = group.Z * (group.index >= 0)[:, None]
        index = np.maximum(group.index, 0)
        for j in range(Z.shape[1]):
            eta += np.take(effects[:, :, j], index, axis=1) * Z[:, j]
    return eta
