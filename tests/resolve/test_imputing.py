"""`y | mi()`: which rows are drawn after a fit, and what is refused where."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from marked import mistake
from tildemc.errors import SemanticError, TildeError, UnsupportedError


def rows() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"y": rng.normal(size=20), "x": rng.normal(size=20), "s": rng.uniform(0.2, 0.5, 20)})
    frame = frame.assign(k=rng.poisson(3, 20), c=0, t=np.arange(20))
    frame.loc[[2, 5, 7], "y"] = np.nan
    frame.loc[[5, 9], "x"] = np.nan
    return frame


@pytest.mark.parametrize(
    ("formula", "drawn"),
    [
        ("y | mi() ~ x", [2, 7]),
        ("y | mi() ~ 1", [2, 5, 7]),
        ("y | mi() + weights(s) ~ x", [2, 7]),
        ("y | mi(s) ~ x", [*(i for i in range(20) if i not in (2, 5, 7, 9)), 2, 7]),
    ],
)
def test_rows_that_have_all_but_a_response_are_drawn(formula: str, drawn: list[int]) -> None:
    model = tm.model(formula, rows())
    assert model.later is not None
    assert [*model.later.imputed.rows] == drawn
    assert "drawn after the fit" in str(model)


MISTAKES: list[tuple[str, str, type[TildeError]]] = [
    ("k | ⟪mi()⟫ ~ x; poisson", "goes with responses that are any real number", SemanticError),
    ("y | ⟪mi(s)⟫ ~ x; student", "family gaussian", UnsupportedError),
    ("y | ⟪mi(s, x)⟫ ~ x", "takes nothing, or the sd", SemanticError),
    ("y | mi() + ⟪mi(s)⟫ ~ x", "stands twice", SemanticError),
    ("y | se(s) + ⟪mi(s)⟫ ~ x", "both say the sd", SemanticError),
    ("y | mi() + ⟪cens(c)⟫ ~ x", "beside `cens()` is not built", UnsupportedError),
    ("y | ⟪mi()⟫ ~ x + ar(t)", "residuals that go together", UnsupportedError),
]


@pytest.mark.parametrize(("marked", "fragment", "kind"), MISTAKES)
def test_what_cannot_be_drawn_later_is_shown(marked: str, fragment: str, kind: type[TildeError]) -> None:
    formula, _, family = marked.partition("; ")
    mistake(lambda text: tm.model(text, rows(), family or None), formula, fragment, kind)
