"""One statement in each language, and back again."""

from __future__ import annotations

import pytest

from tildemc.syntax.command import convert, read
from tildemc.syntax.formula import parse_formula

SAME_IN_STATA = [
    "mixed y x || g:",
    "mixed y || g:",
    "mixed y x",
    "mixed y x || g: z",
    "mixed y x || g: z, noconstant",
    "mixed y x || g: z, covariance(unstructured)",
    "mixed y x || g: z w, noconstant covariance(identity)",
    "mixed y x || h: || g: z, covariance(exchangeable)",
    "mixed y x || school: || class: z",
    "mixed y x || _all: R.a || b:",
    "mixed y || _all: R.sid || pid: || sid:",
    "mixed y x || g: || g: z, noconstant",
    "mixed y treat || j: treat, noconstant residuals(independent, by(treat))",
    "regress y i.g ib2.h ib(last).k ib(#2).m 2.p",
    "regress y i.a i.b i.a#i.b",
    "regress y x i.a i.a#c.x c.x#c.x",
    "regress y ibn.g x, noconstant",
    "regress y i.g, noconstant",
    "regress y i.a#i.b",
    "regress y x if age > 5 & (z == 1 | !missing(w)) in 1/100",
    "regress y x [aweight=w]",
    "mixed y x [fweight=w] || g:",
    "melogit y x || g:, or",
    "melogit s x || g:, binomial(n)",
    "meprobit y x || g:",
    "mepoisson y x, exposure(e) || g:, irr",
    "poisson y x, offset(o)",
    "menbreg y x || g:",
    "meglm y x || g:, family(gamma)",
    "meologit y x || g:, or",
    "menbreg y x || g:, dispersion(constant)",
    "metobit y x || g:, ll(0) ul(cap)",
    "tobit y x, ll(-1)",
    "meintreg a b x || g:",
    "intreg a b x",
    "truncreg y x, ll(0) ul(10)",
    "tpoisson y x, ll(0)",
    "tnbreg y x, ll(k)",
    "mestreg x || g:, distribution(weibull) time",
    "streg x, distribution(lognormal)",
    "zip y x, inflate(z i.g) irr",
    "zinb y x, inflate(_cons)",
    "zip y x, probit inflate(z, noconstant)",
    "betareg y x, scale(z)",
    "mlogit y x, baseoutcome(2)",
    "stcox x",
    "glm y x, family(gamma)",
    "glm y x, family(igaussian) link(log)",
    "glm y x, family(nbinomial)",
    "logit y x",
    "bayes, prior({y:x}, normal(0, 10)): regress y x",
    "bayes, prior({y:_cons}, normal(0, 4)) prior({U0:sigma2}, igamma(1, 1)): mixed y x || g:",
    "bayes, prior({e.y:sigma2}, gamma(2, 4)): regress y x",
]


@pytest.mark.parametrize("command", SAME_IN_STATA)
def test_stata_and_back(command: str) -> None:
    first = read(command)
    converted = convert(command, "stata")
    assert not converted.cannot_say
    second = read(converted.text)
    assert second.formula == first.formula
    assert (second.family, second.rows, second.row_numbers, second.display) == (
        first.family, first.rows, first.row_numbers, first.display,
    )  # fmt: skip
    assert [(p.target, p.target_arguments) for p in second.priors] == [
        (p.target, p.target_arguments) for p in first.priors
    ]
    assert convert(converted.text, "stata").text == converted.text


