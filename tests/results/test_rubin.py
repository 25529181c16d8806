"""Rubin's rules, against their formulas."""

from __future__ import annotations

import numpy as np
import pytest

import tildemc as tm
from completed_sets import FORMULA, SETS
from tildemc.results.rubin import PooledEstimate


def test_estimates_are_pooled_by_rubins_rules() -> None:
    each = [tm.model(FORMULA, frame).optimize("ml") for frame in SETS]
    found = tm.model(FORMULA, SETS).optimize("ml")
    assert isinstance(found, PooledEstimate)
    b, within = [one.fixef["x"] for one in each], np.mean([one.se["x"] ** 2 for one in each])
    between = np.var(b, ddof=1)
    total = within + (1 + 1 / 3) * between
    assert found.fixef["x"] == pytest.approx(np.mean(b))
    assert found.se["x"] ** 2 == pytest.approx(total)
    assert found.df["x"] == pytest.approx(2 * (1 + within / (4 / 3 * between)) ** 2)
    assert found.frame().loc["x", "lambda"] == pytest.approx(4 / 3 * between / total)
    assert found.sigma[""] ** 2 == pytest.approx(np.mean([one.sigma[""] ** 2 for one in each]))
    variances = [one.sds["g"]["Intercept"] ** 2 for one in each]
    assert found.sds["g"]["Intercept"] ** 2 == pytest.approx(np.mean(variances))
    assert "3 completed data sets, pooled by Rubin's rules" in " ".join(str(found).split())


def test_data_sets_that_agree_leave_the_estimate_as_it_is() -> None:
    one, found = tm.model(FORMULA, SETS[0]).optimize(), tm.model(FORMULA, [SETS[0]] * 2).optimize()
    assert isinstance(found, PooledEstimate)
    assert found.se == pytest.approx(one.se)
    assert found.df == dict.fromkeys(one.se, np.inf)
