"""Lanes of numbers against the same numbers one by one."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest

from tildemc.kernels import jit, kernel
from tildemc.kernels.lanes import LANES, WIDTH, aligned, exponent, finite, lane, mantissa
from tildemc.kernels.structures import Struct, pack
from tildemc.kernels.views import Vector

NUMBERS = np.array([1.0, 2.0, 3.7, 1e-300, 1e300, np.inf, np.nan, 0.1])


class Given(NamedTuple):
    """An argument, and room for what is found."""

    x: Vector
    found: Vector


IN_LANES, ALONE = Struct(Given, LANES), Struct(Given)
_lanes, _alone = IN_LANES.at, ALONE.at


@jit
def _fill(given: Given) -> None:
    x, total = given.x[0], 0.0
    total += 2.0 * x
    given.found[0] = mantissa(x)
    given.found[1] = exponent(x)
    given.found[2] = finite(x)
    given.found[3] = total / (x - 0.5) + math.sqrt(x) * math.log(x)


@kernel
def _several(at: int) -> float:
    """Of lanes; the last one's argument."""
    given = _lanes(at)
    _fill(given)
    return lane(given.x[0], WIDTH - 1)


@kernel
def _one(at: int) -> None:
    _fill(_alone(at))


@pytest.fixture(scope="module")
def found() -> np.ndarray:
    """(4, WIDTH)."""
    x, out = aligned((1,)), aligned((4,))
    x[0] = NUMBERS
    given = pack(IN_LANES, Given(x, out))
    assert _several(given.address) == NUMBERS[-1]
    return out


@pytest.mark.parametrize("i", range(WIDTH), ids=lambda i: f"{NUMBERS[i]}")
def test_lanes_hold_what_each_number_gives(i: int, found: np.ndarray) -> None:
    alone = np.empty(4)
    _one(pack(ALONE, Given(NUMBERS[i : i + 1], alone)).address)
    np.testing.assert_allclose(found[:, i], alone, rtol=1e-14)


@pytest.mark.parametrize("i", np.flatnonzero(np.isfinite(NUMBERS)), ids=lambda i: f"{NUMBERS[i]}")
def test_mantissa_and_exponent_make_the_number(i: int, found: np.ndarray) -> None:
    assert 1.0 <= found[0, i] < 2.0
    assert math.ldexp(found[0, i], int(found[1, i])) == NUMBERS[i] == found[2, i]


@pytest.mark.parametrize("i", np.flatnonzero(~np.isfinite(NUMBERS)), ids=lambda i: f"{NUMBERS[i]}")
def test_what_is_not_finite_shows(i: int, found: np.ndarray) -> None:
    assert np.isnan(found[0, i]) and found[2, i] == -np.inf
