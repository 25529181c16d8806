"""Prior statements: what they are about, and their distribution."""

from __future__ import annotations

import pytest

from tildemc.syntax.prior import parse_prior
from tildemc.syntax.tree import Argument, Binary, Name, Number, Text, Unary, deparse

STATEMENTS = [
    ("Intercept ~ normal(0, 100)", "Intercept", None, "normal", ["0", "100"]),
    ("b ~ normal(0, 10)", "b", None, "normal", ["0", "10"]),
    ("b(floor)~normal(0,1)", "b", ["floor"], "normal", ["0", "1"]),
    ("b(recipeB:temp) ~ normal(0, 1)", "b", ["recipeB:temp"], "normal", ["0", "1"]),
    ('b("poly(x, 2)1") ~ normal(0, 1)', "b", ['"poly(x, 2)1"'], "normal", ["0", "1"]),
    ("b(`my col`) ~ normal(0, 1)", "b", ["`my col`"], "normal", ["0", "1"]),
    ("sd(county) ~ exponential(1)", "sd", ["county"], "exponential", ["1"]),
    ("sd(county, floor) ~ exponential(1)", "sd", ["county", "floor"], "exponential", ["1"]),
    ("sd(school:class) ~ exponential(1)", "sd", ["school:class"], "exponential", ["1"]),
    ("var(j) ~ gamma(1, 1)", "var", ["j"], "gamma", ["1", "1"]),
    ("var(sigma) ~ uniform(0, 100)", "var", ["sigma"], "uniform", ["0", "100"]),
    ("cor(county) ~ lkj(2)", "cor", ["county"], "lkj", ["2"]),
    ("sigma.b(x) ~ normal(0, 1)", "sigma.b", ["x"], "normal", ["0", "1"]),
    ("sigma.Intercept ~ normal(-1/3, sqrt(2))", "sigma.Intercept", None, "normal", ["-1/3", "sqrt(2)"]),
    ("nu ~ gamma(2, 0.1)", "nu", None, "gamma", ["2", "0.1"]),
    ("b(x) ~ Normal(mu=0, sigma=1)", "b", ["x"], "Normal", ["0", "1"]),
    ("b ~ flat()", "b", None, "flat", []),
    ("b ~ flat", "b", None, "flat", []),
    ("Days ~ normal(0, 49)  (default)", "Days", None, "normal", ["0", "49"]),
    ("sigma ~ half_student_t(3, 0, 56.33)  (default)", "sigma", None, "half_student_t", ["3", "0", "56.33"]),
    ("Intercept ~ flat (default)", "Intercept", None, "flat", []),
    ("recipeB:temp ~ normal(0, 1)", "recipeB:temp", None, "normal", ["0", "1"]),
    ("ordered(temp)^4 ~ normal(0, 1)", "ordered(temp)^4", None, "normal", ["0", "1"]),
    ("I(x^2) ~ normal(0, 1)", "I", ["x^2"], "normal", ["0", "1"]),
    ("poly(x, degree = 2) ~ normal(0, 1)", "poly(x, degree = 2)", None, "normal", ["0", "1"]),
    ("'poly(x, 2)1' ~ normal(0, 1)", "poly(x, 2)1", None, "normal", ["0", "1"]),
    ("`my col` ~ normal(0, 1)", "my col", None, "normal", ["0", "1"]),
    ("b[Days] ~ normal(0, 1)", "b[Days]", None, "normal", ["0", "1"]),
    ("b[cut(Age, 3)(26,34]] ~ normal(0, 1)", "b[cut(Age, 3)(26,34]]", None, "normal", ["0", "1"]),
    ("sd_batch:cask[Intercept] ~ normal(0, 1)", "sd_batch:cask[Intercept]", None, "normal", ["0", "1"]),
    ('b("a[1]") ~ normal(0, 1)', "b", ['"a[1]"'], "normal", ["0", "1"]),
    ("\n# weak\nb(x) ~ # about zero\n  normal(\n0, 1)\n", "b", ["x"], "normal", ["0", "1"]),
]


@pytest.mark.parametrize(("text", "target", "about", "distribution", "arguments"), STATEMENTS)
def test_statements(text: str, target: str, about: list[str] | None, distribution: str, arguments: list[str]) -> None:
    prior = parse_prior(text)
    assert prior.target == target
    assert (None if prior.target_arguments is None else [deparse(a) for a in prior.target_arguments]) == about
    assert prior.distribution == distribution
    assert [deparse(argument.value) for argument in prior.arguments] == arguments


@pytest.mark.parametrize(
    ("text", "at_means"),
    [
        ("Intercept ~ normal(0, 1)", False),
        ("Intercept ~ normal(0, 1) at the predictors' means", True),
        ("Intercept ~ normal(0, 1) at the predictors’ means  (default)", True),
        ("sigma.Intercept ~ flat at the predictors' means", True),
    ],
)
def test_an_intercept_says_where_it_is(text: str, at_means: bool) -> None:
    assert parse_prior(text).at_means is at_means


def test_arguments_stay_expressions() -> None:
    assert parse_prior("b ~ normal(-1, sd = 1/3)").arguments == (
        Argument(Unary("-", Number(1))),
        Argument(Binary("/", Number(1), Number(3)), "sd"),
    )


def test_targets_tell_names_from_labels() -> None:
    assert parse_prior("b('x') ~ flat()").target_arguments == (Text("x"),)
    assert parse_prior("b(`x`) ~ flat()").target_arguments == (Name("x"),)


def test_a_prior_knows_its_places() -> None:
    prior = parse_prior("  sd(county, x) ~ exponential(1) # wide")
    assert str(prior.span) == "sd(county, x) ~ exponential(1)"
    assert str(prior.target_span) == "sd(county, x)"
    assert str(prior.distribution_span) == "exponential(1)"
