"""One record per prior density: its arguments, its log density, and how PyMC and SciPy spell it.

To add a density, add its record. Statements, the PyMC graph and its source, the direct and the exact engine, and the
tests read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log, pi

from tildemc.spec.expr import Const, Expr, Var, evaluate
from tildemc.spec.support import CORRELATIONS, POSITIVE, REAL, SHARES, Support
from tildemc.spec.vocabulary import NUMPY, apply

__all__ = ["DISTRIBUTIONS", "SPELLINGS", "Distribution", "Spelling"]


_ONE = Const(1.0)


@dataclass(frozen=True, slots=True)
class Distribution:
    """A density by Stan's name and with Stan's arguments.

    Attributes
    ----------
    name : str
    arguments : tuple of str
        Stan's argument names, in order.
    log_density : Expr
        All its terms, in `x` and the arguments, where it has not been cut off.
    pymc : str
        PyMC's class.
    pymc_arguments : mapping of str to Expr
        Its arguments in terms of ours.
    scipy : str
        The name in `scipy.stats`, for the probability that is left where the density is cut off; empty for what is
        no density of numbers.
    scipy_arguments : mapping of str to Expr
    support : Support
    ends : tuple of str or None
        The two arguments that are where the density ends, if it is one between two ends.
    positive : frozenset of str
        The arguments that must be greater than zero.
    location : str or None
        The argument that moves it along the real line.
    scale : Expr or None
        How far from its location, or from its end, it reaches, roughly; None where its ends say that.
    half : str or None
        PyMC's class for the density folded at zero; it takes all arguments but the location.
    defaults : mapping of str to float
        PyMC's defaults of its own arguments.
    aliases : tuple of str
        What else people call it.
    form : tuple of Expr or None
        The arguments nu, mu and sigma of the Student-t that it is; an infinite nu for a normal. Kernels have code of
        their own for these, the most common ones, and work any other density out step by step.
    proper : bool
        Whether it integrates to one.
    vanishing : bool
        Whether it goes to zero at zero faster than any power.
    marginal : Expr or None
        Of a density of correlation matrices: all terms of the log density of one correlation, in `x`, the arguments
        and `n`, the number of effects.
    latex : str
        How it is written; by default its name.
    notation : tuple of Expr or None
        What is written in its parentheses, by default the arguments.
    several : bool
        Whether it is of several numbers together, and its one argument is there for each of them.
    unit : str
        The argument in whose units its values are; empty where there is none.
    rate : bool
        Whether that is one over the unit.
    point : bool
        Whether it is no density, but one value.
    """

    name: str
    arguments: tuple[str, ...]
    log_density: Expr
    pymc: str
    pymc_arguments: Mapping[str, Expr]
    scipy: str = ""
    scipy_arguments: Mapping[str, Expr] = field(default_factory=dict)
    support: Support = REAL
    ends: tuple[str, str] | None = None
    positive: frozenset[str] = frozenset()
    location: str | None = None
    scale: Expr | None = _ONE
    half: str | None = None
    defaults: Mapping[str, float] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    form: tuple[Expr, Expr, Expr] | None = None
    proper: bool = True
    vanishing: bool = False
    marginal: Expr | None = None
    latex: str = ""
    notation: tuple[Expr, ...] | None = None
    several: bool = False
    unit: str = ""
    rate: bool = False
    point: bool = False

    def of(self, expr: Expr, values: tuple[float, ...]) -> float:
        """The value of an expression in the arguments, given these, and in `x`, given after them."""
        known = dict(zip((*self.arguments, "x"), values, strict=False))
        return float(evaluate(expr, lambda name: known[name.name], NUMPY))

    def in_pymc(self, values: tuple[float, ...], *, half: bool = False) -> dict[str, float]:
        """PyMC's arguments for ours; those of the half density have no location."""
        dropped = Var(self.location) if half and self.location is not None else None
        return {name: self.of(expr, values) for name, expr in self.pymc_arguments.items() if expr != dropped}


x, mu, sigma, nu = (Var(name) for name in ("x", "mu", "sigma", "nu"))
alpha, beta, lower, upper = (Var(name) for name in ("alpha", "beta", "lower", "upper"))
r = (x - mu) / sigma
_log_sigma, _log_x, _log_root = apply("log", sigma), apply("log", x), 0.5 * log(2 * pi)
_gamma = alpha * apply("log", beta) - apply("log_gamma", alpha)
_chi_square = -apply("log_gamma", nu / 2) - nu / 2 * log(2)
_distance = apply("abs", r)
_LOCATED = {"loc": mu, "scale": sigma}
_INFINITE = Const(float("inf"))
_a = Var("eta") - 1 + Var("n") / 2

