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
from tildemc.targets.direct.packing import Packing
from tildemc.targets.direct.pilot import GroupPilot, View, look, views
from tildemc.targets.direct.problem import BlockLayout, GroupLayout
from tildemc.targets.direct.search import looked_at, prior_moments
from tildemc.targets.direct.start import coordinate, slope, transform_of
from tildemc.targets.direct.tables import NONE, SPECTRUM, Map, Shift, Stretch

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
    at = np.concatenate([part.at + np.arange(len(part.priors)) for part in parts])
    if pilot is None:
        blocks = [part.X.T @ part.X * MODELLED_INFORMATION for part in parts]
        precision, u = _diagonal(blocks) + np.diag(prior_moments(priors)[1]), packing.start[at]
        J = np.array([slope(x, prior) for x, prior in zip(u, priors, strict=True)])
    else:
        precision = pilot.precision
        u = np.array([coordinate(c, p, transform_of(p)) for c, p in zip(pilot.coefficients, priors, strict=True)])
        J = np.array([slope(x, prior) for x, prior in zip(u, priors, strict=True)])
    bounded = np.array([np.isfinite([p.support.lower, p.support.upper]).any() for p in priors])
    _map(packing, parts, u, J[:, None] * precision * J + np.diag(bounded * BOUNDED_INFORMATION))
    if pilot is None or view is None:
        return
    for group in (group for part in parts for group in looked_at(part.predictor)):
        # The pilot takes levels and effects for independent: what it says of related ones would lead astray.
        if not (isinstance(group, GroupEffects) and (group.between is not None or group.reduced)):
            own, z = pilot.groups[group.path], packing.layout.groups[group.path].z
            _follow(packing, group, own, parts, own.shift * J)
            start = own.effects + own.shift @ pilot.coefficients - own.shift * J @ u
            if own.precision is not None:
                # Shifts come after maps: effects are of unit spread about where the coefficients move them.
                T = upper_root(own.precision)
                packing.maps.append(Map(z.start, len(T), packing.floats(T)))
                start = np.linalg.solve(T, start)
            packing.start[z] = start
    sigma = view.residual_sd
    if sigma is not None:
        place = packing.layout.auxiliaries[sigma.path]
        for position in range(place.start, place.stop):
            packing.begin(position, pilot.residual, sigma.prior)


def _map(packing: Packing, parts: Sequence[_Part], u: Floats, S: Floats) -> None:
    """Coordinates of coefficients with the precision S: each part given those after it, and apart from those before.

    With u of precision S, T upper triangular and T Tᵀ = S⁻¹, T⁻¹ u has unit spread and no correlations: the sampler's
    steps fit all directions alike. A rough S is enough, since it only chooses coordinates.
    """
    found: list[tuple[_Part, Floats, Floats]] = []
    for part in parts:
        p = len(part.priors)
        own, cross = S[:p, :p], S[:p, p:]
        # Given the parts after it, a part has the precision `own` and moves with them by -own⁻¹ cross.
        moves = -np.linalg.solve(own, cross)
        found.append((part, upper_root(own), moves))
        S = S[p:, p:] + cross.T @ moves
    end = len(u)
    # A part follows those after it as they are in the end, so the last comes first.
    for number, (part, T, moves) in reversed([*enumerate(found)]):
        begin = end - len(part.priors)
        packing.maps.append(Map(part.at, len(part.priors), packing.floats(T)))
        packing.start[part.at : part.at + len(part.priors)] = np.linalg.solve(T, u[begin:end] - moves @ u[end:])
        place = 0
        for other in parts[number + 1 :]:
            width = len(other.priors)
            packing.shifts.append(
                Shift(part.at, len(part.priors), other.at, width, packing.floats(moves[:, place : place + width].T))
            )
            place += width
        end = begin


def _follow(packing: Packing, group: Integrated, seen: GroupPilot, parts: Sequence[_Part], moves: Floats) -> None:
    """Let effects follow the coefficients, and chains begin near the pilot's sds."""
    layout, place = packing.layout.groups[group.path], 0
    for part in parts:
        own = moves[:, place : (place := place + len(part.priors))]
        packing.shifts.append(Shift(layout.z.start, len(own), part.at, own.shape[1], packing.floats(own.T)))
    # An effect that its own rows determine is best sampled as itself, one of few rows as a multiple of the sd: λ is the
    # share of what is known of it that comes from the data.
    blocks: Sequence[EffectsBlock] = group.blocks
    for block, where in zip(blocks, layout.blocks, strict=True):
        if where.kind == SPECTRUM:
            _follow_spectrum(packing, group, where, layout, seen)
            continue
        sds = seen.sds[where.columns]
        if block.one_sd:
            sds = np.full_like(sds, np.sqrt(np.mean(sds**2)))
        for column, (sd, number, position) in enumerate(
            zip(sds, block.sds, where.sds, strict=True), start=where.columns.start
        ):
            if where.sd is not None:
                packing.begin(position, float(sd), block.sd_priors[number])
            else:
                packing.start[position] = np.log(sd)
            centring = seen.informed[column :: layout.width]
            packing.stretches.append(Stretch(
                layout.z.start + column, layout.width, layout.levels, position, packing.floats(centring),
                np.log(sd), centring.sum(), NONE if layout.mixing is None else layout.mixing.start,
            ))  # fmt: skip


def _follow_spectrum(
    packing: Packing, term: Integrated, where: BlockLayout, layout: GroupLayout, seen: GroupPilot
) -> None:
    """The same of coefficients whose sds all follow from a few numbers."""
    assert where.sd is not None and where.chol is not None
    priors = zip((where.sd.start, *range(where.chol.start, where.chol.stop)), term.priors, strict=True)
    for number, (position, prior) in zip(seen.numbers, priors, strict=True):
        packing.begin(position, float(number), prior)
    first = packing.factor_of(term)
    for i, (sd, centring) in enumerate(zip(seen.sds, seen.informed, strict=True)):
        packing.stretches.append(Stretch(
            layout.z.start + i, 1, 1, first + i, packing.floats(np.array([centring])), np.log(sd), centring, spectral=1,
        ))  # fmt: skip


def _diagonal(blocks: Sequence[Floats]) -> Floats:
    from scipy.linalg import block_diag

    return np.asarray(block_diag(*blocks))


def upper_root(precision: Floats) -> Floats:
    """The upper triangular T with T T' the inverse of `precision`, so that T⁻¹ c is uncorrelated and of spread one."""
    scale = 1 / np.sqrt(np.diag(precision))
    lower = np.linalg.cholesky(precision * np.outer(scale, scale) + 1e-10 * np.eye(len(scale)))
    return np.asarray(scale[:, None] * np.linalg.inv(lower).T)
