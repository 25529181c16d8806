"""ModelSpec -> a row's log density as a function of one linear predictor: its value, its slope and its curvature.

The curvature is minus the second derivative where the density is concave; where it is not, the information that a row
has of the predictor by its mean and variance, which is positive whatever the response.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial

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
from tildemc.spec.vocabulary import NUMPY, VOCABULARY
from tildemc.targets.direct.cache import compiled
from tildemc.targets.direct.rows import FLAGS, Emitter, hoisted, rows_of
from tildemc.targets.direct.scalars import known

__all__ = ["CurvedRows", "Points", "call_rows", "curved_rows", "row_functions"]

_NUMBER, _INTEGER = types.float64, types.int64
_NUMBERS = types.CPointer(_NUMBER)
_SIGNATURE = _NUMBER(_INTEGER, _INTEGER, _INTEGER, *[_NUMBERS] * 6)

REACH = np.linspace(-8.0, 8.0, 33)
"""Values of a linear predictor at which a density is seen to be concave or not."""
SEEN = 200
"""So many rows are looked at."""

Points = tuple[int, int]
"""The addresses of a model's two row functions."""


@dataclass(frozen=True, slots=True)
class CurvedRows:
    """A row's log density, up to what depends on the data alone, as one predictor moves.

    Attributes
    ----------
    given : tuple of Expr
        What is worked out of `y` and its companions once for each row: the density names the first `given 0`.
    parameters : tuple of str
        The density's, the predictor first.
    value, slope : Expr
    observed : Expr or None
        Minus the second derivative by the predictor; None where the vocabulary does not know it.
    expected : Expr or None
        The information by mean and variance, if the family says these.
    """

    given: tuple[Expr, ...]
    parameters: tuple[str, ...]
    value: Expr
    slope: Expr
    observed: Expr | None
    expected: Expr | None

    def curvature(self, columns: Floats, typical: Mapping[str, float]) -> Expr:
        """The observed one where it is never negative, else the expected.

        Parameters
        ----------
        columns : (given, n)
            What the rows are given.
        typical : mapping of str to float
            Values of the parameters beside the predictor.
        """
        if self.observed is None or (self.expected is not None and not self._concave(columns, typical)):
            assert self.expected is not None
            return self.expected
        return self.observed

    def _concave(self, columns: Floats, typical: Mapping[str, float]) -> bool:
        assert self.observed is not None
        rows = columns[:, :: max(columns.shape[1] // SEEN, 1), None]
        names = {f"given {k}": column for k, column in enumerate(rows)} | {self.parameters[0]: REACH}
        # A shape far from the typical one may make another density of it.
        for times in (0.2, 1.0, 5.0):
            here = names | {name: times * value for name, value in typical.items()}
            with np.errstate(all="ignore"):
                found = np.asarray(evaluate(self.observed, partial(_named, here), NUMPY))
            if np.any(found < -1e-9 * np.nanmax(np.abs(found))):
                return False
        return True


def _named(values: Mapping[str, Floats | float], name: Var | Col) -> Floats | float:
    return values[name.name]


def curved_rows(spec: ModelSpec, parameter: str) -> CurvedRows:
    """The rows of a model as the linear predictor of `parameter` moves."""
    rows = rows_of(spec)
    others = tuple(name for name in rows.parameters if name != parameter)
    slope = differentiate(rows.value, parameter)
    observed = -differentiate(slope, parameter) if _smooth(slope, parameter) else None
    given: dict[Expr, Expr] = {expr: Var(f"given {k}") for k, expr in enumerate(rows.given)}
    expected = _information(spec, parameter)
    if expected is not None:
        expected = hoisted(expected, frozenset(rows.parameters), given)
    return CurvedRows(tuple(given), (parameter, *others), rows.value, slope, observed, expected)


def _smooth(expr: Expr, name: str) -> bool:
    """Whether the vocabulary has the derivative of `expr` by a quantity, and machine code for it."""
    moving = {part.function for part in walk(expr) if isinstance(part, Apply) and depends(part, frozenset({name}))}
    if not all(function in ("neg", "times", "where") or _sloped(function) for function in moving):
        return False
    found = {part.function for part in walk(differentiate(expr, name)) if isinstance(part, Apply)}
    return all(function == "neg" or known(function) for function in found)


def _sloped(function: str) -> bool:
    return function in VOCABULARY and bool(VOCABULARY[function].slopes)


def _information(spec: ModelSpec, parameter: str) -> Expr | None:
    """(d mean / d predictor)² / variance; or, where the family says it, what a row tells of the mean in its place."""
    family, parts = distribution_of(spec), linked(spec)
    if spec.thresholds is not None or UNKNOWN in (family.middle, family.variance):
        return None
    mean = substitute(family.middle, parts)
    told = substitute(1 / family.variance if family.information is None else family.information, parts)
    if not _smooth(mean, parameter):
        return None
    slope = differentiate(mean, parameter)
    functions = {part.function for part in (*walk(slope), *walk(told)) if isinstance(part, Apply)}
    if slope == ZERO or not all(function == "neg" or known(function) for function in functions):
        return None
    return slope**2 * told


def row_functions(rows: CurvedRows, curvature: Expr) -> Points:
    """The addresses of two C functions, each of (rows, stride, base stride, given, weights, base, eta, slope, weight).

    The first returns the weighted sum of the rows' log densities at `eta`, and writes slopes and curvatures down; the
    second puts each row's weighted log density in the place of `eta`. The given columns lie a `stride` apart, and those
    of the other parameters, from `base` on, a `base stride`.
    """
    return _function(rows, curvature), _function(rows, None)


@cache
def _function(rows: CurvedRows, curvature: Expr | None) -> int:
    row = _row(rows, curvature)

    def run(
        n: int, stride: int, base_stride: int, given: Pointer, weights: Pointer, base: Pointer, eta: Pointer,
        slope: Pointer, weight: Pointer,
    ) -> float:  # fmt: skip
        total = 0.0
        for i in range(n):
            total += row(i, stride, base_stride, given, weights, base, eta, slope, weight)
        return total

    function = compiled(run, _SIGNATURE, repr((rows.given, rows.parameters, rows.value, curvature)))
    _KEPT.append(function)
    assert function.address is not None
    return int(function.address)


_KEPT: list[CFunc] = []
"""What has an address must live."""


def _row(rows: CurvedRows, curvature: Expr | None) -> Callable[..., float]:
    """One row: its weighted log density; writes slope and curvature down, or itself in the place of the predictor."""

    def typed(
        typing_context: TypingContext, i: Type, stride: Type, base_stride: Type, given: Type, weights: Type, base: Type,
        eta: Type, slope: Type, weight: Type,
    ) -> Typed:  # fmt: skip
        def generate(context: Context, builder: Builder, signature: Signature, arguments: tuple[Value, ...]) -> Value:
            at, stride_, base_stride_, given_, weights_, base_, eta_, slope_, weight_ = arguments

            def read(start: Value, number: int, step: Value) -> Value:
                place = builder.add(at, builder.mul(ir.Constant(at.type, number), step))
                return builder.load(builder.gep(start, [place]))

            names = {f"given {k}": read(given_, k, stride_) for k in range(len(rows.given))}
            names |= {name: read(base_, k, base_stride_) for k, name in enumerate(rows.parameters[1:])}
            here = builder.gep(eta_, [at])
            emit = Emitter(context, builder, {**names, rows.parameters[0]: builder.load(here)})
            times = builder.load(builder.gep(weights_, [at]))
            value = builder.fmul(times, emit(rows.value), FLAGS)
            if curvature is None:
                builder.store(value, here)
            else:
                builder.store(builder.fmul(times, emit(rows.slope), FLAGS), builder.gep(slope_, [at]))
                builder.store(builder.fmul(times, emit(curvature), FLAGS), builder.gep(weight_, [at]))
            return value

        return _NUMBER(i, stride, base_stride, given, weights, base, eta, slope, weight), generate

    found: Callable[..., float] = intrinsic(typed)
    return found


def _typed_call(
    typing_context: TypingContext, address: Type, n: Type, stride: Type, base_stride: Type, given: Type, weights: Type,
    base: Type, eta: Type, slope: Type, weight: Type,
) -> Typed:  # fmt: skip
    def generate(context: Context, builder: Builder, signature: Signature, arguments: tuple[Value, ...]) -> Value:
        address_, n_, stride_, base_stride_, *opened = arguments
        pointers = [
            cgutils.create_struct_proxy(kind)(context, builder, value=each).data
            for kind, each in zip(signature.args[4:], opened, strict=True)
        ]
        number, integer = ir.DoubleType(), ir.IntType(64)
        kind = ir.FunctionType(number, [integer] * 3 + [number.as_pointer()] * 6)
        function = builder.inttoptr(address_, kind.as_pointer())
        return builder.call(function, [n_, stride_, base_stride_, *pointers])

    views = given, weights, base, eta, slope, weight
    return _NUMBER(address, n, stride, base_stride, *views), generate


call_rows: Callable[..., float] = intrinsic(_typed_call)
"""(address, n, stride, base stride, given, weights, base, eta, slope, weight), the last six views that begin where the
rows do."""
