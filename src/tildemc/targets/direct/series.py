"""Special functions of families whose densities are series, as `rare.py` has others."""

from __future__ import annotations

import numpy as np

from tildemc.kernels import exactly
from tildemc.targets.direct.special import digamma, exp, log, log1p, log_gamma

__all__ = [
    "com_poisson_log_norm",
    "com_poisson_log_norm_slope",
    "com_poisson_log_rate",
    "com_poisson_mean",
    "com_poisson_mean_by_shape",
    "com_poisson_third",
    "com_poisson_variance",
    "com_poisson_variance_by_shape",
    "log_tweedie",
    "log_tweedie_by_count",
    "log_tweedie_by_shape",
    "log_wiener",
    "log_wiener_by_start",
    "log_wiener_by_time",
]

_LOG_2PI = 1.8378770664093453


_Moments = tuple[float, float, float, float, float, float, float]


@exactly
def _com_poisson(log_mu: float, nu: float) -> _Moments:
    """What `spec/counting.py` has of the sum over k of (mu^k / k!)^nu, in its order, by either of its ways.

    From the largest term on to both sides, until what is left does not count.
    """
    mu = exp(log_mu)
    if mu > 500 * max(nu, 1 / nu):
        q, t, log_2pi_mu = nu * nu, 1 / (nu * mu), _LOG_2PI + log_mu
        square = t * t
        far = (161 - 9 * q) * t * square
        series = t / 24 + square / 48 + far / 5760
        once, twice = t / 24 + square / 24 + far / 1920, t / 24 + square / 12 + far / 640
        thrice = t / 24 + square / 6 + 3 * far / 640
        over, last = nu - 1 / nu, 18 * nu * t * square
        log_norm = nu * mu - 0.5 * (nu - 1) * log_2pi_mu - 0.5 * log(nu) + (q - 1) * series
        slope = mu - 0.5 * log_2pi_mu - 0.5 / nu + 2 * nu * series - over * once - (q - 1) * last / 5760
        by_shape = -0.5 / q - (1 + 1 / q) * once + over * (twice / nu + last / 1920)
        mean, variance = mu - 0.5 * (nu - 1) / nu - over * once, (mu + over * twice) / nu
        variance_by_shape = ((1 + 1 / q) * twice - over * (thrice / nu + last / 640) - variance) / nu
        return log_norm, mean, variance, slope, by_shape, (mu - over * thrice) / q, variance_by_shape
    mode = np.floor(mu)
    peak = mode * log_mu - log_gamma(mode + 1)
    others, first, second, third, logs, both, squared = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for side in range(2):
        k, down, term = mode, 0.0, 1.0
        while term > 1e-19 * (1 + others) and k < 1e6 and (side == 0 or k > 0):
            if side == 0:
                k += 1.0
                down += log_mu - log(k)
            else:
                down -= log_mu - log(k)
                k -= 1.0
            term, away = exp(nu * down), k - mode
            others += term
            first += away * term
            second += away * away * term
            third += away * away * away * term
            logs += down * term
            both += away * down * term
            squared += away * away * down * term
    total = 1 + others
    away, square, down, product = first / total, second / total, logs / total, both / total
    variance, covariance = square - away * away, product - away * down
    return (
        nu * peak + log1p(others), mode + away, variance, peak + down, covariance,
        third / total - 3 * away * square + 2 * away * away * away,
        squared / total - square * down - 2 * away * covariance,
    )  # fmt: skip


@exactly
def com_poisson_log_norm(log_mu: float, nu: float) -> float:
    """The log of the sum over k of (mu^k / k!)^nu."""
    found, _, _, _, _, _, _ = _com_poisson(log_mu, nu)
    return found


@exactly
def com_poisson_mean(log_mu: float, nu: float) -> float:
    """Its derivative by log mu, over nu."""
    _, found, _, _, _, _, _ = _com_poisson(log_mu, nu)
    return found


@exactly
def com_poisson_variance(log_mu: float, nu: float) -> float:
    """The variance."""
    _, _, found, _, _, _, _ = _com_poisson(log_mu, nu)
    return found


@exactly
def com_poisson_log_norm_slope(log_mu: float, nu: float) -> float:
    """The derivative of `com_poisson_log_norm` by nu."""
    _, _, _, found, _, _, _ = _com_poisson(log_mu, nu)
    return found


@exactly
def com_poisson_mean_by_shape(log_mu: float, nu: float) -> float:
    """The derivative of the mean by nu."""
    _, _, _, _, found, _, _ = _com_poisson(log_mu, nu)
    return found


@exactly
def com_poisson_third(log_mu: float, nu: float) -> float:
    """The third central moment."""
    _, _, _, _, _, found, _ = _com_poisson(log_mu, nu)
    return found


@exactly
def com_poisson_variance_by_shape(log_mu: float, nu: float) -> float:
    """The derivative of the variance by nu."""
    _, _, _, _, _, _, found = _com_poisson(log_mu, nu)
    return found


