"""Views and structures are to kernels what arrays and tuples are to NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import numba
import numpy as np
import pytest

from tildemc.kernels import jit
from tildemc.kernels.structures import Struct, pack
from tildemc.kernels.views import Cube, Indices, Matrix, Vector, add, copy, fill, records, view

RECORD = np.dtype([("at", np.int64), ("scale", np.float64)])


class Things(NamedTuple):
    """One field of each kind."""

    vector: Vector
    matrix: Matrix
    cube: Cube
    codes: Indices
    records: Annotated[np.ndarray, records(RECORD)]
    number: float
    count: int


THINGS = Struct(Things)
_things = THINGS.at

READ: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "an element of a vector": (lambda t: t.vector[2], lambda t: t.vector[2]),
    "an element of a matrix": (lambda t: t.matrix[1, 2], lambda t: t.matrix[1, 2]),
    "an element of a cube": (lambda t: t.cube[1, 2, 3], lambda t: t.cube[1, 2, 3]),
    "an element of a row of a matrix of a cube": (lambda t: t.cube[1][2][3], lambda t: t.cube[1][2][3]),
    "a row of a cube": (lambda t: add(t.cube[1, 2]), lambda t: t.cube[1, 2].sum()),
    "all of a cube": (lambda t: add(t.cube.flat), lambda t: t.cube.sum()),
    "a slice from the middle": (lambda t: add(t.vector[1:3]), lambda t: t.vector[1:3].sum()),
    "a slice to the end": (lambda t: add(t.vector[3:]), lambda t: t.vector[3:].sum()),
    "a slice that ends too far out": (lambda t: add(t.vector[3:99]), lambda t: t.vector[3:99].sum()),
    "rows of a matrix": (lambda t: add(t.matrix[1:][1]), lambda t: t.matrix[1:][1].sum()),
    "a short integer": (lambda t: t.codes[1], lambda t: t.codes[1]),
    "a field of a record": (lambda t: t.records[1].scale, lambda t: t.records[1]["scale"]),
    "a scalar": (lambda t: t.number * t.count, lambda t: t.number * t.count),
    "sizes": (lambda t: t.cube.size + 100 * len(t.cube) + t.cube.shape[2], lambda t: 24 + 100 * 2 + 4),
}


@pytest.fixture
def things() -> Things:
    """Numbers that tell where they were read."""
    return Things(
        np.arange(5.0), np.arange(12.0).reshape(3, 4), np.arange(24.0).reshape(2, 3, 4), np.array([7, 8], np.int32),
        np.array([(1, 0.5), (2, 0.25)], RECORD), 1.5, 4,
    )  # fmt: skip


@pytest.mark.parametrize("what", READ)
def test_kernels_read_what_numpy_reads(what: str, things: Things) -> None:
    ours, theirs = READ[what]
    inner: Any = jit(ours)

    @numba.njit
    def read(address):
        return inner(_things(address))

    assert read(pack(THINGS, things).address) == theirs(things)


def test_kernels_write_where_they_are_told(things: Things) -> None:
    @numba.njit
    def write(address, array):
        t = _things(address)
        fill(t.cube[1, 2], -1.0)
        copy(t.matrix[1], t.vector[1:])
        t.matrix[2, 3] += 100.0
        view(array)[1, 0] = 5

    array = np.zeros((2, 2), np.int64)
    write(pack(THINGS, things).address, array)
    assert things.cube[1, 2].tolist() == [-1.0] * 4
    assert things.vector.tolist() == [0.0, 4.0, 5.0, 6.0, 7.0]
    assert things.matrix[2, 3] == 111.0
    assert array.tolist() == [[0, 0], [5, 0]]
