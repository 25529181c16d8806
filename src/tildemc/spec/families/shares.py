"""Families of shares."""

from __future__ import annotations

from tildemc.spec.chance import one
from tildemc.spec.families.parameter import FamilyParameter
from tildemc.spec.families.records import Family
from tildemc.spec.families.symbols import PHI, hits, misses, mu, phi, y
from tildemc.spec.families.values import BETWEEN
from tildemc.spec.links import PROBABILITY_LINKS
from tildemc.spec.support import UNIT
from tildemc.spec.vocabulary import apply

__all__ = ["SHARES"]

_square = mu * (hits + 1) / (phi + 1)
_logit = apply("log", y) - apply("log1p", -y)

SHARES = (
    Family(
        name="beta", title="Beta", values=BETWEEN, pymc="Beta", latex=r"\mathrm{Beta}", aliases=("Beta",),
        use="Shares between 0 and 1, and neither.",
        notation=(hits, misses),
        parameters=(FamilyParameter("mu", UNIT, PROBABILITY_LINKS), PHI),
        log_density=(
            apply("log_gamma", phi) - apply("log_gamma", mu * phi) - apply("log_gamma", (1 - mu) * phi)
            + (mu * phi - 1) * apply("log", y) + ((1 - mu) * phi - 1) * apply("log1p", -y)
        ),
        mean=mu, variance=mu * (1 - mu) / (1 + phi),
        partial=mu * apply("beta_cdf", hits + 1, misses, y),
        square=_square, partial_square=_square * apply("beta_cdf", hits + 2, misses, y),
        cdf=apply("beta_cdf", hits, misses, y), tail=apply("beta_cdf", misses, hits, 1 - y),
        log_cdf=apply("log_beta_cdf", hits, misses, _logit), log_tail=apply("log_beta_cdf", misses, hits, -_logit),
        draw=one("beta", hits, misses),
        native={"mu": mu, "nu": phi},
    ),
)  # fmt: skip
