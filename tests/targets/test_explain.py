"""What `print` shows of priors, and their table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm

RNG = np.random.default_rng(7)
DATA = pd.DataFrame({"y": RNG.normal(10, 3, 40), "x": RNG.normal(0, 2, 40), "k": RNG.poisson(4, 40), "n": 20})
DATA["f"], DATA["g"] = np.resize(list("abcdefghijkl"), 40), np.resize(list("uvwxy"), 40)


@pytest.mark.parametrize(
    ("formula", "family", "target", "source"),
    [
        ("y ~ x", "gaussian", "Intercept", "normal(mean(y), 2.5 · sd(y))"),
        ("y ~ x", "gaussian", "x", "normal(0, 2.5 · sd(y) / sd(x))"),
        ("y ~ x", "gaussian", "sigma", "student_t(3, 0, sd(y))"),
        ("y ~ (1 + x | g)", "gaussian", "sd(g, Intercept)", "student_t(3, 0, 2.5 · sd(y))"),
        ("y ~ (1 + x | g)", "gaussian", "sd(g, x)", "student_t(3, 0, 2.5 · sd(y) / sd(x))"),
        ("y ~ (1 + x | g)", "gaussian", "cor(g)", "the same for all data"),
        ("y ~ 1; sigma ~ x", "gaussian", "sigma.Intercept", "normal(log(sd(y)), 1)"),
        ("y ~ 1; sigma ~ x", "gaussian", "sigma.b(x)", "normal(0, 1 / sd(x))"),
        ("k ~ x + offset(log(n))", "poisson", "Intercept", "normal(log(mean(k)) - mean(offset(log(n))), 2.5)"),
        ("k ~ x", "poisson", "x", "normal(0, 2.5 / sd(x))"),
        ("k | trials(n) ~ x", "binomial", "Intercept", "normal(logit(mean(successes / trials)), 2.5)"),
        ("y ~ x", "student", "nu", "the same for all data"),
    ],
)
def test_the_table_says_where_the_numbers_of_a_default_come_from(
    formula: str, family: str, target: str, source: str
) -> None:
    table = tm.model(formula, DATA, family).priors().set_index("target")
    assert list(table.columns) == ["prior", "stated", "source"]
    assert table.loc[target, "source"] == source
    assert not table.loc[target, "stated"]


def test_the_table_says_what_was_stated() -> None:
    table = tm.model("y ~ x + (1 | g)", DATA, priors=["b ~ normal(0, 1)", "sd(g) ~ exponential(2)"]).priors()
    assert table.query("stated")[["target", "source"]].to_numpy().tolist() == [
        ["x", "b ~ normal(0, 1)"],
        ["sd(g, Intercept)", "sd(g) ~ exponential(2)"],
    ]


@pytest.mark.parametrize(
    ("formula", "lines"),
    [
        ("y ~ f + x", ["  f, priors: normal(0, "]),
        ("y ~ f + x; sigma ~ f", ["  f, priors: normal(0, ", "  f, priors: normal(0, "]),
    ],
)
def test_priors_of_many_columns_are_put_together(formula: str, lines: list[str]) -> None:
    shown = str(tm.model(formula, DATA)).splitlines()
    assert [line[: len(lines[0])] for line in shown if ", priors: " in line] == lines


@pytest.mark.parametrize(("formula", "target"), [("y ~ f + x", "b(f)"), ("y ~ 1; sigma ~ f", "sigma.b(f)")])
def test_one_prior_of_many_columns_is_a_statement(formula: str, target: str) -> None:
    model = tm.model(formula, DATA, priors=f"{target} ~ normal(0, 1)")
    assert f"  {target} ~ normal(0, 1)" in str(model).splitlines()
    assert model.priors()["stated"].sum() == 11


@pytest.mark.parametrize("formula", ["y ~ x\n  sigma ~ x", "y ~ x;\n\tsigma ~ x", "\n   y ~ x\n      sigma ~ x"])
def test_lines_of_a_formula_do_not_look_like_priors(formula: str) -> None:
    model = tm.model(formula, DATA)
    lines = [line.strip() for line in str(model).splitlines() if line.startswith("  ") and " ~ " in line]
    table = model.priors()
    rows = [f"{target} ~ {prior}  (default)" for target, prior in zip(table["target"], table["prior"], strict=True)]
    assert lines == rows
