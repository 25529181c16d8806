"""Priors, densities with their arguments, and the defaults.

The arguments of a default are arithmetic in
the data's scales (`m_y`, `s_y`, `s_x`, see `passes/scale.py`), so that a model can be lowered and read before any
number is known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import FitError
from tildemc.spec.densities import DISTRIBUTIONS, Distribution
from tildemc.spec.expr import Apply, Const, Expr, Var, as_expr, infix, substitute, walk
from tildemc.spec.support import POSITIVE, Support, number

__all__ = [
    "AT_MEANS",
    "COEFFICIENT",
    "CORRELATION",
    "GROUP_SD",
    "INTERCEPT",
    "LOG_RESIDUAL_SD",
    "MODELLED_COEFFICIENT",
    "MODELLED_GROUP_SD",
    "MODELLED_LOADING",
    "RESIDUAL_SD",
    "SCALES",
    "Prior",
    "default",
    "joint",
    "m_y",
    "min_y",
    "n_y",
    "of_data",
    "restricted",
    "s_x",
    "s_y",
    "whitening",
]


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
    together : str
        How the prior of several coefficients together is written, of which this is one's; empty for one of its own.
    """

    distribution: Distribution
    arguments: tuple[Expr, ...] = ()
    lower: float = -math.inf
    upper: float = math.inf
    on_variance: bool = False
    at_means: bool = False
    stated: str | None = None
    origin: str = field(default="", compare=False)
    together: str = ""

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
    def follows(self) -> frozenset[str]:
        """The quantities of the model that its arguments are arithmetic of."""
        parts = (part for argument in self.arguments for part in walk(argument))
        return frozenset(part.name for part in parts if isinstance(part, Var) and not of_data(part.name))

    @property
    def made(self) -> bool:
        """Whether what it is of is made: of other quantities and a `standard` one, or a number."""
        return self.distribution.point or bool(self.follows)

    @property
    def standard(self) -> Prior:
        """The density of what it is of, measured from `shift` in units of `stretch`: one with numbers alone."""
        record = self.distribution
        known = {record.location: Const(0.0), record.unit: Const(1.0)}
        pairs = zip(record.arguments, self.arguments, strict=True)
        return replace(self, arguments=tuple(known.get(name, argument) for name, argument in pairs), together="")

    @property
    def shift(self) -> Expr:
        """Where it is, as arithmetic of other quantities."""
        return self._argument(self.distribution.location) or Const(0.0)

    @property
    def stretch(self) -> Expr:
        """How far it reaches, in the same arithmetic; zero for a number."""
        if self.distribution.point:
            return Const(0.0)
        unit = self._argument(self.distribution.unit) or Const(1.0)
        return 1 / unit if self.distribution.rate else unit

    def _argument(self, name: str | None) -> Expr | None:
        return dict(zip(self.distribution.arguments, self.arguments, strict=True)).get(name or "")

    @property
    def support(self) -> Support:
        """The values that have a density: what the target may take."""
        lower, upper = _reach(self)
        own = self.distribution.support
        return Support(max(lower, self.lower), min(upper, self.upper), own.matrix, shares=own.shares)

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
        """Where to begin: the density's centre, but a scale inside of where it ends.

        Of one that follows others, where they are 1 and it is not moved.
        """
        if self.follows:
            return 1.0 if self.distribution.point else self.standard.plausible
        if self.distribution.point:
            return self.values[0]
        lower, upper = self.support.lower, self.support.upper
        gap = min(self.scale, 0.5 * (upper - lower))
        return min(max(self.location or 0.0, lower + gap), upper - gap)

    @property
    def location(self) -> float | None:
        """Where on the real line the density is, if an argument says it."""
        record = self.distribution
        return None if record.location is None else self.values[record.arguments.index(record.location)]

    @property
    def scale(self) -> float:
        """How far it reaches, roughly."""
        record = self.distribution
        return math.inf if record.scale is None else record.of(record.scale, self.values)

    @property
    def log_mass(self) -> float:
        """The log of the probability that is left where the density is cut off.

        Raises
        ------
        FitError
            If nothing is left.
        """
        record = self.distribution
        if not record.scipy or (self.lower, self.upper) == (-math.inf, math.inf):
            return 0.0
        if self.folded:
            return math.log(0.5)
        theirs = self._whole
        # From the tail that keeps its digits.
        lower, upper = self.support.lower, self.support.upper
        larger, smaller = theirs.logcdf(upper), theirs.logcdf(lower)
        if lower > theirs.median():
            larger, smaller = theirs.logsf(lower), theirs.logsf(upper)
        if larger == -math.inf:
            raise FitError(f"nothing is left of the prior {self}: it ends too far out in a tail")
        return float(larger + math.log1p(-math.exp(smaller - larger)))

    def log_density(self, x: float) -> float:
        """All terms of the log density of a number, or of an sd whose variance the density is of, at `x`."""
        at = x**2 if self.on_variance else x
        if not self.support.lower <= at <= self.support.upper:
            return -math.inf
        change = math.log(2 * x) if self.on_variance and x > 0 else 0.0
        with np.errstate(divide="ignore"):
            whole = self.distribution.of(self.distribution.log_density, (*self.values, at))
        return whole - self.log_mass + change

    def log_marginal(self, x: float, n: int) -> float:
        """All terms of the log density of one of the correlations of `n` effects at `x`."""
        marginal = self.distribution.marginal
        assert marginal is not None, self
        with np.errstate(divide="ignore"):
            return self.distribution.of(substitute(marginal, {Var("n"): Const(n)}), (*self.values, x))

    def log_share(self, x: float, k: int) -> float:
        """All terms of the log density of share `k` of several together at `x`: what is Dirichlet has beta shares."""
        weights = self.values
        piece = Prior(DISTRIBUTIONS["beta"], (Const(weights[k]), Const(sum(weights) - weights[k])))
        return piece.log_density(x)

    def draw(self, generator: np.random.Generator, size: tuple[int, ...]) -> Floats:
        """Values of the parameter: of the sd, where the density is on its square.

        Where the density is cut off, by the inverse of its distribution function, from the end that is nearer.
        """
        assert self.distribution.proper and self.distribution.scipy, self
        density = self._whole
        below, above = density.cdf(self.lower), density.sf(self.upper)
        u = generator.uniform(size=size)
        if below == 0 and above == 0:
            drawn = density.rvs(size=size, random_state=generator)
        elif below > above:
            drawn = density.isf(above + u * (density.sf(self.lower) - above))
        else:
            drawn = density.ppf(below + u * (density.cdf(self.upper) - below))
        return np.sqrt(drawn) if self.on_variance else np.asarray(drawn, dtype=np.float64)

    @property
    def _whole(self) -> Any:
        """SciPy's distribution before it is cut off."""
        from scipy import stats

        record = self.distribution
        arguments = {name: record.of(expr, self.values) for name, expr in record.scipy_arguments.items()}
        return getattr(stats, record.scipy)(**arguments)

    def __str__(self) -> str:
        return self.on(POSITIVE)

    def on(self, support: Support) -> str:
        """The density as it is written of a target with that support: a half one where the target ends at zero, too."""
        if self.together:
            return self.together
        half = self.folded and support.lower == 0
        arguments = [_text(argument) for argument in self.arguments]
        if not half:
            ends = {"lower": self.lower, "upper": self.upper}
            arguments += [f"{name}={number(end)}" for name, end in ends.items() if math.isfinite(end)]
        where = f" {AT_MEANS}" if self.at_means else ""
        return f"{'half_' if half else ''}{self.distribution.name}({', '.join(arguments)}){where}"


