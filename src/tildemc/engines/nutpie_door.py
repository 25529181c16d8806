"""nutpie's sampler on the direct engine's kernel, by two doors that give the same draws for a seed.

The C door hands nutpie's Rust code the kernel's address, so that chains run without Python; its names are private to
nutpie and were tried with the versions in `TESTED`. The other door is public, `from_pyfunc`, and calls the same kernel
through Python.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

import numpy as np
from nutpie import _lib
from nutpie.compiled_pyfunc import from_pyfunc
from nutpie.sample import CompiledModel

from tildemc.arrays import Floats, Integers
from tildemc.targets.direct.entry import addresses, copy_function, density_function, evaluate
from tildemc.targets.direct.problem import Problem

__all__ = ["COORDINATES", "c_door", "has_c_door", "initial_point", "python_door"]

TESTED = ("0.16.",)
COORDINATES = "coordinates"
"""The variable that holds the draws, (chain, draw, coordinate)."""

DISTANCES = (1.0, 0.1, 0.01)
"""How far from the start chains begin, if they can."""

_DIM = "coordinate"
_NAMES = ("LogpFunc", "ExpandFunc", "PyMcModel", "PyVariable", "PySampler")


@cache
def has_c_door() -> bool:
    """Whether this nutpie is one whose private names are known."""
    return version("nutpie").startswith(TESTED) and all(hasattr(_lib, name) for name in _NAMES)


def initial_point(problem: Problem) -> Callable[[int], Floats]:
    """Where a chain begins, by its seed: as far from the start as the density is finite."""

    def point(seed: int) -> Floats:
        away = np.random.default_rng(seed).uniform(-1, 1, problem.size)
        points = (problem.start + distance * away for distance in DISTANCES)
        return next((x for x in points if np.isfinite(evaluate(problem.tables, x)[0])), problem.start)

    return point


@dataclass(frozen=True)
class _KernelModel(CompiledModel):  # type: ignore[misc]
    problem: Problem
    addresses: Integers

    @property
    def n_dim(self) -> int:
        return self.problem.size

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {COORDINATES: (self.n_dim,)}

    @property
    def coords(self) -> dict[str, Floats]:
        return {}

    def _make_sampler(
        self,
        settings: _lib.PyNutsSettings,
        init_mean: Floats | None,
        cores: int,
        progress: _lib.ProgressType,
        callback: Callable[[object], None] | None,
        rate: int,
        store: _lib.PyStorage,
    ) -> _lib.PySampler:
        import pandas as pd

        n, data = self.n_dim, self.addresses.ctypes.data
        sizes = {_DIM: n, "unconstrained_parameter": n}
        model = _lib.PyMcModel(
            _lib.LogpFunc(density_function().address, data, self),
            _lib.ExpandFunc(n, n, copy_function().address, data, self),
            _lib.PyVariable.new_variables([COORDINATES], ["float64"], [(n,)], sizes, {COORDINATES: [_DIM]}),
            n,
            sizes,
            {name: pd.RangeIndex(size) for name, size in sizes.items()},
            initial_point(self.problem),
            _no_adapter,
        )
        return _lib.PySampler.from_pymc(settings, cores, model, progress, callback, rate, store)


def _no_adapter(*_: object, **__: object) -> None:
    """The engine has no normalising flow."""


def c_door(problem: Problem) -> CompiledModel:
    """A nutpie model that calls the kernel by its address."""
    return _KernelModel({}, problem, addresses(problem.tables))


def python_door(problem: Problem) -> CompiledModel:
    """A nutpie model that calls the kernel through Python."""
    at = addresses(problem.tables)
    kernel = density_function().ctypes
    number, where = ctypes.POINTER(ctypes.c_double), at.ctypes.data_as(ctypes.POINTER(ctypes.c_int64))

    def make_density() -> Callable[[Floats], tuple[float, Floats]]:
        value = ctypes.c_double()

        def density(x: Floats) -> tuple[float, Floats]:
            x, gradient = np.ascontiguousarray(x), np.empty(len(x))
            failed = kernel(
                len(x), x.ctypes.data_as(number), gradient.ctypes.data_as(number), ctypes.byref(value), where
            )
            # An exception would end the chain; a density that is not finite is a divergence.
            return (float("nan") if failed else value.value), gradient

        return density

    def make_copy(*_: object) -> Callable[[Floats], dict[str, Floats]]:
        return lambda x: {COORDINATES: np.array(x)}

    return from_pyfunc(
        problem.size,
        make_density,
        make_copy,
        [np.dtype("float64")],
        [(problem.size,)],
        [COORDINATES],
        coords={_DIM: np.arange(problem.size)},
        dims={COORDINATES: (_DIM,)},
        make_initial_point_fn=initial_point(problem),
    )
