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

from tildemc.spec.expr import Apply, Computes, Expr, Var

__all__ = ["ARGUMENTS", "NUMPY", "VOCABULARY", "Function", "apply"]

ARGUMENTS = ("x", "n")
"""What slopes call a function's arguments."""


@dataclass(frozen=True, slots=True)
class Function:
    """An elementary function.

    Attributes
    ----------
    name : str
        What expressions call it.
    numpy : str
        The full name of the function of arrays.
    slopes : tuple of Expr
        Its derivative by each argument, in terms of `ARGUMENTS`; none for a function of data alone.
    pymc : str
        What PyMC's programs call it, with PyMC imported as `pm`; empty where they do not need it.
    r : str
        What formulas call it, with one column for an argument; empty where they have none.
    aliases : tuple of str
        What R and Stan call it, where arithmetic is of numbers and not of columns: in hypotheses.
    """

    name: str
    numpy: str
    slopes: tuple[Expr, ...] = ()
    pymc: str = ""
    r: str = ""
    aliases: tuple[str, ...] = ()


def apply(function: str, *arguments: Expr) -> Expr:
    """`function(arguments)`."""
    return Apply(function, arguments)


x, n = (Var(name) for name in ARGUMENTS)
_exp_x = apply("exp", x)
_normal = -0.5 * x**2 - 0.5 * log(2 * pi)

VOCABULARY = {
    row.name: row
    for row in (
        Function("exp", "numpy.exp", (_exp_x,), "pm.math.exp", "exp"),
        # R's `log` takes a base, too: resolve/numeric.py has it.
        Function("log", "numpy.log", (1 / x,), "pm.math.log", aliases=("log",)),
        Function("log1p", "numpy.log1p", (1 / (1 + x),), "pm.math.log1p", "log1p"),
        Function("expm1", "numpy.expm1", (_exp_x,), "pm.math.expm1", "expm1"),
        Function("sqrt", "numpy.sqrt", (0.5 / apply("sqrt", x),), "pm.math.sqrt", "sqrt"),
        Function("neg", "numpy.negative"),
        Function("abs", "numpy.abs", r="abs"),
        Function("log2", "numpy.log2", r="log2"),
        Function("log10", "numpy.log10", r="log10"),
        Function("sin", "numpy.sin", (apply("cos", x),), r="sin"),
        Function("cos", "numpy.cos", (-apply("sin", x),), r="cos"),
        Function("tan", "numpy.tan", (1 + apply("tan", x) ** 2,), r="tan"),
        Function("atan", "numpy.arctan", (1 / (1 + x**2),), "pm.math.arctan"),
        Function("floor", "numpy.floor", r="floor"),
        Function("ceil", "numpy.ceil", r="ceiling"),
        Function("round", "numpy.round", r="round"),
        Function("trunc", "numpy.trunc", r="trunc"),
        # Of links
        Function(
            "sigmoid", "scipy.special.expit", (apply("sigmoid", x) * apply("sigmoid", -x),), "pm.math.sigmoid",
            aliases=("plogis", "inv_logit", "invlogit"),
        ),
        Function("logit", "scipy.special.logit", aliases=("logit", "qlogis")),
        Function("log_sigmoid", "scipy.special.log_expit", (apply("sigmoid", -x),)),
        Function("softplus", "tildemc.spec.special.softplus", (apply("sigmoid", x),), "pm.math.softplus"),
        Function(
            "invprobit", "scipy.special.ndtr", (apply("exp", _normal),), "pm.math.invprobit",
            aliases=("pnorm", "Phi"),
        ),
        Function("probit", "scipy.special.ndtri", aliases=("qnorm",)),
        Function("log_invprobit", "scipy.special.log_ndtr", (apply("exp", _normal - apply("log_invprobit", x)),)),
        Function("log1mexp", "tildemc.spec.special.log1mexp", (-1 / apply("expm1", -x),)),
        Function(
            "log_cloglog", "tildemc.spec.special.log_cloglog",
            (apply("exp", x - _exp_x - apply("log_cloglog", x)),),
        ),
        # Of densities
        Function("times", "tildemc.spec.special.times", (n, x)),
        Function("log_gamma", "scipy.special.gammaln", (apply("digamma", x),), "pm.math.gammaln"),
        Function("digamma", "scipy.special.digamma"),
        Function("gamma", "scipy.special.gamma", pymc="pm.math.gamma"),
        Function("log_choose", "tildemc.spec.special.log_choose"),
        Function(
            "log_rising", "tildemc.spec.special.log_rising",
            (apply("rising_slope", x, n), apply("digamma", x + n) - apply("log", x)),
        ),
        Function("rising_slope", "tildemc.spec.special.rising_slope"),
        Function("integer", "numpy.int64"),
        # Of distribution functions, in the order of SciPy's arguments
        Function("student_cdf", "scipy.special.stdtr"),
        Function("gamma_cdf", "scipy.special.gammainc"),
        Function("gamma_tail", "scipy.special.gammaincc"),
        Function("beta_cdf", "scipy.special.betainc"),
        Function("beta_binomial_cdf", "tildemc.spec.special.beta_binomial_cdf"),
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
