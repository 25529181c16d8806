"""Functions that densities need and PyMC lacks, in what it has: graphs compute with them, and programs have their text.

Where two forms hold in two places, each is worked out where it holds: what is not chosen must have a derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt

from tildemc.spec.incomplete import LARGE, log_beta_parts
from tildemc.spec.special import arma_extended, arma_response, arma_system, autocorrelations, banded_factor

__all__ = [
    "arma_correlations",
    "arma_covariances",
    "arma_from_start",
    "autocorrelation",
    "b_spline",
    "banded",
    "check",
    "covariances_beside",
    "i_spline",
    "loadings",
    "log_beta_cdf",
    "log_choose",
    "log_cloglog",
    "log_com_poisson_norm",
    "log_com_poisson_rate",
    "log_gamma_cdf",
    "log_gamma_tail",
    "log_i0e",
    "log_inv_boxcox",
    "log_invprobit",
    "log_rising",
    "log_sigmoid",
    "log_student_cdf",
    "log_tilted",
    "log_tweedie",
    "m_spline",
    "matern",
    "sar_covariances",
    "share_so_far",
    "student_cdf",
    "times",
    "toeplitz",
    "wiener_log_density",
]

Tensor = Any


def autocorrelation(lag: Tensor, *partial: Tensor) -> Tensor:
    """The correlations at lags, whole numbers, of a series with these partial autocorrelations."""
    return pt.stack(autocorrelations(*partial))[lag.astype(int)]


def matern(x: Tensor, nu: Tensor) -> Tensor:
    """Matérn's correlation at a distance of x over the range, as a mixture of Gaussians."""
    u = np.arange(-26.0, 5.51, 0.25)
    total = pm.math.exp(nu * u - np.exp(u) - x[..., None] ** 2 * (0.25 * np.exp(-u))).sum(axis=-1)
    return nu * (nu + 1.0) * total / pm.math.exp((nu + 2.0) * u - np.exp(u)).sum()


def loadings(values: Tensor, n: int, rank: int) -> Tensor:
    """A matrix (n, rank) that is zero above its diagonal: that, then what is below row by row."""
    rows, columns = np.tril_indices(n, -1, rank)
    on = np.arange(rank)
    below = pt.zeros((n, rank))[rows, columns].set(values[rank:])
    return below[on, on].set(values[:rank])


def share_so_far(shares: Tensor, steps: Tensor) -> Tensor:
    """The sum of the first so many shares."""
    before = pt.concatenate([[0.0], pt.cumsum(shares)])  # type: ignore[no-untyped-call]
    return before[steps.astype(int)]


def arma_covariances(ar: Tensor, ma: Tensor, lag: Tensor, longest: int) -> Tensor:
    """Covariances at lags, whole numbers, of an ARMA process whose noise has variance one."""
    rows, right = arma_system(ar, ma)
    first = pt.linalg.solve(pt.stack([pt.stack(row) for row in rows]), pt.stack(right))
    found = arma_extended([first[k] for k in range(len(right))], ar, longest)
    return pt.stack(found)[lag.astype(int)]


def arma_correlations(ar: Tensor, ma: Tensor, lag: Tensor, longest: int) -> Tensor:
    """Correlations at lags, whole numbers, of an ARMA process."""
    found = arma_covariances(ar, ma, lag, longest)
    return found / found[0, 0]


def arma_from_start(ar: Tensor, ma: Tensor, place: Tensor, longest: int) -> Tensor:
    """Covariances of a series that begins at place 0 with nothing before it, its noise of variance one."""
    response = pt.stack(arma_response(ar, ma, longest + 1))
    gap = np.subtract.outer(np.arange(longest + 1), np.arange(longest + 1))
    filtered = pm.math.where(gap >= 0, response[np.maximum(gap, 0)], 0.0)
    at = place.astype(int)
    return (filtered @ filtered.T)[at[:, None], at[None, :]]


def covariances_beside(beside: Tensor, place: Tensor) -> Tensor:
    """Those that a matrix beside the data has, between its rows at places."""
    at = place.astype(int)
    return pt.as_tensor(beside)[at[:, None], at[None, :]]