SAME_IN_R = [
    ("brms", 'brm(y ~ x + (1 | g), data = d, family = Gamma("log"))'),
    ("brms", "brm(y ~ x, data = d, family = Beta())"),
    ("brms", "brm(y ~ x, data = d, family = weibull())"),
    ("brms", "brm(y ~ x + (1 + x | g), data = d)"),
    ("brms", "brm(bf(y ~ x, sigma ~ z), data = d, family = student())"),
    ("brms", 'brm(s | trials(n) ~ x + (f || g), data = d, family = binomial("probit"))'),
    ("brms", "brm(y ~ x + (1 | g), data = d, prior = prior(normal(0, 1), class = b, coef = x))"),
    (
        "brms",
        "brm(y ~ x + (1 | g), data = d, prior = c(prior(exponential(1), class = sd, group = g), "
        "prior(lkj(2), class = cor, group = g)))",
    ),
    ("brms", "brm(y ~ x, data = d, prior = prior(normal(0, 1), class = b, lb = 0))"),
    ("brms", "brm(y ~ x, data = d, prior = prior(uniform(0, 10), class = b, lb = 0, ub = 10))"),
    ("brms", "brm(y ~ x, data = d, prior = prior(normal(1, 2), class = Intercept))"),
    ("brms", "brm(y ~ 0 + Intercept + x, data = d, prior = prior(normal(1, 2), class = b, coef = Intercept))"),
    ("brms", "brm(y ~ x, data = subset(d, x > 3))"),
    ("brms", "brm(y ~ x + (1 | gr(g, cov = A)) + (1 | mm(h, k)), data = d, data2 = list(A = A))"),
    ("lme4", "lmer(y ~ x + (1 + x | g), data = d)"),
    ("lme4", "lmer(y ~ x + (1 | g) + (0 + x | g), data = d)"),
    ("lme4", "lmer(y ~ x + (1 | a/b), data = d, weights = w)"),
    ("lme4", 'glmer(cbind(s, f) ~ x + (1 | g), data = d, family = binomial(link = "probit"))'),
    ("lme4", "glmer(y ~ x + (1 | g), data = d, family = poisson(), weights = w, subset = x > 1)"),
    ("lme4", "glmer.nb(y ~ x + (1 | g), data = d)"),
    ("lme4", "lm(y ~ x, data = d)"),
    ("lme4", "glm(y ~ x, data = d, family = poisson())"),
    ("lme4", "lmer(y ~ x + cs(1 + x | g), data = d)"),
    ("lme4", "lmer(y ~ x + diag(1 + x | g, hom = TRUE), data = d)"),
    ("lme4", "lmer(y ~ x + cs(0 + f | g, hom = TRUE), data = d)"),
    ("lme4", "lmer(y ~ x + ar1(0 + f | g, hom = TRUE), data = d)"),
    ("lme4", "lmer(y ~ x + ar1(0 + f | g, hom = FALSE), data = d)"),
    ("glmmTMB", "glmmTMB(y ~ x + ar1(0 + f | g) + exp(0 + at | g), data = d)"),
    ("glmmTMB", "glmmTMB(y ~ x + cs(1 + x | g), data = d)"),
    ("glmmTMB", "glmmTMB(y ~ x + rr(1 + x | g, d = 1), data = d)"),
    ("glmmTMB", "glmmTMB(y ~ x + homdiag(1 + x | a/b), data = d)"),
    ("glmmTMB", "glmmTMB(y ~ x + (x || g), data = d, dispformula = ~ 0 + g)"),
    ("glmmTMB", "glmmTMB(y ~ x, data = d, family = nbinom2(), dispformula = ~ z, weights = w)"),
    ("glmmTMB", "glmmTMB(y ~ x, data = d, family = poisson(), ziformula = ~ x)"),
    ("glmmTMB", "glmmTMB(y ~ x, data = d, family = truncated_nbinom2(), ziformula = ~ x + (1 | g))"),
    ("glmmTMB", "glmmTMB(y ~ x, data = d, family = truncated_poisson())"),
    ("glmmTMB", "glmmTMB(y ~ x, data = d, family = nbinom1(), ziformula = ~ 1, dispformula = ~ z)"),
    ("glmmTMB", "glmmTMB(y ~ x, data = d, family = ordbeta())"),
    ("brms", "brm(bf(y ~ x, hu ~ z), data = d, family = hurdle_poisson())"),
    ("brms", 'brm(bf(y ~ x, phi ~ z), data = d, family = Beta("probit", link_phi = "identity"))'),
    ("brms", "brm(y | cens(c, y2) + trunc(lb = 0) ~ x, data = d, family = weibull())"),
    ("brms", 'brm(y ~ x, data = d, family = cumulative("probit"))'),
    ("brms", 'brm(y ~ x, data = d, family = cumulative(threshold = "equidistant"))'),
    (
        "brms",
        "brm(y | thres(gr = g) ~ x + cs(z), data = d, family = acat(), "
        'prior = c(prior(normal(0, 1), class = Intercept, group = a, coef = "1"), '
        "prior(normal(0, 2), class = b, coef = z)))",
    ),
    ("brms", "brm(bf(y ~ x, hu ~ z), data = d, family = hurdle_cumulative())"),
    ("lme4", "glm(y ~ x, data = d, family = inverse.gaussian())"),
]


