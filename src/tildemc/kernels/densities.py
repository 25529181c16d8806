"""Log densities of scalars: the priors of coefficients, sds and variances.

The common ones, normal and Student-t, have code of their own. Any other is worked out by going through its steps, which
`scalars.coded` makes from its record: a new density needs no new machine code.
"""

from __future__ import annotations

from math import exp, log, log1p, sqrt

from tildemc.arrays import Floats
from tildemc.kernels import jit

__all__ = [
    "ABS", "ADD", "CONSTANT", "DIVIDE", "EXP", "FLAT", "LOG", "LOG1P", "MULTIPLY", "NEG", "NORMAL", "POWER", "SQRT",
    "STEPS", "STUDENT", "SUBTRACT", "X", "density",
]  # fmt: skip


FLAT, NORMAL, STUDENT, STEPS = range(4)

# What a step does with the numbers on top of the stack; the first two put one there.
CONSTANT, X, ADD, SUBTRACT, MULTIPLY, DIVIDE, POWER, NEG, ABS, EXP, LOG, LOG1P, SQRT = range(13)


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
    # Numbers rather than an array, so that they stay in registers: no density of one variable needs a deeper stack.
    p, q, r, s = 0.0, 0.0, 0.0, 0.0
    dp, dq, dr, ds = 0.0, 0.0, 0.0, 0.0
    for k in range(start, end, 2):
        step, constant = int(steps[k]), steps[k + 1]
        if step <= X:
            q, r, s, dq, dr, ds = p, q, r, dp, dq, dr
            p, dp = (constant, 0.0) if step == CONSTANT else (x, 1.0)
        elif step <= DIVIDE:
            if step == ADD:
                p, dp = q + p, dq + dp
            elif step == SUBTRACT:
                p, dp = q - p, dq - dp
            elif step == MULTIPLY:
                p, dp = q * p, dq * p + q * dp
            else:
                p, dp = q / p, (dq - q / p * dp) / p
            q, r, dq, dr = r, s, dr, ds
        elif step == POWER:
            p, dp = p**constant, constant * p ** (constant - 1) * dp
        elif step == NEG:
            p, dp = -p, -dp
        elif step == ABS:
            p, dp = abs(p), dp if p >= 0 else -dp
        elif step == EXP:
            p = exp(p)
            dp *= p
        elif step == LOG:
            p, dp = log(p), dp / p
        elif step == LOG1P:
            p, dp = log1p(p), dp / (1 + p)
        else:
            p = sqrt(p)
            dp *= 0.5 / p
    return p, dp
