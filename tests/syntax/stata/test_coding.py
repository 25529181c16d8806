"""Stata's columns, whatever the order of the terms: the design spans what Stata's own cells span."""

from __future__ import annotations

from functools import cache
from itertools import combinations, permutations, product

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.syntax.command import read

Term = tuple[str, ...]


@cache
def data() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    sizes = {"t": 3, "b": 2, "a": 4}
    factors = {name: rng.integers(1, size + 1, 200) for name, size in sizes.items()}
    return pd.DataFrame({**{name: rng.normal(size=200) for name in "yxw"}, **factors})


def cells(term: Term, present: set[frozenset[str]], *, constant: bool) -> list[np.ndarray]:
    """A column for each cell of a product, but without a constant not those that another term makes redundant."""
    numbers = np.prod([data()[name] for name in term if name in "xw"] or [np.ones(200)], axis=0)
    factors = [name for name in term if name not in "xw"]
    found = []
    for cell in product(*(sorted(data()[name].unique()) for name in factors)):
        bases = [name for name, level in zip(factors, cell, strict=True) if level == 1]
        gone = [set(some) for size in range(1, len(bases) + 1) for some in combinations(bases, size)]
        if constant or not any(frozenset(set(term) - some) in present for some in gone):
            found.append(
                numbers * np.all([data()[f] == v for f, v in zip(factors, cell, strict=True)] or [True], axis=0)
            )
    return found


def expanded(terms: Term) -> list[Term]:
    """`t##b` is `t`, `b`, `t#b`."""
    found: list[Term] = []
    for term in terms:
        names = tuple(part.partition(".")[2] for part in term.replace("##", "#").split("#"))
        sizes = range(1, len(names) + 1) if "##" in term else [len(names)]
        found += [some for size in sizes for some in combinations(names, size)]
    return found


def rank(columns: list[np.ndarray]) -> int:
    return int(np.linalg.matrix_rank(np.column_stack(columns)))


TERMS = {
    "a factor in two interactions, one with a number": "i.t i.b#c.x i.t#i.b",
    "slopes beside their main effect": "i.t#c.x i.b#c.x c.x",
    "slopes by two factors that add up to one": "i.t#c.x i.b#c.x i.t",
    "cells without main effects": "i.t#i.b i.t#c.x i.b#c.w",
    "cells that share a factor": "i.t#i.b i.b#i.a",
    "three factors without their pairs": "i.t i.b i.a i.t#i.b#i.a",
    "three factors beside two of them": "i.t i.b i.t#i.b#i.a",
    "cells within a factor": "i.t i.t#i.b#i.a",
    "slopes by cell": "i.t c.x i.t#i.b#c.x",
    "a whole crossing and more": "i.t##i.b i.b#c.x",
    "an interaction that may stand before both of its parts": "i.t#i.b i.b i.t",
}


@pytest.mark.parametrize("text", TERMS.values(), ids=TERMS.keys())
@pytest.mark.parametrize("constant", [True, False], ids=["constant", "noconstant"])
def test_every_order_of_terms_spans_statas_columns(text: str, constant: bool) -> None:
    for terms in permutations(text.split()):
        products = expanded(terms)
        present = {frozenset(), *map(frozenset, products)}
        theirs = [column for term in products for column in cells(term, present, constant=constant)]
        theirs += [np.ones(200)] if constant else []
        ours = [
            *tm.model(f"regress y {' '.join(terms)}{'' if constant else ', nocons'}", data())
            .design_matrix()
            .to_numpy()
            .T
        ]
        assert rank(theirs) == rank(ours) == rank([*theirs, *ours]), terms
        if constant:
            assert len(ours) == rank(ours), terms


WRITTEN = [
    ("i.t i.b#c.x i.t#i.b", "factor(t) + factor(t):factor(b) + factor(b):x"),
    ("i.t#c.x i.b#c.x i.t i.b#i.t", "factor(t) + factor(b):factor(t) + factor(t):x + factor(b):x"),
    ("i.t i.t#i.b#i.a", "factor(t) + indicators(t, base = NULL):indicators(b, a)"),
    ("ib3.t#i.b", "indicators(relevel(factor(t), ref = 3), b)"),
    ("i.t i.t#i.b, nocons", "0 + indicators(t) + indicators(t, base = NULL):indicators(b)"),
    (
        "i.t i.b i.t#i.b#i.a",
        'factor(t) + factor(b) + indicators(t, b, a, without = c("t:a", "b:a"))',
    ),
    ("i.b ibn.t, nocons", "0 + indicators(b) + factor(t)"),
]


@pytest.mark.parametrize(("terms", "right"), WRITTEN)
def test_terms_are_rs_where_r_has_them(terms: str, right: str) -> None:
    assert read(f"regress y {terms}").formula.text == f"y ~ {right}"


def test_interactions_of_very_many_variables_are_refused() -> None:
    with pytest.raises(tm.TildeError, match="up to 8 variables"):
        read("regress y " + "##".join("abcdefghi"))
