"""Stata's `menl` as the non-linear formula that it is."""

from __future__ import annotations

import numpy as np
import pytest

import tildemc as tm
from marked import mistake
from tildemc.errors import TildeError
from tildemc.syntax.command import language_of, read
from tildemc.syntax.tree import PriorStatement, deparse

READ = [
    (
        "menl y = {b1}/(1 + exp(-(x - {b2})/{b3})), define(b1: {beta0}+{U1[g]})",
        "b1/(1 + exp(-(x - b2)/b3)), b2 ~ 1, b3 ~ 1, beta0 ~ 1, U1 ~ 0 + (1 | g), nlf(b1 ~ beta0 + U1)",
    ),
    (
        "menl y = {a}*(1-exp(-({b0}+{b1}*x1+{B0[id]})))",
        "a * (1 - exp(-(b0 + b1 * x1 + B0))), a ~ 1, b0 ~ 1, b1 ~ 1, B0 ~ 0 + (1 | id)",
    ),
    ("menl y = {a}*(1-exp(-{xb: x1 x2 B0[id]}))", "a * (1 - exp(-xb)), a ~ 1, xb ~ 1 + x1 + x2 + (1 | id)"),
    ("menl y = exp({xb:}), define(xb: x1 B0[id])", "exp(xb), xb ~ 1 + x1 + (1 | id)"),
    ("menl y = exp({xb:}), define(xb: x1, noconstant)", "exp(xb), xb ~ 0 + x1"),
    ("menl y = exp({xb: x1, xb}) + {g1:k}", "exp(xb) + g1_k, xb ~ 1 + x1, g1_k ~ 1"),
    (
        "menl y = {a}*ln(x) + {lc: i.f c.x#c.z U[s>c] x#V[s]}, define(a: W[s])",
        "a * log(x) + lc, lc ~ 1 + factor(f) + x:z + (1 | s:c) + (0 + x | s), a ~ 1 + (1 | s)",
    ),
    (
        "menl y = {a}+{U[g]}+{b}*x + {V[g]}*x, covariance(U V, unstructured) resvariance(distinct, index(f))",
        "a + U + b * x + V * x, a ~ 1, U ~ 0 + (1 | cov1 | g), b ~ 1, V ~ 0 + (1 | cov1 | g), sigma ~ by(f)",
    ),
    ("menl y = {a}+{U[g]}*x, cov(U, id) rescovariance(identity) reml", "a + U * x, a ~ 1, U ~ 0 + (1 | g)"),
    ("qui menl y = normal({a})*min(x, 2) if x < 3 in 1/20", "Phi(a) * fmin(x, 2), a ~ 1"),
]


@pytest.mark.parametrize(("text", "formula"), READ, ids=[case[0] for case in READ])
def test_commands_are_read_as_the_formulas_that_they_are(text: str, formula: str) -> None:
    assert language_of(text) == "stata"
    assert read(text).formula.text == f"bf(y ~ {formula}, nl = TRUE)"


def shown(prior: PriorStatement) -> str:
    about = "".join(f"({deparse(part)})" for part in prior.target_arguments or ())
    return f"{prior.target}{about} ~ {prior.distribution}({', '.join(deparse(a.value) for a in prior.arguments)})"


def test_starting_values_give_priors() -> None:
    statement = read("menl y = {a = -3}*(1-exp(-{xb: x1 U[id]})), initial({xb:x1} 1 {xb:_cons} 2, fixed) reml stddev")
    assert [shown(prior) for prior in statement.priors] == [
        "a.Intercept ~ normal(-3, 7.5)",
        'xb.b("x1") ~ normal(1, 2.5)',
        "xb.Intercept ~ normal(2, 5)",
    ]
    assert any("starting values" in note for note in statement.notes)
    assert any("`reml` is dropped" in note for note in statement.notes)
    assert statement.display == ("stddev",)


def test_a_command_is_a_model() -> None:
    rng = np.random.default_rng(1)
    data = {"x": np.arange(1.0, 13.0), "g": np.repeat([1, 2, 3], 4), "y": rng.normal(size=12)}
    text = "menl y = {a = 2}*exp(-{lc:}*x) + {U[g]}, define(lc: x) initial({lc:x} 0.1 {lc:_cons} 1)"
    model = tm.model(text, data)
    twin = "bf(y ~ a * exp(-lc * x) + U, a ~ 1, lc ~ 1 + x, U ~ 0 + (1 | g), nl = TRUE)"
    priors = ("a.Intercept ~ normal(2, 5)", "lc.b(x) ~ normal(0.1, 0.25)", "lc.Intercept ~ normal(1, 2.5)")
    shown = [
        sorted(line for line in str(m).splitlines()[1:] if "~" in line)
        for m in (model, tm.model(twin, data, priors=priors))
    ]
    assert shown[0] == shown[1]


def test_it_can_be_written_for_brms() -> None:
    text = "menl y = {a}*exp({lc:}) + {U[g]}, define(lc: x V[g]) initial({a} 2 {lc:x} 0.1 {lc:_cons} 1)"
    assert str(tm.convert(text, "brms")).startswith(
        "brm(bf(y ~ a * exp(lc) + U, a ~ 1, U ~ 0 + (1 | g), lc ~ 1 + x + (1 | g), nl = TRUE), data = d, "
        "prior = c(prior(normal(2, 5), class = b, nlpar = a), "
        "prior(normal(0.1, 0.25), class = b, coef = x, nlpar = lc), "
        "prior(normal(1, 2.5), class = b, coef = Intercept, nlpar = lc)))"
    )


MISTAKES = [
    ("menl y = ⟪{a:}⟫*x", "is defined nowhere"),
    ("menl y = ⟪{sigma}⟫*x", "call this one otherwise"),
    ("menl y = {a}*⟪i.x⟫", "belongs to a linear combination"),
    ("menl y = {a}*x + ⟪U[g]⟫", "stands in braces"),
    ("menl y = {a}*x, covariance(⟪U1⟫ U2, un)", "no effect `U1`"),
    ("menl y = {a}*x+{U[g]}+{V[g]}*x, cov(U V, ⟪ex⟫)", "`exchangeable` of several effects"),
    ("menl y = {a}*x, ⟪covariance(U)⟫", "effects and a structure"),
    ("menl y = {a}*x, ⟪rescovariance(ar 1, t(t))⟫", "not built beside an expression"),
    ("menl y = {a}*x, ⟪rescorrelation(ar 1)⟫", "not built beside an expression"),
    ("menl y = {a}*x, ⟪tsorder(t)⟫", "not built beside an expression"),
    ("menl y = {a}*x, ⟪foo⟫", "no option `foo`"),
    ("menl y = {a⟪*x⟫", "ends with `}`"),
    ("menl y ⟪{⟫a}*x", "followed by `=`"),
    ("menl y = {a}*x, initial(⟪b⟫ 2)", "no parameter `b`"),
    ("menl y = {a}*x, initial(a ⟪q⟫)", "a number after each parameter"),
    ("menl y = {a}*x + {U[g]} + {b: x ⟪U[g]⟫}", "stands in two places"),
    ("menl y = {b: x ⟪2⟫}", "a list of variables and effects"),
    ("menl y = {b: x z} * ⟪{b: x w}⟫", "defined twice"),
]


@pytest.mark.parametrize(("marked", "fragment"), MISTAKES)
def test_what_cannot_be_read_is_shown_where_it_stands(marked: str, fragment: str) -> None:
    mistake(read, marked, fragment, TildeError)
