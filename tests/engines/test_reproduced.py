"""A model that reproduces the response has no posterior, whichever engine is asked."""

from __future__ import annotations

import numpy as np
import pytest

import tildemc as tm
from tildemc.errors import FitError

X = np.random.default_rng(1).normal(size=40)
BRIEF = {"method": "direct", "draws": 20, "tune": 60, "chains": 2, "seed": 1, "progress": False}

REPRODUCED = {
    "a line": ("y ~ x", "gaussian", 2 * X + 1),
    "of large numbers": ("y ~ x", "gaussian", 2e5 * X + 1),
    "its log": ("y ~ x", "lognormal", np.exp(X)),
}
NEARLY = {
    "a line and little noise": ("y ~ x", "gaussian", 2 * X + 1e-4 * np.sin(9 * X)),
    "in small units": ("y ~ x", "gaussian", 1e-9 * (X + np.sin(9 * X))),
    "in large units": ("y ~ x", "lognormal", 1e12 * np.exp(X + np.sin(9 * X))),
}


@pytest.mark.parametrize(("formula", "family", "y"), REPRODUCED.values(), ids=REPRODUCED.keys())
def test_nuts_refuses_what_the_exact_engine_refuses(formula: str, family: str, y: np.ndarray) -> None:
    with pytest.raises(FitError, match=r"reproduces the response exactly.* leave out what determines the response"):
        tm.model(formula, {"y": y, "x": X}, family).fit(**BRIEF)


@pytest.mark.parametrize(("formula", "family", "y"), NEARLY.values(), ids=NEARLY.keys())
def test_a_small_residual_sd_is_one(formula: str, family: str, y: np.ndarray) -> None:
    assert tm.model(formula, {"y": y, "x": X}, family).fit(**BRIEF).draws == 40
