"""Functions of R whose formulas say groups in a way of their own, and those that are named as what they are."""

from __future__ import annotations

import pytest

from marked import mistake
from tildemc.errors import TildeError
from tildemc.syntax.command import read
from tildemc.syntax.formula import parse_formula
from tildemc.syntax.rcall.refused import REFUSED

MEANINGS = [
    ("aov(y ~ x, d)", "y ~ x"),
    ("aov(y ~ x + Error(g), data = d)", "y ~ x + (1 | g)"),
    ("aov(y ~ a + Error(g/a), data = d)", "y ~ a + (1 | g) + (1 | g:a)"),
    ("aov(y ~ a * b + Error(g/(a*b)), data = d)", "y ~ a * b + (1 | g) + (1 | g:a) + (1 | g:b) + (1 | g:a:b)"),
    ("aov(y ~ x + Error(g + h), data = d)", "y ~ x + (1 | g) + (1 | h)"),
    ("afex::mixed(y ~ x + (x || g), data = d, method = 'KR')", "y ~ x + (1 | g) + (0 + x | g)"),
    ("feols(y ~ x | g, d)", "y ~ x + factor(g)"),
    ("fixest::feols(y ~ x | g + h, d, cluster = ~ g)", "y ~ x + factor(g) + factor(h)"),
    ("fepois(y ~ x | g^h, d)", "y ~ x + interaction(g, h)"),
    ("feols(y ~ x, d)", "y ~ x"),
    ("glmmPQL(y ~ x, random = ~ x | g, family = poisson, data = d)", "y ~ x + (x | g)"),
    ("MASS::glmmPQL(y ~ x, ~ 1 | g, poisson, d)", "y ~ x + (1 | g)"),
    ("mixed_model(y ~ x, random = ~ x || g, data = d, family = poisson())", "y ~ x + (x || g)"),
    ("mixed_model(fixed = y ~ x, ~ 1 | g, d, poisson())", "y ~ x + (1 | g)"),
    ("lmerTest::lmer(y ~ x + (1 | g), d)", "y ~ x + (1 | g)"),
]


@pytest.mark.parametrize(("call", "formula"), MEANINGS)
def test_right_sides_are_lme4s(call: str, formula: str) -> None:
    assert read(call).formula == parse_formula(formula)


MISTAKES = [
    ("brm(⟪bf(cmc = FALSE)⟫, data = d)", "`bf()` needs a formula"),
    ("brm(bf(y ~ x, ⟪cmc = x⟫), data = d)", "`cmc` is TRUE or FALSE"),
    ("feols(y ~ x | ⟪g[z]⟫, d)", "behind the bar stand columns"),
    ("feols(y ~ x | g | ⟪z⟫, d)", "instruments need a second equation"),
    ("mixed_model(y ~ x, ~ x | g, d, poisson(), zi_fixed = ⟪~ 1⟫)", "`zi_fixed` of `mixed_model()` is not built"),
    ("lme(y ~ x, d, ⟪~ x || g⟫)", "the groups come from the data object"),
    ("⟪lme(y ~ x, d)⟫", "takes its groups from the data object"),
    ("brm(y ~ x, d, prior = ⟪my_priors⟫)", "as in `my_priors <- c(prior(normal(0, 1), class = b))`"),
    ("brm(y ~ x, d, prior = ⟪all[[1]]⟫)", "`all[[1]]` is not known here"),
    ("stan_glm(y ~ x, data = d, prior = ⟪p⟫)", "as in `p <- normal(0, 2.5)`"),
    ("lme(y ~ x, d, ~ 1 | g, correlation = ⟪cs1⟫)", "as in `cs1 <- corAR1(form = ~ t | g)`"),
    ("lme(y ~ x, d, ~ 1 | g, weights = ⟪w⟫)", "as in `w <- varIdent(form = ~ 1 | g)`"),
    ("lmer(y ~ x + (1 | g), d, contrasts = ⟪k⟫)", 'as in `k <- list(f = "contr.sum")`'),
    (
        "stan_betareg(y ~ x, data = d, link = ⟪links[i]⟫)",
        "`links[i]` is not known here: write what `link =` is",
    ),
]


@pytest.mark.parametrize(("marked", "said"), MISTAKES)
def test_mistakes(marked: str, said: str) -> None:
    mistake(lambda text: read(text, syntax="r"), marked, said, TildeError)


@pytest.mark.parametrize("name", REFUSED)
def test_functions_that_fit_otherwise_are_told_as_what_they_are(name: str) -> None:
    mistake(lambda text: read(text), f"⟪{name}⟫(y ~ x, data = d)", f"`{name}()` ", TildeError)


NOTES = [
    ("lmer(y ~ x, data = d)", "`lmer()` itself needs a group term"),
    ("lm(y ~ x + (1 | g), data = d)", "`lm()` itself knows no group terms"),
]


@pytest.mark.parametrize(("call", "note"), NOTES)
def test_what_the_function_itself_refuses_is_told(call: str, note: str) -> None:
    assert any(found.startswith(note) for found in read(call).notes)


def test_new_data_of_an_update_are_the_data() -> None:
    assert read("m <- brm(y ~ x, data = d)\nupdate(m, newdata = e)").data == "e"
