"""SAS programs: what each says, what is said of what is dropped, and the sentences for mistakes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from conversions import differences
from tildemc.errors import TildeError
from tildemc.syntax.command import language_of, models_of, read
from tildemc.syntax.tree import Number

READINGS = [
    ("model y = x;", "y ~ x"),
    ("model y = ;", "y ~ 1"),
    ("model y = x / noint solution ddfm=kr;", "y ~ 0 + x"),
    ("class a; model y = a x a*x;", "y ~ C(a, SAS) + x + C(a, SAS):x"),
    ("class a b c; model y = a|b|c@2;", "y ~ C(a, SAS) + C(b, SAS) + C(a, SAS):C(b, SAS) + C(c, SAS) + "
     "C(a, SAS):C(c, SAS) + C(b, SAS):C(c, SAS)"),
    ("CLASS A(ref='p'); MODEL y = a;", 'y ~ relevel(factor(A), ref = "p")'),
    ("class a(ref=first); model y = a;", "y ~ factor(a)"),
    ("class a / ref=first; model y = a;", "y ~ factor(a)"),
    ("class a b; model y = a b(a);", "y ~ C(a, SAS) + C(b, SAS):C(a, SAS)"),
    ("model y = x x*x x*z;", "y ~ x + I(x^2) + x:z"),
    ("model y = x / offset=e;", "y ~ x + offset(e)"),
    ("class g; model y = x; random int / subject=g;", "y ~ x + (1 | g)"),
    ("class g; model y = x; random intercept x / sub=g;", "y ~ x + (1 + x || g)"),
    ("class g; model y = x; random int x / subject=g type=un gcorr;", "y ~ x + (1 + x | g)"),
    ("class g; model y = x; random int x / subject=g type=un(1);", "y ~ x + (1 + x || g)"),
    ("class c s; model y = x; random int / subject=c(s);", "y ~ x + (1 | s:c)"),
    ("class a b; model y = x; random a b a*b;", "y ~ x + (1 | a) + (1 | b) + (1 | a:b)"),
    ("class a; model y = x; random a a*x;", "y ~ x + (1 | a) + (0 + x | a)"),
    ("class g a; model y = x; random int a / subject=g;", "y ~ x + (1 | g) + (1 | g:a)"),
    ("class g a; model y = x; random a / subject=g type=cs;", "y ~ x + homcs(0 + factor(a) | g)"),
    ("class g a; model y = x; random a / subject=g type=csh;", "y ~ x + cs(0 + factor(a) | g)"),
    ("class g a; model y = x; random a / subject=g type=fa0(2);", "y ~ x + rr(0 + factor(a) | g, d = 2)"),
    ("class g a; model y = x; random int / subject=g group=a;", "y ~ x + (1 | gr(g, by = a))"),
    ("class g; model y = x; random int / subject=g; random z / subject=g;", "y ~ x + (1 | g) + (0 + z | g)"),
    ("class a; model y = x; repeated / group=a;", "y ~ x; sigma ~ by(a)"),
    ("model y = x; weight w;", "y ~ x; sigma ~ 1 + offset(-0.5 * log(w))"),
    ("class a; model y = x; weight w; repeated / group=a;", "y ~ x; sigma ~ 0 + factor(a) + offset(-0.5 * log(w))"),
    ("model y = x; freq n;", "y | weights(n) ~ x"),
    ("class s; model y = x; repeated / subject=s type=cs;", "y ~ x + corCompSymm(form = ~1 | s)"),
    ("class s; model y = x; repeated / subject=s type=ar(1);", "y ~ x + corAR1(form = ~1 | s)"),
    ("class s t; model y = x; repeated t / subject=s type=ar(1);", "y ~ x + corAR1(form = ~as.integer(factor(t)) | s)"),
    ("class s t; model y = x; repeated t / subject=s type=un r rcorr;", "y ~ x + residual(us(0 + factor(t) | s))"),
    ("class s t; model y = x; repeated t / subject=s type=arh(1);", "y ~ x + residual(hetar1(0 + factor(t) | s))"),
    ("class s t; model y = x; repeated t / subject=s type=toep;", "y ~ x + residual(homtoep(0 + factor(t) | s))"),
    ("class s t; model y = x; repeated t / subject=s type=toep(2);",
     "y ~ x + toeplitz(time = as.integer(factor(t)), gr = s, q = 1)"),
    ("class s; model y = x; repeated / subject=s type=sp(pow)(t);", "y ~ x + corCAR1(form = ~t | s)"),
    ("class s; model y = x; repeated / subject=s type=sp(gau)(u v) local;",
     "y ~ x + corGaus(form = ~u + v | s, nugget = TRUE)"),
    ("/* a comment; */ model y = x; * another; run;", "y ~ x"),
]  # fmt: skip


@pytest.mark.parametrize(("statements", "formula"), READINGS)
def test_statements_of_mixed_mean_this_formula(statements: str, formula: str) -> None:
    text = f"proc mixed data=d;\n{statements}\nrun;"
    assert language_of(text) == "sas"
    statement = read(text)
    assert statement.formula.text == formula
    assert (statement.family, statement.data, statement.syntax) == ("gaussian(identity)", "d", "sas")


FAMILIES = [
    ("model y = x / dist=poisson;", "y ~ x", "poisson(log)"),
    ("model y/n = x;", "y | trials(n) ~ x", "binomial(logit)"),
    ("model y(event='1') = x / dist=binary link=probit;", "y == 1 ~ x", "bernoulli(probit)"),
    ("model y(event='yes') = x / dist=binary;", 'y == "yes" ~ x', "bernoulli(logit)"),
    ("model y(descending) = x / d=binomial;", "y ~ x", "bernoulli(logit)"),
    ("model y = x / dist=nb;", "y ~ x", "negbinomial(log)"),
    ("model y = x / dist=gamma;", "y ~ x", "gamma(log)"),
    ("model y = x / dist=mult link=cumprobit;", "y ~ x", "cumulative(probit)"),
    ("class s t; model y = x; random _residual_ / subject=s type=cs;", "y ~ x + corCompSymm(form = ~1 | s)",
     "gaussian(identity)"),
    ("class s t; model y = x; random t / subject=s type=un residual;", "y ~ x + residual(us(0 + factor(t) | s))",
     "gaussian(identity)"),
]  # fmt: skip


@pytest.mark.parametrize(("statements", "formula", "family"), FAMILIES)
def test_glimmix_has_distributions_and_residual_effects(statements: str, formula: str, family: str) -> None:
    statement = read(f"proc glimmix; {statements} run;")
    assert (statement.formula.text, statement.family) == (formula, family)


def test_names_are_columns_in_any_case_of_letters() -> None:
    statement = read("proc mixed; class SUBJ; model y = TIME; random int / subject=subj; run;", columns=["Y", "time"])
    assert statement.formula.text == "Y ~ time + (1 | SUBJ)"


def test_what_is_passed_over_is_told() -> None:
    text = (
        "data a; set b; array q{3} q1-q3; run; proc sort data=a; by g; run; proc print data=a; run; "
        "proc mixed method=ml; model y = x; lsmeans a; estimate 'a' x 1; run;"
    )
    notes = " ".join(read(text).notes)
    for what in ("array q", "proc sort", "proc print", "method=ml", "lsmeans", "estimate"):
        assert what in notes


MISTAKES = [
    ("proc mixed; model y <x>; run;", "`=` is missing"),
    ("proc mixed; model y = x; random int / subject=<;>", "right of `=`"),
    ("proc mixed; model y = a <+> b;", "joined by `*` or `|`"),
    ("<proc mixed>; class a;", "has one `model` statement"),
    ("proc mixed; model y = x; <modle> z;", "did you mean `model`?"),
    ("proc nlmixed; parms b s; <random u ~ normal(0, s) subject=g>; model y ~ poisson(exp(b));", "stands nowhere"),
    ("proc nlmixed; parms b 1; model y ~ normal(b,< 1>);", "y | se(s) ~ x"),
    ("proc nlmixed; parms b 1; model y ~ <general>(b);", "log likelihood of one's own"),
    ("proc nlmixed; parms b 1; model y ~ <poison>(b);", "did you mean `poisson`?"),
    ("proc nlmixed; model y ~ poisson(<b>);", "names its parameters in `parms`"),
    ("proc nlmixed; parms b 1; model y ~ poisson(exp(b + u)); <random u ~ normal(0, s)>;", "subject=id"),
    (
        "proc nlmixed; parms b 1 s 1; model y ~ poisson(exp(b + u)); <random u ~ normal(0, [s, b]) subject=g>;",
        "1 variances",
    ),
    ("proc nlmixed; parms b 1; model y ~ normal(b, <exp(s + t)>);", "no arithmetic of `s`, `t`"),
    ("proc nlmixed; parms b 1; <if x then b = 2>; model y ~ normal(b, s);", "names are assigned"),
    ("data d; set a; <if x then do>; y = 1; end; run; proc mixed; model y = x;", "`then do; … end;` is not read"),
    ("data d; set a; <output>; run; proc mixed; model y = x;", "prepare the data first"),
    ("<proc sort nodupkey>; by g; proc mixed; model y = x;", "leaves out rows"),
    ("<proc logistic>; model y = x;", "proc glimmix"),
    ("<proc mixd>; model y = x;", "did you mean `mixed`?"),
    ("proc mixed; model y = x; random int / subject=g type=<huynh>;", "`type=huynh` is not built"),
    ("proc mixed; model y = x; repeated / subject=g type=<un>;", "tells a subject's rows apart"),
    ("proc mixed; model y = x; repeated <t> / subject=g type=un;", "put it in `class`"),
    ("proc mixed; model y = x; random <int>;", "write `subject=`"),
    ("proc mixed; model y = x / <dist=poisson>;", "`proc glimmix` has"),
    ("proc mixed; model y = x / <solutoin>;", "did you mean `solution`?"),
    ("proc glimmix; model <y> = x / dist=binary;", "event='1'"),
    ("proc glimmix; model y = x / <dist=poison>;", "did you mean `poisson`?"),
    ("proc mixed; model y = x; <parms (1) (2) / hold=2>;", "`parms` holds"),
]


@pytest.mark.parametrize(("marked", "sentence"), MISTAKES)
def test_a_mistake_is_told_where_it_stands(marked: str, sentence: str) -> None:
    text = marked.replace("<", "").replace(">", "")
    with pytest.raises(TildeError) as raised:
        read(text, syntax="sas")
    assert sentence in raised.value.message
    assert raised.value.span is not None
    assert raised.value.span.start <= marked.index("<") <= raised.value.span.end


STEPS = [
    ("data d; set a; if x > 5; run;", ["the rows where `x > 5`"]),
    ("data d; set a; if x < 5; run;", ["the rows where `(is.na(x) | x < 5)`"]),
    ("data d; set a; if x le 5 then delete; run;", ["the rows where `x > 5`"]),
    ("data d; set a(where=(x > 5)); run;", ["the rows where `x > 5`"]),
    ("data d; set a; z = x**2; where y ne .; run;", ["the rows where `!is.na(y)`", "`z` = `x^2`"]),
    ("data d; set a; z = log(x)/max(u, 2); run;", ["`z` = `log(x)/pmax(u, 2)`"]),
    ("data d; set a; big = (x > 7); run;", ["`big` = `ifelse(x > 7, 1, 0)`"]),
    ("data d; set a; if x = 99 then x = .; run;", ["`x` = `ifelse(x == 99, NA, x)`"]),
    ("data d; set a; if g = 'a' then h = 1; else if g in ('b', 'c') then h = 2; else h = 3; run;",
     ['`h` = `ifelse(g == "a", 1, ifelse(g %in% c("b", "c"), 2, 3))`']),
    ("data d; set a; rename a = b; keep b y; label b = 'x'; run;", ["`b` = `a`"]),
    ("data b; set a; if x > 1; run; data c; set b; z = x; run; data d; set b; run;", ["the rows where `x > 1`"]),
    ("data b; set a; if x > 1; run; proc sort data=b out=d; by x; run;", ["the rows where `x > 1`"]),
    ("data d; merge a b; by id; z = mod(x, 2); run;", ["`z` = `(x%%2)`"]),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "said"), STEPS)
def test_data_steps_are_done_before_the_model(steps: str, said: list[str]) -> None:
    statement = read(f"{steps} proc mixed data=d; model y = x; run;")
    assert [str(step) for step in statement.steps] == said


def test_by_is_a_model_of_each_group_and_data_may_have_a_condition() -> None:
    statement = read("proc mixed data=d(where=(x > 1)); by arm descending site; model y = x; run;")
    assert (statement.by, [str(step) for step in statement.steps]) == (("arm", "site"), ["the rows where `x > 1`"])


def test_models_of_a_program_go_by_number() -> None:
    text = "proc mixed; model y = x; run; data d; set d; z = x; run; proc glimmix; model y = z / dist=poisson; run;"
    assert [(name, read(own).formula.text) for name, own in models_of(text).items()] == [
        ("model1", "y ~ x"), ("model2", "y ~ z"),
    ]  # fmt: skip


_LOGIT = "eta = b0 + b1*x + u; {} model s ~ binomial(n, p); random u ~ normal(0, s2) subject=g;"
CURVES = [
    (_LOGIT.format("p = exp(eta)/(1 + exp(eta));"), "s | trials(n) ~ 1 + x + (1 | g)", "binomial(logit)"),
    (_LOGIT.format("q = exp(-eta); p = 1/(1 + q);"), "s | trials(n) ~ 1 + x + (1 | g)", "binomial(logit)"),
    (_LOGIT.format("p = probnorm(eta);"), "s | trials(n) ~ 1 + x + (1 | g)", "binomial(probit)"),
    (_LOGIT.format("p = 1 - exp(-exp(eta));"), "s | trials(n) ~ 1 + x + (1 | g)", "binomial(cloglog)"),
    ("model y ~ binary(1/(1 + exp(-b0)));", "y ~ 1", "bernoulli(logit)"),
    ("model y ~ poisson(exp(b0 + b1*x + log(e)));", "y ~ 1 + x + offset(log(e))", "poisson(log)"),
    ("model y ~ normal(b0 + b1*x*z + b2*x**2, sd**2);", "y ~ 1 + x:z + I(x^2)", "gaussian(identity)"),
    ("model y ~ normal((b0 + u0) + (b1 + u1)*x, s2); random u0 u1 ~ normal([0, 0], [v0, c, v1]) subject=g;",
     "y ~ 1 + x + (1 + x | g)", "gaussian(identity)"),
    ("model y ~ normal((b0 + u0) + (b1 + u1)*x, s2); random u0 u1 ~ normal([0, 0], [v0, 0, v1]) subject=c(s);",
     "y ~ 1 + x + (1 + x || s:c)", "gaussian(identity)"),
    ("model y ~ normal(b1*x + u, s2); random u ~ normal(b0, s2u) subject=g;", "y ~ 1 + x + (1 | g)",
     "gaussian(identity)"),
    ("model y ~ poisson(exp(b0 + sd*u)); random u ~ normal(0, 1) subject=g;", "y ~ 1 + (1 | g)", "poisson(log)"),
    ("model y ~ normal((b0 + u)/(1 + exp(-(x - b1)/b2)), s2); random u ~ normal(0, s2u) subject=g;",
     "bf(y ~ (b0 + u)/(1 + exp(-(x - b1)/b2)), b0 ~ 1, b1 ~ 1, b2 ~ 1, u ~ 0 + (1 | g), nl = TRUE)",
     "gaussian(identity)"),
]  # fmt: skip


@pytest.mark.parametrize(("statements", "formula", "family"), CURVES)
def test_nlmixed_is_a_sum_of_terms_where_its_mean_is_one(statements: str, formula: str, family: str) -> None:
    parms = "parms b0=1 b1=0.5 b2 2 sd=1 s2=1 to 3 by 1 s2u=1 v0=1 c=0 v1=1;"
    statement = read(f"proc nlmixed data=d; {parms} {statements} estimate 'b' b0; run;")
    assert (statement.formula.text, statement.family, statement.data) == (formula, family, "d")
    started = [(p.target, tuple(a.value for a in p.arguments)) for p in statement.priors]
    assert len(started) == 3 * statement.formula.nonlinear
    assert not started or started[1] == ("b1.Intercept", (Number(0.5), Number(1.25)))


def test_an_nlmixed_program_is_the_model_of_its_formula() -> None:
    data = trial().assign(s=lambda d: (d.y > 0).astype(int))
    program = (
        "proc nlmixed; parms b0=0 b1=0 b2=0 s2u=1; eta = b0 + b1*X + b2*(treat = 1) + u; p = 1/(1+exp(-eta)); "
        "model s ~ binary(p); random u ~ normal(0, s2u) subject=j; run;"
    )
    same = tm.model("s ~ x + treat + (1 | j)", data, "bernoulli")
    assert not differences(tm.model(program, data), same)


def trial() -> pd.DataFrame:
    """A trial whose treated arm is clustered."""
    rng = np.random.default_rng(15)
    return pd.DataFrame(
        {
            "y": rng.normal(size=36),
            "treat": np.repeat([0, 1], 18),
            "arm": np.repeat(["c", "d", "b"], 12),
            "j": np.tile(np.arange(6), 6),
            "t": np.repeat([1, 2, 5, 9, 10, 12], 6),
            "x": rng.normal(size=36),
        }
    )


def test_the_partially_clustered_program_is_the_stata_command() -> None:
    program = """
    proc mixed data=trial method=reml covtest;
      class j arm;
      model y = treat / solution ddfm=satterthwaite;
      random treat / subject=j;
      repeated / group=treat;
    run;"""
    command = "mixed y treat || j: treat, nocons residuals(independent, by(treat))"
    assert not differences(tm.model(program, trial()), tm.model(command, trial()))
    assert read(program).formula == read(command).formula


def test_a_class_is_coded_with_its_last_level_as_the_reference() -> None:
    data = trial()
    model = tm.model("proc mixed; class arm; model y = arm x arm*x; run;", data)
    arm = {level: (data["arm"] == level).to_numpy(float) for level in "bcd"}
    x = data["x"].to_numpy()
    by_hand = np.column_stack([arm["b"], arm["c"], x, arm["b"] * x, arm["c"] * x])
    population = model.spec.predictors[0].population
    np.testing.assert_allclose(model.design.whole("a test").of(population).X, by_hand)


def test_residuals_of_order_one_go_by_the_levels_of_time() -> None:
    """Levels follow each other whatever numbers they are."""
    text = "proc mixed; class j t; model y = x; repeated t / subject=j type=ar(1); run;"
    data = trial()
    numbered = data.assign(t=data["t"].rank(method="dense"))
    formula = "y ~ x + corAR1(form = ~ t | j)"
    one, other = (places(tm.model(text, data)), places(tm.model(formula, numbered)))
    np.testing.assert_array_equal(one, other)


def places(model: tm.Model) -> np.ndarray:
    """Where the rows stand in their groups."""
    residual = model.spec.residual
    assert residual is not None
    return np.asarray(model.design.whole("a test").of(residual).place)
