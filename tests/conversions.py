"""Two models of the same rows compared by what they mean: the spaces of their columns, their groups and covariances."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

import tildemc as tm
from tildemc.spec.design import Design
from tildemc.spec.model import Predictor

__all__ = ["EVERY", "LANGUAGES", "differences", "stata_data"]

LANGUAGES = {"formula": "formula", "brms": "r", "lme4": "r", "glmmTMB": "r", "stata": "stata"}
"""For each target the language that its texts are in."""
EVERY = {**LANGUAGES, "nlme": "r", "bambi": "python", "julia": "julia", "sas": "sas"}
"""The same of all targets."""


def differences(one: tm.Model, other: tm.Model) -> list[str]:
    """What differs between two models of the same data; empty if they are the same up to how they are parametrised."""
    mine, theirs = _meaning(one), _meaning(other)
    return sorted(name for name in mine.keys() | theirs.keys() if not _same(mine.get(name), theirs.get(name)))


def _meaning(model: tm.Model) -> dict[str, Any]:
    spec, design = model.spec, model.design.whole("a comparison")
    found: dict[str, Any] = {"rows": np.asarray(design.rows), **_outcome(model)}
    for predictor in spec.predictors:
        name, population, offset = predictor.parameter, predictor.population, predictor.offset
        ones = [] if population.intercept is None else [np.ones(design.n)]
        found[f"columns of {name}"] = _projection(np.column_stack([*ones, design.of(population).X]))
        found[f"offset of {name}"] = 0.0 if offset is None else design.of(offset).values
        found[f"link of {name}"] = predictor.link.name
        found[f"groups of {name}"] = _effects(predictor, design)
    for auxiliary in spec.auxiliaries:
        index = design.of(auxiliary).index
        if index is not None:
            found[f"columns of {auxiliary.parameter}"] = _projection(np.eye(index.max() + 1)[index])
            found |= {f"offset of {auxiliary.parameter}": 0.0, f"link of {auxiliary.parameter}": "log"}
            found[f"groups of {auxiliary.parameter}"] = Counter()
    return found


def _outcome(model: tm.Model) -> dict[str, Any]:
    """The response; single trials with weights are as many trials, all or none of them successes."""
    design, family = model.design, model.spec.family.name
    y, trials, weights = np.asarray(design.y), design.trials, design.weights
    if family == "binomial" and weights is None and ((y == 0) | (y == trials)).all():
        family, weights, trials, y = "bernoulli", trials, None, (y > 0).astype(float)
    return {"family": family, "y": y if weights is None else y * (weights > 0), "trials": trials, "weights": weights}


def _effects(predictor: Predictor, design: Design) -> Counter[Any]:
    """Of correlated effects the rows' groups and the space of their columns; of others each column up to its scale.

    Where sds or correlations are kept alike, the columns themselves.
    """
    found: Counter[Any] = Counter()
    for grouping in predictor.groups:
        group, start = design.of(grouping), 0
        for block in grouping.blocks:
            Z = group.Z[:, start : start + len(block.columns)]
            start += len(block.columns)
            if block.covariance.alike:
                kept = sorted(_rounded(column) for column in Z.T)
                found[block.covariance.name, tuple(group.index.tolist()), *kept] += 1
                continue
            for columns in [Z] if block.correlated else Z.T[:, :, None]:
                there = (columns != 0).any(axis=1)
                parts = pd.factorize(group.index[there])[0].tolist()
                found[np.where(there)[0].tobytes(), tuple(parts), _rounded(_projection(columns))] += 1
    return found


def _projection(columns: np.ndarray) -> np.ndarray:
    """Some vectors projected on the space that the columns span, which is then known by them."""
    directions, sizes, _ = np.linalg.svd(columns, full_matrices=False)
    directions = directions[:, sizes > 1e-9 * max(1.0, *sizes.tolist(), 0.0)]
    return directions @ directions.T @ np.random.default_rng(0).normal(size=(len(columns), 3))


def _rounded(numbers: np.ndarray) -> bytes:
    return (np.round(numbers, 6) + 0.0).tobytes()


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None or isinstance(one, str | Counter):
        return bool(one is other or (one is not None and other is not None and one == other))
    return np.shape(one) == np.shape(other) and np.allclose(one, other, atol=1e-6)


def stata_data(text: str, rows: int = 90) -> pd.DataFrame:
    """Codes for every name in a command, so that each can be a number, a factor and a group."""
    rng = np.random.default_rng(5)
    names = dict.fromkeys(re.findall(r"[A-Za-z_]\w*", text))
    for begun in re.findall(r"\b([A-Za-z_]+)\*", text):
        names |= {f"{begun}{number}": None for number in (1, 2)}
    for begun, first, last in re.findall(r"\b([A-Za-z_]+)(\d+)-\1(\d+)\b", text):
        names |= {f"{begun}{number}": None for number in range(int(first), int(last) + 1)}
    binary = re.search(r"logit|probit|cloglog|logistic|bernoulli", text)
    responses = ("y", *text.split()[1:2]) if binary else ()
    highest = {name: 1 if name in responses else 3 for name in names}
    return pd.DataFrame({name: rng.integers(0, highest[name] + 1, rows) for name in names if name not in ("if", "in")})
