"""Families of numbers."""

from __future__ import annotations

from math import log, pi, sqrt

from tildemc.spec.chance import Draw, Step, one
from tildemc.spec.expr import Const, Var
from tildemc.spec.families.records import NUMBERS, Family, FamilyParameter
from tildemc.spec.families.symbols import NU, SIGMA, mu, normal, nu, sigma, y
from tildemc.spec.links import MEAN_LINKS
from tildemc.spec.support import REAL
from tildemc.spec.vocabulary import apply

__all__ = ["REALS"]

_z = (y - mu) / sigma

REALS = (
    Family(
        name="gaussian", title="Gaussian", values=NUMBERS, pymc="Normal", latex=r"\mathrm{N}",
        aliases=("normal", "Gaussian"), modifiers=frozenset({"se"}),
        notation=(mu, sigma**2),
        parameters=(FamilyParameter("mu", REAL, MEAN_LINKS), SIGMA),
        log_density=normal(y), mean=mu, variance=sigma**2,
        log_cdf=apply("log_invprobit", _z), log_tail=apply("log_invprobit", -_z),
        partial=mu * apply("invprobit", _z) - sigma * apply("exp", -0.5 * _z**2) / sqrt(2 * pi),
        cdf=apply("invprobit", _z), tail=apply("invprobit", -_z), draw=one("normal", mu, sigma),
        native={"mu": mu, "sigma": sigma},
    ),
    Family(
        name="student", title="Student-t", values=NUMBERS, pymc="StudentT", latex=r"\mathrm{t}",
        modifiers=frozenset({"se"}),
        notation=(nu, mu, sigma**2),
        parameters=(FamilyParameter("mu", REAL, MEAN_LINKS), SIGMA, NU),
        log_density=(
            apply("log_rising", 0.5 * nu, Const(0.5)) - 0.5 * log(2 * pi) - apply("log", sigma)
            - 0.5 * (nu + 1) * apply("log1p", ((y - mu) / sigma) ** 2 / nu)
        ),
        mean=mu, variance=sigma**2 * nu / (nu - 2),
        cdf=apply("student_cdf", nu, _z), tail=apply("student_cdf", nu, -_z),
        draw=Draw(mu + sigma * Var("t"), {"t": Step("standard_t", (nu,))}),
        native={"nu": nu, "mu": mu, "sigma": sigma},
    ),
)  # fmt: skip
