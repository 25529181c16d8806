"""The logs of incomplete beta and gamma functions, and their slopes, of one row: as `spec/incomplete.py` has them.

The functions of one group share their work: `PARTS` says which number of which function each of them is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf, nan

import numpy as np

from tildemc.kernels import jit
from tildemc.spec.incomplete import CLOSE, LARGE, RULE, STEPS
from tildemc.targets.direct.special import digamma, exp, expm1, log, log1mexp, log1p, log_gamma, sigmoid, softplus

__all__ = ["PARTS"]

Four = tuple[float, float, float, float]
Three = tuple[float, float, float]

_LOG_2PI = 1.8378770664093453
_LOG_LARGE = float(np.log(LARGE))
_NODES, _WEIGHTS = (np.array(part) for part in zip(*RULE, strict=True))
_CLOSE, _CLOSE_WEIGHTS = (np.array(part) for part in zip(*CLOSE, strict=True))
_LOG_2 = 0.6931471805599453


@jit
def _stirling(a: float) -> tuple[float, float]:
    """What Stirling's formula lacks of log Γ(a), and its derivative."""
    if a < 10:
        return (
            log_gamma(a + 1) - (a + 0.5) * log(a) + a - 0.5 * _LOG_2PI,
            digamma(a + 1) - log(a) - 0.5 / a,
        )
    s = 1 / (a * a)
    far = 1 / 1680 - s * (1 / 1188 - s * (691 / 360360 - s / 156))
    series = (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * far))) / a
    tail = 1 / 240 - s * (1 / 132 - s * (691 / 32760 - s / 12))
    return series, -s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * tail)))


@jit
def _deviance(a: float, b: float, d: float) -> float:
    """How far the log density of a beta's logit is below that at its mode, `d` away."""
    # From the end where the share is the smaller: what is near 1 has not the digits.
    p, d = (a / (a + b), d) if a <= b else (b / (a + b), -d)
    if abs(d) >= 1:
        mode = log(p) - log1p(-p)
        return (a + b) * (softplus(mode + d) - softplus(mode) - p * d)
    total = 0.0
    for k in range(len(_CLOSE)):
        t = d * _CLOSE[k]
        u = 1 + p * expm1(t)
        total += _CLOSE_WEIGHTS[k] * (1 - _CLOSE[k]) * exp(t) / (u * u)
    return (a + b) * p * (1 - p) * d * d * total


@jit
def _log_shares(a: float, b: float, d: float) -> tuple[float, float]:
    """The logs of a share and of what it leaves of 1, over those of a / (a + b) and of the rest, `d` logits away."""
    if abs(d) < 30:
        return -log1p(b / (a + b) * expm1(-d)), -log1p(a / (a + b) * expm1(d))
    mode = log(a / b)
    return softplus(-mode) - softplus(-mode - d), softplus(mode) - softplus(mode + d)


@jit
def _reach(a: float, b: float, z: float, x: float, w: float) -> float:
    """From where on the integrand does not count."""
    c = a + b + 1
    slope, curve = max((a + 1) * w - b * x, 0.0), c * x * w * (1.0 if z > 0.5 else 0.36787944117144233)
    reach = 2 * STEPS / (slope + np.sqrt(slope * slope + 2 * curve * STEPS))
    if reach <= 1:
        return reach  # type: ignore[no-any-return]
    reach = 0.0
    for _ in range(4):
        if z <= 0:
            reach = (STEPS - c * log1p(x * expm1(-reach))) / (a + 1)
        else:
            reach = log1p(expm1((STEPS + b * reach) / c) / w)
    return reach


@jit
def _lower(a: float, b: float, z: float) -> Four:
    """The log of the incomplete beta function where that is the smaller one, and its slopes by a, b and z."""
    most, at = max(4.0, a + 1), z
    log_r = min(log(most) - softplus(z), 0.0) if b < 1 else 0.0
    if log_r < 0:
        at = log(most - 1)
    x, w = sigmoid(at), sigmoid(-at)
    c, reach = a + b + 1, _reach(a, b, at, x, w)
    factor, q, sign = (a + 1, x, -reach) if at <= 0 else (b, w, reach)
    whole, first, second = 0.0, 0.0, 0.0
    for k in range(len(_NODES)):
        t = sign * _NODES[k]
        bend = log1p(q * expm1(t))
        term = _WEIGHTS[k] * exp(factor * t - c * bend)
        whole += term
        first += term * t
        second += term * bend
    whole, first, second = reach * whole, reach * first, reach * second
    # The slopes of the exponent: of its form by x, or by 1 - x.
    by_a, by_b = (first - second, -second) if at <= 0 else (-second, first - second)
    bracket = 1 + x * (a + b) * whole
    by_a, by_b = x * whole + x * (a + b) * by_a, x * whole + x * (a + b) * by_b
    if log_r < 0:
        factor = a * exp(a * softplus(-at))
        rest, rest_a, rest_b = _rest(a, b, most, log_r)
        bracket += factor * rest
        by_a += factor * ((1 / a + softplus(-at)) * rest + rest_a)
        by_b += factor * rest_b
    d = at - log(a / b)
    (of_a, slope_a), (of_b, slope_b), (of_c, slope_c) = _stirling(a), _stirling(b), _stirling(a + b)
    log_density = 0.5 * (log(a / (a + b)) + log(b) - _LOG_2PI) - of_a - of_b + of_c
    deviance = _deviance(a, b, d)
    value = log_density - deviance - log(a) + log(bracket)
    by_z = a / bracket
    if log_r < 0:
        by_z *= exp(deviance - _deviance(a, b, z - log(a / b)))
    log_x, log_w = _log_shares(a, b, d)
    by_a = log_x - 0.5 / a - 0.5 / (a + b) - slope_a + slope_c + by_a / bracket
    by_b = log_w + 0.5 / b - 0.5 / (a + b) - slope_b + slope_c + by_b / bracket
    return value, by_a, by_b, by_z


