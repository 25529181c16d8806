"""ModelSpec -> a row's log density as a function of some linear predictors: its value, its slopes and its curvature.

The curvature of K predictors is a matrix, K × K, of which kernels have the lower triangle row by row. It is minus the
second derivative where the density is concave in all of them, or else as much of that as is positive definite whatever
the response; where the vocabulary has none, the information that a row has of a predictor by its mean and variance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from math import isqrt

import numpy as np
from llvmlite import ir
from numba.core import cgutils
from numba.core.ccallback import CFunc

from tildemc.arrays import Floats
from tildemc.kernels.machine import (
    Builder,
    Context,
    Pointer,
    Signature,
    Type,
    Typed,
    TypingContext,
    Value,
    intrinsic,
    types,
)
from tildemc.spec.derivative import ZERO, depends, differentiate
from tildemc.spec.expr import Apply, Col, Expr, Var, evaluate, substitute, walk
from tildemc.spec.families.limits import UNKNOWN
from tildemc.spec.likelihood import distribution_of, linked
from tildemc.spec.model import ModelSpec
from tildemc.spec.once import once
from tildemc.spec.vocabulary import NUMPY, VOCABULARY, apply
from tildemc.targets.direct.cache import compiled
from tildemc.targets.direct.rows import FLAGS, Emitter, hoisted, rows_of
from tildemc.targets.direct.scalars import known
from tildemc.targets.glmm.tables import RUN

__all__ = ["CurvedRows", "Points", "Triangle", "call_rows", "curved_rows", "pairs", "positive", "row_functions"]

_NUMBER, _INTEGER = types.float64, types.int64
_NUMBERS = types.CPointer(_NUMBER)
_SIGNATURE = _NUMBER(_INTEGER, _INTEGER, *[_NUMBERS] * 6)

FARTHEST, SEEN = 8.0, 200
"""Up to where linear predictors go at which a density is seen to be concave or not; so many rows are looked at."""
POINTS = 33
"""And of each so many values of the predictors."""

Points = tuple[int, int]
"""The addresses of a model's two row functions."""
Triangle = tuple[Expr, ...]
"""The lower triangle of a symmetric matrix, row by row."""


