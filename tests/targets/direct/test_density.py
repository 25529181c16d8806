"""The kernel's log density and gradient against the PyMC graph's."""

from __future__ import annotations

import numpy as np
import pytest

from tests.targets.direct.cases import CASES, Case
from tests.targets.direct.graph import graph_density
from tildemc.targets.direct.entry import evaluate
from tildemc.targets.direct.gaps import gaps
from tildemc.targets.direct.pack import pack


@pytest.mark.parametrize("case", CASES, ids=str)
def test_value_and_gradient_are_the_graphs(case: Case) -> None:
    model = case.model()
    assert gaps(model.spec) == ()
    problem = pack(model.spec, model.design)
    density = graph_density(model, problem)
    rng = np.random.default_rng(0)
    constants = []
    for _ in range(3):
        x = problem.start * (len(problem.tables.maps) > 0) + case.spread * rng.normal(size=problem.size)
        value, gradient = evaluate(problem.tables, x)
        expected, expected_gradient = density(x)
        assert np.isfinite(value)
        np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-9, atol=1e-9 * np.abs(expected_gradient).max())
        constants.append(value - expected)
    assert np.ptp(constants) < 1e-9 * max(1, abs(expected))
