"""Log densities of rows written by hand, as SciPy has them: the slow and obvious twins of what records give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special as sp
import scipy.stats as stats

__all__ = ["DENSITIES", "INVERSES"]

INVERSES: dict[str, Callable[[Any], Any]] = {
    "identity": lambda eta: eta,
    "log": np.exp,
    "logit": sp.expit,
    "probit": sp.ndtr,
    "cloglog": lambda eta: -np.expm1(-np.exp(eta)),
    "inverse": lambda eta: 1 / eta,
    "sqrt": lambda eta: eta**2,
    "cauchit": lambda eta: stats.cauchy.cdf(eta),
    "loglog": lambda eta: np.exp(-np.exp(-eta)),
    "softplus": lambda eta: np.log1p(np.exp(eta)),
    "log1p": np.expm1,
    "logm1": lambda eta: 1 + np.exp(eta),
}

DENSITIES: dict[str, Callable[..., Any]] = {
    "gaussian": lambda y, n, mu, sigma: stats.norm(mu, sigma).logpdf(y),
    "student": lambda y, n, mu, sigma, nu: stats.t(nu, mu, sigma).logpdf(y),
    "bernoulli": lambda y, n, mu: stats.bernoulli(mu).logpmf(y),
    "binomial": lambda y, n, mu: stats.binom(n, mu).logpmf(y),
    "poisson": lambda y, n, mu: stats.poisson(mu).logpmf(y),
    "negbinomial": lambda y, n, mu, shape: stats.nbinom(shape, shape / (mu + shape)).logpmf(y),
    "beta": lambda y, n, mu, phi: stats.beta(mu * phi, (1 - mu) * phi).logpdf(y),
    "lognormal": lambda y, n, mu, sigma: stats.lognorm(sigma, scale=np.exp(mu)).logpdf(y),
    "weibull": lambda y, n, mu, shape: stats.weibull_min(shape, scale=mu / sp.gamma(1 + 1 / shape)).logpdf(y),
    "exponential": lambda y, n, mu: stats.expon(scale=mu).logpdf(y),
    "beta_binomial": lambda y, n, mu, phi: stats.betabinom(n, mu * phi, (1 - mu) * phi).logpmf(y),
    "gamma": lambda y, n, mu, shape: stats.gamma(shape, scale=mu / shape).logpdf(y),
}
"""Of the response, the trials and the family's parameters in their order."""