@jit
def _rest(a: float, b: float, most: float, log_r: float) -> Three:
    """What lies between 1 / most and the r-th part of it, and its slopes by a and b."""
    t = b * log_r
    rest = -expm1(t) / b
    # The slope of (1 - exp(t)) / b, by its series where it would be a difference of what is alike.
    if abs(t) < 0.5:
        slope, term = 0.0, 1.0
        for k in range(2, 18):
            slope += term / k
            term *= t / (k - 1)
        slope = -slope * log_r * log_r
    else:
        slope = (expm1(t) - t * exp(t)) / (b * b)
    by_a, by_b, end = 0.0, slope, min(-log_r, STEPS)
    for k in range(len(_NODES)):
        log_v = log1p(-exp(-end * _NODES[k]) / most)
        own, less = end * _WEIGHTS[k] * exp(-b * end * _NODES[k]), expm1((a - 1) * log_v)
        rest += own * less
        by_a += own * (less + 1) * log_v
        by_b -= own * end * _NODES[k] * less
    return rest, by_a, by_b


@jit
def _nearly_all(a: float, b: float, log_w: float) -> bool:
    """Whether most lies beyond a logit so high that 1 - x, of this log, is less than what series need."""
    near = (b < 1) & (log_w < -log(max(4.0, a + 1)))
    return near & (b * (log_w + log1p(a)) + log(a / (a + b)) > -_LOG_2)


@jit
def _beta(a: float, b: float, z: float) -> Four:
    """The log of the incomplete beta function at the share of logit z, and its slopes."""
    if a == 0 or b == 0:
        return (0.0 if a == 0 else -inf), 0.0, 0.0, 0.0
    if not (z == z and a > 0 and b > 0):
        return nan, nan, nan, nan
    lower = (z <= log(a / b)) | _nearly_all(a, b, -softplus(z))
    if lower & (not _nearly_all(b, a, -softplus(-z))):
        return _lower(a, b, z)
    other, by_b, by_a, by_z = _lower(b, a, -z)
    value = log1mexp(min(other, -1e-300))
    less = -exp(other - value)
    return value, less * by_a, less * by_b, -less * by_z


@jit
def _gamma_cdf(a: float, log_x: float) -> Three:
    value, by_a, _, by_x = _beta(a, LARGE, log_x - _LOG_LARGE)
    return value, by_a, by_x


@jit
def _gamma_tail(a: float, log_x: float) -> Three:
    value, _, by_a, by_x = _beta(LARGE, a, _LOG_LARGE - log_x)
    return value, by_a, -by_x


@jit
def _student(nu: float, x: float) -> Three:
    """The log of the distribution function of Student's t, and its slopes."""
    square = max(x * x, 1e-300)
    beyond, by_nu, _, by_z = _beta(0.5 * nu, 0.5, log(nu / square))
    beyond -= _LOG_2
    by_nu = 0.5 * by_nu + by_z / nu
    # Of the t itself, for at 0 its square has no slope.
    density = log_gamma(0.5 * nu + 0.5) - log_gamma(0.5 * nu) - 0.5 * log(nu * np.pi)
    density -= 0.5 * (nu + 1) * log1p(x * x / nu)
    if x < 0:
        return beyond, by_nu, exp(density - beyond)
    value = log1p(-exp(beyond))
    return value, -exp(beyond - value) * by_nu, exp(density - value)


PARTS: Mapping[str, tuple[Callable[..., tuple[float, ...]], int]] = {
    f"{name}{suffix}": (function, place)
    for name, function, suffixes in (
        ("log_beta_cdf", _beta, ("", "_by_a", "_by_b", "_by_z")),
        ("log_gamma_cdf", _gamma_cdf, ("", "_by_a", "_by_x")),
        ("log_gamma_tail", _gamma_tail, ("", "_by_a", "_by_x")),
        ("log_student_cdf", _student, ("", "_by_nu", "_by_x")),
    )
    for place, suffix in enumerate(suffixes)
}
