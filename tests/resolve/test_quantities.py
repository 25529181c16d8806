"""A model's numbers go by the names of summaries, of priors and of brms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.errors import SemanticError
from tildemc.resolve.quantities import Quantities

RNG = np.random.default_rng(3)
DATA = pd.DataFrame(
    {
        "y": RNG.normal(size=24), "x": RNG.normal(size=24), "my x": RNG.normal(size=24), "f": np.resize(list("ab"), 24),
        "g": np.resize(["u v", "w", "z"], 24), "arm": np.resize(["old", "new"], 24), "sigma": RNG.normal(size=24),
    }
)  # fmt: skip


@pytest.fixture(scope="module")
def known() -> Quantities:
    formula = "y ~ x * f + I(x^2) + `my x` + sigma + (1 + x + f | g); sigma ~ x + (1 | g)"
    return Quantities(tm.model(formula, DATA).spec)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        pytest.param("Intercept", "Intercept", id="the intercept"),
        pytest.param("b_Intercept", "Intercept", id="the intercept in brms"),
        pytest.param("x", "b[x]", id="a label"),
        pytest.param("b(x)", "b[x]", id="an address"),
        pytest.param("b_x", "b[x]", id="a coefficient in brms"),
        pytest.param("x:fb", "b[x:fb]", id="an interaction"),
        pytest.param("b_x:fb", "b[x:fb]", id="an interaction in brms"),
        pytest.param("I(x^2)", "b[I(x^2)]", id="a function's label"),
        pytest.param("b_IxE2", "b[I(x^2)]", id="a function's label as brms cleans it"),
        pytest.param("my x", "b[`my x`]", id="a name with a blank"),
        pytest.param("b_myx", "b[`my x`]", id="a name as brms cleans it"),
        pytest.param("sd_g[x]", "sd_g[x]", id="an sd"),
        pytest.param("sigma.sd(g)", "sigma_sd_g[Intercept]", id="the only sd of a factor"),
        pytest.param("sd(g, x)", "sd_g[x]", id="an sd's address"),
        pytest.param("sd_g__x", "sd_g[x]", id="an sd in brms"),
        pytest.param("cor_g[Intercept,x]", "cor_g[Intercept, x]", id="a correlation, without the blank"),
        pytest.param("cor_g[x, Intercept]", "cor_g[Intercept, x]", id="a correlation from the other side"),
        pytest.param("cor(g, x, fb)", "cor_g[x, fb]", id="one of several correlations"),
        pytest.param("cor_g__Intercept__x", "cor_g[Intercept, x]", id="a correlation in brms"),
        pytest.param("sigma_Intercept", "sigma_Intercept", id="another parameter's intercept"),
        pytest.param("b_sigma_x", "sigma_b[x]", id="another parameter's coefficient in brms"),
        pytest.param("sigma.b(x)", "sigma_b[x]", id="another parameter's coefficient's address"),
        pytest.param("sd_g__sigma_Intercept", "sigma_sd_g[Intercept]", id="another parameter's sd in brms"),
        pytest.param("r_g[u v, x]", "r_g[u v, x]", id="an effect of a level"),
        pytest.param("r_g[w,Intercept]", "r_g[w, Intercept]", id="an effect of a level in brms"),
        pytest.param("r_g__sigma[z,Intercept]", "sigma_r_g[z, Intercept]", id="another parameter's effect in brms"),
    ],
)
def test_a_number_is_found_by_its_names(known: Quantities, name: str, label: str) -> None:
    assert known.find(name).label == label


def test_a_name_means_the_same_as_in_a_summary(known: Quantities) -> None:
    assert known.find("sigma").label == "b[sigma]", "no other number is called so where sigma has a formula"
    own = Quantities(tm.model("y ~ sigma; sigma ~ by(arm)", DATA).spec)
    assert own.find("b_sigma").label == "b[sigma]"
    assert own.find("sigma[old]").label == "sigma[old]"


@pytest.mark.parametrize("prior", ["sd(g) ~ exponential(1)", "var(g) ~ gamma(1, 1)"])
@pytest.mark.parametrize(
    ("name", "label", "squared"),
    [
        pytest.param("sd_g[x]", "sd_g[x]", False, id="an sd"),
        pytest.param("sd(g, x)", "sd_g[x]", False, id="an sd as priors are stated"),
        pytest.param("var_g[x]", "sd_g[x]", True, id="a variance"),
        pytest.param("var(g, x)", "sd_g[x]", True, id="a variance as priors are stated"),
        pytest.param("var_sigma[old]", "sigma[old]", True, id="a residual variance"),
        pytest.param("sigma[old]", "sigma[old]", False, id="a residual sd"),
    ],
)
def test_variances_are_squares_whatever_the_prior_is_of(prior: str, name: str, label: str, squared: bool) -> None:
    found = Quantities(tm.model("y ~ x + (1 + x | g); sigma ~ by(arm)", DATA, priors=prior).spec).find(name)
    assert (found.label, found.squared) == (label, squared)


@pytest.mark.parametrize(
    ("formula", "name", "message"),
    [
        pytest.param("y ~ x", "xx", r"the model estimates no `xx`: it has Intercept, b\[x\], sigma", id="none"),
        pytest.param("y ~ x + (1 | g)", "sd_g__Intercpt", "did you mean `sd_g__Intercept`", id="the nearest"),
        pytest.param("y ~ x; sigma ~ by(arm)", "sigma", r"one of `sigma\[new\]`, `sigma\[old\]`", id="several"),
    ],
)
def test_what_names_no_number_is_told(formula: str, name: str, message: str) -> None:
    with pytest.raises(SemanticError, match=message):
        Quantities(tm.model(formula, DATA).spec).find(name)


def test_a_number_knows_its_prior() -> None:
    known = Quantities(tm.model("y ~ x + (1 + x | g)", DATA, priors="sd(g, x) ~ exponential(2)").spec)
    target = known.find("sd_g__x").target
    assert target is not None and str(target) == "sd(g, x) ~ exponential(2)"
    assert known.find("r_g[w, x]").target is None
