"""brms's ways to write priors, and what is given beside a text for names that it does not bind."""

from __future__ import annotations

import pytest

from marked import mistake
from syntax.rcall.test_glmmtmb import shown
from tildemc.errors import TildeError
from tildemc.syntax.command import read

READ = [
    ("prior_(~ normal(0, 1), class = ~ b)", ["b ~ normal(0, 1)"]),
    ("prior(std_normal(), class = b)", ["b ~ normal(0, 1)"]),
    (
        'set_prior(c("normal(0, 10)", "cauchy(0, 1)"), class = c("b", "sigma"))',
        ["b ~ normal(0, 10)", "sigma ~ cauchy(0, 1)"],
    ),
    ('set_prior("normal(0, 10)", coef = c("x", "z"))', ['b("x") ~ normal(0, 10)', 'b("z") ~ normal(0, 10)']),
]


@pytest.mark.parametrize(("prior", "told"), READ, ids=[case[0] for case in READ])
def test_priors_are_read_as_statements(prior: str, told: list[str]) -> None:
    assert [*map(shown, read(f"brm(y ~ x + z, d, prior = {prior})", syntax="r").priors)] == told


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("brm(y ~ x, d, prior = p)", "`prior = p` is taken to be the priors given here"),
        (
            "stan_glm(y ~ x, data = d, prior_intercept = p)",
            "`prior_intercept = p` is taken to be the priors given here",
        ),
        ("MCMCglmm(y ~ x, data = d, prior = p[[1]])", "`prior = p[[1]]` is taken to be the priors given here"),
        ("glmmTMB(y ~ x, d, priors = p)", "`priors = p` is taken to be the priors given here"),
    ],
)
def test_priors_given_beside_the_text_stand_for_a_name(call: str, said: str) -> None:
    found = read(call, syntax="r", stands={"priors": "given"})
    assert said in found.notes
    assert not [prior for prior in found.priors if prior.distribution != "flat"]


def test_a_prior_of_coefficients_is_dropped_where_there_are_none() -> None:
    found = read("stan_glmer(y ~ 1 + (1 | g), d, prior = student_t())", syntax="r")
    assert not found.priors
    assert "`prior = student_t()` is dropped: it is of coefficients, and there are none" in found.notes


MISTAKES = [
    (
        "brm(y ~ x, d, prior = ⟪p⟫)",
        "bind what `prior =` is there, as in `p <- c(prior(normal(0, 1), class = b))`, or give `priors=",
    ),
    ("⟪get_prior⟫(y ~ x, data = d)", "`get_prior()` lists the priors that a model could have"),
    ("⟪stancode⟫(y ~ x, data = d)", "`stancode()` writes a model's Stan program"),
    ("⟪lmm⟫(y ~ x, data = d)", "of LMMstar has residuals that go together"),
]


@pytest.mark.parametrize(("marked", "said"), MISTAKES, ids=[case[0] for case in MISTAKES])
def test_what_is_no_prior_is_shown_where_it_stands(marked: str, said: str) -> None:
    mistake(lambda text: read(text, syntax="r"), marked, said, TildeError)
