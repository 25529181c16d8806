"""Special functions of single families, as `special.py` has those of many."""

from __future__ import annotations

import numpy as np

from tildemc.kernels import exactly
from tildemc.targets.direct.special import exp, log, log1p, log_half_erfcx, log_invprobit

__all__ = [
    "atan",
    "bessel_ratio",
    "check",
    "check_slope",
    "cos",
    "inverse_mills",
    "log_i0e",
    "log_inv_boxcox",
    "log_inv_boxcox_slope",
    "log_tilted",
    "power",
    "sin",
    "whole_power",
]

_LOG_ROOT_2PI = 0.9189385332046728


@exactly
def sin(x: float) -> float:
    """The sine."""
    return np.sin(x)  # type: ignore[no-any-return]


@exactly
def cos(x: float) -> float:
    """The cosine."""
    return np.cos(x)  # type: ignore[no-any-return]


@exactly
def atan(x: float) -> float:
    """The arc tangent."""
    return np.arctan(x)  # type: ignore[no-any-return]


@exactly
def check(x: float, q: float) -> float:
    """`q x` of x ≥ 0, `(q - 1) x` of x < 0."""
    return (q - 1.0) * x if x < 0 else q * x


@exactly
def check_slope(x: float, q: float) -> float:
    """The derivative of `check` by x."""
    return q - 1.0 if x < 0 else q


@exactly
def power(x: float, n: float) -> float:
    """`x**n`, x ≥ 0 and n > 0."""
    return exp(n * log(x)) if x > 0 else 0.0


@exactly
def whole_power(x: float, n: float) -> float:
    """`x**n`, n a whole number that is not negative."""
    if n == 0:
        return 1.0
    size = exp(n * log(abs(x))) if x != 0 else 0.0
    return -size if (x < 0) & (n - 2 * np.floor(0.5 * n) == 1) else size


@exactly
def log_inv_boxcox(x: float, n: float) -> float:
    """Log(1 + n x) / n, which is x where n is 0."""
    u = n * x
    return x if u == 0 else log1p(u) / n


@exactly
def log_inv_boxcox_slope(x: float, n: float) -> float:
    """The derivative of `log_inv_boxcox` by n."""
    u = n * x
    near = 0.0
    for k in range(20, 0, -1):
        near = k / (k + 1) - u * near
    far = 0.0 if u == 0 else (1 / (1 + u) - log1p(u) / u) / u
    return x * x * (-near if abs(u) < 0.1 else far)


@exactly
def _bessel(x: float) -> tuple[float, float]:
    """Exp(-x) I₀(x) and exp(-x) I₁(x): the power series, or from 20 on Hankel's expansion."""
    zero, one, term = 0.0, 0.0, 1.0
    if x < 20:
        for k in range(1, 60):
            zero += term
            one += term / k
            term *= 0.25 * x * x / (k * k)
        return exp(-x) * zero, exp(-x) * 0.5 * x * one
    other = 1.0
    for k in range(1, 25):
        zero += term
        one += other
        odd = (2.0 * k - 1) ** 2
        term *= odd / (8 * k * x)
        other *= (odd - 4) / (8 * k * x)
    root = np.sqrt(2 * np.pi * x)
    return zero / root, one / root


@exactly
def log_i0e(x: float) -> float:
    """Log(exp(-x) I₀(x)) of x ≥ 0."""
    zero, _ = _bessel(x)
    return log(zero)


@exactly
def bessel_ratio(x: float) -> float:
    """I₁(x) / I₀(x)."""
    zero, one = _bessel(x)
    return one / zero


@exactly
def inverse_mills(x: float) -> float:
    """φ(x) / Φ(x)."""
    low = exp(-_LOG_ROOT_2PI - log_half_erfcx(max(-x, 0.0)))
    high = exp(-0.5 * x * x - _LOG_ROOT_2PI - log_invprobit(x))
    return low if x < 0 else high


@exactly
def log_tilted(z: float, r: float) -> float:
    """r² / 2 - r z + log Φ(z - r), where the sum of its parts would lose digits, too."""
    u = z - r
    low = log_half_erfcx(max(-u, 0.0)) - 0.5 * z * z
    high = r * (0.5 * r - z) + log_invprobit(u)
    return low if u < 0 else high
