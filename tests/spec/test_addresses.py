"""Addresses: what every prior of a model is of, and how priors are replaced."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.spec.addresses import targets, with_priors

RNG = np.random.default_rng(4)
NAMES = ("y", "x", "sigma", "b", "my col", "TRUE", "sd_g", "var_g", "var_sigma", "mu.x", "sigma.b", "mu.b")
DATA = pd.DataFrame({name: RNG.normal(size=24) for name in NAMES})
DATA["f"], DATA["g"] = np.resize(["a", "b c", 'd"e'], 24), np.resize(list("uvwx"), 24)
DATA["two words"] = np.resize(list("klm"), 24)


@pytest.mark.parametrize(
    ("formula", "addresses"),
    [
        ("y ~ x", ["Intercept", "x", "sigma"]),
        ("y ~ sigma + b", ["Intercept", "b(sigma)", "b(b)", "sigma"]),
        ("y ~ 0 + Intercept + x", ["b(Intercept)", "x", "sigma"]),
        ("y ~ `TRUE`", ["Intercept", 'b("`TRUE`")', "sigma"]),
        ("y ~ `my col`", ["Intercept", 'b("`my col`")', "sigma"]),
        ("y ~ f", ["Intercept", 'b("fb c")', "b('fd\"e')", "sigma"]),
        ("y ~ f:x", ["Intercept", "fa:x", 'b("fb c:x")', "b('fd\"e:x')", "sigma"]),
        ("y ~ sd_g + (1 | g)", ["Intercept", "b(sd_g)", "sd(g, Intercept)", "sigma"]),
        ("y ~ var_sigma + var_g + (1 | g)", ["Intercept", "b(var_sigma)", "b(var_g)", "sd(g, Intercept)", "sigma"]),
        ("y ~ x + mu.x", ["Intercept", "x", "mu.x", "sigma"]),
        ("y ~ x + sigma.b + mu.b", ["Intercept", "x", "b(sigma.b)", "b(mu.b)", "sigma"]),
        ("y ~ (1 | `two words`)", ["Intercept", 'sd("two words", Intercept)', "sigma"]),
        ("y ~ (1 + x | g)", ["Intercept", "sd(g, Intercept)", "sd(g, x)", "cor(g)", "sigma"]),
        (
            "y ~ (0 + x + b | g) + (1 | g)",
            ["Intercept", "sd(g, x)", "sd(g, b)", "cor(g, x, b)", "sd(g, Intercept)", "sigma"],
        ),
        ("y ~ homdiag(1 + x | g)", ["Intercept", "sd(g)", "sigma"]),
        ("y ~ cs(1 + x + b | g)", ["Intercept", "sd(g, Intercept)", "sd(g, x)", "sd(g, b)", "cor(g)", "sigma"]),
        (
            "y ~ homcs(0 + x + b | g) + (1 | g)",
            ["Intercept", "sd(g, x, b)", "cor(g, x, b)", "sd(g, Intercept)", "sigma"],
        ),
        (
            "y ~ x; sigma ~ x + (1 | g)",
            ["Intercept", "x", "sigma.Intercept", "sigma.b(x)", "sigma.sd(g, Intercept)"],
        ),
    ],
)
def test_each_prior_has_an_address_that_reaches_it_alone(formula: str, addresses: list[str]) -> None:
    model = tm.model(formula, DATA)
    found = targets(model.spec)
    assert [target.address for target in found] == addresses
    for k, target in enumerate(found):
        density = "lkj(7)" if target.support.matrix else "dirichlet(7)" if target.support.shares else "normal(0, 7)"
        changed = targets(tm.model(formula, DATA, priors=f"{target.address} ~ {density}").spec)
        assert [i for i, other in enumerate(changed) if other.prior != found[i].prior] == [k]


def test_priors_are_replaced_one_by_one() -> None:
    spec = tm.model("y ~ x + (1 + x | g); sigma ~ x", DATA).spec
    assert with_priors(spec, lambda target: target.prior) == spec
    changed = with_priors(spec, lambda target: replace(target.prior, stated=target.address))
    assert all(target.prior.stated == target.address for target in targets(changed))
