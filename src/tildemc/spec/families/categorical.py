"""The family of categories in no order, with a linear predictor for each but the first."""

from __future__ import annotations

import re

from tildemc.spec.expr import Expr, Var
from tildemc.spec.families.ordinal import (
    ZERO,
    beside_zero,
    chosen,
    draw_of,
    log_total,
    logs_of,
    moments_of,
    probabilities_of,
    whole_categories,
)
from tildemc.spec.families.parameter import FamilyParameter
from tildemc.spec.families.records import Categories, Family
from tildemc.spec.families.symbols import y
from tildemc.spec.families.values import Values
from tildemc.spec.links import LINKS, Link
from tildemc.spec.priors import default
from tildemc.spec.support import REAL

__all__ = ["CATEGORICAL", "scores_of"]


def scores_of(labels: tuple[str, ...]) -> tuple[str, ...]:
    """`mub` for category b, as brms calls it; the first category is what others are compared with."""
    found: dict[str, None] = {}
    for number, label in enumerate(labels[1:], start=2):
        name = f"mu{re.sub(r'[\W_]', '', label)}"
        found[f"mu{number}" if name in found or name == "mu" else name] = None
    return tuple(found)


def _family(labels: tuple[str, ...], link: Link) -> Family:
    names = scores_of(labels)
    scores: list[Expr] = [*map(Var, names)]
    total = log_total(scores)
    chances = probabilities_of(logs_of(scores, total))
    mean, variance = moments_of(chances)
    cdf, tail = whole_categories(chances)
    return Family(
        name="categorical", title="Categorical", use="Categories in no order, compared with the first of them.",
        law=r"\Pr(y = k) = \frac{\exp(\mu_k)}{\sum_j \exp(\mu_j)}, \quad \mu_1 = 0",
        pymc="Categorical", latex=r"\mathrm{Categorical}",
        values=Values(
            "a category, counted from 1", 1.0, float(len(labels)), whole=True, categories=True
        ),
        parameters=tuple(
            FamilyParameter(name, REAL, ("identity",), intercept=default("student_t", 3.0, 0.0, 2.5)) for name in names
        ),
        log_density=chosen([ZERO, *scores]) - total,
        mean=mean, middle=mean, variance=variance, cdf=cdf, tail=tail, draw=draw_of(chances),
        native={"logit_p": beside_zero(scores)}, links=("logit",),
        categories=Categories(labels, link, chances, ordered=False), made=_family, observed=y - 1, mains=names,
    )  # fmt: skip


CATEGORICAL = (_family(("1", "2", "3"), LINKS["logit"]),)
