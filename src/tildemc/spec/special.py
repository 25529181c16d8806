"""Functions of arrays that links and densities need, and that NumPy and SciPy lack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.special as sp
from numpy.typing import ArrayLike

from tildemc.arrays import Floats, Integers, Mask

__all__ = [
    "arma_extended",
    "arma_response",
    "arma_system",
    "autocorrelation",
    "autocorrelations",
    "banded_factor",
    "bessel_ratio",
    "beta_binomial_cdf",
    "boxcox",
    "check",
    "check_slope",
    "inverse_mills",
    "log1mexp",
    "log_choose",
    "log_cloglog",
    "log_i0e",
    "log_inv_boxcox",
    "log_inv_boxcox_slope",
    "log_rising",
    "log_tilted",
    "matern",
    "power",
    "quantile",
    "rising_slope",
    "softplus",
    "times",
    "trigamma",
    "where",
]

Law = Callable[..., Floats]
Given = Sequence[Floats]
Ends = Floats | None
Shape = tuple[int, ...]
System = tuple[list[list[Floats]], list[Floats]]
Reached = Callable[[Floats, Integers], Mask]


def autocorrelations(*partial: Floats) -> list[Floats]:
    """The correlations at lags 0, 1, … of a stationary series with these partial autocorrelations.

    Any between -1 and 1 make a positive definite matrix, and any such Toeplitz matrix has its own: Barndorff-Nielsen &
    Schou (1973), On the parametrization of autoregressive models by partial autocorrelations, Journal of Multivariate
    Analysis 3. By Durbin's and Levinson's recursion: what the lags between explain, and a share of what is left.
    """
    found, weights, left = [np.ones(())], list(partial[:0]), np.ones(())
    for share in partial:
        explained = sum(w * r for w, r in zip(weights, found[:0:-1], strict=True))
        found.append(explained + share * left)
        weights = [*(w - share * v for w, v in zip(weights, reversed(weights), strict=True)), share]
        left = (1.0 - share * share) * left
    return found


def autocorrelation(lag: float, *partial: Floats) -> Floats:
    """The correlation at one lag."""
    return autocorrelations(*partial[: int(lag)])[-1]


def matern(x: Floats, nu: Floats) -> Floats:
    """Matérn's correlation 2^(1-ν) / Γ(ν) x^ν K_ν(x), as a mixture of Gaussians, in arithmetic that anything can do.

    2^(1-ν) x^ν K_ν(x) = ∫ exp(ν u - eᵘ - x² e⁻ᵘ / 4) du, by the trapezoidal rule, whose error falls exponentially; and
    Γ(ν) = Γ(ν + 2) / (ν (ν + 1)) in the same way. Right to ten digits for ν from 0.05 to 15 and x from 10⁻⁴ up.
    """
    nodes = _NODES.tolist()
    square = x * x
    total, norm = 0.0, 0.0
    for u, e in zip(nodes, np.exp(_NODES).tolist(), strict=True):
        total = total + _exp(nu * u - e - square * (0.25 / e))
        norm = norm + _exp((nu + 2.0) * u - e)
    return nu * (nu + 1.0) * total / norm


def _exp(value: Any) -> Any:
    """Of numbers, or of whatever else knows how."""
    return value.exp() if hasattr(value, "exp") else np.exp(value)


_NODES = np.arange(-26.0, 5.51, 0.25)


def arma_response(ar: Floats, ma: Floats, n: int) -> list[Floats]:
    """What a step in a series' noise comes to over the n rows from it on."""
    found = [np.ones(())]
    for k in range(1, n):
        past = sum(weight * found[k - 1 - i] for i, weight in enumerate(ar) if i < k)
        found.append(past + (ma[k - 1] if k <= len(ma) else 0.0))
    return found


def arma_system(ar: Floats, ma: Floats) -> System:
    """A matrix and what it makes of the first covariances of an ARMA process whose noise has variance one.

    Brockwell & Davis (1991), Time series: theory and methods, section 3.3, the third method.
    """
    theta = [np.ones(()), *ma]
    psi = arma_response(ar, ma, len(theta))
    n = max(len(ar), len(ma)) + 1
    rows = [list(row) for row in np.eye(n)]
    for k in range(n):
        for i, weight in enumerate(ar):
            lag = abs(k - 1 - i)
            rows[k][lag] = rows[k][lag] - weight
    right = [sum((theta[j] * psi[j - k] for j in range(k, len(theta))), np.zeros(())) for k in range(n)]
    return rows, right


def arma_extended(first: list[Floats], ar: Floats, longest: int) -> list[Floats]:
    """The covariances of an ARMA process at all lags, from the first ones."""
    found = first[: longest + 1]
    for k in range(len(found), longest + 1):
        found.append(sum((weight * found[k - 1 - i] for i, weight in enumerate(ar)), np.zeros(())))
    return found


