"""Factors of correlations that follow from a few numbers, against NumPy's and against differences."""

from __future__ import annotations

import numpy as np
import pytest

from tildemc.arrays import Floats
from tildemc.spec.covariance import COVARIANCES, MATERN, Covariance, Pattern, distances
from tildemc.spec.expr import Apply
from tildemc.targets.shared.correlations import factor_back, factor_of, triangle_at
from tildemc.targets.shared.recipes import recipe_of, room_for
from tildemc.targets.shared.structures import STRUCTURES

PATTERNS = {s.correlations.name: s.correlations for s in COVARIANCES.values() if isinstance(s.correlations, Pattern)}
SHARES = (0.01, 0.3, 0.5, 0.9, 0.99)
"""How far between its ends, or as far from its one end, a number is."""
APART = {
    "in a row": distances(tuple((float(k),) for k in range(6))),
    "in a plane": distances(((0.0, 0.0), (1.0, 0.0), (0.5, 2.0), (3.0, 1.0), (-1.0, 1.5))),
}


def numbers(pattern: Pattern, apart: Floats, share: float) -> Floats:
    supports = [shape.support for shape in pattern.shapes(apart)]
    return np.array([s.lower + share * (s.upper - s.lower if np.isfinite(s.upper) else 1.0) for s in supports])


def factor(pattern: Pattern, apart: Floats, shapes: Floats) -> tuple[Floats, Floats, Floats]:
    """The recipe, the memory, and the factor as kernels work it out."""
    recipe = recipe_of(pattern, apart)
    memory = np.empty(room_for(recipe))
    factor_of(recipe, shapes, memory)
    found, first = np.zeros_like(apart), int(triangle_at(recipe))
    rows = np.tril_indices(len(apart))
    found[rows] = memory[first : first + len(rows[0])]
    return recipe, memory, found


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("places", APART)
@pytest.mark.parametrize("name", PATTERNS)
def test_factors_are_those_of_the_matrix(name: str, places: str, share: float) -> None:
    pattern, apart = PATTERNS[name], APART[places]
    if places == "in a plane" and not pattern.located:
        apart = APART["in a row"][:3, :3]
    shapes = numbers(pattern, apart, share)
    matrix = pattern.matrix([*shapes], apart)
    _, _, found = factor(pattern, apart, shapes)
    np.testing.assert_allclose(found @ found.T, matrix, rtol=1e-10, atol=1e-12)
    assert (np.diag(found) > 0).all()


@pytest.mark.parametrize("share", SHARES[1:-1])
@pytest.mark.parametrize("name", PATTERNS)
def test_derivatives_are_differences(name: str, share: float) -> None:
    pattern, apart, step = PATTERNS[name], APART["in a row"], 1e-6
    shapes = numbers(pattern, apart, share)
    recipe, memory, found = factor(pattern, apart, shapes)
    rows = np.tril_indices(len(apart))
    by_factor = np.random.default_rng(3).normal(size=found.shape)
    memory[int(triangle_at(recipe)) + len(rows[0]) :] = by_factor[rows]
    factor_back(recipe, memory)
    first = int(recipe[0] + recipe[1])
    slopes = memory[first : first + len(shapes)].copy()
    for k, slope in enumerate(slopes):
        above, below = (
            factor(pattern, apart, shapes + side * step * np.eye(len(shapes))[k])[2] for side in (1.0, -1.0)
        )
        expected = ((above - below)[rows] * by_factor[rows]).sum() / (2 * step)
        assert slope == pytest.approx(expected, rel=1e-6, abs=1e-7)


def test_correlations_that_are_none_have_no_factor() -> None:
    recipe = recipe_of(PATTERNS["exchangeable"], APART["in a row"])
    memory = np.empty(room_for(recipe))
    factor_of(recipe, np.array([-0.5]), memory)
    assert np.isnan(memory[int(triangle_at(recipe)) :][20])


def test_the_kernels_take_all_structures_and_none_with_an_unknown_function() -> None:
    assert all(structure in STRUCTURES for structure in COVARIANCES.values())
    strange = Pattern("strange", MATERN.shapes, lambda shapes, _: Apply("zeta", (shapes[0],)), "")
    assert Covariance("strange", "strange", correlations=strange) not in STRUCTURES