def sar_covariances(rho: Tensor, beside: Tensor, place: Tensor) -> Tensor:
    """Covariances of e = rho W e + u, the variances of u one."""
    spread: Tensor = pt.linalg.inv(np.eye(beside.shape[0]) - rho * beside)
    return covariances_beside(spread @ spread.T, place)


def banded(partial: Tensor, reach: int, place: Tensor) -> Tensor:
    """Correlations that are zero beyond `reach` levels, by partial ones, between the levels at places."""
    factor: Tensor = pt.stack([pt.stack(row) for row in banded_factor(partial, reach)])
    return covariances_beside(factor @ factor.T, place)


def toeplitz(lags: Tensor, lag: Tensor) -> Tensor:
    """Correlations that differ by whole lag from 1 on, and are zero beyond the last."""
    known = pt.stack([1.0, *lags, 0.0])
    return known[pt.minimum(lag.astype(int), len(lags) + 1)]


def times(count: Tensor, x: Tensor) -> Tensor:
    """`count * x`, and nothing where there is nothing to count."""
    return pm.math.where(pm.math.eq(count, 0), 0.0, count * x)


def check(x: Tensor, q: Tensor) -> Tensor:
    """`q x` of x >= 0, `(q - 1) x` of x < 0."""
    return x * (q - pm.math.lt(x, 0))


def log_sigmoid(x: Tensor) -> Tensor:
    """The log of `sigmoid(x)`."""
    return -pm.math.softplus(-x)


def log_invprobit(x: Tensor) -> Tensor:
    """The log of the standard normal distribution function."""
    below, above = pm.math.minimum(x, -1) / np.sqrt(2), pm.math.maximum(x, -1) / np.sqrt(2)
    low, high = pm.math.log(pt.erfcx(-below) / 2) - below**2, pm.math.log1p(-pm.math.erfc(above) / 2)
    return pm.math.where(x < -1, low, high)


def log_cloglog(x: Tensor) -> Tensor:
    """The log of 1 - exp(-exp(x))."""
    near = pt.log1mexp(-pm.math.exp(pm.math.maximum(x, -18)))
    return pm.math.where(x < -18, x - pm.math.exp(x) / 2, near)


def log_choose(n: Tensor, k: Tensor) -> Tensor:
    """The log of the number of ways to choose k of n."""
    return pm.math.gammaln(n + 1) - pm.math.gammaln(k + 1) - pm.math.gammaln(n - k + 1)


def log_rising(x: Tensor, n: Tensor) -> Tensor:
    """Log Γ(x + n) - log Γ(x) - n log x."""
    return pm.math.gammaln(x + n) - pm.math.gammaln(x) - n * pm.math.log(x)


def student_cdf(nu: Tensor, x: Tensor) -> Tensor:
    """The distribution function of Student's t."""
    beyond = pt.betainc(nu / 2, 0.5, nu / (nu + x**2)) / 2
    return pm.math.where(x < 0, beyond, 1 - beyond)


def log_inv_boxcox(x: Tensor, n: Tensor) -> Tensor:
    """Log(1 + n x) / n, which is x where n is 0."""
    flat = pm.math.eq(n, 0)
    return pm.math.where(flat, x, pm.math.log1p(n * x) / pm.math.where(flat, 1, n))


def log_i0e(x: Tensor) -> Tensor:
    """The log of exp(-x) I0(x)."""
    return pm.math.log(pt.ive(0, x))


def log_tilted(z: Tensor, r: Tensor) -> Tensor:
    """r² / 2 - r z + log Φ(z - r)."""
    below = pm.math.minimum(z - r, 0) / np.sqrt(2)
    low = pm.math.log(pt.erfcx(-below) / 2) - z**2 / 2
    high = r * (r / 2 - z) + log_invprobit(pm.math.maximum(z - r, 0))
    return pm.math.where(z < r, low, high)


