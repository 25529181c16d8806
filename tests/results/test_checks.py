"""Draws and what samplers say of them are held to limits, and what is beyond one is told with what would help."""

from __future__ import annotations

from typing import Any

import arviz as az
import numpy as np
import pytest

import tildemc as tm
from tildemc.results.checks import energy_information, of_parameters, of_sampler
from tildemc.results.diagnose import COLUMNS
from tildemc.results.fit import Fit

Pair = tuple[float, float]

RNG = np.random.default_rng(3)
ENERGY = RNG.normal(size=(2, 400))
SLOW = ENERGY.cumsum(axis=1)

CONCERNS = {
    "none": ((1.0, 1.005), (900.0, 950.0), (900.0, 950.0), ()),
    "chains apart": ((1.0, 1.2), (900.0, 950.0), (900.0, 950.0), ("R-hat is up to 1.200 (b)",)),
    "few draws in the bulk": (
        (1.0, 1.0),
        (90.0, 950.0),
        (100.0, 950.0),
        ("the bulk ESS is down to 90 (a)", "the tail ESS is down to 100 (a)"),
    ),
    "few draws in the tails": ((1.0, 1.0), (900.0, 950.0), (900.0, 150.0), ("the tail ESS is down to 150 (b)",)),
    "what is not known": ((np.nan, 1.0), (np.nan, 950.0), (np.nan, 950.0), ()),
    "nothing known": ((np.nan, np.nan), (np.nan, np.nan), (np.nan, np.nan), ()),
}


@pytest.mark.parametrize(("r_hat", "bulk", "tail", "told"), CONCERNS.values(), ids=CONCERNS.keys())
def test_what_speaks_against_draws(r_hat: Pair, bulk: Pair, tail: Pair, told: tuple[str, ...]) -> None:
    table = np.zeros((2, len(COLUMNS)))
    for name, values in (("r_hat", r_hat), ("ess_bulk", bulk), ("ess_tail", tail)):
        table[:, COLUMNS.index(name)] = values
    checks = of_parameters(["a", "b"], table, chains=4)
    assert [check.name for check in checks] == ["R-hat", "ESS bulk", "ESS tail"]
    assert [check.advice for check in checks if not check.ok] == [f"{text}: draw more" for text in told]


SAMPLERS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, str]]] = {
    "nothing counted": ({}, {}, {}),
    "all well": (
        {"diverging": np.zeros((2, 400), bool), "energy": ENERGY, "tree_depth": np.full((2, 400), 9)},
        {"pareto_k": 0.9, "heaviest_weight": 2.0},
        {"divergences": "", "E-BFMI": "", "tree depth": "", "Pareto k of the weights": ""},
    ),
    "divergences": (
        {"diverging": np.arange(800).reshape(2, 400) < 3},
        {},
        {"divergences": "3 of 800 draws diverged: raise `target_accept`, or give the sds tighter priors"},
    ),
    "slow energy": ({"energy": np.stack([ENERGY[0], SLOW[1]])}, {}, {"E-BFMI": "E-BFMI is down to 0.0"}),
    "deep trees": (
        {"tree_depth": np.array([[10, 3], [10, 10]])},
        {},
        {"tree depth": "3 of 4 trajectories were cut off at a tree depth of 10: steps are short"},
    ),
    "heavy weights": (
        {},
        {"pareto_k": 0.9, "heaviest_weight": 40.0},
        {"Pareto k of the weights": "Pareto k of the importance weights is 0.90: the proposals miss"},
    ),
    "hardly a point without a density": ({}, {"refused": 0.001}, {"refused points": ""}),
    "points without a density": (
        {},
        {"refused": 0.05},
        {"refused points": "no density could be computed at 5 % of the points that were proposed: the posterior may"},
    ),
}


@pytest.mark.parametrize(("statistics", "attributes", "told"), SAMPLERS.values(), ids=SAMPLERS.keys())
def test_what_a_sampler_says_is_held_to_limits(
    statistics: dict[str, Any], attributes: dict[str, Any], told: dict[str, str]
) -> None:
    checks = of_sampler(statistics, attributes)
    assert [check.name for check in checks] == list(told)
    for check in checks:
        assert check.advice.startswith(told[check.name]) and check.ok == (told[check.name] == "")


def test_missing_information_is_arviz_s() -> None:
    tree = az.from_dict({"posterior": {"x": ENERGY}, "sample_stats": {"energy": ENERGY}})
    np.testing.assert_allclose(energy_information(ENERGY), az.bfmi(tree)["energy"].to_numpy())


@pytest.fixture(scope="module")
def fit() -> Fit:
    """Of rows of which one is like no other."""
    x = RNG.normal(size=40)
    y = x + 0.1 * RNG.normal(size=40)
    x[7], y[7] = 10.0, -30.0
    return tm.model("y ~ x", {"y": y, "x": x}).fit(draws=500, chains=2, seed=1, progress=False)


def test_a_fit_is_diagnosed_in_a_table_that_names_rows(fit: Fit) -> None:
    table = fit.diagnose()
    assert list(table.columns) == ["check", "value", "limit", "ok", "advice"]
    known = table.set_index("check")
    assert set(known.index) >= {"R-hat", "ESS bulk", "ESS tail", "Pareto k of the weights", "Pareto k of loo"}
    assert not known.loc["Pareto k of loo", "ok"]
    assert known.loc["Pareto k of loo", "advice"].startswith("Pareto k of loo is above the limit for row 7: ")
    others = fit.diagnose(loo=False)
    assert list(others["check"]) == list(table["check"])[:-1]
    assert fit.ok and others["ok"].all() and fit.warnings() == ()


def test_rows_that_loo_cannot_leave_out_are_named(fit: Fit) -> None:
    with pytest.warns(UserWarning, match="Pareto k of loo is above the limit for row 7: ") as told:
        fit.loo()
    assert [warning.filename for warning in told] == [__file__]


def test_a_fit_that_is_not_ok_says_why(fit: Fit) -> None:
    few = fit.update(draws=20)
    table = few.diagnose(loo=False)
    assert not few.ok
    assert tuple(table.loc[~table["ok"], "advice"]) == few.warnings()