DISTRIBUTIONS = {
    d.name: d
    for d in (
        Distribution(
            "normal", ("mu", "sigma"), -0.5 * r**2 - _log_sigma - _log_root,
            "Normal", {"mu": mu, "sigma": sigma}, "norm", _LOCATED,
            positive=frozenset({"sigma"}), location="mu", scale=sigma, half="HalfNormal",
            defaults={"mu": 0.0, "sigma": 1.0}, form=(_INFINITE, mu, sigma),
            latex=r"\mathrm{N}", notation=(mu, sigma**2),
            unit="sigma",
        ),
        Distribution(
            "student_t", ("nu", "mu", "sigma"),
            apply("log_gamma", (nu + 1) / 2) - apply("log_gamma", nu / 2) - 0.5 * apply("log", pi * nu) - _log_sigma
            - 0.5 * (nu + 1) * apply("log1p", r**2 / nu),
            "StudentT", {"nu": nu, "mu": mu, "sigma": sigma}, "t", {"df": nu, **_LOCATED},
            positive=frozenset({"nu", "sigma"}), location="mu", scale=sigma, half="HalfStudentT",
            defaults={"mu": 0.0, "sigma": 1.0}, form=(nu, mu, sigma),
            latex=r"\mathrm{t}", notation=(nu, mu, sigma**2),
            unit="sigma",
        ),
        Distribution(
            "cauchy", ("mu", "sigma"), -apply("log1p", r**2) - _log_sigma - log(pi),
            "Cauchy", {"alpha": mu, "beta": sigma}, "cauchy", _LOCATED,
            positive=frozenset({"sigma"}), location="mu", scale=sigma, half="HalfCauchy",
            form=(Const(1.0), mu, sigma),
            latex=r"\mathrm{Cauchy}",
            unit="sigma",
        ),
        Distribution(
            "exponential", ("beta",), apply("log", beta) - beta * x,
            "Exponential", {"lam": beta}, "expon", {"scale": 1 / beta},
            support=POSITIVE, positive=frozenset({"beta"}),
            latex=r"\mathrm{Exponential}",
            unit="beta", rate=True,
        ),
        Distribution(
            "gamma", ("alpha", "beta"), _gamma + (alpha - 1) * _log_x - beta * x,
            "Gamma", {"alpha": alpha, "beta": beta}, "gamma", {"a": alpha, "scale": 1 / beta},
            support=POSITIVE, positive=frozenset({"alpha", "beta"}),
            latex=r"\mathrm{Gamma}",
            unit="beta", rate=True,
        ),
        Distribution(
            "inv_gamma", ("alpha", "beta"), _gamma - (alpha + 1) * _log_x - beta / x,
            "InverseGamma", {"alpha": alpha, "beta": beta}, "invgamma", {"a": alpha, "scale": beta},
            support=POSITIVE, positive=frozenset({"alpha", "beta"}), defaults={"beta": 1.0}, vanishing=True,
            latex=r"\mathrm{Inv\,Gamma}",
            unit="beta",
        ),
        Distribution(
            "lognormal", ("mu", "sigma"), -0.5 * ((_log_x - mu) / sigma) ** 2 - _log_x - _log_sigma - _log_root,
            "LogNormal", {"mu": mu, "sigma": sigma}, "lognorm", {"s": sigma, "scale": apply("exp", mu)},
            support=POSITIVE, positive=frozenset({"sigma"}), defaults={"mu": 0.0, "sigma": 1.0}, vanishing=True,
            latex=r"\mathrm{LogNormal}", notation=(mu, sigma**2),
        ),
        Distribution(
            "uniform", ("lower", "upper"), -apply("log", upper - lower),
            "Uniform", {"lower": lower, "upper": upper}, "uniform", {"loc": lower, "scale": upper - lower},
            ends=("lower", "upper"), scale=None,
            defaults={"lower": 0.0, "upper": 1.0},
            latex=r"\mathrm{Uniform}",
        ),
        Distribution(
            "beta", ("alpha", "beta"),
            apply("log_gamma", alpha + beta) - apply("log_gamma", alpha) - apply("log_gamma", beta)
            + (alpha - 1) * _log_x + (beta - 1) * apply("log1p", -x),
            "Beta", {"alpha": alpha, "beta": beta}, "beta", {"a": alpha, "b": beta},
            support=Support(0, 1), positive=frozenset({"alpha", "beta"}), scale=None,
            latex=r"\mathrm{Beta}",
        ),
        Distribution(
            "double_exponential", ("mu", "sigma"), -_distance - _log_sigma - log(2),
            "Laplace", {"mu": mu, "b": sigma}, "laplace", _LOCATED,
            positive=frozenset({"sigma"}), location="mu", scale=sigma, aliases=("laplace",),
            latex=r"\mathrm{Laplace}",
            unit="sigma",
        ),
        Distribution(
            "logistic", ("mu", "sigma"), -_distance - 2 * apply("log1p", apply("exp", -_distance)) - _log_sigma,
            "Logistic", {"mu": mu, "s": sigma}, "logistic", _LOCATED,
            positive=frozenset({"sigma"}), location="mu", scale=sigma, defaults={"mu": 0.0, "s": 1.0},
            latex=r"\mathrm{Logistic}",
            unit="sigma",
        ),
        Distribution(
            "weibull", ("alpha", "sigma"),
            apply("log", alpha) - _log_sigma + (alpha - 1) * (_log_x - _log_sigma)
            - apply("exp", alpha * (_log_x - _log_sigma)),
            "Weibull", {"alpha": alpha, "beta": sigma}, "weibull_min", {"c": alpha, "scale": sigma},
            support=POSITIVE, positive=frozenset({"alpha", "sigma"}), scale=sigma,
            latex=r"\mathrm{Weibull}",
            unit="sigma",
        ),
        Distribution(
            "chi_square", ("nu",), _chi_square + (nu / 2 - 1) * _log_x - x / 2,
            "ChiSquared", {"nu": nu}, "chi2", {"df": nu},
            support=POSITIVE, positive=frozenset({"nu"}), scale=nu, aliases=("chi_squared",),
            latex=r"\chi^2",
        ),
        Distribution(
            "inv_chi_square", ("nu",), _chi_square - (nu / 2 + 1) * _log_x - 0.5 / x,
            "InverseGamma", {"alpha": nu / 2, "beta": Const(0.5)}, "invgamma", {"a": nu / 2, "scale": Const(0.5)},
            support=POSITIVE, positive=frozenset({"nu"}), aliases=("inv_chi_squared",), vanishing=True,
            latex=r"\mathrm{Inv}\chi^2",
        ),
        Distribution(
            "flat", (), Const(0.0), "Flat", {}, half="HalfFlat", proper=False,
            latex=r"\mathrm{Uniform}", notation=(-_INFINITE, _INFINITE),
        ),
        Distribution(
            "constant", ("value",), Const(0.0), "", {}, location="value", scale=None, point=True,
        ),
        Distribution(
            "lkj", ("eta",), Const(0.0), "LKJCorr", {"eta": Var("eta")},
            support=CORRELATIONS, positive=frozenset({"eta"}),
            # Lewandowski, Kurowicka & Joe (2009): (1 + x) / 2 is Beta(a, a).
            marginal=(
                apply("log_gamma", 2 * _a) - 2 * apply("log_gamma", _a) - (2 * _a - 1) * log(2)
                + (_a - 1) * (apply("log1p", x) + apply("log1p", -x))
            ),
            latex=r"\mathrm{LKJ}",
        ),
        Distribution(
            "dirichlet", ("alpha",), Const(0.0), "Dirichlet", {"a": alpha},
            support=SHARES, positive=frozenset({"alpha"}), several=True,
            latex=r"\mathrm{Dirichlet}",
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spelling:
    """Another name for a distribution, with that name's arguments, in the order of its own, and their defaults."""

    distribution: str
    arguments: tuple[str, ...]
    defaults: Mapping[str, float] = field(default_factory=dict)
    half: bool = False


def _spellings(record: Distribution) -> dict[str, Spelling]:
    found = {alias: Spelling(record.name, record.arguments) for alias in record.aliases}
    names = {expr.name: name for name, expr in record.pymc_arguments.items() if isinstance(expr, Var)}
    if {*names} != {*record.arguments}:
        return found
    found[record.pymc] = Spelling(record.name, tuple(names[own] for own in record.arguments), record.defaults)
    if record.half is not None:
        own = tuple(names[argument] for argument in record.arguments if argument != record.location)
        found[record.half] = Spelling(
            record.name, own, {name: value for name, value in record.defaults.items() if name in own}, half=True
        )
    return found


SPELLINGS = {name: spelling for record in DISTRIBUTIONS.values() for name, spelling in _spellings(record).items()}
"""PyMC's classes, and what else people call a density; a half class leaves out the location, which is zero."""
