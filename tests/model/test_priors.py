"""Priors: where they end, where to begin in them, and their text."""

from __future__ import annotations

import math

import pytest

from tildemc.model.densities import DISTRIBUTIONS
from tildemc.model.expr import Const
from tildemc.model.priors import Prior, restricted
from tildemc.model.support import POSITIVE, REAL, Support, number

ABOVE_ONE, BELOW_ONE, UNIT = Support(1.0), Support(upper=1.0), Support(0.0, 1.0)


def prior(name: str, *arguments: float) -> Prior:
    return Prior(DISTRIBUTIONS[name], tuple(Const(a) for a in arguments))


CUT = [
    (("normal", 0, 2), REAL, "normal(0, 2)", REAL),
    (("normal", 0, 2), POSITIVE, "half_normal(0, 2)", POSITIVE),
    (("normal", 1, 2), POSITIVE, "normal(1, 2, lower=0)", POSITIVE),
    (("normal", 0, 2), UNIT, "normal(0, 2, lower=0, upper=1)", UNIT),
    (("student_t", 3, 0, 2), BELOW_ONE, "student_t(3, 0, 2, upper=1)", BELOW_ONE),
    (("cauchy", 0, 2), ABOVE_ONE, "cauchy(0, 2, lower=1)", ABOVE_ONE),
    (("exponential", 1), POSITIVE, "exponential(1)", POSITIVE),
    (("gamma", 2, 1), BELOW_ONE, "gamma(2, 1, upper=1)", UNIT),
    (("inv_gamma", 2, 1), ABOVE_ONE, "inv_gamma(2, 1, lower=1)", ABOVE_ONE),
    (("lognormal", 0, 1), UNIT, "lognormal(0, 1, upper=1)", UNIT),
    (("beta", 2, 2), POSITIVE, "beta(2, 2)", UNIT),
    (("uniform", -1, 5), UNIT, "uniform(0, 1)", UNIT),
    (("flat",), POSITIVE, "half_flat()", POSITIVE),
    (("flat",), UNIT, "uniform(0, 1)", UNIT),
]


@pytest.mark.parametrize(("density", "support", "text", "left"), CUT, ids=lambda value: str(value))
def test_a_density_is_cut_to_a_support(density: tuple, support: Support, text: str, left: Support) -> None:  # type: ignore[type-arg]
    cut = restricted(prior(*density), support)
    assert (str(cut), cut.support) == (text, left)
    assert restricted(cut, support) == cut
    assert left.within(support)
    assert left.lower < cut.plausible < left.upper


@pytest.mark.parametrize(
    ("density", "support", "value"),
    [
        (("normal", 5, 2), REAL, 5),
        (("normal", 0, 2), POSITIVE, 2),
        (("normal", 10, 2), POSITIVE, 10),
        (("normal", 0, 1), Support(0, 1000), 1),
        (("normal", 0, 1), Support(upper=-3), -4),
        (("uniform", 2, 4), REAL, 3),
        (("beta", 2, 2), Support(0.5), 0.75),
        (("gamma", 2, 1), Support(3), 4),
    ],
)
def test_chains_begin_a_scale_inside(density: tuple, support: Support, value: float) -> None:  # type: ignore[type-arg]
    assert restricted(prior(*density), support).plausible == value


@pytest.mark.parametrize("value", [0, -1.5, 1 / 3, 1e300, 123456.7, 1234567.8, 2.5e-8, math.pi])
def test_numbers_are_read_back_as_they_were(value: float) -> None:
    assert float(number(value)) == value
