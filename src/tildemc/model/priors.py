"""Prior densities and the defaults.

A distribution is a record; a `Prior` is a record with its arguments. The arguments of a default are arithmetic in
the data's scales (`m_y`, `s_y`, `s_x`, see `passes/scale.py`), so that a model can be lowered and read before any
number is known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from tildemc.model.expr import Apply, Const, Expr, Var, as_expr, infix

__all__ = [
    "AT_MEANS",
    "COEFFICIENT",
    "CORRELATION",
    "CORRELATIONS",
    "DISTRIBUTIONS",
    "GROUP_SD",
    "INTERCEPT",
    "MODELLED_COEFFICIENT",
    "MODELLED_GROUP_SD",
    "POSITIVE",
    "PYMC_SPELLINGS",
    "REAL",
    "Distribution",
    "Prior",
    "Spelling",
    "Support",
    "default",
    "m_y",
    "number",
    "restricted",
    "s_y",
]


@dataclass(frozen=True, slots=True)
class Support:
    """The values a parameter may take."""

    lower: float = -math.inf
    upper: float = math.inf
    matrix: bool = False

    def __str__(self) -> str:
        if self.matrix:
            return "correlation matrices"
        if self == REAL:
            return "the real line"
        if self == POSITIVE:
            return "positive numbers"
        if self.upper == math.inf:
            return f"numbers above {number(self.lower)}"
        if self.lower == -math.inf:
            return f"numbers below {number(self.upper)}"
        return f"({number(self.lower)}, {number(self.upper)})"

    def within(self, other: Support) -> bool:
        """Whether `other` holds all of these values."""
        return self.lower >= other.lower and self.upper <= other.upper


REAL = Support()
POSITIVE = Support(lower=0.0)
CORRELATIONS = Support(matrix=True)


@dataclass(frozen=True, slots=True)
class Distribution:
    """A density by Stan's name and with Stan's arguments.

    Attributes
    ----------
    name : str
    arguments : tuple of str
        Stan's argument names, in order.
    positive : frozenset of str
        Those that must be greater than zero.
    pymc, pymc_arguments
        PyMC's class, and its names for the same arguments.
    half : str or None
        PyMC's class for the density folded at zero; it takes all arguments but the location.
    location : str or None
        The argument that a `half` class does without.
    """

    name: str
    arguments: tuple[str, ...]
    pymc: str
    pymc_arguments: tuple[str, ...]
    support: Support = REAL
    positive: frozenset[str] = frozenset()
    half: str | None = None
    location: str | None = None
    defaults: tuple[float, ...] = ()


DISTRIBUTIONS = {
    d.name: d
    for d in (
        Distribution(
            "normal", ("mu", "sigma"), "Normal", ("mu", "sigma"),
            positive=frozenset({"sigma"}), half="HalfNormal", location="mu",
        ),
        Distribution(
            "student_t", ("nu", "mu", "sigma"), "StudentT", ("nu", "mu", "sigma"),
            positive=frozenset({"nu", "sigma"}), half="HalfStudentT", location="mu",
        ),
        Distribution(
            "cauchy", ("mu", "sigma"), "Cauchy", ("alpha", "beta"),
            positive=frozenset({"sigma"}), half="HalfCauchy", location="mu",
        ),
        Distribution("exponential", ("beta",), "Exponential", ("lam",), POSITIVE, frozenset({"beta"})),
        Distribution("gamma", ("alpha", "beta"), "Gamma", ("alpha", "beta"), POSITIVE, frozenset({"alpha", "beta"})),
        Distribution(
            "inv_gamma", ("alpha", "beta"), "InverseGamma", ("alpha", "beta"), POSITIVE, frozenset({"alpha", "beta"})
        ),
        Distribution("lognormal", ("mu", "sigma"), "LogNormal", ("mu", "sigma"), POSITIVE, frozenset({"sigma"})),
        Distribution("uniform", ("lower", "upper"), "Uniform", ("lower", "upper")),
        Distribution("beta", ("alpha", "beta"), "Beta", ("alpha", "beta"), Support(0, 1), frozenset({"alpha", "beta"})),
        Distribution("flat", (), "Flat", (), half="HalfFlat"),
        Distribution("lkj", ("eta",), "LKJCorr", ("eta",), CORRELATIONS, frozenset({"eta"})),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spelling:
    """Another name for a distribution: PyMC's class with PyMC's argument names and their defaults."""

    distribution: str
    arguments: tuple[str, ...]
    defaults: dict[str, float]
    half: bool = False


PYMC_SPELLINGS = {
    "Normal": Spelling("normal", ("mu", "sigma"), {"mu": 0.0, "sigma": 1.0}),
    "HalfNormal": Spelling("normal", ("sigma",), {"sigma": 1.0}, half=True),
    "StudentT": Spelling("student_t", ("nu", "mu", "sigma"), {"mu": 0.0, "sigma": 1.0}),
    "HalfStudentT": Spelling("student_t", ("nu", "sigma"), {"sigma": 1.0}, half=True),
    "Cauchy": Spelling("cauchy", ("alpha", "beta"), {}),
    "HalfCauchy": Spelling("cauchy", ("beta",), {}, half=True),
    "Exponential": Spelling("exponential", ("lam",), {}),
    "Gamma": Spelling("gamma", ("alpha", "beta"), {}),
    "InverseGamma": Spelling("inv_gamma", ("alpha", "beta"), {"beta": 1.0}),
    "LogNormal": Spelling("lognormal", ("mu", "sigma"), {"mu": 0.0, "sigma": 1.0}),
    "Uniform": Spelling("uniform", ("lower", "upper"), {"lower": 0.0, "upper": 1.0}),
    "Beta": Spelling("beta", ("alpha", "beta"), {}),
    "Flat": Spelling("flat", (), {}),
    "HalfFlat": Spelling("flat", (), {}, half=True),
    "LKJCorr": Spelling("lkj", ("eta",), {}),
}
"""PyMC's classes; a half class leaves out the location, which is zero."""


