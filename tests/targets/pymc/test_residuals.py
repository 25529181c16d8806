"""Residuals that go together: the graph has the exact engine's likelihood, and its source is the graph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tildemc as tm
from programs import compiled, same_density
from tildemc.targets.marginal.joint import Joint
from tildemc.targets.marginal.reduce import marginal
from tildemc.targets.marginal.structured import JointMarginal
from together import covariance, together

PRINTED = [
    "y ~ x + ar(t, g, p = 2) + (1 + x | g)",
    "y ~ x + cosy(gr = g); sigma ~ z",
    "y ~ x + unstr(k, g) + (1 | g)",
    "y ~ x + corARMA(form = ~ t | g, p = 2, q = 1)",
    "y ~ x + toeplitz(t, g, q = 3)",
    "y ~ x + banded(k, g, q = 1, by = arm)",
    "y ~ x + ar(t, g, by = arm); sigma ~ by(arm)",
    "y ~ x + corCAR1(form = ~ z | g)",
]
ALONE = [
    "y ~ x + ar(t, g)",
    "y ~ x + corCAR1(form = ~ z | g); sigma ~ z",
    "y ~ x + arma(t, g, cov = TRUE)",
    "y ~ x + corAR1(form = ~ t | g); sigma ~ by(arm)",
    'y ~ x + corExp(form = ~ x + z | g, nugget = TRUE, metric = "manhattan")',
    "y ~ x + corSpher(form = ~ z)",
    "y ~ x + residual(ar1(0 + factor(k) | g))",
    *PRINTED[3:],
]
"""Models whose likelihood has no part but the residuals'."""


@pytest.mark.parametrize("formula", PRINTED)
def test_source_is_the_graph(formula: str, tmp_path: Path) -> None:
    data = together()
    data.to_csv(tmp_path / "data.csv", index=False)
    model = tm.model(formula, data)
    same_density(model.pymc(), model.source("data.csv"), tmp_path)


@pytest.mark.parametrize("formula", ALONE)
def test_the_graphs_likelihood_is_the_exact_engines(formula: str) -> None:
    model = tm.model(formula, together())
    exact = marginal(model.spec, model.design)
    assert isinstance(exact, JointMarginal)
    graph = model.pymc()
    free = [variable for variable in graph.free_RVs if variable.name not in ("alpha", "b")]
    outputs = graph.replace_rvs_by_values([graph.logp(vars=graph.observed_RVs), *free, graph["alpha"], graph["b"]])
    start = graph.initial_point()
    near = {name: np.asarray(value) + 0.1 * np.cos(1.0 + np.ones(np.shape(value))) for name, value in start.items()}
    point = [near[variable.name] for variable in graph.value_vars]
    found = compiled(graph.value_vars, outputs)(*point)
    values = dict(zip([variable.name for variable in free], found[1:], strict=False))
    x = np.concatenate([np.ravel(values[name]) for name in _names(exact.joint)])
    alpha, b = found[1 + len(free)], found[2 + len(free)]
    assert float(found[0]) == pytest.approx(_density(exact.joint, x, model, float(alpha), np.ravel(b)), rel=1e-9)


def _names(joint: Joint) -> list[str]:
    """The free variables in the order of the numbers."""
    shown = {
        ("sigma", "name"): "sigma",
        ("sigma", "population", "intercept"): "sigma_alpha",
        ("sigma", "population", "b"): "sigma_b",
    }
    return list(dict.fromkeys(shown.get(number.path, number.path[-1]) for number in joint.numbers))


def _density(joint: Joint, x: np.ndarray, model: tm.Model, alpha: float, b: np.ndarray) -> float:
    design, V = model.design.of(model.spec.predictors[0].population), covariance(model, joint, x)
    e = model.design.y - alpha - (design.X - design.centre) @ b
    return float(-0.5 * (len(e) * np.log(2 * np.pi) + np.linalg.slogdet(V)[1] + e @ np.linalg.solve(V, e)))
