"""Python that fits models: what each call says, what of it is dropped, and the sentences for mistakes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.errors import TildeError
from tildemc.syntax.command import language_of, models_of, read

READINGS = [
    ('bmb.Model("y ~ x + (1|g)", df)', "y ~ x + (1 | g)", "gaussian"),
    ('bambi.Model("y ~ x", data=df, family="t")', "y ~ x", "student"),
    ('bmb.Model("y ~ (x|g)", df)', "y ~ diag(x | g)", "gaussian"),
    ('bmb.Model(bmb.Formula("y ~ x", "sigma ~ z"), df)', "y ~ x; sigma ~ z", "gaussian"),
    ('bmb.Model("p(y, n) ~ x", df, family="binomial", link="cloglog")', "y | trials(n) ~ x", "binomial(cloglog)"),
    ('bmb.Model("truncated(y, lb=0) ~ x", df)', "y | trunc(lb = 0) ~ x", "gaussian"),
    ('bmb.Model("weighted(y, w) ~ x", df)', "y | weights(w) ~ x", "gaussian"),
    ('bmb.Model("y ~ hsgp(x, z, m=[5, 7], c=1.5)", df)', "y ~ hsgp(x, z, m = c(5, 7), c = 1.5)", "gaussian"),
    ("bmb.Model(\"y['a'] ~ {x * 2}\", df, family='bernoulli')", 'y == "a" ~ I(x * 2)', "bernoulli"),
    ("bmb.Model(\"y ~ T(f, ref='c') + S(h)\", df)", 'y ~ relevel(factor(f), ref = "c") + C(h, sum)', "gaussian"),
    ("bmb.Model(\"y ~ binary(f, 'a')\", df)", 'y ~ ifelse(f == "a", 1, 0)', "gaussian"),
    ('bmb.Model(bmb.Formula("y ~ x", "alpha ~ z"), df, family="gamma")', "y ~ x; shape ~ z", "gamma(inverse)"),
    ('bmb.Model(bmb.Formula("y ~ x", "psi ~ z"), df, family="hurdle_poisson")', "y ~ x; hu ~ z", "hurdle_poisson"),
    ('m = [5, 7]\nbmb.Model("y ~ hsgp(x, z, m=m, c=2)", df)', "y ~ hsgp(x, z, m = c(5, 7), c = 2)", "gaussian"),
    ('bmb.Model("y ~ hsgp(x, m=10, c=2)", df)', "y ~ hsgp(x, m = 10, c = 2)", "gaussian"),
    ('bmb.Model("y ~ x", df, family="gamma")', "y ~ x", "gamma(inverse)"),
    ('bmb.Model("y ~ x", df, family="gamma", link="log")', "y ~ x", "gamma(log)"),
    ('bmb.Model("y ~ x", df, family="negativebinomial", link={"mu": "log", "alpha": "log"})', "y ~ x",
     "negbinomial(log, link_shape = log)"),
    ('bmb.Model("y ~ x", df, family="wald")', "y ~ x", 'inverse_gaussian("1/mu^2")'),
    ('bmb.Model("y ~ x", df, family="zero_inflated_poisson")', "y ~ x", "zero_inflated_poisson"),
    ('f = "y ~ x"\nm = bmb.Model(f, df)\nm.fit()', "y ~ x", "gaussian"),
    ("from bambi import Model\nm = Model('y ~ I(x**2)', df).fit()", "y ~ I(x^2)", "gaussian"),
    ('smf.ols("y ~ C(f, Sum) + C(h)", d).fit()', "y ~ C(f, sum) + factor(h)", "gaussian"),
    ("smf.ols(\"y ~ C(f, Treatment(reference='b'))\", d)", 'y ~ relevel(factor(f), ref = "b")', "gaussian"),
    ("smf.ols('y ~ np.log(x) + Q(\"odd name\")', d)", "y ~ log(x) + `odd name`", "gaussian"),
    ('smf.logit("y ~ bs(x, df=4)", d)', "y ~ bs(x, df = 4)", "bernoulli(logit)"),
    ('smf.glm("y ~ x", data=d, family=sm.families.Poisson())', "y ~ x", "poisson(log)"),
    ('smf.glm("y ~ x", d, family=sm.families.Gamma(sm.families.links.Log()))', "y ~ x", "gamma(log)"),
    ('smf.mixedlm("y ~ x", d, groups=d["g"]).fit()', "y ~ x + (1 | g)", "gaussian"),
    ('smf.mixedlm("y ~ x", d, groups="g", re_formula="~x")', "y ~ x + (x | g)", "gaussian"),
    ('smf.mixedlm("y ~ x", d, groups=d.g, vc_formula={"b": "0 + C(b)"})', "y ~ x + (1 | g:b)", "gaussian"),
    ('sm.MixedLM.from_formula("y ~ x", d, groups=d["g"], re_formula="1", vc_formula={"x": "0 + x"})',
     "y ~ x + (1 | g) + (0 + x | g)", "gaussian"),
    ('Lmer("y ~ x + (x|g)", data=df, family="binomial")', "y ~ x + (x | g)", "bernoulli"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "formula", "family"), READINGS)
def test_a_call_says_this_formula_and_family(text: str, formula: str, family: str) -> None:
    assert language_of(text) == "python"
    statement = read(text)
    assert (statement.formula.text, statement.family, statement.syntax) == (formula, family, "python")


STEPS = [
    ('d["z"] = np.log(d["x"])', ["`z` = `log(x)`"]),
    ("d = d.assign(z=lambda f: f.x**2 / 2, w=1)", ["`z` = `(x^2)/2`", "`w` = `1`"]),
    ('d = d[(d.x > 1) & ~(d["z"] == 3)]', ["the rows where `x > 1 & (is.na(z) | z != 3)`"]),
    ('d = d.query(\'1 < x <= 4 and g in ["a", "b"]\')', ['the rows where `(1 < x & x <= 4) & g %in% c("a", "b")`']),
    (
        'd = d.dropna(subset=["x"])\nd = d.dropna()',
        ["the rows with a value of `x`", "the rows with a value of every column"],
    ),
    ('d["m"] = d.groupby("g")["x"].transform("mean")', ["`m` = `mean(x)` within `g`"]),
    ('d["h"] = np.where(d.x > 2, 1, 0)', ["`h` = `ifelse(!is.na(x) & x > 2, 1, 0)`"]),
    ('d["c"] = (d.x - d.x.mean()) / d.x.std()', ["`c` = `(x - mean(x))/sd(x)`"]),
    ("d = d.iloc[2:10]", ["the rows 3 to 10"]),
    ('d.loc[d.x > 1, "z"] = 3', ["`z` = `ifelse(!is.na(x) & x > 1, 3, z)`"]),
    ('d["z"] *= 2\nd.x = np.log(d.x)', ["`z` = `z * 2`", "`x` = `log(x)`"]),
    ('d = d.rename(columns={"a": "b"}).copy()', ["`b` = `a`"]),
    ('d = d.sort_values("x")\nd.dropna(inplace=True)', ["the rows with a value of every column"]),
]


@pytest.mark.parametrize(("line", "steps"), STEPS)
def test_what_is_done_to_a_frame_is_done_before_the_model(line: str, steps: list[str]) -> None:
    statement = read(f'{line}\nbmb.Model("y ~ x", d)')
    assert [str(step) for step in statement.steps] == steps
    assert statement.notes == ()


@pytest.mark.parametrize("value", ["d.drop_duplicates()", "pd.merge(d, e)", "d.fillna(0)"])
def test_what_is_not_known_of_a_frame_is_done_in_the_data_given_and_told(value: str) -> None:
    statement = read(f'd["z"] = d.x\nd = {value}\nbmb.Model("y ~ x", d)')
    assert (statement.steps, statement.notes) == ((), (f"the data given here stand for `{value}`",))


def test_a_column_that_formulas_cannot_say_is_taken_to_be_there_and_told() -> None:
    statement = read('d = pd.read_csv("f.csv")\nd["w"] = pd.to_datetime(d["q"])\nbmb.Model("y ~ w", d)')
    assert (statement.file, statement.steps) == ("f.csv", ())
    assert statement.notes == ("taken to be done in the data given here: `w` = `pd.to_datetime(d['q'])`",)


PRIORS = [
    ('"x": bmb.Prior("Normal", mu=0, sigma=1)', "b(x) ~ normal(0, 1)"),
    ('"Intercept": bmb.Prior("Normal", mu=-1, sigma=1)', "Intercept ~ normal(-1, 1) at the predictors' means"),
    ('"1|g": bmb.Prior("Normal", mu=0, sigma=bmb.Prior("HalfNormal", sigma=1))', "sd(g, Intercept) ~ half_normal(1)"),
    ('"sigma": bmb.Prior("Exponential", lam=1)', "sigma ~ exponential(1)"),
    ('"group_specific": bmb.Prior("Normal", mu=0, sigma=bmb.Prior("HalfNormal", sigma=1))', "sd ~ half_normal(1)"),
    ('"common": bmb.Prior("Laplace", mu=0, b=1)', "b ~ double_exponential(0, 1)"),
]


@pytest.mark.parametrize(("prior", "statement"), PRIORS)
def test_priors_are_those_of_our_own_statements(prior: str, statement: str) -> None:
    data = pd.DataFrame({"y": np.arange(8.0), "x": np.arange(8) % 3, "g": list("aabbccdd")})
    text = f'bmb.Model("y ~ x + (1|g)", df, priors={{{prior}}})'
    target, _, density = statement.partition(" ~ ")
    same = tm.model(READ, data, priors={target: density.partition(" at ")[0]})
    assert stated(tm.model(text, data)) == stated(same) != []


def stated(model: tm.Model) -> list[object]:
    """The densities that a text states."""
    priors = [prior for free in model.spec.free() for prior in free.priors if prior.stated]
    return [(prior.distribution.name, prior.arguments) for prior in priors]


READ = "y ~ x + (1|g)"


def test_models_of_a_script_go_by_their_names() -> None:
    text = 'a = bmb.Model("y ~ x", d)\nb = bmb.Model("y ~ z", d)\nb.fit()'
    assert {name: read(own).formula.text for name, own in models_of(text).items()} == {"a": "y ~ x", "b": "y ~ z"}


MISTAKES = [
    ('smf.ols("y ~ x", df, subset=<rows>)', "prepare the data first"),
    ('bmb.Model("y ~ x", df[<df.x.apply(f)>])', "prepare the data first"),
    ('df = <df>.drop(df[df.x == 1].index)\nbmb.Model("y ~ x", df)', "prepare the data first"),
    ('df = df.query(<"x == @k">)\nbmb.Model("y ~ x", df)', "write it out"),
    ('bmb.Model(bmb.Formula("y ~ x", "psi ~ z"), df, "hurdle_poisson", priors={"psi": {"z": '
     '<bmb>.Prior("Normal", mu=0, sigma=1)}})', "share without zeros"),
    ('bmb.Model("y ~ x <+> ", df)', "right of `+`"),
    ('bmb.Model("y ~ x", df, <famly>="t")', "did you mean `family`?"),
    ('bmb.Model(<f>, df)', "`f` is not bound in the text"),
    ('bmb.Model<(>"y ~ x", df', "this is no Python"),
    ('bmb.Model("y ~ x", df, priors={"x": <3>})', "bmb.Prior("),
    ('bmb.Model("y ~ x", df, priors={"1|g": <bmb>.Prior("Gamma", alpha=1, beta=2)})', "normal around zero"),
    ('smf.ols("y ~ <cr>(x, df=3)", data=d)', "ns(x, df = 3)"),
    ('smf.ols("y ~ C(x, <Diff>)", data=d)', "this coding is not built"),
    ('<smf>.gee("y ~ x", d)', "averages over groups"),
    ('<smf>.mixedlm("y ~ x", d)', "needs `groups`"),
    ('smf.glm("y ~ x", d, family=<sm>.families.Tweedie())', "families of statsmodels here"),
    ("import bambi", "nothing here fits a model"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "sentence"), MISTAKES)
def test_a_mistake_is_told_where_it_stands(marked: str, sentence: str) -> None:
    place = max(0, marked.find("<"))
    with pytest.raises(TildeError) as raised:
        read(marked.replace("<", "").replace(">", ""), syntax="python")
    assert sentence in raised.value.message
    assert raised.value.span is not None
    assert raised.value.span.start == place
