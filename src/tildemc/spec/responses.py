"""A model of several responses -> the model of one of them, with the same names and numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tildemc.spec.design import Design
from tildemc.spec.families.multivariate import beside
from tildemc.spec.model import ModelSpec

__all__ = ["of_response", "response_names", "seen_by"]


def response_names(spec: ModelSpec) -> tuple[str, ...]:
    """What several responses are called; empty where there is one."""
    return tuple(response.name for response in spec.responses)


def of_response(spec: ModelSpec, name: str) -> ModelSpec:
    """The model of one response: its own predictors and parameters, and of all responses what they share."""
    known = spec.family.multivariate
    assert known is not None
    place = known.names.index(name)
    part = known.parts[place]
    own = {parameter.name for parameter in part.parameters}
    return replace(
        spec,
        response=spec.responses[place],
        family=part,
        predictors=tuple(p for p in spec.predictors if p.parameter in own),
        auxiliaries=tuple(a for a in spec.auxiliaries if a.parameter in own),
        responses=(),
        rescor=None,
        part_of=spec,
    )


def seen_by(spec: ModelSpec, design: Design, name: str, *, everywhere: bool = False) -> tuple[ModelSpec, Design]:
    """The model of one response, and the rows that have it; or all, with what stands for it where there is none."""
    found = of_response(spec, name)
    companions = {column: design.companions[beside(column, name)] for column in found.response.companions}
    y = None if design.y is None else design.companions[beside("value", name)]
    own = replace(design, y=y, companions=companions)
    seen = design.companions.get(beside("seen", name))
    return found, own if seen is None or everywhere else own.take(np.flatnonzero(seen))