@pytest.mark.parametrize(("target", "call"), SAME_IN_R)
def test_r_and_back(target: str, call: str) -> None:
    converted = convert(call, target)
    assert converted.text == call
    assert not converted.cannot_say


@pytest.mark.parametrize("command", SAME_IN_STATA)
@pytest.mark.parametrize("target", ["brms", "lme4", "glmmTMB", "formula"])
def test_what_is_said_elsewhere_can_be_read_there(command: str, target: str) -> None:
    converted = convert(command, target)
    again = convert(converted.text, target)
    assert again.text == converted.text
    if not converted.cannot_say and target in ("brms", "formula"):
        assert len(read(converted.text).formula.predictors) == len(read(command).formula.predictors)


GROUPS = [
    ("(1 + x | gr(g, cor = FALSE))", "lmer(y ~ x + (1 | g) + (0 + x | g), data = d)", ()),
    ("(1 | gr(g, h))", "lmer(y ~ x + (1 | g:h), data = d)", ()),
    ("(1 | gr(g, by = f))", "lmer(y ~ x + (1 | g), data = d)", ("the groups `gr(g, by = f)`",)),
    ("(1 | mm(g, h))", "lmer(y ~ x + (1 | g), data = d)", ("the groups `mm(g, h)`",)),
    ("(1 | gr(g, pw = w))", "lmer(y ~ x + (1 | g), data = d)", ("the groups `gr(g, pw = w)`",)),
    ("(1 | gr(g, dist = 'student'))", "lmer(y ~ x + (1 | g), data = d)", ("the groups",)),
    ("(1 | gr(g, cov = A))", "lmer(y ~ x + (1 | g), data = d)", ("the groups `gr(g, cov = A)`",)),
    ("(1 |p| g) + (1 |q| h)", "lmer(y ~ x + (1 | g) + (1 | h), data = d)", ()),
    ("(1 |p| g) + (0 + x |p| g)", "lmer(y ~ x + (1 | g) + (0 + x | g), data = d)", ("correlated across terms by `p`",)),
]


@pytest.mark.parametrize(("terms", "text", "unsaid"), GROUPS)
def test_brms_groups_are_columns_elsewhere_or_named(terms: str, text: str, unsaid: tuple[str, ...]) -> None:
    converted = convert(f"y ~ x + {terms}", "lme4")
    assert converted.text == text
    assert str(converted).splitlines() == [text, *(f"! {said}" for said in converted.cannot_say)]
    assert len(converted.cannot_say) == len(unsaid)
    assert all(part in told for part, told in zip(unsaid, converted.cannot_say, strict=True))
    for target in ("glmmTMB", "stata"):
        assert bool(convert(f"y ~ x + {terms}", target).cannot_say) >= bool(unsaid)


