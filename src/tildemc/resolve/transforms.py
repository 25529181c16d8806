"""The functions that formulas have; what they learned from the data is kept as values.

A function is a `Transform`: the names of its arguments, and a method that makes a `Value` of a call. A stateful one
asks `columns.learned` for what it needs to know of the data (a mean, levels), so that new data are treated as the
first were.
"""

from __future__ import annotations

from tildemc.resolve.arguments import Transform
from tildemc.resolve.categorical import CATEGORICAL
from tildemc.resolve.choices import CHOICES
from tildemc.resolve.crossed import CROSSED
from tildemc.resolve.elsewhere import no_function
from tildemc.resolve.groupwise import GROUPWISE
from tildemc.resolve.numeric import NUMERIC
from tildemc.resolve.recoded import RECODED
from tildemc.resolve.regression_splines import REGRESSION_SPLINES
from tildemc.resolve.statistics import STATISTICS
from tildemc.resolve.texts import TEXTS
from tildemc.resolve.values import Reader, Value
from tildemc.syntax import tree

__all__ = ["TRANSFORMS", "apply"]

TRANSFORMS: dict[str, Transform] = {
    **NUMERIC,
    **STATISTICS,
    **REGRESSION_SPLINES,
    **CATEGORICAL,
    **RECODED,
    **TEXTS,
    **CROSSED,
    **CHOICES,
    **GROUPWISE,
}
"""The functions that formulas have."""


def apply(call: tree.Call, reader: Reader) -> Value:
    """The meaning of a call, whose arguments `reader` reads.

    Raises
    ------
    UnknownFunction
        If formulas have no such function.
    SemanticError
        If its arguments do not fit.
    """
    # `splines::ns(x, 3)` is R's way to say whose function it is.
    name = call.function.rpartition("::")[2]
    if name not in TRANSFORMS:
        raise no_function(call, TRANSFORMS)
    return TRANSFORMS[name](call, reader)
