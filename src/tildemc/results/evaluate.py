"""Draws × Design -> every parameter of every row: the one evaluator of rows, which predictions and densities read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import assert_never

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.design import Design
from tildemc.spec.expr import evaluate
from tildemc.spec.links import Link
from tildemc.spec.model import ModelSpec, Predictor
from tildemc.spec.parameters import Names, names
from tildemc.spec.terms.group import GroupDesign, GroupEffects
from tildemc.spec.terms.offset import Offset
from tildemc.spec.terms.population import Population
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
    for predictor in spec.predictors:
        found[predictor.parameter] = _linear_predictor(predictor, design, known, draws)
    for auxiliary in spec.auxiliaries:
        drawn, index = draws[known.of(auxiliary).name], design.of(auxiliary).index
        found[auxiliary.parameter] = drawn[:, None] if index is None else drawn[:, index]
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


def _linear_predictor(predictor: Predictor, design: Design, known: Names, draws: Draws) -> Floats:
    """Of each row under each draw, (draws, n)."""
    length = len(next(iter(draws.values())))
    eta = np.zeros((length, design.n))
    for term in predictor.terms:
        match term:
            case Population():
                named, X = known.of(term), design.of(term).X
                eta += draws[named.b] @ X.T if X.shape[1] else 0.0
                eta += draws[named.intercept][:, None] if term.intercept is not None else 0.0
            case Offset():
                eta += design.of(term).values
            case GroupEffects():
                _add_effects(eta, design.of(term), draws[known.of(term).r])
            case other:
                assert_never(other)
    return eta


def _add_effects(eta: Floats, group: GroupDesign, effects: Floats) -> None:
    """Add a group's effects (draws, levels, columns) to (draws, n)."""
    # A row of no level has no effect, whatever its Z.
    Z = group.Z * (group.index >= 0)[:, None]
    index = np.maximum(group.index, 0)
    for j in range(Z.shape[1]):
        eta += np.take(effects[:, :, j], index, axis=1) * Z[:, j]
