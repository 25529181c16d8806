"""Stata's constructs one by one: each gives the model of the formula beside it, or says where and what is missing."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from marked import mistake
from tildemc.errors import TildeError
from tildemc.syntax.command import read


@cache
def data() -> pd.DataFrame:
    """Integer codes for factors, as Stata has them; `k` of `n` successes, a panel `g`, survival times `_t`."""
    rng = np.random.default_rng(7)
    n = np.arange(72)
    numbers = {name: rng.normal(size=72) for name in ("y", "x", "z", "z1", "z2", "o", "y1")}
    codes = {"g": n % 6, "a": n % 4 + 1, "b": n // 4 % 3 + 1, "f": n // 6 % 3 + 1, "v": n // 2 % 2, "t": n // 6}
    counts = {"s": (n * 7 % 5 > 2) * 1, "k": n * 3 % 5, "n": np.full(72, 6), "w": n % 3 + 1, "m": n // 6 % 4}
    times = {"e": rng.uniform(1, 2, size=72), "_t": rng.exponential(size=72), "_d": n % 2}
    frame = pd.DataFrame({**numbers, **codes, **counts, **times})
    return frame.assign(y2=frame["y1"] + 1)


def shown(model: tm.Model) -> dict[str, Any]:
    """What `print` shows of the model, without the text that said it and the rows left out."""
    return {name: value for name, value in model.facts().items() if name not in ("formula", "notes", "rows")}


def assert_same(one: tm.Model, other: tm.Model) -> None:
    """The same model of the same numbers."""
    assert shown(one) == shown(other)
    mine, theirs = one.design.whole("this test").terms, other.design.whole("this test").terms
    assert mine.keys() == theirs.keys()
    for path, numbers in mine.items():
        for own, twin in zip(numbers.alike(slice(None)), theirs[path].alike(slice(None)), strict=True):
            np.testing.assert_array_equal(own, twin)


SAME = [
    # levels
    ("mixed y x || g:", "y ~ x + (1 | g)"),
    ("mixed y x || g: z", "y ~ x + (1 + z || g)"),
    ("mixed y x || g: z, cov(un)", "y ~ x + (1 + z | g)"),
    ("mixed y x || g: z, nocons", "y ~ x + (0 + z | g)"),
    ("mixed y v || g: v, nocons", "y ~ v + (0 + v | g)"),
    ("mixed y x || g: ibn.f, nocons cov(id)", "y ~ x + (1 | g:f)"),
    ("mixed y x || g: z1 z2, nocons cov(id)", "y ~ x + homdiag(0 + z1 + z2 | g)"),
    ("mixed y x || g: z, cov(exchangeable)", "y ~ x + homcs(1 + z | g)"),
    ("mixed y x || g: ibn.f, nocons cov(exchangeable)", "y ~ x + (1 | g) + (1 | g:f)"),
    ("mixed y x || a: || b:", "y ~ x + (1 | a) + (1 | a:b)"),
    ("mixed y x || a: || b:", "y ~ x + (1 | a/b)"),
    ("mixed y x || g: z1, nocons || g: z2, nocons", "y ~ x + (0 + z1 | g) + (0 + z2 | g)"),
    ("mixed y x || _all: R.a || b:", "y ~ x + (1 | a) + (1 | b)"),
    ("mixed y x || _all: z1 z2, nocons cov(id)", "y ~ x + ridge(z1, z2)"),
    ("mixed y x || _all: z1-z2, nocons cov(id) || g:", "y ~ x + ridge(z1, z2) + (1 | g)"),
    ("mixed y x || _all: z1 z2, nocons", "y ~ x + ridge(z1) + ridge(z2)"),
    ("mixed y x || _all: ibn.g, nocons cov(id)", "y ~ x + (1 | g)"),
    ("mixed y x || g: R.v", "y ~ x + (1 | g:v)"),
    # residuals
    ("mixed y x || g:, residuals(independent, by(v))", "y ~ x + (1 | g); sigma ~ by(v)"),
    ("mixed y x || g:, residuals(independent)", "y ~ x + (1 | g)"),
    ("mixed y x || g:, nocons residuals(exchangeable)", "y ~ x + corCompSymm(form = ~ 1 | g)"),
    ("mixed y x || g:, residuals(exc, by(v))", "y ~ x + (1 | g) + corCompSymm(form = ~ 1 | g, by = v); sigma ~ by(v)"),
    ("mixed y x || g:, nocons residuals(independent, by(v))", "y ~ x; sigma ~ by(v)"),
    # constants and factor variables
    ("mixed y x, noconstant || g:", "y ~ 0 + x + (1 | g)"),
    ("regress y i.f", "y ~ factor(f)"),
    ("regress y ib3.f", "y ~ relevel(factor(f), ref = 3)"),
    ("regress y ib(last).f", "y ~ C(f, SAS)"),
    ("regress y ibn.f, noconstant", "y ~ 0 + factor(f)"),
    ("regress y c.x#c.x", "y ~ I(x^2)"),
    ("regress y i.a##c.x", "y ~ factor(a)*x"),
    ("regress y i.a a#c.x", "y ~ factor(a) + factor(a):x"),
    ("regress y x a#c.x", "y ~ x + factor(a):x"),
    ("regress y a##b", "y ~ factor(a)*factor(b)"),
    ("regress y a#b", "y ~ indicators(a, b)"),
    # weights and offsets
    ("mixed y x [fw=w] || g:", "y | weights(w) ~ x + (1 | g)"),
    ("mixed y x [pw=w] || g:", "y | weights(w) ~ x + (1 | g)"),
    ("regress y x [aw=w]", "y ~ x; sigma ~ 1 + offset(-0.5 * log(w))"),
    ("poisson k x, offset(o)", "k ~ x + offset(o); poisson"),
    ("poisson k x, exposure(e)", "k ~ x + offset(log(e)); poisson"),
    # families
    ("melogit s x || g:", "s ~ x + (1 | g); bernoulli"),
    ("meprobit s x || g:", "s ~ x + (1 | g); bernoulli(probit)"),
    ("mecloglog s x || g:", "s ~ x + (1 | g); bernoulli(cloglog)"),
    ("melogit k x || g:, binomial(n)", "k | trials(n) ~ x + (1 | g); binomial"),
    ("meprobit k x || g:, binomial(6)", "k | trials(6) ~ x + (1 | g); binomial(probit)"),
    ("mepoisson k x || g:", "k ~ x + (1 | g); poisson"),
    ("menbreg k x || g:", "k ~ x + (1 | g); negbinomial"),
    ("menbreg k x || g:, dispersion(mean)", "k ~ x + (1 | g); negbinomial"),
    ("regress y x", "y ~ x"),
    ("logit s x", "s ~ x; bernoulli"),
    ("poisson k x", "k ~ x; poisson"),
    # panels
    ("xtset g\nxtreg y x, re", "y ~ x + (1 | g)"),
    ("xtset g\nxtreg y x, mle", "y ~ x + (1 | g)"),
    ("xtreg y x, i(g)", "y ~ x + (1 | g)"),
]
FAMILIES = ("poisson", "bernoulli", "binomial", "negbinomial")


@pytest.mark.parametrize(("command", "text"), SAME)
def test_a_command_gives_the_formulas_model(command: str, text: str) -> None:
    formula, _, last = text.rpartition("; ")
    if last.startswith(FAMILIES):
        assert_same(tm.model(command, data()), tm.model(formula, data(), last))
    else:
        assert_same(tm.model(command, data()), tm.model(text, data()))


def test_the_cells_of_an_interaction_less_one() -> None:
    """`a#b` alone has a column for each cell but the first; R's `a:b` has one for each cell."""
    columns = tm.model("regress y a#b", data()).design_matrix()
    assert columns.shape[1] == 1 + 4 * 3 - 1
    assert np.linalg.matrix_rank(columns) == 12
    assert columns.iloc[:, 1:].sum().sum() == ((data()["a"] > 1) | (data()["b"] > 1)).sum()


