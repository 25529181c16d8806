"""A smooth's call and its values -> Raw: which basis, how many functions, which penalty; the defaults are mgcv's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import SemanticError, UnsupportedError, Unvarying, nearest
from tildemc.resolve.smooths.calls import SmoothCall
from tildemc.resolve.smooths.raw import Raw
from tildemc.resolve.smooths.splines import cubic, cyclic, p_spline
from tildemc.resolve.smooths.tensor import by_level, tensor
from tildemc.resolve.smooths.thin_plate import null_space, order_of, thin_plate
from tildemc.resolve.values import Category
from tildemc.span import Span
from tildemc.spec.bases import Polynomial

__all__ = ["Constructed", "constructed"]

_BASES = ("tp", "ts", "cr", "cs", "cc", "ps", "re", "fs")
_MORE = (8, 27, 100)
"""How many penalised functions a thin-plate spline of one, two, or more inputs has by default."""


@dataclass(frozen=True, eq=False, slots=True)
class Constructed:
    """A smooth, and what a reader should know of it."""

    raw: Raw
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which basis is asked for: its name, its size, and the order of its penalty; None where nothing is said."""

    bs: str
    k: int | None
    m: tuple[int | None, ...]
    shown: str
    span: Span | None


def constructed(call: SmoothCall, numbers: Floats, factors: Sequence[Category]) -> Constructed:
    """The smooth of variables that have these values (n, d), and of factors.

    Raises
    ------
    SemanticError, UnsupportedError, DataError
    """
    span = call.call.span
    if call.function == "t2":
        if factors:
            raise UnsupportedError(
                "a factor within `t2()` is not built; `by` has a smooth for each of its levels", span
            )
        return Constructed(_without_penalty(call, _tensor(call, numbers)))
    bs, k = _only(call, "bs", call.texts("bs"), "tp"), _only(call, "k", call.wholes("k"), None)
    asked = _Asked(bs, k, call.wholes("m"), call.label, span)
    if asked.bs not in _BASES:
        raise _no_basis(asked)
    if asked.bs == "re" or (asked.bs == "fs" and not len(numbers.T) and factors):
        return Constructed(_random(call, numbers, factors))
    if factors and asked.bs != "fs":
        raise SemanticError(
            'a factor is no input of a smooth: `by = f` has one for each level, `bs = "fs"` and `"re"` take one', span
        )
    if asked.bs != "fs":
        return Constructed(_without_penalty(call, _smooth(asked, numbers)))
    if len(factors) != 1:
        raise SemanticError(
            '`bs = "fs"` takes one factor and the inputs of its smooths, as in `s(x, f, bs = "fs")`', span
        )
    return Constructed(by_level(_smooth(_Asked("tp", asked.k, asked.m, asked.shown, span), numbers)))


def _only[T](call: SmoothCall, name: str, given: tuple[T, ...], default: T) -> T:
    if len(given) > 1:
        raise SemanticError(f"`{name}` of `s()` is one value", call.options[name].span)
    return given[0] if given else default


def _no_basis(asked: _Asked) -> SemanticError:
    if asked.bs == "ad":
        return UnsupportedError(
            '`bs = "ad"`: penalties that overlap make no sds of coefficients, in brms neither', asked.span
        )
    return UnsupportedError(
        f'`bs = "{asked.bs}"` is not built{nearest(asked.bs, _BASES) or f"; there are {', '.join(_BASES)}"}', asked.span
    )


def _without_penalty(call: SmoothCall, raw: Raw) -> Raw:
    """The smooth with all of its functions unpenalised, if `fx = TRUE`."""
    return Raw(raw.basis, raw.X, (), 0, raw.constraints) if call.flag("fx") else raw


