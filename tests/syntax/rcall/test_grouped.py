"""nlme's data that bring their groups along, and what it says of groups by `random =`."""

from __future__ import annotations

import pytest

from marked import mistake
from tildemc.errors import TildeError
from tildemc.syntax.command import read
from tildemc.syntax.tree import Name, deparse

OWN = "d <- groupedData(y ~ x | g, data = d)\n"
READ = [
    (f"{OWN}lme(y ~ z, data = d, random = ~ 1)", "y ~ z + (1 | g)"),
    (f"{OWN}lme(y ~ z, data = d, random = pdDiag(~ x))", "y ~ z + (x || g)"),
    (f"{OWN}lme(y ~ z, data = d)", "y ~ z + (z | g)"),
    (f"{OWN}lme(d)", "y ~ x + (x | g)"),
    (f"{OWN}lme(d, random = ~ 1)", "y ~ x + (1 | g)"),
    (f"{OWN}gls(y ~ z, data = d)", "y ~ z"),
    ("lme(y ~ z, groupedData(y ~ 1 | a/b, d), ~ 1)", "y ~ z + (1 | a/b)"),
    ("lme(distance ~ age, Orthodont, random = ~ 1)", "distance ~ age + (1 | Subject)"),
    ("lme(nlme::Oxide)", "Thickness ~ 1 + (1 | Lot/Wafer)"),
    (
        f"{OWN}nlme(y ~ a * x, data = d, fixed = a ~ 1, random = a ~ 1, start = 1)",
        "bf(y ~ a * x, a ~ 1 + (1 | g), nl = TRUE)",
    ),
    ("lme(y ~ x, d, reStruct(~ 1 | g))", "y ~ x + (1 | g)"),
    ("lme(y ~ x, d, reStruct(list(g = pdDiag(~ x))))", "y ~ x + (x || g)"),
    ("lme(y ~ x, d, list(g = pdDiag(value = diag(2), form = ~ x)))", "y ~ x + (x || g)"),
]


@pytest.mark.parametrize(("text", "formula"), READ, ids=[case[0] for case in READ])
def test_groups_are_those_of_the_data(text: str, formula: str) -> None:
    assert read(text, syntax="r").formula.text == formula


def test_groups_known_by_the_name_of_the_data_are_told() -> None:
    notes = read("lme(distance ~ age, Orthodont, random = ~ 1)", syntax="r").notes
    assert "`Orthodont` is taken to be nlme's, whose groups are those of `distance ~ age | Subject`" in notes


def test_nlmes_pattern_is_of_rows() -> None:
    text = "nlme(y ~ a * x, d, fixed = a ~ 1, random = a ~ 1 | g, start = 1, naPattern = ~ !is.na(y), subset = x > 1)"
    assert deparse(read(text, syntax="r").rows or Name("none")) == "(x > 1) & (!is.na(y))"


MISTAKES = [
    ("lme(y ~ x, data = d, random = ⟪~ x⟫)", "the groups come from the data object"),
    ("lme(y ~ x, groupedData(⟪y ~ x⟫, d))", "grouped data have a formula with their groups behind a bar"),
    ("lme(y ~ x, ⟪groupedData(data = d)⟫)", "grouped data have a formula with their groups behind a bar"),
    ("gls(y ~ x, d, correlation = ⟪ape::corBrownian(1, phy = tree)⟫)", "`corBrownian` is ape's"),
    (
        "lmer(y ~ f + (1 | g), d, contrasts = list(f = ⟪own⟫))",
        "`own` is not bound in the text: bind what `contrasts =`",
    ),
]


@pytest.mark.parametrize(("marked", "said"), MISTAKES, ids=[case[0] for case in MISTAKES])
def test_what_names_no_groups_is_shown_where_it_stands(marked: str, said: str) -> None:
    mistake(lambda text: read(text, syntax="r"), marked, said, TildeError)
