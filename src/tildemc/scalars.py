"""Prior -> Scalar: the density of a coefficient, an sd or a variance as kernels read it, and what they leave out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import inf

import numpy as np

from tildemc.kernels.densities import (
    ABS,
    ADD,
    CONSTANT,
    DIVIDE,
    EXP,
    FLAT,
    LOG,
    LOG1P,
    MULTIPLY,
    NEG,
    NORMAL,
    POWER,
    SQRT,
    STEPS,
    STUDENT,
    SUBTRACT,
    X,
    density,
)
from tildemc.spec.densities import Distribution
from tildemc.spec.derivative import depends
from tildemc.spec.expr import Apply, Const, Expr, Op, Var
from tildemc.spec.priors import Prior

__all__ = ["Computable", "Scalar", "coded", "log_constant"]

_OPERATORS = {"+": ADD, "-": SUBTRACT, "*": MULTIPLY, "/": DIVIDE}
_FUNCTIONS = {"neg": NEG, "abs": ABS, "exp": EXP, "log": LOG, "log1p": LOG1P, "sqrt": SQRT}


class Computable:
    """The densities that kernels can work out: those whose `x` goes through functions that have a step."""

    def __contains__(self, record: Distribution) -> bool:
        return _computable(record.log_density) and not record.support.joint


@lru_cache(256)
def _computable(expr: Expr) -> bool:
    if not depends(expr, _MOVING):
        return True
    match expr:
        case Var():
            return True
        case Op("**", base, Const(int() | float())):
            return _computable(base)
        case Op(symbol, left, right):
            return symbol in _OPERATORS and _computable(left) and _computable(right)
        case Apply(function, (inner,)):
            return function in _FUNCTIONS and _computable(inner)
        case _:
            return False


_MOVING = frozenset({"x"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """A prior density as kernels read it: the code that works it out, its arguments, the steps if it goes by them."""

    code: int
    arguments: tuple[float, float, float] = (0.0, 0.0, 0.0)
    steps: tuple[float, ...] = ()

    def at(self, start: int) -> tuple[int, float, float, float]:
        """The code and the arguments, with the steps standing from `start` on."""
        if self.code == STEPS:
            return self.code, float(start), float(start + len(self.steps)), 0.0
        return (self.code, *self.arguments)


def coded(prior: Prior) -> Scalar:
    """A prior for the kernels."""
    record, values = prior.distribution, prior.values
    if not depends(record.log_density, _MOVING):
        return Scalar(FLAT)
    if record.form is not None:
        nu, mu, sigma = (record.of(part, values) for part in record.form)
        return Scalar(NORMAL, (mu, sigma, 0.0)) if nu == inf else Scalar(STUDENT, (nu, mu, sigma))
    return Scalar(STEPS, steps=tuple(_steps(record.log_density, record, values)))


def _steps(expr: Expr, record: Distribution, values: tuple[float, ...]) -> Iterator[float]:
    """The steps that work `expr` out, each a number and a constant; what does not depend on `x` is worked out here."""
    if not depends(expr, _MOVING):
        yield from (CONSTANT, record.of(expr, values))
        return
    match expr:
        case Var():
            yield from (X, 0.0)
        case Op("**", base, Const(int(power) | float(power))):
            yield from _steps(base, record, values)
            yield from (POWER, float(power))
        case Op(symbol, left, right):
            yield from _steps(left, record, values)
            yield from _steps(right, record, values)
            yield from (_OPERATORS[symbol], 0.0)
        case Apply(function, (inner,)):
            yield from _steps(inner, record, values)
            yield from (_FUNCTIONS[function], 0.0)
        case _:
            raise AssertionError(expr)


def log_constant(prior: Prior) -> float:
    """What `density` leaves out of a prior's log density, where it has been cut off: its constants."""
    record, scalar, x = prior.distribution, coded(prior), prior.plausible
    found = density(np.array(scalar.steps), *_with_x(scalar, x))[0] if scalar.code != FLAT else 0.0
    return record.of(record.log_density, (*prior.values, x)) - found - prior.log_mass


def _with_x(scalar: Scalar, x: float) -> tuple[int, float, float, float, float]:
    code, a, b, c = scalar.at(0)
    return code, x, a, b, c
