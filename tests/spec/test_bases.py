"""Bases of functions: what is worked out at once is what is worked out one by one."""

from __future__ import annotations

import numpy as np
import pytest

from tildemc.resolve.smooths.thin_plate import thin_plate
from tildemc.spec import bases


@pytest.mark.parametrize("order", [1, 2, 3])
def test_thin_plates_of_one_input_are_the_sums_over_all_knots(order: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(order)
    learned = np.round(rng.normal(3, 2, (400, 1)), 2)
    basis = thin_plate(learned, 8, order).basis
    inputs = np.concatenate([learned, rng.uniform(-20, 20, (50, 1))])
    found = basis(inputs)
    monkeypatch.setattr(bases, "FEW_KNOTS", len(learned))
    one_by_one = basis(inputs)
    np.testing.assert_allclose(found, one_by_one, rtol=1e-10, atol=1e-11 * np.abs(one_by_one).max())
