"""Pasted R calls: each is the formula beside it, as its package reads it, or a mistake that says what would work."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tildemc.errors import FormulaSyntaxError, SemanticError, TildeError, UnsupportedError
from tildemc.resolve.families import read_family
from tildemc.syntax.command import read
from tildemc.syntax.formula import parse_formula
from tildemc.syntax.priorclasses import CLASSES
from tildemc.syntax.rcall.read import read_rcall
from tildemc.syntax.tree import deparse
from tildemc.syntax.unparse.priors import prior_text

FORMULAS = [
    # lme4
    ("lmer(y ~ x + (1 | g), data = d)", "y ~ x + (1 | g)"),
    ("lmer(y ~ x + (1 + x | g))", "y ~ x + (1 + x | g)"),
    ("lme4::lmer(y ~ x + (1 | g), d)", "y ~ x + (1 | g)"),
    ("fit <- lmer(y ~ x + (1 | g), d)", "y ~ x + (1 | g)"),
    ("fit = lmer(y ~ x + (1 | g), d)", "y ~ x + (1 | g)"),
    ("library(lme4)\nfit <- lmer(y ~ x + (1 | g), d)\n", "y ~ x + (1 | g)"),
    ("lmer(\n  y ~ x +\n    (1 | g), # groups\n  data = d\n)", "y ~ x + (1 | g)"),
    ("lmer(formula = y ~ x + (1 | g), data = d)", "y ~ x + (1 | g)"),
    ("lmer(data = d, y ~ x + (1 | g))", "y ~ x + (1 | g)"),
    ("lmer(y ~ x + (x || g))", "y ~ x + (1 | g) + (0 + x | g)"),
    ("lmer(y ~ x + (0 + x + z || g))", "y ~ x + (0 + x | g) + (0 + z | g)"),
    ("lmer(y ~ (x - 1 || g))", "y ~ (0 + x | g)"),
    ("lmer(y ~ (x * z || g))", "y ~ (1 | g) + (0 + x | g) + (0 + z | g) + (0 + x:z | g)"),
    ("lmer(y ~ (f || g))", "y ~ (1 | g) + (0 + f | g)"),
    ("lmer(y ~ (x || a/b))", "y ~ (1 | a/b) + (0 + x | a/b)"),
    ("lmer(y ~ ((x + z) || g))", "y ~ (1 | g) + (0 + x | g) + (0 + z | g)"),
    ("lmer(y ~ x + (1 | a/b))", "y ~ x + (1 | a/b)"),
    ("lmer(y ~ x + (1 | g), offset = o)", "y ~ x + (1 | g) + offset(o)"),
    ("lmer(y ~ x + (1 | g), weights = w)", "y ~ x + (1 | g); sigma ~ 1 + offset(-0.5 * log(w))"),
    ("lm(y ~ x, d, weights = 1/v)", "y ~ x; sigma ~ 1 + offset(-0.5 * log(1/v))"),
    ("lmer(y ~ f + (1 | g), contrasts = list(f = 'contr.sum'))", "y ~ C(f, sum) + (1 | g)"),
    ('lm(y ~ f * h, contrasts = list(f = contr.helmert, h = "contr.sum"))', "y ~ C(f, helmert) * C(h, sum)"),
    ("lmer(y ~ f + (f | f), contrasts = list(f = 'contr.sum'))", "y ~ C(f, sum) + (C(f, sum) | f)"),
    ("glmer(cbind(s, f) ~ x + (1 | g), family = binomial)", "cbind(s, f) ~ x + (1 | g)"),
    ("glmer(s / n ~ x + (1 | g), d, binomial, weights = n)", "s | trials(n) ~ x + (1 | g)"),
    ("glm(p ~ x, binomial, d, weights = n)", "I(p * n) | trials(n) ~ x"),
    ("glmer(y ~ x + (1 | g), d, poisson, weights = w)", "y | weights(w) ~ x + (1 | g)"),
    ("glmer(y ~ x + offset(log(e)) + (1 | g), d, poisson)", "y ~ x + offset(log(e)) + (1 | g)"),
    ("glmer.nb(y ~ x + (1 | g), d)", "y ~ x + (1 | g)"),
    # mgcv and gamm4
    ('gam(y ~ s(x) + s(g, bs = "re"), data = d, method = "REML")', 'y ~ s(x) + s(g, bs = "re")'),
    ("mgcv::bam(y ~ s(x, k = 20), discrete = TRUE, select = FALSE)", "y ~ s(x, k = 20)"),
    ("gamm4(y ~ s(x), random = ~ (1 | g), data = d)", "y ~ s(x) + (1 | g)"),
    ("stan_gamm4(y ~ s(x), random = ~ (x || g), data = d)", "y ~ s(x) + (1 | g) + (0 + x | g)"),
    # nlme
    ("lme(y ~ x, random = ~ 1 | g)", "y ~ x + (1 | g)"),
    ("lme(y ~ x, d, ~ 1 + x | g)", "y ~ x + (1 + x | g)"),
    ("nlme::lme(fixed = y ~ x, random = ~ x | a/b)", "y ~ x + (x | a/b)"),
    ("lme(y ~ x, random = list(g = ~ x))", "y ~ x + (x | g)"),
    ("lme(y ~ x, random = list(a = ~ 1, b = ~ x))", "y ~ x + (1 | a) + (x | a:b)"),
    ("lme(y ~ x, random = list(g = pdDiag(~ x)))", "y ~ x + (x || g)"),
    ("lme(y ~ x, random = list(g = pdSymm(~ x)))", "y ~ x + (x | g)"),
    ("lme(y ~ x, random = list(g = pdIdent(~ f - 1)))", "y ~ x + homdiag(f - 1 | g)"),
    ("lme(y ~ x, random = list(a = ~ 1, b = pdCompSymm(~ f - 1)))", "y ~ x + (1 | a) + homcs(f - 1 | a:b)"),
    ("lme(y ~ x, random = list(g = pdBlocked(list(~ 1, pdIdent(~ f - 1)))))", "y ~ x + (1 | g) + homdiag(f - 1 | g)"),
    ("lme(y ~ t, random = ~ 0 + t | j, weights = varIdent(form = ~ 1 | t))", "y ~ t + (0 + t | j); sigma ~ by(t)"),
    ("gls(y ~ x, weights = varIdent(form = ~ 1 | g))", "y ~ x; sigma ~ by(g)"),
    ("gls(model = y ~ x, weights = varIdent(c(a = 1), ~ 1 | g))", "y ~ x; sigma ~ by(g)"),
    ("gls(y ~ x, weights = varFixed(~ v))", "y ~ x; sigma ~ 1 + offset(0.5 * log(v))"),
    ("gls(y ~ x, weights = ~ v)", "y ~ x; sigma ~ 1 + offset(0.5 * log(v))"),
    ("gls(y ~ x, weights = varExp(form = ~ v))", "y ~ x; sigma ~ v"),
    ("gls(y ~ x, weights = varPower(form = ~ v))", "y ~ x; sigma ~ log(abs(v))"),
    ("gls(y ~ x, weights = varPower(form = ~ v | g))", "y ~ x; sigma ~ log(abs(v)):factor(g)"),
    ("gls(y ~ x, weights = varPower(form = ~ v, fixed = 0.5))", "y ~ x; sigma ~ 1 + offset(0.5 * log(abs(v)))"),
    ("gls(y ~ x, weights = varIdent(form = ~ 1 | a * b))", "y ~ x; sigma ~ by(a:b)"),
    ("gls(y ~ x, weights = varComb(varIdent(form = ~ 1 | g), varExp(form = ~ v)))", "y ~ x; sigma ~ 1 + factor(g) + v"),
    (
        "gls(y ~ x, weights = varComb(varFixed(~ w), varIdent(form = ~ 1 | a * b)))",
        "y ~ x; sigma ~ 1 + offset(0.5 * log(w)) + factor(a) * factor(b)",
    ),
    (
        "gls(y ~ x, weights = varPower())",
        "y ~ x; nlf(sigma ~ logsigma + power * log(abs(mu))); logsigma ~ 1; power ~ 1",
    ),
    (
        "gls(y ~ x, weights = varPower(form = ~ fitted(.) | g))",
        "y ~ x; nlf(sigma ~ logsigma + power * log(abs(mu))); logsigma ~ 1; power ~ 0 + factor(g)",
    ),
    (
        "gls(y ~ x, weights = varComb(varIdent(form = ~ 1 | g), varExp(form = ~ fitted(.), fixed = 0.1)))",
        "y ~ x; nlf(sigma ~ logsigma + 0.1 * mu); logsigma ~ 1 + factor(g)",
    ),
    (
        "gls(y ~ x, weights = varConstPower(form = ~ power))",
        "y ~ x; nlf(sigma ~ logsigma + log(exp(logconst) + abs(power)^power2)); logsigma ~ 1; logconst ~ 1; power2 ~ 1",
    ),
    (
        "gls(y ~ x, weights = varConstPower(fixed = list(power = 1)))",
        "y ~ x; nlf(sigma ~ logsigma + log(exp(logconst) + abs(mu)^1)); logsigma ~ 1; logconst ~ 1",
    ),
    (
        "gls(y ~ x, weights = varConstProp())",
        "y ~ x; nlf(sigma ~ log(sqrt(exp(logconst)^2 + (exp(logprop) * mu)^2))); logconst ~ 1; logprop ~ 1",
    ),
    ("gls(y ~ x, correlation = corAR1(form = ~ t | g))", "y ~ x + corAR1(form = ~ t | g)"),
    (
        "lme(y ~ x, random = ~ 1 | a/b, correlation = corCAR1(0.3, ~ t))",
        "y ~ x + (1 | a/b) + corCAR1(value = 0.3, form = ~ t | a/b)",
    ),
    ("glmmTMB(y ~ x + (1 | h) + ar1(t + 0 | g), dispformula = ~ 0)", "y ~ x + (1 | h) + residual(ar1(t + 0 | g))"),
    ("brm(bf(y ~ x, autocor = ~ ar(t, g) + ma(t, g)))", "y ~ x + ar(t, g) + ma(t, g)"),
    ("brm(bf(y ~ a * x, a ~ 1, nl = TRUE, autocor = ~ ar(t, g)))", "bf(y ~ a * x + ar(t, g), a ~ 1, nl = TRUE)"),
    ("brm(y ~ x, autocor = ~ cosy(gr = g))", "y ~ x + cosy(gr = g)"),
    # glmmTMB
    ("glmmTMB(y ~ x + (1 | g), d)", "y ~ x + (1 | g)"),
    ("glmmTMB(y ~ x + (f || g), d)", "y ~ x + (f || g)"),
    ("glmmTMB(y ~ x, dispformula = ~ 0 + g)", "y ~ x; sigma ~ 0 + g"),
    ("glmmTMB(y ~ x, dispformula = ~ 1, ziformula = ~ 0)", "y ~ x"),
    (
        "glmmTMB(y ~ x + offset(z) + (1 | g), family = poisson, ziformula = ~ .)",
        "y ~ x + offset(z) + (1 | g)\nzi ~ x + (1 | g)",
    ),
    ("glmmTMB(y ~ x + w, family = poisson, ziformula = ~ . - w)", "y ~ x + w\nzi ~ x + w - w"),
    ("glmmTMB(y ~ x, family = nbinom2, dispformula = ~ z)", "y ~ x; shape ~ z"),
    ("glmmTMB(y ~ x, family = poisson, ziformula = ~ x)", "y ~ x; zi ~ x"),
    ("glmmTMB(y ~ x, weights = w)", "y | weights(w) ~ x"),
    ("glmmTMB(y ~ x, d, truncated_nbinom2, ziformula = ~ x + (1 | g))", "y ~ x; hu ~ x + (1 | g)"),
    ("glmmTMB(y ~ x, d, ziGamma(link = 'log'), ziformula = ~ 1)", "y ~ x; hu ~ 1"),
    ("glmmTMB(y ~ x, d, nbinom1, ziformula = ~ 1, dispformula = ~ z)", "y ~ x; zi ~ 1; phi ~ z"),
    ("glmmTMB(y ~ x, d, beta_family(), dispformula = ~ z)", "y ~ x; phi ~ z"),
    ("glmmTMB(y ~ x, d, poisson, dispformula = ~ z)", "y ~ x"),
    ("glmmTMB(s / n ~ x, d, betabinomial(), weights = n)", "s | trials(n) ~ x"),
    ("glmmTMB(y ~ x, d, binomial, ziformula = ~ z)", "y | trials(1) ~ x; zi ~ z"),
    ("glmmTMB(cbind(s, f) ~ x, d, binomial, ziformula = ~ z)", "cbind(s, f) ~ x; zi ~ z"),
    # brms
    ("brm(y ~ x + (f || g), data = d)", "y ~ x + (f || g)"),
    ("brm(bf(y ~ x, sigma ~ z), data = d)", "y ~ x; sigma ~ z"),
    ("brms::brm(brms::bf(y ~ x, sigma ~ z), data = d)", "y ~ x; sigma ~ z"),
    ("brm(bf(y ~ x) + lf(sigma ~ z), data = d)", "y ~ x; sigma ~ z"),
    ("brm(bf(y ~ x, family = student()), data = d)", "y ~ x"),
    ("brm(bf(y ~ x, zi ~ z + (1 | g)), d, zero_inflated_poisson())", "y ~ x; zi ~ z + (1 | g)"),
    ("brm(y | cens(c, y2) + trunc(lb = 0) ~ x, d, weibull())", "y | cens(c, y2) + trunc(lb = 0) ~ x"),
    ("brm(y | trials(n) + weights(w) ~ x, family = binomial)", "y | trials(n) + weights(w) ~ x"),
    # rstanarm
    ("stan_lmer(y ~ x + (x || g), data = d, adapt_delta = 0.99)", "y ~ x + (1 | g) + (0 + x | g)"),
    ("stan_glmer(y ~ x + (1 | g), d, binomial('probit'))", "y ~ x + (1 | g)"),
    ("stan_glmer(y ~ x, d, poisson, weights = w)", "y | weights(w) ~ x"),
    ("stan_gamm4(y ~ x, random = ~ (1 | g) + (x || h), data = d)", "y ~ x + (1 | g) + (1 | h) + (0 + x | h)"),
    ("stan_gamm4(y ~ x, data = d)", "y ~ x"),
    ("stan_betareg(y ~ x | z, d)", "y ~ x; phi ~ z"),
    ("stan_polr(y ~ x, d, prior = NULL)", "y ~ x"),
    # others
    ("betareg(y ~ x + w | z, data = d)", "y ~ x + w; phi ~ z"),
    ("MASS::polr(y ~ x, d, Hess = TRUE)", "y ~ x"),
    ("ordinal::clmm(y ~ x + (1 | g), data = d)", "y ~ x + (1 | g)"),
]


@pytest.mark.parametrize(("call", "formula"), FORMULAS)
def test_a_call_is_a_formula(call: str, formula: str) -> None:
    statement = read(call)
    assert statement.syntax == "r"
    assert statement.formula == parse_formula(formula)
    assert parse_formula(statement.formula.text) == statement.formula


FAMILIES = [
    ("lmer(y ~ (1 | g))", "gaussian"),
    ("glmer(y ~ (1 | g), family = binomial)", "binomial"),
    ("glmer(y ~ (1 | g), family = binomial())", "binomial"),
    ('glmer(y ~ (1 | g), family = "poisson")', "poisson"),
    ('glmer(y ~ (1 | g), family = binomial(link = "probit"))', "binomial(probit)"),
    ("glmer(y ~ (1 | g), family = stats::binomial(cloglog))", "binomial(cloglog)"),
    ("glmer.nb(y ~ (1 | g))", "negbinomial"),
    ("glmmTMB(y ~ x, family = nbinom2())", "negbinomial"),
    ("brm(y ~ x, family = brmsfamily('student', link = 'identity'))", "student(identity)"),
    ("brm(y ~ x, family = bernoulli('logit'))", "bernoulli(logit)"),
    ("brm(bf(y ~ x) + student(), d)", "student"),
    ("stan_glm(y ~ x, neg_binomial_2)", None),
    ("stan_glm(y ~ x, neg_binomial_2, d)", "negbinomial"),
    ("glm(y ~ x, Gamma)", "gamma(inverse)"),
    ("glm(y ~ x, Gamma(link = 'log'))", "gamma(log)"),
    ("brm(y ~ x, family = Beta())", "beta"),
    ("brm(y ~ x, family = weibull())", "weibull"),
    ("brm(y ~ x, family = lognormal())", "lognormal"),
    ("brm(y ~ x, family = bernoulli('cauchit'))", "bernoulli(cauchit)"),
    ("glmmTMB(y ~ x, family = beta_family())", "beta"),
    ("glmmTMB(cbind(s, f) ~ x, family = betabinomial())", "beta_binomial"),
    ("glmmTMB(y ~ x, family = glmmTMB::nbinom2)", "negbinomial"),
    ("glm(y ~ x, stats::poisson)", "poisson"),
    ("glm(y ~ x, 'Gamma')", "gamma(inverse)"),
    ("brm(y ~ x, family = 'gamma')", "gamma"),
    ("glmmTMB(y ~ x, family = list(family = 'beta', link = 'logit'))", "beta(logit)"),
    ("brm(y ~ x, family = brmsfamily('negbinomial', link_shape = 'identity'))", "negbinomial(link_shape = identity)"),
    ("brm(y ~ x, family = brmsfamily('beta', 'probit', link_phi = 'log'))", "beta(probit, link_phi = log)"),
    ("glm.nb(y ~ x, d, link = sqrt)", "negbinomial(sqrt)"),
    ("stan_glm.nb(y ~ x, d)", "negbinomial"),
    ("stan_betareg(y ~ x, d, link = 'cloglog', link.phi = 'identity')", "beta(cloglog, link_phi = identity)"),
    ("betareg(y ~ x, d)", "beta"),
    ("glm(y ~ x, family = inverse.gaussian)", 'inverse_gaussian("1/mu^2")'),
    ("brm(y ~ x, family = inverse.gaussian(link = 'log'))", "inverse_gaussian(log)"),
    ("glmmTMB(y ~ x, family = nbinom1())", "nbinom1"),
    ("glmmTMB(y ~ x, family = genpois(link = 'log'))", "genpois(log)"),
    ("brm(y ~ x, family = brmsfamily('com_poisson'))", "com_poisson"),
    ("brm(y ~ x, family = brmsfamily('discrete_weibull', 'logit'))", "discrete_weibull(logit)"),
    ("brm(y ~ x, family = von_mises('tan_half'))", "von_mises(tan_half)"),
    ("brm(y ~ x, family = asym_laplace())", "asym_laplace"),
    ("brm(y ~ x, family = exgaussian())", "exgaussian"),
    ("brm(y ~ x, family = shifted_lognormal())", "shifted_lognormal"),
    ("brm(y ~ x, family = skew_normal())", "skew_normal"),
    ("brm(y ~ x, family = gen_extreme_value())", "gen_extreme_value"),
    ("brm(y ~ x, family = frechet())", "frechet"),
    ("brm(y ~ x, family = geometric())", "geometric"),
    ("brm(y ~ x, family = negbinomial2())", "negbinomial2"),
    ("glmmTMB(y ~ x, family = glmmTMB::tweedie)", "tweedie"),
    ("glmmTMB(y ~ x, family = tweedie(), ziformula = ~ x)", "zero_inflated_tweedie"),
    ("glmmTMB(y ~ x, family = ordbeta())", "ordbeta"),
    ("glmmTMB(y ~ x, family = compois())", "compois"),
    ("glmmTMB(y ~ x, family = truncated_compois(), ziformula = ~ 1)", "hurdle_compois"),
    ("glmmTMB(y ~ x, family = nbinom12)", "nbinom12"),
    ("glmmTMB(y ~ x, family = lognormal())", "lognormal_mean"),
    ("glmmTMB(y ~ x, family = lognormal(link = 'log'), ziformula = ~ 1)", "hurdle_lognormal_mean(log)"),
]


@pytest.mark.parametrize(("call", "family"), FAMILIES)
def test_families_are_known_to_the_model(call: str, family: str | None) -> None:
    if family is not None:
        assert read(call).family == family
        read_family(family)


LATER = [
    ("brm(y ~ x, family = cumulative('probit'))", "cumulative(probit)"),
    ("polr(y ~ x, data = d)", "cumulative"),
    ("MASS::polr(y ~ x, d, method = 'logistic')", "cumulative(logit)"),
    ("polr(y ~ x, d, Hess = TRUE, method = 'loglog')", "cumulative(loglog)"),
    ("ordinal::clm(y ~ x, data = d, link = 'cauchit')", "cumulative(cauchit)"),
    ("clmm(y ~ x + (1 | g), data = d, threshold = 'flexible')", "cumulative"),
    ("stan_polr(y ~ x, data = d, method = 'probit', prior = NULL)", "cumulative(probit)"),
    ("nnet::multinom(y ~ x, data = d)", "categorical"),
    ("glmmTMB(y ~ x, family = tweedie())", "tweedie"),
    ("glmmTMB(y ~ x, family = poisson, ziformula = ~ 1)", "zero_inflated_poisson"),
    ("glmmTMB(y ~ x, family = nbinom1(), ziformula = ~ 1)", "zero_inflated_nbinom1"),
    ("glmmTMB(y ~ x, family = truncated_poisson)", "truncated_poisson"),
    ("glmmTMB(y ~ x, family = truncated_poisson, ziformula = ~ 1)", "hurdle_poisson"),
    ("glmmTMB(y ~ x, family = truncated_nbinom2(), ziformula = ~ 1)", "hurdle_negbinomial"),
    ("glmmTMB(y ~ x, family = ziGamma(link = 'log'), ziformula = ~ 1)", "hurdle_gamma(log)"),
    ("glmmTMB(y ~ x, family = beta_family(), ziformula = ~ 1)", "zero_inflated_beta"),
    ("glmmTMB(y ~ x, family = ordbeta())", "ordbeta"),
    ("glm(y ~ x, inverse.gaussian)", 'inverse_gaussian("1/mu^2")'),
    ("brm(y ~ x, family = hurdle_poisson(link_hu = 'probit'))", "hurdle_poisson(link_hu = probit)"),
    ("brm(y ~ x, family = cumulative('probit', threshold = 'flexible'))", "cumulative(probit)"),
    ("clmm(y ~ x + (1 | g), d, link = 'cloglog', threshold = 'flexible')", "cumulative(cloglog)"),
    ("nnet::multinom(y ~ x, d)", "categorical"),
]


@pytest.mark.parametrize(("call", "family"), LATER)
def test_other_families_are_read(call: str, family: str) -> None:
    assert read(call).family == family


@pytest.mark.parametrize(
    ("family", "told"),
    [
        ("quasipoisson", "quasi-likelihood"),
    ],
)
def test_a_family_that_means_something_else_is_refused(family: str, told: str) -> None:
    with pytest.raises(UnsupportedError, match=told):
        read(f"glmmTMB(y ~ x, family = {family})")


PRIORS = [
    ("prior(normal(0, 1))", ["b ~ normal(0, 1)"]),
    ("prior(normal(0, 1), class = b)", ["b ~ normal(0, 1)"]),
    ("prior(normal(0, 1), class = b, coef = x)", ["b(x) ~ normal(0, 1)"]),
    ("set_prior('normal(0, 1)', class = 'b', coef = 'x')", ["b(x) ~ normal(0, 1)"]),
    (
        'prior_string("student_t(3, 0, 2.5)", class = "Intercept")',
        ["Intercept ~ student_t(3, 0, 2.5) at the predictors' means"],
    ),
    ("brms::prior(exponential(1), class = sd)", ["sd ~ exponential(1)"]),
    ("prior(exponential(1), class = sd, group = g)", ["sd(g) ~ exponential(1)"]),
    ("prior(exponential(1), class = sd, group = g, coef = Intercept)", ["sd(g, Intercept) ~ exponential(1)"]),
    ("prior(lkj(2), class = cor)", ["cor ~ lkj(2)"]),
    ("prior(lkj_corr_cholesky(2), class = L, group = g)", ["cor(g) ~ lkj(2)"]),
    ("prior(exponential(1), class = sigma, lb = 0)", ["sigma ~ exponential(1)"]),
    ("prior(normal(0, 1), class = b, dpar = sigma)", ["sigma.b ~ normal(0, 1)"]),
    (
        "prior(normal(0, 1), class = Intercept, dpar = sigma)",
        ["sigma.Intercept ~ normal(0, 1) at the predictors' means"],
    ),
    ("prior(normal(0, 1), class = b, coef = Intercept)", ["b(Intercept) ~ normal(0, 1)"]),
    ("prior(normal(0, 1), class = b, lb = 0)", ["b ~ normal(0, 1, lower = 0)"]),
    ("prior(normal(0, 1), class = b, coef = x, lb = -1, ub = 2)", ["b(x) ~ normal(0, 1, lower = -1, upper = 2)"]),
    ("set_prior('normal(0, 1)', ub = 1/2)", ["b ~ normal(0, 1, upper = 1/2)"]),
    ("prior(gamma(2, 1), class = b, lb = 0, ub = NA)", ["b ~ gamma(2, 1, lower = 0)"]),
    ("prior(uniform(0, 10), class = b, lb = 0, ub = 10)", ["b ~ uniform(0, 10, lower = 0, upper = 10)"]),
    ("prior(normal(0, 1), class = sigma, lb = 0, ub = Inf)", ["sigma ~ normal(0, 1)"]),
    ("prior(normal(0, 1), class = sd, ub = 2)", ["sd ~ normal(0, 1, upper = 2)"]),
    ("prior('', class = b)", ["b ~ flat()"]),
    ("c(prior(normal(0, 1), class = b), prior(lkj(2), class = cor))", ["b ~ normal(0, 1)", "cor ~ lkj(2)"]),
    ("prior(normal(0, 1), class = b) + prior(lkj(2), class = cor)", ["b ~ normal(0, 1)", "cor ~ lkj(2)"]),
    ("NULL", []),
    ("empty_prior()", []),
    ("prior(horseshoe(df = 3, par_ratio = 0.1), class = b)", ["b ~ horseshoe(df = 3, par_ratio = 0.1)"]),
    ("prior(R2D2(0.4), class = b, dpar = sigma)", ["sigma.b ~ R2D2(0.4)"]),
    ("prior(constant(1), class = sd, group = g)", ["sd(g) ~ constant(1)"]),
    ("set_prior('normal(0, 2)', coef = c('x', 'z'))", ["b(x) ~ normal(0, 2)", "b(z) ~ normal(0, 2)"]),
    (
        "prior(normal(0, 2 * tau), class = b) + set_prior('target += exponential_lpdf(tau | 1)', check = FALSE)",
        ["b ~ normal(0, 2 * tau)", "tau ~ exponential(1)"],
    ),
    (
        "prior(normal(m, 1)), stanvars = stanvar(scode = 'real<lower=-1, upper=2> m;', block = 'parameters') + "
        "stanvar(scode = 'm ~ normal(0, 3);', block = 'model')",
        ["b ~ normal(m, 1)", "m ~ normal(0, 3, lower = -1, upper = 2)"],
    ),
    *((f"prior(normal(0, 1), class = {name})", [f"{known.target} ~ normal(0, 1)"]) for name, known in CLASSES.items()
      if known.target != "Intercept"),
    ("prior(normal(0, 1), class = sigma2)", ["sigma2 ~ normal(0, 1)"]),
    ("prior(normal(0, 1), class = delta, group = g, lb = 0)", ["delta(g) ~ normal(0, 1, lower = 0)"]),
]  # fmt: skip


@pytest.mark.parametrize(("prior", "expected"), PRIORS)
def test_priors_of_brms(prior: str, expected: list[str]) -> None:
    assert [prior_text(p) for p in read(f"brm(y ~ x + (1 | g), d, prior = {prior})").priors] == expected


RSTANARM = [
    ("prior = normal(0, 1)", ["b ~ normal(0, 1)"]),
    ("prior = normal()", ["b ~ normal(0, 2.5)"]),
    ("prior = normal(scale = 3, autoscale = FALSE)", ["b ~ normal(0, 3)"]),
    ("prior = student_t(3, 0, 2)", ["b ~ student_t(3, 0, 2)"]),
    (
        "prior = NULL, prior_intercept = rstanarm::cauchy(0, 5)",
        ["b ~ flat()", "Intercept ~ cauchy(0, 5) at the predictors' means"],
    ),
    ("prior_aux = exponential(2)", ["sigma ~ exponential(2)"]),
    ("prior_aux = exponential(2, autoscale = TRUE)", ["sigma ~ exponential(2, autoscale = TRUE)"]),
    ("prior = normal(c(0, 1), c(2, 3), autoscale = TRUE)", ["b ~ normal(c(0, 1), c(2, 3), autoscale = TRUE)"]),
    ("prior = laplace(0, 1)", ["b ~ double_exponential(0, 1)"]),
    (
        "prior = hs(3, global_scale = 0.1)",
        ["b ~ horseshoe(df = 3, df_global = 1, scale_global = 0.1, df_slab = 4, scale_slab = 2.5)"],
    ),
    (
        "prior = hs_plus()",
        ["b ~ hs_plus(df1 = 1, df2 = 1, df_global = 1, scale_global = 0.01, df_slab = 4, scale_slab = 2.5)"],
    ),
    (
        "prior = rstanarm::lasso(2, autoscale = TRUE)",
        ["b ~ lasso(df = 2, location = 0, scale = 2.5, autoscale = TRUE)"],
    ),
    ("prior = product_normal(3)", ["b ~ product_normal(df = 3, location = 0, scale = 1)"]),
    ("prior = default_prior_coef(gaussian())", []),
    (
        "prior_covariance = decov(reg = 2, shape = 3)",
        ["sd ~ decov(regularization = 2, concentration = 1, shape = 3, scale = 1)"],
    ),
]


@pytest.mark.parametrize(("arguments", "expected"), RSTANARM)
def test_priors_of_rstanarm(arguments: str, expected: list[str]) -> None:
    assert [prior_text(p) for p in read(f"stan_glmer(y ~ x + (1 | g), d, {arguments})").priors] == expected


def test_data_and_rows() -> None:
    statement = read("lmer(y ~ x + (1 | g), data = sleep, subset = x > 3 & !is.na(z))")
    assert statement.data == "sleep"
    assert statement.rows is not None and deparse(statement.rows) == "x > 3 & !is.na(z)"
    statement = read("brm(y ~ x, data = subset(sleep, x > 3))")
    assert statement.data == "sleep"
    assert [str(step) for step in statement.steps] == ["the rows where `x > 3`"]
    assert read("lm(y ~ x)").data is None


def test_what_is_dropped_is_said() -> None:
    notes = read("lmer(y ~ x + (1 | g), d, REML = FALSE, control = lmerControl(optimizer = 'bobyqa'))").notes
    assert [note.partition(" is dropped")[0] for note in notes] == [
        "`REML = FALSE`",
        "`control = lmerControl(optimizer = 'bobyqa')`",
    ]
    assert any("1.1.9" in note for note in read("glmmTMB(y ~ x, d, dispformula = ~ z)").notes)
    assert any("divide the residual variance" in note for note in read("lmer(y ~ (1 | g), d, weights = w)").notes)
    assert any("multiply the log-likelihood" in note for note in read("glmmTMB(y ~ x, d, weights = w)").notes)


MISTAKES = [
    ("⟪lmr⟫(y ~ x, data = d)", FormulaSyntaxError, "did you mean `lmer`?"),
    ("⟪lmer(data = d)⟫", FormulaSyntaxError, "needs a formula"),
    ("lmer(⟪f⟫, data = d)", FormulaSyntaxError, "`f` is not bound in the text"),
    ("lmer(y ~ x, ⟪dta = d⟫)", FormulaSyntaxError, "did you mean `data`?"),
    ("lmer(y ~ x, data = d, ⟪data = e⟫)", FormulaSyntaxError, "given twice"),
    ("lmer(y ~ x + (1 | g)", FormulaSyntaxError, "never closed"),
    ("lmer(y ~ (⟪x/z⟫ || g))", UnsupportedError, "written out|write these terms"),
    ("lmer(y ~ f, d, contrasts = list(⟪z = 'contr.sum'⟫))", SemanticError, "no `z`"),
    ("lmer(y ~ f, d, contrasts = list(⟪f = 'contr.sums'⟫))", SemanticError, "contr.sum"),
    ("lmer(y ~ f, d, contrasts = ⟪'contr.sum'⟫)", FormulaSyntaxError, "list("),
    ("⟪lme(y ~ x, d)⟫", FormulaSyntaxError, "random = ~ 1 | g"),
    ("lme(y ~ x, d, random = ⟪~ x⟫)", FormulaSyntaxError, "the groups come from the data object"),
    ("lme(y ~ x, d, random = ⟪g⟫)", FormulaSyntaxError, "`random` is a formula"),
    ("lme(y ~ x, random = list(g = pdBlocked(list(⟪x⟫))))", FormulaSyntaxError, "a level is a formula"),
    ("lme(y ~ x, random = list(g = ⟪3⟫))", FormulaSyntaxError, "a level is a formula"),
    ("gls(y ~ x, weights = ⟪varIden(form = ~ 1 | g)⟫)", FormulaSyntaxError, "did you mean `varIdent`?"),
    (
        "gls(y ~ x, weights = varConstPower(form = ~ x, fixed = ⟪list(p = 1)⟫))",
        FormulaSyntaxError,
        "`const` and `power`",
    ),
    ("gls(y ~ x, weights = ⟪varComb(varConstProp(), varIdent(form = ~ 1 | g))⟫)", UnsupportedError, "stands alone"),
    ("gls(y ~ x, weights = varIdent(form = ~ 1 | ⟪a * 2⟫))", FormulaSyntaxError, "are columns"),
    ("gls(y ~ x, weights = varPower(form = ~ v | g, fixed = ⟪0.5⟫))", UnsupportedError, "without groups"),
    ("gls(y ~ x, correlation = ⟪corNatural(form = ~ t | g)⟫)", UnsupportedError, "`corAR1`"),
    ("glmmTMB(y ~ x + (1 | g), dispformula = ~ ⟪0⟫)", UnsupportedError, "an effect for each row of a group"),
    ("gls(y ~ x, weights = varPower(form = ~ ⟪resid(.)⟫))", UnsupportedError, "follows the residuals"),
    ("gls(y ~ x, weights = ⟪varIdent()⟫)", FormulaSyntaxError, "needs a formula"),
    ("brm(bf(y ~ x, autocor = ⟪~ t⟫))", FormulaSyntaxError, "terms like `ar()`"),
    ("gls(y ~ x, weights = ⟪w⟫)", FormulaSyntaxError, "as in `w <- varIdent(form = ~ 1 | g)`"),
    ("glmmTMB(y ~ x, dispformula = ~ ⟪0⟫)", UnsupportedError, "leaves no noise"),
    ("glmmTMB(y ~ x, ziformula = ⟪y ~ x⟫)", FormulaSyntaxError, "without a left side"),
    ("glmmTMB(y ~ x, map = list(a = ⟪1⟫))", FormulaSyntaxError, "`map` has factors"),
    ("glmer(⟪cbind(s, f)⟫ ~ x, family = binomial, weights = n)", UnsupportedError, "cbind"),
    ("glmer(y ~ x, family = ⟪3⟫)", FormulaSyntaxError, "a family is written"),
    ("glmer(y ~ x, family = binomial(⟪lnk = 'probit'⟫))", FormulaSyntaxError, "takes its link"),
    ("brm(y ~ x, prior = prior(normal(0, 1), class = ⟪bb⟫))", SemanticError, "did you mean `b`?"),
    ("brm(y ~ x, prior = ⟪prio(normal(0, 1))⟫)", FormulaSyntaxError, "did you mean `prior`?"),
    ("brm(y ~ x, prior = ⟪prior(class = b)⟫)", FormulaSyntaxError, "density is missing"),
    ("brm(y ~ x, prior = prior(normal(0, 1), ⟪klass = b⟫))", FormulaSyntaxError, "did you mean `class`?"),
    ("brm(y ~ x, prior = set_prior(⟪'normal(0, '⟫))", FormulaSyntaxError, "cannot be read"),
    ("brm(bf(y ~ x) + ⟪z⟫, d)", UnsupportedError, "inside `bf(...)`"),
    ("brm(⟪~ x⟫, d)", FormulaSyntaxError, "a response is needed"),
    ("stan_lm(y ~ x, d, prior = ⟪R2()⟫)", FormulaSyntaxError, "needs `location`"),
    ("stan_glm(y ~ x, d, prior_aux = ⟪R2(0.5)⟫)", UnsupportedError, "all coefficients together"),
    ("stan_glm(y ~ x, d, prior_intercept = ⟪hs()⟫)", UnsupportedError, "all coefficients together"),
    ("stan_glm(y ~ x, d, prior = normal(0, 1, ⟪wide = 3⟫))", FormulaSyntaxError, "no argument `wide`"),
    ("stan_glmer(y ~ x, d, prior_covariance = ⟪lkj(2)⟫)", UnsupportedError, "is `decov(regularization"),
    ("stan_glmer(y ~ x, d, family = Gamma, prior_covariance = ⟪decov(2)⟫)", UnsupportedError, "multiplies sds by"),
    ("brm(y ~ x, prior = prior(normal(0, tau)), stanvars = ⟪stanvar(x, 'n')⟫)", UnsupportedError, "declares a hyper"),
    ("brm(y ~ x, stanvars = ⟪code⟫)", UnsupportedError, "of `stanvars` what declares"),
]


@pytest.mark.parametrize(("marked", "kind", "fragment"), MISTAKES)
def test_mistakes(marked: str, kind: type[TildeError], fragment: str) -> None:
    text = marked.replace("⟪", "").replace("⟫", "")
    with pytest.raises(kind) as caught:
        read_rcall(text)
    span = caught.value.span
    assert span is not None
    assert "⟪" not in marked or f"{text[: span.start]}⟪{span}⟫{text[span.end :]}" == marked
    assert any(part in caught.value.message for part in fragment.split("|") if part.strip())


FORMULA_WORDS = "y x g ~ + - * / : | || ( ) , = 1 0 'a' TRUE NULL c( list( bf( prior( normal(0,1) class = b"
ARGUMENT_WORDS = "family = binomial weights = data = d varIdent(form=~1|g) random = ~1|g pdDiag(~x) subset( offset(z)"
words = st.sampled_from(f"{FORMULA_WORDS} {ARGUMENT_WORDS}".split())
FUNCTIONS = ["lmer(", "lme(", "gls(", "glmmTMB(", "brm(", "stan_glmer(", "m <- glm("]


@given(st.sampled_from(FUNCTIONS), st.lists(words, max_size=10))
def test_any_text_is_read_or_told_why_not(function: str, pieces: list[str]) -> None:
    for text in (function + " ".join(pieces), f"{function} y ~ x + (1 | g), {' '.join(pieces)})"):
        try:
            read_rcall(text)
        except TildeError as error:
            assert error.span is not None
            assert 0 <= error.span.start <= error.span.end <= len(error.span.text)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("coxph(Surv(t, d) ~ x, data = f)", "family = cox"),
        ("coxme::coxme(Surv(t, d) ~ x + (1 | g), f)", "`(1 | g)` for groups"),
        ("survreg(Surv(t, d) ~ x, f)", "family = weibull"),
    ],
)
def test_a_function_of_another_likelihood_is_told_what_is_built(call: str, told: str) -> None:
    with pytest.raises(UnsupportedError, match=re.escape(told)):
        read(call)