def _smooth(asked: _Asked, x: Floats) -> Raw:
    """A smooth of some inputs (n, d)."""
    d = x.shape[1]
    if d > 1 and asked.bs not in ("tp", "ts"):
        raise SemanticError(
            f'`bs = "{asked.bs}"` is of one input; thin-plate splines, `bs = "tp"`, of several', asked.span
        )
    first = asked.m[0] if asked.m else None
    match asked.bs:
        case "tp" | "ts":
            order = order_of(first, d)
            null = len(null_space(order, d))
            k = max(null + _MORE[min(d, 3) - 1] if asked.k is None else asked.k, null + 1)
            _check_values(asked, np.unique(x, axis=0).shape[0], k)
            without = len(asked.m) > 1 and asked.m[1] == 0
            return thin_plate(x, k, order, shrink=asked.bs == "ts", without_null=without)
        case "cr" | "cs":
            k = max(10 if asked.k is None else asked.k, 3)
            _check_values(asked, len(np.unique(x)), k)
            return cubic(x[:, 0], k, shrink=asked.bs == "cs")
        case "cc":
            k = max(10 if asked.k is None else asked.k, 4)
            _check_values(asked, len(np.unique(x)), k)
            return cyclic(x[:, 0], k)
        case _:
            return _p_spline(asked, x[:, 0])


def _p_spline(asked: _Asked, x: Floats) -> Raw:
    order, differences = [2 if m is None else m for m in (asked.m * 2)[:2]] if asked.m else (2, 2)
    k = max(10, order + 1) if asked.k is None else asked.k
    if k - order < 2 or k <= differences:
        raise SemanticError(f"`k` of {asked.shown} is at least {max(order + 2, differences + 1)} here", asked.span)
    _check_values(asked, len(np.unique(x)), 2)
    return p_spline(x, k, order, differences)


def _check_values(asked: _Asked, distinct: int, k: int) -> None:
    if distinct < k:
        what = (
            f"{asked.shown} has {distinct} different {'points' if ',' in asked.shown else 'values'}, fewer than k = {k}"
        )
        raise Unvarying(what, asked.span, f"`k = {distinct}` is the most")


def _random(call: SmoothCall, numbers: Floats, factors: Sequence[Category]) -> Raw:
    """`bs = "re"`: as many functions as the product of the variables has columns, all of them penalised."""
    if len(factors) > 1:
        raise UnsupportedError("several factors in one random effect are written `(1 | f:g)`", call.call.span)
    d = numbers.shape[1]
    product = Polynomial(np.zeros(d), np.ones((1, d)), np.ones((1, 1)))
    X = product(numbers) if d else np.ones((1, 1))
    return Raw(product, X, (np.ones((1, 1)),), 1, np.zeros((0, 1)))


def _tensor(call: SmoothCall, x: Floats) -> Raw:
    """`t2()`: margins of one input each, or as many as `d` says."""
    d = call.wholes("d") or (1,) * x.shape[1]
    if any(size is None or size < 1 for size in d) or sum(size or 0 for size in d) != x.shape[1]:
        raise SemanticError(f"`d` says how many inputs each margin has, {x.shape[1]} in all", call.options["d"].span)
    sizes = tuple(size or 1 for size in d)
    bs = _each(call, "bs", call.texts("bs"), len(sizes), "cr")
    k = _each(call, "k", call.wholes("k"), len(sizes), None)
    m = _each(call, "m", call.wholes("m"), len(sizes), None)
    margins: list[Raw] = []
    start = 0
    for size, own, functions, order in zip(sizes, bs, k, m, strict=True):
        name = "tp" if size > 1 and own in ("cr", "cs", "ps") else own
        if name not in _BASES[:6]:
            raise UnsupportedError(f'`bs = "{name}"` in a tensor product is not built', call.call.span)
        if functions is not None and functions < 3:
            raise SemanticError("`k` of a margin is at least 3", call.options["k"].span)
        asked = _Asked(name, functions or 5**size, () if order is None else (order,), call.label, call.call.span)
        margins.append(_smooth(asked, x[:, start : start + size]))
        start += size
    return tensor(tuple(margins), sizes)


def _each[T](call: SmoothCall, name: str, given: tuple[T, ...], margins: int, default: T) -> tuple[T, ...]:
    """One value for each margin."""
    if len(given) not in (0, 1, margins):
        raise SemanticError(f"`{name}` is one value, or one for each of {margins} margins", call.options[name].span)
    return given if len(given) == margins else (given[0] if given else default,) * margins