def test_a_factor_without_the_constant_keeps_its_base_out() -> None:
    columns = tm.model("regress y i.f, nocons", data()).design_matrix()
    np.testing.assert_array_equal(columns, np.equal.outer(data()["f"].to_numpy(), [2, 3]))
    assert tm.model("regress y ibn.f, nocons", data()).design_matrix().shape[1] == 3


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        ("mixed y x if v == 1 || g:", lambda frame: frame[frame["v"] == 1]),
        ("mixed y x in 5/40 || g:", lambda frame: frame.iloc[4:40]),
        ("mixed y x if x > 0 in f/-3 || g:", lambda frame: frame.iloc[:70][frame["x"][:70] > 0]),
    ],
)
def test_rows(command: str, kept: Any) -> None:
    assert_same(tm.model(command, data()), tm.model("y ~ x + (1 | g)", kept(data())))


NOTED = [
    ("mixed y x [pw=w] || g:", "not a design-based standard error"),
    ("regress y x [aw=w]", "Stata rescales weights"),
    ("xtreg y x, i(g) re", "generalised least squares"),
    ("mixed y x || g: ibn.f, nocons cov(exchangeable)", "covariances below zero are left out"),
    ("mixed y x || g:, mle", "`mle` is dropped"),
    ("mixed y x || g:, reml dfmethod(kroger)", "`dfmethod(kroger)` is dropped"),
    ("mixed y x || g:, vce(robust)", "`vce(robust)` is dropped"),
    ("mixed y x || g:, emiterate(5) emonly", "`emonly` is dropped"),
    ("melogit s x || g:, intmethod(laplace) intpoints(9)", "`intpoints(9)` is dropped"),
]


