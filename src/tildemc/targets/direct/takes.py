"""What the direct engine takes."""

from __future__ import annotations

from collections.abc import Iterator

from tildemc.model.spec import ModelSpec
from tildemc.model.takes import EFFECTS, LINEAR, Takes
from tildemc.targets.direct.densities import DENSITIES
from tildemc.targets.direct.links import LINKS
from tildemc.targets.direct.rows import ROWS
from tildemc.targets.direct.tables import PARAMETERS

__all__ = ["TAKES"]


def _limits(spec: ModelSpec) -> Iterator[str]:
    if len(spec.family.parameters) > PARAMETERS:
        yield f"the direct engine takes families of up to {PARAMETERS} parameters"


TAKES = Takes(
    engine="direct",
    families=frozenset(ROWS),
    links=frozenset(LINKS),
    terms=LINEAR,
    covariances=EFFECTS,
    densities={kind: frozenset(DENSITIES) for kind in ("Intercept", "b", "sd", "parameter")}
    | {"cor": frozenset({"lkj"})},
    companions=frozenset({"trials", "weights", "se"}),
    limits=_limits,
)