AT_MEANS = "at the predictors' means"
"""How a person says, and is told, which intercept a prior is of."""


def _text(argument: Expr) -> str:
    """An argument as it is read back."""
    return infix(argument, _leaf)


def _leaf(part: Expr) -> str:
    match part:
        case Const(value):
            return number(float(value))
        case Var(name):
            return name
        case other:
            raise AssertionError(other)


def _reach(prior: Prior) -> tuple[float, float]:
    """Where a density ends by itself."""
    record = prior.distribution
    if record.ends is not None:
        values = dict(zip(record.arguments, prior.values, strict=True))
        return values[record.ends[0]], values[record.ends[1]]
    return record.support.lower, record.support.upper


def default(name: str, *arguments: Expr | float, lower: float = -math.inf) -> Prior:
    """A default prior: `name` with arguments in the data's scales."""
    return Prior(DISTRIBUTIONS[name], tuple(as_expr(a) for a in arguments), lower=lower)


def restricted(prior: Prior, support: Support) -> Prior:
    """`prior` cut off where `support` ends; between two ends a uniform or flat density is a uniform one."""
    reach = _reach(prior)
    lower, upper = max(reach[0], prior.lower, support.lower), min(reach[1], prior.upper, support.upper)
    flat = not prior.distribution.proper and math.isfinite(lower) and math.isfinite(upper)
    if flat or prior.distribution.ends is not None:
        return replace(
            prior, distribution=DISTRIBUTIONS["uniform"], arguments=(Const(lower), Const(upper)),
            lower=-math.inf, upper=math.inf,
        )  # fmt: skip
    return replace(prior, lower=lower if lower > reach[0] else -math.inf, upper=upper if upper < reach[1] else math.inf)


def joint(priors: Sequence[Prior]) -> bool:
    """Whether sds with these priors and their correlations have one joint density: PyMC's `LKJCholeskyCov`.

    All are of one kind, of the sds themselves, and proper ones of just the positive numbers.
    """
    first = priors[0]
    alike = {(p.distribution.name, p.folded, p.truncated, p.on_variance) for p in priors}
    whole = first.support == POSITIVE and first.distribution.proper and not first.truncated
    return len(alike) == 1 and whole and not first.on_variance and not any(prior.made for prior in priors)


SCALES = frozenset({"m_y", "s_y", "min_y", "s_x", "n_y"})
"""What defaults are arithmetic of until the data are known."""


def of_data(name: str) -> bool:
    """Whether a name in a prior's arguments is that of a scale of the data."""
    return name in SCALES or name.startswith(_WHITENING)


def whitening(row: int, column: int) -> Var:
    """An entry of R⁻¹, where R is the triangle of a QR decomposition of a predictor's columns about their means."""
    return Var(f"{_WHITENING}{row}_{column}")


_WHITENING = "inv_R_"

m_y, s_y, min_y, s_x, n_y = Var("m_y"), Var("s_y"), Var("min_y"), Var("s_x"), Var("n_y")

INTERCEPT = default("normal", m_y, 2.5 * s_y)
COEFFICIENT = default("normal", 0.0, 2.5 * s_y / s_x)
GROUP_SD = default("student_t", 3.0, 0.0, 2.5 * s_y / s_x, lower=0.0)
CORRELATION = default("lkj", 2.0)
RESIDUAL_SD = default("student_t", 3.0, 0.0, s_y, lower=0.0)
LOG_RESIDUAL_SD = default("normal", Apply("log", (s_y,)), 1.0)
MODELLED_COEFFICIENT = default("normal", 0.0, 1 / s_x)
MODELLED_LOADING = default("normal", 0.0, 1.0)
MODELLED_GROUP_SD = default("normal", 0.0, 1.0, lower=0.0)
