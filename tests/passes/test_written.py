"""The formula of a model is read as the same model."""

from __future__ import annotations

import numpy as np
import pytest

import tildemc as tm
from tildemc.passes.written import written

FORMULAS = [
    "y ~ 1",
    "y ~ x * f + offset(z)",
    "y ~ 0 + f + x:f + (1 | g)",
    "y | se(s, sigma = TRUE) ~ x + (1 + x | g) + (0 + x | h)",
    "y | weights(s) ~ x + diag(1 + x + z | g) + cs(1 + x | h)",
    "y ~ x + (1 + x || g) + (1 | g:h); sigma ~ x + (1 | h)",
    "y ~ x; sigma ~ by(f)",
    "y ~ I(x^2) + log(s) + (1 | `a b`)",
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_is_written_is_read_as_the_same_model(formula: str) -> None:
    rng = np.random.default_rng(1)
    data = {name: rng.normal(size=60) for name in "yxz"} | {"s": rng.random(60) + 0.5, "g": np.arange(60) % 6}
    data |= {"h": np.arange(60) % 5, "a b": np.arange(60) % 4, "f": np.resize(["a", "b", "c"], 60)}
    spec = tm.model(formula, data).spec
    assert tm.model(written(spec), data).spec == spec
