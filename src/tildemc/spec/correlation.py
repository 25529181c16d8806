"""Correlation structures of residuals: how two rows of a group go together by their places. All is said here.

A structure has coefficients and says, by arithmetic, what two places that are `lag` apart have in common; or it has a
matrix of correlations that are free. Whoever names, explains, lays out or estimates a model asks it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import comb
from typing import Literal

from tildemc.spec.covariance import AUTOREGRESSIVE, EXCHANGEABLE, EXPONENTIAL, GAUSSIAN, Pattern
from tildemc.spec.expr import Apply, Const, Expr, Var
from tildemc.spec.priors import Prior, default
from tildemc.spec.support import POSITIVE, UNIT, Support

__all__ = ["CORRELATIONS_OF_ROWS", "Coefficients", "Correlation", "Order", "Places", "Region", "Step"]

Order = tuple[int, int]
"""How far a structure reaches: of autoregression, and of moving averages or bands; the first of those whose levels are
`counted` is how many levels there are."""

Region = Literal["box", "stationary", "invertible", "correlations"]
"""Of several numbers: any, the coefficients of a stationary or an invertible series, or its autocorrelations."""

Places = Literal["rank", "whole", "real", "level", "row"]
"""What a place is: a row's number within its group, a whole number, points, one of some levels, or a row of a matrix
beside the data."""


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Numbers that have one name.

    Attributes
    ----------
    name : str
        brms's, where it has them.
    size : callable
        How many, by the structure's order; 0 where it has none of them.
    support : callable
        The values that each may take, by the same.
    latex : str
    given : Prior or None
        The default prior of each; None for all values alike.
    region : Region
        Where, within their supports, there is such a structure.
    several : bool
        Whether they are numbered, even if there is but one.
    """

    name: str
    size: Callable[[Order], int]
    support: Callable[[Order], Support]
    latex: str
    given: Prior | None = None
    region: Region = "box"
    several: bool = False

    def prior(self, order: Order) -> Prior:
        """The default of each."""
        ends = self.support(order)
        return default("uniform", ends.lower, ends.upper) if self.given is None else self.given


@dataclass(frozen=True, slots=True)
class Step:
    """How each row of a series follows from the one before it, if it depends on that alone.

    Arithmetic in `lag`, how far the two are apart, and in the coefficients by name, each a number.

    Attributes
    ----------
    share : Expr
        What it takes over from that one.
    first : Expr
        The variance of a series' first row, over that of independent ones.
    left : Expr
        The variance of what is new in any other.
    """

    share: Expr
    first: Expr
    left: Expr


@dataclass(frozen=True, slots=True)
class Correlation:
    """A structure.

    Attributes
    ----------
    name : str
    title : str
        What residuals that have it are.
    places : Places
    coefficients : tuple of Coefficients
    matrix : Expr or None
        The residuals' covariances over those that independent ones would have: of `lag`, how far two rows are apart,
        or `place`, the `longest` of either, the `reach` of bands, the matrix `beside` the data, and the coefficients by
        name. None for a free matrix of correlations between levels.
    latex : str
        The same as it is written, of residuals `i` and `i'`.
    step : callable
        By the order: how each row of a series follows from the one before it, where it depends on that alone.
    alike : bool
        Whether any two rows of a group go together in one way, wherever they stand.
    innovations : bool
        Whether sigma is the sd of what is new in each residual, and not of the residual.
    counted : bool
        Whether it has coefficients for each level that rows stand at.
    recursive : bool
        Whether each residual is made of those before it as they are: rows with sds of their own then have other
        covariances than these, scaled by the sds.
    """

    name: str
    title: str
    places: Places
    coefficients: tuple[Coefficients, ...] = ()
    matrix: Expr | None = None
    latex: str = ""
    step: Callable[[Order], Step | None] = lambda order: None
    alike: bool = False
    innovations: bool = False
    recursive: bool = False
    counted: bool = False


_WITHIN, _SHARE = (lambda order: Support(-1.0, 1.0)), (lambda order: UNIT)


