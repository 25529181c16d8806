"""Special functions of families whose densities are series, as `rare.py` has others."""

from __future__ import annotations

import numpy as np

from tildemc.kernels import exactly
from tildemc.targets.direct.special import digamma, exp, log, log_gamma

__all__ = ["log_tweedie", "log_tweedie_by_count", "log_tweedie_by_shape"]

_LOG_2PI = 1.8378770664093453


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
        j, term = start - side, 1.0 if side == 0 else exp(_tweedie_term(max(start - 1, 1.0), log_count, shape) - largest)
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
