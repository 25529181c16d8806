"""The summaries of parts, merged in any way, are the summary of the whole."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tildemc.spec.design import Design
from tildemc.spec.moments import Moments
from tildemc.spec.summary import Summary
from tildemc.spec.terms.group import GroupDesign
from tildemc.spec.terms.levels import LevelsDesign
from tildemc.spec.terms.offset import OffsetDesign
from tildemc.spec.terms.population import PopulationDesign


def design(n: int = 40) -> Design:
    rng = np.random.default_rng(2)
    X, Z = rng.normal(1e6, 1, (n, 3)), rng.integers(0, 2, (n, 2)).astype(float)
    terms = {
        ("mu", "population"): PopulationDesign(X),
        ("mu", "offset"): OffsetDesign(rng.normal(size=n)),
        ("mu", "group", "g"): GroupDesign(Z, rng.integers(-1, 6, n)),
        ("sigma",): LevelsDesign(None),
        ("nu",): LevelsDesign(np.arange(n) % 4),
    }
    return Design(rng.normal(size=n), terms, np.arange(n))


@given(cuts=st.sets(st.integers(1, 39)), right=st.booleans())
def test_any_cut_and_any_order_of_merging_give_the_same(cuts: set[int], right: bool) -> None:
    whole = design()
    edges = [0, *sorted(cuts), 40]
    parts = [whole.take(np.arange(a, b)).summary for a, b in pairwise(edges)]
    if right:
        found = reduce(lambda later, earlier: earlier.merge(later), reversed(parts))
    else:
        found = reduce(Summary.merge, parts)
    expected, X = whole.summary, whole.terms["mu", "population"].X
    one, two = found.terms["mu", "population"], expected.terms["mu", "population"]
    np.testing.assert_allclose(one.X.mean, X.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(one.X.spread, X.std(axis=0, ddof=1), rtol=1e-8)
    np.testing.assert_allclose(found.y.sd, expected.y.sd, rtol=1e-12)
    assert one.X.n == 40
    assert (one.X.low == X.min(axis=0)).all() and (one.X.high == X.max(axis=0)).all()
    assert one.triangle is not None and two.triangle is not None
    np.testing.assert_allclose(np.abs(one.triangle), np.abs(two.triangle), rtol=1e-6)
    g, h = found.terms["mu", "group", "g"], expected.terms["mu", "group", "g"]
    assert g.triangle is not None and h.triangle is not None
    np.testing.assert_allclose(g.triangle.T @ g.triangle, h.triangle.T @ h.triangle, rtol=1e-12)
    assert (g.rows == h.rows).all() and (g.informed == h.informed).all()
    assert (found.terms["sigma",].rows.tolist(), found.terms["nu",].rows.tolist()) == ([], [10, 10, 10, 10])
    assert (g.lacking, g.unlabelled) == (h.lacking, h.unlabelled)


def test_a_column_without_spread_counts_as_one() -> None:
    assert Moments.of(np.full((10, 1), 0.1) * 3).spread == 1
    assert Moments.of(np.ones((1, 2))).spread.tolist() == [1, 1]


def test_sizes_are_root_mean_squares() -> None:
    assert Moments.of(np.array([[3.0], [4.0]])).size == pytest.approx(np.sqrt(12.5))
