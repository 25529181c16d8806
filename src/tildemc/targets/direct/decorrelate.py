"""Coordinates in which coefficients, and effects that move with them, are nearly uncorrelated and of like spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.model import Integrated, ModelSpec, Predictor, chains
from tildemc.spec.priors import Prior
from tildemc.spec.terms.effects import EffectsBlock
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.smooth import Smooth
from tildemc.targets.direct.anchor import anchors
from tildemc.targets.direct.bending import bend_sds
from tildemc.targets.direct.carrying import Span, carry_terms
from tildemc.targets.direct.packing import Packing
from tildemc.targets.direct.pilot import GroupPilot, View, look, views
from tildemc.targets.direct.search import is_independent, looked_at, prior_moments
from tildemc.targets.direct.start import coordinate, slope, transform_of
from tildemc.targets.direct.tables import SPECTRUM, Map, Shift, Stretch
from tildemc.threads import one_blas_thread

__all__ = ["decorrelate", "upper_root"]

MODELLED_INFORMATION = 0.5
"""What a row knows of the linear predictor of a scale or a shape, roughly."""
BOUNDED_INFORMATION = 1.0
"""At least so much is known of the log of a distance from an end: a density has its mass somewhere."""


@dataclass(frozen=True, eq=False)
class _Part:
    """The coefficients of one predictor, which stand side by side from `at` on; X (n, p) are their columns."""

    predictor: Predictor
    at: int
    priors: Sequence[Prior]
    X: Floats


def decorrelate(packing: Packing) -> None:
    """Coordinates in which each predictor's coefficients and effects are nearly uncorrelated."""
    looked = views(packing.spec, packing.design)
    seen = [predictor for view in looked for predictor in view.predictors]
    alone = [([predictor], None) for predictor in packing.spec.predictors if predictor not in seen]
    for own, view in (*((view.predictors, view) for view in looked), *alone):
        parts = [_part(packing, predictor) for predictor in own]
        # What follows others has no precision of its own to choose coordinates by.
        if not any(prior.made for part in parts for prior in part.priors):
            _together(packing, parts, view)


def _part(packing: Packing, predictor: Predictor) -> _Part:
    """A predictor's coefficients, the intercept among them unless it keeps a coordinate of its own."""
    population = predictor.population
    layout, X = packing.layout.populations[population.path], packing.centred(population)
    # True values are not far from what was measured.
    X = np.column_stack([X, *(packing.design.of(effect).observed for effect in predictor.measured)])
    slopes = tuple(effect.prior for effect in predictor.measured)
    if population.intercept is None or layout.intercept is None or _increases(packing.spec, predictor):
        return _Part(predictor, layout.b.start, (*population.coefficients, *slopes), X)
    ones = np.ones(len(X))
    return _Part(predictor, layout.intercept, (*population.priors, *slopes), np.column_stack([ones, X]))


def _increases(spec: ModelSpec, predictor: Predictor) -> bool:
    """Whether its intercept keeps a coordinate of its own, for others are seen from it, or it from another."""
    return any(predictor.parameter in chain for chain in chains(spec) if len(chain) > 1)


def _together(packing: Packing, parts: Sequence[_Part], view: View | None) -> None:
    """Give predictors' coefficients, and the effects that follow them, such coordinates; `view`: what a pilot sees."""
    priors = [prior for part in parts for prior in part.priors]
    if not priors:
        return
    pilot = None if view is None else look(view, [p.X[view.rows] for p in parts], [p.priors for p in parts])
    spans = [Span(part.at, len(part.priors)) for part in parts]
    if pilot is None or view is None:
        at = np.concatenate([span.at + np.arange(span.size) for span in spans])
        blocks = [part.X.T @ part.X * MODELLED_INFORMATION for part in parts]
        precision = _diagonal(blocks) + np.diag(prior_moments(priors)[1])
        _map(packing, spans, *_unconstrained(packing.start[at], priors, precision))
        return
    c = [coordinate(c, p, transform_of(p)) for c, p in zip(pilot.coefficients, priors, strict=True)]
    # Effects of one level are what coefficients are, but for their prior: they get coordinates with them, before them.
    own = [packing.layout.groups[path].z for path in pilot.together]
    spans = [*(Span(z.start, z.stop - z.start) for z in own), *spans]
    _map(packing, spans, *_unconstrained(np.concatenate([pilot.standardised, c]), priors, pilot.precision))
    terms = {term.path: term for part in parts for term in looked_at(part.predictor)}
    with one_blas_thread():
        anchored = anchors(pilot.equations, pilot.places)
    carry_terms(packing, terms, anchored, spans[len(own) :])
    for group in terms.values():
        seen = pilot.groups[group.path]
        if is_independent(group):
            _begin(packing, group, seen)
        if group.path in anchored and isinstance(group, GroupEffects | Smooth):
            bend_sds(packing, group, anchored[group.path])
        if group.path in pilot.together:
            _stretch(packing, group, seen)
    sigma = view.residual_sd
    if sigma is not None:
        place = packing.layout.auxiliaries[sigma.path]
        for position in range(place.start, place.stop):
            packing.begin(position, pilot.residual, sigma.prior)


