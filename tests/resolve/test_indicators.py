"""Stata's indicators: a column for each level or cell but the base, whatever else is in the model."""

from __future__ import annotations

import pandas as pd
import pytest

import tildemc
from tildemc.errors import SemanticError
from tildemc.resolve.files import read_frame
from tildemc.resolve.meaning import meaning
from tildemc.resolve.schema import Learning
from tildemc.resolve.values import Quantity
from tildemc.syntax.formula import parse_expression

FRAME = pd.DataFrame({"a": [1, 1, 2, 2, 1, 2], "b": [1, 2, 3, 1, 2, 3], "s": ["u", "v", "u", "v", "u", "v"]})

COLUMNS = [
    ("indicators(b)", {"2": [0, 1, 0, 0, 1, 0], "3": [0, 0, 1, 0, 0, 1]}),
    ("indicators(b, base = 2)", {"1": [1, 0, 0, 1, 0, 0], "3": [0, 0, 1, 0, 0, 1]}),
    ("indicators(s)", {"v": [0, 1, 0, 1, 0, 1]}),
    ('indicators(a, s, without = c("a", "s"))', {"2:v": [0, 0, 0, 1, 0, 1]}),
    (
        "indicators(a, s)",
        {"1:v": [0, 1, 0, 0, 0, 0], "2:u": [0, 0, 1, 0, 0, 0], "2:v": [0, 0, 0, 1, 0, 1]},
    ),
]


def columns(text: str) -> dict[str, list[float]]:
    frame = read_frame(FRAME)
    call = parse_expression(text)
    value = meaning(call, Learning(frame))
    assert isinstance(value, Quantity)
    numbers = [frame.evaluate(column).tolist() for column in value.columns]
    return dict(zip(value.suffixes, numbers, strict=True))


@pytest.mark.parametrize(("text", "expected"), COLUMNS)
def test_columns(text: str, expected: dict[str, list[float]]) -> None:
    assert columns(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("indicators(b, base = 7)", "no level '7'"),
        ("indicators(a, b, base = 2)", "one level of one"),
        ('indicators(a, b, without = "a:q")', "names factors of this call"),
        ('indicators(a, b, base = 2, without = "a")', "do not go together"),
    ],
)
def test_mistakes(text: str, message: str) -> None:
    with pytest.raises(SemanticError, match=message):
        columns(text)


def test_rows_without_a_value_in_any_of_the_factors_are_left_out() -> None:
    data = FRAME.assign(y=[1.0, 2, 4, 3, 5, 7], s=["u", "v", "u", None, "u", "v"])
    assert tildemc.model("y ~ indicators(a, s)", data).report.missing == {"s": 1}
