"""The coefficients of residuals that go together, under a draw."""

from __future__ import annotations

from collections.abc import Mapping

from tildemc.arrays import Floats
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names
from tildemc.spec.rows_together import Coefficients
from tildemc.spec.terms.residual import Residual

__all__ = ["sets_of"]


def sets_of(spec: ModelSpec, residual: Residual, draws: Mapping[str, Floats], draw: int) -> list[Coefficients]:
    """One set, or one for each level of the structure's factor."""
    if residual.known:
        return [residual.given()] * residual.sets
    named = names(spec)
    found: list[dict[str, Floats]] = [{} for _ in range(residual.sets)]
    for free in residual.free():
        own = draws[named.free(free)][draw]
        for k, known in enumerate(found):
            known[free.path[-1]] = own if residual.by is None else own[k]
    return list(found)
