"""Pattern × distances -> Recipe: the steps by which kernels work out correlations from the numbers they follow from.

A pattern's arithmetic is run once on registers, which write down what is done with them; kernels go through the steps,
and backwards for derivatives. So a new pattern needs no new machine code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.covariance import Loadings, Pattern
from tildemc.spec.expr import Apply, Computes, Const, Expr, Var, evaluate, walk
from tildemc.spec.special import autocorrelation, matern

__all__ = [
    "ADD",
    "CONSTANT",
    "CORRELATED",
    "DIVIDE",
    "EXP",
    "HEAD",
    "MULTIPLY",
    "NEG",
    "ON_DIAGONAL",
    "POWER",
    "STEP",
    "SUBTRACT",
    "TRIANGLE",
    "recipe_of",
    "recipe_of_diagonal",
    "recipe_of_loadings",
    "room_for",
    "traceable",
]

CONSTANT, ADD, SUBTRACT, MULTIPLY, DIVIDE, POWER, NEG, EXP = range(8)
"""What a step does with the registers a and b: a constant has its value for a, a power its exponent for b."""

HEAD, STEP = 4, 3
"""A recipe begins with how many numbers, steps and effects it has, and with what it makes; a step is an operation and
its a and b. Last come registers: row by row those of the correlations below the diagonal, whose factor is worked out;
or those of the factor itself: of its diagonal, where there is nothing below, or of its triangle."""

CORRELATED, ON_DIAGONAL, TRIANGLE = range(3)
"""What a recipe makes."""


class _Tape:
    """Steps so far; the same step is taken once."""

    def __init__(self, shapes: int) -> None:
        self.steps: dict[tuple[int, float, float], int] = {}
        self.numbers = count(shapes)

    def take(self, operation: int, a: float, b: float = 0.0) -> _Register:
        """The register that a step fills."""
        step = operation, a, b
        if step not in self.steps:
            self.steps[step] = next(self.numbers)
        return _Register(self, self.steps[step])

    def register(self, value: _Register | float) -> int:
        """Where a value stands."""
        return value.number if isinstance(value, _Register) else self.take(CONSTANT, float(value)).number


@dataclass(frozen=True, slots=True)
class _Register:
    """A number that a kernel will have, by its place."""

    tape: _Tape
    number: int

    def _with(self, operation: int, left: _Register | float, right: _Register | float) -> _Register:
        return self.tape.take(operation, self.tape.register(left), self.tape.register(right))

    def __add__(self, other: _Register | float) -> _Register:
        return self._with(ADD, self, other)

    def __radd__(self, other: float) -> _Register:
        return self._with(ADD, other, self)

    def __sub__(self, other: _Register | float) -> _Register:
        return self._with(SUBTRACT, self, other)

    def __rsub__(self, other: float) -> _Register:
        return self._with(SUBTRACT, other, self)

    def __mul__(self, other: _Register | float) -> _Register:
        return self._with(MULTIPLY, self, other)

    def __rmul__(self, other: float) -> _Register:
        return self._with(MULTIPLY, other, self)

    def __truediv__(self, other: _Register | float) -> _Register:
        return self._with(DIVIDE, self, other)

    def __rtruediv__(self, other: float) -> _Register:
        return self._with(DIVIDE, other, self)

    def __pow__(self, exponent: float) -> _Register:
        return self.tape.take(POWER, self.number, exponent)

    def __neg__(self) -> _Register:
        return self.tape.take(NEG, self.number)

    def exp(self) -> _Register:
        """The exponential."""
        return self.tape.take(EXP, self.number)


_FUNCTIONS: Mapping[str, Computes] = {
    "neg": _Register.__neg__,
    "exp": _Register.exp,
    "sqrt": lambda value: value**0.5,
    "autocorrelation": autocorrelation,
    "matern": matern,
}


def traceable(pattern: Pattern) -> bool:
    """Whether there are steps for all that a pattern's correlations apply."""
    return all(part.function in _FUNCTIONS for part in walk(pattern.of_two) if isinstance(part, Apply))


def recipe_of(pattern: Pattern, apart: Floats) -> Floats:
    """The recipe, as one vector, for effects that are so far apart, (n, n)."""
    size = len(pattern.shapes(apart))
    tape, known = _Tape(size), {f"shape{k}": k for k in range(size)}
    shapes = [Var(name) for name in known]
    entries = []
    for distance in apart[np.tril_indices(len(apart), -1)].tolist():
        entry = pattern.entry(shapes, Const(distance))
        value = evaluate(entry, lambda name: _Register(tape, known[name.name]), _FUNCTIONS)
        entries.append(tape.register(value))
    steps = [number for step in tape.steps for number in step]
    return np.array([size, len(tape.steps), len(apart), CORRELATED, *steps, *entries], dtype=float)


def recipe_of_loadings(loadings: Loadings, n: int) -> Floats:
    """The recipe of the factor of n effects that are sums of a few others."""
    entries = loadings.entries(n)
    tape = _Tape(len(entries))
    place = {entry: k for k, entry in enumerate(entries)}
    zero = tape.register(0.0)
    registers = [place.get((a, c), zero) for a in range(n) for c in range(a + 1)]
    steps = [number for step in tape.steps for number in step]
    return np.array([len(entries), len(tape.steps), n, TRIANGLE, *steps, *registers], dtype=float)


def recipe_of_diagonal(entries: Sequence[Expr], shapes: int) -> Floats:
    """The recipe of numbers, a diagonal factor's, that are arithmetic in `shape0`, `shape1` …, so many."""
    tape, known = _Tape(shapes), {f"shape{k}": k for k in range(shapes)}
    made = [evaluate(entry, lambda name: _Register(tape, known[name.name]), _FUNCTIONS) for entry in entries]
    registers = [tape.register(value) for value in made]
    steps = [number for step in tape.steps for number in step]
    return np.array([shapes, len(tape.steps), len(entries), ON_DIAGONAL, *steps, *registers], dtype=float)


def room_for(recipe: Floats) -> int:
    """How many numbers kernels write down while they work a recipe out: registers and a triangle, each twice."""
    shapes, steps, n = (int(size) for size in recipe[:3])
    return 2 * (shapes + steps) + n * (n + 1)
