"""Densities where parameters and responses are as small or as large as they get: by definition, in 60 digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

from tildemc.spec.expr import evaluate
from tildemc.spec.families import FAMILIES
from tildemc.spec.vocabulary import NUMPY

Number = Any


def _negative_binomial(y: Number, mu: Number, shape: Number) -> Number:
    ways = mp.loggamma(y + shape) - mp.loggamma(shape) - mp.loggamma(y + 1)
    return ways + y * mp.log(mu / (mu + shape)) + shape * mp.log(shape / (mu + shape))


def _genpois(y: Number, mu: Number, phi: Number) -> Number:
    theta, rest = mu / mp.sqrt(phi), 1 - 1 / mp.sqrt(phi)
    return mp.log(theta) + (y - 1) * mp.log(theta + rest * y) - theta - rest * y - mp.loggamma(y + 1)


def _com_poisson(y: Number, mu: Number, shape: Number) -> Number:
    chances = [(mu**k / mp.factorial(k)) ** shape for k in range(400)]
    return mp.log((mu**y / mp.factorial(y)) ** shape) - mp.log(sum(chances))


def _discrete_weibull(y: Number, mu: Number, shape: Number) -> Number:
    return mp.log(mu ** (y**shape if y else 0) - mu ** ((y + 1) ** shape))


def _inverse_gaussian(y: Number, mu: Number, shape: Number) -> Number:
    return mp.log(shape / (2 * mp.pi * y**3)) / 2 - shape * (y - mu) ** 2 / (2 * mu**2 * y)


def _frechet(y: Number, mu: Number, nu: Number) -> Number:
    z = y * mp.gamma(1 - 1 / nu) / mu
    return mp.log(nu / y) - nu * mp.log(z) - z ** (-nu)


def _exgaussian(y: Number, mu: Number, sigma: Number, beta: Number) -> Number:
    z, r = (y - mu + beta) / sigma, sigma / beta
    return r**2 / 2 - r * z + mp.log(mp.erfc((r - z) / mp.sqrt(2)) / 2) - mp.log(beta)


def _skew_normal(y: Number, mu: Number, sigma: Number, alpha: Number) -> Number:
    delta = alpha / mp.sqrt(1 + alpha**2)
    omega = sigma / mp.sqrt(1 - 2 * delta**2 / mp.pi)
    z = (y - mu) / omega + delta * mp.sqrt(2 / mp.pi)
    return mp.log(2 * mp.npdf(z) / omega) + mp.log(mp.erfc(-alpha * z / mp.sqrt(2)) / 2)


def _asym_laplace(y: Number, mu: Number, sigma: Number, quantile: Number) -> Number:
    z = (y - mu) / sigma
    return mp.log(quantile * (1 - quantile) / sigma) - z * (quantile - (z < 0))


def _gen_extreme_value(y: Number, mu: Number, sigma: Number, xi: Number) -> Number:
    z = (y - mu) / sigma
    time = z if xi == 0 else mp.log(1 + xi * z) / xi
    return -mp.log(sigma) - (1 + xi) * time - mp.exp(-time)


def _von_mises(y: Number, mu: Number, kappa: Number) -> Number:
    return kappa * mp.cos(y - mu) - mp.log(2 * mp.pi) - mp.log(mp.besseli(0, kappa))


def _shifted_lognormal(y: Number, mu: Number, sigma: Number, ndt: Number) -> Number:
    return mp.log(mp.npdf((mp.log(y - ndt) - mu) / sigma) / sigma / (y - ndt))


def _compois(y: Number, mu: Number, phi: Number) -> Number:
    def mean(log_rate: Number) -> Number:
        chances = [mp.exp((k * log_rate - mp.loggamma(k + 1)) / phi) for k in range(200)]
        return sum(k * chance for k, chance in enumerate(chances)) / sum(chances)

    geometric = phi * mp.log(mu / (1 + mu))
    log_rate = mp.findroot(
        lambda r: mp.log(mean(r) / mu), (min(geometric, mp.log(mu)), mp.log(mu + 1)), solver="anderson"
    )
    return _com_poisson(y, mp.exp(log_rate), 1 / phi)


def _tweedie(y: Number, mu: Number, phi: Number, power: Number) -> Number:
    rate, shape = mu ** (2 - power) / (phi * (2 - power)), (2 - power) / (power - 1)
    scale = phi * (power - 1) * mu ** (power - 1)
    if y == 0:
        return -rate

    def term(j: int) -> Number:
        amounts = (j * shape - 1) * mp.log(y / scale) - y / scale - mp.loggamma(j * shape) - mp.log(scale)
        return mp.exp(j * mp.log(rate) - rate - mp.loggamma(j + 1) + amounts)

    middle = int(y ** (2 - power) / (phi * (2 - power)))
    return mp.log(sum(map(term, range(max(middle - 500, 1), middle + 500))))


def _lognormal_mean(y: Number, mu: Number, sigma: Number) -> Number:
    variance = mp.log1p((sigma / mu) ** 2)
    return mp.log(mp.npdf(mp.log(y), mp.log(mu) - variance / 2, mp.sqrt(variance)) / y)


def _wiener(y: Number, mu: Number, bs: Number, ndt: Number, bias: Number) -> Number:
    time, drift = (y - ndt) / bs**2, mu * bs
    if time < 1:
        places = [bias + 2 * k for k in range(-30, 31)]
        series = sum(p * mp.exp(-(p**2) / (2 * time)) for p in places) / mp.sqrt(2 * mp.pi * time**3)
    else:
        waves = (k * mp.exp(-((k * mp.pi) ** 2) * time / 2) * mp.sin(k * mp.pi * bias) for k in range(1, 60))
        series = mp.pi * sum(waves)
    return mp.log(series) - drift * bias - drift**2 * time / 2 - 2 * mp.log(bs)


EDGES: list[tuple[str, Callable[..., Number], tuple[float, ...]]] = [
    ("negbinomial", _negative_binomial, (3, 2, 1e8)),
    ("negbinomial", _negative_binomial, (0, 1e-12, 1e-8)),
    ("negbinomial2", lambda y, mu, sigma: _negative_binomial(y, mu, 1 / sigma), (3, 2, 1e-8)),
    ("negbinomial2", lambda y, mu, sigma: _negative_binomial(y, mu, 1 / sigma), (0, 1e-12, 1e8)),
    ("nbinom1", lambda y, mu, phi: _negative_binomial(y, mu, mu / phi), (3, 2, 1e-8)),
    ("nbinom1", lambda y, mu, phi: _negative_binomial(y, mu, mu / phi), (0, 1e-12, 1e8)),
    ("geometric", lambda y, mu: _negative_binomial(y, mu, mpf(1)), (0, 1e-12)),
    ("geometric", lambda y, mu: _negative_binomial(y, mu, mpf(1)), (5, 1e8)),
    ("genpois", _genpois, (0, 1e-12, 1 + 1e-8)),
    ("genpois", _genpois, (4, 2, 1e8)),
    ("com_poisson", _com_poisson, (0, 1e-12, 2)),
    ("com_poisson", _com_poisson, (1, 0.5, 1e3)),
    ("com_poisson", _com_poisson, (3, 0.9, 0.1)),
    ("discrete_weibull", _discrete_weibull, (0, 1e-12, 1e-8)),
    ("discrete_weibull", _discrete_weibull, (3, 0.999999, 1.2)),
    ("inverse_gaussian", _inverse_gaussian, (1e-12, 1e-12, 1e8)),
    ("inverse_gaussian", _inverse_gaussian, (2, 1e-12, 1e-8)),
    ("frechet", _frechet, (2, 1, 1 + 1e-8)),
    ("frechet", _frechet, (1.0000001, 1, 1e8)),
    ("exgaussian", _exgaussian, (1, 0.5, 2, 1e-8)),
    ("exgaussian", _exgaussian, (1, 0.5, 1e-8, 2)),
    ("exgaussian", _exgaussian, (-30, 0.5, 1, 0.3)),
    ("skew_normal", _skew_normal, (1, 0.5, 1, 1e8)),
    ("skew_normal", _skew_normal, (-9, 0.5, 1, 2)),
    ("asym_laplace", _asym_laplace, (3, 0.5, 1e-8, 1e-8)),
    ("gen_extreme_value", _gen_extreme_value, (1, 0.5, 2, 0)),
    ("gen_extreme_value", _gen_extreme_value, (1, 0.5, 2, -1e-12)),
    ("von_mises", _von_mises, (1, 0.5, 1e-8)),
    ("von_mises", _von_mises, (0.5001, 0.5, 1e4)),
    ("compois", _compois, (0, 1e-12, 0.7)),
    ("compois", _compois, (3, 2, 20)),
    ("compois", _compois, (2, 2.4, 1e-3)),
    ("nbinom12", lambda y, mu, phi, psi: _negative_binomial(y, mu, mu / (phi + mu / psi)), (3, 2, 1e-8, 1e8)),
    ("nbinom12", lambda y, mu, phi, psi: _negative_binomial(y, mu, mu / (phi + mu / psi)), (0, 1e-12, 1e8, 1e-8)),
    ("tweedie", _tweedie, (0, 1e-12, 2, 1.5)),
    ("tweedie", _tweedie, (1e-12, 3, 2, 1.01)),
    ("tweedie", _tweedie, (3, 2, 1e8, 1.99)),
    ("tweedie", _tweedie, (3, 3.01, 1e-3, 1.5)),
    ("tweedie", _tweedie, (40, 3, 0.05, 1.2)),
    ("tweedie", _tweedie, (7, 7.5, 0.2, 1.999)),
    ("wiener", _wiener, (0.3, 1, 1.5, 0.3 - 1e-9, 0.5)),
    ("wiener", _wiener, (0.8, -3, 1e3, 0.2, 1e-9)),
    ("wiener", _wiener, (0.8, 2, 1e-3, 0.2, 0.4)),
    ("wiener", _wiener, (1, 40, 2, 0.01, 0.999)),
    ("lognormal_mean", _lognormal_mean, (1, 1, 1e-8)),
    ("lognormal_mean", _lognormal_mean, (1, 1e-12, 2)),
    ("shifted_lognormal", _shifted_lognormal, (0.5, 1, 2, 0.5 - 1e-12)),
]


@pytest.mark.parametrize(
    ("name", "definition", "values"), EDGES, ids=[f"{name} at {values}" for name, _, values in EDGES]
)
def test_log_densities_at_the_edges(name: str, definition: Callable[..., Number], values: tuple[float, ...]) -> None:
    family = FAMILIES[name]
    known = {"dec": np.float64(0)} | dict(
        zip(("y", *(p.name for p in family.parameters)), map(np.float64, values), strict=True)
    )
    with np.errstate(all="ignore"):
        found = evaluate(family.log_density, lambda v: known[v.name], NUMPY)
    with mp.workdps(60):
        expected = float(definition(*map(mpf, values)))
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-20)
