"""One row per elementary function that expressions apply: how each library calls it, and its derivative.

To add a function, add its row. The direct engine compiles the function of that name in `targets/direct/special.py`, or
else in Python's `math`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from math import log, pi

from tildemc.spec.expr import Apply, Computes, Const, Expr, Var

__all__ = ["ARGUMENTS", "NUMPY", "VOCABULARY", "Function", "apply"]

ARGUMENTS = ("x", "n", "z")
"""What slopes call a function's arguments."""


@dataclass(frozen=True, slots=True)
class Function:
    """An elementary function.

    Attributes
    ----------
    name : str
        What expressions call it.
    numpy : str
        The full name of the function of arrays; empty for a slope that machine code alone needs.
    slopes : tuple of Expr
        Its derivative by each argument, in terms of `ARGUMENTS`; none for a function of data alone.
    pymc : str
        What PyMC's programs call it, with PyMC imported as `pm` and PyTensor's tensors as `pt`, or the function of that
        name in `targets/pymc/functions.py`; empty where they do not need it.
    r : str
        What formulas call it, with one column for an argument; empty where they have none.
    aliases : tuple of str
        What R and Stan call it, where arithmetic is of numbers and not of columns: in hypotheses.
    latex : str
        How it is written, with its arguments as in `slopes`; empty for `name(x)`.
    plain : Expr or None
        What it comes to in functions that readers know, digits aside, for equations.
    vanishes : int or None
        The argument, if there is one, at whose zero it is zero whatever the others are.
    """

    name: str
    numpy: str = ""
    slopes: tuple[Expr, ...] = ()
    pymc: str = ""
    r: str = ""
    aliases: tuple[str, ...] = ()
    latex: str = ""
    plain: Expr | None = None
    vanishes: int | None = None


def apply(function: str, *arguments: Expr) -> Expr:
    """`function(arguments)`."""
    return Apply(function, arguments)


x, n, z = (Var(name) for name in ARGUMENTS)
ZERO, ONE = Const(0.0), Const(1.0)
_exp_x = apply("exp", x)
_normal = -0.5 * x**2 - 0.5 * log(2 * pi)

# Of the mean of a Conway-Maxwell-Poisson count by the log of its rate
_log_rate = apply("com_poisson_log_rate", x, n)
_mean_slope = n * apply("com_poisson_variance", _log_rate, n)