@pytest.mark.parametrize(("command", "note"), NOTED)
def test_what_differs_is_said(command: str, note: str) -> None:
    assert note in " ".join(str(tm.model(command, data())).split())


@pytest.mark.parametrize(
    ("command", "column", "told"),
    [
        ("mixed y x if z > 0 || g:", "z", True),
        ("mixed y x if z > 0 || g:", "z1", False),
        ("mixed y x if z > 0 & t > 3 || g:", "z", True),
        ("mixed y x if z > 0 || g:", "", False),
        ("mixed y x if x > 0 || g:", "x", False),
        ("mixed y x if missing(z) || g:", "z", False),
    ],
)
def test_missing_values_above_any_number_are_told_where_a_row_is_kept_by_one(
    command: str, column: str, told: bool
) -> None:
    frame = data()
    if column:
        frame.loc[[50, 60], column] = np.nan
    assert ("larger than any number" in " ".join(str(tm.model(command, frame)).split())) is told


DISPLAYED = [
    ("melogit s x || g:, or", ("or",)),
    ("mepoisson k x || g:, irr", ("irr",)),
    ("mecloglog s x || g:, eform", ("eform",)),
    ("mixed y x || g:, stddeviations", ("stddeviations",)),
    ("mixed y x || g:, variance", ("variance",)),
]


@pytest.mark.parametrize(("command", "display"), DISPLAYED)
def test_options_of_the_summary_leave_the_model_alone(command: str, display: tuple[str, ...]) -> None:
    model = tm.model(command, data())
    assert model.display == display
    assert_same(model, tm.model(command.partition(",")[0], data()))


def test_variances_become_sds() -> None:
    command = "bayes, prior({y:x}, normal(0, 10)): regress y x"
    assert_same(tm.model(command, data()), tm.model("y ~ x", data(), priors=["b(x) ~ normal(0, sqrt(10))"]))


STATAS = ["b ~ normal(0, 100)", "Intercept ~ normal(0, 100)"]
VARIANCE = "inv_gamma(0.01, 0.01)"


