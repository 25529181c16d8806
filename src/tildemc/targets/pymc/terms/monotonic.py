"""Monotonic effects as PyMC statements: the mean effect of a step, and the steps' shares."""

from __future__ import annotations

from tildemc.spec.terms.monotonic import Monotonic
from tildemc.targets.pymc.densities import dirichlet, prior_statements
from tildemc.targets.pymc.lowering import Lowered, Lowering
from tildemc.targets.pymc.program import Statement

__all__ = ["lower_monotonic"]


def lower_monotonic(lowering: Lowering, effect: Monotonic, on: str) -> Lowered:
    """The mean effect of a step, and the steps' shares unless another effect has them."""
    named, numbers = lowering.named.of(effect), lowering.design.of(effect).values
    called = (named.code, named.times)
    data: list[Statement] = [
        lowering.data(name, numbers[:, k], (lowering.named.obs,), lowering.preparation.real(column))
        for k, (name, column) in enumerate(zip(called, effect.columns, strict=False))
    ]
    b = prior_statements(named.b, [effect.prior], [], (), lowering.spare)
    shares = []
    if effect.owner is None:
        lowering.preparation.counted(named.dim, effect.steps)
        shares = [dirichlet(named.simo, effect.shares, named.dim)]
    comment = f"Monotonic effect {effect.text}{on}: the mean effect of a step, and the steps' shares."
    return Lowered([*data, *b, *shares], lowering.value(effect), comment)
