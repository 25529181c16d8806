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
    ("\n# weak\nb(x) ~ # about zero\n  normal(\n0, 1)\n", "b", ["x"], "normal", ["0", "1"]),
]


@pytest.mark.parametrize(("text", "target", "about", "distribution", "arguments"), STATEMENTS)
def test_statements(text: str, target: str, about: list[str] | None, distribution: str, arguments: list[str]) -> None:
    prior = parse_prior(text)
    assert prior.target == target
    assert (None if prior.target_arguments is None else [deparse(a) for a in prior.target_arguments]) == about
    assert prior.distribution == distribution
    assert [deparse(argument.value) for argument in prior.arguments] == arguments


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
