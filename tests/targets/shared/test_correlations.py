"""Factors of correlations that follow from one number, against NumPy's and against differences."""

from __future__ import annotations

import numpy as np
import pytest

from tildemc.model.covariance import COVARIANCES, Covariance, Single
from tildemc.model.expr import Var, evaluate
from tildemc.targets.shared.correlations import FORMULAS, element, unit_factor
from tildemc.targets.shared.structures import PATTERNS, STRUCTURES

SINGLES = {s.correlations.name: s.correlations for s in COVARIANCES.values() if isinstance(s.correlations, Single)}
SHARES = (0.001, 0.3, 0.5, 0.9, 0.999)
"""How far between its ends a correlation is."""


@pytest.mark.parametrize("name", SINGLES)
@pytest.mark.parametrize("n", [2, 3, 7])
def test_factors_are_those_of_the_matrix(name: str, n: int) -> None:
    single = SINGLES[name]
    support = single.support(n)
    rho = support.lower + (support.upper - support.lower) * np.array(SHARES)
    found = unit_factor(PATTERNS[name], rho, n)
    for value, factor in zip(rho, found, strict=True):
        matrix = evaluate(single.matrix(Var("rho"), n), lambda _, value=value: value, {"eye": np.eye})
        np.testing.assert_allclose(factor, np.linalg.cholesky(matrix), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", SINGLES)
def test_derivatives_are_differences_and_kernels_have_the_same(name: str) -> None:
    n, step, pattern = 5, 1e-6, PATTERNS[name]
    support = SINGLES[name].support(n)
    for share in SHARES[1:-1]:
        rho = support.lower + (support.upper - support.lower) * share
        for i in range(n):
            for j in range(i + 1):
                value, slope = FORMULAS[pattern](rho, i, j)
                above, below = (FORMULAS[pattern](rho + side * step, i, j)[0] for side in (1, -1))
                assert slope == pytest.approx((above - below) / (2 * step), rel=1e-6, abs=1e-8)
                assert element(pattern, rho, i, j) == pytest.approx((value, slope), rel=1e-12, abs=1e-15)


def test_the_kernels_know_all_structures_and_no_invented_one() -> None:
    assert all(structure in STRUCTURES for structure in COVARIANCES.values())
    single = Single("banded", lower=lambda n: -0.5, matrix=lambda rho, n: rho)
    assert Covariance("band", "correlated in bands", correlations=single) not in STRUCTURES
