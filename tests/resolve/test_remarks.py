"""A formula that comes to less than it looks like says so; what it comes to is R's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm

RNG = np.random.default_rng(7)
DATA = pd.DataFrame(
    {
        "y": RNG.normal(size=40),
        "x": RNG.normal(size=40),
        "z": RNG.uniform(1, 2, 40),
        "f": RNG.choice(list("abc"), 40),
        "g": np.repeat(list("abcdefgh"), 5),
    }
)

TOLD = {
    "a power: a square": ("x + x^2", ["x"], "`I(x^2)`"),
    "a power: in Fortran's spelling": ("x**2", ["x"], "the square is `I(x^2)`"),
    "a power: a third": ("x + x^3", ["x"], "the power is `I(x^3)`"),
    "a power: of a function": ("log(z)^2", ["log(z)"], "`I(log(z)^2)`"),
    "a power: in parentheses": ("((x))^(2)", ["x"], "`x^2` is `x` alone"),
    "a power: of an effect by group": ("z + (x^2 | g)", ["z"], "`x^2` is `x` alone"),
    "a product: of a column with itself": ("x:x", ["x"], "its square is `I(x^2)`"),
    "a product: with a star": ("x * x", ["x"], "`x` crossed with itself is `x` alone"),
    "a product: at the end of a chain": ("x * z * x", ["x", "z", "x:z"], "`x` crossed with itself"),
    "a product: with a sum": ("x:(x + z)", ["x", "x:z"], "`x` crossed with itself"),
    "a product: of an effect by group": ("x + (0 + z:z | g)", ["x"], "`z` crossed with itself"),
    "a quotient": ("x / x", ["x"], "`x` crossed with itself"),
    "a product with one": ("z + x:1", ["z"], "`:` with a constant comes to nothing"),
    "a difference": ("x - z", ["x"], "`- z` takes nothing away"),
    "a difference: from nothing": ("-x", [], "`- x` takes nothing away"),
    "a difference: after a group term": ("x + (1 | g) - z", ["x"], "columns are subtracted within `I()`"),
    "an offset: in a product": ("x * offset(z)", ["x"], "`offset(z)` takes no part in crossing"),
    "an offset: taken away": ("x - offset(z)", ["x"], "`offset(z)` is added"),
    "an intercept: left out, then asked for": ("0 + x + 1", ["x"], "the last holds: there is one"),
    "an intercept: asked for, then left out": ("1 + x - 1", ["x"], "the last holds: there is none"),
}

NO_NEWS = [
    "x + I(x^2)", "(x + z)^2", "(x + z + f)^3", "poly(x, 2)", "x * z + x:z", "x * z - x", "x + z - x:z", "x - x",
    "f^2", "f:f", "f * f", "f - g", "f / x", ". - g", "0 + x", "1 + x", "x - 1 - 1", "x + (1 | g) - 1", "x * 1",
    "x + offset(z)", "x + (0 + x | g)",
]  # fmt: skip


@pytest.mark.parametrize(("right", "columns", "told"), TOLD.values(), ids=TOLD.keys())
def test_what_a_formula_comes_to_is_told(right: str, columns: list[str], told: str) -> None:
    model = tm.model(f"y ~ {right}", DATA)
    assert [name for name in model.design_matrix().columns if name != "Intercept"] == columns
    (note,) = model.report.notes
    assert told in note
    assert told in " ".join(str(model).split())


@pytest.mark.parametrize("right", NO_NEWS)
def test_what_a_formula_says_is_no_news(right: str) -> None:
    assert tm.model(f"y ~ {right}", DATA).report.notes == ()


@pytest.mark.parametrize(
    "text", ["lmer(y ~ x + x^2 + (1 | g), DATA)", "y ~ z; sigma ~ x^2", "bf(y ~ x + x**2 + x^2 + (x^2 | g))"]
)
def test_each_remark_is_made_once_and_wherever_the_formula_stands(text: str) -> None:
    assert sum("I(x^2)" in note for note in tm.model(text, DATA).report.notes) == 1


def test_a_remark_reaches_the_program_and_the_facts() -> None:
    model = tm.model("y ~ x + x^2", DATA)
    assert "`I(x^2)`." in " ".join(model.source().split('"""')[1].split())
    assert model.facts()["notes"] == list(model.report.notes)


def test_a_long_chain_is_read_without_recursion() -> None:
    assert "`I(x^2)`" in " ".join(tm.model(f"y ~ {' + '.join(['x'] * 3000)} + x^2", DATA).report.notes)
