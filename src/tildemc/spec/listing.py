"""ModelSpec × Design -> the terms of its formulas, each with its numbers, as people see them."""

from __future__ import annotations

from collections.abc import Iterator

from tildemc.spec.design import Design
from tildemc.spec.model import AnyTerm, ModelSpec
from tildemc.spec.terms.view import TermView

__all__ = ["terms_of"]


def terms_of(spec: ModelSpec, design: Design) -> tuple[TermView, ...]:
    """Every term of every predictor, in order; what a model keeps in parts is one term."""
    found: dict[tuple[str, str, str], TermView] = {}
    for predictor in spec.predictors:
        for term in predictor.terms:
            for view in _views(term, design):
                found[view.key] = found[view.key].beside(view) if view.key in found else view
    return tuple(found.values())


def _views(term: AnyTerm, design: Design) -> Iterator[TermView]:
    return term.views(design.of(term))
