"""Series on the direct engine: each row given the one before it is the density of all rows at once."""

from __future__ import annotations

import numpy as np
import pytest

import tildemc as tm
from tildemc.arrays import Floats
from tildemc.results.evaluate import Rows
from tildemc.spec.rows_together import batches, matrices
from tildemc.spec.stepwise import mean_and_sd
from tildemc.targets.direct.entry import evaluate
from tildemc.targets.direct.expand import expand
from tildemc.targets.direct.pack import pack
from tildemc.targets.direct.problem import Problem
from together import together

SERIES = [
    ("y ~ x{}", "ar(t, g)"),
    ("y ~ x + (1 + x | arm){}", "ar(t, g, cov = TRUE)"),
    ("y ~ x{}; sigma ~ by(arm)", "corAR1(form = ~ t | g)"),
    ("y ~ x + mo(k) + s(z, k = 4){}; sigma ~ z + (1 | p)", "corCAR1(form = ~ z | g)"),
    ("y ~ x + (1 | g){}", "corExp(form = ~ z | g)"),
    ("y ~ x{}", "ar(t, g, by = arm)"),
    ("y ~ x + log(z){}", "ar(t, g)"),
    ("bf(y ~ u * exp(v * x){}, u ~ 1 + (1 | arm), v ~ z, nl = TRUE)", "ar(t, g)"),
]
"""A model whose rows are independent, and what says that they go together."""
NONLINEAR = ["u.b ~ normal(0, 1)", "v.b ~ normal(0, 1)"]


def _both(formula: str, term: str) -> tuple[tm.Model, tm.Model]:
    data = together()
    data["p"] = data["t"] % 3
    priors = NONLINEAR if "nl =" in formula else ["b ~ horseshoe(1)"] if "log(z)" in formula else []
    alone, series = (tm.model(formula.format(own), data, priors=priors) for own in ("", f" + {term}"))
    return alone, series


def test_a_pasted_curve_keeps_its_correlation() -> None:
    call = "gnls(y ~ u + v * x, params = u + v ~ 1, start = c(u = 0, v = 1), correlation = corAR1(form = ~ t | g))"
    residual = tm.model(call, together()).spec.residual
    assert residual is not None
    assert (residual.correlation.name, residual.order) == ("arma", (1, 0))


def _residual_density(model: tm.Model, problem: Problem, x: Floats) -> float:
    """The log density of all rows, by the covariance of each block."""
    spec, design = model.spec, model.design
    draws = expand(spec, problem, x[None])
    rows = Rows(spec, design, draws, 1)
    mean, sd = (rows.value(part)[0] for part in mean_and_sd(spec))
    assert design.y is not None
    e = (design.y - mean) / sd
    total = -float(np.log(sd).sum())
    if spec.residual is None:
        return total - 0.5 * float(e @ e)
    names = {free.path[-1]: draws[free.path[-1]][0] for free in spec.residual.free()}
    sets = [
        {name: np.atleast_1d(own if spec.residual.by is None else own[k]) for name, own in names.items()}
        for k in range(spec.residual.sets)
    ]
    for batch in batches(spec.residual, design.of(spec.residual), design.n):
        R = matrices(spec.residual, batch, sets)[batch.pattern]
        own = e[batch.rows][..., None]
        total -= 0.5 * float(np.linalg.slogdet(R)[1].sum() + (own * np.linalg.solve(R, own)).sum())
    return total


@pytest.mark.parametrize(("formula", "term"), SERIES)
def test_rows_in_turn_are_all_rows_at_once(formula: str, term: str) -> None:
    alone, series = _both(formula, term)
    plain, problem = (pack(model.spec, model.design, decorrelated=False) for model in (alone, series))
    rng = np.random.default_rng(1)
    found: list[float] = []
    for _ in range(3):
        x = problem.start + 0.3 * rng.normal(size=problem.size)
        (place,) = problem.layout.residual.values()
        own = np.delete(x, place)
        value = evaluate(problem.tables, x)[0] - evaluate(plain.tables, own)[0]
        dense = _residual_density(series, problem, x) - _residual_density(alone, plain, own)
        found.append(value - dense - _prior(problem, x, place))
    assert np.ptp(found) < 1e-9 * max(1.0, np.abs(found).max())


def _prior(problem: Problem, x: Floats, place: slice) -> float:
    """The prior density of some coordinates: that of a problem without rows."""
    empty = problem.tables._replace(kinds=problem.tables.kinds[:0])
    moved = problem.start.copy()
    moved[place] = x[place]
    return float(evaluate(empty, moved)[0])


@pytest.mark.parametrize(("formula", "term"), SERIES)
def test_slopes_are_differences(formula: str, term: str) -> None:
    series = _both(formula, term)[1]
    problem = pack(series.spec, series.design)
    rng = np.random.default_rng(2)
    x, direction = problem.start + 0.2 * rng.normal(size=problem.size), rng.normal(size=problem.size)
    above, below = (evaluate(problem.tables, x + step * direction)[0] for step in (1e-5, -1e-5))
    assert evaluate(problem.tables, x)[1] @ direction == pytest.approx((above - below) / 2e-5, rel=1e-6, abs=1e-6)
