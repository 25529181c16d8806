"""Elementary and special functions without branches or calls, so that loops over rows run several rows at a time.

They have their names from `spec/vocabulary.py`. What two of them have in common is worked out once where both are
used.
They agree with the C library's to a few units in the last place; where a logarithm is infinite they say NaN.
"""

from __future__ import annotations

from math import pi

import numpy as np

from tildemc.kernels import exactly

__all__ = [
    "digamma",
    "exp",
    "expm1",
    "invprobit",
    "less",
    "log",
    "log1mexp",
    "log1p",
    "log_add_exp",
    "log_cloglog",
    "log_gamma",
    "log_invprobit",
    "log_rising",
    "log_sigmoid",
    "rising_slope",
    "sigmoid",
    "softplus",
    "sqrt",
    "times",
    "trigamma",
    "where",
]

_LOG2E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_MANTISSA, _ONE = 0x000FFFFFFFFFFFFF, 0x3FF0000000000000


@exactly
def exp(x: float) -> float:
    """The exponential, 2^k exp(r) with |r| < log(2) / 2, by Taylor's polynomial; infinite from 709.4 on."""
    x = min(max(x, -708.0), 709.79)
    # x = k log 2 + r; log 2 in two parts, the first of which has so few digits that k times it is exact (Cody, Waite).
    k = np.floor(x * _LOG2E + 0.5)
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    p = 1 / 6227020800.0
    p = p * r + 1 / 479001600.0
    p = p * r + 1 / 39916800.0
    p = p * r + 1 / 3628800.0
    p = p * r + 1 / 362880.0
    p = p * r + 1 / 40320.0
    p = p * r + 1 / 5040.0
    p = p * r + 1 / 720.0
    p = p * r + 1 / 120.0
    p = p * r + 1 / 24.0
    p = p * r + 1 / 6.0
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    return p * np.int64((np.int64(np.int32(k)) + 1023) << 52).view(np.float64)  # type: ignore[no-any-return]


@exactly
def log(x: float) -> float:
    """The logarithm of m 2^e with m within √2 of 1; NaN for what is not positive and finite."""
    # A float64 is a sign, 11 bits of exponent e + 1023 and 52 of the mantissa: put another exponent there and it is m.
    bits = np.float64(x).view(np.int64)
    e = np.float64(np.int32((bits >> 52) - 1023))
    m = np.int64((bits & _MANTISSA) | _ONE).view(np.float64)
    large = m > 1.4142135623730951
    m, e = (0.5 * m, e + 1.0) if large else (m, e)
    s = (m - 1.0) / (m + 1.0)  # log(m) = 2 atanh(s)
    z = s * s
    p = 2 / 21.0
    p = p * z + 2 / 19.0
    p = p * z + 2 / 17.0
    p = p * z + 2 / 15.0
    p = p * z + 2 / 13.0
    p = p * z + 2 / 11.0
    p = p * z + 2 / 9.0
    p = p * z + 2 / 7.0
    p = p * z + 2 / 5.0
    p = p * z + 2 / 3.0
    value = e * _LN2_HIGH + (s * (p * z + 2.0) + e * _LN2_LOW)
    return value if (x > 0.0) & (x < np.inf) else np.nan


@exactly
def log1p(x: float) -> float:
    """Log(1 + x), corrected for the rounding of 1 + x."""
    # What rounding took from 1 + x is known exactly, and to first order so is what that does to its logarithm.
    u = 1.0 + x
    return log(u) - ((u - 1.0) - x) / u


@exactly
def expm1(x: float) -> float:
    """Exp(x) - 1, corrected near zero for the rounding of exp(x) (Kahan)."""
    u = exp(x)
    near = (abs(x) < 0.5) & (u != 1.0)
    corrected = (u - 1) * x / (log(u) if near else 1.0)
    return corrected if near else (x if u == 1.0 else u - 1)


@exactly
def sqrt(x: float) -> float:
    """The square root."""
    return np.sqrt(x)  # type: ignore[no-any-return]


@exactly
def softplus(x: float) -> float:
    """Log(1 + exp(x)), which may be of so little that counts in millions bring it back."""
    return max(x, 0.0) + log1p(exp(-abs(x)))


@exactly
def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x))."""
    e = exp(-abs(x))
    share = 1 / (1 + e)
    return share if x > 0 else e * share


@exactly
def log_sigmoid(x: float) -> float:
    """Log(1 / (1 + exp(-x)))."""
    return min(x, 0.0) - log(1 + exp(-abs(x)))


@exactly
def log1mexp(x: float) -> float:
    """Log(1 - exp(x)) of x < 0."""
    near, far = log(-expm1(x)), log1p(-exp(x))
    return near if x > -0.6931471805599453 else far


@exactly
def log_cloglog(x: float) -> float:
    """Log(1 - exp(-exp(x))), also where exp(x) is too small for the difference."""
    rate = exp(x)
    return x - 0.5 * rate if x < -18 else log(-expm1(-rate))


@exactly
def times(count: float, x: float) -> float:
    """`count * x`, and nothing where there is nothing to count, however improbable."""
    return count * x if count != 0 else 0.0


@exactly
def where(condition: float, yes: float, no: float) -> float:
    """`yes` where the condition is not 0, else `no`: a choice of numbers, so that no NaN comes from the other."""
    return yes if condition != 0 else no


@exactly
def less(x: float, n: float) -> float:
    """1 where x < n, else 0."""
    return 1.0 if x < n else 0.0


@exactly
def log_add_exp(x: float, n: float) -> float:
    """Log(exp(x) + exp(n)), one of which may be zero."""
    return max(x, n) + log(1 + exp(-abs(x - n)))


@exactly
def _rise(x: float) -> tuple[float, float]:
    """The product x (x + 1) … (x + 7) and its derivative."""
    product, slope = x, 1.0
    slope, product = slope * (x + 1) + product, product * (x + 1)
    slope, product = slope * (x + 2) + product, product * (x + 2)
    slope, product = slope * (x + 3) + product, product * (x + 3)
    slope, product = slope * (x + 4) + product, product * (x + 4)
    slope, product = slope * (x + 5) + product, product * (x + 5)
    slope, product = slope * (x + 6) + product, product * (x + 6)
    slope, product = slope * (x + 7) + product, product * (x + 7)
    return product, slope


@exactly
def _stirling(y: float) -> tuple[float, float]:
    """What Stirling's series adds to (y - ½) log y - y + ½ log 2π, for y from 8 up, and its derivative."""
    t = 1 / y
    s = t * t
    far = 1 / 1680 - s * (1 / 1188 - s * (691 / 360360 - s / 156))
    series = t * (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * far)))
    tail = 1 / 240 - s * (1 / 132 - s * (691 / 32760 - s / 12))
    return series, -s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * tail)))