@dataclass(frozen=True, slots=True)
class Prior:
    """A density on a parameter, or (`on_variance`) on its square, or (`at_means`) on an intercept where predictors are.

    Attributes
    ----------
    distribution : Distribution
    arguments : tuple of Expr
        In Stan's order; constants once the data's scales are known.
    lower, upper : float
        Where the density is cut off, by a bound or by the target's support (0 for an sd); infinite where it ends by
        itself.
    on_variance : bool
        The density is of the variance, not of the sd.
    at_means : bool
        The density is of the intercept at the predictors' means, not at zero.
    stated : str or None
        The statement, if a person made it; None for a default.
    origin : str
        How a default's numbers were computed from the data.
    """

    distribution: Distribution
    arguments: tuple[Expr, ...] = ()
    lower: float = -math.inf
    upper: float = math.inf
    on_variance: bool = False
    at_means: bool = False
    stated: str | None = None
    origin: str = field(default="", compare=False)

    @property
    def known(self) -> bool:
        """Whether every argument is a number."""
        return all(isinstance(argument, Const) for argument in self.arguments)

    @property
    def values(self) -> tuple[float, ...]:
        """The arguments as numbers."""
        assert self.known, self
        return tuple(float(argument.value) for argument in self.arguments if isinstance(argument, Const))

    @property
    def support(self) -> Support:
        """The values that have a density: what the target may take."""
        lower, upper = _reach(self)
        return Support(max(lower, self.lower), min(upper, self.upper), self.distribution.support.matrix)

    @property
    def folded(self) -> bool:
        """Whether this is a half density: cut off at zero, and located there."""
        if self.distribution.half is None or self.lower != 0 or self.upper < math.inf:
            return False
        where = self.distribution.location
        return where is None or self.arguments[self.distribution.arguments.index(where)] == Const(0.0)

    @property
    def truncated(self) -> bool:
        """Whether the density is cut off anywhere else than at its centre."""
        return (self.lower > -math.inf or self.upper < math.inf) and not self.folded

    @property
    def plausible(self) -> float:
        """Where to begin: the density's centre, but a scale inside of where it ends."""
        name, lower, upper = self.distribution.name, self.support.lower, self.support.upper
        values = dict(zip(self.distribution.arguments, self.values, strict=True))
        located = self.distribution.location is not None
        scale = values["sigma"] if located else math.inf if name in ("uniform", "beta") else 1.0
        gap = min(scale, 0.5 * (upper - lower))
        return min(max(values["mu"] if located else 0.0, lower + gap), upper - gap)

    def __str__(self) -> str:
        return self.on(POSITIVE)

    def on(self, support: Support) -> str:
        """The density as it is written of a target with that support: a half one where the target ends at zero, too."""
        half = self.folded and support.lower == 0
        arguments = [_text(argument) for argument in self.arguments]
        if not half:
            ends = {"lower": self.lower, "upper": self.upper}
            arguments += [f"{name}={number(end)}" for name, end in ends.items() if math.isfinite(end)]
        where = f" {AT_MEANS}" if self.at_means else ""
        return f"{'half_' if half else ''}{self.distribution.name}({', '.join(arguments)}){where}"