@pytest.mark.parametrize(
    ("command", "formula", "priors"),
    [
        ("mixed y x || g: z", "y ~ x + (1 + z || g)", [f"var ~ {VARIANCE}", f"var(sigma) ~ {VARIANCE}"]),
        (
            "mixed y x || g: z, cov(un)",
            "y ~ x + (1 + z | g)",
            ["var ~ inv_gamma(1, 0.5)", "cor ~ lkj(1)", f"var(sigma) ~ {VARIANCE}"],
        ),
        (
            "mixed y x || a: || b: z, cov(un)",
            "y ~ x + (1 | a) + (1 + z | a:b)",
            [f"var(a) ~ {VARIANCE}", "var(a:b) ~ inv_gamma(1, 0.5)", "cor ~ lkj(1)", f"var(sigma) ~ {VARIANCE}"],
        ),
        ("menbreg k x || g:", "k ~ x + (1 | g); negbinomial", [f"var ~ {VARIANCE}", "shape ~ lognormal(0, 100)"]),
        ("logit s x", "s ~ x; bernoulli", []),
    ],
)
def test_statas_own_priors(command: str, formula: str, priors: list[str]) -> None:
    """A normal prior is of the constant itself, not of the level at the predictors' means."""
    text, _, family = formula.partition("; ")
    model = tm.model(f"bayes: {command}", data(), priors="stata")
    assert_same(model, tm.model(text, data(), family or None, priors=[*STATAS, *priors]))
    assert "at the predictors' means" not in str(model)
    assert ("inverse-Wishart" in str(model)) == ("cov(un)" in command)


MISSING = [
    ("mixed y x || g:, cov(⟪fixed(M)⟫)", "covariance(fixed"),
    ("mixed y x || g:, cov(⟪pattern(M)⟫)", "covariance(pattern"),
    ("regress y ⟪L.x⟫", "xtset panel time"),
    ("regress y z ⟪d2.x⟫", "tsset time"),
    ("mestreg x || g:, ⟪dist(loglogistic)⟫", "loglogistic"),
    ("xtreg y x ⟪i.f⟫, i(g) be", "means of columns"),
    ("xtreg y x, i(g) ⟪pa⟫", "population average"),
    ("⟪gllamm⟫ y x, i(g)", "gllamm"),
    ("⟪gsem⟫ (y <- x M1[g])", "gsem"),
    ("⟪svy⟫: regress y x", "svyset"),
]


@pytest.mark.parametrize(("marked", "missing"), MISSING)
def test_what_no_model_holds_is_refused_by_name(marked: str, missing: str) -> None:
    mistake(lambda text: tm.model(text, data()), marked, missing, TildeError)


def test_families_of_r_calls_are_refused_where_they_stand() -> None:
    for marked in (
        "brm(m ~ x, family = ⟪bell('log')⟫)",
        "glmmTMB(y ~ x, family = skewnormal, ziformula = ⟪~ 1⟫)",
    ):
        mistake(lambda text: tm.model(text, data()), marked, "", TildeError)


IS_NO_RESIDUAL = [
    ("mixed y v || g: || v:", "`|| v:` is a random intercept for each level of v within g"),
    ("mixed y i.v || g: || v: x", "`|| v:` is a set of random effects for each level of v within g"),
    ("mixed y i.v##c.x || v:", "`|| v:` is a random intercept for each level of v, not a residual variance"),
]


@pytest.mark.parametrize(("command", "note"), IS_NO_RESIDUAL)
def test_a_level_that_is_a_predictor_too_is_explained(command: str, note: str) -> None:
    (found,) = read(command).notes
    assert found.startswith(note)
    assert found.endswith("that is `residuals(independent, by(v))`")


def test_other_levels_need_no_such_word() -> None:
    for command in (
        "mixed y x || g: || v:",
        "mixed y v || g: v",
        "mixed y v || g: R.v",
        "mixed y v || v:, nocons",
        "melogit s v || g: || v:",
    ):
        assert not read(command).notes