def _stationary(place: int) -> Callable[[Order], Support]:
    """Between what a coefficient of a stationary, or invertible, process can be: a binomial coefficient at most."""

    def ends(order: Order) -> Support:
        largest = float(comb(order[place], order[place] // 2))
        return Support(-largest, largest)

    return ends


def _ar_of(order: Order) -> int:
    return order[0]


def _ma_of(order: Order) -> int:
    return order[1]


def _one(order: Order) -> int:
    return 1


def _within_bands(order: Order) -> int:
    """Pairs of levels that are no further apart than the bands are wide."""
    levels, reach = order
    return sum(min(level, reach) for level in range(levels))


_AR = Coefficients("ar", _ar_of, _WITHIN, r"\phi", region="stationary", several=True)
_MA = Coefficients("ma", _ma_of, _WITHIN, r"\theta", region="invertible", several=True)
_RANGE = Coefficients(
    "range", _one, lambda order: POSITIVE, r"\ell", default("normal", 0.0, 2.5 * Var("s_x"), lower=0.0)
)
_NUGGET = Coefficients("nugget", _ma_of, _SHARE, r"\nu")
_LAGS = Coefficients("cor_lag", _ma_of, _WITHIN, r"\rho", region="correlations", several=True)

_PARTIAL = Coefficients("partial", _within_bands, _WITHIN, r"\zeta", several=True)

_ar, _ma, _lag, _place, _longest = (Var(name) for name in ("ar", "ma", "lag", "place", "longest"))
_far = _lag / Var("range")


def _as_of_effects(pattern: Pattern, name: str) -> Expr:
    """What effects of one group have in common that are `lag` apart: residuals have it, too."""
    return pattern.entry([Var(name)], _lag)


def _stationary_step(share: Expr) -> Step:
    """Of a series whose rows all have the variance of independent ones."""
    return Step(share, Const(1), 1 - share**2)


def _of_first_order(step: Step) -> Callable[[Order], Step | None]:
    """Of autoregression that reaches back to one row alone."""
    return lambda order: step if order == (1, 0) else None


def _apart(value: Expr) -> Expr:
    """`value` where two rows are apart, 1 for a row with itself."""
    return Apply("where", (Apply("less", (Const(0), _lag)), value, Const(1)))


def _spatial(name: str, title: str, value: Expr, latex: str, step: Step | None = None) -> Correlation:
    """A function of distance over range, less the share of the nugget; `step` is that of points in one line."""
    whole = _apart((1 - Var("nugget")) * value)
    return Correlation(
        name, title, "real", (_RANGE, _NUGGET), whole, latex, step=lambda order: None if order[1] else step
    )


def _near(value: Expr) -> Expr:
    """`value` within the range, and nothing beyond it."""
    return Apply("where", (Apply("less", (_far, Const(1))), value, Const(0)))


CORRELATIONS_OF_ROWS = {
    structure.name: structure
    for structure in (
        Correlation(
            "cosy", "equally correlated", "rank", (Coefficients("cosy", _one, _SHARE, r"\rho"),),
            _apart(_as_of_effects(EXCHANGEABLE, "cosy")),
            r"\rho", alike=True,
        ),
        Correlation(
            "exchangeable", "equally correlated", "rank", (Coefficients("cosy", _one, _WITHIN, r"\rho"),),
            _apart(_as_of_effects(EXCHANGEABLE, "cosy")), r"\rho", alike=True,
        ),
        Correlation(
            "arma", "autoregressive", "whole",
            (replace(_AR, support=_stationary(0)), replace(_MA, support=_stationary(1))),
            Apply("arma_correlations", (_ar, _ma, _lag, _longest)), r"\mathrm{ARMA}(\phi, \theta; |t_i - t_{i'}|)",
            step=_of_first_order(_stationary_step(Apply("whole_power", (_ar, _lag)))),
        ),
        Correlation(
            "arma_cov", "autoregressive", "rank", (_AR, _MA), Apply("arma_covariances", (_ar, _ma, _lag, _longest)),
            r"\mathrm{ARMA}(\phi, \theta; |t_i - t_{i'}|)", innovations=True,
            step=_of_first_order(Step(_ar, 1 / (1 - _ar**2), Const(1))),
        ),
        Correlation(
            "arma_from_start", "autoregressive from its first row on", "rank", (_AR, _MA),
            Apply("arma_from_start", (_ar, _ma, _place, _longest)),
            r"\mathrm{ARMA}(\phi, \theta; t_i, t_{i'})", innovations=True, recursive=True,
            step=_of_first_order(Step(_ar, Const(1), Const(1))),
        ),
        Correlation(
            "car", "continuously autoregressive", "real", (Coefficients("car", _one, _SHARE, r"\phi"),),
            _as_of_effects(AUTOREGRESSIVE, "car"),
            r"\phi^{|t_i - t_{i'}|}", step=lambda order: _stationary_step(_as_of_effects(AUTOREGRESSIVE, "car")),
        ),
        Correlation(
            "toep", "correlated by lag", "whole", (_LAGS,), Apply("toeplitz", (Var("cor_lag"), _lag)),
            r"\rho_{|t_i - t_{i'}|}",
        ),
        Correlation(
            "banded", "freely correlated within bands", "level", (_PARTIAL,),
            Apply("banded", (Var("partial"), Var("reach"), _place)), r"\mathrm{R}_{t_i t_{i'}}(\zeta)", counted=True,
        ),
        _spatial(
            "exp", "exponentially correlated", _as_of_effects(EXPONENTIAL, "range"), r"\exp(-d_{ii'} / \ell)",
            _stationary_step(_as_of_effects(EXPONENTIAL, "range")),
        ),
        _spatial("gau", "correlated as a Gaussian", _as_of_effects(GAUSSIAN, "range"), r"\exp(-(d_{ii'} / \ell)^2)"),
        _spatial("lin", "linearly correlated", _near(1 - _far), r"\max(1 - d_{ii'} / \ell, 0)"),
        _spatial(
            "spher", "spherically correlated", _near(1 - 1.5 * _far + 0.5 * _far**3),
            r"\max(1 - \tfrac{3}{2} d_{ii'} / \ell + \tfrac{1}{2} (d_{ii'} / \ell)^3, 0)",
        ),
        Correlation(
            "fcor", "correlated as known", "row", (), Apply("covariances_beside", (Var("beside"), _place)), "M_{ii'}"
        ),
        Correlation(
            "errorsar", "a share of the mean of their neighbours'", "row",
            (Coefficients("errorsar", _one, _WITHIN, r"\rho"),),
            Apply("sar_covariances", (Var("errorsar"), Var("beside"), _place)),
            r"\bigl((I - \rho\,M)^\top (I - \rho\,M)\bigr)^{-1}_{ii'}", innovations=True,
        ),
        Correlation("unstr", "freely correlated", "level", latex=r"\mathrm{R}_{t_i t_{i'}}"),
        Correlation("diag", "independent", "level", (), _apart(Const(0)), "0"),
    )
}  # fmt: skip
"""The structures by name."""
