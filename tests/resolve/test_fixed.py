"""Parameters that a formula gives as numbers, in brms's `bf(y ~ x, quantile = 0.9)`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from marked import mistake
from tildemc.errors import SemanticError

FRAME = pd.DataFrame({"x": np.arange(30.0), "y": np.arange(30.0) + np.random.default_rng(1).normal(size=30)})
POINT = {"Intercept": 0.4, "b": [1.1], "sigma": 0.5}


def test_a_given_parameter_is_not_estimated_and_has_its_value() -> None:
    given = tm.model("bf(y ~ x, quantile = 0.9)", FRAME, "asym_laplace")
    free = tm.model("y ~ x", FRAME, "asym_laplace")
    expected = free.log_likelihood({**POINT, "quantile_": 0.9})
    np.testing.assert_allclose(given.log_likelihood(POINT), expected)
    assert "q=0.9," in given.source() and "sigma, 0.9)" in given.latex()
    fit = given.fit(draws=150, tune=150, chains=2, seed=1, progress=False)
    assert fit.path == "NUTS, direct engine"
    assert (FRAME["y"] < fit.predict(kind="mu").iloc[:, 0]).mean() == pytest.approx(0.9, abs=0.07)


def test_it_is_read_and_written() -> None:
    pasted = tm.model("brm(bf(y ~ x, nu = 4), family = student())", FRAME)
    assert pasted.spec.formula == "bf(y ~ x, nu = 4)"
    call = "brm(bf(y ~ x, nu = 4), data = d, family = student())"
    assert tm.convert(call, "brms").text == call
    assert any("nu = 4" in part for part in tm.convert(call, "stata").cannot_say)


REFUSED = [
    ("bf(y ~ x, ⟪quantile = 2⟫)", "`quantile` is one of (0, 1), not 2"),
    ("bf(y ~ x, ⟪quantil = 0.5⟫)", "has no parameter `quantil` that can be a number; there are sigma, quantile"),
]


@pytest.mark.parametrize(("marked", "message"), REFUSED)
def test_what_cannot_be_given(marked: str, message: str) -> None:
    mistake(lambda text: tm.model(text, FRAME, "asym_laplace"), marked, message, SemanticError)