AT_MEANS = "at the predictors' means"
"""How a person says, and is told, which intercept a prior is of."""


def number(value: float) -> str:
    """A number as it is read back: in six digits where these are all."""
    text = f"{value:.6g}"
    return text if float(text) == value else repr(float(value))


def _text(argument: Expr) -> str:
    return number(argument.value) if isinstance(argument, Const) else infix(argument)  # type: ignore[arg-type]


def _reach(prior: Prior) -> tuple[float, float]:
    """Where a density ends by itself."""
    if prior.distribution.name == "uniform":
        lower, upper = prior.values
        return lower, upper
    return prior.distribution.support.lower, prior.distribution.support.upper


def default(name: str, *arguments: Expr | float, lower: float = -math.inf) -> Prior:
    """A default prior: `name` with arguments in the data's scales."""
    return Prior(DISTRIBUTIONS[name], tuple(as_expr(a) for a in arguments), lower=lower)


def restricted(prior: Prior, support: Support) -> Prior:
    """`prior` cut off where `support` ends; between two ends a uniform or flat density is a uniform one."""
    reach = _reach(prior)
    lower, upper = max(reach[0], prior.lower, support.lower), min(reach[1], prior.upper, support.upper)
    flat = prior.distribution.name == "flat" and math.isfinite(lower) and math.isfinite(upper)
    if flat or prior.distribution.name == "uniform":
        return replace(
            prior, distribution=DISTRIBUTIONS["uniform"], arguments=(Const(lower), Const(upper)),
            lower=-math.inf, upper=math.inf,
        )  # fmt: skip
    return replace(prior, lower=lower if lower > reach[0] else -math.inf, upper=upper if upper < reach[1] else math.inf)


m_y, s_y, s_x = Var("m_y"), Var("s_y"), Var("s_x")

INTERCEPT = default("normal", m_y, 2.5 * s_y)
COEFFICIENT = default("normal", 0.0, 2.5 * s_y / s_x)
GROUP_SD = default("student_t", 3.0, 0.0, 2.5 * s_y / s_x, lower=0.0)
CORRELATION = default("lkj", 2.0)
RESIDUAL_SD = default("student_t", 3.0, 0.0, s_y, lower=0.0)
LOG_RESIDUAL_SD = default("normal", Apply("log", (s_y,)), 1.0)
MODELLED_COEFFICIENT = default("normal", 0.0, 1 / s_x)
MODELLED_GROUP_SD = default("normal", 0.0, 1.0, lower=0.0)
