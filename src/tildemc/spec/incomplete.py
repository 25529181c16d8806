"""Functions of arrays: logs of incomplete beta and gamma functions, which keep their digits however small they are.

As an integral over the logit u, the incomplete beta function at the share x = 1 / (1 + exp(-z)) is

    I(a, b) = 1 / B(a, b) ∫ exp(a u - (a + b) log(1 + exp(u))) du,  u from -∞ to z:

of an integrand whose log is concave, and which falls from its end on, if z is below the mode. From there to where it
does not count it is a smooth function on an interval, for Gauss and Legendre's nodes. A small a would make that
interval long; I(a, b) is what I(a + 1, b) is and something known more. A small b leaves much at the end of x = 1, where
the difference of v^(b - 1) (1 - v)^(a - 1), v = 1 - x, from v^(b - 1) is what is integrated. The incomplete gamma
function is the same of a b without end.
"""

from __future__ import annotations

import numpy as np
import scipy.special as sp
from numpy.typing import ArrayLike

from tildemc.arrays import Floats, Mask

__all__ = [
    "CLOSE",
    "LARGE",
    "RULE",
    "STEPS",
    "log_beta_cdf",
    "log_beta_cdf_by_a",
    "log_beta_cdf_by_b",
    "log_beta_cdf_by_z",
    "log_beta_parts",
    "log_gamma_cdf",
    "log_gamma_cdf_by_a",
    "log_gamma_cdf_by_x",
    "log_gamma_tail",
    "log_gamma_tail_by_a",
    "log_gamma_tail_by_x",
    "log_student_cdf",
]

Parts = tuple[Floats, Floats, Floats, Floats]
Rule = tuple[tuple[float, float], ...]

LARGE = 1e30
"""A b without end."""
STEPS = 36.0
"""The log of what an integrand is where it begins, next to where it ends."""


def gauss_legendre(size: int) -> Rule:
    """Gauss and Legendre's nodes and weights on the interval from 0 to 1."""
    nodes, weights = np.polynomial.legendre.leggauss(size)
    return tuple(zip((nodes + 1) / 2, weights / 2, strict=True))


RULE = gauss_legendre(32)
CLOSE = gauss_legendre(8)


def log_beta_cdf(a: ArrayLike, b: ArrayLike, z: ArrayLike) -> Floats:
    """The log of the probability that a beta(a, b) variable's logit is at most z; it is 0 if a is, and 1 if b is 0."""
    return log_beta_parts(a, b, z)[0]


def log_beta_cdf_by_a(a: ArrayLike, b: ArrayLike, z: ArrayLike) -> Floats:
    """Its derivative by a."""
    return log_beta_parts(a, b, z)[1]


def log_beta_cdf_by_b(a: ArrayLike, b: ArrayLike, z: ArrayLike) -> Floats:
    """Its derivative by b."""
    return log_beta_parts(a, b, z)[2]


def log_beta_cdf_by_z(a: ArrayLike, b: ArrayLike, z: ArrayLike) -> Floats:
    """Its derivative by z."""
    return log_beta_parts(a, b, z)[3]


def log_gamma_cdf(a: ArrayLike, log_x: Floats) -> Floats:
    """The log of the probability that a gamma variable of shape a, and scale 1, is at most x."""
    return log_beta_parts(a, LARGE, log_x - np.log(LARGE))[0]


def log_gamma_cdf_by_a(a: ArrayLike, log_x: Floats) -> Floats:
    """Its derivative by a."""
    return log_beta_parts(a, LARGE, log_x - np.log(LARGE))[1]


def log_gamma_cdf_by_x(a: ArrayLike, log_x: Floats) -> Floats:
    """Its derivative by log x."""
    return log_beta_parts(a, LARGE, log_x - np.log(LARGE))[3]


def log_gamma_tail(a: ArrayLike, log_x: Floats) -> Floats:
    """The log of the probability that it is more."""
    return log_beta_parts(LARGE, a, np.log(LARGE) - log_x)[0]


def log_gamma_tail_by_a(a: ArrayLike, log_x: Floats) -> Floats:
    """Its derivative by a."""
    return log_beta_parts(LARGE, a, np.log(LARGE) - log_x)[2]


def log_gamma_tail_by_x(a: ArrayLike, log_x: Floats) -> Floats:
    """Its derivative by log x."""
    return -log_beta_parts(LARGE, a, np.log(LARGE) - log_x)[3]


