"""`nlme()` and `gnls()` as the non-linear formulas that they are."""

from __future__ import annotations

import pytest

from marked import mistake
from tildemc.errors import FormulaSyntaxError
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
        [],
    ),
    (
        "nlme(y ~ a * x^b, d, fixed = a + b ~ 1, random = pdDiag(a + b ~ 1), groups = ~ g, start = c(2, 0))",
        "bf(y ~ a * x^b, a ~ 1 + (1 | g), b ~ 1 + (1 | g), nl = TRUE)",
        ["a.b ~ normal(2, 5)", "b.b ~ normal(0, 2.5)"],
    ),
    (
        "nlme(y ~ a * x^b, d, fixed = a + b ~ 1, random = a + b ~ 1 | g)",
        "bf(y ~ a * x^b, a ~ 1 + (1 | random1 | g), b ~ 1 + (1 | random1 | g), nl = TRUE)",
        [],
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
    assert bool(priors) == any("starting values" in note for note in statement.notes)


def _number(argument: object) -> str:
    from tildemc.syntax.tree import deparse

    return deparse(argument.value)  # type: ignore[attr-defined]


MISTAKES = [
    ("⟪nlme(y ~ a * x, d, random = a ~ 1 | g)⟫", "`fixed` is missing"),
    ("nlme(⟪a * x⟫, d, fixed = a ~ 1)", "needs its formula here"),
    ("nlme(y ~ a * x, d, fixed = ⟪~ 1⟫)", "a formula for each parameter"),
    ("nlme(y ~ a * x, d, fixed = a ~ 1, random = ⟪b⟫ ~ 1 | g)", "`b` has no formula in `fixed`"),
    ("nlme(y ~ a * x, d, fixed = a ~ 1, random = ⟪~ 1 | g⟫)", "which parameters vary"),
]


@pytest.mark.parametrize(("marked", "fragment"), MISTAKES)
def test_what_is_missing_is_named(marked: str, fragment: str) -> None:
    mistake(read_rcall, marked, fragment, FormulaSyntaxError)
