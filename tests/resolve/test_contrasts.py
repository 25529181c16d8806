"""Contrasts by numbers of one's own, as R's `contrasts<-` and `model.matrix` have them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from marked import mistake

DATA = pd.DataFrame({"y": np.arange(8.0), "x": np.arange(8) % 3, "f": [*"abcd"] * 2})

# Of R 4.2's model.matrix(~ C(f, …)), the first four rows.
FILLED = [[1, -0.269752143390, 0.4209914264407], [0, -0.325619641525, -0.8024785661018],
          [0, 0.865123928305, -0.0395042867796], [-1, -0.269752143390, 0.4209914264407]]  # fmt: skip
THIRD = [[1, 0, 0.288675134595], [0, 1, 0.288675134595], [0, 0, -0.866025403784], [-1, -1, 0.288675134595]]
STEPS = [[-0.75, -0.5, -0.25], [0.25, -0.5, -0.25], [0.25, 0.5, -0.25], [0.25, 0.5, 0.75]]
CODED = [
    ("y ~ C(f, c(1, 0, 0, -1))", ["1", "2", "3"], FILLED),
    ("y ~ C(f, cbind(a = c(1, 0, 0, -1), b = c(0, 1, 0, -1)))", ["a", "b", ""], THIRD),
    ("y ~ C(f, c(1, 0, 0, -1), 1)", ["1"], [[1], [0], [0], [-1]]),
    ("y ~ C(f, MASS::contr.sdif(4))", ["b-a", "c-b", "d-c"], STEPS),
    ("lm(y ~ f, d, contrasts = list(f = matrix(c(1, 0, 0, -1), ncol = 1)))", ["1"], [[1], [0], [0], [-1]]),
    ("lm(y ~ f, d, contrasts = list(f = c(1, 0, 0, -1)))", ["1", "2", "3"], FILLED),
    ("lm(y ~ f, d, contrasts = list(f = contr.treatment(4, base = 4)))", ["1", "2", "3"], np.eye(4)[:, :3]),
    ("lm(y ~ f, d, contrasts = list(f = MASS::contr.sdif))", ["b-a", "c-b", "d-c"], STEPS),
]


@pytest.mark.parametrize(("text", "names", "rows"), CODED, ids=[case[0] for case in CODED])
def test_columns_are_rs(text: str, names: list[str], rows: list[list[float]]) -> None:
    found = tm.model(text, DATA).design_matrix().iloc[:4, 1:]
    assert [column.rpartition(")")[2] for column in found.columns] == names
    np.testing.assert_allclose(found, rows, atol=1e-9)


MISTAKES = [
    ("lm(y ~ x, d, contrasts = list(⟪x = contr.sum⟫))", "contrasts are of factors, and `x` is a number"),
    ("y ~ C(f, ⟪c(1, -1)⟫)", "contrasts have a row for each of the 4 levels, and here are 2"),
    ("y ~ C(f, ⟪cbind(c(1, 0, 0, -1), c(2, 0, 0, -2))⟫)", "these contrasts are no coding"),
    ("y ~ C(f, ⟪c(a, b)⟫)", "contrasts are given by name, as in `C(f, sum)`, or as numbers"),
]


@pytest.mark.parametrize(("marked", "said"), MISTAKES, ids=[case[0] for case in MISTAKES])
def test_what_codes_nothing_is_shown_where_it_stands(marked: str, said: str) -> None:
    mistake(lambda text: tm.model(text, DATA), marked, said, tm.TildeError)


# Of brms 2.18's make_standata().
CELLS = [
    ("bf(y ~ 0 + f + x, cmc = FALSE)", "mu", ["fb", "fc", "fd", "x"]),
    ("bf(y ~ 0 + f, sigma ~ 0 + f, cmc = FALSE)", "sigma", ["fa", "fb", "fc", "fd"]),
    ("bf(y ~ 0 + f) + lf(sigma ~ 0 + f, cmc = FALSE)", "sigma", ["fb", "fc", "fd"]),
    ("bf(y ~ 0 + f, cmc = TRUE)", "mu", ["fa", "fb", "fc", "fd"]),
]


@pytest.mark.parametrize(("text", "parameter", "names"), CELLS, ids=[case[0] for case in CELLS])
def test_a_factor_without_an_intercept_need_not_have_all_levels(text: str, parameter: str, names: list[str]) -> None:
    model = tm.model(f"brm({text}, d)", DATA)
    assert list(model.design_matrix(parameter).columns) == names
    again = tm.model(tm.convert(f"brm({text}, d)", "brms").text, DATA)
    assert list(again.design_matrix(parameter).columns) == names


def test_effects_of_a_group_are_coded_as_the_formula_is() -> None:
    model = tm.model("bf(y ~ 0 + f + (0 + f | x), cmc = FALSE)", DATA)
    assert [term.columns for term in model.group_terms()] == [("fb", "fc", "fd")]
    assert tm.convert("bf(y ~ 0 + f, cmc = FALSE)", "lme4").cannot_say
