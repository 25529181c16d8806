"""Coordinates in which coefficients, and effects that move with them, are nearly uncorrelated and of like spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.model import Integrated, Predictor
from tildemc.spec.priors import Prior
from tildemc.spec.terms.effects import EffectsBlock
from tildemc.spec.terms.group import GroupEffects
from tildemc.targets.direct.pilot import GroupPilot, Pilot, View, look
from tildemc.targets.direct.problem import BlockLayout, GroupLayout, Layout
from tildemc.targets.direct.search import looked_at, prior_moments
from tildemc.targets.direct.start import coordinate, slope, transform_of
from tildemc.targets.direct.tables import NONE, SPECTRUM, Map, Shift, Stretch

__all__ = ["Part", "decorrelate", "upper_root"]

MODELLED_INFORMATION = 0.5
"""What a row knows of the linear predictor of a scale or a shape, roughly."""
BOUNDED_INFORMATION = 1.0
"""At least so much is known of the log of a distance from an end: a density has its mass somewhere."""


@dataclass(frozen=True, eq=False)
class Part:
    """The coefficients of one predictor, which stand side by side from `at` on; X (n, p) are their columns."""

    predictor: Predictor
    at: int
    priors: Sequence[Prior]
    X: Floats


@dataclass(frozen=True)
class Span:
    """Coordinates that stand side by side."""

    at: int
    size: int


class Packing(Protocol):
    """The tables that a model is being packed into."""

    layout: Layout
    start: Floats
    maps: list[Map]
    shifts: list[Shift]
    stretches: list[Stretch]

    def floats(self, values: Floats) -> int:
        """Where numbers are kept."""

    def factor_of(self, term: Integrated) -> int:
        """Where among the factors the sds of a process's coefficients, or of those of areas, stand."""

    def begin(self, at: int, sd: float, prior: Prior) -> None:
        """Let chains begin at an sd."""


def decorrelate(packing: Packing, parts: Sequence[Part], view: View | None) -> None:
    """Give the predictors' coefficients, and the effects that follow them, such coordinates.

    Parameters
    ----------
    packing : Packing
    parts : sequence of Part
    view : View or None
        What a pilot sees of them.
    """
    priors = [prior for part in parts for prior in part.priors]
    if not priors:
        return
    pilot = None if view is None else look(view, [p.X[view.rows] for p in parts], [p.priors for p in parts])
    spans = [Span(part.at, len(part.priors)) for part in parts]
    if pilot is None or view is None:
        at = np.concatenate([span.at + np.arange(span.size) for span in spans])
        blocks = [part.X.T @ part.X * MODELLED_INFORMATION for part in parts]
        precision = _diagonal(blocks) + np.diag(prior_moments(priors)[1])
        _map(packing, spans, *_unconstrained(packing.start[at], priors, precision)[::2])
        return
    c = [coordinate(c, p, transform_of(p)) for c, p in zip(pilot.coefficients, priors, strict=True)]
    # Effects of one level are what coefficients are, but for their prior: they get coordinates with them, before them.
    own = [packing.layout.groups[path].z for path in pilot.together]
    spans = [*(Span(z.start, z.stop - z.start) for z in own), *spans]
    u, J, S = _unconstrained(np.concatenate([pilot.standardised, c]), priors, pilot.precision)
    _map(packing, spans, u, S)
    _follow(packing, parts, spans, pilot, u, J)
    sigma = view.residual_sd
    if sigma is not None:
        place = packing.layout.auxiliaries[sigma.path]
        for position in range(place.start, place.stop):
            packing.begin(position, pilot.residual, sigma.prior)


def _unconstrained(u: Floats, priors: Sequence[Prior], precision: Floats) -> tuple[Floats, Floats, Floats]:
    """Coordinates, their slopes, and the precision of coordinates; the last ones are of what has these priors."""
    J, ends = np.ones(len(u)), np.zeros(len(u))
    first = len(u) - len(priors)
    J[first:] = [slope(x, prior) for x, prior in zip(u[first:], priors, strict=True)]
    ends[first:] = [np.isfinite([p.support.lower, p.support.upper]).any() * BOUNDED_INFORMATION for p in priors]
    return u, J, J[:, None] * precision * J + np.diag(ends)


def _follow(packing: Packing, parts: Sequence[Part], spans: Sequence[Span], pilot: Pilot, u: Floats, J: Floats) -> None:
    """Let all other effects follow what has coordinates u (·,), with which the model's own move by J."""
    movers = np.concatenate([pilot.standardised, pilot.coefficients])
    for group in (group for part in parts for group in looked_at(part.predictor)):
        # The pilot takes levels and effects for independent: what it says of related ones would lead astray.
        if isinstance(group, GroupEffects) and (group.between is not None or group.reduced):
            continue
        z = packing.layout.groups[group.path].z
        if group.path in pilot.following:
            own = pilot.following[group.path]
            moves, place = own.shift * J, 0
            for span in spans:
                by = moves[:, place : (place := place + span.size)]
                packing.shifts.append(Shift(z.start, len(by), span.at, span.size, packing.floats(by.T)))
            packing.start[z] = own.effects + own.shift @ movers - moves @ u
        _stretch(packing, group, pilot.groups[group.path])


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


def _stretch(packing: Packing, group: Integrated, seen: GroupPilot) -> None:
    """Let effects be sampled as what suits their rows, and chains begin near the pilot's sds."""
    layout = packing.layout.groups[group.path]
    # An effect that its own rows determine is best sampled as itself, one of few rows as a multiple of the sd: λ is the
    # share of what is known of it that comes from the data.
    blocks: Sequence[EffectsBlock] = group.blocks
    for block, where in zip(blocks, layout.blocks, strict=True):
        if where.kind == SPECTRUM:
            _stretch_spectrum(packing, group, where, layout, seen)
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


def _stretch_spectrum(
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
