"""One record per prior of several parameters together: its arguments, and what it is arithmetic of.

Each of them has a density of its own whose unit follows from quantities that all of them share, and from one of its
own. To add such a prior, add its record: statements, the graph and its source, the direct engine, draws from the
prior and equations read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tildemc.spec.densities import DISTRIBUTIONS
from tildemc.spec.expr import Apply, Const, Expr, Index, Var, as_expr
from tildemc.spec.priors import Prior, n_y, s_x, s_y
from tildemc.spec.support import POSITIVE, REAL, SHARES, UNIT, Support

__all__ = ["SHRINKAGE", "Quantity", "Shrinkage", "Shrunk", "element"]

Kind = Literal["b", "sd"]
Region = Literal["positive", "real", "share", "whole"]
"""What an argument may be: a number above zero, any, one between 0 and 1, a whole number above zero."""

Arguments = Mapping[str, Expr]
"""The arguments by their names; `sigma` is the residual sd, or 1, and `count` how many parameters there are; those that
are not given are not there."""

_NONE = Const(0.0)


@dataclass(frozen=True, slots=True)
class Quantity:
    """What coefficients follow: one number, or (`each`) one for each of them."""

    name: str
    prior: Prior
    support: Support
    each: bool = False


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A prior with its arguments: the density of each parameter.

    Its `arguments` are arithmetic in the quantities' names; a parameter has its own of those that are there for `each`.
    """

    quantities: tuple[Quantity, ...]
    arguments: tuple[Expr, ...]
    density: str = "normal"


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """A prior of several coefficients together.

    Attributes
    ----------
    name : str
    arguments : mapping of str to Region
        In order.
    flags : tuple of str
        Arguments after these that are TRUE or FALSE, and what they are by default.
    defaults : mapping of str to float
        What is not among these need not be there.
    made : callable
        What comes of the arguments.
    source : str
    kind : {"b", "sd"}
        What it is of: coefficients of a predictor, or the sds of one block of group effects.
    several : frozenset of str
        Arguments that may be several numbers, one for each coefficient.
    words : mapping of str to tuple of str
        Arguments after these that are one of some words, the first by default.
    whitened : str
        The quantity whose numbers the coefficients are combinations of, such that they are alike in any coordinates.
    correlations : str
        The argument that is the concentration of the correlations' LKJ density; empty for none.
    """

    name: str
    arguments: Mapping[str, Region]
    flags: Mapping[str, bool]
    defaults: Mapping[str, float]
    made: Callable[[Arguments], Shrunk]
    source: str
    kind: Kind = "b"
    several: frozenset[str] = frozenset()
    correlations: str = ""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    whitened: str = ""


def element(name: str, number: int) -> Expr:
    """One of the numbers of a quantity, whatever axes stand before."""
    return Index(Var(name), (..., number))


def _prior(name: str, *arguments: Expr | float, lower: float = -float("inf")) -> Prior:
    return Prior(DISTRIBUTIONS[name], tuple(map(as_expr, arguments)), lower=lower)


def _half_t(df: Expr, scale: Expr | float = 1.0) -> Prior:
    return _prior("student_t", df, 0.0, scale, lower=0.0)


def _regularised(a: Arguments, prefix: str, own: Mapping[str, Expr]) -> Shrunk:
    """A horseshoe whose local scales are products of half-t ones, with the degrees of freedom in `own`."""
    scale = a["par_ratio"] / Apply("sqrt", (n_y,)) if "par_ratio" in a else a["scale_global"]
    local = [Quantity(name, _half_t(df), POSITIVE, each=True) for name, df in own.items()]
    reach: Expr = Var(f"{prefix}_global")
    for quantity in local:
        reach = reach * Var(quantity.name)
    half = 0.5 * a["df_slab"]
    slab = a["scale_slab"] ** 2 * Var(f"{prefix}_slab")
    shared = (
        Quantity(f"{prefix}_global", _half_t(a["df_global"], scale * a["sigma"]), POSITIVE),
        Quantity(f"{prefix}_slab", _prior("inv_gamma", half, half), POSITIVE),
    )
    # τ λ̃ with λ̃² = c² λ² / (c² + τ² λ²), divided through so that no square overflows.
    return Shrunk((*shared, *local), (_NONE, reach / Apply("sqrt", (1 + reach**2 / slab,))))


def _horseshoe(a: Arguments) -> Shrunk:
    return _regularised(a, "hs", {"hs_local": a["df"]})


def _horseshoe_plus(a: Arguments) -> Shrunk:
    return _regularised(a, "hs", {"hs_local": a["df1"], "hs_local2": a["df2"]})


def _r2d2(a: Arguments) -> Shrunk:
    mean, precision = a["mean_R2"], a["prec_R2"]
    share = Var("R2D2_R2")
    quantities = (
        Quantity("R2D2_R2", _prior("beta", mean * precision, (1 - mean) * precision), UNIT),
        Quantity("R2D2_phi", _prior("dirichlet", a["cons_D2"]), SHARES, each=True),
    )
    return Shrunk(quantities, (_NONE, a["sigma"] * Apply("sqrt", (Var("R2D2_phi") * share / (1 - share),))))


def _of_data(a: Arguments) -> Expr:
    """The data's unit of a coefficient, where that is asked for."""
    return s_y / s_x if "autoscale" in a else Const(1.0)


def _lasso(a: Arguments) -> Shrunk:
    inverse = Quantity("lasso_inv_lambda", _prior("chi_square", a["df"]), POSITIVE)
    unit = a["scale"] * _of_data(a) * Var("lasso_inv_lambda")
    return Shrunk((inverse,), (a["location"], unit), "double_exponential")


