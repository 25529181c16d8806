"""Formula functions that are one number of a whole column, or of a group's rows of it: a mean, a greatest value."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tildemc.arrays import Values
from tildemc.errors import SemanticError
from tildemc.resolve.arguments import Arguments, Transform
from tildemc.resolve.lessons import Lesson, NothingThereError, moments, whole
from tildemc.resolve.values import Quantity, Value, number_of
from tildemc.spec.expr import Const
from tildemc.spec.moments import Moments
from tildemc.syntax.tree import Call, Number

__all__ = ["STATISTICS"]


def _statistic[P](lesson: Lesson[P, float], nothing: float = float("nan")) -> Transform:
    """A number of a column; of a group of which no row has a value it is `nothing`."""

    def value(a: Arguments) -> Value:
        a.flag("na.rm", False)
        x = number_of(a.value("x"), a.given["x"], a.columns)
        try:
            found = a.columns.learned(a.key, x, lesson)
        except NothingThereError:
            found = nothing
        return Quantity((Const(found),))

    return Transform(("x", "na.rm"), 1, value)


def _of_moments(number: Callable[[Moments], float], nothing: float = float("nan")) -> Transform:
    return _statistic(moments(number), nothing)


def _sd(found: Moments) -> float:
    return float(np.sqrt(_variance(found)))


def _variance(found: Moments) -> float:
    return float(found.squares[0]) / (found.n - 1) if found.n > 1 else float("nan")


def _median(values: Values) -> float:
    return float(np.median(np.asarray(values, dtype=float)))


_QUANTILES = {
    1: "inverted_cdf", 2: "averaged_inverted_cdf", 3: "closest_observation", 4: "interpolated_inverted_cdf",
    5: "hazen", 6: "weibull", 7: "linear", 8: "median_unbiased", 9: "normal_unbiased",
}  # fmt: skip
"""NumPy's names of R's types (Hyndman & Fan 1996); Stata's quantiles are of type 2."""


def _quantile(a: Arguments) -> Value:
    """A quantile, by default of R's type 7."""
    shares, kind = a.numbers("probs"), a.numbers("type") if "type" in a.given else (7.0,)
    if len(shares) != 1 or not 0 <= shares[0] <= 1:
        raise SemanticError("`quantile()` is of one share here, as in `quantile(x, 0.25)`", a.call.span)
    if len(kind) != 1 or kind[0] not in _QUANTILES:
        raise SemanticError("the types of `quantile()` are 1 to 9", a.call.span)
    method = _QUANTILES[int(kind[0])]
    lesson = whole(lambda values: float(np.quantile(np.asarray(values, dtype=float), shares[0], method=method)))  # type: ignore[call-overload]
    return Quantity((Const(a.columns.learned(a.key, a.number("x"), lesson)),))


def _repeated(a: Arguments) -> Value:
    """`rep(2, nrow(d))`: one number in every row."""
    match a.given["x"], a.given.get("times"):
        case Number(value), Number() | Call("nrow" | "NROW" | "length"):
            return Quantity((Const(value),))
        case _:
            message = "`rep()` is one number for every row here, as in `rep(2, nrow(d))`: make the column in the data"
            raise SemanticError(message, a.call.span)


STATISTICS: dict[str, Transform] = {
    "mean": _of_moments(lambda found: float(found.mean[0])),
    "sd": _of_moments(_sd),
    "var": _of_moments(_variance),
    "min": _of_moments(lambda found: float(found.low[0])),
    "max": _of_moments(lambda found: float(found.high[0])),
    "sum": _of_moments(lambda found: found.n * float(found.mean[0]), 0.0),
    "length": _of_moments(lambda found: float(found.n), 0.0),
    "median": _statistic(whole(_median)),
    "rep": Transform(("x", "times", "each", "length.out"), 1, _repeated),
    "quantile": Transform(("x", "probs", "na.rm", "names", "type"), 2, _quantile),
}
"""By R's names."""
