"""The marginal likelihood by blocks against its n × n definition, value and gradient, over random models."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import tildemc as tm
from tildemc.kernels.lanes import WIDTH
from tildemc.targets.marginal import likelihood, marginal
from tildemc.targets.marginal.dense import dense
from tildemc.targets.marginal.takes import TAKES
from tildemc.targets.marginal.variances import RESIDUAL

NESTED_OR_CROSSED = (("g",), ("g", "h"), ("h", "g"), ("g", "h", "k"), ("k", "k:g"), ("h", "h:k", "g"))
OF_SEVERAL = (("mm(g, l)",), ("k", "mm(g, l)"), ("mm(g, l)", "h"), ("gr(g, pw = v)", "gr(h, pw = u)"))
TERMS = ("1", "1 + x", "1 + x + z", "0 + x + z", "1 + x + z + o")
RESPONSES = ("y", "y | weights(w)", "y | se(s)", "y | se(s, sigma = TRUE)", "y | weights(w) + se(s, sigma = TRUE)")
PRIORS = (
    (),
    ("b ~ flat()", "Intercept ~ flat()"),
    ("Intercept ~ normal(1, 3)",),
    ("Intercept ~ normal(1, 3)", "b ~ flat()"),
)


@st.composite
def models(draw: Any) -> tm.Model:
    """Models with one to three factors, nested or crossed or several in a row, and up to three residual classes."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n = draw(st.integers(30, 60))
    columns = {name: rng.normal(size=n) for name in ("y", "x", "z", "o")} | {"s": rng.uniform(0.5, 1, n)}
    columns["y"] += draw(st.sampled_from((0.0, 100.0)))
    columns["w"] = rng.uniform(0.3, 2.0, n)
    for name, levels in (("g", draw(st.integers(3, 15))), ("h", draw(st.integers(2, 6))), ("k", 3)):
        columns[name] = np.append(np.arange(levels), rng.integers(0, levels, n - levels)).astype(str)
    # A row may have one group twice.
    columns["l"] = np.where(rng.random(n) < 0.2, columns["g"], rng.permutation(columns["g"]))
    columns["u"], columns["v"] = (0.5 + columns[name].astype(float) % 3 for name in "hg")
    factors = draw(st.sampled_from((*NESTED_OR_CROSSED, *OF_SEVERAL)))
    structures = st.sampled_from(("us", "diag", "homdiag", "cs", "homcs", "ar1", "toep"))
    terms = [f"{draw(structures)}({draw(st.sampled_from(TERMS))} | {factor})" for factor in factors]
    terms[0] = draw(st.sampled_from((terms[0], f"rr(1 + x + z + o | {factors[0]}, d = {draw(st.integers(1, 3))})")))
    response = draw(st.sampled_from(RESPONSES))
    population = draw(
        st.sampled_from(
            (
                "x",
                "0 + x",
                "1",
                "x + z + offset(o)",
                "x + s(z, k = 4)",
                "x + s(z, by = k, k = 4)",
                "x + gp(z, k = 3, c = 5/4)",
            )
        )
    )
    by = "; sigma ~ by(k)" if response != "y | se(s)" and draw(st.booleans()) else ""
    priors = [p for p in draw(st.sampled_from(PRIORS)) if _applies(p, population)]
    model = tm.model(f"{response} ~ {' + '.join((population, *terms))}{by}", columns, priors=priors)
    return _with_gaps(model) if draw(st.booleans()) else model


def _applies(prior: str, population: str) -> bool:
    return "x" in population if prior.startswith("b") else not population.startswith("0")


def _with_gaps(model: tm.Model) -> tm.Model:
    """The same model with the first level of each factor empty: its rows have no effect."""
    design = model.design.whole("this test")
    terms = dict(design.terms)
    for group in model.spec.groups():
        numbers = design.of(group)
        terms[group.path] = replace(numbers, index=np.where(numbers.index == 0, -1, numbers.index))
    return replace(model, design=replace(design, terms=terms))


