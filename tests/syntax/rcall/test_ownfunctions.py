"""Functions of one argument that a script makes are written out where they are called."""

from __future__ import annotations

import pytest

from tildemc.syntax.command import read
from tildemc.syntax.formula import parse_formula
from tildemc.syntax.steps import Make
from tildemc.syntax.tree import deparse

MADE = [
    ("c. <- function(x) scale(x, scale = FALSE)", "y ~ c.(x) + (c.(z) | g)",
     "y ~ scale(x, scale = FALSE) + (scale(z, scale = FALSE) | g)"),
    ("c. = function(v) {\n  v - mean(v)\n}", "y ~ c.(log(x))", "y ~ I(log(x) - mean(log(x)))"),
    ("c. <- function(v) { return(v^2) }", "y ~ c.(x) * z", "y ~ I(x^2) * z"),
    (r"c. <- \(v) v / 10", "y ~ c.(c.(x))", "y ~ I(I(x / 10) / 10)"),
    ("c. <- function(x) scale(x)", "y ~ x", "y ~ x"),
]  # fmt: skip


@pytest.mark.parametrize(("made", "formula", "written"), MADE)
def test_a_call_is_what_the_function_says(made: str, formula: str, written: str) -> None:
    assert read(f"{made}\nlmer({formula}, d)").formula == parse_formula(written)


def test_columns_are_made_by_it_too() -> None:
    (step,) = read("sq <- function(v) v^2\nd <- d |> mutate(w = sq(x))\nlm(y ~ w, d)").steps
    assert isinstance(step, Make)
    assert deparse(step.value) == "I(x^2)"


def test_arguments_may_be_named_in_quotes() -> None:
    assert read('lm("formula" = y ~ x, "data" = d)').formula == parse_formula("y ~ x")
