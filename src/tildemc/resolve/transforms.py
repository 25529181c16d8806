"""The functions that formulas have; what they learned from the data is kept as values.

A function is a `Transform`: the names of its arguments, and a method that makes a `Value` of a call. A stateful one
asks `columns.learned` for what it needs to know of the data (a mean, levels), so that new data are treated as the
first were.
"""

from __future__ import annotations

from tildemc.errors import SemanticError, UnknownFunction, UnsupportedError, nearest
from tildemc.resolve.arguments import Transform
from tildemc.resolve.categorical import CATEGORICAL
from tildemc.resolve.choices import CHOICES
from tildemc.resolve.crossed import CROSSED
from tildemc.resolve.groupwise import GROUPWISE
from tildemc.resolve.numeric import NUMERIC
from tildemc.resolve.recoded import RECODED
from tildemc.resolve.regression_splines import REGRESSION_SPLINES
from tildemc.resolve.statistics import STATISTICS
from tildemc.resolve.texts import TEXTS
from tildemc.resolve.values import Reader, Value
from tildemc.syntax import tree
from tildemc.syntax.residuals import RESIDUALS

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

ELSEWHERE = {
    "s": "is a term of its own: `y ~ s(x)`",
    "t2": "is a term of its own: `y ~ t2(x, z)`",
    "te": "is a term of its own: `y ~ te(x, z)`",
    "ti": "(interactions of smooths) is not built; `t2(x, z)` has a penalty for each of its parts",
    "ridge": "is a term of its own: `y ~ x + ridge(z1, z2)`",
    "hsgp": "is a term of its own: `y ~ hsgp(x, m=20, c=1.5)`",
    "gp": "is a term of its own: `y ~ gp(x, k = 20, c = 5/4)`",
    "mo": "(monotonic effects) stands among the population effects, by itself or multiplied by others",
    "me": "(measurement error) stands among the population effects, by itself or multiplied by others",
    "mi": "stands beside a response, `y | mi() ~ x`, or among the population effects of another, `bf(y ~ mi(x))`",
    "cs": "(category-specific effects) is not built yet",
    **dict.fromkeys(RESIDUALS, "says how residuals go together, and can only be added: `y ~ x + ar(time, g)`"),
    "seq_along": "counts the rows, which new rows have not: make a column of it first",
    "offset": "is a term of its own: `y ~ x + offset(z)`",
    "by": "stands alone: `sigma ~ by(arm)`",
    **dict.fromkeys(
        (
            "lag",
            "lead",
            "diff",
            "cumsum",
            "resid",
            "residuals",
            "fitted",
            "predict",
            "sample",
            "rnorm",
            "runif",
            "rank",
        ),
        "is of rows beside this one, of a fit or of chance, which no formula here says: make the column in the data",
    ),
}
"""Functions that other packages' formulas have, and what to say of them."""


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
        raise _unknown(call)
    return TRANSFORMS[name](call, reader)


def _unknown(call: tree.Call) -> SemanticError:
    name = call.function.rpartition("::")[2]
    if name in ELSEWHERE:
        shown = f"{call.function}()" if name[0].isalpha() else tree.deparse(call)
        return UnsupportedError(f"`{shown}` {ELSEWHERE[name]}", call.span)
    known = sorted(TRANSFORMS)
    return UnknownFunction(
        f"formulas have no function `{call.function}`; they have {', '.join(known)}{nearest(call.function, known)}",
        call.span,
    )
