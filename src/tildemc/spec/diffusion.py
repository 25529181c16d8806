"""Functions of arrays for the time that a random walk with a drift takes to leave an interval, by one end or the other.

Time is in squares of the interval's width; the walk starts at a share `start` of the width above the lower end. Each
density and distribution function is a series of few terms for short times, another for long ones: Navarro & Fuss
(2009), Fast and accurate calculations for first-passage times in Wiener diffusion models, J. Math. Psych. 53; Gondan,
Blurton & Kesselmeier (2014), Even faster and even more accurate first-passage time densities and distributions for the
Wiener diffusion model, J. Math. Psych. 60.
"""

from __future__ import annotations

import numpy as np
import scipy.special as sp

from tildemc.arrays import Floats

__all__ = [
    "log_wiener",
    "log_wiener_by_start",
    "log_wiener_by_time",
    "wiener_cdf",
    "wiener_mean",
    "wiener_quantile",
    "wiener_tail",
    "wiener_upper",
    "wiener_variance",
]

_LONG = 0.25
"""From here on a time is long."""
_NEAR = (-1, 1, -2, 2, -3)
_WAVES = (1, 2, 3, 4, 5, 6)
"""The terms of the series of short times, beside the first, and of long times."""


def log_wiener(time: Floats, start: Floats) -> Floats:
    """The log density of the time of a walk without drift that ends below, times its probability."""
    t, long = np.minimum(time, _LONG), np.maximum(time, _LONG)
    near = start + sum((start + 2 * k) * np.exp(-2 * k * (start + k) / t) for k in _NEAR)
    short = np.log(near) - start**2 / (2 * t) - 1.5 * np.log(t) - 0.5 * np.log(2 * np.pi)
    waves = sum(k * np.sin(k * np.pi * start) * np.exp((1 - k**2) * np.pi**2 * long / 2) for k in _WAVES)
    return np.where(time < _LONG, short, np.log(np.pi * waves) - np.pi**2 * long / 2)


def log_wiener_by_time(time: Floats, start: Floats) -> Floats:
    """Its derivative by the time."""
    t, long = np.minimum(time, _LONG), np.maximum(time, _LONG)
    decays = [np.exp(-2 * k * (start + k) / t) for k in _NEAR]
    near = start + sum((start + 2 * k) * e for k, e in zip(_NEAR, decays, strict=True))
    slope = sum((start + 2 * k) * 2 * k * (start + k) / t**2 * e for k, e in zip(_NEAR, decays, strict=True))
    short = slope / near + start**2 / (2 * t**2) - 1.5 / t
    waves = [k * np.sin(k * np.pi * start) * np.exp((1 - k**2) * np.pi**2 * long / 2) for k in _WAVES]
    far = sum(k**2 * wave for k, wave in zip(_WAVES, waves, strict=True)) / sum(waves)
    return np.where(time < _LONG, short, -(np.pi**2) / 2 * far)


def log_wiener_by_start(time: Floats, start: Floats) -> Floats:
    """Its derivative by the start."""
    t, long = np.minimum(time, _LONG), np.maximum(time, _LONG)
    decays = [np.exp(-2 * k * (start + k) / t) for k in _NEAR]
    near = start + sum((start + 2 * k) * e for k, e in zip(_NEAR, decays, strict=True))
    slope = 1 + sum((1 - 2 * k * (start + 2 * k) / t) * e for k, e in zip(_NEAR, decays, strict=True))
    angle, fade = np.pi * start, [k * np.exp((1 - k**2) * np.pi**2 * long / 2) for k in _WAVES]
    waves = sum(np.sin(k * angle) * e for k, e in zip(_WAVES, fade, strict=True))
    by_angle = sum(k * np.cos(k * angle) * e for k, e in zip(_WAVES, fade, strict=True))
    return np.where(time < _LONG, slope / near - start / t, np.pi * by_angle / waves)


def wiener_cdf(time: Floats, drift: Floats, start: Floats) -> Floats:
    """Of walks that end below, the share that has by then."""
    t, long = np.clip(time, 1e-300, _LONG), np.maximum(time, _LONG)
    chance = wiener_upper(-drift, 1 - start)
    root, total = np.sqrt(t), np.zeros(np.broadcast_shapes(*map(np.shape, (time, drift, start))))
    for j in range(8):
        place = j + (start if j % 2 == 0 else 1 - start)
        one = np.exp(drift * (place - start) + sp.log_ndtr(-(place + drift * t) / root))
        other = np.exp(-drift * (place + start) + sp.log_ndtr(-(place - drift * t) / root))
        total = total + (-1) ** j * (one + other)
    found = np.where(time < _LONG, total / chance, 1 - _late(long, drift, start) / chance)
    return np.where(np.asarray(time) <= 0, 0.0, np.clip(found, 0.0, 1.0))


