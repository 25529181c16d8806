"""Families of counts."""

from __future__ import annotations

from tildemc.spec.chance import Draw, Step, one
from tildemc.spec.expr import Var
from tildemc.spec.families.records import WHOLE, Family, FamilyParameter
from tildemc.spec.families.symbols import SHAPE, log_mu, mu, shape, y
from tildemc.spec.links import RATE_LINKS
from tildemc.spec.support import POSITIVE
from tildemc.spec.vocabulary import apply

__all__ = ["COUNTS"]


COUNTS = (
    Family(
        name="poisson", title="Poisson", values=WHOLE, pymc="Poisson", latex=r"\mathrm{Poisson}",
        adds="exposure", modifiers=frozenset({"rate"}), exposed=("mu",), partial=mu * apply("gamma_tail", y, mu),
        parameters=(FamilyParameter("mu", POSITIVE, RATE_LINKS),),
        log_density=apply("times", y, log_mu) - mu - apply("log_gamma", y + 1),
        mean=mu, variance=mu,
        cdf=apply("gamma_tail", y + 1, mu), tail=apply("gamma_cdf", y + 1, mu), draw=one("poisson", mu),
        native={"mu": mu},
    ),
    Family(
        name="negbinomial", title="Negative binomial", values=WHOLE, pymc="NegativeBinomial",
        latex=r"\mathrm{NegBinomial}", aliases=("negative_binomial", "nbinom2"),
        modifiers=frozenset({"rate"}), exposed=("mu", "shape"),
        partial=mu * apply("beta_cdf", shape + 1, y, shape / (shape + mu)),
        parameters=(FamilyParameter("mu", POSITIVE, RATE_LINKS), SHAPE),
        # Differences of log Γ and log(mu + shape) would lose their digits where shape is large.
        log_density=(
            apply("log_rising", shape, y) + apply("times", y, log_mu) - apply("log_gamma", y + 1)
            - (y + shape) * apply("softplus", log_mu - apply("log", shape))
        ),
        mean=mu, variance=mu + mu**2 / shape,
        cdf=apply("beta_cdf", shape, y + 1, shape / (shape + mu)),
        tail=apply("beta_cdf", y + 1, shape, mu / (shape + mu)),
        draw=Draw(
            Var("count"),
            {"rate": Step("gamma", (shape, mu / shape)), "count": Step("poisson", (Var("rate"),))},
        ),
        native={"mu": mu, "alpha": shape},
    ),
)  # fmt: skip
