"""Draw: how NumPy draws a response, in steps of its generator's methods whose arguments are arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.expr import Expr, Var, evaluate, substitute
from tildemc.spec.vocabulary import NUMPY

__all__ = ["Draw", "Step", "one"]

_SAME = 1e15
"""A Poisson count of so large a rate is the rate, to seven digits and more; NumPy draws none from 9e18 on."""
_TINY = np.finfo(float).tiny


def _poisson(generator: np.random.Generator, rate: Floats, size: tuple[int, ...]) -> Floats:
    rate = np.broadcast_to(rate, size)
    return np.where(rate < _SAME, generator.poisson(np.minimum(rate, _SAME), size), rate)


def _beta(generator: np.random.Generator, a: Floats, b: Floats, size: tuple[int, ...]) -> Floats:
    # An argument that was too small for float64 is a zero, which NumPy refuses.
    return generator.beta(np.maximum(a, _TINY), np.maximum(b, _TINY), size)


_GUARDED: Mapping[str, Callable[..., Floats]] = {"poisson": _poisson, "beta": _beta}
"""The methods that refuse what computing the arguments may come to."""


@dataclass(frozen=True, slots=True)
class Step:
    """One draw of a NumPy Generator: the method, and its arguments in order."""

    method: str
    arguments: tuple[Expr, ...]

    def of(self, known: Mapping[str, Floats], generator: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """What it draws, given what the arguments name."""
        arguments = [evaluate(argument, lambda var: known[var.name], NUMPY) for argument in self.arguments]
        if self.method in _GUARDED:
            return _GUARDED[self.method](generator, *arguments, size=shape)
        found: Floats = getattr(generator, self.method)(*arguments, size=shape)
        return found


@dataclass(frozen=True)
class Draw:
    """A draw.

    Attributes
    ----------
    value : Expr
        In terms of what is given, and of what the steps drew.
    steps : mapping of str to Step
        In order; each may name those before it.
    """

    value: Expr
    steps: Mapping[str, Step] = field(default_factory=dict)

    def instead(self, parts: Mapping[Expr, Expr]) -> Draw:
        """The same with other parts in place of some."""
        steps = {
            name: Step(step.method, tuple(substitute(argument, parts) for argument in step.arguments))
            for name, step in self.steps.items()
        }
        return Draw(substitute(self.value, parts), steps)

    def of(self, known: Mapping[str, Floats], generator: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """A draw for each place of `shape`.

        Parameters
        ----------
        known : mapping of str to array
            What is given, each of a shape that broadcasts to `shape`.
        generator : Generator
        shape : tuple of int
        """
        values = dict(known)
        for name, step in self.steps.items():
            values[name] = step.of(values, generator, shape)
        return np.asarray(np.broadcast_to(evaluate(self.value, lambda var: values[var.name], NUMPY), shape))


def one(method: str, *arguments: Expr) -> Draw:
    """What one method draws."""
    return Draw(Var("drawn"), {"drawn": Step(method, arguments)})
