"""What the parts of one lowering share, and what a term comes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tildemc.arrays import Floats, Values
from tildemc.spec.design import Design
from tildemc.spec.expr import Expr, Var, evaluate, substitute
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import Names
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.term import Path, Term
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.pymc.layout import Code
from tildemc.targets.pymc.names import Spare
from tildemc.targets.pymc.preparation import Preparation
from tildemc.targets.pymc.program import Data, Statement
from tildemc.targets.pymc.unprinted import Unprinted

__all__ = ["Lowered", "Lowering", "whole"]


@dataclass(frozen=True, eq=False)
class Lowered:
    """A term of a linear predictor.

    Attributes
    ----------
    statements : sequence of Statement
    value : Expr or None
        What it adds; None if that is nothing.
    comment : str
        What its statements stand under; empty for those of a predictor that stand together.
    """

    statements: Sequence[Statement]
    value: Expr | None
    comment: str = ""


def _as_it_is(step: Expr) -> Expr:
    return step


@dataclass
class Lowering:
    """A model being written as statements, and what these have brought in.

    Attributes
    ----------
    constants : mapping of name to array
        Arrays that the preparation computes.
    etas : mapping of parameter to Expr
        The sums of linear predictors.
    indices : set of str
        The factors' indices that are there.
    lifted : mapping of Path to Expr
        The intercepts that increase, by the paths of their terms.
    reached : function of Expr
        What a step of the density is of rows that may lack a threshold.
    spare : Spare
        Names for what the model does not report.
    """

    spec: ModelSpec
    design: Design
    named: Names
    preparation: Preparation | Unprinted
    constants: dict[str, Floats] = field(default_factory=dict)
    etas: dict[str, Expr] = field(default_factory=dict)
    indices: set[str] = field(default_factory=set)
    lifted: dict[Path, Expr] = field(default_factory=dict)
    reached: Callable[[Expr], Expr] = _as_it_is
    spare: Spare = field(init=False)

    def __post_init__(self) -> None:
        self.spare = Spare(self.named.taken, {own.name: own.size for own in self.spec.hyperparameters})

    def value[N](self, term: Term[Any, Any, N]) -> Expr:
        """What a term adds for each row."""
        return term.value(self.named.of(term))

    def data(self, name: str, values: Values, dims: tuple[str, ...], code: Code) -> Data:
        """Something that comes from data; its identifier gives way to that of the code that computes it."""
        if isinstance(code, str) and code.isidentifier():
            self.preparation.identify(name, f"{name}_data")
        return Data(name, values, dims, code)

    def index(self, name: str, values: Values, code: str) -> list[Statement]:
        """A factor's index, unless another term has brought it in already."""
        if name in self.indices:
            return []
        self.indices.add(name)
        return [Data(name, whole(values), (self.named.obs,), code)]

    def observed(self) -> tuple[Values, Code]:
        """What PyMC's distribution is of, and the code that computes it."""
        family, response, y = self.spec.family, self.spec.response, self.design.y
        assert y is not None
        value = Column(response.label, substitute(family.observed, {Var("y"): response.value}))
        found = np.asarray(evaluate(family.observed, lambda _: y, NUMPY))
        if family.values.whole:
            return whole(found), self.preparation.count(value)
        return found, self.preparation.number(value)


def whole(values: Values) -> Values:
    """Whole numbers as PyMC keeps them: 32 bits wide; left as they are where that is not enough."""
    fit = np.all(np.abs(values) <= np.iinfo(np.int32).max)
    return values.astype(np.int32) if fit else values
