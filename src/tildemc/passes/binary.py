"""Say where a response under a family of real numbers has two values only, as people do who meant another family."""

from __future__ import annotations

from tildemc.spec.design import Numbers
from tildemc.spec.model import ModelSpec

__all__ = ["binary_notes"]

NOTHING = 1e-10
"""What rounding leaves of a sum of products that are all zero, as a share of rows and squared range."""


def binary_notes(spec: ModelSpec, design: Numbers) -> tuple[str, ...]:
    """A note if each row has one of two values: a chance is meant, or a linear probability model on purpose."""
    y = design.summary.y
    low, high, mean = (float(numbers[0]) for numbers in (y.low, y.high, y.mean))
    if not spec.family.values.unbounded or y.n < 3 or low == high:
        return ()
    # The sum of (y - low) (high - y): zero if no value lies between.
    between = y.n * (mean - low) * (high - mean) - float(y.squares[0])
    if between > NOTHING * y.n * (high - low) ** 2:
        return ()
    label, family = spec.response.label, spec.family.name
    if (low, high) == (0, 1):
        told = f"under {family} this is a linear probability model; family `bernoulli` models a chance"
    else:
        told = f"family `bernoulli` models the chance of the second, with `factor({label})` for a response"
    return (f"`{label}` is {low:g} or {high:g} in every row: {told}",)