def log_com_poisson_norm(log_mu: Tensor, nu: Tensor) -> Tensor:
    """The log of the sum over k of (mu^k / k!)^nu: of 1000 terms, or from mu = 250 on the sum's expansion."""
    k, mu = np.arange(1000), pm.math.exp(log_mu)
    near = pm.math.minimum(log_mu, np.log(250))
    terms = k * near[..., None] - pm.math.gammaln(k + 1)
    few = pm.math.logsumexp(nu[..., None] * terms, axis=-1, keepdims=False)
    series = 1 + (nu**2 - 1) / (24 * nu * mu) + (nu**2 - 1) * (nu**2 + 23) / (1152 * (nu * mu) ** 2)
    many = nu * mu - (nu - 1) / 2 * (np.log(2 * np.pi) + log_mu) - pm.math.log(nu) / 2 + pm.math.log(series)
    return pm.math.where(mu < 250, few, many)


class LogBetaCdf(pytensor.graph.op.Op):
    """The log of the distribution function of a beta's logit, and its derivatives, by NumPy."""

    __props__ = ()

    def make_node(self, *inputs: Tensor) -> Tensor:
        kind = pt.TensorType("float64", shape=(None,) * inputs[0].ndim)
        return pytensor.graph.basic.Apply(self, list(inputs), [kind() for _ in range(4)])

    def perform(self, node: Tensor, inputs: Tensor, outputs: Tensor) -> None:
        for output, found in zip(outputs, log_beta_parts(*inputs), strict=True):
            output[0] = np.array(found)

    def pullback(self, inputs: Tensor, outputs: Tensor, gradients: Tensor) -> Tensor:
        return [gradients[0] * slope for slope in outputs[1:]]


def log_beta_cdf(a: Tensor, b: Tensor, z: Tensor) -> Tensor:
    """The log of the distribution function of a beta's logit."""
    arguments = pt.broadcast_arrays(*(pt.cast(pt.as_tensor(v), "float64") for v in (a, b, z)))
    return LogBetaCdf().make_node(*arguments).outputs[0]


def log_gamma_cdf(a: Tensor, log_x: Tensor) -> Tensor:
    """The log of a gamma's distribution function, which is that of a beta whose b has no end."""
    return log_beta_cdf(a, LARGE, log_x - np.log(LARGE))


def log_gamma_tail(a: Tensor, log_x: Tensor) -> Tensor:
    """The log of what is left of it."""
    return log_beta_cdf(LARGE, a, np.log(LARGE) - log_x)


def log_student_cdf(nu: Tensor, x: Tensor) -> Tensor:
    """The log of the distribution function of Student's t."""
    beyond = log_beta_cdf(nu / 2, 0.5, pm.math.log(nu) - pm.math.log(pm.math.maximum(x**2, 1e-300))) - np.log(2)
    return pm.math.where(x < 0, beyond, pm.math.log1p(-pm.math.exp(beyond)))


def log_com_poisson_rate(log_mean: Tensor, nu: Tensor) -> Tensor:
    """The log mu of a mean: by Newton's method over 1000 terms, or from 250 on by the mean's expansion."""
    k, near, mean = np.arange(1000), pm.math.minimum(log_mean, np.log(250)), pm.math.exp(log_mean)
    about = mean + (nu - 1) / (2 * nu)
    few = pm.math.where(nu < 1, pm.math.minimum(near, near / nu), pm.math.maximum(near, near / nu))
    rate = pm.math.where(about > 0.5, pm.math.log(pm.math.maximum(pm.math.minimum(about, 250), 0.5)), few)
    for _ in range(6):
        # Where steps end, the last one has the slopes of what they find.
        rate = pytensor.gradient.disconnected_grad(rate)  # type: ignore[no-untyped-call]
        terms = nu[..., None] * (k * rate[..., None] - pm.math.gammaln(k + 1))
        chances = pm.math.exp(terms - pm.math.logsumexp(terms, axis=-1, keepdims=True))
        first = (k * chances).sum(axis=-1)
        second = ((k - first[..., None]) ** 2 * chances).sum(axis=-1)
        rate = rate - (pm.math.log(first) - near) * first / (nu * second)
    many = pm.math.maximum(about, 1)
    for _ in range(3):
        t = 1 / (nu * many)
        many = about + (nu - 1 / nu) * (t + t**2 + (161 - 9 * nu**2) * t**3 / 80) / 24
    return pm.math.where(mean < 250, rate, pm.math.log(pm.math.maximum(many, 1)))


