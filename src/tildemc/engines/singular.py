"""The covariance of effects at an estimate: as sds and correlations, and in words where it is singular, as lme4's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tildemc.arrays import Floats
from tildemc.engines.relative import Relative
from tildemc.spec.terms.effects import Effects
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.smooth import Smooth

__all__ = ["sds_and_correlations", "singular"]

SMALL = 1e-4
"""lme4's tolerance: a diagonal entry of a Cholesky factor, in units in which its column is one, is zero below this."""


def sds_and_correlations(factor: Floats) -> tuple[Floats, Floats]:
    """The sds (q,) and the correlations (q, q) of effects with this factor; with none that vary there are none."""
    covariance = factor @ factor.T
    sds = np.sqrt(np.diag(covariance))
    known = np.outer(sds, sds)
    return sds, np.divide(covariance, known, out=np.eye(len(sds)), where=known > 0)


def singular(relative: Relative, x: Floats, groupings: Sequence[Effects[Any]]) -> tuple[str, ...]:
    """Which sds are zero, and which effects are a multiple of others, at coordinates x of factors."""
    entries = relative.entries
    sizes = np.abs(relative.values(x) / relative.scale)
    small = (entries[:, 1] == entries[:, 2]) & (sizes < SMALL)
    found: list[str] = []
    for f, a, _ in entries[small]:
        grouping = groupings[f]
        if isinstance(grouping, Smooth):
            found.append(f"the sd of {grouping.called} is zero")
            continue
        assert isinstance(grouping, GroupEffects)
        column, factor = grouping.columns[a].label, grouping.factor.label
        rest = sizes[(entries[:, :2] == (f, a)).all(axis=1)]
        if (rest < SMALL).all():
            found.append(f"the sd of {column} by {factor} is zero")
        else:
            found.append(f"the effects of {column} by {factor} are a multiple of the others'")
    return tuple(dict.fromkeys(found))
