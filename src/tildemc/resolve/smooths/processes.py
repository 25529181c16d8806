"""A call of `gp()` × Schema -> GaussianProcess: the box of its sine waves, and brms's default for its length scale."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import SemanticError, UnsupportedError, nearest
from tildemc.resolve.smooths.calls import SmoothCall
from tildemc.resolve.smooths.lower import By, Reading
from tildemc.spec.bases import Sines
from tildemc.spec.priors import Prior, default
from tildemc.spec.terms.process import KERNELS, GaussianProcess
from tildemc.syntax import tree
from tildemc.syntax.expression import unparenthesised

__all__ = ["lower_process"]

CHUNK = 1 << 22
"""Distances that are held at once."""
MOST = 5000
"""So many functions at the most."""
TAIL = 0.01
"""By default so much of a length scale's prior is below the least distance, and as much above the greatest."""


def lower_process(
    call: SmoothCall, reading: Reading, parameter: str, sd: Prior
) -> tuple[tuple[GaussianProcess, ...], tuple[str, ...]]:
    """What a Gaussian process means for columns like these: one, or one for each level of `by`; and notes."""
    values = reading.numbers
    if reading.factors:
        raise SemanticError("a Gaussian process is of numbers; `by = f` has one for each level", call.call.span)
    bambis = call.call.function == "hsgp"
    k, c, notes = _size(call, values.shape[1], "m" if bambis else "k")
    kernel = _kernel(call, _BAMBIS if bambis else {name: name for name in KERNELS})
    if bambis and call.flag("share_cov", True) and len(reading.by()) > 1:
        message = "levels of `by` that share a covariance are not built; `share_cov=False`, one for each level, is"
        raise UnsupportedError(message, call.call.span)
    iso = call.flag("iso", True) or values.shape[1] == 1
    label = re.sub(r"[^\w.]", "", "".join(("gp", *(column.label for column in reading.inputs()))))
    found: list[GaussianProcess] = []
    each: list[By | None] = [*reading.by()] or [None]
    for own in each:
        rows = values if own is None or not own.known else values[reading.multiplier(own) != 0]
        points = np.unique(rows, axis=0) if call.flag("gr", not bambis) else rows
        scaled, basis = _basis(points, k, c, scale=call.flag("scale", True), apart=bambis)
        sides = [scaled] if iso else [scaled[:, i : i + 1] for i in range(scaled.shape[1])]
        by, known = (None, ()) if own is None else (own.column, own.known)
        name = label if own is None else re.sub(r"[^\w.]", "", f"{label}{own.label}")
        scales = tuple(map(_scale_prior, sides))
        found.append(
            GaussianProcess(parameter, call.text, name, basis, reading.inputs(), by, known, kernel, sd, scales)
        )
    return tuple(found), notes


_BAMBIS = {"ExpQuad": "exp_quad", "Matern52": "matern52", "Matern32": "matern32", "Exponential": "exponential"}
"""What Bambi, after PyMC, calls covariance functions."""


def _size(call: SmoothCall, d: int, size: str) -> tuple[tuple[int, ...], tuple[float, ...], tuple[str, ...]]:
    """How many functions along each input, an option of that name, and how far beyond the inputs the box goes."""
    if not call.wholes(size):
        advice = "say how many functions approximate it, as in `gp(x, k = 20, c = 5/4)`"
        raise UnsupportedError(f"a Gaussian process without an approximation is not built: {advice}", call.call.span)
    wholes = [whole or 0 for whole in call.wholes(size)]
    k = tuple(wholes * d if len(wholes) == 1 else wholes)
    if min(k) < 1 or len(k) != d or math.prod(k) > MOST:
        message = f"`{size}` is a whole number from 1 up, or one for each input, and {MOST:,} functions are the most"
        raise SemanticError(message, call.options[size].span)
    given = tuple(_number(part) for part in call.parts("c"))
    if any(value is None or value <= 0 for value in given) or len(given) not in (0, 1, d):
        raise SemanticError("`c` is a number above 0, or one for each input", call.options["c"].span)
    c = tuple(value or 1.0 for value in given) or (1.25,)
    notes = () if given else (f"`c` of {call.text} is 5/4: its functions vanish a quarter of the range beyond",)
    return k, c * d if len(c) == 1 else c, notes


