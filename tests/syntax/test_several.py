"""What texts say of several responses, in brms's words and in other packages'."""

from __future__ import annotations

from dataclasses import replace

import pytest

import tildemc as tm
from marked import mistake
from tildemc.errors import FormulaSyntaxError, TildeError, UnsupportedError
from tildemc.syntax.command import read

G = "(1 | p | g)"
SAID = {
    "formulas are added": (
        f"bf(y1 ~ x + {G}) + bf(y2 ~ z + {G}) + set_rescor(TRUE)",
        f"bf(y1 ~ x + {G}) + bf(y2 ~ z + {G}) + set_rescor(TRUE)",
    ),
    "responses are bound": (f"mvbind(y1, y2) ~ x + {G}", f"bf(y1 ~ x + {G}) + bf(y2 ~ x + {G})"),
    "what is said of bound ones is said of each": (
        "bf(mvbind(y1, y2) | weights(w) ~ x, sigma ~ z)",
        "bf(y1 | weights(w) ~ x, sigma ~ z) + bf(y2 | weights(w) ~ x, sigma ~ z)",
    ),
    "mvbf": (
        "mvbf(bf(y1 ~ x), bf(k ~ z, family = poisson()), rescor = FALSE)",
        "bf(y1 ~ x) + bf(k ~ z, family = poisson) + set_rescor(FALSE)",
    ),
    "a family is added to all before it": (
        "bf(y1 ~ x, family = student()) + bf(y2 ~ z) + gaussian()",
        "bf(y1 ~ x, family = gaussian) + bf(y2 ~ z, family = gaussian)",
    ),
    "a family in parentheses is that of one": (
        "(bf(y1 ~ x) + student()) + bf(k ~ z, family = poisson)",
        "bf(y1 ~ x, family = student) + bf(k ~ z, family = poisson)",
    ),
    "lf() says which response it is of": (
        "bf(y_1 ~ x) + bf(y2 ~ 1) + lf(sigma ~ z, resp = y1)",
        "bf(y_1 ~ x, sigma ~ z) + bf(y2 ~ 1)",
    ),
    "a call's family is that of each without one": (
        "brm(bf(y1 ~ x) + bf(k ~ z, family = poisson()), d, family = student())",
        "bf(y1 ~ x, family = student) + bf(k ~ z, family = poisson)",
    ),
    "a call's families go one by one": (
        "brm(mvbind(y1, k) ~ x, d, family = list(gaussian(), negbinomial()))",
        "bf(y1 ~ x, family = gaussian) + bf(k ~ x, family = negbinomial)",
    ),
    "stan_mvmer's effects of a factor are correlated": (
        "stan_mvmer(list(y1 ~ x + (1 | g), k ~ (x | g)), data = d, family = list(gaussian, poisson))",
        "bf(y1 ~ x + (1 | g | g), family = gaussian) + bf(k ~ (x | g | g), family = poisson) + set_rescor(FALSE)",
    ),
    "MCMCglmm's traits": (
        "MCMCglmm(cbind(y1, y2) ~ trait - 1 + trait:x, random = ~ us(trait):g, rcov = ~ us(trait):units,"
        ' family = rep("gaussian", 2), data = d)',
        "bf(y1 ~ 1 + x + (1 | trait1 | g), family = gaussian) + bf(y2 ~ 1 + x + (1 | trait1 | g), family = gaussian)"
        " + set_rescor(TRUE)",
    ),
    "MCMCglmm's counts have a residual, and some terms are of one trait": (
        "MCMCglmm(cbind(y1, k) ~ trait + at.level(trait, 2):z - 1, random = ~ idh(trait + trait:x):g,"
        ' rcov = ~ idh(trait):units, family = c("gaussian", "poisson"), data = d)',
        "bf(y1 ~ 1 + (1 + x || g), family = gaussian) + bf(k ~ 1 + z + (1 + x || g) + (1 | units), family = poisson)"
        " + set_rescor(FALSE)",
    ),
}


@pytest.mark.parametrize(("text", "plain"), SAID.values(), ids=list(SAID))
def test_several_responses_are_a_sum_of_formulas(text: str, plain: str) -> None:
    formula = read(text).formula
    assert str(tm.convert(text, "formula")) == plain
    assert read(plain).formula == replace(formula, complete=False)


MISTAKES = [
    ("⟪bf(y ~ x) + set_rescor(TRUE)⟫", FormulaSyntaxError, "of several responses"),
    ("bf(y1 ~ x) + bf(y2 ~ x) + ⟪set_rescor(2)⟫", FormulaSyntaxError, "TRUE or FALSE"),
    ("⟪mvbind(y1)⟫ ~ x", FormulaSyntaxError, "two responses or more"),
    ("bf(y1 ~ x) + bf(y2 ~ x) + ⟪lf(sigma ~ z)⟫", FormulaSyntaxError, "says which of several responses"),
    ("bf(y1 ~ x) + bf(y2 ~ x) + lf(sigma ~ z, resp = ⟪y3⟫)", FormulaSyntaxError, "before it, y1, y2"),
    ("mvbf(bf(y1 ~ x), ⟪flat = 2⟫)", FormulaSyntaxError, "no `flat`"),
    ("bf(y1 ~ x) + bf(y2 ~ x) + ⟪z⟫", UnsupportedError, "inside `bf(...)`"),
    ("stan_mvmer(⟪y ~ x⟫, data = d)", FormulaSyntaxError, "a list of formulas"),
    ("MCMCglmm(cbind(y, k) ~ trait - 1 + ⟪x⟫, rcov = ~ us(trait):units)", UnsupportedError, "`trait:x` has one"),
    ("MCMCglmm(cbind(y, k) ~ trait, random = ~ ⟪g⟫, rcov = ~ us(trait):units)", UnsupportedError, "`us(trait):g`"),
    ("MCMCglmm(cbind(y, k) ~ trait, rcov = ~ ⟪units⟫)", UnsupportedError, "`us(trait):g`"),
    ('MCMCglmm(cbind(y, k) ~ trait, rcov = ~ ⟪us(trait):units⟫, family = c("gaussian", "poisson"))', UnsupportedError,
     "`idh(trait):units`"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "kind", "fragment"), MISTAKES)
def test_what_cannot_be_said_of_several_responses_says_what_can(
    marked: str, kind: type[TildeError], fragment: str
) -> None:
    mistake(lambda text: read(text), marked, fragment, kind)


def test_brm_has_several_responses_and_their_priors() -> None:
    text = (
        "brm(bf(y1 ~ x + (1 | p | g), sigma ~ z, family = gaussian()) + bf(k | trunc(lb = 0) ~ z, family = poisson()) "
        "+ set_rescor(FALSE), d, "
        "prior = c(prior(normal(0, 1), class = b), prior(normal(0, 2), class = b, coef = z, resp = k), "
        "prior(normal(0, 9), class = b, resp = y1, dpar = sigma), prior(exponential(2), class = sd, resp = y1)))"
    )
    written = str(tm.convert(text, "brms"))
    assert written.startswith("brm(bf(y1 ~ x + (1 | p | g), sigma ~ z, family = gaussian()) + bf(k | trunc(lb = 0) ~ z")
    assert read(written).formula == read(text).formula
    assert read(written).priors == read(text).priors


@pytest.mark.parametrize("to", ["lme4", "glmmTMB", "stata"])
def test_languages_of_one_response_say_so(to: str) -> None:
    with pytest.raises(UnsupportedError, match="one response in a model; brms has several"):
        tm.convert("mvbind(y1, y2) ~ x", to)
