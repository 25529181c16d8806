"""A design column that is varied, all else of some rows kept at its mean: rows to evaluate a curve at."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.errors import FitError, nearest
from tildemc.spec.design import Design
from tildemc.spec.expr import Const, Expr, Op, Var, columns_of, evaluate, substitute
from tildemc.spec.model import AnyTerm, ModelSpec
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.group import GroupDesign, GroupEffects
from tildemc.spec.terms.levels import LevelsDesign
from tildemc.spec.terms.offset import Offset, OffsetDesign
from tildemc.spec.terms.population import Population, PopulationDesign
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.shares import Shares
from tildemc.spec.terms.specific import Specific, SpecificDesign
from tildemc.spec.terms.thresholds import Thresholds
from tildemc.spec.vocabulary import NUMPY
from tildemc.visible import shown

__all__ = ["Axis", "along", "axes_of", "axis_of"]


_AXIS = Var("\0axis")


@dataclass(frozen=True, eq=False)
class Axis:
    """What is varied: a column of the design that is no product of others, and its value in each row, (n,)."""

    label: str
    value: Expr
    values: Floats

    @property
    def grid(self) -> Floats:
        """Where a curve is evaluated."""
        seen = np.unique(self.values)
        return seen if len(seen) <= 2 else np.linspace(seen[0], seen[-1], 60)


def axes_of(spec: ModelSpec, design: Design) -> dict[str, Axis]:
    """The columns of `mu`, or of that of each component, that can be varied, by their labels."""
    mains = spec.mains()
    sides = [(predictor.population.columns, design.of(predictor.population).X) for predictor in mains]
    sides += [(effects.columns, design.of(effects).Z) for predictor in mains for effects in predictor.groups]
    found: dict[str, Axis] = {}
    for columns, values in sides:
        for j, column in enumerate(columns):
            if not _is_product(column) and columns_of(column.value):
                found.setdefault(column.label, Axis(column.label, column.value, values[:, j]))
    return found


def axis_of(spec: ModelSpec, design: Design, label: object) -> Axis:
    """The column of that label.

    Raises
    ------
    FitError
        If there is none that can be varied.
    """
    found = axes_of(spec, design)
    if label not in found:
        listed = f"; there are {', '.join(found)}" if found else ""
        hint = nearest(label, found) if isinstance(label, str) else ""
        raise FitError(f"no column {shown(label)} of the design can be varied by itself{hint}{listed}")
    return found[str(label)]


def _is_product(column: Column) -> bool:
    return ":" in column.label and isinstance(column.value, Op) and column.value.operator == "*"


def along(
    spec: ModelSpec, design: Design, axis: Axis, grid: Floats, rows: Integers, group: str | None = None
) -> Design:
    """Integers in which the axis takes the values of `grid`, and all else the means of `rows`.

    Parameters
    ----------
    spec, design
        Of the model that is evaluated; it may be another than the one that the axis is of.
    axis : Axis
    grid : (k,)
    rows : (m,)
        Of a group, or all.
    group : str, optional
        The factor of which the rows are one level; no other has an effect.

    Raises
    ------
    FitError
        If a column depends on the axis's data in a way that cannot be told from the axis alone.
    """
    terms = {term.path: _term(term, design, axis, grid, rows, group) for term in spec.terms()}
    companions = {name: np.full(len(grid), values[rows].mean()) for name, values in design.companions.items()}
    return replace(design, y=None, terms=terms, rows=np.arange(len(grid)), companions=companions, labels=None)


def _term(term: AnyTerm, design: Design, axis: Axis, grid: Floats, rows: Integers, group: str | None) -> object:
    """A term's numbers along the grid."""
    match term:
        case Population():
            own = design.of(term)
            return PopulationDesign(_varied(term.columns, own.X, axis, rows, grid), own.mean)
        case GroupEffects():
            members = design.of(term)
            level = members.index[rows[0]] if term.factor.label == group else -1
            return GroupDesign(_varied(term.columns, members.Z, axis, rows, grid), np.full(len(grid), level))
        case Offset():
            return OffsetDesign(np.full(len(grid), design.of(term).values[rows].mean()))
        case Auxiliary():
            index = design.of(term).index
            return LevelsDesign(None if index is None else np.full(len(grid), np.bincount(index[rows]).argmax()))
        case Thresholds():
            cut_by = design.of(term).index
            return LevelsDesign(None if cut_by is None else np.full(len(grid), np.bincount(cut_by[rows]).argmax()))
        case Specific():
            return SpecificDesign(_varied(term.columns, design.of(term).X, axis, rows, grid))
        case Shares():
            return design.of(term)
        case _:
            raise FitError(f"`{axis.label}` cannot be varied: the model has terms of which no curve is drawn yet")


def _varied(columns: tuple[Column, ...], values: Floats, axis: Axis, rows: Integers, grid: Floats) -> Floats:
    """The columns' values along the grid, (k, columns)."""
    found = np.empty((len(grid), len(columns)))
    for j, column in enumerate(columns):
        mine, others = _parts(column.value, axis)
        if mine is None:
            found[:, j] = values[rows, j].mean()
        else:
            share = _share(_at(mine, axis.values), values[:, j], rows) if others else 1.0
            found[:, j] = share * _at(mine, grid)
    return found


def _share(here: Floats, values: Floats, rows: Integers) -> float:
    """What a column is the axis's part times: of these rows, or of all where none of these has any of it."""
    for some in (rows, slice(None)):
        seen = here[some] != 0
        if seen.any():
            return float((values[some][seen] / here[some][seen]).mean())
    return 0.0


def _parts(value: Expr, axis: Axis) -> tuple[Expr | None, bool]:
    """The factors of a column that the axis decides, in terms of `_AXIS`, and whether there are others."""
    mine: Expr | None = None
    others = False
    for factor in _factors(value):
        changed = substitute(factor, {axis.value: _AXIS})
        rest = {*columns_of(changed)}
        if rest & {*columns_of(axis.value)}:
            raise FitError(f"`{axis.label}` cannot be varied by itself: other columns are made of the same data")
        if changed != factor and not rest:
            mine = changed if mine is None else mine * changed
        else:
            others |= factor != Const(1.0)
    return mine, others


def _factors(value: Expr) -> list[Expr]:
    if isinstance(value, Op) and value.operator == "*":
        return [*_factors(value.left), *_factors(value.right)]
    return [value]


def _at(value: Expr, at: Floats) -> Floats:
    return np.broadcast_to(np.asarray(evaluate(value, lambda _: at, NUMPY), dtype=float), at.shape)
