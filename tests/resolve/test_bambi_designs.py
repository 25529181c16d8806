"""Designs of Bambi's lines are those that Bambi builds: columns, effects of groups, responses, offsets."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm

ORACLE = json.loads(Path(__file__).with_name("bambi_designs.json").read_text(encoding="utf-8"))


@cache
def data() -> pd.DataFrame:
    return pd.DataFrame(ORACLE["data"])


def summed(columns: Iterable[Any]) -> list[float]:
    """The sums of columns over rows, each row times its number; of those that are not zero."""
    weights = np.arange(1, len(data()) + 1)
    return sorted(round(float(weights @ column), 4) + 0.0 for column in columns if np.any(column))


@pytest.mark.parametrize("line", ORACLE["lines"])
def test_a_line_has_bambis_design(line: str) -> None:
    expected = ORACLE["lines"][line]
    model = tm.model(f'bmb.Model("{line}", df, family="{expected.get("family", "gaussian")}")', data())
    predictor, design = model.spec.predictors[0], model.design.whole("a comparison")
    constant = [] if predictor.population.intercept is None else [np.ones(design.n)]
    columns = [*constant, *np.asarray(design.of(predictor.population).X).T]
    numbers = [design.of(grouping) for grouping in predictor.groups]
    effects = [np.where(own.index == k, z, 0.0) for own in numbers for z in own.Z.T for k in range(own.index.max() + 1)]
    assert summed(columns) == pytest.approx(expected["columns"], abs=2e-4)
    assert summed(effects) == pytest.approx(expected["effects"], abs=2e-4)
    assert summed([design.y]) == pytest.approx([expected["y"]])
    offset = predictor.offset
    assert (summed([design.of(offset).values]) if offset else []) == [
        value for name, value in expected.items() if name == "offset"
    ]
