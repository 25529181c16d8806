"""Cross-products of parts add up to those of all rows, which are those of dense matrices."""

from __future__ import annotations

import numpy as np
import pytest

from tildemc.targets.marginal import statistics as module
from tildemc.targets.marginal.statistics import Layout, Products, Rows, assemble, products

N = 200
LAYOUT = Layout(levels=(9, 4), widths=(2, 1), of=(0, 1), p=3, classes=2)


def rows(n: int = N) -> Rows:
    rng = np.random.default_rng(4)
    index = (rng.integers(-1, 9, n), rng.integers(-1, 4, n))
    Z = (rng.normal(size=(n, 2)), rng.normal(size=(n, 1)))
    weights, residual = rng.integers(1, 4, n).astype(float), rng.integers(0, 2, n)
    counts = np.bincount(residual, weights, minlength=2)
    return Rows(rng.normal(size=n), rng.normal(size=(n, 3)), Z, index, residual, weights, counts, -1.5 * n)


def part(whole: Rows, at: slice) -> Rows:
    counts = np.bincount(whole.residual[at], whole.multiplier[at], minlength=2)
    Z, index = tuple(z[at] for z in whole.Z), tuple(i[at] for i in whole.index)
    constant = -1.5 * len(whole.y[at])
    return Rows(whole.y[at], whole.X[at], Z, index, whole.residual[at], whole.multiplier[at], counts, constant)


@pytest.mark.parametrize("cut", [1, 7, 100, 199])
def test_parts_add_up(cut: int) -> None:
    whole = rows()
    one, two = (products(LAYOUT, part(whole, at)) for at in (slice(cut), slice(cut, None)))
    found, expected = assemble(LAYOUT, one.merge(two)), assemble(LAYOUT, products(LAYOUT, whole))
    for name, value in vars(expected).items():
        np.testing.assert_allclose(getattr(found, name), value, rtol=1e-10, atol=1e-12, err_msg=name)


def test_the_size_of_a_chunk_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = products(LAYOUT, rows())
    monkeypatch.setattr(Layout, "chunk", 13)
    found = products(LAYOUT, rows())
    for name, tally in expected.sums.items():
        np.testing.assert_allclose(found.sums[name].value, tally.value, rtol=1e-10, atol=1e-12)
    assert found.constant == expected.constant
    assert found.counts.tolist() == expected.counts.tolist()


def test_sums_are_those_of_dense_matrices() -> None:
    whole = rows()
    W = np.zeros((N, 4 + 3))
    here = whole.index[1] >= 0
    W[np.flatnonzero(here), whole.index[1][here]] = whole.Z[1][here, 0]
    W[:, 4:] = whole.X
    found: Products = products(LAYOUT, whole)
    R = np.zeros((2, 7, 7))
    R[found.sums["R"].residual, found.sums["R"].key // 7, found.sums["R"].key % 7] = found.sums["R"].value
    for k in range(2):
        in_class = whole.residual == k
        expected = W[in_class].T @ (whole.multiplier[in_class, None] * W[in_class])
        np.testing.assert_allclose(R[k], np.tril(expected), atol=1e-10)


def test_few_and_many_residual_classes_have_the_same_products(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = assemble(LAYOUT, products(LAYOUT, rows()))
    monkeypatch.setattr(module, "FEW", 0)
    for name, value in vars(assemble(LAYOUT, products(LAYOUT, rows()))).items():
        np.testing.assert_allclose(value, getattr(expected, name), rtol=1e-10, atol=1e-12, err_msg=name)


def test_rows_with_many_columns_are_taken_in_smaller_chunks() -> None:
    assert Layout((9,), (2,), (0,), 3, 1).chunk > 100_000 > Layout((9,), (2,), (0,), 300, 1).chunk > 1000


TWINS = {
    "balanced data have one kind of level": ([0, 1, 2, 0, 1, 2], [1, 1, 1, 2, 2, 2], [0] * 6, [0, 0, 0]),
    "levels of other rows are their own": ([0, 1, 1, 2], [1, 1, 1, 3], [0] * 4, [0, 1, 2]),
    "a level may be the twin of one before others": ([0, 1, 1, 2], [1, 1, 1, 1], [0] * 4, [0, 1, 0]),
    "rows in other residual classes are others": ([0, 1, 2], [1, 1, 1], [0, 1, 0], [0, 1, 0]),
}


@pytest.mark.parametrize("case", TWINS)
def test_levels_with_the_same_products_are_twins(case: str) -> None:
    index, x, residual, expected = (np.array(each) for each in TWINS[case])
    n, layout = len(x), Layout(levels=(3,), widths=(1,), of=(0,), p=1, classes=2)
    whole = Rows(
        np.arange(n) / 7, np.ones((n, 1)), (x[:, None].astype(float),), (index,), residual, np.ones(n),
        np.bincount(residual, minlength=2).astype(float), 0.0,
    )  # fmt: skip
    assert assemble(layout, products(layout, whole)).twin.tolist() == expected.tolist()
