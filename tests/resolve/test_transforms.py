"""Formula functions do what R's do, and treat new data as they treated the first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.resolve.newdata import Needed, new_rows
from tildemc.results.levels import Chosen

DATA = pd.DataFrame(
    {
        "y": [1.0, 3, 2, 5, 4, 6],
        "x": [0.5, 1, 2, 4, 5, 9],
        "f": list("bacabc"),
        "k": [10, 2, 10, 2, 3, 3],
        "l": [True, False, True, True, False, False],
    }
)


def column(term: str, position: int = -1) -> np.ndarray:
    return tm.model(f"y ~ {term}", DATA).design_matrix().iloc[:, position].to_numpy()


x = DATA["x"].to_numpy()


@pytest.mark.parametrize(
    ("term", "values"),
    [
        ("log(x)", np.log(x)),
        ("log(x, 2)", np.log2(x)),
        ("log(x, base = 10)", np.log10(x)),
        ("I(x^2 - 1)", x**2 - 1),
        ("I(-x / (1 + x))", -x / (1 + x)),
        ("I(x %% 2)", x % 2),
        ("I(x %/% 2)", x // 2),
        ("sqrt(abs(x - 3))", np.sqrt(np.abs(x - 3))),
        ("scale(x)", (x - x.mean()) / x.std(ddof=1)),
        ("scale(x, center = FALSE)", x / np.sqrt((x**2).sum() / 5)),
        ("center(x)", x - x.mean()),
        ("I((x > 2) * x)", (x > 2) * x),
        ("as.integer(f)", [2, 1, 3, 1, 2, 3]),
        ("as.numeric(l)", [1, 0, 1, 1, 0, 0]),
        ('dummy(f, "b")', [1, 0, 0, 0, 1, 0]),
        ("I(x > 1 & x < 5)", [0, 0, 1, 1, 0, 0]),
        ("I(!l)", [0, 1, 0, 0, 1, 1]),
        ('I(f != "a")', [1, 0, 1, 0, 1, 1]),
        ("`x`", x),
    ],
)
def test_functions_give_rs_numbers(term: str, values: object) -> None:
    np.testing.assert_allclose(column(term), values)


def test_orthogonal_polynomials_are_orthonormal() -> None:
    X = tm.model("y ~ poly(x, 3)", DATA).design_matrix().to_numpy()[:, 1:]
    np.testing.assert_allclose(X.T @ X, np.eye(3), atol=1e-10)
    np.testing.assert_allclose(X.sum(axis=0), 0, atol=1e-10)


def test_numbers_as_a_factor_sort_as_numbers() -> None:
    names = list(tm.model("y ~ factor(k)", DATA).design_matrix().columns)
    assert names == ["Intercept", "factor(k)3", "factor(k)10"]


@pytest.mark.parametrize(
    ("term", "names"),
    [
        ('factor(f, levels = c("c", "a", "b"))', ["a", "b"]),
        ('relevel(f, ref = "b")', ["a", "c"]),
        ("C(f, contr.treatment(base = 3))", ["a", "b"]),
        ("C(f, SAS)", ["a", "b"]),
        ("C(f, helmert)", ["1", "2"]),
        ("ordered(f)", [".L", ".Q"]),
    ],
)
def test_contrasts_and_levels_are_as_asked(term: str, names: list[str]) -> None:
    columns = list(tm.model(f"y ~ {term}", DATA).design_matrix().columns)[1:]
    assert [c[len(c) - len(n) :] for c, n in zip(columns, names, strict=True)] == names


def test_helmert_contrasts_are_rs() -> None:
    X = tm.model("y ~ C(f, helmert)", DATA).design_matrix()
    by_level = X.assign(f=DATA["f"]).drop_duplicates().set_index("f").sort_index()
    assert by_level.to_numpy()[:, 1:].tolist() == [[-1, -1], [1, -1], [0, 2]]


@pytest.mark.parametrize("term", ["scale(x)", "center(x)", "poly(x, 2)", "cut(x, 3)", "factor(k)"])
def test_new_data_are_treated_as_the_first_were(term: str) -> None:
    model = tm.model(f"y ~ {term}", DATA)
    rows = new_rows(Needed(model.spec, Chosen({})), DATA.drop(columns="y").iloc[[3, 0]], "error")
    numbers = rows.design.of(model.spec.predictors[0].population)
    np.testing.assert_allclose(numbers.X, model.design_matrix().to_numpy()[[3, 0], 1:])
