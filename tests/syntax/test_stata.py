"""Stata commands: each is the formula beside it, or a mistake that says where and what would work."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tildemc.errors import FormulaSyntaxError, SemanticError, TildeError, UnknownColumn
from tildemc.resolve.families import read_family
from tildemc.syntax.command import language_of, read
from tildemc.syntax.formula import parse_formula
from tildemc.syntax.stata.read import read_stata
from tildemc.syntax.steps import RowNumbers
from tildemc.syntax.tree import deparse
from tildemc.syntax.unparse.priors import prior_text

COLUMNS = ["id", "y", "x1", "x2", "x3", "wk1", "wk2", "school", "age"]

FORMULAS = [
    # levels
    ("mixed y x || g:", "y ~ x + (1 | g)"),
    ("mixed y || g:", "y ~ 1 + (1 | g)"),
    ("mixed y x", "y ~ x"),
    ("mixed y x || g: z", "y ~ x + (1 + z || g)"),
    ("mixed y x || g: z, covariance(independent)", "y ~ x + (1 + z || g)"),
    ("mixed y x || g: z, cov(un)", "y ~ x + (1 + z | g)"),
    ("mixed y x || g: z, cov(unstr) mle", "y ~ x + (1 + z | g)"),
    ("mixed y x || g: z w, cov(un)", "y ~ x + (1 + z + w | g)"),
    ("mixed y x || g: z, nocons", "y ~ x + (0 + z | g)"),
    ("mixed y x || g: z w, nocons", "y ~ x + (0 + z + w || g)"),
    ("mixed y x || g: z, nocons cov(id)", "y ~ x + (0 + z | g)"),
    ("mixed y x || g:, cov(exch)", "y ~ x + (1 | g)"),
    ("mixed y x || g: ibn.f, nocons cov(id)", "y ~ x + (1 | g:f)"),
    ("mixed y x || g: z w, cov(id)", "y ~ x + homdiag(1 + z + w | g)"),
    ("mixed y x || g: i.f, cov(ident)", "y ~ x + homdiag(1 + factor(f) | g)"),
    ("mixed y x || h: || g: z w, nocons cov(exch)", "y ~ x + (1 | h) + homcs(0 + z + w | h:g)"),
    ("mixed y x || g: ibn.f, nocons cov(ex)", "y ~ x + (1 | g) + (1 | g:f)"),
    ("mixed y x || g: ibn.f, nocons", "y ~ x + (0 + factor(f) || g)"),
    ("mixed y x || g: i.f", "y ~ x + (1 + factor(f) || g)"),
    ("mixed y x || g: i.f, nocons", "y ~ x + (0 + indicators(f) || g)"),
    ("mixed y x || school: || class:", "y ~ x + (1 | school) + (1 | school:class)"),
    ("mixed y x || a: || b: || c: x", "y ~ x + (1 | a) + (1 | a:b) + (1 + x || a:b:c)"),
    ("mixed y || g: z1, nocons || g: z2, nocons", "y ~ 1 + (0 + z1 | g) + (0 + z2 | g)"),
    ("mixed y || g: z1 z2, nocons cov(un) || g: z3, nocons", "y ~ 1 + (0 + z1 + z2 | g) + (0 + z3 | g)"),
    ("mixed y x || _all: R.a || b:", "y ~ x + (1 | a) + (1 | b)"),
    ("mixed y || _all:R.sid || pid: || sid:", "y ~ 1 + (1 | sid) + (1 | pid) + (1 | pid:sid)"),
    ("mixed attain || region: R.sec || pid:", "attain ~ 1 + (1 | region:sec) + (1 | region:pid)"),
    ("mixed y || g: R.v, cov(exchangeable)", "y ~ 1 + (1 | g) + (1 | g:v)"),
    ("melogit y x || group: R.m || group: R.f", "y ~ x + (1 | group:m) + (1 | group:f)"),
    ("xtmixed y treat || j: treat, nocons", "y ~ treat + (0 + treat | j)"),
    ("mixed y treat || j: treat, nocons || treat:", "y ~ treat + (0 + treat | j) + (1 | j:treat)"),
    ("mixed y x || id:, nocons", "y ~ x"),
    ("mixed weight week, || id:", "weight ~ week + (1 | id)"),
    ("mixed gsp, || region: || state: , stddev", "gsp ~ 1 + (1 | region) + (1 | region:state)"),
    ("mixed y ||g:x,cov(un)||h:", "y ~ 1 + (1 + x | g) + (1 | g:h)"),
    (
        "mixed y || id: 1.s#c.age 1.s, nocons cov(un) || id: 2.s#c.age 2.s, nocons cov(un)",
        "y ~ 1 + (0 + dummy(s, 1):age + dummy(s, 1) | id) + (0 + dummy(s, 2):age + dummy(s, 2) | id)",
    ),
    ("mixed y age || id: c.age##c.age", "y ~ age + (1 + age + I(age^2) || id)"),
    # residuals
    ("mixed y x || g:, residuals(independent)", "y ~ x + (1 | g)"),
    ("mixed y x || g:, residuals(ar 2, t(t))", "y ~ x + (1 | g) + corARMA(form = ~ t | g, p = 2)"),
    (
        "mixed y x || g:, residuals(ma 1, t(t) by(v))",
        "y ~ x + (1 | g) + corARMA(form = ~ t | g, q = 1, by = v); sigma ~ by(v)",
    ),
    ("mixed y x || s: || g:, nocons residuals(ar, t(t))", "y ~ x + (1 | s) + corARMA(form = ~ t | s:g, p = 1)"),
    ("mixed y x || g:, nocons residuals(uns, t(t))", "y ~ x + residual(us(0 + factor(t) | g))"),
    ("mixed y x || g:, nocons residuals(banded 1, t(t))", "y ~ x + banded(time = t, gr = g, q = 1)"),
    ("mixed y x || g:, nocons residuals(banded, t(t) by(v))", "y ~ x + banded(time = t, gr = g, by = v)"),
    ("mixed y x || g:, nocons residuals(unstructured, t(t) by(v))", "y ~ x + banded(time = t, gr = g, by = v)"),
    ("mixed y x || g:, nocons residuals(toeplitz 2, t(t))", "y ~ x + toeplitz(time = t, gr = g, q = 2)"),
    ("mixed y x || g:, nocons residuals(toep, t(t))", "y ~ x + residual(homtoep(0 + factor(t) | g))"),
    ("mixed y x || g:, residuals(exp, t(t))", "y ~ x + (1 | g) + corCAR1(form = ~ t | g)"),
    ("mixed y x || g:, residuals(independent, by(v))", "y ~ x + (1 | g); sigma ~ by(v)"),
    ("mixed y x || g:, residual(ind, t(t) by(v)) reml", "y ~ x + (1 | g); sigma ~ by(v)"),
    (
        "xtmixed y treat || j: treat, nocons residuals(independent, by(treat))",
        "y ~ treat + (0 + treat | j); sigma ~ by(treat)",
    ),
    ("mixed y treat || j:, nocons res(ind, by(treat))", "y ~ treat; sigma ~ by(treat)"),
    # factor variables
    ("regress y i.g", "y ~ factor(g)"),
    ("regress y ib2.g", "y ~ relevel(factor(g), ref = 2)"),
    ("regress y b2.g", "y ~ relevel(factor(g), ref = 2)"),
    ("regress y ib(last).g", "y ~ C(g, SAS)"),
    ("regress y ib(first).g", "y ~ factor(g)"),
    ("regress y ib(#2).g", "y ~ C(g, contr.treatment(base = 2))"),
    ("regress y ibn.g, nocons", "y ~ 0 + factor(g)"),
    ("regress y bn.g x, nocons", "y ~ 0 + factor(g) + x"),
    ("regress y ibn.g", "y ~ C(g, SAS)"),
    ("regress y i.g, nocons", "y ~ 0 + indicators(g)"),
    ("regress y ib3.g x, nocons", "y ~ 0 + indicators(g, base = 3) + x"),
    ("regress y 2.g", "y ~ dummy(g, 2)"),
    ("regress y o2.g io(3).h", "y ~ relevel(factor(g), ref = 2) + relevel(factor(h), ref = 3)"),
    ("melogit y || _all: x z || g:", "y ~ 1 + ridge(x) + ridge(z) + (1 | g)"),
    ("regress y i2.g", "y ~ dummy(g, 2)"),
    ("regress y i(2 4).g", "y ~ dummy(g, 2) + dummy(g, 4)"),
    ("regress y i(2/4).g", "y ~ dummy(g, 2) + dummy(g, 3) + dummy(g, 4)"),
    ("regress y 2.g#c.x", "y ~ dummy(g, 2):x"),
    ("regress y 2.a#1.b", "y ~ dummy(a, 2):dummy(b, 1)"),
    ("regress y c.x", "y ~ x"),
    ("regress y c.x#c.x", "y ~ I(x^2)"),
    ("regress y c.x##c.x", "y ~ x + I(x^2)"),
    ("regress y c.x##c.x##c.x", "y ~ x + I(x^2) + I(x^3)"),
    ("regress y c.x#c.z", "y ~ x:z"),
    ("regress y a##b", "y ~ factor(a) + factor(b) + factor(a):factor(b)"),
    ("regress y i.a##i.b", "y ~ factor(a) + factor(b) + factor(a):factor(b)"),
    ("regress y i.a i.b i.a#i.b", "y ~ factor(a) + factor(b) + factor(a):factor(b)"),
    ("regress y i.a a#b", "y ~ factor(a) + factor(a):factor(b)"),
    ("regress y a#b", "y ~ indicators(a, b)"),
    ("regress y ibn.a#ibn.b, nocons", "y ~ 0 + factor(a):factor(b)"),
    ("regress y x a#b", "y ~ x + indicators(a, b)"),
    ("regress y x a#b#c.x", "y ~ x + indicators(a, b):x"),
    ("regress y a#b#c.x", "y ~ factor(a):factor(b):x"),
    ("regress y sex#c.age", "y ~ factor(sex):age"),
    ("regress y age sex#c.age", "y ~ age + factor(sex):age"),
    ("regress y sex##c.age", "y ~ factor(sex) + age + factor(sex):age"),
    ("regress y c.age##sex", "y ~ age + factor(sex) + age:factor(sex)"),
    ("regress y i.sex age sex#c.age, nocons", "y ~ 0 + indicators(sex) + age + indicators(sex):age"),
    ("regress y ibn.sex ibn.sex#c.age, nocons", "y ~ 0 + factor(sex) + factor(sex):age"),
    ("regress y ib2.a##c.x", "y ~ relevel(factor(a), ref = 2) + x + relevel(factor(a), ref = 2):x"),
    ("regress y i.(a b)", "y ~ factor(a) + factor(b)"),
    (
        "regress y a#(b c) i.a i.b i.c",
        "y ~ factor(a):factor(b) + factor(a):factor(c) + factor(a) + factor(b) + factor(c)",
    ),
    ("regress y g#c.(x1 x2)", "y ~ factor(g):x1 + factor(g):x2"),
    ("regress y i.g##c.(x z)", "y ~ factor(g) + x + z + factor(g):x + factor(g):z"),
    ("regress y (a b)", "y ~ a + b"),
    ("regress y x x i.g i.g", "y ~ x + factor(g)"),
    # offsets and constants
    ("poisson y x, exposure(e)", "y ~ x + offset(log(e))"),
    ("mepoisson y x, exp(e) || g:, irr", "y ~ x + offset(log(e)) + (1 | g)"),
    ("mepoisson y x, offset(o) || g:", "y ~ x + offset(o) + (1 | g)"),
    ("mixed y x, nocons || g:", "y ~ 0 + x + (1 | g)"),
    # response
    ("melogit s x || g:, binomial(n)", "s | trials(n) ~ x + (1 | g)"),
    ("melogit s x || g:, binomial(10)", "s | trials(10) ~ x + (1 | g)"),
    ("meglm s x || g:, family(binomial n) link(probit)", "s | trials(n) ~ x + (1 | g)"),
    ("meintreg y1 y2 x || g:", "y1 | cens(2 * (y1 < y2), y2, open = TRUE) ~ x + (1 | g)"),
    ("intreg y1 y2 x", "y1 | cens(2 * (y1 < y2), y2, open = TRUE) ~ x"),
    ("xttobit y x, ul(cap) i(g)", "y | cens(right = cap) ~ x + (1 | g)"),
    ("tobit y x, ll ul(cap)", "y | cens(left = min(y), right = cap) ~ x"),
    ("truncreg y x, ll(0) ul(cap)", "y | trunc(lb = 0, ub = cap) ~ x"),
    ("tpoisson y x", "y | trunc(lb = 1) ~ x"),
    ("tnbreg y x, ll(k)", "y | trunc(lb = k + 1) ~ x"),
    ("zip y x, inflate(z i.g##c.w)", "y ~ x; zi ~ z + factor(g) + w + factor(g):w"),
    ("zinb y x, inflate(_cons) irr vuong", "y ~ x; zi ~ 1"),
    ("eststo: regress y x", "y ~ x"),
    ("eststo m1: quietly zip y x, inflate(z)", "y ~ x; zi ~ z"),
    ("zip y x, inflate(z, noconstant) probit", "y ~ x; zi ~ 0 + z"),
    ("betareg y x, scale(z)", "y ~ x; phi ~ z"),
    ("churdle exponential y x, select(z) ll(0)", "y ~ x; hu ~ z"),
    ("mlogit y x, baseoutcome(2) rrr", "relevel(factor(y), ref = 2) ~ x"),
    ("streg x, distribution(weibull)", "`_t` | cens(1 - `_d`) ~ x"),
    ("glm s x, family(binomial n)", "s | trials(n) ~ x"),
    ("metobit y x || g:, ll(0) ul(cap)", "y | cens(left = 0, right = cap) ~ x + (1 | g)"),
    ("mixed y x [fw=w] || g:", "y | weights(w) ~ x + (1 | g)"),
    ("mixed y x [pweight = w*2] || g:", "y | weights(w * 2) ~ x + (1 | g)"),
    ("mixed y x [weight=w] || g:", "y | weights(w) ~ x + (1 | g)"),
    ("regress y x [w = w*2]", "y ~ x; sigma ~ 1 + offset(-0.5 * log(w * 2))"),
    ("mixed y || g:, pw(w)", "y | weights(w) ~ 1 + (1 | gr(g, pw = w))"),
    (
        "mixed y [pw=v+1] || a: x, cov(ex) pweight(w) || g:",
        "y | weights((v + 1) * w) ~ 1 + homcs(1 + x | gr(a, pw = w)) + (1 | gr(a:g, pw = w))",
    ),
    ("mixed y [pw=v] || a: || g:, pweight(w)", "y | weights(v * w) ~ 1 + (1 | a) + (1 | gr(a:g, pw = w))"),
    ("regress y x [aw=w]", "y ~ x; sigma ~ 1 + offset(-0.5 * log(w))"),
    # panels
    ("xtreg y x, i(id)", "y ~ x + (1 | id)"),
    ("xtreg y x, i(id) re", "y ~ x + (1 | id)"),
    ("xtset id time\nxtreg y x, mle", "y ~ x + (1 | id)"),
    ("xtlogit y x, i(id) re", "y ~ x + (1 | id)"),
    ("xtpoisson y x, i(id) normal", "y ~ x + (1 | id)"),
    # layout
    ("quietly mixed y x || g:", "y ~ x + (1 | g)"),
    ("qui: mixed y x || g:", "y ~ x + (1 | g)"),
    ("capture noisily mixed y x || g:", "y ~ x + (1 | g)"),
    ("xi: mixed y i.x || g:", "y ~ factor(x) + (1 | g)"),
    ("mixed y x /// the slope\n   || g: x, cov(un)", "y ~ x + (1 + x | g)"),
    ("* a comment\nmixed y x || g: // levels", "y ~ x + (1 | g)"),
    ("mixed y x /* no z */ || g:", "y ~ x + (1 | g)"),
    ("mixed y x\n  || g:\n  , reml\n", "y ~ x + (1 | g)"),
    # wildcards, ranges, abbreviations
    ("mixed y x1-x3 || id:", "y ~ x1 + x2 + x3 + (1 | id)"),
    ("mixed y wk* || id: wk*, nocons cov(un)", "y ~ wk1 + wk2 + (0 + wk1 + wk2 | id)"),
    ("mixed y x? || id:", "y ~ x1 + x2 + x3 + (1 | id)"),
    ("mixed y sch~l || id:", "y ~ school + (1 | id)"),
    ("mixed y c.x1#c.wk*", "y ~ x1:wk1 + x1:wk2"),
    ("mixed y ag || sch:", "y ~ age + (1 | school)"),
]


@pytest.mark.parametrize(("command", "formula"), FORMULAS)
def test_a_command_is_a_formula(command: str, formula: str) -> None:
    columns = COLUMNS if any(word in command for word in ("x1-", "wk", "x?", "~", "mixed y ag")) else None
    statement = read(command, columns=columns)
    assert statement.syntax == "stata"
    assert statement.formula == parse_formula(formula)
    assert parse_formula(statement.formula.text) == statement.formula


FAMILIES = [
    ("mixed y x || g:", "gaussian"),
    ("melogit y x || g:", "bernoulli(logit)"),
    ("meqrlogit y x || g:", "bernoulli(logit)"),
    ("meprobit y x || g:", "bernoulli(probit)"),
    ("mecloglog y x || g:", "bernoulli(cloglog)"),
    ("melogit y x || g:, binomial(n)", "binomial(logit)"),
    ("mepoisson y x || g:", "poisson"),
    ("menbreg y x || g:", "negbinomial"),
    ("menbreg y x || g:, dispersion(mean)", "negbinomial"),
    ("menbreg y x || g:, dispersion(constant)", "nbinom1"),
    ("meglm y x || g:", "gaussian"),
    ("meglm y x || g:, family(bernoulli)", "bernoulli(logit)"),
    ("meglm y x || g:, f(be) l(probit)", "bernoulli(probit)"),
    ("meglm y x || g:, family(poisson) link(log)", "poisson"),
    ("meglm y x || g:, family(nbinomial mean)", "negbinomial"),
    ("meglm y x || g:, family(gaussian) link(log)", "gaussian(log)"),
    ("logit y x", "bernoulli(logit)"),
    ("probit y x", "bernoulli(probit)"),
    ("nbreg y x", "negbinomial"),
    ("reg y x", "gaussian"),
    ("meglm y x || g:, family(gamma)", "gamma"),
    ("glm y x", "gaussian"),
    ("glm y x, family(gamma)", "gamma(inverse)"),
    ("glm y x, family(gamma) link(log)", "gamma"),
    ("glm y x, family(nbinomial ml)", "negbinomial"),
    ("glm y x, family(binomial n) link(cloglog)", "binomial(cloglog)"),
    ("mestreg x || g:, distribution(weibull) time", "weibull"),
    ("streg x, distribution(exponential)", "exponential"),
    ("streg x, distribution(lognormal)", "lognormal"),
    ("xtstreg x, distribution(gamma) i(g)", "gamma"),
    ("betareg y x, scale(z) link(probit) slink(identity)", "beta(probit, link_phi = identity)"),
    ("metobit y x || g:, ll(0)", "gaussian"),
]


@pytest.mark.parametrize(("command", "family"), FAMILIES)
def test_families_are_known_to_the_model(command: str, family: str) -> None:
    assert read(command).family == family
    read_family(family)


LATER = [
    ("meologit y x || g:", "cumulative(logit)"),
    ("meoprobit y x || g:", "cumulative(probit)"),
    ("ologit y x", "cumulative(logit)"),
    ("xtologit y x, i(g)", "cumulative(logit)"),
    ("mlogit y x", "categorical(logit)"),
    ("stcox x", "cox"),
    ("mestreg x || g:, distribution(loglogistic)", "loglogistic"),
    ("churdle linear y x, select(z) ll(0)", "hurdle_gaussian(link_hu = probit)"),
    ("churdle exponential y x, select(z) ll(0)", "hurdle_lognormal(link_hu = probit)"),
    ("zip y x, inflate(z)", "zero_inflated_poisson"),
    ("zinb y x, inflate(z) probit", "zero_inflated_negbinomial(link_zi = probit)"),
    ("glm y x, family(nbinomial)", "geometric"),
    ("glm y x, family(igaussian)", "inverse_gaussian"),
    ("menbreg y x || g:, dispersion(constant)", "nbinom1"),
    ("meglm y x || g:, family(ordinal)", "cumulative(logit)"),
]


@pytest.mark.parametrize(("command", "family"), LATER)
def test_other_families_are_read(command: str, family: str) -> None:
    assert read(command).family == family


def test_rows() -> None:
    statement = read("mixed y x if age >= 5 & (sex == 1 | !missing(z)) in 1/100 || g:")
    assert statement.rows is not None
    assert deparse(statement.rows) == "(is.na(age) | age >= 5) & (sex == 1 | !is.na(z))"
    assert statement.row_numbers == RowNumbers(((1, 100),))
    assert any("missing" in note for note in statement.notes)
    assert read("mixed y x in -10/l").row_numbers == RowNumbers(((-10, -1),))
    assert read("mixed y x in f/5").row_numbers == RowNumbers(((1, 5),))
    assert read("mixed y x in 7").row_numbers == RowNumbers(((7, 7),))


ROWS = [
    ("x < .", "!is.na(x)"),
    ("x != .", "!is.na(x)"),
    ("x == .", "is.na(x)"),
    (". > x", "!is.na(x)"),
    ("missing(x, z)", "(is.na(x) | is.na(z))"),
    ("inlist(x, 1, 2)", "(x == 1 | x == 2)"),
    ("inrange(x, 1, 2)", "(x >= 1 & x <= 2)"),
    ('sex == "f"', 'sex == "f"'),
    ("x ~= 3", "x != 3"),
    ('s != "" & sex == ""', "!is.na(s) & is.na(sex)"),
    ("~x", "x == 0"),
    ("x", "x != 0"),
    ("e(sample) & x > 1", "x > 1"),
    ("x & !z", "x != 0 & z == 0"),
    ("!(x > 1)", "(x <= 1)"),
    ("(x + z)", "(is.na(x + z) | x + z != 0)"),
    ("z > 1", "(is.na(z) | z > 1)"),
    ("z > 1 & (o < . & !missing(z))", "z > 1 & (!is.na(o) & !is.na(z))"),
    ("z < 1 | log(x) > 0", "z < 1 | (is.na(log(x)) | log(x) > 0)"),
    ("-x^2 > 1", "-x^2 > 1"),
    ("a == 1 | b == 2 & c == 3", "a == 1 | b == 2 & c == 3"),
    ("mod(x, 2) == 1", "(x%%2) == 1"),
]


@pytest.mark.parametrize(("condition", "expected"), ROWS)
def test_conditions(condition: str, expected: str) -> None:
    rows = read(f"regress y x if {condition}").rows
    assert rows is not None
    assert deparse(rows) == expected


def test_what_is_dropped_is_said() -> None:
    statement = read("mixed y x || g:, reml dfmethod(kroger, oim) vce(robust) variance nolog")
    assert len(statement.notes) == 4
    assert all(note.startswith("`") and "dropped: " in note for note in statement.notes)
    assert statement.display == ("variance",)


DROPPED = [
    ("mixed y x || g:, dnumerical trace noasis emiter(3) retol(1e-5) nofetable quad(7) pwscale(gk)", 8),
    ("meglm y || g:, family(binomial) link(logit) evaltype(gf0) startgrid noestimate intm(ghermite)", 4),
    ("xtmelogit y x || g:, laplace reiter(5) matsqrt refineopts(iterate(2)) nolrtest", 5),
    ("regress y x, mse1 hc2 hascons plus dep(foo) noheader vce(bootstrap, reps(50))", 7),
    ("stcox x, efron basehc(h) nolog vce(cluster g)", 4),
    ("reghdfe y x, noabsorb residuals(r) keepsingletons tolerance(1e-8)", 3),
    ("glm y x, irls nwest(k) search", 3),
]


@pytest.mark.parametrize(("command", "count"), DROPPED)
def test_options_that_say_nothing_of_the_model_are_dropped_with_why(command: str, count: int) -> None:
    assert sum(" is dropped: " in note for note in read(command).notes) == count


DISPLAY = [
    ("melogit y x || g:, or", ("or",)),
    ("mepoisson y x || g:, irr intpoints(7)", ("irr",)),
    ("poisson y x, ir", ("irr",)),
    ("mecloglog y x || g:, eform", ("eform",)),
    ("mixed y x || g:, stddev level(90)", ("stddeviations", "level(90)")),
]


@pytest.mark.parametrize(("command", "display"), DISPLAY)
def test_display(command: str, display: tuple[str, ...]) -> None:
    assert read(command).display == display


PRIORS = [
    ("prior({y:x}, normal(0, 10))", ["b(x) ~ normal(0, sqrt(10))"]),
    ("prior({y:x}, normal(0, 10000))", ["b(x) ~ normal(0, 100)"]),
    ("prior({y:_cons}, normal(1, 4))", ["Intercept ~ normal(1, 2)"]),
    ("prior({y:}, normal(0, 4))", ["b ~ normal(0, 2)", "Intercept ~ normal(0, 2)"]),
    ("prior({y:x 2.f}, flat)", ["b(x) ~ flat()", 'b("factor(f)2") ~ flat()']),
    ("prior({y:2.f#c.x}, t(0, 4, 3))", ['b("x:factor(f)2") ~ student_t(3, 0, 2)']),
    ("prior({y:c.x#c.x}, cauchy(0, 1))", ['b("I(x^2)") ~ cauchy(0, 1)']),
    ("prior({U0:sigma2}, igamma(0.01, 0.01))", ["var(id, Intercept) ~ inv_gamma(0.01, 0.01)"]),
    ("prior({U1:sigma2}, gamma(2, 4))", ["var(id, x) ~ gamma(2, 1/4)"]),
    ("prior({UU0:sigma2}, exponential(0.5))", ["var(id:c) ~ exponential(2)"]),
    ("prior({e.y:sigma2}, uniform(0, 100))", ["var(sigma) ~ uniform(0, 100)"]),
    ("prior({sigma2}, igamma(1, 1))", ["var(sigma) ~ inv_gamma(1, 1)"]),
    ("prior({y:x}, normal(-1, 2^2))", ["b(x) ~ normal(-1, sqrt(2^2))"]),
    ("normalprior(10)", ["b ~ normal(0, 10)", "Intercept ~ normal(0, 10)"]),
    ("igammaprior(1 2)", ["var ~ inv_gamma(1, 2)", "var(sigma) ~ inv_gamma(1, 2)"]),
    ("rseed(17) mcmcsize(1000)", []),
]


@pytest.mark.parametrize(("options", "expected"), PRIORS)
def test_priors(options: str, expected: list[str]) -> None:
    statement = read(f"bayes, {options}: mixed y x i.f f#c.x c.x#c.x || id: x || c:")
    assert [prior_text(prior) for prior in statement.priors] == expected


def test_default_priors_of_stata_on_request() -> None:
    text = "bayes, prior({y:_cons}, normal(0, 1)): mixed y x || id:"
    expected = [
        "Intercept ~ normal(0, 1)",
        "b ~ normal(0, 100)",
        "var ~ inv_gamma(0.01, 0.01)",
        "var(sigma) ~ inv_gamma(0.01, 0.01)",
    ]
    assert [prior_text(prior) for prior in read(text, priors="stata").priors] == expected
    assert read(text, priors="stata").default_priors == "stata"
    assert len(read(text).priors) == 1
    assert not read("bayes: logit y", priors="stata").priors[1:]


def test_columns_settle_names() -> None:
    with pytest.raises(UnknownColumn, match="did you mean `x3`"):
        read("mixed y x1-x33", columns=COLUMNS)
    with pytest.raises(FormulaSyntaxError, match="no column `reml`, and an option is called so: a comma stands before"):
        read("mixed y x1 || id: x2 reml", columns=COLUMNS)
    with pytest.raises(SemanticError, match="must fit one column and fits 3"):
        read("mixed y x~", columns=COLUMNS)
    with pytest.raises(SemanticError, match="no column fits"):
        read("mixed y q*", columns=COLUMNS)


def test_the_panel_may_be_named_apart() -> None:
    assert read("xtreg y x, mle", panel="id").formula == parse_formula("y ~ x + (1 | id)")


LANGUAGES = [
    ("mixed y x || g:", "stata"),
    ("  * comment\n mixed y x", "stata"),
    ("bayes: logit y x", "stata"),
    ("bayes, normalprior(10): logit y x", "stata"),
    ("quietly mixed y x", "stata"),
    ("xtset id\nxtreg y x", "stata"),
    ("poisson ~ x", "formula"),
    ("logit(y) ~ x", "formula"),
    ("mixed ~ 1 + (1 | g)", "formula"),
    ("y ~ x", "formula"),
    ("bf(y ~ x, sigma ~ z)", "formula"),
    ("cbind(s, f) ~ x", "formula"),
    ("log(y + 1) ~ lmer", "formula"),
    ("lmer(y ~ x)", "r"),
    ("m <- lme4::glmer(y ~ x)", "r"),
    ("brms::brm(bf(y ~ x), data = d)", "r"),
]


@pytest.mark.parametrize(("text", "language"), LANGUAGES)
def test_the_language_is_told_from_the_text(text: str, language: str) -> None:
    assert language_of(text) == language


SIGNS = "y x z g : , ( ) [ ] { } | # ## || = == > . - * ? ~ ^ ! & / ` $ ; 1 2.5"
COMMANDS = "mixed melogit bayes quietly regress xtreg if in i. c. ib2. 2. L. R.a _all nocons cov(un) reml"
OPTIONS = "residuals(ind, by(g)) prior({y:x}, normal(0,1)) {U0:sigma2} [fw=w] missing(x) 1/5 /// //"
words = st.sampled_from([*f"{SIGNS} {COMMANDS} {OPTIONS}".split(), '"', "\n"])


@given(st.lists(words, max_size=14))
def test_any_text_is_read_or_told_why_not(pieces: list[str]) -> None:
    for text in (" ".join(pieces), "mixed y x " + "".join(pieces), "mixed y x || g: " + " ".join(pieces)):
        try:
            read_stata(text)
        except TildeError as error:
            assert error.span is not None and error.span.text == text
            assert 0 <= error.span.start <= error.span.end <= len(text)


def test_long_and_deep_texts_are_read_or_refused() -> None:
    for text in (
        "mixed y " + "x " * 3000,
        "mixed y x if " + " & ".join(["a == 1"] * 390),
        "mixed y x if " + "(" * 3000 + "a" + ")" * 3000,
        "mixed y " + "##".join(f"v{k}" for k in range(60)),
        "mixed y " + "(" * 500 + "x" + ")" * 500,
        "mixed y " + "a" * 5000 + "(",
        "mixed y i(1/999999).x",
    ):
        with contextlib.suppress(TildeError):
            read_stata(text)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("mlogit y x", "`baseoutcome(#)` names it"),
        ("stcox x, nohr", "a curve of five splines"),
        ("mixed y [w=v] || g:", "`[w=…]` are frequency weights, which Stata assumes of `mixed`"),
        ("mixed y [pw=v] || g:, pwscale(size)", "scale them first"),
        ("mixed y || g:, pw(v)", "variance over its weight"),
        ("melogit y || _all: x", "its constant adds to that of the model"),
        ("regress y x if e(sample) == 1", "is not known here: all rows"),
    ],
)
def test_what_stata_does_otherwise_is_told(command: str, told: str) -> None:
    assert any(told in note for note in read(command, syntax="stata").notes)
    assert not any("baseoutcome" in note for note in read("mlogit y x, baseoutcome(2)", syntax="stata").notes)