def both(model: tm.Model, *, flat: bool = False, integrate: bool = True) -> tuple[list[Any], list[Any]]:
    """Value, gradient by each factor, gradient by sigma: from blocks and from the definition, at one random point."""
    assert not TAKES.gaps(model.spec)
    fast = marginal(model.spec, model.design, flat=flat, integrate=integrate)
    slow = dense(model.spec, model.design, flat=flat)
    here = fast.variances(np.random.default_rng(1).normal(size=(1, fast.size)))
    factors, precision = here.factors[0], here.precision[0]
    found, by_factor, by_precision = fast.likelihood(factors, precision)
    first = model.spec.predictors[0]
    places = [fast.groups.index(group) for group in first.integrated]
    widths = [group.width for group in first.integrated]
    residual = int((fast.code.factor != RESIDUAL).sum())
    sigma = here.sds[0, residual:]
    by_sigma = np.zeros(len(sigma))
    for k, s in enumerate(fast.code.sigma):
        if s >= 0:
            by_sigma[s - residual] -= 2 * sigma[s - residual] * precision[k] ** 2 * by_precision[k]
    cut = [factors[f][:q, :q] for f, q in zip(places, widths, strict=True)]
    value, slow_factors, slow_sigma = slow.likelihood(cut, sigma, integrate=integrate)
    mine = [np.tril(by_factor[f][:q, :q]) for f, q in zip(places, widths, strict=True)]
    return [found, *mine, by_sigma], [value, *(np.tril(g) for g in slow_factors), slow_sigma]


@given(models())
@settings(max_examples=60)
def test_blocked_agrees_with_dense(model: tm.Model) -> None:
    for mine, theirs in zip(*both(model), strict=True):
        scale = max(1.0, float(np.abs(theirs).max(initial=0)))
        np.testing.assert_allclose(mine, theirs, rtol=1e-8, atol=1e-8 * scale)


@given(models())
@settings(max_examples=20)
def test_profiled_agrees_with_dense(model: tm.Model) -> None:
    for mine, theirs in zip(*both(model, flat=True, integrate=False), strict=True):
        scale = max(1.0, float(np.abs(theirs).max(initial=0)))
        np.testing.assert_allclose(mine, theirs, rtol=1e-8, atol=1e-8 * scale)


@given(models())
@settings(max_examples=20)
def test_posterior_gradient_is_its_difference(model: tm.Model) -> None:
    fast = marginal(model.spec, model.design)
    phi = np.random.default_rng(2).normal(size=fast.size)
    gradient = fast.posterior(phi)[1]
    step = 1e-5
    differences = [
        (fast.posterior(phi + e)[0] - fast.posterior(phi - e)[0]) / (2 * step) for e in step * np.eye(fast.size)
    ]
    np.testing.assert_allclose(gradient, differences, rtol=1e-5, atol=1e-5 * max(1, np.abs(gradient).max(initial=0)))


@given(models())
@settings(max_examples=20)
def test_several_points_at_once_agree_with_one_by_one(model: tm.Model) -> None:
    fast = marginal(model.spec, model.design)
    phi = np.random.default_rng(3).normal(size=(WIDTH + 3, fast.size))
    here = fast.variances(phi)
    assume(fast.in_lanes)
    one_by_one = [fast.likelihood(*at)[0] for at in zip(here.factors, here.precision, strict=True)]
    np.testing.assert_allclose(fast.sweep(phi)[0] - here.prior, one_by_one, rtol=1e-10, atol=1e-9)


