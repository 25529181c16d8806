"""Formula functions `bs()` and `ns()`: regression splines as R's package splines has them, by its knots."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tildemc.arrays import Floats, Values
from tildemc.errors import SemanticError
from tildemc.limits import allowed
from tildemc.resolve.arguments import Arguments, Transform
from tildemc.resolve.lessons import whole
from tildemc.resolve.smooths.splines import b_splines, straight_beyond
from tildemc.resolve.values import Quantity, Value
from tildemc.spec.bases import Piecewise
from tildemc.spec.expr import BasisValue

__all__ = ["REGRESSION_SPLINES"]


def _bs(a: Arguments) -> Value:
    """B-splines; without an intercept all but the first."""
    degree, intercept = a.whole("degree", 3, most=20), a.flag("intercept", False)
    inner = a.whole("df", degree + intercept, most=allowed().columns) - degree - intercept

    def learn(values: Values) -> Piecewise:
        basis = b_splines(_knots(a, values, inner, degree), degree)
        return basis if intercept else basis.times(np.eye(basis.size)[:, 1:])

    return _columns(a, learn)


def _ns(a: Arguments) -> Value:
    """Natural cubic splines: B-splines whose second derivatives vanish at the ends, beyond which they are straight."""
    intercept = a.flag("intercept", False)
    inner = a.whole("df", 1 + intercept, most=allowed().columns) - 1 - intercept

    def learn(values: Values) -> Piecewise:
        from scipy.interpolate import BSpline
        from scipy.linalg import qr

        knots = _knots(a, values, inner, 3)
        basis, kept = b_splines(knots, 3), slice(None if intercept else 1, None)
        ends = BSpline(knots, np.eye(basis.size), 3)(knots[[0, -1]], nu=2)[:, kept]
        free = np.eye(basis.size)[:, kept] @ qr(ends.T)[0][:, 2:]
        return straight_beyond(basis.times(free))

    return _columns(a, learn)


def _knots(a: Arguments, values: Values, inner: int, degree: int) -> Floats:
    """The boundary's as often as the splines' order, and those between: as given, or at quantiles."""
    x = np.asarray(values, dtype=float)
    ends = np.sort(a.numbers("Boundary.knots") or (x.min(), x.max()))
    given = a.numbers("knots")
    if inner < 0:
        raise SemanticError(f"`df` of `{a.key}` is too small for its degree", a.call.span)
    between = np.sort(x[(x >= ends[0]) & (x <= ends[-1])])
    knots = np.array(given) if given else np.quantile(between, np.linspace(0, 1, inner + 2)[1:-1])
    if len(ends) != 2 or ends[0] == ends[1] or np.any((knots <= ends[0]) | (knots >= ends[1])):
        raise SemanticError(f"the knots of `{a.key}` do not lie between two ends", a.call.span)
    if len(np.unique(knots)) < len(knots):
        raise SemanticError(f"`{a.key}` has fewer different values than knots", a.call.span)
    return np.concatenate([np.repeat(ends[0], degree + 1), np.sort(knots), np.repeat(ends[1], degree + 1)])


def _columns(a: Arguments, learn: Callable[[Values], Piecewise]) -> Quantity:
    x = a.number("x")
    basis = a.columns.learned(a.key, x, whole(learn))
    each = np.eye(basis.size)
    columns = tuple(BasisValue(basis.times(each[:, j : j + 1]), (x,)) for j in range(basis.size))
    return Quantity(columns, tuple(str(j + 1) for j in range(basis.size)) if basis.size > 1 else ("",))


REGRESSION_SPLINES: dict[str, Transform] = {
    "bs": Transform(("x", "df", "knots", "degree", "intercept", "Boundary.knots"), 1, _bs),
    "ns": Transform(("x", "df", "knots", "intercept", "Boundary.knots"), 1, _ns),
}
"""By their names in R."""
