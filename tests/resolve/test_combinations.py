"""Combinations of columns' values are numbered in order, however many there could be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.resolve.combinations import first_rows, numbered

SHAPES = {
    "one column": (5,),
    "columns": (3, 4, 2),
    "a column of one value": (3, 1, 4),
    "as many as integers": (2**31, 2**31),
    "more than integers": (2**31, 2**31, 7),
    "far more than integers": (50,) * 40,
    "columns of very many values": (10**9, 10**9, 10**9, 3),
}


@pytest.mark.parametrize("kind", SHAPES)
def test_numbers_tell_combinations_apart_in_order(kind: str) -> None:
    shape, rng = SHAPES[kind], np.random.default_rng(2)
    places = [np.resize(rng.integers(0, width, 30), 60)[rng.permutation(60)] for width in shape]
    number = numbered(places, shape)
    keys = list(zip(*(place.tolist() for place in places), strict=True))
    assert np.argsort(number, kind="stable").tolist() == sorted(range(60), key=lambda row: keys[row])
    assert len(set(number.tolist())) == len(set(keys))
    rows = first_rows(number)
    assert [keys[row] for row in rows] == sorted(set(keys))
    assert all(keys.index(keys[row]) == row for row in rows)


@pytest.mark.parametrize("columns", [2, 12, 30])
def test_groups_within_groups_within_groups(columns: int) -> None:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({f"g{i}": rng.permutation(np.repeat(np.arange(20), 2)) for i in range(columns)})
    frame = pd.concat([frame, frame], ignore_index=True)
    frame["y"] = rng.normal(size=len(frame))
    factor = ":".join(f"g{i}" for i in range(columns))
    (term,) = tm.model(f"y ~ 1 + (1 | {factor})", frame).group_terms()
    keys = list(zip(*(frame[f"g{i}"] for i in range(columns)), strict=True))
    assert len(term.levels) == len(set(keys))
    assert [sorted(set(keys))[i] for i in term.index] == keys
