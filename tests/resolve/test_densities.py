"""Densities, arguments and bounds of prior statements."""

from __future__ import annotations

import numpy as np
import pytest

import tildemc as tm
from tildemc.errors import PriorError

DATA = {"y": np.arange(12.0) % 5, "x": np.arange(12.0), "g": list("abcd") * 3}


def read(text: str) -> str:
    """The prior that `text` states, as it is printed."""
    table = tm.model("y ~ x + (1 + x | g)", DATA, priors=text).priors().query("stated")
    return str(table["prior"].iloc[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x ~ normal(0, 1, lower=0)", "normal(0, 1, lower=0)"),
        ("x ~ normal(0, 1, lower = -1/2)", "normal(0, 1, lower=-0.5)"),
        ("x ~ normal(0, 1, upper=0)", "normal(0, 1, upper=0)"),
        ("x ~ normal(lower=-1, mu=0, upper=2, sigma=1)", "normal(0, 1, lower=-1, upper=2)"),
        ("x ~ Normal(0, 1, upper=2)", "normal(0, 1, upper=2)"),
        ("x ~ HalfNormal(1, upper=2)", "normal(0, 1, lower=0, upper=2)"),
        ("x ~ half_normal(1)", "normal(0, 1, lower=0)"),
        ("x ~ half_normal(1, lower=1)", "normal(0, 1, lower=1)"),
        ("x ~ student_t(3, 0, 1, lower=1, upper=4)", "student_t(3, 0, 1, lower=1, upper=4)"),
        ("x ~ gamma(2, 1, lower=0)", "gamma(2, 1)"),
        ("x ~ gamma(2, 1, upper=3)", "gamma(2, 1, upper=3)"),
        ("x ~ uniform(0, 10, lower=1, upper=20)", "uniform(1, 10)"),
        ("x ~ uniform(lower=1, upper=20)", "uniform(1, 20)"),
        ("x ~ Uniform(upper=20)", "uniform(0, 20)"),
        ("x ~ flat(lower=0)", "flat(lower=0)"),
        ("x ~ flat(lower=-1, upper=1)", "uniform(-1, 1)"),
        ("x ~ laplace(0, 1)", "double_exponential(0, 1)"),
        ("x ~ Laplace(mu=0, b=2)", "double_exponential(0, 2)"),
        ("x ~ Logistic(s=2)", "logistic(0, 2)"),
        ("sigma ~ logistic(1, 0.5)", "logistic(1, 0.5, lower=0)"),
        ("sd(g) ~ Weibull(alpha=2, beta=3)", "weibull(2, 3)"),
        ("var(g) ~ chi_squared(4)", "chi_square(4)"),
        ("var(sigma) ~ inv_chi_squared(4, upper=9)", "inv_chi_square(4, upper=9)"),
        ("var(g) ~ uniform(0.1, 50)", "uniform(0.1, 50)"),
        ("var(sigma) ~ Uniform(lower=1, upper=100)", "uniform(1, 100)"),
        ("sigma ~ normal(0, 1, lower=0)", "half_normal(0, 1)"),
        ("sigma ~ normal(0, 1, upper=2)", "normal(0, 1, lower=0, upper=2)"),
        ("sigma ~ half_student_t(3, 0, 2)", "half_student_t(3, 0, 2)"),
        ("sigma ~ half_student_t(3, 2)", "half_student_t(3, 0, 2)"),
        ("sigma ~ half_cauchy(mu=0, sigma=2)", "half_cauchy(0, 2)"),
        ("var(sigma) ~ normal(1, 2, upper=4)", "normal(1, 2, lower=0, upper=4)"),
        ("sd_g[x] ~ lognormal(0, 1, lower=1/3)", "lognormal(0, 1, lower=0.3333333333333333)"),
    ],
)
def test_bounds(text: str, expected: str) -> None:
    assert read(text) == expected
    assert read(f"{text.partition('~')[0]} ~ {expected}") == expected


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("x ~ normal(0, 1, lower=1, upper=1)", "below the upper bound"),
        ("x ~ normal(0, 1, lower=0, lower=1)", "`lower` stands twice"),
        ("x ~ normal(0, 1, low=0)", "no argument `low`"),
        ("x ~ normal(0, 1, 0)", "takes 2 arguments"),
        ("x ~ normal(0, 1, lower=y)", "are numbers"),
        ("x ~ gamma(2, 1, upper=0)", "nothing is left of gamma"),
        ("x ~ beta(2, 1, lower=1)", "nothing is left of beta"),
        ("x ~ uniform(0, 1, lower=2)", "nothing is left of uniform"),
        ("x ~ flat(lower=1)", "two bounds"),
        ("x ~ flat(upper=0)", "two bounds"),
        ("sigma ~ normal(0, 1, lower=-1)", "but `sigma` takes positive numbers"),
        ("sigma ~ uniform(-1, 5)", "but `sigma` takes positive numbers"),
        ("sigma ~ half_normal(1, 2)", "a half density is at 0"),
        ("cor(g) ~ lkj(2, lower=0)", "no bounds"),
        ("x ~ lkj(2)", "lkj is for correlations"),
    ],
)
def test_bounds_and_arguments_that_do_not_fit_are_told(text: str, fragment: str) -> None:
    with pytest.raises(PriorError, match=fragment):
        read(text)
