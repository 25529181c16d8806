"""Nodes behave as dataclasses do, however deep the tree is."""

from __future__ import annotations

import pickle
from copy import copy, deepcopy
from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from tildemc.spec.expr import Apply, Col, Const, Expr, Index, Op, Recode, Var
from tildemc.trees import flat, fold


@dataclass(frozen=True)
class Plain:
    """What dataclasses themselves make of the same fields."""

    kind: str
    parts: tuple[object, ...]


leaves: st.SearchStrategy[Expr] = st.one_of(
    st.sampled_from([Const(1), Const(1.0), Const(True), Const("a"), Const(2.5), Col("x"), Var("x"), Col("1")]),
    st.builds(Recode, st.just(Col("f")), st.sampled_from([(("a", 1.0),), (("b", 1.0),), ()])),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Op, st.sampled_from("+-"), inner, inner),
        st.builds(Apply, st.just("f"), st.lists(inner, max_size=2).map(tuple)),
        st.builds(Index, inner, st.tuples(st.one_of(inner, st.none(), st.just(0), st.just(slice(1))))),
    ),
    max_leaves=6,
)


def plain(expr: Expr) -> object:
    parts = [getattr(expr, name) for name in type(expr).__slots__]
    return Plain(
        type(expr).__name__,
        tuple(
            plain(part)
            if hasattr(part, "__slots__") and not isinstance(part, tuple)
            else tuple(plain(item) if hasattr(item, "__slots__") else item for item in part)
            if isinstance(part, tuple)
            else part
            for part in parts
        ),
    )


@given(trees, trees)
def test_nodes_are_compared_and_hashed_as_dataclasses_are(one: Expr, two: Expr) -> None:
    assert (one == two) == (plain(one) == plain(two))
    if one == two:
        assert hash(one) == hash(two)


@given(trees)
def test_nodes_come_back_from_copies_and_pickles(expr: Expr) -> None:
    for again in (pickle.loads(pickle.dumps(expr)), copy(expr), deepcopy(expr)):
        assert again == expr and repr(again) == repr(expr) and type(again) is type(expr)
    assert eval(repr(expr)) == expr


@given(trees)
def test_a_fold_meets_every_node_once_from_left_to_right(expr: Expr) -> None:
    from tildemc.spec.expr import inside, walk

    met: list[Expr] = []
    fold(expr, inside, lambda node, _: met.append(node))
    assert sorted(map(repr, met)) == sorted(map(repr, walk(expr)))
    assert met[-1] is expr
    assert fold(expr, inside, lambda _, counts: 1 + sum(counts)) == len(met)


def test_nodes_are_data_of_their_own() -> None:
    node = Op("+", Col("x"), Const(1))
    assert replace(node, right=Const(2)) == Op("+", Col("x"), Const(2))
    assert node != ("+", Col("x"), Const(1)) and Const(1) != 1
    assert next(flat(node)) == (Op, 3)
    assert len({node, Op("+", Col("x"), Const(1))}) == 1