def _number(expr: tree.Expr) -> float | None:
    """A number, or a share such as `5/4`."""
    match unparenthesised(expr):
        case tree.Number(value):
            return float(value)
        case tree.Binary("/", tree.Number(one), tree.Number(two)) if two:
            return one / two
        case _:
            return None


def _kernel(call: SmoothCall, known: Mapping[str, str]) -> str:
    [name] = call.texts("cov")[:1] or (next(iter(known)),)
    if name not in known:
        listed = nearest(name, known) or f"; there are {', '.join(known)}"
        raise SemanticError(f"there is no covariance function {name!r}{listed}", call.options["cov"].span)
    if not call.flag("cmc", True):
        raise UnsupportedError("`cmc = FALSE` is not built: each level of `by` has a process", call.options["cmc"].span)
    return known[name]


def _basis(
    points: Floats, k: tuple[int, ...], c: tuple[float, ...], *, scale: bool, apart: bool
) -> tuple[Floats, Sines]:
    """The points as scaled, and the sine waves in a box around them; the last input's number varies slowest.

    The box goes `c` times as far as brms's one range of all inputs, which is at least one; or, `apart`, as each
    input is from its mean at the most, as Bambi and PyMC have it.
    """
    greatest = _distances(points)[1] if scale else 1.0
    scaled = points / greatest
    centre = scaled.mean(axis=0)
    away = scaled - centre
    reach = np.array(c) * (np.abs(away).max(axis=0) if apart else max(1.0, float(away.max() - away.min())))
    axes = np.meshgrid(*(np.arange(1.0, each + 1) for each in reversed(k)), indexing="ij")
    numbers = np.column_stack([axis.ravel() for axis in reversed(axes)])
    return scaled, Sines(greatest, centre, reach, numbers)


def _distances(points: Floats) -> tuple[float, float]:
    """The least distance of two different points, and the greatest, with no array of all pairs."""
    points = np.unique(points, axis=0)
    if len(points) < 2:
        return 0.0, 1.0
    if points.shape[1] == 1:
        return float(np.diff(points[:, 0]).min()), float(points[-1, 0] - points[0, 0])
    far = _outermost(points)
    least = min(float(some[some > 0].min()) for some in _in_parts(points))
    return least, max(float(some.max()) for some in _in_parts(far))


def _in_parts(points: Floats) -> Iterator[Floats]:
    """The distances of some points from all, until all have had their turn."""
    from scipy.spatial.distance import cdist

    size = max(1, CHUNK // len(points))
    return (cdist(points[start : start + size], points) for start in range(0, len(points), size))


def _outermost(points: Floats) -> Floats:
    """Points among which are the two that are farthest apart."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        return np.asarray(points[ConvexHull(points).vertices])
    except QhullError:
        return points


def _scale_prior(points: Floats) -> Prior:
    """An inverse gamma density with one per cent beyond the distances of points on each side, as in brms."""
    from scipy.optimize import brentq
    from scipy.special import gammainc, gammainccinv

    least, greatest = _distances(points)
    least = max(least, 0.01 * greatest)

    def rate(shape: float) -> float:
        return float(least * gammainccinv(shape, TAIL))

    def missed(log_shape: float) -> float:
        shape = math.exp(log_shape)
        return float(gammainc(shape, rate(shape) / greatest)) - TAIL

    low, high = -3.0, 9.0
    if not missed(low) > 0 > missed(high):
        return default("normal", 0.0, 0.5, lower=0.0)
    shape = math.exp(brentq(missed, low, high, xtol=1e-12))
    a, b = (float(f"{value:.6f}") for value in (shape, rate(shape)))
    told = f"inv_gamma({a:g}, {b:g}), {TAIL:.0%} of it below the least distance and {TAIL:.0%} above the greatest"
    return replace(default("inv_gamma", a, b), origin=told)
