"""Log densities of scalars for kernels: the priors of coefficients, sds and variances.

The common ones, normal and Student-t, have code of their own. Any other is worked out by going through its steps, which
are made from its record: a new density needs no new machine code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, inf, log, log1p, sqrt

import numpy as np
from numpy.typing import NDArray

from tildemc.errors import FitError
from tildemc.kernels import jit
from tildemc.model.densities import Distribution
from tildemc.model.derivative import depends
from tildemc.model.expr import Apply, Const, Expr, Op, Var
from tildemc.model.priors import Prior

__all__ = ["FLAT", "Computable", "Scalar", "coded", "density", "log_constant"]

Floats = NDArray[np.float64]

FLAT, NORMAL, STUDENT, STEPS = range(4)

# What a step does with the numbers on top of the stack; the first two put one there.
_CONSTANT, _X, _ADD, _SUBTRACT, _MULTIPLY, _DIVIDE, _POWER, _NEG, _ABS, _EXP, _LOG, _LOG1P, _SQRT = range(13)
_OPERATORS = {"+": _ADD, "-": _SUBTRACT, "*": _MULTIPLY, "/": _DIVIDE}
_FUNCTIONS = {"neg": _NEG, "abs": _ABS, "exp": _EXP, "log": _LOG, "log1p": _LOG1P, "sqrt": _SQRT}
_HEIGHT = 4
"""How many numbers the stack holds."""


class Computable:
    """The densities that kernels can work out: those whose `x` goes through functions that have a step."""

    def __contains__(self, record: Distribution) -> bool:
        return _computable(record.log_density) and not record.support.matrix


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
        yield from (_CONSTANT, record.of(expr, values))
        return
    match expr:
        case Var():
            yield from (_X, 0.0)
        case Op("**", base, Const(int(power) | float(power))):
            yield from _steps(base, record, values)
            yield from (_POWER, float(power))
        case Op(symbol, left, right):
            yield from _steps(left, record, values)
            yield from _steps(right, record, values)
            yield from (_OPERATORS[symbol], 0.0)
        case Apply(function, (inner,)):
            yield from _steps(inner, record, values)
            yield from (_FUNCTIONS[function], 0.0)
        case _:
            raise AssertionError(expr)


@jit
def density(steps: Floats, code: int, x: float, a: float, b: float, c: float) -> tuple[float, float]:
    """The log density at `x` and its derivative; up to a constant, unless it goes by steps."""
    if code == NORMAL:
        r = (x - a) / b
        return -0.5 * r * r, -r / b
    if code == STUDENT:
        r = (x - b) / c
        return -0.5 * (a + 1) * log1p(r * r / a), -(a + 1) * r / ((a + r * r) * c)
    if code == STEPS:
        return _stepped(steps, int(a), int(b), x)
    return 0.0, 0.0


@jit
def _stepped(steps: Floats, start: int, end: int, x: float) -> tuple[float, float]:
    """A stack of four numbers, the top one first, each with its derivative by `x`."""
    p, q, r, s = 0.0, 0.0, 0.0, 0.0
    dp, dq, dr, ds = 0.0, 0.0, 0.0, 0.0
    for k in range(start, end, 2):
        step, constant = int(steps[k]), steps[k + 1]
        if step <= _X:
            q, r, s, dq, dr, ds = p, q, r, dp, dq, dr
            p, dp = (constant, 0.0) if step == _CONSTANT else (x, 1.0)
        elif step <= _DIVIDE:
            if step == _ADD:
                p, dp = q + p, dq + dp
            elif step == _SUBTRACT:
                p, dp = q - p, dq - dp
            elif step == _MULTIPLY:
                p, dp = q * p, dq * p + q * dp
            else:
                p, dp = q / p, (dq - q / p * dp) / p
            q, r, dq, dr = r, s, dr, ds
        elif step == _POWER:
            p, dp = p**constant, constant * p ** (constant - 1) * dp
        elif step == _NEG:
            p, dp = -p, -dp
        elif step == _ABS:
            p, dp = abs(p), dp if p >= 0 else -dp
        elif step == _EXP:
            p = exp(p)
            dp *= p
        elif step == _LOG:
            p, dp = log(p), dp / p
        elif step == _LOG1P:
            p, dp = log1p(p), dp / (1 + p)
        else:
            p = sqrt(p)
            dp *= 0.5 / p
    return p, dp


def log_constant(prior: Prior) -> float:
    """What `density` leaves out of a prior's log density, where it has been cut off: its constants."""
    record, scalar, x = prior.distribution, coded(prior), prior.plausible
    found = density(np.array(scalar.steps), *_with_x(scalar, x))[0] if scalar.code != FLAT else 0.0
    return record.of(record.log_density, (*prior.values, x)) - found - _log_mass(prior)


def _with_x(scalar: Scalar, x: float) -> tuple[int, float, float, float, float]:
    code, a, b, c = scalar.at(0)
    return code, x, a, b, c


def _log_mass(prior: Prior) -> float:
    """The log of the probability that is left where the density is cut off."""
    record = prior.distribution
    if not record.scipy or (prior.lower, prior.upper) == (-inf, inf):
        return 0.0
    if prior.folded:
        return log(0.5)
    from scipy import stats

    arguments = {name: record.of(expr, prior.values) for name, expr in record.scipy_arguments.items()}
    theirs = getattr(stats, record.scipy)(**arguments)
    # From the tail that keeps its digits.
    lower, upper = prior.support.lower, prior.support.upper
    larger, smaller = theirs.logcdf(upper), theirs.logcdf(lower)
    if lower > theirs.median():
        larger, smaller = theirs.logsf(lower), theirs.logsf(upper)
    if larger == -inf:
        raise FitError(f"nothing is left of the prior {prior}: it ends too far out in a tail")
    return float(larger + log1p(-exp(smaller - larger)))