ELSEWHERE = [
    ("mixed y i.tx || school: x, cov(un)", "formula", "y ~ factor(tx) + (1 + x | school)"),
    ("mixed y x || g: z", "lme4", "lmer(y ~ x + (1 | g) + (0 + z | g), data = d)"),
    ("mixed y x || g: z, cov(id)", "lme4", "lmer(y ~ x + diag(1 + z | g, hom = TRUE), data = d)"),
    ("mixed y x || g: z, cov(ex)", "glmmTMB", "glmmTMB(y ~ x + homcs(1 + z | g), data = d)"),
    ("y ~ x + us(1 + x | g) + diag(x | h)", "brms", "brm(y ~ x + (1 + x | g) + (x || h), data = d)"),
    ("y ~ x + diag(1 + x | g, hom = TRUE)", "stata", "mixed y x || g: x, covariance(identity)"),
    ("y ~ x + diag(1 + x | g, hom = TRUE)", "glmmTMB", "glmmTMB(y ~ x + homdiag(1 + x | g), data = d)"),
    ("lme(y ~ x, d, list(g = pdCompSymm(~ x)))", "stata", "mixed y x || g: x, covariance(exchangeable)"),
    ("mixed y x || g:, residuals(independent, by(v))", "formula", "y ~ x + (1 | g); sigma ~ by(v)"),
    (
        "mixed y x || g:, residuals(independent, by(v))",
        "brms",
        "brm(bf(y ~ x + (1 | g), sigma ~ 0 + factor(v)), data = d)",
    ),
    (
        "mixed y x || g:, residuals(independent, by(v))",
        "glmmTMB",
        "glmmTMB(y ~ x + (1 | g), data = d, dispformula = ~ 0 + factor(v))",
    ),
    ("melogit s x || g:, binomial(n)", "lme4", "glmer(cbind(s, n - s) ~ x + (1 | g), data = d, family = binomial())"),
    ("glmer(cbind(s, n - s) ~ x + (1 | g), d, binomial)", "brms",
     "brm(s | trials(n) ~ x + (1 | g), data = d, family = binomial())"),
    ("glmer(cbind(s, n - s) ~ x + (1 | g), d, binomial)", "stata", "melogit s x || g:, binomial(n)"),
    ("lmer(y ~ x * z + (1 + x | a/b), d)", "stata",
     "mixed y c.x##c.z || a: x, covariance(unstructured) || b: x, covariance(unstructured)"),
    ("lmer(y ~ x + (1 | a) + (1 | b), d)", "stata", "mixed y x || _all: R.a || b:"),
    ("lmer(y ~ x + (1 | a:b), d)", "stata", "mixed y x || a:, noconstant || b:"),
    ("lme(y ~ t, d, ~ 0 + t | j, weights = varIdent(form = ~ 1 | t))", "stata",
     "mixed y t || j: t, noconstant residuals(independent, by(t))"),
    ("glmmTMB(y ~ x, d, poisson, ziformula = ~ 1)", "brms",
     "brm(bf(y ~ x, zi ~ 1), data = d, family = zero_inflated_poisson())"),
    ("glmmTMB(y ~ x, d, truncated_poisson)", "brms", "brm(y | trunc(lb = 1) ~ x, data = d, family = poisson())"),
    ("brm(y | trunc(lb = 1) ~ x, d, negbinomial())", "glmmTMB",
     "glmmTMB(y ~ x, data = d, family = truncated_nbinom2())"),
    ("brm(y ~ x, d, hurdle_gamma())", "glmmTMB",
     'glmmTMB(y ~ x, data = d, family = Gamma(link = "log"), ziformula = ~ 1)'),
    ("stan_betareg(y ~ x | z, d)", "glmmTMB", "glmmTMB(y ~ x, data = d, family = beta_family(), dispformula = ~ z)"),
    ("polr(y ~ x, d, method = 'probit')", "stata", "oprobit y x"),
    ("glmmTMB(y ~ x, d, poisson, ziformula = ~ z)", "stata", "zip y x, inflate(z)"),
    ("glmmTMB(y ~ x, d, nbinom1)", "stata", "nbreg y x, dispersion(constant)"),
    ("stan_betareg(y ~ x | z, d)", "stata", "betareg y x, scale(z)"),
    ("zinb y x, inflate(z)", "glmmTMB", "glmmTMB(y ~ x, data = d, family = nbinom2(), ziformula = ~ z)"),
    ("tobit y x, ll(0)", "brms", "brm(y | cens(-(y <= 0)) ~ x, data = d)"),
    ("glm(y ~ x, negative.binomial(2), d)", "brms", "brm(bf(y ~ x, shape = 2), data = d, family = negbinomial())"),
    ("glmer(y ~ x, d, MASS::negative.binomial(theta = 2, link = 'sqrt'))", "brms",
     'brm(bf(y ~ x, shape = 2), data = d, family = negbinomial("sqrt"))'),
    ("tobit y x, ll(0) ul(9)", "brms", "brm(y | cens((y >= 9) - (y <= 0)) ~ x, data = d)"),
    ("y | subset(x > 1) ~ x", "brms", "brm(y ~ x, data = subset(d, x > 1))"),
    ("lm(y ~ x, filter(d, x > 1 | z < 2))", "stata", "regress y x if (x > 1 & !missing(x)) | z < 2"),
    ("lm(y ~ x, filter(d, !(x > 1)))", "stata", "regress y x if x <= 1"),
    ("y | subset(x > 1) ~ x", "stata", "regress y x if x > 1 & !missing(x)"),
    ("meologit y x || g:", "brms", 'brm(y ~ x + (1 | g), data = d, family = cumulative("logit"))'),
    ("p(s, n) ~ x", "formula", "s | trials(n) ~ x"),
    ("y ~ 0 + factor(g) + x", "stata", "regress y ibn.g x, noconstant"),
    ("y ~ x + offset(o) + (1 | g)", "stata", "meglm y x, offset(o) || g:"),
    ("mixed y 2.g || j: 2.g, nocons", "brms",
     'brm(y ~ as.numeric(g == "2") + (0 + as.numeric(g == "2") | j), data = d)'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "target", "expected"), ELSEWHERE)