@exactly
def log_gamma(x: float) -> float:
    """Log gamma for x > 0: Stirling's series at x + 8, and back by the recurrence."""
    # The series is good to the last digit from 8 on: Γ(x) = Γ(x + 8) / (x (x + 1) … (x + 7)).
    product, _ = _rise(x)
    y = x + 8
    series, _ = _stirling(y)
    return (y - 0.5) * log(y) - y + 0.5 * np.log(2 * pi) + series - log(product)  # type: ignore[no-any-return]


@exactly
def digamma(x: float) -> float:
    """The derivative of `log_gamma`."""
    product, slope = _rise(x)
    y = x + 8
    _, by_series = _stirling(y)
    return log(y) - 0.5 / y + by_series - slope / product


@exactly
def trigamma(x: float) -> float:
    """The derivative of `digamma`: its series at x + 8, and back by the recurrence."""
    near = 1 / (x * x) + 1 / ((x + 1) * (x + 1)) + 1 / ((x + 2) * (x + 2)) + 1 / ((x + 3) * (x + 3))
    far = 1 / ((x + 4) * (x + 4)) + 1 / ((x + 5) * (x + 5)) + 1 / ((x + 6) * (x + 6)) + 1 / ((x + 7) * (x + 7))
    t = 1 / (x + 8)
    s = t * t
    tail = s * (1 / 42 - s * (1 / 30 - s * (5 / 66 - s * (691 / 2730 - s * 7 / 6))))
    return near + far + t * (1 + t * (0.5 + t * (1 / 6 - s * (1 / 30 - tail))))


@exactly
def log_rising(x: float, n: float) -> float:
    """Log Γ(x + n) - log Γ(x) - n log x, for x > 0 and n ≥ 0.

    As for `log_gamma`, but with the differences taken before anything is large: right where x is huge, too.
    """
    near, _ = _rise(x)
    far, _ = _rise(x + n)
    a, b = x + 8, x + n + 8
    series_a, _ = _stirling(a)
    series_b, _ = _stirling(b)
    return (a - 0.5) * log1p(n / a) - n + n * log(b / x) + (series_b - series_a) - log(far / near)


@exactly
def rising_slope(x: float, n: float) -> float:
    """The derivative of `log_rising` by x."""
    near, by_near = _rise(x)
    far, by_far = _rise(x + n)
    a, b = x + 8, x + n + 8
    _, by_a = _stirling(a)
    _, by_b = _stirling(b)
    return log1p(n / a) + 0.5 * n / (a * b) + (by_b - by_a) - (by_far / far - by_near / near) - n / x


_TAIL = np.array([
    -0.6513268598908548, 0.6419697923564902, 0.01947647320418596, -0.009561514786808702, -0.0009465953444819764,
    0.0003668394978527001, 4.252332480694787e-05, -2.027857811279232e-05, -1.624290004570428e-06, 1.303655835571682e-06,
    1.562644190711282e-08, -8.523809600924359e-08, 6.529054502601994e-09, 5.059343566315988e-09, -9.913636911385027e-10,
    -2.273653265660869e-10, 9.646778931227119e-11, 2.3937518633943e-12, -6.885203518436356e-12, 8.92885765324536e-13,
    3.144595694948293e-13, -1.144861982993461e-13, 1.287858708565182e-15, 7.149836278586009e-15,
])  # fmt: skip
"""Chebyshev coefficients over t in (0, 1) of log(exp(z²) erfc(z) / t), t = 2 / (2 + z)."""


@exactly
def log_half_erfcx(x: float) -> float:
    """Log(Φ(-x) exp(x² / 2)) of x ≥ 0, by Clenshaw's recurrence."""
    t = 2 / (2 + x / np.sqrt(2.0))
    u = 2 * t - 1
    b, c = 0.0, 0.0
    for j in range(23, 0, -1):
        b, c = 2 * u * b - c + _TAIL[j], b
    return log(0.5 * t) + (u * b - c + _TAIL[0])  # type: ignore[no-any-return]


@exactly
def log_invprobit(x: float) -> float:
    """Log Φ(x), exact far out in the tails."""
    small = log_half_erfcx(abs(x)) - 0.5 * x * x
    large = log1p(-exp(small))
    return large if x > 0 else small


@exactly
def invprobit(x: float) -> float:
    """Φ(x)."""
    return exp(log_invprobit(x))
