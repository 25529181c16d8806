"""A hypothesis is arithmetic of a model's numbers, and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from marked import mistake
from tildemc.errors import SemanticError
from tildemc.resolve.hypothesis import read_hypothesis
from tildemc.resolve.quantities import Quantities
from tildemc.spec.expr import infix

RNG = np.random.default_rng(3)
DATA = pd.DataFrame({"y": RNG.normal(size=24), "x": RNG.normal(size=24) ** 2, "g": np.resize(list("uvw"), 24)})


@pytest.fixture(scope="module")
def known() -> Quantities:
    return Quantities(tm.model("y ~ x + log(x) + (1 + x | g)", DATA).spec)


@pytest.mark.parametrize(
    ("text", "value", "sign"),
    [
        pytest.param("x < 0", "b[x]", "<", id="one number"),
        pytest.param("x >= 2", "b[x] - 2", ">", id="a bound that is a number"),
        pytest.param("x = sigma", "b[x] - sigma", "=", id="two numbers"),
        pytest.param("x == sigma", "b[x] - sigma", "=", id="two numbers, as programs write it"),
        pytest.param("x<-1", "b[x] - -1", "<", id="no assignment"),
        pytest.param("2 * (x - sigma)^2 > 1", "2*(b[x] - sigma)**2 - 1", ">", id="arithmetic"),
        pytest.param("exp(x) > 2", "exp(b[x]) - 2", ">", id="a function"),
        pytest.param("plogis(x) > .5", "sigmoid(b[x]) - 0.5", ">", id="a function that R has"),
        pytest.param("log(x) > 0", "b[log(x)]", ">", id="a label that looks like a function"),
        pytest.param("sd(g, x) / sd_g[Intercept] > 1", "sd_g[x]/sd_g[Intercept] - 1", ">", id="a ratio of sds"),
        pytest.param("cor_g__Intercept__x > 0", "cor_g[Intercept, x]", ">", id="brms's name"),
    ],
)
def test_a_hypothesis_says(known: Quantities, text: str, value: str, sign: str) -> None:
    found = read_hypothesis(text, known.find)
    assert (infix(found.value).replace(" ", ""), found.sign) == (value.replace(" ", ""), sign)


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        pytest.param("⟪xs⟫ < 0", "the model estimates no `xs`", id="an unknown name"),
        pytest.param("x - ⟪sd(h, x)⟫ < 0", "the model estimates no `sd(h, x)`", id="an unknown address"),
        pytest.param("⟪expp(x)⟫ < 0", "no function `expp` of one number here; did you mean `exp`?", id="a function"),
        pytest.param("⟪__import__('os')⟫ < 0", "there is no function `__import__`", id="a function of Python's"),
        pytest.param("x < ⟪'a'⟫", "is no arithmetic of numbers", id="a text"),
        pytest.param("⟪x %in% g⟫ > 0", "is no arithmetic of numbers", id="an operator of formulas"),
        pytest.param("⟪1 < 2⟫", "names no quantity", id="no name"),
    ],
)
def test_what_is_no_hypothesis_is_told_where(known: Quantities, marked: str, message: str) -> None:
    mistake(lambda text: read_hypothesis(text, known.find), marked, message, SemanticError)
