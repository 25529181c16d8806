"""Default priors are rstanarm's autoscaling on the link scale."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm

RNG = np.random.default_rng(5)
DATA = pd.DataFrame(
    {
        "y": RNG.normal(10, 3, 60),
        "x": RNG.normal(0, 2, 60),
        "f": np.resize(list("ab"), 60),
        "g": np.resize(list("uvwxyz"), 60),
        "k": RNG.poisson(4, 60),
        "n": np.resize([5, 10], 60),
        "e": RNG.uniform(1, 3, 60),
    }
)
DATA["s"] = RNG.binomial(DATA["n"], 0.3)


def four(value: float) -> float:
    return float(f"{value:.4g}")


def priors(formula: str, family: str = "gaussian") -> dict[str, tuple[str, tuple[float, ...]]]:
    """Each parameter's density and its numbers."""
    found = {}
    for predictor in tm.model(formula, DATA, family).spec.predictors:
        population = predictor.population
        if population.intercept is not None:
            found[f"{predictor.parameter} Intercept"] = population.intercept
        found |= {
            f"{predictor.parameter} {c.label}": p
            for c, p in zip(population.columns, population.coefficients, strict=True)
        }
        for grouping in predictor.groups:
            found |= {
                f"{predictor.parameter} sd {c.label}": p
                for c, p in zip(grouping.columns, grouping.sd_priors, strict=True)
            }
    for auxiliary in tm.model(formula, DATA, family).spec.auxiliaries:
        found[auxiliary.parameter] = auxiliary.prior
    return {name: (prior.distribution.name, prior.values) for name, prior in found.items()}


def test_gaussian_priors_scale_with_response_and_column() -> None:
    s_y, s_x, s_f = DATA["y"].std(), DATA["x"].std(), (DATA["f"] == "b").std()
    assert priors("y ~ x + f + (1 + x | g)") == {
        "mu Intercept": ("normal", (four(DATA["y"].mean()), four(2.5 * s_y))),
        "mu x": ("normal", (0, four(2.5 * s_y / s_x))),
        "mu fb": ("normal", (0, four(2.5 * s_y / s_f))),
        "mu sd Intercept": ("student_t", (3, 0, four(2.5 * s_y))),
        "mu sd x": ("student_t", (3, 0, four(2.5 * s_y / s_x))),
        "sigma": ("student_t", (3, 0, four(s_y))),
    }


def test_a_modelled_sigma_is_scaled_on_the_log() -> None:
    found = priors("y ~ 1; sigma ~ x + (1 | g)")
    assert found["sigma Intercept"] == ("normal", (four(np.log(DATA["y"].std())), 1))
    assert found["sigma x"] == ("normal", (0, four(1 / DATA["x"].std())))
    assert found["sigma sd Intercept"] == ("normal", (0, 1))


@pytest.mark.parametrize(
    ("formula", "family", "mean"),
    [
        ("k ~ x", "poisson", np.log(DATA["k"].mean())),
        ("k ~ x + offset(log(e))", "negbinomial", np.log(DATA["k"].mean()) - np.log(DATA["e"]).mean()),
        ("s | trials(n) ~ x", "binomial", np.log((p := (DATA["s"] / DATA["n"]).mean()) / (1 - p))),
        ("I(k > 3) ~ x", "bernoulli", np.log((q := (DATA["k"] > 3).mean()) / (1 - q))),
    ],
)
def test_other_families_have_scale_one_on_the_link(formula: str, family: str, mean: float) -> None:
    found = priors(formula, family)
    assert found["mu Intercept"] == ("normal", (four(mean), 2.5))
    assert found["mu x"] == ("normal", (0, four(2.5 / DATA["x"].std())))


def test_companions_do_not_enter_a_scale() -> None:
    assert priors("y | weights(n) ~ x") == priors("y ~ x")


def test_an_all_zero_count_still_has_a_prior() -> None:
    data = DATA.assign(k=0)
    prior = tm.model("k ~ 1", data, "poisson").spec.predictors[0].population.intercept
    assert prior is not None and np.isfinite(prior.values[0])


def test_a_stated_intercept_is_the_one_at_zero() -> None:
    stated = tm.model("y ~ x", DATA, priors=["Intercept ~ normal(0, 10)"]).spec.predictors[0]
    assert not stated.population.centred and stated.population.priors[0].values == (0, 10)
    assert tm.model("y ~ x", DATA).spec.predictors[0].population.centred
