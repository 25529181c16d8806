"""Priors: where they end, where to begin in them, and their text."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tildemc.spec.densities import DISTRIBUTIONS
from tildemc.spec.expr import Const, evaluate
from tildemc.spec.priors import Prior, restricted
from tildemc.spec.support import POSITIVE, REAL, Support, number
from tildemc.spec.vocabulary import NUMPY

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


DRAWN = [
    *(((name, *(1.5, 2.0, 2.5)[: len(record.arguments)]), REAL)
      for name, record in DISTRIBUTIONS.items() if record.scipy and record.proper and not record.support.joint),
    (("normal", 0, 2), POSITIVE),
    (("student_t", 3, 1, 2), UNIT),
    (("gamma", 2, 1), ABOVE_ONE),
    (("normal", 0, 1), Support(6.0)),
    (("logistic", 0, 1), Support(upper=-4.0)),
]  # fmt: skip


@pytest.mark.parametrize(("density", "support"), DRAWN, ids=lambda value: str(value))
def test_draws_have_the_density_that_the_record_says(density: tuple, support: Support) -> None:  # type: ignore[type-arg]
    """Where it is cut off, too: by integrals of the record's own log density."""
    cut = restricted(prior(*density), support)
    drawn = np.sort(cut.draw(np.random.default_rng(1), (4000,)))
    assert drawn[0] >= cut.support.lower and drawn[-1] <= cut.support.upper

    # What lies between the draws' own quantiles, for tails may be without end.
    low, *middle, high = np.quantile(drawn, [0.05, 0.25, 0.5, 0.75, 0.95])
    arguments = dict(zip(cut.distribution.arguments, cut.values, strict=True))

    def mass(below: float) -> float:
        x = np.linspace(low, below, 2001)
        log_density = evaluate(cut.distribution.log_density, lambda v: (arguments | {"x": x})[v.name], NUMPY)
        return float(np.trapezoid(np.exp(log_density) * np.ones(2001), x))

    np.testing.assert_allclose([mass(x) / mass(high) for x in middle], [0.2 / 0.9, 0.45 / 0.9, 0.7 / 0.9], atol=0.03)


def test_a_draw_of_a_variance_is_its_sd() -> None:
    on_variance = replace(prior("inv_gamma", 3, 2), on_variance=True)
    drawn = on_variance.draw(np.random.default_rng(1), (4000,))
    assert (drawn**2).mean() == pytest.approx(1.0, rel=0.1)
