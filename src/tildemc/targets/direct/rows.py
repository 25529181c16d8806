"""Row functions: a family's log density of one response and its derivatives by each of the family's parameters.

A function takes (y, trials, first, second, third), the family's parameters in the order of its record, and returns the
log density up to what depends on the data alone, and three derivatives. Under the link that it is entered for, the first
parameter is the linear predictor itself; under "" it is the parameter. To add a family, add its function to `ROWS`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, expm1, lgamma, log, log1p
from typing import Any

from tildemc.targets.direct.jit import jit
from tildemc.targets.direct.special import digamma, log1p_exp, log_pnorm, pnorm_hazard

__all__ = ["ROWS", "log_likelihood", "row_number"]

Row = tuple[float, float, float, float]


@jit
def gaussian(y: float, _trials: float, mu: float, sigma: float, _third: float) -> Row:
    """Normal(mu, sigma)."""
    r = (y - mu) / sigma
    return -0.5 * r * r - log(sigma), r / sigma, (r * r - 1) / sigma, 0.0


@jit
def student(y: float, _trials: float, mu: float, sigma: float, nu: float) -> Row:
    """Student-t with `nu` degrees of freedom."""
    r = (y - mu) / sigma
    q = r * r / nu
    constant = lgamma(0.5 * (nu + 1)) - lgamma(0.5 * nu) - 0.5 * log(nu)
    by_constant = 0.5 * (digamma(0.5 * (nu + 1)) - digamma(0.5 * nu) - 1 / nu)
    pull = (nu + 1) / (nu * (1 + q))
    value = constant - log(sigma) - 0.5 * (nu + 1) * log1p(q)
    by_nu = by_constant - 0.5 * log1p(q) + 0.5 * pull * q
    return value, pull * r / sigma, (pull * r * r - 1) / sigma, by_nu


@jit
def binomial(y: float, trials: float, p: float, _second: float, _third: float) -> Row:
    """Binomial(trials, p)."""
    misses = trials - y
    value, slope = 0.0, 0.0
    if y > 0:
        value += y * log(p)
        slope += y / p
    if misses > 0:
        value += misses * log1p(-p)
        slope -= misses / (1 - p)
    return value, slope, 0.0, 0.0


@jit
def binomial_logit(y: float, trials: float, eta: float, _second: float, _third: float) -> Row:
    """Binomial(trials, logistic(eta))."""
    softplus, p = log1p_exp(eta)
    return y * eta - trials * softplus, y - trials * p, 0.0, 0.0


@jit
def binomial_probit(y: float, trials: float, eta: float, _second: float, _third: float) -> Row:
    """Binomial(trials, Φ(eta))."""
    misses = trials - y
    value = y * log_pnorm(eta) + misses * log_pnorm(-eta)
    return value, y * pnorm_hazard(eta) - misses * pnorm_hazard(-eta), 0.0, 0.0


@jit
def binomial_cloglog(y: float, trials: float, eta: float, _second: float, _third: float) -> Row:
    """Binomial(trials, 1 - exp(-exp(eta)))."""
    rate = exp(eta)
    p = -expm1(-rate)
    value, slope = -(trials - y) * rate, -(trials - y) * rate
    if y > 0:
        value += y * log(p)
        slope += y * rate * (1 - p) / p
    return value, slope, 0.0, 0.0


@jit
def poisson(y: float, _trials: float, mu: float, _second: float, _third: float) -> Row:
    """Poisson(mu)."""
    return (y * log(mu) if y > 0 else 0.0) - mu, y / mu - 1, 0.0, 0.0


@jit
def poisson_log(y: float, _trials: float, eta: float, _second: float, _third: float) -> Row:
    """Poisson(exp(eta))."""
    mu = exp(eta)
    return y * eta - mu, y - mu, 0.0, 0.0


@jit
def negbinomial(y: float, _trials: float, mu: float, shape: float, _third: float) -> Row:
    """Negative binomial with mean `mu` and variance mu + mu² / shape."""
    total = mu + shape
    # log(shape / total) and log(mu / total) without cancellation where one of the two is much the larger.
    value = lgamma(y + shape) - lgamma(shape) - shape * log1p(mu / shape)
    value -= y * log1p(shape / mu) if y > 0 else 0.0
    by_shape = digamma(y + shape) - digamma(shape) - log1p(mu / shape) + (mu - y) / total
    return value, (y - mu) * shape / (mu * total), by_shape, 0.0


ROWS: dict[str, dict[str, Callable[..., Row]]] = {
    "gaussian": {"": gaussian},
    "student": {"": student},
    "bernoulli": {"": binomial, "logit": binomial_logit, "probit": binomial_probit, "cloglog": binomial_cloglog},
    "binomial": {"": binomial, "logit": binomial_logit, "probit": binomial_probit, "cloglog": binomial_cloglog},
    "poisson": {"": poisson, "log": poisson_log},
    "negbinomial": {"": negbinomial},
}
"""For each family its row functions, by the link of the first parameter that they are for; "" for any other."""

_NUMBERED = tuple(dict.fromkeys(row for by_link in ROWS.values() for row in by_link.values()))


def row_number(family: str, link: str) -> tuple[int, bool]:
    """The number of the row function, and whether it takes the linear predictor itself."""
    by_link = ROWS[family]
    return _NUMBERED.index(by_link.get(link, by_link[""])), link in by_link


def _loop(row: Callable[..., Row]) -> Callable[..., float]:
    """`row` over a run of rows: the sum of log densities; `d` takes the derivatives."""

    @jit
    def loop(start, rows, y, trials, weights, theta, d):  # type: ignore[no-untyped-def]
        total = 0.0
        for i in range(rows):
            k = start + i
            size = trials[k] if trials.size else 1.0
            value, first, second, third = row(y[k], size, theta[0, i], theta[1, i], theta[2, i])
            weight = weights[k] if weights.size else 1.0
            total += weight * value
            d[0, i], d[1, i], d[2, i] = weight * first, weight * second, weight * third
        return total

    return loop


def _dispatch(rows: tuple[Callable[..., Row], ...]) -> Callable[..., float]:
    """One function that runs the loop of the given number."""
    number = len(rows) - 1
    here = _loop(rows[number])
    if number == 0:

        @jit
        def last(which, start, n, y, trials, weights, theta, d):  # type: ignore[no-untyped-def]
            return here(start, n, y, trials, weights, theta, d)

        return last
    others: Any = _dispatch(rows[:number])

    @jit
    def choose(which, start, n, y, trials, weights, theta, d):  # type: ignore[no-untyped-def]
        if which == number:
            return here(start, n, y, trials, weights, theta, d)
        return others(which, start, n, y, trials, weights, theta, d)

    return choose


log_likelihood = _dispatch(_NUMBERED)
