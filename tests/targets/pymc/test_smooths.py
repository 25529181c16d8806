"""The printed source has a smooth's functions as the design has them, to rounding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from programs import prepared
from tildemc.spec.parameters import names
from tildemc.spec.terms.functions import Functions

TERMS = (
    "s(x, k = 5)",
    "ridge(x, z)",
    's(x, bs = "cr", k = 5, by = z)',
    's(x, bs = "ps", k = 6, m = c(3, 3), by = f)',
    's(x, bs = "cc", k = 5)',
    "s(x, z, k = 8)",
    "t2(x, z, k = 4)",
    's(f, x, bs = "re")',
    's(x, f, bs = "fs", k = 4)',
    "s(x, k = 4, fx = TRUE)",
    "gp(x, k = 5, c = 5/4, by = f)",
    "gp(x, z, k = 3, c = 5/4, by = z)",
)


@pytest.mark.parametrize("term", TERMS)
def test_the_source_computes_the_designs_functions(term: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"y": rng.normal(size=40), "x": rng.normal(size=40), "z": rng.normal(size=40)})
    frame["f"] = np.resize(["a", "b", "c"], 40)
    frame.to_csv(tmp_path / "data.csv", index=False)
    model = tm.model(f"y ~ {term}", tmp_path / "data.csv")
    found = prepared(model.source(), tmp_path)
    design = model.design.whole("this test")
    for functions in (t for t in model.spec.terms() if isinstance(t, Functions)):
        name = names(model.spec).of(functions).Z
        np.testing.assert_allclose(found[name], design.of(functions).Z, atol=1e-12)
    X = design.of(model.spec.predictors[0].population).X
    if X.shape[1]:
        np.testing.assert_allclose(found["X"], X, atol=1e-12)
