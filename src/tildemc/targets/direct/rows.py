"""Row functions: a family's log density of one response and its derivatives by each of the family's parameters.

A function takes (y, trials, first, second, third), the family's parameters in the order of its record. It returns the
log density, up to what depends on the data alone, and three derivatives. Under the link that it is entered for, the
first parameter is the linear predictor itself; under "" it is the parameter. To add a family, add its function to
`ROWS`.
"""

from __future__ import annotations

from collections.abc import Callable

from tildemc.kernels import inlined, jit
from tildemc.targets.direct.special import exp, expm1, log, log1p, log_gamma, log_rising, logistic, normal_tails
from tildemc.targets.direct.tables import RUN, Floats

__all__ = ["ROWS", "log_likelihood", "row_number"]

Row = tuple[float, float, float, float]


@inlined
def gaussian(y: float, _trials: float, mu: float, sigma: float, _third: float) -> Row:
    """Normal(mu, sigma)."""
    precision = 1 / sigma
    r = (y - mu) * precision
    return -0.5 * r * r - log(sigma), r * precision, (r * r - 1) * precision, 0.0


@inlined
def student(y: float, _trials: float, mu: float, sigma: float, nu: float) -> Row:
    """Student-t with `nu` degrees of freedom."""
    r = (y - mu) / sigma
    q = r * r / nu
    above, by_above = log_gamma(0.5 * (nu + 1))
    below, by_below = log_gamma(0.5 * nu)
    bend = log1p(q)
    pull = (nu + 1) / (nu * (1 + q))
    value = above - below - 0.5 * log(nu) - log(sigma) - 0.5 * (nu + 1) * bend
    by_nu = 0.5 * (by_above - by_below - 1 / nu - bend + pull * q)
    return value, pull * r / sigma, (pull * r * r - 1) / sigma, by_nu


@inlined
def binomial(y: float, trials: float, p: float, _second: float, _third: float) -> Row:
    """Binomial(trials, p)."""
    misses = trials - y
    hit, miss = (y * log(p), y / p), (misses * log1p(-p), misses / (1 - p))
    # A probability of 0 or 1 is fine where there is nothing to lose by it.
    hit = hit if y > 0 else (0.0, 0.0)
    miss = miss if misses > 0 else (0.0, 0.0)
    return hit[0] + miss[0], hit[1] - miss[1], 0.0, 0.0


@inlined
def binomial_logit(y: float, trials: float, eta: float, _second: float, _third: float) -> Row:
    """Binomial(trials, logistic(eta))."""
    softplus, p = logistic(eta)
    return y * eta - trials * softplus, y - trials * p, 0.0, 0.0


@inlined
def binomial_probit(y: float, trials: float, eta: float, _second: float, _third: float) -> Row:
    """Binomial(trials, Φ(eta))."""
    misses = trials - y
    hit, by_hit, miss, by_miss = normal_tails(eta)
    return y * hit + misses * miss, y * by_hit - misses * by_miss, 0.0, 0.0


@inlined
def binomial_cloglog(y: float, trials: float, eta: float, _second: float, _third: float) -> Row:
    """Binomial(trials, 1 - exp(-exp(eta)))."""
    rate = exp(eta)
    p, misses = -expm1(-rate), trials - y
    return y * log(p) - misses * rate, y * rate * exp(-rate) / p - misses * rate, 0.0, 0.0


@inlined
def poisson(y: float, _trials: float, mu: float, _second: float, _third: float) -> Row:
    """Poisson(mu)."""
    return y * log(mu) - mu, y / mu - 1, 0.0, 0.0


@inlined
def poisson_log(y: float, _trials: float, eta: float, _second: float, _third: float) -> Row:
    """Poisson(exp(eta))."""
    mu = exp(eta)
    return y * eta - mu, y - mu, 0.0, 0.0


@inlined
def negbinomial(y: float, _trials: float, mu: float, shape: float, _third: float) -> Row:
    """Negative binomial with mean `mu` and variance mu + mu² / shape."""
    rising, by_rising = log_rising(shape, y)
    # log(shape / (mu + shape)) without cancellation where shape is much the larger.
    bend = log1p(mu / shape)
    total = mu + shape
    value = rising - (shape + y) * bend + y * log(mu)
    by_shape = by_rising - bend + (shape + y) * mu / (shape * total)
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
    """`row` over a run of rows: the sum of log densities; the derivatives replace the parameters in `theta`."""

    @jit
    def loop(y: Floats, trials: Floats, weights: Floats, theta: Floats) -> float:
        total = 0.0
        for i in range(y.size):
            value, first, second, third = row(y[i], trials[i], theta[i], theta[RUN + i], theta[2 * RUN + i])
            total += weights[i] * value
            theta[i], theta[RUN + i], theta[2 * RUN + i] = weights[i] * first, weights[i] * second, weights[i] * third
        return total

    return loop


def _dispatch(rows: tuple[Callable[..., Row], ...]) -> Callable[..., float]:
    """One function that runs the loop of the given number."""
    number = len(rows) - 1
    here = _loop(rows[number])
    if number == 0:

        @jit
        def last(which: int, y: Floats, trials: Floats, weights: Floats, theta: Floats) -> float:
            return here(y, trials, weights, theta)

        return last
    others = _dispatch(rows[:number])

    @jit
    def choose(which: int, y: Floats, trials: Floats, weights: Floats, theta: Floats) -> float:
        if which == number:
            return here(y, trials, weights, theta)
        return others(which, y, trials, weights, theta)

    return choose


log_likelihood = _dispatch(_NUMBERED)
