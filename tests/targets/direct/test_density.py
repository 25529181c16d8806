"""The kernel's log density and gradient against the PyMC graph's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tildemc as tm
from targets.direct.graph import compare_coordinates, graph_coordinates, graph_density, slopes
from targets.direct.models import MODELS, Described
from tildemc.targets.direct.entry import evaluate
from tildemc.targets.direct.pack import pack
from tildemc.targets.direct.takes import TAKES


def compare(model: tm.Model, spread: float = 0.3, points: int = 4, graphs_gradient: bool = False) -> None:
    """Value, up to a constant, at random points near where chains begin; the gradient is the graph's, or by slopes.

    PyTensor takes as long again for a gradient as for a value.
    """
    assert TAKES.gaps(model.spec) == ()
    # PyMC computes the square root in its inverse probit in single precision, and chances close to one as they are.
    tolerance = 1e-6 if model.spec.link.name in ("probit", "cloglog", "loglog") else 1e-9
    problem = pack(model.spec, model.design, decorrelated=False)
    sampled = pack(model.spec, model.design)
    density = graph_density(model, problem, gradient=graphs_gradient)
    rng = np.random.default_rng(0)
    constants, size = [], 1.0
    for _ in range(points):
        x = graph_coordinates(sampled, sampled.start + spread * rng.normal(size=problem.size))
        value, gradient = evaluate(problem.tables, x)
        expected, expected_gradient = density(x)
        if not graphs_gradient:
            expected_gradient = slopes(problem, x)
        largest = np.abs(expected_gradient).max()
        np.testing.assert_allclose(gradient, expected_gradient, rtol=tolerance, atol=tolerance * largest)
        constants.append(value - expected)
        size = max(size, abs(expected))
    assert np.ptp(constants) < tolerance * size
    compare_coordinates(problem, sampled, rng)


@pytest.mark.parametrize("described", MODELS, ids=str)
def test_value_is_the_graphs_and_the_gradient_its_slopes(described: Described) -> None:
    compare(described.model(), described.spread)


RESPONSES = {
    "gaussian": ("y", "y | weights(w)", "y | se(known, sigma = TRUE)"),
    "student": ("y",),
    "bernoulli": ("hit",),
    "binomial(cloglog)": ("won | trials(size)",),
    "poisson": ("count", "count | weights(w)"),
    "negbinomial": ("count",),
}
POPULATION = ("x", "arm", "z", "x:z", "offset(z)")
GROUPS = (
    "(1 | g)",
    "(1 + x | g)",
    "(1 + x || g)",
    "(0 + z | h)",
    "(1 + x + z | h)",
    "(1 | g:h)",
    "(0 + treated | tutor)",
)


@st.composite
def described(draw: st.DrawFn) -> Described:
    """Models put together at random from what formulas have."""
    family = draw(st.sampled_from(sorted(RESPONSES)))
    population = draw(st.lists(st.sampled_from(POPULATION), unique=True, max_size=3))
    groups = draw(st.lists(st.sampled_from(GROUPS), unique_by=lambda g: g.split("|")[-1], max_size=2))
    intercept = draw(st.sampled_from(("1", "0 + exposure")))
    formula = f"{draw(st.sampled_from(RESPONSES[family]))} ~ {' + '.join((intercept, *population, *groups))}"
    if family in ("gaussian", "student") and "se(" not in formula:
        formula += draw(st.sampled_from(("", "\nsigma ~ z + (1 + x | h)", "\nsigma ~ by(arm)")))
    stated = []
    if intercept != "1" or set(population) - {"offset(z)"}:
        stated.append(draw(st.sampled_from(("b ~ student_t(3, 0, 2)", "b ~ normal(0, 1)", "b ~ flat()"))))
    if intercept == "1":
        stated.append("Intercept ~ normal(0, 2)")
    priors = tuple(stated) if draw(st.booleans()) else ()
    return Described(formula, family, priors)


@settings(max_examples=5)
@given(described())
def test_on_models_put_together_at_random(described: Described) -> None:
    compare(described.model(), points=1, graphs_gradient=True)
