"""Effects of levels, of functions and of areas in the kernel's tables: their rows, their blocks, their sds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.kernels.densities import FLAT
from tildemc.spec.covariance import Loadings, Matrix, Pattern
from tildemc.spec.priors import Prior
from tildemc.spec.terms.areal import Areal
from tildemc.spec.terms.effects import EffectsBlock
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.process import GaussianProcess
from tildemc.spec.terms.shared import SharedEffects
from tildemc.spec.terms.smooth import Smooth
from tildemc.targets.direct.between import in_steps, packed
from tildemc.targets.direct.packing import Packing
from tildemc.targets.direct.problem import BlockLayout, GroupLayout
from tildemc.targets.direct.spectra import spectrum
from tildemc.targets.direct.tables import ABOVE, COVARIANCE, DIAGONAL, NONE, REAL, SPECTRUM, Block, Group, Scalar, Term
from tildemc.targets.shared.recipes import recipe_of, recipe_of_loadings

__all__ = ["of_effects", "pack_effects", "pack_process", "pack_shared"]


def pack_effects(packing: Packing, group: GroupEffects | Smooth) -> None:
    """A grouping's rows, and its blocks of effects."""
    layout, number = packing.layout.groups[group.path], len(packing.groups)
    packing.owners[group.path] = number
    design = packing.design.of(group)
    packing.rows_of_levels(design.Z, design.index, layout.levels, packing.effects)
    if isinstance(group, GroupEffects):
        packing.groups[number] = _apart_levels(packing, group, layout, packing.groups[number])
    packing.effects += (layout.levels + 1) * layout.width
    blocks: Sequence[EffectsBlock] = group.blocks
    first = len(packing.blocks)
    for block, place in zip(blocks, layout.blocks, strict=True):
        _pack_block(packing, number, layout, block, place)
    _pack_term(packing, number, first, layout)


def _pack_term(packing: Packing, number: int, first_block: int, layout: GroupLayout) -> None:
    """Where a term's effects are made of what."""
    rank, diagonal = layout.blocks[-1].scores.stop, all(block.kind in (DIAGONAL, SPECTRUM) for block in layout.blocks)
    last = len(packing.blocks)
    packing.terms.append(Term(number, first_block, last, layout.z.start, layout.levels, rank, int(diagonal)))


def _pack_block(packing: Packing, number: int, layout: GroupLayout, block: EffectsBlock, place: BlockLayout) -> None:
    width = place.columns.stop - place.columns.start
    if place.sd is not None:
        packing.scalars_from(place.sd.start, block.sd_priors)
    eta, recipe = 0.0, NONE
    match block.covariance.correlations:
        case Pattern() as pattern:
            recipe = _pack_shape(packing, block, place, recipe_of(pattern, block.apart))
        case Loadings() as loadings:
            recipe = _pack_shape(packing, block, place, recipe_of_loadings(loadings, width))
        case Matrix():
            eta = block.shape_priors[0].values[0]
        case None:
            pass
        case never:
            assert_never(never)
    packing.blocks.append(Block(
        number, place.columns.start, width, place.kind, layout.z.start + place.scores.start,
        layout.blocks[-1].scores.stop, place.scores.stop - place.scores.start, _start(place.sd), place.step,
        _start(place.chol), recipe, packing.factors, len(packing.spreads), eta,
    ))  # fmt: skip
    if place.kind == COVARIANCE:
        _pack_covariance(packing, place, block.sd_priors)
    packing.factors += width * (width + 1) // 2


def _pack_shape(packing: Packing, block: EffectsBlock, place: BlockLayout, recipe: Floats) -> int:
    """What a correlation matrix is worked out of, and how."""
    assert place.chol is not None
    packing.scalars_from(place.chol.start, block.shape_priors)
    return packing.recipe(recipe)


def _pack_covariance(packing: Packing, place: BlockLayout, priors: Sequence[Prior]) -> None:
    """The factor's diagonal is positive and has no density but the sds'."""
    assert place.chol is not None
    # The packed triangle row by row: from the diagonal of row i to that of row i + 1 it is i + 2 places.
    at = place.chol.start
    for i, prior in enumerate(priors):
        packing.spreads.append(Scalar(NONE, REAL, 0, *packing.density(prior), 0.0, 0.0))
        packing.scalars.append(Scalar(at, ABOVE, 0, FLAT, 0.0, 0.0, 0.0, 0.0, 0.0))
        packing.start[at] = np.log(prior.plausible)
        at += i + 2


def _apart_levels(packing: Packing, group: GroupEffects, layout: GroupLayout, own: Group) -> Group:
    """A grouping of which levels are related, or not spread alike."""
    if group.between is not None:
        between = packing.related[group.path] = in_steps(group.between)
        own = own._replace(related=packing.floats(packed(between)))
    if group.weights is not None:
        own = own._replace(spread=packing.floats(group.weights.spread))
    if group.tails is not None:
        assert layout.df is not None and layout.mixing is not None
        packing.scalar(layout.df, group.tails.prior)
        own = own._replace(df=layout.df, mixing=layout.mixing.start)
    return own


def pack_process(packing: Packing, process: GaussianProcess | Areal) -> None:
    """Functions, or areas, that have one sd, and a share or length scales."""
    number, layout = len(packing.groups), packing.layout.groups[process.path]
    design = process.in_rows(packing.design.of(process))
    [block] = process.blocks
    packing.owners[process.path] = number
    packing.rows_of_levels(design.Z, design.index, layout.levels, packing.effects)
    packing.effects += (layout.levels + 1) * layout.width
    [place] = layout.blocks
    assert place.sd is not None and place.chol is not None
    packing.scalar(place.sd.start, process.sd)
    packing.scalars_from(place.chol.start, block.shape_priors)
    recipe = NONE
    if block.spectrum:
        recipe = packing.floats(spectrum(process))
        packing.spectral[len(packing.blocks)] = process
    packing.blocks.append(Block(
        number, 0, layout.width, place.kind, layout.z.start, layout.width, layout.width, place.sd.start, 0,
        place.chol.start, recipe, packing.factors, NONE, 0.0,
    ))  # fmt: skip
    _pack_term(packing, number, len(packing.blocks) - 1, layout)
    packing.factors += layout.width


def pack_shared(packing: Packing, shared: SharedEffects) -> None:
    """Effects that are there, at other levels of the rows or on another parameter."""
    own = packing.groups[packing.owners[shared.owner]]
    packing.rows_of_levels(*of_effects(packing, shared), own.levels, own.effects)


def of_effects(
    packing: Packing, term: GroupEffects | Smooth | GaussianProcess | SharedEffects
) -> tuple[Floats, Integers]:
    """The columns of a term's effects, as wide as its owner has them, and each row's level."""
    design = packing.design.of(term)
    if not isinstance(term, SharedEffects):
        return design.Z, design.index
    Z = np.zeros((packing.design.n, packing.layout.groups[term.owner].width))
    Z[:, term.first : term.first + design.Z.shape[1]] = design.Z
    return Z, design.index


def _start(place: slice | None) -> int:
    return NONE if place is None else int(place.start)
