"""Matrices of numbers as R writes them in."""

from __future__ import annotations

import pytest

from marked import mistake
from tildemc.errors import FormulaSyntaxError
from tildemc.syntax.expression import parse_expression
from tildemc.syntax.matrices import matrix_of, numbers_of

READ = [
    ("matrix(c(1, 0, -1, 0, 1, -1), ncol = 2)", [(1, 0), (0, 1), (-1, -1)]),
    ("matrix(c(1, 0, -1, 0, 1, -1), 2, byrow = TRUE)", [(1, 0, -1), (0, 1, -1)]),
    ("matrix(0, 2, 2)", [(0, 0), (0, 0)]),
    ("matrix(1:3)", [(1,), (2,), (3,)]),
    ("cbind(c(1, -1), rep(0.5, 2))", [(1, 0.5), (-1, 0.5)]),
    ("rbind(c(1, -1), c(0, 2)) / 2", [(0.5, -0.5), (0, 1)]),
    ("cbind(c(-2, 1, 1) / 3)", [(-2 / 3,), (1 / 3,), (1 / 3,)]),
]


@pytest.mark.parametrize(("text", "rows"), READ, ids=[case[0] for case in READ])
def test_rows_are_those_that_r_makes(text: str, rows: list[tuple[float, ...]]) -> None:
    found = matrix_of(parse_expression(text))
    assert found is not None
    assert [*found.rows] == rows


def test_columns_have_names() -> None:
    assert getattr(matrix_of(parse_expression("cbind(a = c(1, 2), b = c(3, 4))")), "names", None) == ("a", "b")


@pytest.mark.parametrize("text", ["x", "contr.sum(3)", "c(x, 1)"])
def test_what_is_no_number_is_neither(text: str) -> None:
    assert matrix_of(parse_expression(text)) is None
    assert numbers_of(parse_expression(text)) is None


@pytest.mark.parametrize(
    ("marked", "said"),
    [
        ("⟪cbind(c(1, 2), 3:5)⟫", "what `cbind()` binds here is of one length"),
        ("matrix(⟪x⟫, 2)", "`matrix()` is of numbers here"),
        ("⟪matrix(ncol = 2)⟫", "`matrix()` is of numbers here"),
        ("⟪matrix(1:5, ncol = 2)⟫", "5 numbers do not fill 3 rows and 2 columns"),
    ],
)
def test_mistakes(marked: str, said: str) -> None:
    mistake(lambda text: matrix_of(parse_expression(text)), marked, said, FormulaSyntaxError)
