"""What records of families share: their variables, the parameters that several have, and parts of densities."""

from __future__ import annotations

from math import log, pi

from tildemc.spec.expr import Const, Expr, Var
from tildemc.spec.families.parameter import FamilyParameter
from tildemc.spec.priors import LOG_RESIDUAL_SD, RESIDUAL_SD, Prior, default, min_y
from tildemc.spec.support import POSITIVE
from tildemc.spec.vocabulary import apply

__all__ = [
    "NDT",
    "NU",
    "PHI",
    "SHAPE",
    "SHAPE_OF_MEAN",
    "SIGMA",
    "binomial",
    "eta",
    "exact",
    "hits",
    "log_miss",
    "log_mu",
    "misses",
    "mu",
    "normal",
    "nu",
    "phi",
    "positive",
    "shape",
    "sigma",
    "trials",
    "y",
]

y, trials, eta = (Var(name) for name in ("y", "trials", "eta"))
mu, sigma, nu, shape, phi = (Var(name) for name in ("mu", "sigma", "nu", "shape", "phi"))
log_mu, log_miss = apply("log", mu), apply("log1p", -mu)
hits, misses = mu * phi, (1 - mu) * phi

SIGMA = FamilyParameter("sigma", POSITIVE, ("log", "identity"), RESIDUAL_SD, LOG_RESIDUAL_SD, residual=True)
NU = FamilyParameter(
    "nu", POSITIVE, ("logm1", "log", "identity"), default("gamma", 2.0, 0.1), default("normal", 2.7, 0.8), 10.0
)
SHAPE = FamilyParameter(
    "shape", POSITIVE, ("log", "identity"), default("inv_gamma", 0.4, 0.3), default("student_t", 3.0, 0.0, 2.5), 2.0
)
# brms's defaults
SHAPE_OF_MEAN = FamilyParameter(
    "shape", POSITIVE, ("log", "identity"), default("gamma", 0.01, 0.01), default("student_t", 3.0, 0.0, 2.5), 2.0
)
PHI = FamilyParameter(
    "phi", POSITIVE, ("log", "identity"), default("gamma", 0.01, 0.01), default("student_t", 3.0, 0.0, 2.5), 10.0
)


def positive(name: str, prior: Prior, intercept: Prior, typical: float = 1.0) -> FamilyParameter:
    """A parameter that is greater than 0."""
    return FamilyParameter(name, POSITIVE, ("log", "identity"), prior, intercept, typical)


NDT = positive(
    "ndt", default("uniform", 0.0, min_y), default("student_t", 3.0, apply("log", 0.5 * min_y), 2.5), 0.1
)  # fmt: skip
"""The time before anything can happen, which is shorter than any that was seen: chains begin at half of that."""


def normal(y: Expr) -> Expr:
    """The log density of a normal distribution with mean `mu` and sd `sigma`."""
    return -0.5 * ((y - mu) / sigma) ** 2 - apply("log", sigma) - 0.5 * log(2 * pi)


def exact(log_chance: Expr, log_rest: Expr) -> Expr:
    """The log of a probability, by what is left of 1 where that is the less."""
    less = apply("less", log_rest, Const(-0.7))
    return apply("where", less, apply("log1mexp", apply("where", less, log_rest, Const(-0.7))), log_chance)


def binomial(trials: Expr) -> Expr:
    """The log probability of `y` given successes, in their order."""
    return apply("times", y, log_mu) + apply("times", trials - y, log_miss)