def banded_factor(partial: Sequence[Floats], reach: int) -> list[list[Floats]]:
    """The rows of the lower Cholesky factor of correlations that are zero beyond `reach` places.

    Row by row each partial correlation takes its share of what those before it have left of the row's length. Every
    banded correlation matrix is of one such factor, which has the same band.
    """
    rows: list[list[Floats]] = []
    at = 0
    while at < len(partial) or not rows:
        left, width = np.ones(()), min(len(rows), reach)
        row = [np.zeros(())] * (len(rows) - width)
        for z in partial[at : at + width]:
            row.append(z * left**0.5)
            left = left * (1 - z**2)
        rows.append([*row, left**0.5])
        at += width
    return [[*row, *[np.zeros(())] * (len(rows) - len(row))] for row in rows]


def softplus(x: Floats) -> Floats:
    """Log(1 + exp(x))."""
    return np.logaddexp(0.0, x)


def log1mexp(x: Floats) -> Floats:
    """Log(1 - exp(x)) of x < 0.

    Mächler (2012), Accurately computing log(1 - exp(-|a|)).
    """
    return np.where(x > -np.log(2), np.log(-np.expm1(x)), np.log1p(-np.exp(x)))


def log_cloglog(x: Floats) -> Floats:
    """Log(1 - exp(-exp(x))), also where exp(x) is too small for the difference."""
    rate = np.exp(x)
    # Each branch is worked out of what it is for.
    return np.where(x < 0, x + np.log(sp.exprel(-np.minimum(rate, 1.0))), np.log1p(-np.exp(-np.maximum(rate, 1.0))))


def times(count: ArrayLike, x: ArrayLike) -> Floats:
    """`count * x`, and nothing where there is nothing to count, however improbable."""
    count, x = np.asarray(count, dtype=np.float64), np.asarray(x, dtype=np.float64)
    found = np.zeros(np.broadcast_shapes(count.shape, x.shape))
    np.multiply(count, x, out=found, where=count != 0)
    return found


def where(condition: ArrayLike, yes: ArrayLike, no: ArrayLike) -> Floats:
    """`yes` where the condition is not 0, else `no`."""
    return np.where(np.asarray(condition) != 0, yes, no).astype(np.float64)


def share_so_far(shares: Floats, steps: Floats) -> Floats:
    """The sum of the first so many shares, which lie along the first axis; `steps` (n,) are whole numbers."""
    before = np.concatenate([np.zeros((1, *shares.shape[1:])), np.cumsum(shares, axis=0)])
    return np.asarray(before[steps.astype(np.int64)])


def log_choose(n: Floats, k: Floats) -> Floats:
    """The log of the number of ways to choose k of n."""
    return np.asarray(-np.log1p(n) - sp.betaln(n - k + 1, k + 1))


def log_rising(x: Floats, n: Floats) -> Floats:
    """Log Γ(x + n) - log Γ(x) - n log x, n ≥ 0.

    By the beta function, for differences of log Γ lose their digits where x is large.
    """
    return np.asarray(sp.gammaln(n + 1) - sp.betaln(x, n + 1) - np.log(x + n) - n * np.log(x))


def rising_slope(x: Floats, n: Floats) -> Floats:
    """The derivative of `log_rising` by x."""
    return np.asarray(sp.digamma(x + n) - sp.digamma(x) - n / x)


def trigamma(x: Floats) -> Floats:
    """The derivative of digamma."""
    return np.asarray(sp.polygamma(1, x))


def beta_binomial_cdf(y: ArrayLike, trials: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """The probability of at most `y` successes where their chance is beta(a, b): a sum, for it has no closed form."""
    y, trials, a, b = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (y, trials, a, b)))
    chance = np.exp(sp.betaln(a, b + trials) - sp.betaln(a, b))
    total = np.where(y >= 0, chance, 0.0)
    for k in range(1, int(np.max(y, initial=0.0)) + 1):
        # What one more success makes of the chance of k - 1; beyond the trials nothing is left.
        chance = chance * ((trials - k + 1) * (a + k - 1) / (k * (b + trials - k))).clip(0.0)
        total += np.where(k <= y, chance, 0.0)
    return np.minimum(total, 1.0)


def quantile(share: Floats, given: Given, cdf: Law, tail: Law, low: Ends, high: Ends, whole: bool) -> Floats:
    """The number up to which a share of the probability above `low` and up to `high` lies.

    `cdf` and `tail` are functions of the number and what is `given`.
    """
    share, shape = np.ravel(share), np.shape(share)
    given = [np.broadcast_to(value, shape).ravel() for value in given]
    low, high = (None if end is None else np.broadcast_to(end, shape).ravel() for end in (low, high))
    before = 0 * share if low is None else cdf(low, *given)
    after = 0 * share if high is None else tail(high, *given)
    below = before + share * ((1 if high is None else cdf(high, *given)) - before)
    above = after + (1 - share) * ((1 if low is None else tail(low, *given)) - after)

    def reached(y: Floats, at: Integers) -> Mask:
        # The smaller of the two has the digits.
        found, small = np.empty(len(y), dtype=bool), below[at] < above[at]
        some, others = at[small], at[~small]
        found[small] = cdf(y[small], *(value[some] for value in given)) >= below[some]
        found[~small] = tail(y[~small], *(value[others] for value in given)) <= above[others]
        return found

    return least(reached, low, high, len(share), whole).reshape(shape)


