"""The family of times whose hazard is a curve of the data's own, in proportion to what predictors say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

from tildemc.spec.chance import Draw
from tildemc.spec.expr import Const, Expr, Var
from tildemc.spec.families.limits import UNKNOWN
from tildemc.spec.families.parameter import FamilyParameter
from tildemc.spec.families.records import Family
from tildemc.spec.families.symbols import log_mu, mu, y
from tildemc.spec.families.values import POSITIVES
from tildemc.spec.support import POSITIVE, UNIT
from tildemc.spec.vocabulary import apply

__all__ = ["COX", "Hazard", "cox"]

_LAW = (
    r"\log p(y \mid \mu) = \log h(y) + \log \mu - H(y) \mu, \quad h(y) = \sum_k s_k M_k(y), \quad"
    r" H(y) = \int_0^y h(t)\,dt, \quad \sum_k s_k = 1"
)


@dataclass(frozen=True)
class Hazard:
    """The knots of a hazard, from the first time to the last."""

    knots: tuple[float, ...]

    def family(self) -> Family:
        """The family of times with such a hazard."""
        return cox(self.knots)


def cox(knots: Sequence[float]) -> Family:
    """Times whose hazard is mu times a curve that they share, as in brms: M-splines, whose shares add up to 1.

    Cox (1972), Regression models and life-tables, Journal of the Royal Statistical Society B 34.
    """
    ends = tuple(map(Const, map(float, knots)))
    names = [f"sbhaz{k}" for k in range(1, len(knots) + 3)]

    def total(spline: str) -> Expr:
        parts = (Var(name) * apply(spline, y, Const(k), *ends) for k, name in enumerate(names))
        return reduce(add, parts)

    risk = total("i_spline") * mu
    return Family(
        name="cox", title="Cox", values=POSITIVES, latex=r"\mathrm{Cox}", law=_LAW, notation=(mu,),
        use="Times until something happens, at a rate that is mu times a curve which the data shape.",
        parameters=(
            FamilyParameter("mu", POSITIVE, ("log", "identity", "softplus")),
            *(FamilyParameter(name, UNIT, (), share=True, typical=1 / len(names)) for name in names),
        ),
        log_density=apply("log", total("m_spline")) + log_mu - risk,
        # Beyond the last time that was seen nothing is known of the hazard.
        mean=UNKNOWN, variance=UNKNOWN, draw=Draw(UNKNOWN),
        location=Const(1.0), spread=Const(1.0),
        cdf=-apply("expm1", -risk), tail=apply("exp", -risk), log_cdf=apply("log1mexp", -risk), log_tail=-risk,
        timed=cox, recipe=Hazard(tuple(map(float, knots))),
    )  # fmt: skip


COX = cox((0.0, 2.0, 4.0))
"""Until the times of a response are known."""
