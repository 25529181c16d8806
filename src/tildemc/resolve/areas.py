"""A call of brms's `car()` × Schema × matrices beside the data -> Areal: the map is checked, and taken apart once."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import DataError, SemanticError, nearest
from tildemc.resolve.given import Given, given_matrix
from tildemc.resolve.schema import Schema
from tildemc.spec.areas import AREAS, AreaStructure, parts_of
from tildemc.spec.priors import Prior, default
from tildemc.spec.terms.areal import Areal
from tildemc.spec.terms.factor import Factor
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.matching import Signature
from tildemc.syntax.tree import Call, Name, Text, deparse
from tildemc.visible import listed

__all__ = ["AREAL", "areas_of", "grouped_by"]

AREAL = "car"
"""The function of formulas."""

_SIGNATURE = Signature(AREAL, ("M", "gr", "type"), ("M",), error=SemanticError)
_MOST = 5000
_DEFAULT = "escar"


def grouped_by(call: Call) -> Name:
    """The column of areas.

    Raises
    ------
    SemanticError
        If there is none.
    """
    given = _SIGNATURE.match(call.arguments, call.span)
    match unparenthesised(given["gr"].value) if "gr" in given else None:
        case Name() as name:
            return name
        case None:
            raise SemanticError("`car()` needs the column of areas, as in `car(M, gr = district)`", call.span)
        case other:
            raise SemanticError("`gr` of `car()` is one column, as in `car(M, gr = district)`", other.span)


def areas_of(call: Call, columns: Schema, given: Given, parameter: str, sd: Prior) -> tuple[Areal, tuple[str, ...]]:
    """What effects of areas mean for columns like these; and notes.

    Raises
    ------
    SemanticError, UnknownColumn, DataError
        With the place in the text.
    """
    found = _SIGNATURE.match(call.arguments, call.span)
    structure = _structure(call)
    factor = columns.factor((grouped_by(call),))
    match unparenthesised(found["M"].value):
        case Name() as name:
            pass
        case other:
            raise SemanticError("`M` of `car()` is the name of a matrix in `data2`, as in `car(M, gr = g)`", other.span)
    if len(factor.levels) > _MOST:
        raise DataError(f"`{factor.label}` has {len(factor.levels):,} areas; {_MOST:,} are the most", name.span)
    values = given_matrix(name, factor.label, factor.levels, given)
    W, notes = _borders(name, values)
    _check_map(name, structure, factor, W)
    loadings, slopes = structure.loadings(W)
    shares = () if structure.share is None else (default("uniform", 0.0, 1.0),)
    text = str(call.span) if call.span else deparse(call)
    areas = Areal(
        parameter, text, factor, name.text, int(W.sum()) // 2, structure.name, loadings, slopes, sd, shares
    )  # fmt: skip
    return areas, notes


def _structure(call: Call) -> AreaStructure:
    given = _SIGNATURE.match(call.arguments, call.span)
    match unparenthesised(given["type"].value) if "type" in given else Text(_DEFAULT):
        case Text(name) if name in AREAS:
            return AREAS[name]
        case Text(name, span):
            raise SemanticError(f"`car()` has no type {name!r}{nearest(name, AREAS)}; it has {', '.join(AREAS)}", span)
        case other:
            raise SemanticError(f'`type` of `car()` is a text, as in `type = "{_DEFAULT}"`', other.span)


def _borders(name: Name, values: Floats) -> tuple[Floats, tuple[str, ...]]:
    """1 between neighbours, 0 elsewhere; and a note where the matrix has other numbers, as brms says."""
    if np.diag(values).any():
        raise DataError(f"`{name.text}` has an area beside itself: its diagonal is zero", name.span)
    W = (values != 0).astype(float)
    other = bool((values != W).any())
    return W, (f"all numbers in {name.text} but 0 are taken for 1, as in brms: areas are neighbours or not",) * other


def _check_map(name: Name, structure: AreaStructure, factor: Factor, W: Floats) -> None:
    alone = [level for level, borders in zip(factor.levels, W.sum(axis=1), strict=True) if not borders]
    if alone:
        raise DataError(
            f"`{name.text}` has no neighbour among the data's areas for {listed(alone, 3)} of `{factor.label}`: "
            "give it one, or leave its rows out",
            name.span,
        )
    parts = parts_of(W)
    if parts > 1 and not structure.in_parts:
        raise DataError(
            f"`{name.text}` falls into {parts} parts without a border between them, and then `{structure.name}` says "
            f'nothing of how they differ: join them, or write `type = "{_DEFAULT}"`',
            name.span,
        )