VOCABULARY = {
    row.name: row
    for row in (
        Function("exp", "numpy.exp", (_exp_x,), "pm.math.exp", "exp", latex=r"\exp({x})"),
        # R's `log` takes a base, too: resolve/numeric.py has it.
        Function("log", "numpy.log", (1 / x,), "pm.math.log", aliases=("log",), latex=r"\log({x})"),
        Function(
            "log1p", "numpy.log1p", (1 / (1 + x),), "pm.math.log1p", "log1p",
            latex=r"\log(1 + {x})", plain=apply("log", 1 + x),
        ),
        Function("expm1", "numpy.expm1", (_exp_x,), "pm.math.expm1", "expm1", latex=r"\exp({x}) - 1"),
        Function("sqrt", "numpy.sqrt", (0.5 / apply("sqrt", x),), "pm.math.sqrt", "sqrt", latex=r"\sqrt{{{x}}}"),
        Function("neg", "numpy.negative"),
        Function("abs", "numpy.abs", pymc="pm.math.abs", r="abs", latex=r"|{x}|"),
        Function("log2", "numpy.log2", r="log2", latex=r"\log_2({x})"),
        Function("log10", "numpy.log10", r="log10", latex=r"\log_{{10}}({x})"),
        Function("sin", "numpy.sin", (apply("cos", x),), "pm.math.sin", "sin", latex=r"\sin({x})"),
        Function("cos", "numpy.cos", (-apply("sin", x),), "pm.math.cos", "cos", latex=r"\cos({x})"),
        Function("tan", "numpy.tan", (1 + apply("tan", x) ** 2,), "pm.math.tan", "tan", latex=r"\tan({x})"),
        Function("atan", "numpy.arctan", (1 / (1 + x**2),), "pm.math.arctan", "atan", latex=r"\arctan({x})"),
        Function("asin", "numpy.arcsin", r="asin", latex=r"\arcsin({x})"),
        Function("acos", "numpy.arccos", r="acos", latex=r"\arccos({x})"),
        Function("sinh", "numpy.sinh", r="sinh", latex=r"\sinh({x})"),
        Function("cosh", "numpy.cosh", r="cosh", latex=r"\cosh({x})"),
        Function("tanh", "numpy.tanh", (1 - apply("tanh", x) ** 2,), "pm.math.tanh", "tanh", latex=r"\tanh({x})"),
        Function("asinh", "numpy.arcsinh", r="asinh", latex=r"\mathrm{{arsinh}}({x})"),
        Function("sign", "numpy.sign", r="sign", latex=r"\mathrm{{sign}}({x})"),
        Function("isfinite", "numpy.isfinite"),
        Function("floor", "numpy.floor", r="floor", latex=r"\lfloor {x} \rfloor"),
        Function("ceil", "numpy.ceil", r="ceiling", latex=r"\lceil {x} \rceil"),
        Function("round", "numpy.round", r="round"),
        Function("trunc", "numpy.trunc", r="trunc"),
        # Of links
        Function(
            "sigmoid", "scipy.special.expit", (apply("sigmoid", x) * apply("sigmoid", -x),), "pm.math.sigmoid",
            aliases=("plogis", "inv_logit", "invlogit"),
            latex=r"\mathrm{{logit}}^{{-1}}({x})",
        ),
        Function("logit", "scipy.special.logit", aliases=("logit", "qlogis"), latex=r"\mathrm{{logit}}({x})"),
        Function(
            "log_sigmoid", "scipy.special.log_expit", (apply("sigmoid", -x),), "log_sigmoid",
            latex=r"\log \mathrm{{logit}}^{{-1}}({x})",
        ),
        Function(
            "softplus", "tildemc.spec.special.softplus", (apply("sigmoid", x),), "pm.math.softplus",
            plain=apply("log", 1 + _exp_x),
        ),
        Function(
            "invprobit", "scipy.special.ndtr", (apply("exp", _normal),), "pm.math.invprobit",
            aliases=("pnorm", "Phi"),
            latex=r"\Phi({x})",
        ),
        Function("probit", "scipy.special.ndtri", aliases=("qnorm",), latex=r"\Phi^{{-1}}({x})"),
        Function(
            "log_invprobit", "scipy.special.log_ndtr", (apply("exp", _normal - apply("log_invprobit", x)),),
            "log_invprobit",
            latex=r"\log \Phi({x})",
        ),
        Function(
            "log1mexp", "tildemc.spec.special.log1mexp", (-1 / apply("expm1", -x),), "pt.log1mexp",
            latex=r"\log(1 - \exp({x}))",
        ),
        Function(
            "log_cloglog", "tildemc.spec.special.log_cloglog",
            (apply("exp", x - _exp_x - apply("log_cloglog", x)),), "log_cloglog",
            latex=r"\log(1 - \exp(-e^{{{x}}}))",
        ),
        # Of what is one thing in some rows and another in others
        Function("where", "tildemc.spec.special.where", (ZERO, ONE, ONE), "pm.math.where"),
        Function("less", "numpy.less", (ZERO, ZERO), "pm.math.lt", latex=r"[{x} < {n}]"),
        # Of densities
        Function(
            "log_add_exp", "numpy.logaddexp", (apply("sigmoid", x - n), apply("sigmoid", n - x)), "pm.math.logaddexp",
            latex=r"\log(\exp({x}) + \exp({n}))",
        ),
        Function("share_so_far", "tildemc.spec.special.share_so_far", pymc="share_so_far"),
        Function("times", "tildemc.spec.special.times", (n, x), "times", plain=x * n, vanishes=0),
        Function(
            "log_gamma", "scipy.special.gammaln", (apply("digamma", x),), "pm.math.gammaln", "lgamma",
            latex=r"\log \Gamma({x})",
        ),
        Function("digamma", "scipy.special.digamma", (apply("trigamma", x),), latex=r"\psi({x})"),
        Function("trigamma", "tildemc.spec.special.trigamma", latex=r"\psi'({x})"),
        Function("gamma", "scipy.special.gamma", pymc="pm.math.gamma", r="gamma", latex=r"\Gamma({x})"),
        Function(
            "log_choose", "tildemc.spec.special.log_choose", pymc="log_choose", latex=r"\log \binom{{{x}}}{{{n}}}",
            vanishes=1,
        ),
        Function(
            "log_rising", "tildemc.spec.special.log_rising",
            (apply("rising_slope", x, n), apply("digamma", x + n) - apply("log", x)), "log_rising", vanishes=1,
            plain=apply("log_gamma", x + n) - apply("log_gamma", x) - n * apply("log", x),
        ),
        Function(
            "rising_slope", "tildemc.spec.special.rising_slope",
            (apply("trigamma", x + n) - apply("trigamma", x) + n / x**2, apply("trigamma", x + n) - 1 / x),
        ),
        Function("integer", "numpy.int64"),
        Function(
            "check", "tildemc.spec.special.check", (apply("check_slope", x, n), x), "check", latex=r"\rho_{{{n}}}({x})",
        ),
        Function("check_slope", "tildemc.spec.special.check_slope"),
        Function(
            "power", "tildemc.spec.special.power",
            (n * apply("power", x, n - 1), apply("times", apply("power", x, n), apply("log", x))), "pt.power",
            plain=x**n,
        ),
        Function("whole_power", "numpy.power", (n * apply("whole_power", x, n - 1), ZERO), "pt.power", plain=x**n),
        Function(
            "log_inv_boxcox", "tildemc.spec.special.log_inv_boxcox",
            (1 / (1 + n * x), apply("log_inv_boxcox_slope", x, n)), "log_inv_boxcox",
            plain=apply("log", 1 + n * x) / n,
        ),
        Function("autocorrelation", "tildemc.spec.special.autocorrelation", pymc="autocorrelation"),
        Function("boxcox", "tildemc.spec.special.boxcox"),
        Function("log_inv_boxcox_slope", "tildemc.spec.special.log_inv_boxcox_slope"),
        Function(
            "log_i0e", "tildemc.spec.special.log_i0e", (apply("bessel_ratio", x) - 1,), "log_i0e",
            latex=r"\log(e^{{-{x}}}\,I_0({x}))",
        ),
        Function("bessel_ratio", "tildemc.spec.special.bessel_ratio"),
        Function(
            "log_tilted", "tildemc.spec.special.log_tilted",
            (apply("inverse_mills", x - n) - n, n - x - apply("inverse_mills", x - n)), "log_tilted",
            plain=n**2 / 2 - n * x + apply("log_invprobit", x - n),
        ),
        Function("inverse_mills", "tildemc.spec.special.inverse_mills"),
        Function(
            "com_poisson_log_norm", "tildemc.spec.counting.com_poisson_log_norm",
            (n * apply("com_poisson_mean", x, n), apply("com_poisson_log_norm_slope", x, n)), "log_com_poisson_norm",
            latex=r"\log \sum_k (e^{{k\,({x})}} / k!)^{{{n}}}",
        ),
        Function(
            "com_poisson_mean", "tildemc.spec.counting.com_poisson_mean",
            (n * apply("com_poisson_variance", x, n), apply("com_poisson_mean_by_shape", x, n)),
        ),
        Function(
            "com_poisson_variance", "tildemc.spec.counting.com_poisson_variance",
            (n * apply("com_poisson_third", x, n), apply("com_poisson_variance_by_shape", x, n)),
        ),
        # Of effects that are sums of a few others
        Function("loadings", "tildemc.spec.matrices.loadings", pymc="loadings"),
        # Of residuals that go together, by how far apart they are
        Function("arma_correlations", "tildemc.spec.autocorrelation.arma", pymc="arma_correlations"),
        Function("arma_covariances", "tildemc.spec.autocorrelation.innovation_arma", pymc="arma_covariances"),
        Function("arma_from_start", "tildemc.spec.autocorrelation.conditional_arma", pymc="arma_from_start"),
        Function("covariances_beside", "tildemc.spec.autocorrelation.covariances_beside", pymc="covariances_beside"),
        Function("sar_covariances", "tildemc.spec.autocorrelation.sar_covariances", pymc="sar_covariances"),
        Function("sar_means", "tildemc.spec.autocorrelation.sar_means", pymc="sar_means"),
        Function("matern", "tildemc.spec.special.matern", pymc="matern"),
        Function("banded", "tildemc.spec.autocorrelation.banded", pymc="banded"),
        Function("toeplitz", "tildemc.spec.autocorrelation.toeplitz", pymc="toeplitz"),
        Function(
            "com_poisson_log_rate", "tildemc.spec.counting.com_poisson_log_rate",
            (_exp_x / _mean_slope, -apply("com_poisson_mean_by_shape", _log_rate, n) / _mean_slope),
            "log_com_poisson_rate", latex=r"\log \lambda({x}, {n})",
        ),
        Function(
            "log_tweedie", "tildemc.spec.compound.log_tweedie",
            (apply("log_tweedie_by_count", x, n), apply("log_tweedie_by_shape", x, n)), "log_tweedie",
            latex=(
                r"\log \sum_j \frac{{e^{{(1 + {n})(j\,({x}) - \exp({x}))}}\,({n})^{{j\,({n})}}}}"
                r"{{j!\,\Gamma(j\,({n}))}}"
            ),
        ),
        Function(
            "log_wiener", "tildemc.spec.diffusion.log_wiener",
            (apply("log_wiener_by_time", x, n), apply("log_wiener_by_start", x, n)), "wiener_log_density",
            latex=r"\log \pi \sum_k k \sin(k \pi\,({n})) \exp(-k^2 \pi^2\,({x}) / 2)",
        ),
        Function("m_spline", "tildemc.spec.hazards.m_spline", pymc="m_spline", latex=r"M_{{{n}}}({x})"),
        Function("i_spline", "tildemc.spec.hazards.i_spline", pymc="i_spline", latex=r"I_{{{n}}}({x})"),
        # Of distribution functions, by logs and logits: for any tail
        Function(
            "log_beta_cdf", "tildemc.spec.incomplete.log_beta_cdf",
            tuple(apply(f"log_beta_cdf_by_{name}", x, n, z) for name in "abz"), "log_beta_cdf",
            latex=r"\log I_{{\mathrm{{logit}}^{{-1}}({z})}}({x}, {n})",
        ),
        Function(
            "log_gamma_cdf", "tildemc.spec.incomplete.log_gamma_cdf",
            tuple(apply(f"log_gamma_cdf_by_{name}", x, n) for name in "ax"), "log_gamma_cdf",
            latex=r"\log P({x}, e^{{{n}}})",
        ),
        Function(
            "log_gamma_tail", "tildemc.spec.incomplete.log_gamma_tail",
            tuple(apply(f"log_gamma_tail_by_{name}", x, n) for name in "ax"), "log_gamma_tail",
            latex=r"\log Q({x}, e^{{{n}}})",
        ),
        Function(
            "log_student_cdf", "tildemc.spec.incomplete.log_student_cdf",
            (apply("log_student_cdf_by_nu", x, n), apply("log_student_cdf_by_x", x, n)), "log_student_cdf",
            latex=r"\log F_{{{x}}}({n})",
        ),
        *(Function(f"log_beta_cdf_by_{name}") for name in "abz"),
        *(Function(f"log_gamma_{end}_by_{name}") for end in ("cdf", "tail") for name in "ax"),
        *(Function(f"log_student_cdf_by_{name}") for name in ("nu", "x")),
        # Of distribution functions, in the order of SciPy's arguments
        Function("student_cdf", "scipy.special.stdtr", pymc="student_cdf"),
        Function("gamma_cdf", "scipy.special.gammainc", pymc="pt.gammainc"),
        Function("gamma_tail", "scipy.special.gammaincc", pymc="pt.gammaincc"),
        Function("beta_cdf", "scipy.special.betainc", pymc="pt.betainc"),
        Function("beta_binomial_cdf", "tildemc.spec.special.beta_binomial_cdf"),
        *(Function(name, f"tildemc.spec.cumulative.{name}") for name in (
            "asym_laplace_cdf", "exgaussian_cdf", "exgaussian_tail", "extreme_mean", "extreme_variance",
            "frechet_dispersion",
            "skew_normal_cdf", "von_mises_cdf", "von_mises_variance", "wald_cdf", "wald_tail",
        )),
        *(Function(name, f"tildemc.spec.diffusion.{name}") for name in (
            "log_wiener_by_start", "log_wiener_by_time", "wiener_cdf", "wiener_mean", "wiener_quantile",
            "wiener_tail", "wiener_upper", "wiener_variance",
        )),
        *(Function(name, f"tildemc.spec.compound.{name}") for name in (
            "log_tweedie_by_count", "log_tweedie_by_shape", "tweedie_cdf", "tweedie_tail",
        )),
        *(Function(name, f"tildemc.spec.counting.{name}") for name in (
            "com_poisson_cdf", "com_poisson_log_norm_slope", "com_poisson_mean_by_shape", "com_poisson_quantile",
            "com_poisson_tail", "com_poisson_third", "com_poisson_variance_by_shape", "discrete_weibull_mean",
            "discrete_weibull_variance", "genpois_cdf", "genpois_quantile", "genpois_tail",
        )),
    )
}  # fmt: skip


class _NumPy(Mapping[str, Computes]):
    """Functions of arrays by their names, each imported when it is first asked for."""

    def __getitem__(self, name: str) -> Computes:
        return _imported(VOCABULARY[name].numpy)

    def __iter__(self) -> Iterator[str]:
        return iter(VOCABULARY)

    def __len__(self) -> int:
        return len(VOCABULARY)


@cache
def _imported(name: str) -> Computes:
    module, _, function = name.rpartition(".")
    found: Computes = getattr(import_module(module), function)
    return found


NUMPY: Mapping[str, Computes] = _NumPy()
"""What NumPy and SciPy compute for each function: `evaluate(expr, names, NUMPY)`."""
