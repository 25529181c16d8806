"""Prior statements reach the parameters they name, the most specific first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from case import Case, cases
from marked import mistake
from tildemc.errors import PriorError, TildeError
from tildemc.spec.addresses import targets
from tildemc.spec.priors import Prior

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
        population = predictor.population
        if population.intercept is not None:
            found[f"{owner}Intercept"] = population.intercept
        for column, prior in zip(population.columns, population.coefficients, strict=True):
            found[f"{owner}b({column.label})"] = prior
        for grouping in predictor.groups:
            for column, prior in zip(grouping.columns, grouping.sd_priors, strict=True):
                found[f"{owner}sd({grouping.factor.label}, {column.label})"] = prior
            for block in grouping.blocks:
                if block.correlated:
                    found[f"{owner}cor({grouping.factor.label})"] = block.shape_priors[0]
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
        # a label alone, or a term's
        ("x ~ normal(0, 7)", ["b(x)"]),
        ("x:fb ~ normal(0, 7)", ["b(x:fb)"]),
        ("'fb' ~ normal(0, 7)", ["b(fb)"]),
        ("f ~ normal(0, 7)", ["b(fb)"]),
        ("b(x:f) ~ normal(0, 7)", ["b(x:fb)"]),
        # a quantity as summaries name it
        ("b[x] ~ normal(0, 7)", ["b(x)"]),
        ("b[x:fb] ~ normal(0, 7)", ["b(x:fb)"]),
        ("sd_g ~ normal(0, 7)", ["sd(g, Intercept)", "sd(g, x)"]),
        ("sd_g[x] ~ normal(0, 7)", ["sd(g, x)"]),
        ("sd_f:g[Intercept] ~ normal(0, 7)", ["sd(f:g, Intercept)"]),
        ("cor_g ~ lkj(7)", ["cor(g)"]),
        ("cor_g[Intercept, x] ~ lkj(7)", ["cor(g)"]),
        ("cor_g[ Intercept,x ] ~ lkj(7)", ["cor(g)"]),
        ("sigma_Intercept ~ normal(0, 7)", ["sigma.Intercept"]),
        ("sigma_b[x] ~ normal(0, 7)", ["sigma.b(x)"]),
        ("sigma_sd_g[Intercept] ~ normal(0, 7)", ["sigma.sd(g, Intercept)"]),
        # an effect without its group, where there is one such
        ("sd(x) ~ normal(0, 7)", ["sd(g, x)"]),
        ("cor(Intercept, x) ~ lkj(7)", ["cor(g)"]),
        ("mu.b(x) ~ normal(0, 7)", ["b(x)"]),
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
    for sigma, group in (("var(sigma)", "var(g)"), ("var_sigma", "var_g"), ("var(sigma)", "var_g[Intercept]")):
        found = priors(f"{sigma} ~ uniform(0, 100)", f"{group} ~ gamma(1, 1)", formula="y ~ x + (1 | g)")
        assert found["sigma"].on_variance and found["sd(g, Intercept)"].on_variance


@pytest.mark.parametrize(
    ("family", "statement"), [("student", "nu ~ gamma(2, 0.2)"), ("negbinomial", "shape ~ exponential(2)")]
)
def test_further_parameters_are_addressed_by_name(family: str, statement: str) -> None:
    name = statement.split()[0]
    data = DATA.assign(y=np.arange(30) % 5)
    (auxiliary,) = (a for a in tm.model("y ~ x", data, family, [statement]).spec.auxiliaries if a.parameter == name)
    assert auxiliary.prior.stated == statement


REFUSED = [
    ("⟪sd(Intercept)⟫ ~ normal(0, 1)", "`sd(g, Intercept)`, `sd(f:g, Intercept)`: write which"),
    ("⟪xx⟫ ~ normal(0, 1)", "did you mean `x`?"),
    ("⟪b(z)⟫ ~ normal(0, 1)", "the model has no `b(z)`"),
    ("⟪b(x = 2)⟫ ~ normal(0, 1)", "the model has no `b(x = 2)`"),
    ("⟪sd(h)⟫ ~ normal(0, 1)", "the model has no `sd(h)`"),
    ("⟪fc⟫ ~ normal(0, 1)", "the model has no `fc`"),
    ("⟪r_g[u, x]⟫ ~ normal(0, 1)", "effects have that of their sd, `sd_g`"),
    ("⟪x ~ normal(0, 1) at the predictors' means⟫", "only an intercept"),
]


@pytest.mark.parametrize(("marked", "fragment"), REFUSED)
def test_what_names_nothing_or_several_things_is_told(marked: str, fragment: str) -> None:
    mistake(priors, marked, fragment, PriorError)


@pytest.mark.parametrize(
    ("formula", "statement", "fragment"),
    [
        ("y ~ x; sigma ~ by(f)", "sigma[a] ~ exponential(1)", "`sigma` has one for all levels of f"),
        ("y ~ (1 + x + z | g)", "cor_g[Intercept, x] ~ lkj(2)", "correlations by g have one together, `cor_g`"),
        ("y ~ (1 + g | x) + (1 | g)", "sd(g) ~ exponential(1)", "write which"),
    ],
)
def test_names_that_reach_no_prior_alone(formula: str, statement: str, fragment: str) -> None:
    data = DATA.assign(z=DATA["x"] ** 2, x=np.resize([1, 2], 30), g=np.resize([1, 2, 4], 30))
    with pytest.raises(PriorError, match=fragment):
        tm.model(formula, data, priors=statement)


@pytest.mark.parametrize("twice", [("b(x)", "x"), ("x", "b[x]"), ("sd(g)", "sd_g"), ("sigma.b", "sigma_b")])
def test_one_target_by_two_names_is_stated_twice(twice: tuple[str, str]) -> None:
    with pytest.raises(PriorError, match="stated twice"):
        priors(*(f"{target} ~ normal(0, 1)" for target in twice))


@pytest.mark.parametrize(
    ("statement", "note"),
    [
        ("b ~ beta(1, 1)", "`x`, `fb`, `x:fb` are kept to (0, 1) by beta(1, 1)"),
        ("x ~ exponential(1)", "`x` is kept to positive numbers by exponential(1)"),
        ("Intercept ~ lognormal(0, 1)", "`Intercept` is kept to positive numbers by lognormal(0, 1)"),
        ("sigma.b(x) ~ gamma(2, 1, upper=3)", "`sigma.b(x)` is kept to (0, 3) by gamma(2, 1, upper=3)"),
        ("sd(g) ~ beta(1, 1)", "`sd(g, Intercept)`, `sd(g, x)` are kept to (0, 1) by beta(1, 1)"),
        ("sd(g) ~ gamma(2, 1)", None),
        ("x ~ normal(0, 1, lower=0)", None),
        ("x ~ uniform(0, 1)", None),
    ],
)
def test_a_density_that_leaves_out_values_of_its_target_is_told(statement: str, note: str | None) -> None:
    notes = tm.model(FORMULA, DATA, priors=statement).report.notes
    assert [n for n in notes if "kept to" in n] == ([] if note is None else [note])


def printed_priors(model: tm.Model) -> list[str]:
    """The statements in `print(model)`; what is indented further than they are is the rest of one."""
    statements: list[str] = []
    for line in str(model).splitlines():
        if line.startswith("    "):
            statements[-1] += f"\n{line}"
        else:
            statements.append(line)
    return [statement for statement in statements if "~ " in statement and statement.startswith("  ")]


@pytest.mark.parametrize("case", cases(), ids=str)
def test_every_prior_that_is_printed_can_be_typed(case: Case) -> None:
    model = case.model()
    expected = [replace(target.prior, stated=None) for target in targets(model.spec)]
    lines = printed_priors(model)
    table = model.priors()
    rows = [f"{target} ~ {prior}" for target, prior in zip(table["target"], table["prior"], strict=True)]
    for statements in (lines, rows, dict(zip(table["target"], table["prior"], strict=True))):
        again = tm.model(case.formula, str(case.path), case.family, statements)
        assert [replace(target.prior, stated=None) for target in targets(again.spec)] == expected
        assert statements is lines or again.priors()["stated"].all()


LONG = {
    "names": ("a_predictor_with_a_name_of_forty_letters", "a_group_of_rows_with_a_name_of_forty_letters"),
    "names with spaces": ("a predictor (with spaces) in its name, and a comma", 'a group of "rows" with a long name'),
    "names of a hundred letters": ("x" * 100, "g" * 100),
}


@pytest.mark.parametrize(("x", "g"), LONG.values(), ids=LONG)
def test_priors_that_are_wider_than_the_screen_are_folded_and_can_be_typed(x: str, g: str) -> None:
    data = DATA.rename(columns={"x": x, "g": g})
    formula = f"y ~ `{x}` * f + (1 + `{x}` * f | `{g}`)"
    model = tm.model(formula, data)
    lines = printed_priors(model)
    assert any("\n" in line for line in lines)
    assert max(len(line) for statement in lines for line in statement.splitlines()) <= max(80, 10 + len(x))
    again = tm.model(formula, data, priors=lines)
    stated = [[replace(target.prior, stated=None) for target in targets(m.spec)] for m in (model, again)]
    assert stated[0] == stated[1]


def test_every_name_in_a_summary_can_be_typed() -> None:
    formula = "y ~ x * f + (1 + x | g)"
    model = tm.model(formula, DATA)
    names = model.fit(draws=10, chains=2, seed=1).summary().index.get_level_values("parameter")
    assert "cor_g[Intercept, x]" in names and "b[x:fb]" in names
    statements = [f"{name} ~ {'lkj(3)' if name.startswith('cor') else 'normal(0, 3)'}" for name in names]
    assert tm.model(formula, DATA, priors=statements).priors()["stated"].all()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("prior(normal(0, 1), class = b, coef = x)", {"x": "normal(0, 1)"}),
        (
            "brms::set_prior('normal(0, 1)', class = 'b', lb = 0)",
            {"x": "normal(0, 1, lower=0)", "fb": "normal(0, 1, lower=0)"},
        ),
        (
            "c(prior(normal(0, 1), class = Intercept), prior(exponential(1), class = sigma))",
            {"Intercept": "normal(0, 1) at the predictors' means", "sigma": "exponential(1)"},
        ),
        (["prior(normal(0, 1), class = b)", "x ~ normal(0, 2)"], {"x": "normal(0, 2)", "fb": "normal(0, 1)"}),
        ({"x": "normal(0, 1)", "sigma": "exponential(1)"}, {"x": "normal(0, 1)", "sigma": "exponential(1)"}),
        ({"Intercept": "flat() at the predictors' means"}, {"Intercept": "flat() at the predictors' means"}),
        ({}, {}),
    ],
)
def test_priors_may_be_texts_brms_calls_or_a_mapping(given: Any, expected: dict[str, str]) -> None:
    table = tm.model("y ~ x + f", DATA, priors=given).priors().query("stated")
    assert dict(zip(table["target"], table["prior"], strict=True)) == expected


@pytest.mark.parametrize("given", [[3], {"x": 3}, {3: "normal(0, 1)"}, [None], ["prio(normal(0, 1))"], "prior(x)"])
def test_what_is_no_prior_is_told(given: Any) -> None:
    with pytest.raises(TildeError):
        tm.model("y ~ x", DATA, priors=given)


@pytest.mark.parametrize(
    ("formula", "statement", "target", "at_means"),
    [
        ("y ~ x", "Intercept ~ normal(0, 1)", "Intercept", False),
        ("y ~ x", "Intercept ~ normal(0, 1) at the predictors' means", "Intercept", True),
        ("y ~ x", "prior(normal(0, 1), class = Intercept)", "Intercept", True),
        ("y ~ 0 + Intercept + x", "prior(normal(0, 1), class = b, coef = Intercept)", "b(Intercept)", False),
        ("y ~ 1 + (1 | g)", "Intercept ~ normal(0, 1) at the predictors' means", "Intercept", False),
        ("y ~ x; sigma ~ x", "prior(normal(0, 1), class = Intercept, dpar = sigma)", "sigma.Intercept", True),
    ],
)
def test_an_intercepts_prior_holds_where_it_says(formula: str, statement: str, target: str, at_means: bool) -> None:
    (found,) = (t for t in targets(tm.model(formula, DATA, priors=statement).spec) if t.prior.stated)
    assert (found.address, found.prior.at_means) == (target, at_means)


@pytest.mark.parametrize(
    ("formula", "coef", "target"),
    [
        ("y ~ scale(x) + f", "class = b, coef = scalex", 'b("scale(x)")'),
        ("y ~ I(x^2) + f", "class = b, coef = IxE2", 'b("I(x^2)")'),
        ("y ~ poly(x, 2)", "class = b, coef = polyx22", 'b("poly(x, 2)2")'),
        ("y ~ s(x, k=5)", "class = sds, coef = 's(x, k = 5)'", "sds(sx_1)"),
        ("y ~ x + (1 + scale(x) | g)", "class = sd, coef = scalex, group = g", 'sd(g, "scale(x)")'),
    ],
)
def test_coefficients_go_by_brms_names_too(formula: str, coef: str, target: str) -> None:
    model = tm.model(f"brm({formula}, data = d, prior = prior(student_t(7, 0, 1), {coef}))", DATA)
    assert [row.target for row in model.priors().itertuples() if row.stated] == [target]