@pytest.mark.parametrize("formula", ["y ~ x + (1 + x | g)", "y ~ x + (1 | g) + (0 + x | h)"])
def test_a_chain_is_one_however_its_points_are_evaluated(formula: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(8)
    columns = {"y": rng.normal(size=60), "x": rng.normal(size=60)}
    columns |= {name: rng.integers(0, k, 60).astype(str) for name, k in (("g", 9), ("h", 4))}
    model = tm.model(formula, columns)
    fast = marginal(model.spec, model.design)
    phi, offset = 0.3 * rng.normal(size=(61, fast.size)), rng.normal(size=61)
    offset[5] = -np.inf
    found = []
    for most in (likelihood.MOST_IN_LANES, 0.0):
        monkeypatch.setattr(likelihood, "MOST_IN_LANES", most)
        found.append(fast.chain(phi, offset, np.zeros((20, fast.effects)), np.random.default_rng(9)))
    (values, kept), (their_values, their_kept) = found
    np.testing.assert_allclose(values, their_values, rtol=1e-12)
    np.testing.assert_array_equal(kept, their_kept)


@pytest.mark.parametrize("points", [WIDTH - 1, WIDTH, 2 * WIDTH + 3])
def test_draws_at_points_are_those_of_one_by_one_where_lanes_are_left_too(
    points: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(8)
    columns = {"y": rng.normal(size=60), "x": rng.normal(size=60), "g": rng.integers(0, 9, 60).astype(str)}
    model = tm.model("y ~ x + (1 + x | g)", columns)
    fast = marginal(model.spec, model.design)
    phi = 0.3 * rng.normal(size=(points, fast.size))
    found = []
    for most in (likelihood.MOST_IN_LANES, 0.0):
        monkeypatch.setattr(likelihood, "MOST_IN_LANES", most)
        found.append(fast.sweep(phi, np.random.default_rng(9))[1])
    np.testing.assert_allclose(*found, rtol=1e-9, atol=1e-9)


def test_many_effects_beside_the_eliminated_factor() -> None:
    """More than the plain loops factor: LAPACK does it."""
    rng = np.random.default_rng(3)
    columns = {"y": rng.normal(size=300), "x": rng.normal(size=300)}
    columns |= {
        name: np.append(np.arange(k), rng.integers(0, k, 300 - k)).astype(str) for name, k in (("g", 70), ("h", 60))
    }
    model = tm.model("y ~ x + (1 | g) + (1 + x | h)", columns)
    for kind in ({}, {"flat": True, "integrate": False}):
        for mine, theirs in zip(*both(model, **kind), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize(
    "formula", ["y ~ x + (1 + x | g)", "y ~ x + (1 + x | g); sigma ~ by(k)", "y ~ (1 | g:k) + (x | k)"]
)
def test_balanced_levels_share_a_factor(formula: str) -> None:
    rng = np.random.default_rng(7)
    g, x, k = (values.ravel() for values in np.meshgrid(np.arange(8), np.arange(4.0), np.arange(2)))
    model = tm.model(formula, {"y": rng.normal(size=64), "x": x, "g": g.astype(str), "k": k.astype(str)})
    assert set(marginal(model.spec, model.design).blocks.twin) == {0}
    for mine, theirs in zip(*both(model), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-8, atol=1e-8)


def test_draws_have_the_effects_moments() -> None:
    """Mean and covariance of all effects given the variances, against the definition."""
    rng = np.random.default_rng(4)
    columns = {"y": rng.normal(size=40) + 5, "x": rng.normal(size=40)}
    columns |= {"g": rng.integers(0, 5, 40).astype(str), "h": rng.integers(0, 3, 40).astype(str)}
    model = tm.model("y ~ x + (1 + x | g) + (1 | h)", columns)
    fast = marginal(model.spec, model.design)
    phi = rng.normal(size=fast.size) * 0.3
    n = 40_000
    draws = fast.sweep(np.tile(phi, (n, 1)), np.random.default_rng(5))[1]
    here = fast.variances(phi[None])
    Z, prior = [], []
    design = model.design.whole("this test")
    for f, effects in enumerate(fast.groups):
        group, q = design.of(effects), len(effects.columns)
        levels = np.eye(len(effects.factor.levels))
        Z.append(np.einsum("nj,na->nja", levels[group.index], group.Z).reshape(40, -1))
        L = here.factors[0, f, :q, :q]
        prior.append(np.kron(levels, np.linalg.inv(L @ L.T)))
    X = fast.population.design(design.of(model.spec.predictors[0].population).X)
    W = np.column_stack([*Z, X])
    A = W.T @ W * here.precision[0, 0]
    at = 0
    for block in (*prior, fast.population.precision):
        A[at : at + len(block), at : at + len(block)] += block
        at += len(block)
    right = W.T @ (columns["y"] - fast.population.shift) * here.precision[0, 0]
    right[-2:] += fast.population.pull
    mean, covariance = np.linalg.solve(A, right), np.linalg.inv(A)
    sd = np.sqrt(np.diag(covariance))
    assert np.abs((draws.mean(axis=0) - mean) / sd).max() < 5 / np.sqrt(n)
    assert np.abs((np.cov(draws.T) - covariance) / np.outer(sd, sd)).max() < 7 / np.sqrt(n)


@pytest.mark.parametrize(
    ("formula", "family", "priors", "reason"),
    [
        ("y ~ x + (1 | g)", "student", [], "student"),
        ("y ~ x + (1 | g)", "gaussian(log)", [], "log"),
        ("y ~ x; sigma ~ x", "gaussian", [], "sigma"),
        ("y ~ x", "gaussian", ["b ~ student_t(3, 0, 1)"], "student_t"),
        ("y ~ x", "gaussian", ["Intercept ~ HalfNormal(2)"], "Intercept"),
    ],
)
def test_gaps_say_why(formula: str, family: str, priors: list[str], reason: str) -> None:
    rng = np.random.default_rng(6)
    columns = {"y": rng.exponential(size=20), "x": rng.normal(size=20), "g": np.arange(20) % 4}
    found = TAKES.gaps(tm.model(formula, columns, family, priors).spec)
    assert len(found) == 1
    assert reason in str(found[0])
