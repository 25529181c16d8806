"""What Stata calls a model's numbers, and which number each name is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.errors import SemanticError
from tildemc.resolve.after.names import StataNames
from tildemc.spec.expr import infix

RNG = np.random.default_rng(1)
N = 36
DATA = pd.DataFrame(
    {"x": RNG.normal(size=N), "z": RNG.normal(size=N), "y": RNG.normal(size=N), "f": np.resize([1, 2, 3], N),
     "h": np.resize([0, 1], N), "s": np.resize(list("abc"), N), "g": np.resize(range(6), N), "y2": RNG.normal(size=N),
     "k": np.resize([1, 2, 3, 1], N), "w": np.resize([True, False], N)}
)  # fmt: skip

NAMED = {
    "a constant, a number, a power": ("regress y c.x##c.x", ["x", "c.x#c.x", "_cons", "sd(Residual)"]),
    "levels and products, factors first": (
        "y ~ x * s", ["x", "2.s", "3.s", "2.s#c.x", "3.s#c.x", "_cons", "sd(Residual)"],
    ),
    "cells without main effects": (
        "regress y i.f#i.h", ["1.f#1.h", "2.f#0.h", "2.f#1.h", "3.f#0.h", "3.f#1.h", "_cons", "sd(Residual)"],
    ),
    "all levels": ("regress y ibn.f, nocons", ["1.f", "2.f", "3.f", "sd(Residual)"]),
    "what Stata has no name for": ("y ~ log(z + 9) + w", ["log(z + 9)", "w", "_cons", "sd(Residual)"]),
    "levels within levels, slopes first": (
        "mixed y || h: || g: x, cov(un)",
        ["_cons", "sd(_cons[h])", "sd(_cons[h>g])", "sd(x[h>g])", "corr(x[h>g],_cons[h>g])", "sd(Residual)"],
    ),
    "a residual sd for each level": (
        "mixed y || g:, residuals(independent, by(h))",
        ["_cons", "sd(_cons[g])", "0: sd(Residual)", "1: sd(Residual)"],
    ),
    "equations of categories": ("mlogit k x", ["2:x", "2:_cons", "3:x", "3:_cons"]),
    "cut points": ("ologit k x", ["x", "/cut1", "/cut2"]),
    "another parameter": ("bf(y ~ x, sigma ~ z)", ["x", "_cons", "sigma:z", "sigma:_cons"]),
    "two responses": ("mvbind(y, y2) ~ x", ["y:x", "y:_cons", "y2:x", "y2:_cons"]),
}  # fmt: skip


@pytest.mark.parametrize("case", NAMED)
def test_numbers_have_the_names_of_stata(case: str) -> None:
    text, expected = NAMED[case]
    shown = StataNames(tm.model(text, DATA).spec).shown
    squares = ("var(", "cov(")
    found = [name for name in shown.values() if not name.rpartition(": ")[2].startswith(squares)]
    assert found[: len(expected)] == expected


@pytest.fixture(scope="module")
def names() -> StataNames:
    return StataNames(tm.model("mixed y i.f##c.x i.s || h: || g: x, cov(un)", DATA.assign(s=DATA["k"])).spec)


MEANT = {
    "x": "b[x]", "c.x": "b[x]", "_b[x]": "b[x]", "_coef[x]": "b[x]", "[y]x": "b[x]", "_b[y:x]": "b[x]", "b[x]": "b[x]",
    "2.f": "b[factor(f)2]", "i2.f": "b[factor(f)2]", "2.f#c.x": "b[factor(f)2:x]", "c.x#2.f": "b[factor(f)2:x]",
    "1.f": "0", "1b.f#c.x": "0", "_cons": "Intercept", "[y]_cons": "Intercept", "var(Residual)": "sigma**2",
    "/var(_cons[h>g])": "sd_h:g[Intercept] ** 2", "[lns2_1_1]_cons": "log(sd_h:g[x])",
    "[lns1_1_1]_cons": "log(sd_h[Intercept])", "[lnsig_e]_cons": "log(sigma)", "lnsig_e:_cons": "log(sigma)",
}  # fmt: skip


@pytest.mark.parametrize("name", MEANT)
def test_a_name_is_a_number_or_made_of_some(name: str, names: StataNames) -> None:
    assert infix(names.value(name, None)) == MEANT[name]


@pytest.mark.parametrize(
    "name", ["z", "4.f", "2.x", "2.f#c.z", "i.f", "2.f#", "[q]x", "/cut1", "_se[x]", "[lns3_1_1]_cons"]
)
def test_what_is_no_number_is_told(name: str, names: StataNames) -> None:
    with pytest.raises(SemanticError):
        names.value(name, None)
