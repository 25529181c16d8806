"""Draw: how NumPy draws a response, in steps of its generator's methods whose arguments are arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.expr import Expr, Var, evaluate, substitute, walk
from tildemc.spec.vocabulary import NUMPY

__all__ = ["Draw", "Quantile", "Step", "one"]

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

    def instead(self, parts: Mapping[Expr, Expr]) -> Step:
        """The same with other parts in place of some."""
        return Step(self.method, tuple(substitute(argument, parts) for argument in self.arguments))


@dataclass(frozen=True, slots=True)
class Quantile:
    """A draw by distribution functions: what has a probability that is drawn evenly, between two ends if it has them.

    Attributes
    ----------
    cdf, tail : Expr
        The probabilities up to `y`, and above it.
    lower, upper : Expr or None
        The draw is above the one, and at most the other.
    whole : bool
        Whether only whole numbers have a probability.
    """

    cdf: Expr
    tail: Expr
    lower: Expr | None = None
    upper: Expr | None = None
    whole: bool = False

    @property
    def arguments(self) -> tuple[Expr, ...]:
        """Its arithmetic."""
        return tuple(part for part in (self.cdf, self.tail, self.lower, self.upper) if part is not None)

    @property
    def given(self) -> tuple[str, ...]:
        """What its distribution functions name beside `y`, in order."""
        named = (part.name for law in (self.cdf, self.tail) for part in walk(law) if isinstance(part, Var))
        return tuple(name for name in dict.fromkeys(named) if name != "y")

    def instead(self, parts: Mapping[Expr, Expr]) -> Quantile:
        """The same with other parts in place of some."""
        low, high = (None if end is None else substitute(end, parts) for end in (self.lower, self.upper))
        return Quantile(substitute(self.cdf, parts), substitute(self.tail, parts), low, high, self.whole)

    def of(self, known: Mapping[str, Floats], generator: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """What it draws, given what the arithmetic names."""
        from tildemc.spec.special import quantile

        def law(expr: Expr) -> Callable[..., Floats]:
            return lambda *values: evaluate(
                expr, lambda var: dict(zip(("y", *names), values, strict=True))[var.name], NUMPY
            )

        names = self.given
        low, high = (
            None if end is None else np.asarray(evaluate(end, lambda var: known[var.name], NUMPY), dtype=np.float64)
            for end in (self.lower, self.upper)
        )
        share, given = generator.uniform(size=shape), [known[name] for name in names]
        return quantile(share, given, law(self.cdf), law(self.tail), low, high, self.whole)


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
    steps: Mapping[str, Step | Quantile] = field(default_factory=dict)

    def expressions(self) -> Iterator[Expr]:
        """Its arithmetic."""
        for step in self.steps.values():
            yield from step.arguments
        yield self.value

    @property
    def given(self) -> set[str]:
        """The names that it reads and does not draw."""
        names = {part.name for expr in self.expressions() for part in walk(expr) if isinstance(part, Var)}
        return names - set(self.steps)

    def instead(self, parts: Mapping[Expr, Expr]) -> Draw:
        """The same with other parts in place of some."""
        steps = {name: step.instead(parts) for name, step in self.steps.items()}
        return Draw(substitute(self.value, parts), steps)

    def renamed(self, suffix: str) -> Draw:
        """The same with other names for its steps, so that it goes with draws that have steps of these names."""
        names: dict[Expr, Expr] = {Var(name): Var(f"{name}{suffix}") for name in self.steps}
        found = self.instead(names)
        return Draw(found.value, {f"{name}{suffix}": step for name, step in found.steps.items()})

    def then(self, value: Expr, steps: Mapping[str, Step]) -> Draw:
        """The same with more steps, which make another value of it."""
        return Draw(value, {**self.steps, **steps})

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
