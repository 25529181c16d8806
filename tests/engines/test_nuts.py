"""NUTS on the PyMC graph: one graph is compiled, and serves all models of its structure, each with its own data."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from nuts_reference import MODELS, assert_alike, model_of, moments, recorded
from programs import density, points
from tildemc.engines import nuts
from tildemc.results.fit import Fit
from tildemc.targets.pymc.lower import graph

pytestmark = pytest.mark.slow
NAME = "sleepstudy"
"""Its effects are correlated: a graph with a Cholesky factor, for which a start must be given."""
SETTINGS = {"method": "pymc", "draws": 300, "tune": 300, "chains": 2, "seed": 1, "progress": False}


@dataclass(frozen=True)
class Compiled:
    """The fits of two models of one structure, one after the other, and what was compiled for them."""

    first: tm.Model
    other: tm.Model
    fits: tuple[Fit, Fit]
    graphs: list[Any]


def other_model() -> tm.Model:
    """Of the same structure: fewer rows, other labels, other numbers."""
    rows = pd.read_csv(MODELS[NAME].path)
    rows = rows[rows["Days"] != 4].assign(Subject=lambda d: "s" + d["Subject"].astype(str))
    noise = np.random.default_rng(1).normal(0, 20, len(rows))
    return tm.model(MODELS[NAME].formula, rows.assign(Reaction=900 - 2 * rows["Reaction"] + noise))


@pytest.fixture(scope="module")
def compiled() -> Iterator[Compiled]:
    import numba
    import nutpie

    graphs: list[Any] = []
    compile_model = nutpie.compile_pymc_model
    first, other = model_of(NAME), other_model()
    with pytest.MonkeyPatch.context() as patch:
        # Machine code that nobody has made fast is ready in half the time.
        patch.setattr(numba.config, "OPT", type(numba.config.OPT)("0"))
        patch.setattr(nuts, "_GRAPHS", type(nuts._GRAPHS)())
        patch.setattr(nutpie, "compile_pymc_model", lambda *a, **k: graphs.append(compile_model(*a, **k)) or graphs[-1])
        fits = (first.fit(**SETTINGS), other.fit(**SETTINGS))
        yield Compiled(first, other, fits, graphs)


def test_draws_are_those_of_long_runs(compiled: Compiled) -> None:
    assert "PyMC graph" in compiled.fits[0].path
    assert_alike(moments(compiled.fits[0]), recorded(NAME))


def test_graphs_of_one_structure_are_compiled_once(compiled: Compiled) -> None:
    assert len(compiled.graphs) == 1
    assert_alike(moments(compiled.fits[1]), moments(compiled.other.fit(method="exact", seed=1, progress=False)))


def test_the_tree_is_complete_for_each_graph(compiled: Compiled) -> None:
    for model, fit in zip((compiled.first, compiled.other), compiled.fits, strict=True):
        live, posterior = model.pymc(), fit.data["posterior"]
        assert {variable.name for variable in live.free_RVs} <= set(posterior.data_vars)
        given = fit.data["constant_data"].to_dataset()
        for data in live.data_vars:
            np.testing.assert_array_equal(given[data.name], data.get_value())


def graph_of(model: tm.Model) -> Any:
    return nuts.compile_graph(model.spec, graph(model.spec, model.design))


def evaluate(graph: Any, x: np.ndarray) -> tuple[float, np.ndarray]:
    """Log density and gradient by the function that the sampler calls."""
    number = ctypes.POINTER(ctypes.c_double)
    value, gradient = np.empty(1), np.empty_like(x)
    failed = graph.compiled_logp_func.ctypes(
        len(x), x.ctypes.data_as(number), gradient.ctypes.data_as(number), value.ctypes.data_as(number),
        graph.user_data.ctypes.data,
    )  # fmt: skip
    assert not failed
    return float(value[0]), gradient


def test_each_has_its_own_density(compiled: Compiled) -> None:
    for model in (compiled.other, compiled.first):
        shared = graph_of(model)
        live = model.pymc()
        at = points(live, range(2))
        for point, (value, gradient) in zip(at, density(live, at), strict=True):
            ours, slope = evaluate(shared, point.data)
            assert ours == pytest.approx(value, rel=1e-8)
            np.testing.assert_allclose(slope, gradient, rtol=1e-7, atol=1e-7)


def test_each_begins_where_its_own_priors_are(compiled: Compiled) -> None:
    first, other = graph_of(compiled.first), graph_of(compiled.other)
    start = first.initial_point_func(7)
    assert not np.allclose(start, other.initial_point_func(7))
    np.testing.assert_array_equal(start, first.initial_point_func(7))