@dataclass(frozen=True, slots=True)
class CurvedRows:
    """A row's log density, up to what depends on the data alone, as K predictors move.

    Attributes
    ----------
    given : tuple of Expr
        What is worked out of `y` and its companions once for each row: the density names the first `given 0`.
    parameters : tuple of str
        The density's, the K predictors first.
    value : Expr
    slopes : K of Expr
    observed : Triangle or None
        Minus the second derivatives by the predictors; None where the vocabulary does not know these.
    expected : Triangle or None
        The information by mean and variance, of one predictor, if the family says these.
    """

    given: tuple[Expr, ...]
    parameters: tuple[str, ...]
    value: Expr
    slopes: tuple[Expr, ...]
    observed: Triangle | None
    expected: Triangle | None

    @property
    def moving(self) -> tuple[str, ...]:
        """The K predictors."""
        return self.parameters[: len(self.slopes)]

    def curvature(self, columns: Floats, seen: Mapping[str, Floats]) -> Triangle:
        """The observed one where it is positive everywhere, else what is positive of it; without one the expected.

        Parameters
        ----------
        columns : (given, n)
            What the rows are given.
        seen : mapping of str to (3,)
            Values of the parameters beside the predictors: far from these the density may be another.
        """
        if self.observed is None:
            assert self.expected is not None
            return self.expected
        return self.observed if self._concave(self.observed, columns, seen) else positive(self.observed)

    def _concave(self, observed: Triangle, columns: Floats, seen: Mapping[str, Floats]) -> bool:
        k = len(self.moving)
        rows = columns[:, :: max(columns.shape[1] // SEEN, 1), None]
        names = {f"given {i}": column for i, column in enumerate(rows)}
        names |= dict(zip(self.moving, _reach(k, rows.shape[1]), strict=True))
        found = np.zeros((3, rows.shape[1], POINTS, k, k))
        for time, own in enumerate(found):
            here = names | {name: values[time] for name, values in seen.items()}
            with np.errstate(all="ignore"):
                for (i, j), expr in zip(pairs(k), observed, strict=True):
                    own[..., i, j] = own[..., j, i] = evaluate(expr, partial(_named, here), NUMPY)
        matrices = found[np.isfinite(found).all(axis=(-2, -1))]
        least = np.linalg.eigvalsh(matrices)[:, 0]
        return bool((least >= -1e-9 * np.abs(matrices).max(initial=0.0)).all())


def pairs(k: int) -> list[tuple[int, int]]:
    """Rows and columns of the lower triangle of a matrix of that size."""
    return [(i, j) for i in range(k) for j in range(i + 1)]


def _reach(k: int, rows: int) -> Floats:
    """Values of predictors, (k, rows, points): of one those of a grid, of several anywhere among these."""
    if k == 1:
        return np.broadcast_to(np.linspace(-FARTHEST, FARTHEST, POINTS), (1, rows, POINTS))
    return np.random.default_rng(0).uniform(-FARTHEST, FARTHEST, (k, rows, POINTS))


def positive(observed: Triangle) -> Triangle:
    """What is positive definite of a matrix whatever its numbers are, which is all of it where these permit that.

    Of two predictors negative curvatures are zero and others their own, and what two have together is at most what goes
    with these. Of more each has so little together with others that the matrix is dominated by its diagonal.
    """
    k = isqrt(2 * len(observed))
    at = dict(zip(pairs(k), observed, strict=True))
    met = [sum(at[max(i, j), min(i, j)] != ZERO for j in range(k) if j != i) for i in range(k)]
    own = [apply("where", apply("less", at[i, i], ZERO), ZERO, at[i, i]) for i in range(k)]

    def within(i: int, j: int) -> Expr:
        if i == j or at[i, j] == ZERO:
            return own[i] if i == j else ZERO
        most = apply("sqrt", own[i] * own[j]) / max(met[i], met[j])
        below = apply("where", apply("less", at[i, j], -most), -most, at[i, j])
        return apply("where", apply("less", most, at[i, j]), most, below)

    return tuple(within(i, j) for i, j in pairs(k))


def _named(values: Mapping[str, Floats | float], name: Var | Col) -> Floats | float:
    return values[name.name]


@once
def curved_rows(spec: ModelSpec, moving: tuple[str, ...]) -> CurvedRows:
    """The rows of a model as the linear predictors of these parameters move."""
    rows = rows_of(spec)
    others = tuple(name for name in rows.parameters if name not in moving)
    slopes = tuple(differentiate(rows.value, name) for name in moving)
    observed = None
    if all(_smooth(slope, name) for slope in slopes for name in moving):
        second = (differentiate(slopes[i], moving[j]) for i, j in pairs(len(moving)))
        observed = tuple(ZERO if expr == ZERO else -expr for expr in second)
    given: dict[Expr, Expr] = {expr: Var(f"given {k}") for k, expr in enumerate(rows.given)}
    information = _information(spec, moving[0]) if len(moving) == 1 else None
    expected = None if information is None else (hoisted(information, frozenset(rows.parameters), given),)
    return CurvedRows(tuple(given), (*moving, *others), rows.value, slopes, observed, expected)


def _smooth(expr: Expr, name: str) -> bool:
    """Whether the vocabulary has the derivative of `expr` by a quantity, and machine code for it."""
    moving = {part.function for part in walk(expr) if isinstance(part, Apply) and depends(part, frozenset({name}))}
    if not all(function in ("neg", "times", "where") or _sloped(function) for function in moving):
        return False
    functions = {part.function for part in walk(differentiate(expr, name)) if isinstance(part, Apply)}
    return all(function == "neg" or known(function) for function in functions)


def _sloped(function: str) -> bool:
    return function in VOCABULARY and bool(VOCABULARY[function].slopes)


def _information(spec: ModelSpec, parameter: str) -> Expr | None:
    """(d mean / d predictor)² / variance."""
    family, parts = distribution_of(spec), linked(spec)
    if spec.thresholds is not None or UNKNOWN in (family.middle, family.variance):
        return None
    mean, variance = substitute(family.middle, parts), substitute(family.variance, parts)
    if not _smooth(mean, parameter):
        return None
    slope = differentiate(mean, parameter)
    functions = {part.function for part in (*walk(slope), *walk(variance)) if isinstance(part, Apply)}
    if slope == ZERO or not all(function == "neg" or known(function) for function in functions):
        return None
    return slope**2 / variance


def row_functions(rows: CurvedRows, curvature: Triangle) -> Points:
    """The addresses of two C functions, each of (rows, stride, given, weights, base, eta, slopes, curvatures).

    The first returns the weighted sum of the rows' log densities at `eta`, and writes slopes and curvatures down; the
    second puts each row's weighted log density in the place of the first `eta`. Columns lie a `stride` apart: the given
    ones, those of the other parameters from `base` on, slopes and curvatures. Those of `eta` lie a `RUN` apart.
    """
    return _function(rows, curvature), _function(rows, None)


@cache
def _function(rows: CurvedRows, curvature: Triangle | None) -> int:
    row = _row(rows, curvature)

    def run(
        n: int, stride: int, given: Pointer, weights: Pointer, base: Pointer, eta: Pointer, slopes: Pointer,
        curvatures: Pointer,
    ) -> float:  # fmt: skip
        total = 0.0
        for i in range(n):
            total += row(i, stride, given, weights, base, eta, slopes, curvatures)
        return total

    function = compiled(run, _SIGNATURE, repr((rows.given, rows.moving, rows.parameters, rows.value, curvature)))
    _KEPT.append(function)
    assert function.address is not None
    return int(function.address)


_KEPT: list[CFunc] = []
"""What has an address must live."""


def _row(rows: CurvedRows, curvature: Triangle | None) -> Callable[..., float]:
    """One row: its weighted log density; writes slopes and curvatures down, or itself in a predictor's place."""

    def typed(
        typing_context: TypingContext, i: Type, stride: Type, given: Type, weights: Type, base: Type, eta: Type,
        slopes: Type, curvatures: Type,
    ) -> Typed:  # fmt: skip
        def generate(context: Context, builder: Builder, signature: Signature, arguments: tuple[Value, ...]) -> Value:
            at, stride_, given_, weights_, base_, eta_, slopes_, curvatures_ = arguments
            apart, moving = ir.Constant(at.type, RUN), len(rows.moving)

            def place(start: Value, number: int, step: Value) -> Value:
                return builder.gep(start, [builder.add(at, builder.mul(ir.Constant(at.type, number), step))])

            places = {f"given {k}": place(given_, k, stride_) for k in range(len(rows.given))}
            places |= {name: place(eta_, k, apart) for k, name in enumerate(rows.moving)}
            places |= {name: place(base_, k, stride_) for k, name in enumerate(rows.parameters[moving:])}
            emit = Emitter(context, builder, {name: builder.load(where) for name, where in places.items()})
            times = builder.load(builder.gep(weights_, [at]))
            value = builder.fmul(times, emit(rows.value), FLAGS)
            if curvature is None:
                builder.store(value, places[rows.moving[0]])
                return value
            for start, exprs in ((slopes_, rows.slopes), (curvatures_, curvature)):
                for k, expr in enumerate(exprs):
                    builder.store(builder.fmul(times, emit(expr), FLAGS), place(start, k, stride_))
            return value

        return _NUMBER(i, stride, given, weights, base, eta, slopes, curvatures), generate

    found: Callable[..., float] = intrinsic(typed)
    return found


def _typed_call(
    typing_context: TypingContext, address: Type, n: Type, stride: Type, given: Type, weights: Type, base: Type,
    eta: Type, slopes: Type, curvatures: Type,
) -> Typed:  # fmt: skip
    def generate(context: Context, builder: Builder, signature: Signature, arguments: tuple[Value, ...]) -> Value:
        address_, n_, stride_, *opened = arguments
        pointers = [
            cgutils.create_struct_proxy(kind)(context, builder, value=each).data
            for kind, each in zip(signature.args[3:], opened, strict=True)
        ]
        number, integer = ir.DoubleType(), ir.IntType(64)
        kind = ir.FunctionType(number, [integer] * 2 + [number.as_pointer()] * 6)
        function = builder.inttoptr(address_, kind.as_pointer())
        return builder.call(function, [n_, stride_, *pointers])

    views = given, weights, base, eta, slopes, curvatures
    return _NUMBER(address, n, stride, *views), generate


call_rows: Callable[..., float] = intrinsic(_typed_call)
"""(address, n, stride, given, weights, base, eta, slopes, curvatures), the last six views that begin where the rows
do."""
