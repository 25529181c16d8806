"""Two PyMC models compared: a live graph, and the source that was printed of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["compiled", "density", "points", "prepared", "quick", "run_source", "same_density", "same_graph", "values"]


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


def quick() -> Any:
    """The mode for what is evaluated a few times: nothing is rewritten, nothing compiled, which takes far longer."""
    from pytensor.compile.mode import Mode

    return Mode("py", None)


def compiled(inputs: Sequence[Any], outputs: Sequence[Any]) -> Any:
    """The outputs as a function of the inputs, those that no output needs too."""
    import pytensor

    return pytensor.function(list(inputs), list(outputs), mode=quick(), on_unused_input="ignore")


def values(model: Any, at: Sequence[Any]) -> list[float]:
    """Log densities at points of this model, or of another of the same free variables."""
    return [float(value) for (value,) in _evaluated(model, at, lambda logp, free: [logp])]


def density(model: Any, at: Sequence[Any]) -> list[tuple[float, np.ndarray]]:
    """Log densities and gradients at such points, which take twice as long to make ready."""
    import pytensor

    found = _evaluated(model, at, lambda logp, free: [logp, *pytensor.grad(logp, free)])
    return [(float(value), np.concatenate([np.ravel(slope) for slope in slopes])) for value, *slopes in found]


def _evaluated(model: Any, at: Sequence[Any], asked: Callable[[Any, list[Any]], list[Any]]) -> list[list[Any]]:
    """What is asked of the log density and the free variables, at each point."""
    from pymc.blocking import DictToArrayBijection

    named = {v.name: v for v in model.value_vars}
    free = [named[name] for name, *_ in at[0].point_map_info]
    function = compiled(free, asked(model.logp(), free))
    return [function(*DictToArrayBijection.rmap(point).values()) for point in at]


def same_graph(one: Any, other: Any) -> None:
    """Two models have one log density, node by node and number by number, and so one gradient."""
    from pytensor.compile.sharedvalue import SharedVariable
    from pytensor.graph.basic import Constant, equal_computations
    from pytensor.graph.traversal import graph_inputs

    logp, again = one.logp(), other.logp()
    left, right = ({v.name: v for v in graph_inputs([g]) if not isinstance(v, Constant)} for g in (logp, again))
    assert left.keys() == right.keys()
    for name, leaf in left.items():
        if isinstance(leaf, SharedVariable):
            np.testing.assert_array_equal(leaf.get_value(), right[name].get_value(), name)
    assert equal_computations([logp], [again], list(left.values()), [right[name] for name in left])


def same_density(live: Any, source: str, folder: Path) -> None:
    """The source, run in `folder`, has the graph's names, dims and labels, and its density."""
    printed = run_source(source, folder)
    assert [v.name for v in live.free_RVs] == [v.name for v in printed.free_RVs]
    assert set(live.named_vars) == set(printed.named_vars)
    assert {v.name: v.dtype for v in live.data_vars} == {v.name: v.dtype for v in printed.data_vars}
    dims = [{name: tuple(map(str, d)) for name, d in m.named_vars_to_dims.items()} for m in (live, printed)]
    assert dims[0] == dims[1]
    for dim, labels in live.coords.items():
        assert list(map(str, labels)) == list(map(str, printed.coords[dim])), dim
    same_graph(live, printed)


def prepared(text: str, folder: Path) -> dict[str, Any]:
    """What the module has made of its data before it makes a model, coords too, run where they are."""
    return _run(text.split("\nwith pm.Model")[0], folder)
