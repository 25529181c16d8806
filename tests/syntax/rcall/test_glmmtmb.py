"""glmmTMB's `priors`: a table of densities, classes and coefficients."""

from __future__ import annotations

import pytest

from marked import mistake
from tildemc.errors import TildeError
from tildemc.syntax.command import read
from tildemc.syntax.tree import PriorStatement, deparse

CALL = "glmmTMB(y ~ x + (1 + x | g), d, family = nbinom2, ziformula = ~ 1, priors = {})"
READ = [
    ('data.frame(prior = "normal(0, 3)", class = "fixef")', ["b ~ normal(0, 3)"]),
    ('data.frame("t(0, 3, 7)", "beta", "x")', ['b("x") ~ student_t(7, 0, 3)']),
    ('data.frame(prior = "cauchy(0, 2)", class = "fixef", coef = "(Intercept)")', ["Intercept ~ cauchy(0, 2)"]),
    (
        'data.frame(prior = rep("normal(0, 3)", 2), class = c("fixef", "fixef_zi"), coef = c("x", "(Intercept)"))',
        ['b("x") ~ normal(0, 3)', "zi.Intercept ~ normal(0, 3)"],
    ),
    ('data.frame(prior = "normal(0, 1)", class = "fixef_disp", coef = "")', ["shape.b ~ normal(0, 1)"]),
    # glmmTMB's gamma goes by its mean and its shape.
    ('data.frame(prior = "gamma(10, 2)", class = "ranef_sd", coef = "1 + x|g")', ['sd("g") ~ gamma(2, 2/10)']),
    ('data.frame(prior = "lkj(1)", class = "ranef_cor", coef = "g")', ['cor("g") ~ lkj(1)']),
    ('set_prior("normal(0, 3)", class = "beta", coef = "x")', ['b("x") ~ normal(0, 3)']),
    ("NULL", []),
]


def shown(prior: PriorStatement) -> str:
    about = "" if prior.target_arguments is None else f"({', '.join(map(deparse, prior.target_arguments))})"
    return f"{prior.target}{about} ~ {prior.distribution}({', '.join(deparse(a.value) for a in prior.arguments)})"


@pytest.mark.parametrize(("table", "told"), READ, ids=[case[0] for case in READ])
def test_tables_are_read_as_statements(table: str, told: list[str]) -> None:
    assert [*map(shown, read(CALL.format(table), syntax="r").priors)] == told


def test_a_table_may_be_bound_in_the_text() -> None:
    text = f'p <- data.frame(prior = "normal(0, 3)", class = "fixef")\n{CALL.format("p")}'
    assert [*map(shown, read(text, syntax="r").priors)] == ["b ~ normal(0, 3)"]


MISTAKES = [
    ("⟪data.frame(prior = c(), class = c())⟫", "have a density and a class each"),
    ("⟪priors4⟫", "`priors4` is not bound in the text: bind what `priors =` is there, as in `priors4 <- data.frame("),
    ('⟪data.frame(prior = "normal(0, 3)")⟫', "have a density and a class each"),
    ('data.frame(prior = "normal(0, 3)", class = "fixef", coef = ⟪"2"⟫)', "name the coefficient"),
    ('data.frame(prior = "normal(0, 3)", class = ⟪"fixeff"⟫)', "did you mean `fixef`?"),
    ('data.frame(prior = ⟪"gamma(1, 2)"⟫, class = "fixef")', "coefficients take `normal(mean, sd)`"),
    ('data.frame(prior = ⟪"normal(0, 1)"⟫, class = "ranef_sd")', "other priors of glmmTMB's are of the logs of sds"),
    ('data.frame(prior = ⟪"t(0, 1)"⟫, class = "fixef")', "`t()` has 3 numbers in glmmTMB"),
    ('data.frame(prior = ⟪"normal"⟫, class = "fixef")', "a density is a name and its arguments"),
]


@pytest.mark.parametrize(("marked", "said"), MISTAKES, ids=[case[0] for case in MISTAKES])
def test_what_cannot_be_read_is_shown_where_it_stands(marked: str, said: str) -> None:
    mistake(lambda text: read(text, syntax="r"), CALL.format(marked), said, TildeError)
