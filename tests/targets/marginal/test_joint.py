"""Rows that go together: the fast likelihood against its definition, its slopes, and the order of rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.arrays import Floats
from tildemc.errors import DataError, FormulaSyntaxError, SemanticError, TildeError, UnsupportedError
from tildemc.targets.marginal.joint import Joint
from tildemc.targets.marginal.paired import PairedMarginal
from tildemc.targets.marginal.reduce import marginal
from tildemc.targets.marginal.structured import JointMarginal
from tildemc.targets.marginal.whitened import WhitenedMarginal
from together import FORMULAS, covariance, together


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return together()


def _marginal(formula: str, data: pd.DataFrame) -> JointMarginal:
    model = tm.model(formula, data)
    found = marginal(model.spec, model.design)
    assert isinstance(found, JointMarginal)
    return found


def _x(joint: Joint) -> Floats:
    """Numbers that make a covariance, none of them special."""
    return joint.start + 0.07 * np.cos(np.arange(len(joint.start)))


def _factors(model: JointMarginal) -> Floats:
    size = (int(model.code.shape[0]), int(model.code.shape[1]), int(model.code.shape[1]))
    found = np.zeros(size)
    for f, group in enumerate(model.groups):
        q = len(group.columns)
        found[f, :q, :q] = np.tril(np.full((q, q), 0.3)) + 0.4 * np.eye(q)
    return found


def _dense(model: JointMarginal, V: Floats, factors: Floats) -> float:
    """Log p(y) by the covariance of all rows, V of the residuals."""
    joint = model.joint
    n = len(joint.columns)
    at = 0
    p = model.population.size
    for f, group in enumerate(model.groups):
        q = len(group.columns)
        Z = joint.columns[:, at : at + q]
        index = _levels(model, f)
        V += (Z @ factors[f, :q, :q] @ factors[f, :q, :q].T @ Z.T) * (index[:, None] == index)
        at += q
    X, y = joint.columns[:, at : at + p], joint.columns[:, -1]
    # A normal prior on β adds X B Xᵀ and moves the mean.
    B = np.linalg.inv(model.blocks.prior_precision)
    V += X @ B @ X.T
    residual = y - X @ (B @ model.blocks.prior_shift)
    return float(-0.5 * (np.linalg.slogdet(V)[1] + residual @ np.linalg.solve(V, residual) + n * np.log(2 * np.pi)))


def _levels(model: JointMarginal, f: int) -> Floats:
    index = LEVELS[model.groups[f].factor.label]
    return np.asarray(index)


LEVELS: dict[str, Floats] = {}


@pytest.mark.parametrize("formula", FORMULAS)
def test_likelihood_is_that_of_its_definition(formula: str, data: pd.DataFrame) -> None:
    LEVELS.update({name: data[name].factorize()[0] for name in ("g", "arm")})
    model = _marginal(formula, data)
    x, factors = _x(model.joint), _factors(model)
    V = covariance(tm.model(formula, data), model.joint, x)
    assert model.value(factors, x)[0] == pytest.approx(_dense(model, V, factors), rel=1e-9)


@pytest.mark.parametrize("formula", FORMULAS[::2])
def test_slopes_are_differences(formula: str, data: pd.DataFrame) -> None:
    model = _marginal(formula, data)
    rng = np.random.default_rng(2)
    phi = 0.2 * rng.normal(size=model.size)
    for i, start in model.begin.items():
        lower, upper = model.code.lower[i], model.code.upper[i]
        share = (start - lower) / (upper - lower) if np.isfinite(upper) else 0.0
        phi[i] = np.log(share / (1 - share)) if np.isfinite(upper) else start if np.isinf(lower) else np.log(start)
        phi[i] += 0.05
    value, slope = model.posterior(phi)
    steps = 1e-5 * np.eye(model.size)
    known = [(model.posterior(phi + step)[0] - model.posterior(phi - step)[0]) / 2e-5 for step in steps]
    assert np.isfinite(value)
    assert slope == pytest.approx(np.array(known), rel=1e-5, abs=1e-5)
    assert model.sweep(phi[None])[0] == pytest.approx([value], rel=1e-9)


WHITENED = [f for f in FORMULAS if any(name in f for name in ("p = 2", "ma(", "unstr", "Gaus", "nugget", "toeplitz"))]


@pytest.mark.parametrize("formula", WHITENED)
def test_whitened_rows_are_the_pairs(formula: str, data: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    paired = _marginal(formula, data)
    monkeypatch.setattr("tildemc.targets.marginal.reduce.MOST_PAIRS", 0)
    whitened = _marginal(formula, data)
    assert (type(paired), type(whitened)) == (PairedMarginal, WhitenedMarginal)
    x, factors = _x(paired.joint), _factors(paired)
    one, two = np.zeros_like(factors), np.zeros_like(factors)
    value, slope = paired.value(factors, x, one)
    again, known = whitened.value(factors, x, two)
    assert value == pytest.approx(again, rel=1e-10)
    assert slope == pytest.approx(known, rel=1e-6, abs=1e-6)
    assert one == pytest.approx(two, rel=1e-8, abs=1e-8)


def test_points_a_few_at_a_time_are_all_at_once(data: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    model = _marginal("y ~ x + corCAR1(form = ~ z | g) + (1 | arm); sigma ~ z", data)
    phi = 0.2 * np.random.default_rng(3).normal(size=(81, model.size))

    def both() -> tuple[Floats, ...]:
        effects = np.empty((20, model.effects))
        kept = model.chain(phi, np.zeros(81), effects, np.random.default_rng(1))
        return model.sweep(phi)[0], *kept

    whole = both()
    monkeypatch.setattr("tildemc.targets.marginal.paired.MOST_WEIGHTS", 1000)
    for one, other in zip(whole, both(), strict=True):
        assert other == pytest.approx(one, rel=1e-10)


@pytest.mark.parametrize("formula", [f for f in FORMULAS[1::2] if "corCompSymm" not in f])
def test_the_order_of_rows_says_nothing(formula: str, data: pd.DataFrame) -> None:
    shuffled = data.sample(frac=1.0, random_state=3).reset_index(drop=True)
    one, two = _marginal(formula, data), _marginal(formula, shuffled)
    x, factors = _x(one.joint), _factors(one)
    assert two.value(factors, x)[0] == pytest.approx(one.value(factors, x)[0], rel=1e-9)


@pytest.mark.parametrize(
    ("formula", "error", "told"),
    [
        ("y ~ x + ar(k2, g)", DataError, r"row 0 and row 1 .*of one `g` have the same `k2`"),
        ("y ~ x + corAR1(form = ~ z | g)", DataError, r"whole steps of time, and `z` is .* in row 0: any times"),
        ("y ~ x + unstr(gr = g)", FormulaSyntaxError, "needs times and groups"),
        ("y ~ x + ar(t, g, p = 0)", FormulaSyntaxError, "reaches back over at least one row"),
        ("y ~ x + ar(t, g, p = 2, cov = TRUE)", UnsupportedError, "orders of 1 alone, as in brms"),
        ("y ~ x + ar(t, g) + cosy(t, g)", SemanticError, "go together in one way"),
        ("y ~ x; sigma ~ ar(t, g)", SemanticError, "said beside the predictor of mu"),
        ("y ~ x + ar(t, q = 1)", FormulaSyntaxError, "no argument `q`"),
        ("y ~ x + ar(t + x, g, p = x)", FormulaSyntaxError, "`p` of `ar\\(\\)` is a whole number"),
        ("y ~ x + corARMA(form = ~ t | g)", FormulaSyntaxError, "needs an order"),
        ("y ~ x + corExp(form = t)", FormulaSyntaxError, "`form` is a formula"),
        ('y ~ x + corExp(form = ~ t | g, metric = "cosine")', FormulaSyntaxError, "euclidean"),
        ("y ~ x + residual(us(0 + k | g))", SemanticError, r"write `factor\(k\)`"),
        ("y ~ x + residual(us(x | g))", SemanticError, "levels of one column"),
        ("y | weights(z) ~ x + ar(t, g)", UnsupportedError, "residuals that are independent"),
        ("y ~ x + ar(arm, g)", SemanticError, "`arm` holds labels"),
    ],
)
def test_a_mistake_is_told(formula: str, error: type[TildeError], told: str, data: pd.DataFrame) -> None:
    odd = data.assign(k2=data["t"] // 6)
    with pytest.raises(error, match=told):
        tm.model(formula, odd)
