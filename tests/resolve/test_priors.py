"""Prior statements reach the parameters they name, the most specific first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.model.priors import Prior

RNG = np.random.default_rng(2)
DATA = pd.DataFrame(
    {
        "y": RNG.normal(size=30),
        "x": RNG.normal(size=30),
        "f": np.resize(list("ab"), 30),
        "g": np.resize(list("uvw"), 30),
    }
)
FORMULA = "y ~ x * f + (1 + x | g) + (1 | f:g); sigma ~ x + (1 | g)"


def priors(*statements: str, formula: str = FORMULA, family: str = "gaussian") -> dict[str, Prior]:
    """By how a person would address it."""
    spec = tm.model(formula, DATA, family, list(statements)).spec
    found: dict[str, Prior] = {}
    for predictor in spec.predictors:
        owner = "" if predictor.parameter == "mu" else f"{predictor.parameter}."
        if predictor.intercept is not None:
            found[f"{owner}Intercept"] = predictor.intercept.prior
        for column, prior in zip(predictor.columns, predictor.priors, strict=True):
            found[f"{owner}b({column.label})"] = prior
        for grouping in predictor.groupings:
            for column, prior in zip(grouping.columns, grouping.sd_priors, strict=True):
                found[f"{owner}sd({grouping.factor.label}, {column.label})"] = prior
            for block in grouping.blocks:
                if block.correlated:
                    found[f"{owner}cor({grouping.factor.label})"] = block.covariance.correlation  # type: ignore[union-attr]
    return found | {a.parameter: a.prior for a in spec.auxiliaries}


@pytest.mark.parametrize(
    ("statement", "targets"),
    [
        ("Intercept ~ normal(0, 7)", ["Intercept"]),
        ("b ~ normal(0, 7)", ["b(x)", "b(fb)", "b(x:fb)"]),
        ("b(x) ~ normal(0, 7)", ["b(x)"]),
        ("b(x:fb) ~ normal(0, 7)", ["b(x:fb)"]),
        ('b("fb") ~ normal(0, 7)', ["b(fb)"]),
        ("sd ~ normal(0, 7)", ["sd(g, Intercept)", "sd(g, x)", "sd(f:g, Intercept)"]),
        ("sd(g) ~ normal(0, 7)", ["sd(g, Intercept)", "sd(g, x)"]),
        ("sd(g, x) ~ normal(0, 7)", ["sd(g, x)"]),
        ("sd(f:g) ~ normal(0, 7)", ["sd(f:g, Intercept)"]),
        ("var(g, Intercept) ~ normal(0, 7)", ["sd(g, Intercept)"]),
        ("cor(g) ~ lkj(7)", ["cor(g)"]),
        ("sigma.Intercept ~ normal(0, 7)", ["sigma.Intercept"]),
        ("sigma.b(x) ~ normal(0, 7)", ["sigma.b(x)"]),
        ("sigma.sd(g) ~ normal(0, 7)", ["sigma.sd(g, Intercept)"]),
    ],
)
def test_a_statement_reaches_what_it_names_and_nothing_else(statement: str, targets: list[str]) -> None:
    before, after = priors(), priors(statement)
    assert [name for name in after if after[name] != before[name]] == targets
    assert all(after[name].values[-1] == 7 and after[name].stated == statement for name in targets)


def test_the_most_specific_statement_wins_whatever_the_order() -> None:
    statements = [
        "b(x) ~ normal(0, 1)",
        "b ~ normal(0, 2)",
        "sd(g, x) ~ exponential(1)",
        "sd ~ exponential(3)",
        "sd(g) ~ exponential(2)",
    ]
    for order in (statements, statements[::-1]):
        found = priors(*order)
        assert found["b(x)"].values == (0, 1) and found["b(fb)"].values == (0, 2)
        rates = [found[f"sd({name})"].values for name in ("g, x", "g, Intercept", "f:g, Intercept")]
        assert rates == [(1,), (2,), (3,)]


@pytest.mark.parametrize(
    ("stan", "pymc"),
    [
        ("b(x) ~ normal(1, 2)", "b(x) ~ Normal(mu=1, sigma=2)"),
        ("b(x) ~ student_t(3, 0, 2)", "b(x) ~ StudentT(3, 0, 2)"),
        ("b(x) ~ cauchy(0, 2)", "b(x) ~ Cauchy(alpha=0, beta=2)"),
        ("sd(g) ~ normal(0, 2)", "sd(g) ~ HalfNormal(sigma=2)"),
        ("sd(g) ~ student_t(3, 0, 2)", "sd(g) ~ HalfStudentT(nu=3, sigma=2)"),
        ("sd(g) ~ half_student_t(3, 2)", "sd(g) ~ HalfStudentT(nu=3, sigma=2)"),
        ("sd(g) ~ exponential(2)", "sd(g) ~ Exponential(lam=2)"),
        ("sd(g) ~ gamma(2, 1/2)", "sd(g) ~ Gamma(alpha=2, beta=0.5)"),
        ("sd(g) ~ inv_gamma(2, 1)", "sd(g) ~ InverseGamma(alpha=2)"),
        ("sd(g) ~ lognormal(0, 1)", "sd(g) ~ LogNormal()"),
        ("b ~ flat()", "b ~ Flat"),
    ],
)
def test_pymcs_names_are_another_spelling(stan: str, pymc: str) -> None:
    ours, theirs = priors(stan), priors(pymc)
    assert {k: (p.distribution, p.values, p.lower) for k, p in ours.items()} == {
        k: (p.distribution, p.values, p.lower) for k, p in theirs.items()
    }


def test_half_versions_are_implied_by_the_target() -> None:
    found = priors("sd(g) ~ normal(0, 1)", "sd(f:g) ~ normal(1, 1)", "b(x) ~ HalfNormal(1)")
    assert found["sd(g, x)"].folded and not found["sd(g, x)"].truncated
    assert found["sd(f:g, Intercept)"].truncated and not found["sd(f:g, Intercept)"].folded
    assert found["b(x)"].folded


def test_priors_on_variances_are_kept_as_such() -> None:
    found = priors("var(sigma) ~ uniform(0, 100)", "var(g) ~ gamma(1, 1)", formula="y ~ x + (1 | g)")
    assert found["sigma"].on_variance and found["sd(g, Intercept)"].on_variance


@pytest.mark.parametrize(
    ("family", "statement"), [("student", "nu ~ gamma(2, 0.2)"), ("negbinomial", "shape ~ exponential(2)")]
)
def test_further_parameters_are_addressed_by_name(family: str, statement: str) -> None:
    name = statement.split()[0]
    data = DATA.assign(y=np.arange(30) % 5)
    (auxiliary,) = (a for a in tm.model("y ~ x", data, family, [statement]).spec.auxiliaries if a.parameter == name)
    assert auxiliary.prior.stated == statement
