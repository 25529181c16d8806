"""What is known of each row beside its response, by what its density calls it."""

from __future__ import annotations

from collections.abc import Mapping

from tildemc.arrays import Floats
from tildemc.spec.design import Design
from tildemc.spec.model import AnyTerm, ModelSpec
from tildemc.spec.stepwise import known_of_steps
from tildemc.spec.terms.latent import Latent
from tildemc.spec.terms.measured import Measured
from tildemc.spec.terms.measured_effect import MeasuredEffect
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.spec.terms.thresholds import Thresholds

__all__ = ["known_of_rows"]


def known_of_rows(spec: ModelSpec, design: Design) -> dict[str, Floats]:
    """Numbers (n,) that the response's companions, its terms, and the rows before it give the density of a row."""
    known = dict(design.row)
    for term in spec.terms():
        known |= _of_term(term, design)
    return known if spec.residual is None else known | known_of_steps(spec, design.of(spec.residual), known)


def _of_term(term: AnyTerm, design: Design) -> Mapping[str, Floats]:
    match term:
        case Thresholds():
            return term.counts(design.of(term))
        case Monotonic():
            return term.given(design.of(term))
        case Measured():
            numbers = design.of(term)
            return {name: values[numbers.index] for name, values in term.given(numbers).items()}
        case Latent():
            return {term.seen_in_rows: design.of(term).seen, term.noise_in_rows: design.of(term).noise}
        case MeasuredEffect():
            return {f"{term.in_rows} times": design.of(term).times}
        case _:
            return {}
