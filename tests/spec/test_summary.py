"""The summaries of parts, merged in any way, are the summary of the whole."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tildemc.spec.design import AuxiliaryDesign, Design, GroupDesign, PredictorDesign
from tildemc.spec.summary import Moments, Summary


def design(n: int = 40) -> Design:
    rng = np.random.default_rng(2)
    X, Z = rng.normal(1e6, 1, (n, 3)), rng.integers(0, 2, (n, 2)).astype(float)
    group = GroupDesign(Z, rng.integers(-1, 6, n))
    predictor = PredictorDesign(X, rng.normal(size=n), (group,))
    auxiliaries = AuxiliaryDesign(None), AuxiliaryDesign(np.arange(n) % 4)
    return Design(rng.normal(size=n), (predictor,), auxiliaries, np.arange(n))


def part(whole: Design, at: slice) -> Design:
    (p,) = whole.predictors
    (g,) = p.groups
    assert whole.y is not None and p.offset is not None
    numbers = PredictorDesign(p.X[at], p.offset[at], (GroupDesign(g.Z[at], g.index[at]),))
    one, several = whole.auxiliaries
    assert several.index is not None
    return Design(whole.y[at], (numbers,), (one, AuxiliaryDesign(several.index[at])), whole.rows[at])


@given(cuts=st.sets(st.integers(1, 39)), right=st.booleans())
def test_any_cut_and_any_order_of_merging_give_the_same(cuts: set[int], right: bool) -> None:
    whole = design()
    edges = [0, *sorted(cuts), 40]
    parts = [Summary.of(part(whole, slice(a, b))) for a, b in pairwise(edges)]
    if right:
        found = reduce(lambda later, earlier: earlier.merge(later), reversed(parts))
    else:
        found = reduce(Summary.merge, parts)
    expected, (X,) = Summary.of(whole), [p.X for p in whole.predictors]
    (one,), (two,) = found.predictors, expected.predictors
    np.testing.assert_allclose(one.X.mean, X.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(one.X.spread, X.std(axis=0, ddof=1), rtol=1e-8)
    np.testing.assert_allclose(found.y.sd, expected.y.sd, rtol=1e-12)
    assert one.X.n == 40
    assert (one.X.low == X.min(axis=0)).all() and (one.X.high == X.max(axis=0)).all()
    assert one.triangle is not None and two.triangle is not None
    np.testing.assert_allclose(np.abs(one.triangle), np.abs(two.triangle), rtol=1e-6)
    (g,), (h,) = one.groups, two.groups
    assert g.triangle is not None and h.triangle is not None
    np.testing.assert_allclose(g.triangle.T @ g.triangle, h.triangle.T @ h.triangle, rtol=1e-12)
    assert (g.rows == h.rows).all() and (g.informed == h.informed).all()
    assert [counts.tolist() for counts in found.auxiliaries] == [[40], [10, 10, 10, 10]]
    assert (g.lacking, g.unlabelled) == (h.lacking, h.unlabelled)


def test_a_column_without_spread_counts_as_one() -> None:
    assert Moments.of(np.full((10, 1), 0.1) * 3).spread == 1
    assert Moments.of(np.ones((1, 2))).spread.tolist() == [1, 1]


def test_sizes_are_root_mean_squares() -> None:
    assert Moments.of(np.array([[3.0], [4.0]])).size == pytest.approx(np.sqrt(12.5))
