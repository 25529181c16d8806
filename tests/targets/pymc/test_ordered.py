"""The printed program makes columns of other rows as the model has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm

RNG = np.random.default_rng(2)
N = 40
DATA = pd.DataFrame(
    {
        "id": np.repeat([*"abcdefgh"], 5),
        "t": np.tile([1, 2, 3, 5, 6], 8),
        "x": np.where(np.arange(N) % 7 == 3, np.nan, RNG.normal(size=N)),
        "z": RNG.normal(size=N),
        "g": np.arange(N) % 3,
        "y": RNG.normal(size=N),
    }
).sample(frac=1, random_state=3, ignore_index=True)

TEXTS = {
    "lags of time": "xtset id t\nregress y L.x D2.z S2.z",
    "lags of one series": "keep if id == \"a\"\ntsset t\nregress y L.z",
    "of the rows that are left": "xtset id t\nkeep if t > 1\nby id: gen lz = z[_n-1]\nregress y lz L.z if lz > 0",
    "places in groups": "bysort id (t): gen n = _n\nby id: gen m = _N\nby id: gen b = x[1]\nby id: gen l = z[_N-1]\n"
    "regress y n m b l",
    "sums and what is carried": "sort id t\nby id: gen c = sum(x)\nby id: replace x = x[_n-1] if mi(x)\nregress y c x",
    "all rows as they stand": "gen lz = z[_n-1]\ngen a = z[2]\ngen m = _N\ngsort -z\ngen n = _n\nregress y lz a m n",
    "arithmetic around them": "bysort id (t): gen d = cond(_n == 1, 0, z - z[_n-1])\nregress y d",
}  # fmt: skip


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_program_has_the_models_columns(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    DATA.to_csv("d.csv", index=False)
    model = tm.model(text, DATA)
    namespace: dict[str, Any] = {}
    head = model.source("d.csv").split("coords =")[0].replace("import pymc as pm", "").replace("import arviz as az", "")
    exec(compile(head, "head", "exec"), namespace)
    np.testing.assert_allclose(namespace["X"].to_numpy(float), model.design_matrix().to_numpy()[:, 1:])
    assert list(namespace["data"].index) == list(model.design.rows)
