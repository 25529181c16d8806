"""A design whose columns are not independent is told of."""

from __future__ import annotations

import numpy as np
import pandas as pd

import tildemc as tm

DATA = pd.DataFrame({"y": np.arange(6.0), "x": [1.0, 2, 3, 4, 6, 5], "f": list("aabbcc"), "z": [0.0] * 6})


def test_collinear_columns_are_told_of() -> None:
    assert any("rank 2" in note for note in tm.model("y ~ x + I(2 * x)", DATA).report.notes)


def test_empty_columns_are_named() -> None:
    assert any("z" in note for note in tm.model("y ~ x + z", DATA).report.notes)


def test_full_rank_is_no_news() -> None:
    assert tm.model("y ~ x + f", DATA).report.notes == ()