def test_from_one_language_to_another(text: str, target: str, expected: str) -> None:
    converted = convert(text, target)
    assert str(converted) == expected
    assert not converted.cannot_say


UNSAID = [
    ("y ~ x; sigma ~ z", "lme4", "lme4 models the mean alone"),
    ("y ~ x; sigma ~ z", "stata", "residual variances by a factor's levels"),
    ("y ~ log(x)", "stata", "the term `log(x)`"),
    ("log(y) ~ x", "stata", "the response `log(y)`"),
    ("y ~ (x | a) + (x | b)", "stata", "crossed levels"),
    ("y ~ (factor(x) || g)", "lme4", "lme4 correlates them"),
    ("regress y i.g, nocons", "brms", "indicators(g)"),
    ("brm(y ~ x, family = student())", "lme4", "the family student"),
    ("brm(y ~ x, family = student())", "stata", "the family student"),
    ("brm(y ~ x + (1 | g), prior = prior(exponential(1), class = sd))", "stata", "the prior `sd ~ exponential(1)`"),
    ("brm(y ~ x, prior = prior(normal(0, 1)))", "glmmTMB", "glmmTMB has none"),
    ("bayes, prior({sigma2}, igamma(1, 1)): regress y x", "brms", "no variances"),
    ("brm(y ~ x, prior = prior(normal(0, 1), class = b, lb = 0))", "stata", "normal(0, 1, lower = 0)`"),
    ("brm(y ~ x, prior = prior(normal(0, 1), class = b, coef = x, ub = 2))", "stata", "normal(0, 1, upper = 2)`"),
    ("brm(y ~ x, prior = prior(normal(0, 1), class = b, coef = x, lb = 0))", "brms", "bounds for all coefficients"),
    ("brm(y ~ x, prior = prior(normal(0, 1), class = sigma, ub = 3))", "brms", "bounds for all coefficients"),
    ("brm(y ~ x, prior = prior(normal(0, 1), class = b, lb = 0))", "formula", "normal(0, 1, lower = 0)`"),
    ("brm(y ~ x, prior = prior(normal(0, 1), class = Intercept))", "stata", "at the predictors' means"),
    ("brm(y ~ x, prior = prior(half_normal(1), class = b))", "brms", "no density `half_normal`"),
    ("brm(y ~ x, prior = prior(normal(sigma = 1, mu = 0), class = b))", "brms", "have no names"),
    ("brm(y ~ x, prior = prior(normal(sigma = 1, mu = 0), class = b, coef = x))", "stata", "the prior `b(x)"),
    ("brm(y ~ x, prior = prior(uniform(lower = 0, upper = 1), class = b))", "brms", "have no names"),
    (
        "bayes, prior({y:_cons}, normal(0, 4)): regress y x",
        "brms",
        "at the predictors' means, this one where they are 0",
    ),
    ("melogit y x || g:", "formula", 'family = "bernoulli(logit)"'),
    ("regress y x in 1/5", "brms", "the rows 1 to 5"),
    ("y | weights(w) ~ x + (1 | g)", "lme4", "`weights(w)`"),
    ("y | cens(c) ~ x", "stata", "`cens(c)`"),
    ("intreg a b x", "brms", "`open = TRUE`: brms has no intervals without an end"),
    ("glmmTMB(y ~ x, d, nbinom1)", "brms", "the family nbinom1: brms has none"),
    (
        "glmmTMB(y ~ x + (1 | g), d, poisson, ziformula = ~ 1)",
        "stata",
        "zero_inflated_poisson with link log, with levels",
    ),
    ("brm(bf(y ~ x, zi ~ (1 | g)), d, zero_inflated_poisson())", "stata", "`zi ~ (1 | g)`"),
    ("brm(y ~ x + (1 | g), d, categorical())", "stata", "categorical with link logit, with levels"),
    ("brm(y ~ x, d, hurdle_poisson(link_hu = 'probit'))", "glmmTMB", "the link probit of hu"),
    ("brm(y ~ x, d, cumulative())", "lme4", "the family cumulative: lme4 has none"),
    ("brm(y ~ x, d, hurdle_cumulative())", "glmmTMB", "the family hurdle_cumulative: glmmTMB has none"),
    ("brm(y ~ x, d, mixture(gaussian, student))", "lme4", "the family mixture(gaussian, student): lme4 has none"),
    ("brm(y ~ x + (1 | g), d, mixture(gaussian, student))", "stata", "mixture(gaussian, student), with levels"),
    ("brm(y ~ x, d, categorical(refcat = 'b'))", "stata", "comparing with `b`: Stata's `baseoutcome()`"),
    ("brm(cbind(a, b, c) | trials(n) ~ x, d, multinomial())", "lme4", "`trials(n)` of the response"),
    ("y ~ gp(x) + (1 | g)", "lme4", "the Gaussian process `gp(x)`: brms has them"),
    ("y ~ mo(o) * x", "glmmTMB", "the monotonic effect `mo(o)`: brms has them"),
    ("y ~ x; sigma ~ mo(o)", "glmmTMB", "the monotonic effect `mo(o)`: brms has them"),
    ("brm(y ~ x + cs(z), d, acat())", "glmmTMB", "effects on each threshold, `cs(z)`: brms has them"),
    ("y ~ x + ridge(z)", "brms", "coefficients with one sd, `ridge(z)`: Stata has them"),
    ("y ~ t2(x, z)", "lme4", "the smooth `t2(x, z)`: gamm4 has them"),
]


