"""Two PyMC models compared: a live graph, and the source that was printed of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

__all__ = ["density", "points", "prepared", "run_source", "same_density"]


def run_source(text: str, folder: Path) -> Any:
    """The module's `model`, run where its data are."""
    return _run(text, folder)["model"]


def _run(text: str, folder: Path) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "generated"}
    before = os.getcwd()
    os.chdir(folder)
    try:
        exec(compile(text, "generated.py", "exec"), namespace)
    finally:
        os.chdir(before)
    return namespace


def points(model: Any, seeds: range) -> list[Any]:
    """Random points near where chains begin, the same for the same free variables, as PyMC ravels them."""
    from pymc.blocking import DictToArrayBijection, RaveledVars

    start = DictToArrayBijection.map(model.initial_point())
    size = start.data.shape
    return [
        RaveledVars(start.data + 0.3 * np.random.default_rng(s).normal(size=size), start.point_map_info) for s in seeds
    ]


def density(model: Any, seeds: range) -> list[tuple[float, np.ndarray]]:
    """Log density and gradient at random points."""
    function = model.logp_dlogp_function(ravel_inputs=True, mode="FAST_COMPILE")
    function.set_extra_values({})
    found = map(function, points(model, seeds))
    return [(float(value), np.asarray(gradient)) for value, gradient in found]


def same_density(live: Any, source: str, folder: Path) -> None:
    """The source, run in `folder`, has the graph's names, dims and labels, and its density and gradient."""
    printed = run_source(source, folder)
    assert [v.name for v in live.free_RVs] == [v.name for v in printed.free_RVs]
    assert set(live.named_vars) == set(printed.named_vars)
    assert {v.name: v.dtype for v in live.data_vars} == {v.name: v.dtype for v in printed.data_vars}
    dims = [{name: tuple(map(str, d)) for name, d in m.named_vars_to_dims.items()} for m in (live, printed)]
    assert dims[0] == dims[1]
    for dim, labels in live.coords.items():
        assert list(map(str, labels)) == list(map(str, printed.coords[dim])), dim
    for (value, gradient), (other, other_gradient) in zip(
        density(live, range(2)), density(printed, range(2)), strict=True
    ):
        assert np.isfinite(value)
        assert value == pytest.approx(other, rel=1e-8)
        np.testing.assert_allclose(gradient, other_gradient, rtol=1e-8, atol=1e-7)


def prepared(text: str, folder: Path) -> dict[str, Any]:
    """What the module has made of its data before it makes a model, coords too, run where they are."""
    return _run(text.split("\nwith pm.Model")[0], folder)