def log_student_cdf(nu: Floats, x: Floats) -> Floats:
    """The log of the distribution function of Student's t."""
    beyond = log_beta_cdf(nu / 2, 0.5, np.log(nu / np.maximum(np.square(x), 1e-300))) - np.log(2)
    return np.asarray(np.where(x < 0, beyond, np.log1p(-np.exp(beyond))))


def log_beta_parts(a: ArrayLike, b: ArrayLike, z: ArrayLike) -> Parts:
    """The log of the distribution function of a beta's logit, and its derivatives by a, b and z."""
    a, b, z = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (a, b, z)))
    none, whole = a == 0, b == 0
    a, b = np.where(none, 1.0, a), np.where(whole, 1.0, b)
    # The smaller of the two ends has the digits; where one end holds nearly all, it is the other's.
    lower = ((z <= np.log(a / b)) | crowded(a, b, z)) & ~crowded(b, a, -z)
    with np.errstate(all="ignore"):
        found, *slopes = log_beta_end(np.where(lower, a, b), np.where(lower, b, a), np.where(lower, z, -z))
        near = np.minimum(found, -1e-300)
        rest = np.where(near > -np.log(2), np.log(-np.expm1(near)), np.log1p(-np.exp(near)))
        less = np.where(lower, 1.0, -np.exp(found - rest))
    by_a, by_b = np.where(lower, slopes[:2], slopes[1::-1]) * less
    found = np.where(none, 0.0, np.where(whole, -np.inf, np.where(lower, found, rest)))
    out = none | whole
    return found, np.where(out, 0, by_a), np.where(out, 0, by_b), np.where(out, 0, abs(less) * slopes[2])


def crowded(a: Floats, b: Floats, z: Floats) -> Mask:
    """Whether a beta has most of what it has at 1, beyond z."""
    log_w = -np.logaddexp(0, z)
    most = b * (log_w + np.log1p(a)) + np.log(a / (a + b)) > -np.log(2)
    return np.asarray((b < 1) & (log_w < -np.log(np.maximum(4, a + 1))) & most)


def log_beta_end(a: Floats, b: Floats, z: Floats) -> Parts:
    """The same of the smaller end."""
    most = np.maximum(4, a + 1)
    log_r = np.where(b < 1, np.minimum(np.log(most) - np.logaddexp(0, z), 0.0), 0.0)
    at = np.where(log_r < 0, np.log(most - 1), z)
    x, end, total = sp.expit(at), beta_reach(a, b, at), np.zeros((3, *z.shape))
    # By x or by 1 - x: what is near 1 has not the digits.
    k, q, end = np.where(at <= 0, (a + 1, x, -end), (b, sp.expit(-at), end))
    for node, weight in RULE:
        bend = np.log1p(q * np.expm1(end * node))
        total += weight * np.exp(k * end * node - (a + b + 1) * bend) * np.array([1 + 0 * bend, end * node, bend])
    whole, by_k, by_c = abs(end) * total
    up, down = by_k - by_c, -by_c
    by_a, by_b = x * (a + b) * np.where(at <= 0, (up, down), (down, up)) + x * whole
    whole = x * (a + b) * whole
    if (log_r < 0).any():
        factor = a * np.exp(np.where(log_r < 0, a * np.logaddexp(0, -at), -np.inf))
        rest, rest_a, rest_b = beta_at_one(a, b, most, log_r)
        whole, by_b = whole + factor * rest, by_b + factor * rest_b
        by_a = by_a + factor * ((1 / a + np.logaddexp(0, -at)) * rest + rest_a)
    (by_stirling_a, by_stirling_b), by_stirling_c = (stirling(v)[1] for v in (np.array([a, b]), a + b))
    log_x, log_w = log_shares(a, b, at - np.log(a / b))
    found = log_beta_density(a, b, at) - np.log(a) + np.log1p(whole)
    by_a = log_x - 0.5 / a - 0.5 / (a + b) - by_stirling_a + by_stirling_c + by_a / (1 + whole)
    by_b = log_w + 0.5 / b - 0.5 / (a + b) - by_stirling_b + by_stirling_c + by_b / (1 + whole)
    return found, by_a, by_b, a / (1 + whole) * np.exp(log_beta_density(a, b, z) - log_beta_density(a, b, at))