@pytest.mark.parametrize(("text", "target", "fragment"), UNSAID)
def test_what_cannot_be_said_is_listed(text: str, target: str, fragment: str) -> None:
    assert any(fragment in sentence for sentence in convert(text, target).cannot_say)


@pytest.mark.parametrize(
    ("text", "target", "expected"),
    [
        ("bayes, prior({y:_cons}, normal(0, 4)): mixed y || g:", "brms", "prior(normal(0, 2), class = Intercept)"),
        ("brm(y ~ 1 + (1 | g), prior = prior(normal(0, 2), class = Intercept))", "stata", "{y:_cons}, normal(0, 4)"),
        (
            "brm(y ~ x, prior = prior(normal(0, 1), class = sigma, lb = 0))",
            "brms",
            "prior(normal(0, 1), class = sigma)",
        ),
    ],
)
def test_without_predictors_or_with_the_supports_own_bound_nothing_is_lost(
    text: str, target: str, expected: str
) -> None:
    converted = convert(text, target)
    assert expected in converted.text
    assert not converted.cannot_say


def test_stata_marks_the_columns_that_are_factors() -> None:
    assert convert("y ~ f * x + (1 + f || g)", "stata", factors={"f"}).text == "mixed y i.f##c.x || g: i.f"
    assert parse_formula("y ~ f") == read("y ~ f").formula
