"""MCMCglmm's calls of one response as the formulas, families and priors that they are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import tildemc as tm
from marked import mistake
from tildemc.errors import TildeError, UnknownColumn
from tildemc.syntax.rcall.read import read_rcall
from tildemc.syntax.tree import PriorStatement, deparse

READ = [
    ("y ~ x, random = ~ g + h:k, data = d, nitt = 1e5, pr = TRUE", "y ~ x + (1 | g) + (1 | h:k)", "gaussian", []),
    ("y ~ x, random = ~ us(1 + x):g", "y ~ x + (1 + x | g)", "gaussian", []),
    ("y ~ x, random = ~ us(x):g + idh(f):h", "y ~ x + (0 + x | g) + (0 + f || h)", "gaussian", []),
    ("y ~ x, random = ~ idv(f):g + us(trait):h", "y ~ x + homdiag(0 + f | g) + (1 | h)", "gaussian", []),
    ("y ~ x, random = ~ mm(g + h)", "y ~ x + (1 | mm(g, h, scale = FALSE))", "gaussian", []),
    ("y ~ x, random = NULL, mev = v", "y | se(sqrt(v), sigma = TRUE) ~ x", "gaussian", []),
    ("y ~ x, rcov = ~ idh(f):units", "y ~ x; sigma ~ by(f)", "gaussian", []),
    ("y ~ x, rcov = ~ us(trait):units", "y ~ x", "gaussian", []),
    ("y ~ x, random = ~ animal, pedigree = ped", "y ~ x + (1 | gr(animal, cov = ped))", "gaussian", []),
    ("y ~ x, random = ~ g + h, ginverse = list(h = A)", "y ~ x + (1 | g) + (1 | gr(h, cov = A))", "gaussian", []),
    ('y ~ x, family = "poisson"', "y ~ x + (1 | units)", "poisson", []),
    ('y ~ x, family = "poisson", rcov = ~ idh(f):units', "y ~ x + (0 + f || units)", "poisson", []),
    ('cbind(y, n) ~ x, family = "multinomial2"', "cbind(y, n) ~ x + (1 | units)", "binomial", []),
    (
        'y ~ x, family = "categorical", prior = list(R = list(V = 4, fix = 1))',
        "y ~ x + (1 | units)", "bernoulli", ["sd(units) ~ constant(2)"],
    ),
    (
        'y ~ x, family = "ordinal", prior = list(R = list(V = 1, fix = TRUE))',
        "y ~ x + (1 | units)", "cumulative(probit)", ["sd(units) ~ constant(1)"],
    ),
    (
        'y ~ x, random = ~ g, family = "threshold", prior = list(R = list(V = 1, fix = 1), '
        "G = list(list(V = 2, nu = 3)))",
        "y ~ x + (1 | g)", "cumulative(probit)", ["var(g) ~ inv_gamma(1.5, 3)"],
    ),
    (
        "y ~ x, random = ~ g, prior = list(R = list(V = 1, n = 0.002), G = list(G1 = list(V = 1, nu = 1, alpha.mu = 0, "
        "alpha.V = 25^2)))",
        "y ~ x + (1 | g)", "gaussian", ["sd(g) ~ student_t(1, 0, 25)", "var(sigma) ~ inv_gamma(0.001, 0.001)"],
    ),
    (
        "y ~ x, random = ~ g + us(x):g, prior = list(G = list(G1 = list(V = 1, nu = 2), G2 = list(V = 1, nu = 4)))",
        "y ~ x + (1 | g) + (0 + x | g)", "gaussian",
        ["var(g, Intercept) ~ inv_gamma(1, 1)", "var(g, x) ~ inv_gamma(2, 2)"],
    ),
    (
        "y ~ x, random = ~ us(1 + x):g, prior = list(G = list(G1 = list(V = diag(c(2, 2)) / 2, nu = 3)), "
        "B = list(mu = rep(0, 2), V = diag(2) * 100))",
        "y ~ x + (1 + x | g)", "gaussian",
        ["b ~ normal(0, 10)", "Intercept ~ normal(0, 10)", "var(g) ~ inv_gamma(1, 1.5)", "cor(g) ~ lkj(1)"],
    ),
    ("y ~ x, random = ~ g, prior = list(G = list(G1 = list(V = 1, nu = -2)))", "y ~ x + (1 | g)", "gaussian", []),
]  # fmt: skip


def shown(prior: PriorStatement) -> str:
    about = ", ".join(deparse(part).strip('"') for part in prior.target_arguments or ())
    arguments = ", ".join(deparse(argument.value) for argument in prior.arguments)
    return f"{prior.target}{f'({about})' if about else ''} ~ {prior.distribution}({arguments})"


@pytest.mark.parametrize(("arguments", "formula", "family", "priors"), READ, ids=[case[0] for case in READ])
def test_calls_are_read_as_what_they_mean(arguments: str, formula: str, family: str, priors: list[str]) -> None:
    statement = read_rcall(f"MCMCglmm({arguments})")
    assert (statement.formula.text, statement.family) == (formula, family)
    assert [shown(prior) for prior in statement.priors] == priors


TOLD = [
    ('y ~ x, family = "poisson"', "every row has a residual in MCMCglmm"),
    ('y ~ x, family = "ordinal"', "the data say nothing of the variance by `units`"),
    ("y ~ x, random = ~ animal, pedigree = ped", 'data2={"ped": tildemc.pedigree(…)}'),
    ("y ~ x, random = ~ g, ginverse = list(g = A)", 'data2={"A": tildemc.precision(…)}'),
    ("y ~ x, random = ~ g, prior = list(G = list(G1 = list(V = 1, nu = 0)))", "the effects by g is improper"),
    ("y ~ x, random = ~ us(1 + x):g, prior = list(G = list(list(V = diag(2), nu = 3)))", "correlations have `lkj(1)`"),
    ("y ~ x, nitt = 1e5", "concerns R's sampler"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "fragment"), TOLD, ids=[case[0] for case in TOLD])
def test_what_differs_is_told(arguments: str, fragment: str) -> None:
    assert any(fragment in note for note in read_rcall(f"MCMCglmm({arguments})").notes)


MISTAKES = [
    ('MCMCglmm(y ~ x, family = ⟪"zipoisson"⟫)', "zero_inflated_poisson"),
    ('MCMCglmm(y ~ x, family = ⟪"cengaussian"⟫)', 'cens("interval", upper)'),
    ('MCMCglmm(y ~ x, family = ⟪"exponential"⟫)', "is by the rate"),
    ('MCMCglmm(y ~ x, family = ⟪"poison"⟫)', "`poisson`"),
    ("MCMCglmm(y ~ x, family = ⟪fam⟫)", "is a text here"),
    ('MCMCglmm(y ~ x, family = ⟪c("gaussian", "poisson")⟫)', "several responses"),
    ("MCMCglmm(⟪cbind(y, z)⟫ ~ x)", "several responses"),
    ("MCMCglmm(y ~ x, random = ⟪g⟫)", "`random` is a formula"),
    ("MCMCglmm(y ~ x, random = ~ ⟪us(x)⟫)", "`:` by what"),
    ("MCMCglmm(y ~ x, random = ~ idv(⟪spl(x)⟫))", "write `s(x)`"),
    ("MCMCglmm(y ~ x, random = ~ us(⟪at.level(f, 1)⟫):g)", "make a column"),
    ("MCMCglmm(y ~ x, random = ~ ⟪corg(f)⟫:g)", "with given variances"),
    ("MCMCglmm(y ~ x, random = ~ g:⟪trait⟫)", "one here"),
    ("MCMCglmm(y ~ x, random = ~ g:⟪log(x)⟫)", "no grouping factor"),
    ("MCMCglmm(y ~ x, rcov = ~ ⟪g⟫)", "residuals are by `units`"),
    ("MCMCglmm(y ~ x, rcov = ~ ⟪idv(f):units⟫)", "not built"),
    ("MCMCglmm(y ~ x, random = ~ g, ginverse = list(g = ⟪solve(A)⟫))", "give it a name"),
    ("MCMCglmm(y ~ x, random = ~ g, ginverse = ⟪A⟫)", "bind what `ginverse =` is there, as in `A <- list("),
    ("MCMCglmm(y ~ x, prior = ⟪prior1⟫)", "bind what `prior =` is there, as in `prior1 <- list(R = "),
    ("MCMCglmm(y ~ x, prior = list(S = ⟪list(mu = 0)⟫))", "there are B, R and G"),
    ("MCMCglmm(y ~ x, random = ~ g, prior = list(G = ⟪list(list(V = 1), list(V = 1))⟫))", "it has 2"),
    ("MCMCglmm(y ~ x, prior = list(R = ⟪list(nu = 1)⟫))", "`V` is missing"),
    ("MCMCglmm(y ~ x, prior = list(R = list(V = 1, mu = ⟪1⟫)))", "`mu` of a prior"),
    ("MCMCglmm(y ~ x, prior = list(R = list(V = ⟪S⟫, nu = 1)))", "write it out"),
    ("MCMCglmm(y ~ x, prior = list(R = list(V = ⟪diag(c(1, 2))⟫, nu = 1)))", "unlike priors"),
    ("MCMCglmm(y ~ x, random = ~ g, prior = list(G = list(list(V = 1, alpha.mu = ⟪2⟫, alpha.V = 1))))", "`alpha.mu`"),
    ("MCMCglmm(y ~ x, prior = list(B = ⟪list(mu = 0)⟫))", "has a variance"),
    ('MCMCglmm(y ~ x, family = "categorical", prior = list(R = ⟪list(V = 1, nu = 1)⟫))', "fix it"),
    ('MCMCglmm(y ~ x, family = "threshold", prior = list(R = ⟪list(V = 2, fix = 1)⟫))', "has variance 1"),
    ("MCMCglmm(y ~ x, theta_scale = ⟪s⟫)", "`theta_scale` of `MCMCglmm()`"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "fragment"), MISTAKES)
def test_what_cannot_be_read_is_shown_where_it_stands(marked: str, fragment: str) -> None:
    mistake(read_rcall, marked, fragment, TildeError)


def test_rows_have_effects_by_a_column_that_numbers_them() -> None:
    data = {"y": np.array([1, 0, 4, 2, 3, 1]), "g": np.array(list("aabbcc"))}
    call = 'MCMCglmm(y ~ 1, random = ~ g, family = "poisson", data = d)'
    with pytest.raises(UnknownColumn, match=r'd\["units"\] = range\(len\(d\)\)'):
        tm.model(call, data)
    model = tm.model(call, {**data, "units": np.arange(6)})
    assert [effects.path for effects in model.spec.predictors[0].effects] == [
        ("mu", "group", "g"),
        ("mu", "group", "units"),
    ]


def test_expanded_variances_have_half_t_sds() -> None:
    """The product of a normal number and an inverse Wishart draw, as in MCMCglmm, against the density read of it."""
    rng, V, nu, by = np.random.default_rng(1), 2.0, 3.0, 0.5
    prior = f"list(G = list(G1 = list(V = {V}, nu = {nu}, alpha.mu = 0, alpha.V = {by})))"
    [read] = read_rcall(f"MCMCglmm(y ~ x, random = ~ g, prior = {prior})").priors
    df, _, scale = (float(deparse(argument.value)) for argument in read.arguments)
    variances = stats.invgamma.rvs(nu / 2, scale=nu * V / 2, size=20_000, random_state=rng)
    sds = np.abs(rng.normal(0, by**0.5, 20_000)) * np.sqrt(variances)
    assert stats.kstest(sds, lambda x: 2 * stats.t.cdf(x / scale, df) - 1).pvalue > 0.01
