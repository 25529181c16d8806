"""Formula functions do what R's do, and treat new data as they treated the first."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from scipy import special

import tildemc as tm
from marked import mistake
from tildemc.resolve.newdata import Needed, new_rows
from tildemc.results.levels import Chosen
from tildemc.targets.pymc.recipe import column_code

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
        ("as.numeric(as.character(x))", x),
        ('as.numeric(as.character(factor(f, labels = c("10", "0", "2.5"))))', [0, 10, 2.5, 10, 0, 2.5]),
        ('dummy(f, "b")', [1, 0, 0, 0, 1, 0]),
        ("I(x > 1 & x < 5)", [0, 0, 1, 1, 0, 0]),
        ("I(!l)", [0, 1, 0, 0, 1, 1]),
        ('I(f != "a")', [1, 0, 1, 0, 1, 1]),
        ("`x`", x),
        ("I(x - mean(x))", x - x.mean()),
        ("I(x / sd(x, na.rm = TRUE))", x / x.std(ddof=1)),
        ("I(x - min(x) + max(x) + sum(x) + length(x))", x - x.min() + x.max() + x.sum() + 6),
        ("I(x - median(x) + var(x))", x - np.median(x) + x.var(ddof=1)),
        ("I(x > quantile(x, 0.25))", x > np.quantile(x, 0.25)),
        ("I(sin(2 * pi * x))", np.sin(2 * np.pi * x)),
        ("ifelse(x > 2, 1, x)", np.where(x > 2, 1, x)),
        ('ifelse(x > 2, "high", "low")', x <= 2),
        ('case_when(x < 2 ~ "a", x < 5 ~ "b", TRUE ~ "c")', x >= 5),
        ("pmin(x, 3) + pmax(x, k)", np.maximum(x, DATA["k"])),
        ('I(f %in% c("a", "c"))', [0, 1, 1, 1, 0, 1]),
        ("I(k %in% c(2, 3))", [0, 1, 0, 1, 1, 1]),
        ("cut(x, c(0, 2, 5, Inf))", x > 5),
        ('cut(x, c(0, 2, 9), labels = c("low", "high"))', x > 2),
        ("cut(x, c(0, 2, 10), right = FALSE)", x >= 2),
        ("cut(x, c(0, 2, 9), labels = FALSE)", 1.0 + (x > 2)),
        ("I(x / nlevels(f))", x / 3),
        ("C(f, contr.sum(3))", [1, 0, -1, 0, 1, -1]),
        ("as.character(k)", DATA["k"] == 3),
        ('factor(f, labels = c("x", "y", "z"))', DATA["f"] == "c"),
        ("base::factor(f)", DATA["f"] == "c"),
        ("interaction(l, f)", [0, 0, 1, 0, 0, 0]),
        ('paste(f, l, sep = "_")', [0, 0, 1, 0, 0, 0]),
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


SPLINES = {
    "bs(x, df=5)": [
        [0, 0, 0, 0, 0],
        [0.135734072, 0.627423823, 0.236842105, 0, 0],
        [0, 0, 0, 0, 1],
        [-1.81722658, 0.30675295, -0.0111527372, 0, 0],
        [0.0146565244, 0.487644802, 0.480092854, 0.0176058201, 0],
        [0, -0.0412259615, 0.774051405, -3.37415453, 3.64132909]
    ],
    "bs(x, knots=c(3,6), degree=2)": [
        [0, 0, 0, 0],
        [0.257894737, 0.702974828, 0.0391304348, 0],
        [0, 0, 0, 1],
        [-1.30459895, 0.109811566, 0, 0],
        [0.0584795322, 0.748283753, 0.193236715, 0],
        [0, 0.163879599, -1.5307435, 2.36686391]
    ],
    "ns(x, df=4)": [
        [0, 0, 0, 0],
        [0.54373202, -0.0880597815, 0.324216683, -0.206044247],
        [0, -0.150733205, 0.413550074, 0.737183131],
        [0, 0.159038648, -0.436336803, 0.277298155],
        [0.683718176, 0.143455301, 0.139245505, -0.0884026006],
        [0, -0.986245311, 0.552006366, 1.43423895]
    ],
    "ns(x, knots=c(3,6), intercept=TRUE)": [
        [-0.257037965, -0.23280568, 0.644692652, -0.411886972],
        [0.58910721, 0.234057695, 0.181183655, -0.112495354],
        [0, -0.14994985, 0.415245737, 0.734704112],
        [-0.820778151, -0.322884069, 0.8941405, -0.57125643],
        [0.413100602, 0.455604526, 0.188847323, -0.0848678794],
        [0, -0.771313942, 0.520561685, 1.25075226]
    ],
    "bs(x, df=4, Boundary.knots=c(0,10))": [
        [0.170573828, 0.0053953125, 5.625e-05, 0],
        [0.423825391, 0.446001563, 0.12358125, 0],
        [1.92307692e-06, 0.000569378698, 0.0560186504, 0.943410048],
        [-0.83317419, 0.0710069444, -0.00208333333, 0],
        [0.240384615, 0.499260355, 0.260298134, 5.6895767e-05],
        [-0.0153846154, 0.29112426, -1.93026855, 2.6545289]
    ],
}  # fmt: skip
"""R 4.2.2's package splines: rows 1, 4 and 10 of `SPLINED`, and new values -1, 5 and 12, beyond the knots too."""
SPLINED = {"x": [0.3, 1.7, 2.2, 3.9, 4.1, 5.5, 6.0, 7.3, 8.8, 9.9], "y": [3.0, 1, 2, 5, 4, 6, 7, 1, 2, 3]}


