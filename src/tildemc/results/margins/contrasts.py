"""Which values of a variable are compared, and how: the words of the R and Python package marginaleffects."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from tildemc.arrays import Floats, Label, Values
from tildemc.errors import SemanticError, one_of
from tildemc.results.margins.variables import Variable
from tildemc.visible import shown

__all__ = ["COMPARISONS", "SLOPES", "Comparison", "Contrast", "Slope", "compared", "contrasts_of", "pairs_of", "sloped"]

Pairs = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is said of two predictions.

    Attributes
    ----------
    of : callable
        Of the one and the other.
    sign : str
        What stands between their labels.
    told : str
        What it is, in words.
    """

    of: Callable[[Floats, Floats], Floats]
    sign: str
    told: str


COMPARISONS = {
    "difference": Comparison(lambda one, other: one - other, "-", "difference of"),
    "ratio": Comparison(lambda one, other: one / other, "/", "ratio of"),
    "lnratio": Comparison(lambda one, other: np.log(one / other), "/", "log ratio of"),
    "lnor": Comparison(
        lambda one, other: np.log(one / (1 - one)) - np.log(other / (1 - other)), "/", "log odds ratio of"
    ),
    "lift": Comparison(lambda one, other: (one - other) / other, "-", "relative difference of"),
}


@dataclass(frozen=True, slots=True)
class Slope:
    """What is said of how steep a prediction is.

    Attributes
    ----------
    of : callable
        Of the derivative, the variable's value and the prediction.
    of_prediction : bool
        Whether that takes the prediction itself.
    """

    of: Callable[[Floats, Floats, Floats], Floats]
    of_prediction: bool = False


SLOPES = {
    "dydx": Slope(lambda slope, x, y: slope),
    "eyex": Slope(lambda slope, x, y: slope * x / y, of_prediction=True),
    "dyex": Slope(lambda slope, x, y: slope * x),
    "eydx": Slope(lambda slope, x, y: slope / y, of_prediction=True),
}
"""Of the derivative of the prediction y by x: itself, an elasticity, and the two between."""

_PAIRS: dict[str, Callable[[int, int], Pairs]] = {
    "reference": lambda k, base: [(i, base) for i in range(k) if i != base],
    "revreference": lambda k, base: [(base, i) for i in range(k) if i != base],
    "sequential": lambda k, base: [(b, a) for a, b in pairwise(range(k))],
    "revsequential": lambda k, base: [*pairwise(range(k))],
    "pairwise": lambda k, base: [(b, a) for a, b in combinations(range(k), 2)],
    "revpairwise": lambda k, base: [*combinations(range(k), 2)],
    "minmax": lambda k, base: [(k - 1, 0)],
}
"""Of k things in order, one of which is the base, which are compared with which."""


def pairs_of(word: str, k: int, base: int = 0) -> Pairs | None:
    """Of k things, which are compared with which; None if the word says nothing of it."""
    return _PAIRS[word](k, base) if word in _PAIRS else None


@dataclass(frozen=True, eq=False)
class Contrast:
    """A variable at two values.

    Attributes
    ----------
    label : str
    at : callable
        The one and the other, by the values that the rows have.
    """

    label: str
    at: Callable[[Values], tuple[Label | Values, Label | Values]]


def _between(label: str, one: Label, other: Label) -> Contrast:
    return Contrast(label, lambda _: (one, other))


def compared(name: object) -> Comparison:
    """The comparison of that name.

    Raises
    ------
    SemanticError
        If there is none.
    """
    return COMPARISONS[one_of("comparison", name, COMPARISONS)]


def sloped(name: object) -> Slope:
    """The slope of that name.

    Raises
    ------
    SemanticError
        If there is none.
    """
    return SLOPES[one_of("slope", name, SLOPES)]


def contrasts_of(variable: Variable, asked: object, sign: str) -> list[Contrast]:
    """What a variable is compared at.

    Parameters
    ----------
    variable : Variable
    asked : object
        None for one unit more, 1 against 0 where it is nothing else, or each level against the reference; a word, a
        number, two values.
    sign : str
        What stands between the two in a label.

    Raises
    ------
    SemanticError
        If that is nothing that such a variable can be compared at.
    """
    if variable.number:
        # One unit more than one is nothing that such a column holds.
        usual = (0, 1) if set(variable.numbers.tolist()) <= {0.0, 1.0} else 1
        return [_of_number(variable, usual if asked is None else asked, sign)]
    levels = variable.levels
    if isinstance(asked, Sequence) and not isinstance(asked, str) and len(asked) == 2:
        pairs: Pairs | None = [(levels.index(variable.level(asked[1])), levels.index(variable.level(asked[0])))]
    else:
        word = "reference" if asked is None else asked
        pairs = pairs_of(word, len(levels), levels.index(variable.reference)) if isinstance(word, str) else None
    if pairs is None:
        raise SemanticError(
            f"levels of `{variable.name}` are compared by {', '.join(_PAIRS)}, or as two of them, not by {shown(asked)}"
        )
    return [
        _between(f"{variable.label(levels[one])} {sign} {variable.label(levels[other])}", levels[one], levels[other])
        for one, other in pairs
    ]


_SPREADS: dict[str, Callable[[Floats], tuple[float, float]]] = {
    "sd": lambda x: (float(x.mean() - x.std(ddof=1) / 2), float(x.mean() + x.std(ddof=1) / 2)),
    "2sd": lambda x: (float(x.mean() - x.std(ddof=1)), float(x.mean() + x.std(ddof=1))),
    "iqr": lambda x: (float(np.quantile(x, 0.25)), float(np.quantile(x, 0.75))),
    "minmax": lambda x: (float(x.min()), float(x.max())),
}
_SPREAD_LABELS = {"sd": ("(x + sd/2)", "(x - sd/2)"), "2sd": ("(x + sd)", "(x - sd)"), "iqr": ("Q3", "Q1"),
                  "minmax": ("max", "min")}  # fmt: skip


def _of_number(variable: Variable, asked: object, sign: str) -> Contrast:
    if isinstance(asked, str) and asked in _SPREADS:
        low, high = _SPREADS[asked](variable.numbers)
        one, other = _SPREAD_LABELS[asked]
        return _between(f"{one} {sign} {other}", high, low)
    values = _numbers(asked if isinstance(asked, list | tuple) else [asked])
    if len(values) == 1:
        (step,) = values
        return Contrast(f"{step:+g}", lambda x: (x.astype(np.float64) + step, x))
    if len(values) == 2:
        low, high = values
        return _between(f"{high:g} {sign} {low:g}", high, low)
    listed = ", ".join(_SPREADS)
    raise SemanticError(
        f"`{variable.name}` is compared by a step, at two numbers, or by {listed}, not by {shown(asked)}"
    )


def _numbers(given: Sequence[object]) -> list[float]:
    """What is given, if all of it is finite numbers."""
    found = [float(v) for v in given if isinstance(v, int | float | np.number) and not isinstance(v, bool)]
    return found if len(found) == len(given) and all(map(math.isfinite, found)) else []
