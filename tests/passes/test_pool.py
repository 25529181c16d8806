"""Complete and no pooling of a factor: what stays of the model, what levels have of their own, what they leave open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import tildemc as tm
from tildemc.passes.pool import Unpooled, foreseen, pool, unpool
from tildemc.spec.design import Design

LEVELS = 6


def rows() -> dict[str, object]:
    """Six groups of eight rows; in the first x is zero, in the second it is one."""
    rng = np.random.default_rng(4)
    g = np.repeat(np.arange(LEVELS), 8)
    x = np.tile([0.0, 1.0], 24)
    x[g == 0], x[g == 1] = 0.0, 1.0
    return {
        "y": rng.normal(size=48), "x": x, "v": rng.normal(size=48), "g": [f"g{j}" for j in g],
        "k": g // 2, "h": np.tile([1, 2, 3, 4], 12), "of_g": np.repeat(rng.normal(size=LEVELS), 8),
        "f": np.resize(["a", "b", "c"], 48), "n": np.where(g == 2, 0, rng.poisson(4, 48)), "w": np.full(48, 2.0),
    }  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A formula, and what comes of it."""

    formula: str
    complete: str
    none: str
    absorbed: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    """The levels that cannot support a regression of their own."""
    family: str = "gaussian"


CASES = {
    "intercepts": Case("y ~ x + (1 | g)", "y ~ x", "y ~ 0 + x + g"),
    "intercepts and slopes": Case("y ~ x + (1 + x | g)", "y ~ x", "y ~ 0 + g + g:x", open=("g0", "g1")),
    "slopes alone": Case("y ~ x + (0 + x | g)", "y ~ x", "y ~ g:x"),
    "a column of the group": Case("y ~ v + of_g + (1 | g)", "y ~ v + of_g", "y ~ 0 + v + g", ("of_g",)),
    "cells of a factor": Case("y ~ f + (0 + f | g)", "y ~ f", "y ~ 0 + g:fa + g:fb + g:fc"),
    "the other factor stays": Case("y ~ x + (1 | g) + (1 | h)", "y ~ x + (1 | h)", "y ~ 0 + x + g + (1 | h)"),
    "a factor around it goes": Case(
        "y ~ x + (1 | k) + (1 | g)", "y ~ x + (1 | k)", "y ~ 0 + x + g", ("the effect by k",)
    ),
    "a factor around it whose slopes it has not": Case(
        "y ~ x + (1 + x | k) + (1 | g)", "y ~ x + (1 + x | k)", "y ~ 0 + x + g + (1 + x | k)"
    ),
    "weights and a model of sigma": Case(
        "y | weights(w) ~ v + (1 | g); sigma ~ x",
        "y | weights(w) ~ v; sigma ~ x",
        "y | weights(w) ~ 0 + v + g; sigma ~ x",
    ),
    "a group of zeros alone": Case("n ~ v + (1 | g)", "n ~ v", "n ~ 0 + v + g", open=("g2",), family="poisson"),
}


def changed(case: Case) -> tuple[tm.Model, Design, Unpooled]:
    model = tm.model(case.formula, rows(), case.family)
    design = model.design.whole("a test")
    return model, design, unpool(model.spec, design, "g")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_becomes_of_a_formula(case: Case) -> None:
    model, design, separate = changed(case)
    assert pool(model.spec, design, "g")[0].formula == case.complete
    assert separate.spec.formula == case.none
    own = separate.own[0]
    assert own.absorbed == case.absorbed
    left_open = [level for level, known in zip(own.factor.levels, own.known.all(axis=1), strict=True) if not known]
    assert tuple(left_open) == case.open


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_columns_without_pooling_are_independent_and_reach_as_far(case: Case) -> None:
    model, design, separate = changed(case)
    before, after = model.spec.predictors[0].population, separate.spec.predictors[0].population
    ones = [np.ones((design.n, 1))]
    mine = np.hstack([*(ones if after.intercept else []), separate.design.of(after).X])
    assert np.linalg.matrix_rank(mine) == mine.shape[1] == len(after.columns) + (after.intercept is not None)
    theirs = np.hstack([*ones, design.of(before).X])
    np.testing.assert_allclose(mine @ np.linalg.lstsq(mine, theirs, rcond=None)[0], theirs, atol=1e-8)


def test_what_the_levels_make_up_is_told_level_by_level() -> None:
    model, design, separate = changed(CASES["a column of the group"])
    own = separate.own[0]
    at = own.spanned.index("of_g")
    population, index = model.spec.predictors[0].population, design.of(next(model.spec.groups())).index
    expected = [design.of(population).X[index == j, 1][0] for j in range(LEVELS)]
    np.testing.assert_allclose(own.shares[:, 0, at], expected)
    assert population.columns[1].label == "of_g"


def test_a_level_without_the_rows_still_shares_what_all_levels_share() -> None:
    *_, separate = changed(CASES["intercepts and slopes"])
    own = separate.own[0]
    np.testing.assert_allclose(own.shares[:, 1, own.spanned.index("x")], 1.0)
    assert own.known[:2].tolist() == [[True, False], [False, False]]


def test_rows_of_a_level_that_is_left_out_are_not_foreseen() -> None:
    model, design, _ = changed(CASES["intercepts and slopes"])
    group = design.of(next(model.spec.groups()))
    ones = np.flatnonzero((group.Z[:, 1] == 1) & (group.index == 3))
    others = np.concatenate([np.flatnonzero(group.index == 2), ones, [40]])
    kept = np.setdiff1d(np.arange(48), others)
    assert foreseen(group, LEVELS, kept, others).tolist() == [False] * 8 + [False] * 4 + [True]


def test_nothing_left_to_pool_is_told() -> None:
    model = tm.model("y ~ 0 + (1 | g)", rows())
    with pytest.raises(tm.TildeError, match="nothing is left"):
        pool(model.spec, model.design.whole("a test"), "g")
