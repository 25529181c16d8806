"""Linear predictors as PyMC statements: what each term comes to, and their sum."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import assert_never

from tildemc.spec.expr import Const
from tildemc.spec.model import Predictor, PredictorTerm
from tildemc.spec.terms.areal import Areal
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.measured_effect import MeasuredEffect
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.spec.terms.offset import Offset
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.process import GaussianProcess
from tildemc.spec.terms.shared import SharedEffects
from tildemc.spec.terms.smooth import Smooth
from tildemc.targets.pymc.lowering import Lowered, Lowering
from tildemc.targets.pymc.program import Section
from tildemc.targets.pymc.terms.areas import lower_areas
from tildemc.targets.pymc.terms.groups import lower_group, lower_shared
from tildemc.targets.pymc.terms.measured import lower_measured_effect
from tildemc.targets.pymc.terms.monotonic import lower_monotonic
from tildemc.targets.pymc.terms.population import lower_offset, lower_population
from tildemc.targets.pymc.terms.smooths import lower_process, lower_smooth

__all__ = ["lower_predictor"]


def lower_predictor(lowering: Lowering, predictor: Predictor) -> list[Section]:
    """The sections of a predictor: what its terms have together, and those that have one of their own."""
    on = "" if predictor.parameter == "mu" else f" on {_scale(predictor)}"
    terms = [_term(lowering, term, on) for term in predictor.terms]
    parts = [term.value for term in terms if term.value is not None]
    lowering.etas[predictor.parameter] = reduce(add, parts) if parts else Const(0.0)
    known = [statement for term in terms if not term.comment for statement in term.statements]
    sections = [Section(term.comment, tuple(term.statements)) for term in terms if term.comment]
    first = Section(_comment(lowering, predictor.population, on), tuple(known))
    return [first, *sections] if known else sections


def _term(lowering: Lowering, term: PredictorTerm, on: str) -> Lowered:
    match term:
        case Population():
            return lower_population(lowering, term)
        case Offset():
            return lower_offset(lowering, term)
        case GroupEffects():
            return lower_group(lowering, term, on)
        case SharedEffects():
            return lower_shared(lowering, term)
        case Smooth():
            return lower_smooth(lowering, term, on)
        case GaussianProcess():
            return lower_process(lowering, term, on)
        case Areal():
            return lower_areas(lowering, term, on)
        case Monotonic():
            return lower_monotonic(lowering, term, on)
        case MeasuredEffect():
            return lower_measured_effect(lowering, term)
        case other:
            assert_never(other)


def _comment(lowering: Lowering, population: Population, on: str) -> str:
    if not population.centred:
        return f"Population effects{on}."
    if population.intercept is None:
        return f"Population effects{on}, of the predictors as measured from their means."
    alpha = lowering.named.of(population).alpha
    return f"Population effects{on}; {alpha} is the intercept where the predictors have their means."


def _scale(predictor: Predictor) -> str:
    """`log sigma`, for a comment."""
    link = predictor.link
    return predictor.parameter if link.name == "identity" else f"{link.name} {predictor.parameter}"