def _product_normal(a: Arguments) -> Shrunk:
    count = int(_number(a["df"]))
    others = tuple(Quantity(f"product_{k}", _prior("normal", 0.0, 1.0), REAL, each=True) for k in range(1, count))
    unit: Expr = a["scale"] ** count
    for quantity in others:
        unit = unit * Var(quantity.name)
    return Shrunk(others, (a["location"], unit))


def _decov(a: Arguments) -> Shrunk:
    """Variances that are shares of a trace, the number of them times τ²; all in units of the residual variance."""
    count, tau = a["count"], _prior("gamma", a["shape"], 1 / a["scale"])
    if count == Const(1.0):
        return Shrunk((), (a["shape"], 1 / (a["scale"] * a["sigma"])), "gamma")
    quantities = (
        Quantity("decov_tau", tau, POSITIVE),
        Quantity("decov_pi", _prior("dirichlet", a["concentration"]), SHARES, each=True),
    )
    sd = a["sigma"] * Var("decov_tau") * Apply("sqrt", (count * Var("decov_pi"),))
    return Shrunk(quantities, (sd,), "constant")


def _share(a: Arguments) -> Shrunk:
    """A beta prior of the share of variance that the coefficients explain, all of their directions alike.

    With R² of Beta(K / 2, η), R² / (1 - R²) is a ratio of chi squares with K and 2 η degrees of freedom: the
    coefficients are σ √((n - 1) / g) R⁻¹ z of standard normal z, g of 2 η degrees of freedom.
    """
    eta = shape_of_share(_number(a["count"]) / 2, _number(a["location"]), str(_value(a["what"])))
    quantities = (
        Quantity("R2_z", _prior("normal", 0.0, 1.0), REAL, each=True),
        Quantity("R2_g", _prior("chi_square", 2 * eta), POSITIVE),
    )
    return Shrunk(quantities, (a["sigma"] * Apply("sqrt", ((n_y - 1) / Var("R2_g"),)) * Var("R2_z"),), "constant")


def shape_of_share(half: float, location: float, what: str) -> float:
    """η such that a Beta(half, η) has that mode, mean, median or mean of the log; NaN where there is none."""
    from scipy.optimize import brentq
    from scipy.special import digamma
    from scipy.stats import beta

    match what:
        case "mode":
            return (half - 1 - location * (half - 2)) / location if half > 1 else float("nan")
        case "mean":
            return half * (1 - location) / location
        case "median":
            found = brentq(lambda log: float(beta.median(half, 2.0**log)) - location, -40.0, 40.0)
        case _:
            found = brentq(lambda log: digamma(half) - digamma(half + 2.0**log) - location, -40.0, 40.0)
    return float(2.0**found)


def _value(expr: Expr) -> float | int | str | bool:
    assert isinstance(expr, Const), expr
    return expr.value


def _number(expr: Expr) -> float:
    return float(_value(expr))


SHRINKAGE = {
    record.name: record
    for record in (
        Shrinkage(
            "horseshoe",
            {"df": "positive", "scale_global": "positive", "df_global": "positive", "scale_slab": "positive",
             "df_slab": "positive", "par_ratio": "positive"},
            {"autoscale": True},
            {"df": 1.0, "scale_global": 1.0, "df_global": 1.0, "scale_slab": 2.0, "df_slab": 4.0},
            _horseshoe,
            "Piironen & Vehtari (2017), Electronic Journal of Statistics 11, as brms 2.18 has it",
        ),
        Shrinkage(
            "R2D2",
            {"mean_R2": "share", "prec_R2": "positive", "cons_D2": "positive"},
            {"autoscale": True},
            {"mean_R2": 0.5, "prec_R2": 2.0, "cons_D2": 1.0},
            _r2d2,
            "Zhang et al. (2020), Journal of the American Statistical Association 117, as brms 2.18 has it",
            several=frozenset({"cons_D2"}),
        ),
        Shrinkage(
            "R2",
            {"location": "real"},
            {"autoscale": True},
            {"location": 0.5},
            _share,
            "rstanarm's prior of stan_lm() and stan_polr()",
            words={"what": ("mode", "mean", "median", "log")},
            whitened="R2_z",
        ),
        Shrinkage(
            "lasso",
            {"df": "positive", "scale": "positive", "location": "real"},
            {"autoscale": False},
            {"df": 1.0, "scale": 1.0, "location": 0.0},
            _lasso,
            "Park & Casella (2008), Journal of the American Statistical Association 103, as brms 2.18 has it",
        ),
        Shrinkage(
            "hs_plus",
            {"df1": "positive", "df2": "positive", "scale_global": "positive", "df_global": "positive",
             "scale_slab": "positive", "df_slab": "positive"},
            {"autoscale": True},
            {"df1": 1.0, "df2": 1.0, "scale_global": 0.01, "df_global": 1.0, "scale_slab": 2.5, "df_slab": 4.0},
            _horseshoe_plus,
            "Bhadra et al. (2017), Bayesian Analysis 12, as rstanarm has it",
        ),
        Shrinkage(
            "product_normal",
            {"df": "whole", "location": "real", "scale": "positive"},
            {},
            {"df": 2.0, "location": 0.0, "scale": 1.0},
            _product_normal,
            "as rstanarm has it",
        ),
        Shrinkage(
            "decov",
            {"regularization": "positive", "concentration": "positive", "shape": "positive", "scale": "positive"},
            {},
            {"regularization": 1.0, "concentration": 1.0, "shape": 1.0, "scale": 1.0},
            _decov,
            "the decomposition of a covariance that rstanarm has",
            kind="sd",
            several=frozenset({"concentration"}),
            correlations="regularization",
        ),
    )
}  # fmt: skip
