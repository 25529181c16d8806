"""Bounded priors begin between their ends on the graph, and state a start only where PyMC's own would not."""

from __future__ import annotations

import numpy as np
import pytest

import tildemc as tm

RNG = np.random.default_rng(1)
DATA = {"y": RNG.normal(size=20), "x": RNG.normal(size=20)}

STARTS = {
    "normal(0, 1, lower=0.1)": False,
    "normal(0, 1, lower=5, upper=6)": False,
    "cauchy(0, 1, lower=0.1)": False,
    "cauchy(0, 1, upper=-0.1)": False,
    "cauchy(0, 1, lower=-1, upper=1)": False,
    "cauchy(0, 1, lower=0.1, upper=0.9)": False,
    "cauchy(0, 1, lower=0.5, upper=0.9)": True,
    "student_t(3, 0, 1, lower=-6, upper=-5)": True,
    "student_t(3, 2, 1, lower=2)": True,
    "student_t(3, 2, 1, upper=2)": True,
    "gamma(2, 1, lower=2)": True,
    "exponential(1, lower=1)": True,
    "beta(2, 2, lower=0.9)": True,
}
"""By a prior, whether its start is stated."""


@pytest.mark.parametrize("prior", STARTS)
def test_bounded_priors_begin_between_their_ends(prior: str) -> None:
    model = tm.model("y ~ x", DATA, priors=[f"b ~ {prior}"])
    graph = model.pymc()
    assert (graph.rvs_to_initial_values[graph["b"]] is not None) == STARTS[prior]
    assert ("initval" in model.source()) == STARTS[prior]
    assert np.isfinite(graph.initial_point(0)[graph.rvs_to_values[graph["b"]].name]).all()