@exactly
def com_poisson_log_rate(log_mean: float, nu: float) -> float:
    """The log mu of a mean, by Newton's method between the ends that `spec/counting.py` says."""
    softplus = max(log_mean, 0.0) + log(1 + exp(-abs(log_mean)))
    if nu < 1:
        low, high = (log_mean - softplus) / nu, min(log_mean, log_mean / nu)
        found = high
    else:
        low, high = max(log_mean, log_mean / nu), softplus
        found = low
    for _ in range(200):
        _, mean, variance, _, _, _, _ = _com_poisson(found, nu)
        gap = log(mean) - log_mean
        if gap < 0:
            low = found
        else:
            high = found
        step = gap * mean / (nu * variance)
        near = (found - step >= low) & (found - step <= high)
        found = found - step if near else 0.5 * (low + high)
        if abs(step) <= 1e-12 * max(abs(found), 1.0) or low >= high or gap == 0:
            break
    return found


@exactly
def _tweedie_term(j: float, log_count: float, shape: float) -> float:
    scaled = (1 + shape) * (j * log_count - exp(log_count)) + j * shape * log(shape)
    return scaled - log_gamma(1 + j) - log_gamma(j * shape)


@exactly
def _tweedie(log_count: float, shape: float, slopes: bool) -> tuple[float, float, float]:
    """The log of Dunn and Smyth's series and its derivatives: by either way of `spec/compound.py`."""
    count = exp(log_count)
    if (count > 30) & (count * shape > 30) & (count > 2 * (1 + shape)):
        k, r = (1 + shape) * count, (1 + shape) * (1 + shape) / shape
        a, c = -(1 + 2 * r) / (24 * k), (-161 - r * (340 + r * (28 - 16 * r))) / (5760 * k**3)
        b, d = 0.5 * a / k, (-367 - r * (820 + r * (136 - 72 * r))) / (5760 * k**4)
        by_kappa = a + 2 * b + 3 * c + 4 * d
        by_ratio = (-340 - r * (56 - 48 * r) + (-820 - r * (272 - 216 * r)) / k) / (5760 * k**3)
        by_ratio -= (1 + 0.5 / k) / (12 * k)
        by_shape = 0.5 / shape - (0.5 + by_kappa) / (1 + shape) + (1 - 1 / (shape * shape)) * by_ratio
        return 0.5 * (log(shape * k) - _LOG_2PI) - log(1 + shape) + a + b + c + d, 0.5 - by_kappa, by_shape
    start = max(np.floor(count), 1.0)
    if _tweedie_term(start + 1, log_count, shape) > _tweedie_term(start, log_count, shape):
        start += 1.0
    largest = _tweedie_term(start, log_count, shape)
    total, first, logs = 0.0, 0.0, 0.0
    for side in range(2):
        # The largest term is the first on the way up.
        j, term = (
            start - side,
            1.0 if side == 0 else exp(_tweedie_term(max(start - 1, 1.0), log_count, shape) - largest),
        )
        while term > 1e-19 * total and j >= 1 and j < 1e9:
            total += term
            if slopes:
                first += (j - count) * term
                logs += (j * (log_count + log(shape) + 1 - digamma(j * shape)) - count) * term
            j += 1.0 - 2.0 * side
            term = exp(_tweedie_term(max(j, 1.0), log_count, shape) - largest)
    return largest + log(total), (1 + shape) * first / total, logs / total


@exactly
def log_tweedie(log_count: float, shape: float) -> float:
    """The log of Dunn and Smyth's series."""
    found, _, _ = _tweedie(log_count, shape, False)
    return found


@exactly
def log_tweedie_by_count(log_count: float, shape: float) -> float:
    """Its derivative by the log of the number of amounts."""
    _, found, _ = _tweedie(log_count, shape, True)
    return found


@exactly
def log_tweedie_by_shape(log_count: float, shape: float) -> float:
    """Its derivative by the shape of each."""
    _, _, found = _tweedie(log_count, shape, True)
    return found


@exactly
def _wiener(time: float, start: float) -> tuple[float, float, float]:
    """The log density of the time of a walk that ends below and its derivatives: by either series of `diffusion.py`."""
    if time < 0.25:
        near, by_time, by_start = start, 0.0, 1.0
        for k in (-1, 1, -2, 2, -3):
            place = start + 2 * k
            rise = 2 * k * (start + k) / time
            decay = exp(-rise)
            near += place * decay
            by_time += place * rise / time * decay
            by_start += (1 - 2 * k * place / time) * decay
        square = 0.5 * start * start / time
        value = log(near) - square - 1.5 * log(time) - 0.5 * _LOG_2PI
        return value, by_time / near + (square - 1.5) / time, by_start / near - start / time
    angle, rate = np.pi * start, 0.5 * np.pi * np.pi * time
    waves, by_time, by_start = 0.0, 0.0, 0.0
    for k in range(1, 7):
        fade = k * exp((1 - k * k) * rate)
        wave = np.sin(k * angle) * fade
        waves += wave
        by_time += k * k * wave
        by_start += k * np.cos(k * angle) * fade
    value = log(np.pi * waves) - rate
    return value, -0.5 * np.pi * np.pi * by_time / waves, np.pi * by_start / waves


@exactly
def log_wiener(time: float, start: float) -> float:
    """The log density of the time of a walk without drift that ends below."""
    found, _, _ = _wiener(time, start)
    return found


@exactly
def log_wiener_by_time(time: float, start: float) -> float:
    """Its derivative by the time."""
    _, found, _ = _wiener(time, start)
    return found


@exactly
def log_wiener_by_start(time: float, start: float) -> float:
    """Its derivative by the start."""
    _, _, found = _wiener(time, start)
    return found