def least(reached: Reached, low: Ends, high: Ends, n: int, whole: bool) -> Floats:
    """The least numbers that are reached: steps that double, then halves, of those that are not found yet."""
    start = low if low is not None else high if high is not None else np.zeros(n)
    bottom, step = np.floor(start) if whole else start + 0.0, np.ones(n)
    at = np.arange(n if low is None else 0)
    while len(at):
        at = at[reached(bottom[at], at) & (step[at] < 1e300)]
        bottom[at], step[at] = bottom[at] - step[at], 2 * step[at]
    end = np.full(n, np.inf) if high is None else high
    top, step, at = np.minimum(bottom + step, end), np.ones(n), np.arange(n)
    while len(at):
        at = at[~reached(top[at], at) & (step[at] < 1e300) & (top[at] < end[at])]
        bottom[at], step[at] = top[at], 2 * step[at]
        top[at] = np.minimum(top[at] + step[at], end[at])
    at = np.arange(n)
    while len(at):
        middle = np.floor((bottom[at] + top[at]) / 2) if whole else bottom[at] + (top[at] - bottom[at]) / 2
        between = (middle != bottom[at]) & (middle != top[at]) & np.isfinite(middle)
        at, middle = at[between], middle[between]
        enough = reached(middle, at)
        top[at[enough]], bottom[at[~enough]] = middle[enough], middle[~enough]
    return top


def check(x: Floats, q: Floats) -> Floats:
    """`q x` of x ≥ 0, `(q - 1) x` of x < 0: the check function of Koenker & Bassett (1978), Regression quantiles."""
    return np.asarray(x * check_slope(x, q))


def check_slope(x: Floats, q: Floats) -> Floats:
    """The derivative of `check` by x."""
    return np.asarray(q - (np.asarray(x) < 0))


def power(x: ArrayLike, n: ArrayLike) -> Floats:
    """`x**n`, x ≥ 0 and n > 0."""
    return np.asarray(np.power(np.asarray(x, dtype=np.float64), n))


def boxcox(x: Floats, n: Floats) -> Floats:
    """(exp(n x) - 1) / n, which is x where n is 0: the inverse of `log_inv_boxcox`."""
    return np.asarray(x * sp.exprel(n * x))


def log_inv_boxcox(x: Floats, n: Floats) -> Floats:
    """Log(1 + n x) / n, which is x where n is 0; where 1 + n x is not positive, the infinity that it is the limit of.

    The logarithm of the inverse of Box and Cox's transformation.
    """
    u = np.asarray(n * x)
    found = np.log1p(np.maximum(u, -1.0)) / np.where(u == 0, 1.0, n)
    return np.where(u == 0, x, found)


def log_inv_boxcox_slope(x: Floats, n: Floats) -> Floats:
    """The derivative of `log_inv_boxcox` by n."""
    u = np.asarray(n * x)
    near = np.zeros_like(u)
    for k in range(20, 0, -1):
        near = k / (k + 1) - u * near
    with np.errstate(divide="ignore", invalid="ignore"):
        far = (1 / (1 + u) - np.log1p(u) / u) / u
    return np.asarray(x**2 * np.where(abs(u) < 0.1, -near, far))


def log_i0e(x: Floats) -> Floats:
    """Log(exp(-x) I₀(x)) of x ≥ 0."""
    return np.asarray(np.log(sp.i0e(x)))


def bessel_ratio(x: Floats) -> Floats:
    """I₁(x) / I₀(x)."""
    return np.asarray(sp.i1e(x) / sp.i0e(x))


def inverse_mills(x: Floats) -> Floats:
    """φ(x) / Φ(x)."""
    low = np.sqrt(2 / np.pi) / sp.erfcx(-np.minimum(x, 0.0) / np.sqrt(2))
    return np.asarray(np.where(x < 0, low, np.exp(-0.5 * np.square(x)) / (np.sqrt(2 * np.pi) * sp.ndtr(x))))


def log_tilted(z: Floats, r: Floats) -> Floats:
    """r² / 2 - r z + log Φ(z - r), where the sum of its parts would lose digits, too."""
    u = z - r
    low = np.log(0.5 * sp.erfcx(-np.minimum(u, 0.0) / np.sqrt(2))) - 0.5 * np.square(z)
    return np.asarray(np.where(u < 0, low, r * (0.5 * r - z) + sp.log_ndtr(np.maximum(u, 0.0))))
