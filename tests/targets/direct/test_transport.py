"""Effects of numbers that go with no parameter: what is left of correlations, and that the density stays what it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from targets.direct.graph import compare_coordinates
from targets.direct.models import Described, data
from tildemc.targets.direct.entry import evaluate, quantities
from tildemc.targets.direct.pack import pack
from tildemc.targets.direct.problem import Problem
from tildemc.targets.direct.tables import NONE


def made(formula: str, frame: pd.DataFrame | None = None) -> Problem:
    model = tm.model(formula, data(120) if frame is None else frame)
    return pack(model.spec, model.design)


def carried(problem: Problem) -> np.ndarray:
    """The places of all ε."""
    sizes = ((term["z"], term["levels"] * term["rank"]) for term in problem.tables.terms if term["information"] != NONE)
    return np.concatenate([np.arange(at, at + size) for at, size in sizes])


@pytest.mark.parametrize(
    "formula",
    [
        "y ~ x + (1 | g)",
        "y ~ x + (1 + x | g)",
        "y ~ x + (1 + x + z | g)",
        "y ~ x + (1 + x || g)",
        "y ~ s(z, k = 6)",
        "y ~ x + gp(z, k = 6, c = 5/4)",
        "y ~ x + (1 | gr(h, pw = level_weight))",
    ],
)
def test_gaussian_effects_are_standard_normal_at_all_sds(formula: str) -> None:
    problem, rng = made(formula), np.random.default_rng(2)
    [sigma] = problem.layout.auxiliaries.values()
    own = carried(problem)
    for _ in range(3):
        x = problem.start + rng.normal(size=problem.size)
        # The quadratic is the likelihood's at the residual sd of the look's last step but one.
        x[sigma], x[own] = problem.start[sigma], 0.0
        before = evaluate(problem.tables, x)[0]
        x[own] = rng.normal(size=len(own))
        value, gradient = evaluate(problem.tables, x)
        assert value - before == pytest.approx(-0.5 * x[own] @ x[own], rel=0.01)
        np.testing.assert_allclose(gradient[own], -x[own], atol=0.01)


@pytest.mark.parametrize(
    "formula", ["y ~ x + (1 | g / h)", "y ~ x + (1 | g) + (1 | h)", "y ~ (1 + x | g) + (1 | arm:h)"]
)
def test_effects_of_several_factors_are_about_standard_normal_where_the_look_is(formula: str) -> None:
    problem, rng = made(formula), np.random.default_rng(2)
    own = carried(problem)
    x = problem.start.copy()
    x[own] = rng.normal(size=len(own))
    np.testing.assert_allclose(evaluate(problem.tables, x)[1][own], -x[own], atol=0.15)


def many_levels() -> pd.DataFrame:
    """More levels that rows tie to one another than go together, few of which meet."""
    rng = np.random.default_rng(4)
    a, b = np.arange(90) % 30, rng.integers(0, 26, 90)
    return pd.DataFrame({"y": rng.normal(size=90), "a": a.astype(str), "b": b.astype(str), "x": rng.normal(size=90)})


def test_the_density_stays_what_it_is_where_levels_meet_few_others() -> None:
    model = tm.model("y ~ x + (1 | a) + (1 + x | b)", many_levels())
    sampled, plain = pack(model.spec, model.design), pack(model.spec, model.design, decorrelated=False)
    assert (sampled.tables.links["starts"] != NONE).any()
    compare_coordinates(plain, sampled, np.random.default_rng(1))


def test_chains_begin_where_the_look_is_however_coordinates_are_bent() -> None:
    model = Described("y ~ x + (1 + x | g)", priors=("var(g, x) ~ gamma(2, 1)",)).model()
    problem, plain = pack(model.spec, model.design), pack(model.spec, model.design, decorrelated=False)
    assert len(problem.tables.bends) == 2
    [group] = problem.layout.groups.values()
    sds = quantities(problem.tables, problem.start)[group.blocks[0].sds]
    assert (sds > 0).all()
    bent = problem.tables.bends
    x = problem.start.copy()
    x[bent["at"]] -= 3.0
    # Three steps down is far below, and not zero.
    lower = quantities(problem.tables, x)[group.blocks[0].sds]
    assert (lower > 0).all() and (lower < 0.3 * sds).all()
    assert problem.size == plain.size
