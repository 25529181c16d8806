"""What a picture's response axis shows: what has the mean `mu`."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.design import Design
from tildemc.spec.expr import Expr, Var, evaluate, infix, substitute
from tildemc.spec.model import ModelSpec
from tildemc.spec.vocabulary import NUMPY

__all__ = ["centre_label", "centred"]


def centred(spec: ModelSpec, design: Design) -> Floats:
    """Of each row what has the mean `mu`: the response, a share of trials, a log; (n,)."""
    return np.asarray(evaluate(spec.family.centre, lambda name: design.row[name.name], NUMPY), dtype=float)


def centre_label(spec: ModelSpec) -> str:
    """The same in words: `incidence / size`."""
    names: dict[Expr, Expr] = {Var("y"): Var(spec.response.label)}
    names |= {Var(name): Var(column.label) for name, column in spec.response.companions.items()}
    return infix(substitute(spec.family.centre, names))
