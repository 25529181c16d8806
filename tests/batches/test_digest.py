"""Digests: the same of equal values in every process, and another of what is not the same."""

from __future__ import annotations

import hashlib
from itertools import combinations

import numpy as np

from tildemc.batches.digest import feed
from tildemc.spec.expr import Col, Const
from tildemc.spec.families import FAMILIES


def digest(value: object) -> str:
    found = hashlib.sha256()
    feed(found, value)
    return found.hexdigest()


def test_values_of_every_kind_are_told_apart() -> None:
    values: tuple[object, ...] = (
        None, 1, 1.0, True, "1", b"1", np.float64(1.0), np.ones(1), np.ones((1, 1)), np.array(["1"], dtype=object),
        Const(1), Const(1.0), Col("x"), (1,), ((1,),), {"a": 1}, digest, FAMILIES["poisson"],
        FAMILIES["bernoulli"],
    )  # fmt: skip
    assert all(digest(one) != digest(two) for one, two in combinations(values, 2))


def test_the_order_of_a_set_or_a_mapping_makes_no_difference() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest(frozenset("abc")) == digest(frozenset("cba"))
    assert digest(np.asfortranarray(np.arange(6.0).reshape(2, 3))) == digest(np.arange(6.0).reshape(2, 3))
