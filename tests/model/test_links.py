"""Links: there and back, the logs that keep digits, and one that exists for a test only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from targets.direct.test_density import compare
from tildemc.model.expr import Expr, Var, evaluate
from tildemc.model.families import FAMILIES
from tildemc.model.links import LINKS, Link
from tildemc.model.support import POSITIVE
from tildemc.model.vocabulary import NUMPY, apply


def value(expr: Expr, at: np.ndarray) -> np.ndarray:
    return np.asarray(evaluate(expr, lambda _: at, NUMPY))


@pytest.mark.parametrize("link", LINKS.values(), ids=str)
def test_there_and_back(link: Link) -> None:
    low, high = max(link.domain.lower, -3.0), min(link.domain.upper, 3.0)
    mu = low + (high - low) * np.linspace(0.01, 0.99, 40)
    np.testing.assert_allclose(value(link.inverse, value(link.forward, mu)), mu, rtol=1e-10)


@pytest.mark.parametrize("link", [link for link in LINKS.values() if link.log is not None], ids=str)
def test_logs_are_those_of_the_inverse(link: Link) -> None:
    eta = -np.linspace(0.1, 2, 20) if link.name == "log" else np.linspace(-2, 2, 41)
    mu = value(link.inverse, eta)
    assert link.log is not None and link.log_complement is not None
    np.testing.assert_allclose(value(link.log, eta), np.log(mu), rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(value(link.log_complement, eta), np.log1p(-mu), rtol=1e-10, atol=1e-14)


_mu, _eta = Var("mu"), Var("eta")
SQUAREPLUS = Link("squareplus", _mu - 1 / _mu, 0.5 * (_eta + apply("sqrt", _eta**2 + 4)), "{}", POSITIVE)


def test_a_record_is_all_that_a_link_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    family = FAMILIES["exponential"]
    parameters = (replace(family.parameters[0], links=("squareplus",)),)
    monkeypatch.setitem(LINKS, "squareplus", SQUAREPLUS)
    monkeypatch.setitem(FAMILIES, "exponential", replace(family, parameters=parameters))
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"x": rng.normal(size=50), "y": rng.exponential(2, 50)})
    model = tm.model("y ~ x", frame, family="exponential(squareplus)")
    compare(model, points=1)
    assert "exponential with squareplus link" in str(model)
    fit = model.fit(draws=50, tune=100, chains=2, seed=1, progress=False)
    assert np.isfinite(fit.loo().elpd)
