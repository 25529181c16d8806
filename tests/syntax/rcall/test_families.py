"""What R's packages call families: read as those here that they are, or named as what they are."""

from __future__ import annotations

import pytest

from marked import mistake
from tildemc.errors import TildeError
from tildemc.syntax.command import read

READ = [
    ('glm(y ~ x, d, family = "binomial"(link = "logit"))', "binomial(logit)", []),
    ("gam(y ~ s(x), d, family = nb())", "negbinomial", []),
    ("gam(y ~ s(x), d, family = nb(theta = NULL, link = 'sqrt'))", "negbinomial(sqrt)", []),
    ("gam(y ~ s(x), d, family = nb(theta = 2))", "negbinomial", [("shape", 2.0)]),
    ("gam(y ~ s(x), d, family = nb(theta = -2))", "negbinomial", []),
    ("gam(y ~ s(x), d, family = negbin(2, link = 'log'))", "negbinomial(log)", [("shape", 2.0)]),
    ("gam(y ~ s(x), d, family = tw)", "tweedie", []),
    ("gam(y ~ s(x), d, family = Tweedie(p = 1.5, link = log))", "tweedie(log)", [("power", 1.5)]),
    ("gam(y ~ s(x), d, family = betar(eps = 1e-6))", "beta", []),
    ("gam(y ~ s(x), d, family = scat(link = 'identity'))", "student(identity)", []),
    ("gam(y ~ s(x), d, family = ocat(R = 4))", "cumulative", []),
    ('links <- c("logit", "probit")\nglm(y ~ x, d, family = binomial(link = links[2]))', "binomial(probit)", []),
]


@pytest.mark.parametrize(("call", "family", "fixed"), READ, ids=[case[0] for case in READ])
def test_families_are_read_as_those_that_they_are(call: str, family: str, fixed: list[tuple[str, float]]) -> None:
    found = read(call, syntax="r")
    assert found.family == family
    assert [(one.parameter, one.value) for one in found.formula.fixed] == fixed


MISTAKES = [
    ("gam(y ~ s(x), d, family = ⟪ziP()⟫)", "`ziP` lets the share of zeros follow the mean"),
    ("gam(t ~ s(x), d, family = ⟪cox.ph⟫)", "`cox.ph` leaves the baseline hazard open"),
    ("gam(list(y ~ s(x), z ~ s(x)), data = d, family = ⟪mvn(d = 2)⟫)", "set_rescor(TRUE)"),
    ("gam(list(y ~ s(x), ~ s(x)), data = d, family = ⟪multinom(K = 2)⟫)", "family = categorical()"),
    ("gam(list(y ~ s(x), ~ s(z)), data = d, family = ⟪gaulss⟫)", "brm(bf(y ~ s(x), sigma ~ s(z))"),
    ("gam(⟪list(y ~ s(x), ~ s(z))⟫, data = d)", "a list of formulas is of a family of several parameters"),
    ("gam(y ~ s(x), data = d, family = ⟪negbin(c(1, 10))⟫)", "has its `theta` as a number, as in `negbin(theta = 2)`"),
    ("gam(y ~ s(x), data = d, family = ⟪Tweedie⟫)", "has its `p` as a number, as in `Tweedie(p = 2)`"),
]


@pytest.mark.parametrize(("marked", "said"), MISTAKES, ids=[case[0] for case in MISTAKES])
def test_what_is_no_family_here_is_named(marked: str, said: str) -> None:
    mistake(lambda text: read(text, syntax="r"), marked, said, TildeError)
