"""Rows in kinds against their slow twin: one function of all rows, whose every row works out all that any row has."""

from __future__ import annotations

import numpy as np
import pytest

import tildemc as tm
from targets.direct.models import data
from tildemc.targets.direct import kinds
from tildemc.targets.direct.entry import evaluate
from tildemc.targets.direct.pack import pack
from tildemc.targets.direct.problem import Problem

KINDS = {
    "cumulative": ("grade | weights(w) ~ x + (1 | g)", "cumulative", 4),
    "thresholds by arm": ("grade | thres(steps, gr = arm) ~ x + cs(z)", "sratio(probit)", 5),
    "hurdle": ("won0 ~ x; hu ~ z", "hurdle_cumulative", 4),
    "zero inflation": ("count ~ x + (1 | g); zi ~ z", "zero_inflated_poisson", 2),
    "censoring": ("y | cens(hit) ~ x", "gaussian", 2),
    "one": ("y ~ x + (1 | g)", "gaussian", 1),
}
"""Formulas, families, and how many kinds of rows there are."""


@pytest.mark.parametrize("case", KINDS)
def test_kinds_have_the_density_and_the_gradient_of_one(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    formula, family, count = KINDS[case]
    model = tm.model(formula, data(), family)

    def packed(most: int) -> Problem:
        monkeypatch.setattr(kinds, "MOST", most)
        return pack(model.spec, model.design)  # type: ignore[arg-type]

    found, single = packed(12), packed(0)
    assert (len(found.tables.kinds), len(single.tables.kinds)) == (count, 1)
    np.testing.assert_allclose(found.start, single.start, rtol=1e-6, atol=1e-6)
    rng, constants = np.random.default_rng(1), []
    for _ in range(3):
        x = found.start + 0.3 * rng.normal(size=found.size)
        (value, gradient), (other, other_gradient) = evaluate(found.tables, x), evaluate(single.tables, x)
        largest = np.abs(other_gradient).max()
        np.testing.assert_allclose(gradient, other_gradient, rtol=1e-9, atol=1e-10 * largest)
        constants.append(value - other)
    # What depends on the data alone may be left out of the one and not of the other.
    assert np.ptp(constants) < 1e-9 * max(1.0, abs(value))
