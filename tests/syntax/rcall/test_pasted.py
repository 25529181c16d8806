"""Formulas that a script pastes together."""

from __future__ import annotations

import pytest

from marked import mistake
from tildemc.errors import TildeError
from tildemc.syntax.command import read

READ = [
    ('lmer(as.formula(paste("y ~", "x", "+ (1 | g)")), d)', "y ~ x + (1 | g)"),
    ('lmer(formula(paste0("y ~ x", " + (1 | ", "g)")), d)', "y ~ x + (1 | g)"),
    ('v <- c("x", "z")\nlm(as.formula(paste("y ~", paste(v, collapse = " + "))), d)', "y ~ x + z"),
    ('r <- "log(y)"\nlm(paste(r, "x", sep = " ~ "), d)', "log(y) ~ x"),
    ('lm(as.formula(paste("y ~", paste0("x", c(1, 2), collapse = "*"))), d)', "y ~ x1 * x2"),
    ('v <- c("x", "z")\nlm(reformulate(v, response = "y"), d)', "y ~ x + z"),
    ("f <- list(a = y ~ x, b = y ~ z)\nlm(f$b, d)", "y ~ z"),
    ("f <- c(y ~ x, y ~ z)\nlm(f[[1]], d)", "y ~ x"),
]


@pytest.mark.parametrize(("text", "formula"), READ, ids=[case[0] for case in READ])
def test_formulas_are_those_that_r_would_paste(text: str, formula: str) -> None:
    assert read(text, syntax="r").formula.text == formula


def test_what_is_not_known_is_not_pasted() -> None:
    mistake(lambda text: read(text, syntax="r"), 'lm(as.formula(⟪paste("y ~", v)⟫), d)', "`~`", TildeError)