def _unconstrained(u: Floats, priors: Sequence[Prior], precision: Floats) -> tuple[Floats, Floats]:
    """Coordinates, and their precision; the last ones are of what has these priors."""
    J, ends = np.ones(len(u)), np.zeros(len(u))
    first = len(u) - len(priors)
    J[first:] = [slope(x, prior) for x, prior in zip(u[first:], priors, strict=True)]
    ends[first:] = [np.isfinite([p.support.lower, p.support.upper]).any() * BOUNDED_INFORMATION for p in priors]
    return u, J[:, None] * precision * J + np.diag(ends)


def _map(packing: Packing, spans: Sequence[Span], u: Floats, S: Floats) -> None:
    """Coordinates of coefficients with the precision S: each span given those after it, apart from those before.

    With u of precision S, T upper triangular and T Tᵀ = S⁻¹, T⁻¹ u has unit spread and no correlations: the sampler's
    steps fit all directions alike. A rough S is enough, since it only chooses coordinates.
    """
    found: list[tuple[Span, Floats, Floats]] = []
    for span in spans:
        p = span.size
        own, cross = S[:p, :p], S[:p, p:]
        # Given those after it, a span has the precision `own` and moves with them by -own⁻¹ cross.
        moves = -np.linalg.solve(own, cross)
        found.append((span, upper_root(own), moves))
        S = S[p:, p:] + cross.T @ moves
    end = len(u)
    # A span follows those after it as they are in the end, so the last comes first.
    for number, (span, T, moves) in reversed([*enumerate(found)]):
        begin = end - span.size
        packing.maps.append(Map(span.at, span.size, packing.floats(T)))
        packing.start[span.at : span.at + span.size] = np.linalg.solve(T, u[begin:end] - moves @ u[end:])
        place = 0
        for other in spans[number + 1 :]:
            by = moves[:, place : (place := place + other.size)]
            packing.shifts.append(Shift(span.at, span.size, other.at, other.size, packing.floats(by.T)))
        end = begin


def _begin(packing: Packing, group: Integrated, seen: GroupPilot) -> None:
    """Let chains begin near the pilot's sds, or at the numbers that these follow from."""
    blocks: Sequence[EffectsBlock] = group.blocks
    for block, where in zip(blocks, packing.layout.groups[group.path].blocks, strict=True):
        if where.kind == SPECTRUM:
            assert where.sd is not None and where.chol is not None
            priors = zip((where.sd.start, *range(where.chol.start, where.chol.stop)), group.priors, strict=True)
            for number, (position, prior) in zip(seen.numbers, priors, strict=True):
                packing.begin(position, float(number), prior)
            continue
        sds = seen.sds[where.columns]
        if block.one_sd:
            sds = np.full_like(sds, np.sqrt(np.mean(sds**2)))
        for sd, number, position in zip(sds, block.sds, where.sds, strict=True):
            if where.sd is not None:
                packing.begin(position, float(sd), block.sd_priors[number])
            else:
                packing.start[position] = np.log(sd)


def _stretch(packing: Packing, term: Integrated, seen: GroupPilot) -> None:
    """Let effects of one level be sampled as what suits the rows.

    One that these determine is best sampled as itself, one of few rows as a multiple of the sd: λ is the share of what
    is known of it that comes from the data.
    """
    layout = packing.layout.groups[term.path]
    for where in layout.blocks:
        own = range(where.columns.start, where.columns.stop)
        spectral = where.kind == SPECTRUM
        sds = range(packing.factor_of(term), packing.factor_of(term) + len(own)) if spectral else where.sds
        for i, at in zip(own, sds, strict=True):
            centring, reference = float(seen.informed[i]), float(np.log(seen.sds[i]))
            packing.stretches.append(Stretch(layout.z.start + i, at, centring, reference, int(spectral)))


def _diagonal(blocks: Sequence[Floats]) -> Floats:
    from scipy.linalg import block_diag

    return np.asarray(block_diag(*blocks))


def upper_root(precision: Floats) -> Floats:
    """The upper triangular T with T T' the inverse of `precision`, so that T⁻¹ c is uncorrelated and of spread one."""
    scale = 1 / np.sqrt(np.diag(precision))
    lower = np.linalg.cholesky(precision * np.outer(scale, scale) + 1e-10 * np.eye(len(scale)))
    return np.asarray(scale[:, None] * np.linalg.inv(lower).T)