def log_tweedie(log_count: Tensor, shape: Tensor) -> Tensor:
    """The log of Dunn and Smyth's series, of 1000 terms, or from 30 amounts on the expansion of its logarithm."""
    count = pm.math.exp(log_count)
    many = (count > 30) & (count * shape > 30) & (count > 2 * (1 + shape))
    near = pm.math.where(many, 0, log_count)[..., None]
    j = pm.math.maximum(pt.floor(pm.math.exp(near)) - 500, 1) + np.arange(1000)
    a = shape[..., None]
    terms = (1 + a) * (j * near - pm.math.exp(near)) + j * a * pm.math.log(a)
    terms = terms - pm.math.gammaln(1 + j) - pm.math.gammaln(j * a)
    few = pm.math.logsumexp(terms, axis=-1, keepdims=False)
    k, r = (1 + shape) * pm.math.where(many, count, 30), (1 + shape) ** 2 / shape
    series = -(1 + 2 * r) * (1 / (24 * k) + 1 / (48 * k**2)) - (161 + 340 * r + 28 * r**2 - 16 * r**3) / (5760 * k**3)
    series = series - (367 + 820 * r + 136 * r**2 - 72 * r**3) / (5760 * k**4)
    expanded = pm.math.log(shape * k / (2 * np.pi)) / 2 - pm.math.log(1 + shape) + series
    return pm.math.where(many, expanded, few)


def wiener_log_density(time: Tensor, start: Tensor) -> Tensor:
    """The log density of the time of a walk without drift that ends below, by the series of short or of long times."""
    t, long = pm.math.minimum(time, 0.25), pm.math.maximum(time, 0.25)
    near = start + sum((start + 2 * k) * pm.math.exp(-2 * k * (start + k) / t) for k in (-1, 1, -2, 2, -3))
    short = pm.math.log(near) - start**2 / (2 * t) - 1.5 * pm.math.log(t) - np.log(2 * np.pi) / 2
    fades = {k: k * pm.math.exp((1 - k**2) * np.pi**2 * long / 2) for k in range(1, 7)}
    waves = sum(fade * pm.math.sin(k * np.pi * start) for k, fade in fades.items())
    return pm.math.where(time < 0.25, short, pm.math.log(np.pi * waves) - np.pi**2 * long / 2)


def b_spline(time: Tensor, k: int, degree: int, knots: Tensor) -> Tensor:
    """A spline of some degree over the knots from number k on, by de Boor's recurrence."""
    if degree == 0:
        return (time >= knots[k]) * (time < knots[k + 1])
    first, last = knots[k + degree] - knots[k], knots[k + degree + 1] - knots[k + 1]
    rise = (time - knots[k]) / first * b_spline(time, k, degree - 1, knots) if first > 0 else 0
    fall = (knots[k + degree + 1] - time) / last * b_spline(time, k + 1, degree - 1, knots) if last > 0 else 0
    return rise + fall


def m_spline(time: Tensor, k: int, *knots: float) -> Tensor:
    """Cubic M-spline k: a B-spline whose integral is 1."""
    full = [knots[0]] * 3 + list(knots) + [knots[-1]] * 3
    return 4 / (full[k + 4] - full[k]) * b_spline(time, k, 3, full)


def i_spline(time: Tensor, k: int, *knots: float) -> Tensor:
    """Its integral up to a time: all later B-splines of the degree above."""
    full = [knots[0]] * 4 + list(knots) + [knots[-1]] * 4
    return sum(b_spline(time, j, 4, full) for j in range(k + 1, len(full) - 5)) + (time >= knots[-1])