def wiener_tail(time: Floats, drift: Floats, start: Floats) -> Floats:
    """The share that has not yet."""
    late = _late(np.maximum(time, _LONG), drift, start) / wiener_upper(-drift, 1 - start)
    return np.where(np.asarray(time) < _LONG, 1 - wiener_cdf(time, drift, start), np.clip(late, 0.0, 1.0))


def wiener_quantile(share: Floats, drift: Floats, start: Floats) -> Floats:
    """The time by which a share of the walks that end below has: by Newton's method in the logarithm of time."""
    share, drift, start = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (share, drift, start)))
    found, open_ = np.log(0.5 * start * (1 - start) + 1e-3), np.ones(share.shape, dtype=bool)
    low, high = np.full(share.shape, -60.0), np.full(share.shape, 8.0)
    for _ in range(200):
        x, u, v, w = found[open_], share[open_], drift[open_], start[open_]
        time = np.exp(x)
        gap = wiener_cdf(time, v, w) - u
        log_density = log_wiener(time, w) - v * w - 0.5 * v**2 * time - np.log(wiener_upper(-v, 1 - w))
        bottom, top = np.where(gap < 0, x, low[open_]), np.where(gap < 0, high[open_], x)
        step = gap * np.exp(np.minimum(-log_density - x, 700.0))
        near = (x - step > bottom) & (x - step < top)
        found[open_] = np.where(near, x - step, 0.5 * (bottom + top))
        low[open_], high[open_] = bottom, top
        open_[open_] = ~((near & (abs(step) < 1e-9)) | (top - bottom < 1e-12))
        if not open_.any():
            break
    return np.exp(found)


def _late(time: Floats, drift: Floats, start: Floats) -> Floats:
    """The probability to end below, and later."""
    waves = sum(
        k * np.sin(k * np.pi * start) * np.exp(-((k * np.pi) ** 2) * time / 2) / (drift**2 + (k * np.pi) ** 2)
        for k in _WAVES
    )
    return np.asarray(2 * np.pi * np.exp(-drift * start - drift**2 * time / 2) * waves)


def wiener_upper(drift: Floats, start: Floats) -> Floats:
    """The probability to end above."""
    size = np.maximum(abs(np.asarray(drift, dtype=np.float64)), 1e-300)
    up, down = np.expm1(-2 * size * start), np.expm1(-2 * size)
    return np.where(np.asarray(drift) >= 0, up / down, np.exp(-2 * size * (1 - start)) * up / down)


def wiener_mean(drift: Floats, start: Floats) -> Floats:
    """The mean time, whichever the end."""
    return _moments(drift, start)[0]


def wiener_variance(drift: Floats, start: Floats) -> Floats:
    """The variance."""
    mean, square = _moments(drift, start)
    return np.asarray(square - mean**2)


def _moments(drift: Floats, start: Floats) -> tuple[Floats, Floats]:
    """The means of the time and of its square, by the derivatives of its Laplace transform.

    That is exp(-v w) r(1 - w) + exp(v (1 - w)) r(w), r(p) = sinh(g p) / sinh(g) and g² = v² + 2 s: of the drift v, the
    start w and the transform's argument s.
    """
    v, w = np.broadcast_arrays(np.asarray(drift, dtype=np.float64), np.asarray(start, dtype=np.float64))
    mean, square = np.zeros(v.shape), np.zeros(v.shape)
    for p, log_weight in ((1 - w, -v * w), (w, v * (1 - w))):
        first, second = _near(np.minimum(v**2, 1.0), p)
        some = np.exp(np.where(v**2 < 1, log_weight, 0.0))
        g = np.maximum(abs(v), 1.0)
        # The ratio without its largest part, which would be too large or too small a number beside the weight.
        rest = np.exp(log_weight - g * (1 - p)) * np.expm1(-2 * g * p) / np.expm1(-2 * g)
        slope = p / np.tanh(g * p) - 1 / np.tanh(g)
        with np.errstate(over="ignore"):
            curve = slope**2 - (p / np.sinh(g * p)) ** 2 + (1 / np.sinh(g)) ** 2
        mean += np.where(v**2 < 1, -2 * first * some, -rest * slope / g)
        square += np.where(v**2 < 1, 4 * second * some, rest * (curve / g**2 - slope / g**3))
    return mean, square


def _near(q: Floats, p: Floats) -> tuple[Floats, Floats]:
    """The first two derivatives of r(p) by q = g², by its power series, which converges for q < π²."""
    known: list[Floats] = []
    first, second = np.zeros(q.shape), np.zeros(q.shape)
    for k in range(24):
        lower = sum(c * _INVERSE[k - j] for j, c in enumerate(known))
        known.append(np.asarray(p ** (2 * k + 1) * _INVERSE[k] - lower))
        first = first + k * known[k] * q ** max(k - 1, 0)
        second = second + k * (k - 1) * known[k] * q ** max(k - 2, 0)
    return first, second


_INVERSE = [float(1 / sp.factorial(2 * k + 1)) for k in range(24)]
"""One over each odd number's factorial."""
