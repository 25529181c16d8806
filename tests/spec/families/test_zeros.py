"""Families without zeros, with more of them, and with zeros of their own."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import tildemc as tm
from tildemc.errors import DataError
from tildemc.spec.expr import Expr, evaluate
from tildemc.spec.families import FAMILIES
from tildemc.spec.families.zeros import hurdle, zero_inflated, zero_truncated
from tildemc.spec.vocabulary import NUMPY

KNOWN = {
    "mu": 0.4, "sigma": 0.5, "shape": 3.0, "phi": 4.0, "trials": 8.0, "quantile": 0.3,
    "zi": 0.2, "hu": 0.3, "zoi": 0.4, "coi": 0.7, "cutzero": -1.0, "cutone": 0.6, "power": 1.4,
}  # fmt: skip
MADE = (
    "truncated_poisson", "truncated_negbinomial", "hurdle_poisson", "hurdle_negbinomial", "zero_inflated_poisson",
    "zero_inflated_binomial", "zero_inflated_beta_binomial", "hurdle_gamma", "hurdle_lognormal", "zero_inflated_beta",
    "zero_inflated_asym_laplace", "zero_one_inflated_beta", "ordbeta",
    "zero_inflated_tweedie", "hurdle_compois",
)  # fmt: skip


def at(expr: Expr, **known: object) -> np.ndarray:
    """A record's arithmetic."""
    with np.errstate(all="ignore"):
        return np.asarray(evaluate(expr, lambda v: (KNOWN | known)[v.name], NUMPY), dtype=float)


@pytest.mark.parametrize("name", MADE)
def test_draws_have_the_mean_the_variance_and_the_distribution(name: str) -> None:
    family, generator, n = FAMILIES[name], np.random.default_rng(3), 20_000
    y = family.draw.of(KNOWN, generator, (n,))
    assert not family.values.refused(y).any()
    assert y.mean() == pytest.approx(at(family.mean), abs=5 * y.std() / np.sqrt(n))
    centred = at(family.centre, y=y) * np.ones(n)
    assert centred.mean() == pytest.approx(at(family.middle), abs=5 * centred.std() / np.sqrt(n))
    assert centred.var() == pytest.approx(at(family.variance), rel=0.1)
    before = at(family.cdf, y=family.values.before(y))
    below = before + generator.uniform(size=n) * (at(family.cdf, y=y) - before)
    assert stats.kstest(below, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("name", [name for name in MADE if FAMILIES[name].values.whole])
def test_probabilities_add_up_to_the_distribution_function(name: str) -> None:
    family = FAMILIES[name]
    y = np.arange(family.values.lower, 9)
    below = np.cumsum(np.exp(at(family.log_density, y=y)))
    np.testing.assert_allclose(at(family.cdf, y=y), below, rtol=1e-12)
    np.testing.assert_allclose(at(family.tail, y=y), 1 - below, atol=1e-14)
    assert (at(family.cdf, y=-1.0), at(family.tail, y=-1.0)) == (0, 1)


def poisson(y: int, mu: mp.mpf) -> mp.mpf:
    return mp.exp(-mu) * mu**y / mp.factorial(y)


EDGES = [(y, mu, share) for y in (0, 1, 40) for mu in (1e-12, 0.7, 1e4) for share in (1e-300, 0.3, 1 - 1e-15)]


@pytest.mark.parametrize(("y", "mu", "share"), EDGES)
@mp.workdps(400)
def test_densities_have_their_digits_at_the_edges(y: int, mu: float, share: float) -> None:
    m, p = mp.mpf(mu), mp.mpf(share)
    count, none = poisson(y, m), poisson(0, m)
    inflated = p * (y == 0) + (1 - p) * count
    apart = p if y == 0 else (1 - p) * count / (1 - none)
    for name, exact in (("zero_inflated_poisson", inflated), ("hurdle_poisson", apart)):
        found = at(FAMILIES[name].log_density, y=float(y), mu=mu, zi=share, hu=share)
        assert found == pytest.approx(float(mp.log(exact)), rel=1e-8, abs=1e-12)
    if y:
        seen = at(FAMILIES["truncated_poisson"].log_density, y=float(y), mu=mu)
        assert seen == pytest.approx(float(mp.log(count / (1 - none))), rel=1e-8, abs=1e-11)


def test_functions_of_records_compose() -> None:
    """A hurdle before truncated counts is the family itself, if no count has its probability of that."""
    counts = FAMILIES["negbinomial"]
    made = hurdle(zero_truncated(counts, "some"), "made")
    y = np.arange(0.0, 9)
    none = np.exp(at(counts.log_density, y=0.0))
    np.testing.assert_allclose(at(made.log_density, y=y, hu=none), at(counts.log_density, y=y), rtol=1e-12)
    again = zero_inflated(counts, "again")
    np.testing.assert_allclose(at(again.cdf, y=y, zi=0.0), at(counts.cdf, y=y), rtol=1e-14)


@pytest.mark.parametrize("y", [0.0, 0.3, 1.0])
@pytest.mark.parametrize(("mu", "cutzero", "cutone"), [(1e-12, -2, 1.4), (0.7, -30, -20), (1 - 1e-15, 30, 5)])
@mp.workdps(60)
def test_an_ordered_beta_has_its_digits_at_the_edges(y: float, mu: float, cutzero: float, cutone: float) -> None:
    m, phi = mp.mpf(mu), mp.mpf("4")

    def logistic(x: mp.mpf) -> mp.mpf:
        return 1 / (1 + mp.exp(-x))

    line = mp.log(m) - mp.log(1 - m)
    above, beyond = logistic(line - cutzero), logistic(line - cutzero - mp.exp(cutone))
    inside = mp.mpf(0.3) ** (m * phi - 1) * mp.mpf(1 - 0.3) ** ((1 - m) * phi - 1) / mp.beta(m * phi, (1 - m) * phi)
    exact = {0.0: 1 - above, 1.0: beyond, 0.3: (above - beyond) * inside}[y]
    found = at(FAMILIES["ordbeta"].log_density, y=y, mu=mu, cutzero=cutzero, cutone=cutone)
    assert found == pytest.approx(float(mp.log(exact)), rel=1e-8)


REFUSED = [
    ("beta", [0.0, 0.4, 0.7], "zero_inflated_beta, zero_one_inflated_beta or ordbeta has such; a beta response"),
    (
        "beta",
        [1.0, 0.4, 0.0],
        "zero_one_inflated_beta or ordbeta has such; a beta response is a number between 0 and 1",
    ),
    ("gamma", [0.0, 1.4, 2.7], "hurdle_gamma has such; a gamma response is a number greater than 0"),
    ("truncated_poisson", [0, 1, 2], "a truncated_poisson response is a whole number from 1 up, but `y` is 0"),
    ("zero_inflated_beta", [0.0, 0.5, 1.0], "a zero_inflated_beta response is 0 or a number between 0 and 1"),
    ("hurdle_lognormal", [0.0, -0.5, 1.0], "a hurdle_lognormal response is 0 or a number greater than 0"),
]


@pytest.mark.parametrize(("family", "y", "message"), REFUSED)
def test_what_a_family_has_not_is_told_with_those_that_have(family: str, y: list[float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        tm.model("y ~ 1", pd.DataFrame({"y": y}), family)