def beta_reach(a: Floats, b: Floats, z: Floats) -> Floats:
    """How far below z the density of a beta's logit counts: by its curvature, or where that is far by its ends."""
    x, w, c = sp.expit(z), sp.expit(-z), a + b + 1
    slope, curve = np.maximum((a + 1) * w - b * x, 0), c * x * w * np.where(z > 0.5, 1, np.exp(-1))
    near = 2 * STEPS / (slope + np.sqrt(slope**2 + 2 * curve * STEPS))
    reach = np.zeros_like(z)
    for _ in range(4):
        low = (STEPS - c * np.log1p(x * np.expm1(-reach))) / (a + 1)
        reach = np.where(z <= 0, low, np.log1p(np.expm1((STEPS + b * reach) / c) / w))
    return np.where(near <= 1, near, reach)


def beta_at_one(a: Floats, b: Floats, most: Floats, log_r: Floats) -> tuple[Floats, Floats, Floats]:
    """The integral of v^(b - 1) (1 - v)^(a - 1) over v from the r-th part of 1 / most up to that, times most^b."""
    t = b * log_r
    # The slope of (1 - exp(t)) / b, by its series where it would be a difference of what is alike.
    series = sum(np.clip(t, -1, 0) ** k / (sp.factorial(k) * (k + 2)) for k in range(18))
    first = np.where(t > -1, -(log_r**2) * series, (np.expm1(t) - t * np.exp(t)) / b**2)
    total, end = np.array([-np.expm1(t) / b, 0 * t, first]), np.minimum(-log_r, STEPS)
    for node, weight in RULE:
        log_v = np.log1p(-np.exp(-end * node) / most)
        own, less = end * weight * np.exp(-b * end * node), np.expm1((a - 1) * log_v)
        total += own * np.array([less, (less + 1) * log_v, -end * node * less])
    return total[0], total[1], total[2]


def log_beta_density(a: Floats, b: Floats, z: Floats) -> Floats:
    """The log density of a beta's logit: that at its mode, and what it is less than there."""
    d = z - np.log(a / b)
    p, d = np.where(a <= b, (a / (a + b), d), (b / (a + b), -d))
    mode, near, t = sp.logit(p), np.zeros_like(d), np.clip(d, -1, 1)
    for node, weight in CLOSE:
        near += weight * (1 - node) * np.exp(t * node) / (1 + p * np.expm1(t * node)) ** 2
    far = np.logaddexp(0, mode + d) - np.logaddexp(0, mode) - p * d
    deviance = (a + b) * np.where(abs(d) < 1, p * (1 - p) * t**2 * near, far)
    return np.asarray(
        0.5 * np.log(a / (a + b) * b / (2 * np.pi)) - stirling(a)[0] - stirling(b)[0] + stirling(a + b)[0] - deviance
    )


def log_shares(a: Floats, b: Floats, d: Floats) -> tuple[Floats, Floats]:
    """The logs of a share and of what it leaves of 1, over those of a / (a + b) and of the rest, `d` logits away."""
    mode, near = np.log(a / b), np.clip(d, -30, 30)
    log_x = np.logaddexp(0, -mode) - np.logaddexp(0, -mode - d)
    log_w = np.logaddexp(0, mode) - np.logaddexp(0, mode + d)
    by_x, by_w = -np.log1p(b / (a + b) * np.expm1(-near)), -np.log1p(a / (a + b) * np.expm1(near))
    return np.where(near == d, by_x, log_x), np.where(near == d, by_w, log_w)


def stirling(a: Floats) -> tuple[Floats, Floats]:
    """What Stirling's formula lacks of log Γ(a), and its derivative."""
    large, small = np.maximum(a, 10), np.minimum(a, 10)
    s = 1 / large**2
    far = 1 / 1680 - s * (1 / 1188 - s * (691 / 360360 - s / 156))
    series = (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * far))) / large
    tail = 1 / 240 - s * (1 / 132 - s * (691 / 32760 - s / 12))
    slope = -s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * tail)))
    exact = sp.gammaln(small + 1) - (small + 0.5) * np.log(small) + small - 0.5 * np.log(2 * np.pi)
    exact_slope = sp.digamma(small + 1) - np.log(small) - 0.5 / small
    return np.where(a < 10, exact, series), np.where(a < 10, exact_slope, slope)
