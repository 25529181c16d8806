"""`nlme()` and `gnls()` as the non-linear formulas that they are."""

from __future__ import annotations

import pytest

from marked import mistake
from tildemc.errors import TildeError
from tildemc.syntax.rcall.read import read_rcall

READ = [
    (
        "nlme(y ~ a * exp(-b * x), data = d, fixed = a + b ~ 1, random = a ~ 1 | g, start = c(a = 2, b = -1))",
        "bf(y ~ a * exp(-b * x), a ~ 1 + (1 | g), b ~ 1, nl = TRUE)",
        ["a.b ~ normal(2, 5)", "b.b ~ normal(-1, 2.5)"],
    ),
    (
        "nlme(y ~ SSmicmen(x, Vm, K), d, fixed = list(Vm ~ z, K ~ 1), random = list(g = pdDiag(Vm + K ~ 1)))",
        "bf(y ~ Vm * x/(K + x), Vm ~ z + (1 | g), K ~ 1 + (1 | g), nl = TRUE)",
        ["Vm.b ~ flat()", "K.b ~ flat()"],
    ),
    (
        "nlme(y ~ a * x^b, d, fixed = a + b ~ 1, random = pdDiag(a + b ~ 1), groups = ~ g, start = c(2, 0))",
        "bf(y ~ a * x^b, a ~ 1 + (1 | g), b ~ 1 + (1 | g), nl = TRUE)",
        ["a.b ~ normal(2, 5)", "b.b ~ normal(0, 2.5)"],
    ),
    (
        "nlme(y ~ a * x^b, d, fixed = a + b ~ 1, random = a + b ~ 1 | g)",
        "bf(y ~ a * x^b, a ~ 1 + (1 | random1 | g), b ~ 1 + (1 | random1 | g), nl = TRUE)",
        ["a.b ~ flat()", "b.b ~ flat()"],
    ),
    (
        "nlmer(y ~ SSlogis(x, Asym, xmid, scal) ~ Asym | g, d, start = c(Asym = 200, xmid = 725, scal = 350))",
        "bf(y ~ Asym/(1 + exp((xmid - x)/scal)), Asym ~ 1 + (1 | g), xmid ~ 1, scal ~ 1, nl = TRUE)",
        ["Asym.b ~ normal(200, 500)", "xmid.b ~ normal(725, 1812.5)", "scal.b ~ normal(350, 875)"],
    ),
    (
        "nlmer(y ~ SSmicmen(x, Vm, K) ~ (Vm + K | g) + (0 + K | h), d, start = known)",
        "bf(y ~ Vm * x/(K + x), Vm ~ 1 + (1 | random1 | g), K ~ 1 + (1 | random1 | g) + (1 | h), nl = TRUE)",
        ["Vm.b ~ flat()", "K.b ~ flat()"],
    ),
    (
        "nlmer(y ~ a * x^b ~ a + b + (a + b || g), d, start = list(nlpars = c(a = 4, b = 1)))",
        "bf(y ~ a * x^b, a ~ 1 + (1 | g), b ~ 1 + (1 | g), nl = TRUE)",
        ["a.b ~ normal(4, 10)", "b.b ~ normal(1, 2.5)"],
    ),
    (
        'nls(y ~ a * x^b, d, start = list(a = 4, b = 1), algorithm = "port", trace = TRUE)',
        "bf(y ~ a * x^b, a ~ 1, b ~ 1, nl = TRUE)",
        ["a.b ~ normal(4, 10)", "b.b ~ normal(1, 2.5)"],
    ),
    (
        "nls(y ~ SSmicmen(x, Vm, K))",
        "bf(y ~ Vm * x/(K + x), Vm ~ 1, K ~ 1, nl = TRUE)",
        ["Vm.b ~ flat()", "K.b ~ flat()"],
    ),
    (
        "gnls(y ~ a * x^b, d, params = a + b ~ 1, start = list(a = 4, b = 1))",
        "bf(y ~ a * x^b, a ~ 1, b ~ 1, nl = TRUE)",
        ["a.b ~ normal(4, 10)", "b.b ~ normal(1, 2.5)"],
    ),
]


@pytest.mark.parametrize(("call", "formula", "priors"), READ, ids=[case[0] for case in READ])
def test_calls_are_read_as_the_formulas_that_they_are(call: str, formula: str, priors: list[str]) -> None:
    statement = read_rcall(call)
    assert statement.formula.text == formula
    told = [f"{p.target} ~ {p.distribution}({', '.join(map(_number, p.arguments))})" for p in statement.priors]
    assert told == priors
    flat = any("~ flat" in prior for prior in priors)
    assert flat == any("the prior is flat, as brms has it" in note for note in statement.notes)
    assert flat or any("starting values" in note for note in statement.notes)


def _number(argument: object) -> str:
    from tildemc.syntax.tree import deparse

    return deparse(argument.value)  # type: ignore[attr-defined]


MISTAKES = [
    ("⟪nlme(y ~ a * x, d, random = a ~ 1 | g)⟫", "`fixed` is missing"),
    ("nlme(⟪a * x⟫, d, fixed = a ~ 1)", "needs its formula here"),
    ("nlme(y ~ a * x, d, fixed = ⟪~ 1⟫)", "a formula for each parameter"),
    ("nlme(y ~ a * x, d, fixed = a ~ 1, random = ⟪b⟫ ~ 1 | g)", "`b` has no formula: the parameters are `a`"),
    ("nlme(y ~ a * x, d, fixed = a ~ 1, random = ⟪~ 1 | g⟫)", "which parameters vary"),
    ("nlmer(⟪y ~ a * x⟫, d, start = c(a = 1))", "needs three parts"),
    ("nlmer(y ~ a * x ~ a | g, d, start = ⟪known⟫)", "is what `start` says"),
    ("nlmer(y ~ a * x ~ (⟪1⟫ | g), d, start = c(a = 1))", "parameters' names stand on the left"),
    ("nlmer(y ~ a * x ~ (⟪b⟫ | g), d, start = c(a = 1))", "the parameters are `a`"),
    ("nlmer(y ~ a * x ~ ⟪x⟫ + (a | g), d, start = c(a = 1))", "beside the group terms of `nlmer()`"),
    ("nls(⟪y ~ x ~ z⟫, d, start = c(x = 1))", "needs its formula here"),
    ('nls(y ~ x / a, d, start = c(a = 1), algorithm = ⟪"plinear"⟫)', "write them into it"),
    ("nls(y ~ x / a, d, start = c(a = 1), lower = ⟪c(0)⟫)", "state priors with bounds"),
    ("nlmer(y ~ x / a ~ a | g, d, start = c(a = 1), offset = ⟪z⟫)", "is not built"),
    ("⟪stan_nlmer⟫(y ~ SSmicmen(x, Vm, K) ~ Vm | g, d)", "write `nlmer()`"),
]


@pytest.mark.parametrize(("marked", "fragment"), MISTAKES)
def test_what_is_missing_is_named(marked: str, fragment: str) -> None:
    mistake(read_rcall, marked, fragment, TildeError)
