"""Parameters that no formula models, and what priors are arithmetic of, as PyMC statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

import numpy as np

from tildemc.spec.expr import Apply, Index, Var
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.hyperparameter import Hyperparameter
from tildemc.spec.terms.shares import Shares
from tildemc.targets.pymc.densities import dirichlet, positive_statements, prior_statements
from tildemc.targets.pymc.lowering import Lowering
from tildemc.targets.pymc.program import Array, Deterministic, Random, Statement

__all__ = ["lower_auxiliary", "lower_followed", "lower_shares"]


def lower_followed(lowering: Lowering) -> Iterator[Statement]:
    """The quantities that priors follow, before these."""
    for quantity in lowering.spec.followed():
        match quantity:
            case Auxiliary():
                yield from lower_auxiliary(lowering, quantity)
            case Hyperparameter():
                yield from _hyperparameter(lowering, quantity)
            case never:
                assert_never(never)


def _hyperparameter(lowering: Lowering, own: Hyperparameter) -> list[Statement]:
    named = lowering.named.of(own)
    dims = (named.dim,) if own.along else ()
    if own.along:
        lowering.preparation.texts(named.dim, own.along)
    if own.support.shares:
        return [dirichlet(named.name, own.prior, named.dim)]
    return prior_statements(named.name, [own.prior] * own.size, own.along, dims, lowering.spare)


def lower_auxiliary(lowering: Lowering, auxiliary: Auxiliary) -> list[Statement]:
    """A parameter, or one for each level of rows."""
    named, index = lowering.named.of(auxiliary), lowering.design.of(auxiliary).index
    dims = () if auxiliary.by is None else (named.dim,)
    statements: list[Statement] = []
    if auxiliary.by is not None and index is not None:
        statements += lowering.index(named.index, index, lowering.preparation.index(auxiliary.by, named.dim))
    priors = [auxiliary.prior] * auxiliary.size
    return statements + positive_statements(named.name, named.var, priors, [], dims, lowering.spare)


def lower_shares(lowering: Lowering, shares: Shares) -> Iterator[Statement]:
    """Chances that add up to one, each by its name."""
    named, weights = lowering.named.of(shares), Array(np.array(shares.prior.values))
    each = [named[name] for name in shares.parameters]
    reported = Apply("columns", tuple(map(Var, each)))
    yield Random(named["together"], "Dirichlet", {"a": weights}, recovered=reported)
    yield from (Deterministic(name, Index(Var(named["together"]), (k,))) for k, name in enumerate(each))