@pytest.mark.parametrize(("term", "expected"), SPLINES.items(), ids=SPLINES)
def test_regression_splines_are_rs_at_the_data_and_beyond(term: str, expected: list[list[float]]) -> None:
    model = tm.model(f"y ~ 0 + {term}", SPLINED)
    here = model.design_matrix().to_numpy()[[0, 3, 9]]
    new = new_rows(Needed(model.spec, Chosen({})), {"x": [-1.0, 5.0, 12.0]}, "error").design
    beyond = new.of(model.spec.predictors[0].population).X
    np.testing.assert_allclose(np.vstack([here, beyond]), expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize(
    ("term", "told"),
    [
        ("bs(x, knots = c(3, 20))", "do not lie between two ends"),
        ("bs(x, df = 2)", "is too small for its degree"),
        ("ns(x, knots = a)", "`knots` is made of numbers"),
    ],
)
def test_a_mistake_in_a_regression_spline_is_told(term: str, told: str) -> None:
    with pytest.raises(tm.TildeError, match=re.escape(told)):
        tm.model(f"y ~ {term}", SPLINED)


GAPS = pd.DataFrame(
    {
        "y": [1.0, 3, 2, 5, 4, 6],
        "x": [0.5, 1, 2, 4, 5, 9],
        "m": [1.0, np.nan, 3, np.nan, 2, 4],
        "f": list("bacabc"),
        "k": [10, 2, 10, 2, 3, 3],
        "g": [1, 1, 2, 2, 3, 3],
    }
)
# R 4.2.2: X <- model.matrix(lm(y ~ TERM, d)): the places of its rows, and its last column.
OF_GAPS = [
    ("is.na(m)", [0, 1, 2, 3, 4, 5], [0, 1, 0, 1, 0, 0]),
    ("ifelse(is.na(m), 0, m)", [0, 1, 2, 3, 4, 5], [1, 0, 3, 0, 2, 4]),
    ('ifelse(m > 2, "high", "low")', [0, 2, 4, 5], [1, 0, 1, 0]),
    ("ifelse(m > 2, 1, x)", [0, 2, 4, 5], [0.5, 1, 5, 1]),
    ("ifelse(x > 2, x, m)", [0, 2, 3, 4, 5], [1, 3, 4, 5, 9]),
    ("case_when(m > 2 ~ 1, TRUE ~ 0)", [0, 1, 2, 3, 4, 5], [0, 0, 1, 0, 0, 1]),
    ("coalesce(m, x)", [0, 1, 2, 3, 4, 5], [1, 1, 3, 4, 2, 4]),
    ("replace_na(m, mean(m, na.rm = TRUE))", [0, 1, 2, 3, 4, 5], [1, 2.5, 3, 2.5, 2, 4]),
    ("na_if(k, 3)", [0, 1, 2, 3], [10, 2, 10, 2]),
    ("I(m %in% c(1, 3))", [0, 1, 2, 3, 4, 5], [1, 0, 1, 0, 0, 0]),
    ("cut(x, c(0, 2, 5))", [0, 1, 2, 3, 4], [0, 0, 0, 1, 1]),
    ("cut(x, quantile(x))", [1, 2, 3, 4, 5], [0, 0, 0, 1, 1]),
    ("factor(k, levels = c(3, 2))", [1, 3, 4, 5], [1, 1, 0, 0]),
    ('factor(f, levels = c("a", "b"))', [0, 1, 3, 4], [1, 0, 0, 1]),
    ("pmin(x, m, na.rm = TRUE)", [0, 1, 2, 3, 4, 5], [0.5, 1, 2, 4, 2, 4]),
    ("pmax(x, m)", [0, 2, 4, 5], [1, 3, 5, 9]),
    ("ave(m, g)", [4, 5], [3, 3]),
    ("recode(f, a = 1, b = 2)", [0, 1, 3, 4], [2, 1, 1, 2]),
    ("replace(m, is.na(m), -1)", [0, 1, 2, 3, 4, 5], [1, -1, 3, -1, 2, 4]),
    ('match(f, c("b", "a"))', [0, 1, 3, 4], [1, 2, 2, 1]),
    ("I(is.na(m) * x)", [0, 1, 2, 3, 4, 5], [0, 1, 0, 4, 0, 0]),
    ("cut(m, c(0, 2, 5))", [0, 2, 4, 5], [0, 1, 0, 1]),
]


@pytest.mark.parametrize(("term", "rows", "values"), OF_GAPS)
def test_rows_are_those_in_which_the_variable_has_a_value(term: str, rows: list[int], values: list[float]) -> None:
    X = tm.model(f"y ~ {term}", GAPS).design_matrix()
    assert X.index.tolist() == rows
    np.testing.assert_allclose(X.iloc[:, -1], values)


NEW_GAPS = [
    ("ifelse(is.na(m), 0, m)", [True, True], [0, 3]),
    ("is.na(m)", [True, True], [1, 0]),
    ("coalesce(m, mean(m))", [True, True], [2.5, 3]),
    ('ifelse(m > 2, "high", "low")', [False, True], [0]),
    ("I(m %in% c(1, 3))", [True, True], [0, 1]),
    ("m", [False, True], [3]),
]


@pytest.mark.parametrize(("term", "complete", "values"), NEW_GAPS)
def test_new_rows_are_complete_by_the_same(term: str, complete: list[bool], values: list[float]) -> None:
    model = tm.model(f"y ~ {term}", GAPS)
    found = new_rows(Needed(model.spec, Chosen({})), {"m": [np.nan, 3.0]}, "error")
    assert found.complete.tolist() == complete
    np.testing.assert_allclose(found.design.of(model.spec.predictors[0].population).X[:, -1], values)


def test_rows_that_a_variable_leaves_out_are_told() -> None:
    model = tm.model("y ~ cut(x, c(0, 2, 5))", GAPS)
    assert model.report.notes[0] == "`cut(x, c(0, 2, 5))` has no value in 1 rows, which are left out"


@pytest.mark.parametrize(
    "term",
    ["na_if(k, 3)", "ifelse(x > 2, 1, 0)", "plogis(x)", "ave(x, g)", "ave(x, f, g)", "signif(x, 1)", "substr(f, 1, 1)",
     "recode(f, a = 2, b = 3)", "I(k %in% 2:3)", "cut(x, c(0, 2, 5))"],
)  # fmt: skip
def test_programs_have_the_same_numbers(term: str) -> None:
    model = tm.model(f"y ~ {term}", GAPS)
    X = model.design_matrix()
    names = {"data": GAPS.loc[X.index], "np": np, "pd": pd, "sp": special}
    for column in model.spec.predictors[0].population.columns:
        found = eval(column_code(column.value), names)
        np.testing.assert_allclose(np.asarray(found, dtype=float), X[column.label], err_msg=column.label)


@pytest.mark.parametrize(
    ("term", "values"),
    [
        ("as.numeric(as.character(k))", DATA["k"]),
        ("as.numeric(sub('k', '', paste0('k', k)))", DATA["k"]),
        ("round(x, 1)", np.round(x, 1)),
        ("signif(1000 * x / 7, 2)", [71, 140, 290, 570, 710, 1300]),
        ("ave(x, f)", [2.75, 2.5, 5.5, 2.5, 2.75, 5.5]),
    ],
)
def test_what_text_spells_and_groups_have(term: str, values: object) -> None:
    np.testing.assert_allclose(column(term), values)


REFUSED = [
    ("y ~ ⟪lag(x)⟫", '`d["lag_x"] = d.groupby("g")["x"].shift()`'),
    ("y ~ ⟪rank(x)⟫", "a place among all rows, which new rows have not"),
    ("y ~ ⟪as.Date(f)⟫", "is of dates"),
    ("y ~ ⟪rcs(x, 3)⟫", "there are `s(x)`, `ns(x, df = 3)`"),
    ("y ~ ⟪lgo(x)⟫", 'did you mean `log`? Else make the column in the data, `d["lgo_x"] = …`'),
    ("y ~ ⟪x[1]⟫", "takes a part of a matrix"),
    ("y ~ ⟪ntile(k, 4)⟫", "rows of one value in two groups"),
    ("y ~ ⟪as.numeric(as.character(f))⟫", "'a' is no number"),
    ('y ~ grepl(⟪"a.*b"⟫, f)', "patterns are plain text"),
    ('y ~ relevel(f, ref = ⟪"z"⟫)', "there is no level 'z'"),
    ('y ~ factor(f, levels = c("a", ⟪"d"⟫))', "there is no level 'd'"),
    ("y ~ cut(x, ⟪c(1, 1, 2)⟫)", "not all different"),
    ("y ~ ⟪rep(c(1, 2), each = 3)⟫", "`rep()` is one number for every row here"),
    ('y ~ ⟪paste0("a", "b")⟫', "is one text in every row"),
]


@pytest.mark.parametrize(("marked", "said"), REFUSED)
def test_what_no_row_says_by_itself_is_refused_by_name(marked: str, said: str) -> None:
    mistake(lambda text: tm.model(text, DATA), marked, said, tm.TildeError)


def test_a_text_beside_a_column_names_its_levels() -> None:
    assert tm.model('y ~ paste0("c", f)', DATA).design_matrix().columns.tolist()[1:] == [
        'paste0("c", f)cb',
        'paste0("c", f)cc',
    ]


def test_one_number_in_every_row() -> None:
    np.testing.assert_array_equal(column("I(x * rep(2, nrow(d)))"), 2 * x)
