"""Row functions: from the Expr of a row's log density to machine code, made when a model first asks for it, and kept.

The code is a C function that goes through a run of rows. Its arithmetic is emitted node by node from the density and
its derivatives, equal parts once, with the functions of the vocabulary inlined; no text is run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import add

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
from tildemc.spec.derivative import depends, differentiate
from tildemc.spec.expr import Apply, Col, Const, Expr, Index, Op, Var, evaluate, substitute
from tildemc.spec.likelihood import density_of, estimated, fixed, linked
from tildemc.spec.model import ModelSpec
from tildemc.spec.once import once
from tildemc.spec.stepwise import BEFORE, coefficient, density_given_before
from tildemc.spec.terms.measured import Measured
from tildemc.spec.terms.residual import Residual
from tildemc.spec.terms.specific import Specific
from tildemc.spec.terms.term import Path
from tildemc.spec.terms.thresholds import Thresholds
from tildemc.spec.vocabulary import NUMPY, apply
from tildemc.targets.direct.cache import compiled
from tildemc.targets.direct.scalars import PARTS, scalar
from tildemc.targets.direct.tables import RUN

__all__ = [
    "FLAGS", "Emitter", "Rows", "call_rows", "given_columns", "hoisted", "level_rows", "row_function", "rows_from",
    "rows_of", "share_piece",
]  # fmt: skip

_NUMBER, _INTEGER = types.float64, types.int64
_NUMBERS = types.CPointer(_NUMBER)
_SIGNATURE = _NUMBER(_INTEGER, _INTEGER, _NUMBERS, _NUMBERS, _NUMBERS)
FLAGS = ("reassoc", "contract", "arcp", "nsz")
_OPERATIONS = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}


@dataclass(frozen=True, slots=True)
class Rows:
    """A row's log density, up to what depends on the data alone.

    Attributes
    ----------
    given : tuple of Expr
        What is worked out of `y` and its companions once for each row: the density names the first `given 0`.
    parameters : tuple of str
        What the density is differentiated by.
    value : Expr
    slopes : tuple of Expr
        By each parameter.
    """

    given: tuple[Expr, ...]
    parameters: tuple[str, ...]
    value: Expr
    slopes: tuple[Expr, ...]


@once
def rows_of(spec: ModelSpec) -> Rows:
    """The rows of a model: what thresholds and shares of a row are made of are parameters of their own."""
    parts: dict[Expr, Expr] = {}
    single: list[str] = []
    together: set[str] = set()
    if spec.thresholds is not None:
        single += _cut(spec.thresholds, spec.specific, parts)
        together.add(spec.thresholds.parameter)
    for shares in spec.shares:
        pieces = [share_piece(shares.parameter, k) for k in range(shares.size - 1)]
        single += pieces
        parts |= _broken(shares.parameters, pieces)
        together |= {*shares.parameters}
    if spec.rescor is not None:
        pieces = [share_piece(spec.rescor.path[0], k) for k in range(len(spec.rescor.parameters))]
        single += pieces
        own = zip(spec.rescor.parameters, pieces, strict=True)
        parts |= {Var(name): 2 * Var(piece) - 1 for name, piece in own}
        together |= {*spec.rescor.parameters}
    others = [name for name in estimated(spec) if name not in together]
    single += [name for measured in spec.measured for name in measured.drawn_in_rows.values()]
    true = {place: value for measured in spec.measured for place, value in _true_values(measured)}
    for latent in (latent for latent in spec.latents if latent.size):
        parts[Var(latent.called)] = latent.in_rows
        if latent.noise is not None:
            parts[Var(latent.error)] = Const(0.0)
        single.append(latent.drawn_in_rows)
    true |= {(latent.path, 0): latent.in_rows for latent in spec.latents}
    for predictor in (p for p in spec.predictors if p.monotonic or p.measured):
        # What is not linear in anything is worked out row by row, beside the sum of what is.
        total: Expr = Var(predictor.parameter)
        for effect in predictor.monotonic:
            named = [f"{effect.in_rows.simo}: {k}" for k in range(effect.steps)]
            pieces = [share_piece(effect.in_rows.simo, k) for k in range(effect.steps - 1)]
            total = total + substitute(effect.row([*map(Var, named)]), _broken(named, pieces))
            single += [effect.in_rows.b, *(pieces if effect.owner is None else ())]
        total = reduce(add, (effect.row(true) for effect in predictor.measured), total)
        single += [effect.in_rows for effect in predictor.measured]
        parts[Var(predictor.parameter)] = total
    if spec.residual is not None:
        return _of_series(spec, spec.residual, parts, others, single)
    density = density_of(spec) if spec.thresholds is None else spec.thresholds.seen_from(density_of(spec))
    whole = substitute(density, parts)
    for latent in (latent for latent in spec.latents if latent.noise is not None):
        whole = whole + latent.of_measured
    return rows_from(whole, (*others, *single))


def _of_series(
    spec: ModelSpec, residual: Residual, parts: Mapping[Expr, Expr], others: Sequence[str], single: Sequence[str]
) -> Rows:
    """The rows of series, each given the one before it; its parameters are parameters of the row, too."""
    step = residual.step
    assert step is not None
    constant = [*single, *(a.parameter for a in spec.auxiliaries if a.by is None)]
    density = density_given_before(spec, step, constant, linked(spec), fixed(spec), parts)
    earlier = [f"{BEFORE}{name}" for name in others if name not in constant]
    coefficients = [coefficient(c.name) for c in residual.coefficients] if not residual.known else []
    return rows_from(density, (*others, *single, *earlier, *coefficients))


def level_rows(measured: Measured) -> Rows:
    """Of the levels of true values: of what was measured, and of the standard normal numbers beside it.

    A level has one density, whichever rows of the data it has: these rows stand behind the data's.
    """
    named = measured.in_rows
    each = (one.log_density - 0.5 * named[f"z {k}"] ** 2 for k, one in enumerate(measured.seen(named)))
    return rows_from(reduce(add, each), tuple(measured.drawn_in_rows.values()))


def _true_values(measured: Measured) -> Iterator[tuple[tuple[Path, int], Expr]]:
    """Those of a row, by where they stand."""
    named = measured.in_rows
    for k, one in enumerate(measured.seen(named)):
        yield (measured.path, k), one.true(named[f"z {k}"])


def _cut(thresholds: Thresholds, specific: Specific | None, parts: dict[Expr, Expr]) -> list[str]:
    """What thresholds are made of, by name; `parts` takes each in terms of these."""
    single = [*thresholds.quantities]
    for k in range(thresholds.size):
        value = thresholds.of_row(k)
        if specific is not None:
            value = value - Var(specific.quantity(k))
            single.append(specific.quantity(k))
        parts[Index(Var(thresholds.parameter), (k,))] = value
    return single


def _broken(shares: Sequence[str], pieces: Sequence[str]) -> dict[Expr, Expr]:
    """Shares, and their logs, in pieces that are broken off one: each a part of what those before it have left."""
    parts: dict[Expr, Expr] = {}
    left: Expr = Const(1.0)
    log_left: Expr = Const(0.0)
    for name, piece in zip(shares, map(Var, pieces), strict=False):
        parts |= {Var(name): left * piece, apply("log", Var(name)): log_left + apply("log", piece)}
        left, log_left = left * (1 - piece), log_left + apply("log1p", -piece)
    return parts | {Var(shares[-1]): left, apply("log", Var(shares[-1])): log_left}


def share_piece(parameter: str, k: int) -> str:
    """What the density of a row calls a piece that shares are made of."""
    return f"{parameter} {k}"


def rows_from(density: Expr, parameters: tuple[str, ...]) -> Rows:
    """The rows whose density is this one, in `y`, its companions and the parameters."""
    given: dict[Expr, Expr] = {}
    value = hoisted(_varying(density, frozenset(parameters)), frozenset(parameters), given)
    return Rows(tuple(given), parameters, value, tuple(differentiate(value, name) for name in parameters))


def _varying(expr: Expr, parameters: frozenset[str]) -> Expr:
    """The sum without the terms that have no parameter."""
    if not depends(expr, parameters):
        return Const(0.0)
    match expr:
        case Op("+" | "-" as symbol, left, right):
            left, right = _varying(left, parameters), _varying(right, parameters)
            if right == Const(0.0):
                return left
            if left == Const(0.0):
                return right if symbol == "+" else -right
            return Op(symbol, left, right)
        case _:
            return expr


def hoisted(expr: Expr, parameters: frozenset[str], given: dict[Expr, Expr]) -> Expr:
    """`expr` with names for the largest parts that have no parameter, which `given` takes; constants are worked out."""
    if not depends(expr, parameters):
        try:
            return Const(float(evaluate(expr, _no_name, NUMPY)))
        except LookupError:
            return given.setdefault(expr, Var(f"given {len(given)}"))
    match expr:
        case Op(symbol, left, right):
            return Op(symbol, hoisted(left, parameters, given), hoisted(right, parameters, given))
        case Apply(function, arguments):
            return Apply(function, tuple(hoisted(argument, parameters, given) for argument in arguments))
        case _:
            return expr


def _no_name(name: Var | Col) -> float:
    raise LookupError(name)


def given_columns(given: Sequence[Expr], n: int, known: Mapping[str, Floats]) -> Floats:
    """What a density is given of each row, (columns, n), made of what is known of it."""
    found = np.empty((len(given), n))
    for k, expr in enumerate(given):
        found[k] = evaluate(expr, lambda name: known[name.name], NUMPY)
    return found


@cache
def row_function(rows: Rows) -> int:
    """The address of (rows, stride, given, weights, theta) -> the weighted sum of the rows' log densities.

    `given` holds the columns, each a `stride` after the one before; `theta` the parameters, each a `RUN` after the one
    before. Their derivatives, weighted, replace them.
    """
    row = _row(rows)

    def run(n: int, stride: int, given: Pointer, weights: Pointer, theta: Pointer) -> float:
        total = 0.0
        for i in range(n):
            total += row(i, stride, given, weights, theta)
        return total

    function = compiled(run, _SIGNATURE, repr(rows))
    _KEPT.append(function)
    assert function.address is not None
    return int(function.address)


_KEPT: list[CFunc] = []
"""What has an address must live."""


def _row(rows: Rows) -> Callable[[int, int, Pointer, Pointer, Pointer], float]:
    """One row: its weighted log density; writes the derivatives down."""

    def typed(typing_context: TypingContext, i: Type, stride: Type, given: Type, weights: Type, theta: Type) -> Typed:
        def generate(context: Context, builder: Builder, signature: Signature, arguments: tuple[Value, ...]) -> Value:
            at, stride_, given_, weights_, theta_ = arguments
            # Column k of an array is k strides after its first: parameters and given numbers lie column by column.
            places = {f"given {k}": (given_, k, stride_) for k in range(len(rows.given))}
            places |= {p: (theta_, k, ir.Constant(stride_.type, RUN)) for k, p in enumerate(rows.parameters)}

            def place(start: Value, number: int, step: Value) -> Value:
                return builder.gep(start, [builder.add(at, builder.mul(ir.Constant(at.type, number), step))])

            emit = Emitter(context, builder, {name: builder.load(place(*where)) for name, where in places.items()})
            weight = builder.load(builder.gep(weights_, [at]))
            # Value and derivatives have most of their parts in common, which the emitter writes once.
            found = [builder.fmul(weight, emit(expr), FLAGS) for expr in (rows.value, *rows.slopes)]
            for parameter, slope in zip(rows.parameters, found[1:], strict=True):
                builder.store(slope, place(*places[parameter]))
            return found[0]

        return _NUMBER(i, stride, given, weights, theta), generate

    found: Callable[[int, int, Pointer, Pointer, Pointer], float] = intrinsic(typed)
    return found


class Emitter:
    """Emits expressions, each part once."""

    def __init__(self, context: Context, builder: Builder, names: dict[str, Value]) -> None:
        self.context, self.builder = context, builder
        self.known: dict[Expr, Value] = {Var(name): value for name, value in names.items()}
        self.several: dict[tuple[Callable[..., object], tuple[Expr, ...]], Value] = {}

    def __call__(self, expr: Expr) -> Value:
        """The value of an expression."""
        if expr not in self.known:
            self.known[expr] = self._emit(expr)
        return self.known[expr]

    def _emit(self, expr: Expr) -> Value:
        match expr:
            case Const(value):
                return self.context.get_constant(_NUMBER, float(value))
            # A product: the C library's power would be a call in the loop.
            case Op("**", base, Const(power)) if power == 2:
                return self.builder.fmul(self(base), self(base), FLAGS)
            case Op("**", base, power):
                return self._call(scalar("power"), (base, power))
            case Op(symbol, left, right):
                return getattr(self.builder, _OPERATIONS[symbol])(self(left), self(right), FLAGS)
            case Apply("neg", (inner,)):
                return self.builder.fneg(self(inner), FLAGS)
            case Apply(function, arguments) if function in PARTS:
                return self._part(*PARTS[function], arguments)
            case Apply(function, arguments):
                return self._call(scalar(function), arguments)
            case _:
                raise AssertionError(expr)

    def _part(self, function: Callable[..., object], place: int, arguments: tuple[Expr, ...]) -> Value:
        """One of the numbers that a function works out at once: it is called once for all of them."""
        if (function, arguments) not in self.several:
            self.several[function, arguments] = self._call(function, arguments)
        return self.builder.extract_value(self.several[function, arguments], place)

    def _call(self, function: Callable[..., object], arguments: tuple[Expr, ...]) -> Value:
        # A function of the vocabulary is inlined by LLVM: a call in the loop would keep it from several rows at a time.
        typed = self.context.typing_context.resolve_value_type(function)
        signature = typed.get_call_type(self.context.typing_context, (_NUMBER,) * len(arguments), {})
        implementation = self.context.get_function(typed, signature)
        self.context.add_linking_libs(getattr(implementation, "libs", ()))
        return implementation(self.builder, [self(argument) for argument in arguments])


def _typed_call(
    typing_context: TypingContext, address: Type, start: Type, stride: Type, given: Type, weights: Type, theta: Type
) -> Typed:
    def generate(context: Context, builder: Builder, signature: Signature, arguments: tuple[Value, ...]) -> Value:
        address_, start_, stride_, *arrays = arguments

        kinds = zip(signature.args[3:], arrays, strict=True)
        opened = [cgutils.create_struct_proxy(kind)(context, builder, value=array) for kind, array in kinds]
        given_, weights_, theta_ = (array.data for array in opened)
        n = builder.extract_value(opened[1].shape, 0)
        number, integer = ir.DoubleType(), ir.IntType(64)
        kind = ir.FunctionType(number, [integer, integer, *[number.as_pointer()] * 3])
        function = builder.inttoptr(address_, kind.as_pointer())
        return builder.call(function, [n, stride_, builder.gep(given_, [start_]), weights_, theta_])

    return _NUMBER(_INTEGER, _INTEGER, _INTEGER, given, weights, theta), generate


call_rows: Callable[[int, int, int, Floats, Floats, Floats], float] = intrinsic(_typed_call)
"""(address, start, stride, given, weights, theta): the row function on the rows from `start`, one for each weight."""
