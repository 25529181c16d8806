"""A column that is varied, all else of some rows kept at its mean: rows to evaluate a curve at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.errors import FitError, nearest
from tildemc.resolve.frame import FUNCTIONS, Frame
from tildemc.spec.companions import COVARIATE, companion_of
from tildemc.spec.design import Design
from tildemc.spec.expr import Expr, Op, Var, columns_of, inside, substitute, value_of, walk
from tildemc.spec.model import AnyTerm, ModelSpec, Predictor
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.group import GroupDesign, GroupEffects
from tildemc.spec.terms.hyperparameter import Hyperparameter
from tildemc.spec.terms.levels import LevelsDesign
from tildemc.spec.terms.monotonic import Monotonic, MonotonicDesign
from tildemc.spec.terms.offset import Offset, OffsetDesign
from tildemc.spec.terms.population import Population, PopulationDesign
from tildemc.spec.terms.process import GaussianProcess
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.residual import Residual
from tildemc.spec.terms.shared import SharedEffects
from tildemc.spec.terms.shares import Shares
from tildemc.spec.terms.smooth import Smooth
from tildemc.spec.terms.specific import Specific, SpecificDesign
from tildemc.spec.terms.thresholds import Thresholds
from tildemc.trees import fold
from tildemc.visible import shown

__all__ = ["Axis", "Members", "along", "axes_of", "axis_of", "by_level"]


_AXIS = Var("\0axis")
MOST_ROWS = 500
"""Over so many rows at the most, evenly spaced, is averaged what depends on the axis and on other columns too."""


@dataclass(frozen=True, eq=False)
class Axis:
    """What is varied: a column that is no product of others, and its value in each row, (n,).

    Attributes
    ----------
    label : str
    value : Expr
    values : (n,)
    steps : tuple of str
        What its whole numbers from 0 up are called, if there is nothing between them.
    """

    label: str
    value: Expr
    values: Floats
    steps: tuple[str, ...] = ()

    @property
    def grid(self) -> Floats:
        """Where a curve is evaluated."""
        if self.steps:
            return np.arange(float(len(self.steps)))
        seen = np.unique(self.values)
        return seen if len(seen) <= 2 else np.linspace(seen[0], seen[-1], 60)

    def reads(self, expr: Expr) -> bool:
        """Whether an expression is made of the same data."""
        return not {*columns_of(self.value)}.isdisjoint(columns_of(expr))

    def alone(self, spec: ModelSpec) -> bool:
        """Whether it can be varied by itself: all that is made of its data is made of it."""
        columns = [column for term in spec.terms() for column in term.columns]
        columns += spec.response.companions.values()
        return not any(self.reads(substitute(column.value, {self.value: _AXIS})) for column in columns)

    @property
    def apart(self) -> bool:
        """Whether there is nothing between the places of the grid."""
        return bool(self.steps) or len(self.grid) <= 2


def axes_of(spec: ModelSpec, frame: Frame) -> dict[str, Axis]:
    """The columns of `mu`, or of that of each component, that can be varied, by their labels.

    Those of terms by levels come after all others.
    """
    found: dict[str, Axis] = {}
    for column, steps in _columns(spec):
        if column.label not in found and not _is_product(column) and columns_of(column.value):
            values = frame.evaluate(column.value).astype(np.float64)
            found[column.label] = Axis(column.label, column.value, values, steps)
    return found


def _columns(spec: ModelSpec) -> Iterator[tuple[Column, tuple[str, ...]]]:
    """What may be varied, and what its steps are called if it has steps."""
    mains = spec.mains()
    for predictor in mains:
        # A smooth is varied by its inputs.
        yield from ((c, ()) for p in predictor.population.products if p.kind != "smooth" for c in p.columns)
        for term in predictor.terms:
            match term:
                case Smooth(inputs=inputs) | GaussianProcess(inputs=inputs):
                    yield from ((column, ()) for column in inputs if not _of_levels(column, term))
                case Monotonic(code=code, steps=steps, known=known):
                    named = next((own.names for own in known if len(own.names) == steps + 1), None)
                    yield code, tuple(named or map(str, range(steps + 1)))
                case _:
                    pass
    companions = spec.response.companions.items()
    yield from ((column, ()) for name, column in companions if companion_of(name) == COVARIATE)
    yield from ((column, ()) for p in mains for effects in by_level(p) for column in effects.columns)


def by_level(predictor: Predictor) -> tuple[GroupEffects | SharedEffects, ...]:
    """The terms that have effects for each level of a factor."""
    return (*predictor.groups, *predictor.shared)


def _of_levels(column: Column, term: Smooth | GaussianProcess) -> bool:
    """Whether it is the indicator of a level of a factor."""
    return any({*columns_of(column.value)} <= {*columns_of(levels.has_one)} for levels in term.known)


def axis_of(spec: ModelSpec, frame: Frame, label: object) -> Axis:
    """The column of that label.

    Raises
    ------
    FitError
        If there is none that can be varied.
    """
    found = axes_of(spec, frame)
    if label not in found:
        listed = f"; there are {', '.join(found)}" if found else ""
        hint = nearest(label, found) if isinstance(label, str) else ""
        raise FitError(f"no column {shown(label)} of the design can be varied by itself{hint}{listed}")
    return found[str(label)]


def _is_product(column: Column) -> bool:
    return ":" in column.label and isinstance(column.value, Op) and column.value.operator == "*"


@dataclass(frozen=True, eq=False)
class Members:
    """Rows at whose means all else is kept.

    Attributes
    ----------
    frame : Frame
        All rows of the fit.
    rows : (m,)
        Which of them.
    group : str or None
        The factor of which they are one level; no other has an effect.
    """

    frame: Frame
    rows: Integers
    group: str | None = None


def along(spec: ModelSpec, design: Design, axis: Axis, grid: Floats, members: Members) -> Design:
    """Rows in which the axis takes the values of `grid`, and all else the means of the members.

    Parameters
    ----------
    spec, design
        Of the model that is evaluated; it may be another than the one that the axis is of.
    axis : Axis
    grid : (k,)
    members : Members

    Raises
    ------
    FitError
        If a column depends on the axis's data in a way that cannot be told from the axis alone.
    """
    varied = _Varied(design, axis, grid, members)
    terms = {term.path: varied.term(term) for term in spec.terms()}
    companions = {
        name: varied.mean((spec.response.companions[name],), values[:, None])[:, 0]
        for name, values in design.companions.items()
    }
    return replace(design, y=None, terms=terms, rows=np.arange(len(grid)), companions=companions, labels=None)


@dataclass(frozen=True, eq=False)
class _Varied:
    """A design along an axis."""

    design: Design
    axis: Axis
    grid: Floats
    members: Members

    def term(self, term: AnyTerm) -> object:
        """A term's numbers along the grid."""
        design, k, rows = self.design, len(self.grid), self.members.rows
        match term:
            case Population():
                own = design.of(term)
                return PopulationDesign(self.mean(term.columns, own.X), own.mean)
            case GroupEffects():
                return self._effects(term, design.of(term))
            case SharedEffects():
                return self._effects(term, design.of(term))
            case Smooth():
                return GroupDesign(self._functions(term, design.of(term).Z), np.zeros(k, dtype=np.int64))
            case GaussianProcess():
                return GroupDesign(self._functions(term, design.of(term).Z), np.zeros(k, dtype=np.int64))
            case Monotonic():
                return MonotonicDesign(self._steps(term, design.of(term).values))
            case Offset():
                return OffsetDesign(np.full(k, design.of(term).values[rows].mean()))
            case Auxiliary():
                index = design.of(term).index
                return LevelsDesign(None if index is None else np.full(k, np.bincount(index[rows]).argmax()))
            case Thresholds():
                cut_by = design.of(term).index
                return LevelsDesign(None if cut_by is None else np.full(k, np.bincount(cut_by[rows]).argmax()))
            case Specific():
                return SpecificDesign(self.mean(term.columns, design.of(term).X))
            case Shares() | Residual() | Hyperparameter():
                # No curve depends on what goes together, nor on what priors follow.
                return design.terms[term.path]
            case _:
                message = f"`{self.axis.label}` cannot be varied: the model has terms of which no curve is drawn yet"
                raise FitError(message)

    def _effects(self, term: GroupEffects | SharedEffects, members: GroupDesign) -> GroupDesign:
        """Of the level that all members are of, or of none."""
        level = members.index[self.members.rows[0]] if term.factor.label == self.members.group else -1
        return GroupDesign(self.mean(term.columns, members.Z), np.full(len(self.grid), level))

    def mean(self, columns: Sequence[Column], values: Floats) -> Floats:
        """The columns along the grid, (k, columns), given their values in all rows of the fit."""
        found = np.empty((len(self.grid), len(columns)))
        for j, column in enumerate(columns):
            changed = self._changed(column)
            if changed is None:
                found[:, j] = values[self.members.rows, j].mean()
            else:
                found[:, j] = self._at(changed).reshape(-1, len(self.grid)).mean(axis=0)
        return found

    def _functions(self, term: Smooth | GaussianProcess, values: Floats) -> Floats:
        """A basis along the grid, (k, q)."""
        if all(self._changed(column) is None for column in term.columns):
            return np.broadcast_to(values[self.members.rows].mean(axis=0), (len(self.grid), term.width))
        inputs = [self._at(self._changed(column) or column.value) for column in term.columns]
        whole = np.column_stack(np.broadcast_arrays(*(self._over_rows(x, inputs) for x in inputs)))
        return term.of(whole).reshape(-1, len(self.grid), term.width).mean(axis=0)

    def _over_rows(self, x: Floats, others: Sequence[Floats]) -> Floats:
        """As long as the longest of some, which are of the grid or of the grid in each row."""
        return np.tile(x, max(map(len, others)) // len(x))

    def _steps(self, term: Monotonic, values: Floats) -> Floats:
        """Steps have no mean: where they do not vary, they are those of most rows."""
        found = self.mean(term.columns, values)
        if self._changed(term.code) is None:
            found[:, 0] = np.bincount(values[self.members.rows, 0].astype(np.int64)).argmax()
        return found

    def _changed(self, column: Column) -> Expr | None:
        """The column in terms of the axis; None if it has nothing to do with it."""
        changed = substitute(column.value, {self.axis.value: _AXIS})
        if self.axis.reads(changed):
            raise FitError(f"`{self.axis.label}` cannot be varied by itself: other columns are made of the same data")
        return changed if self.axis.reads(column.value) else None

    def _at(self, expr: Expr) -> Floats:
        """Its values along the grid, (k,); in each of some members, (members · k,), if it depends on other columns."""
        k = len(self.grid)
        if not columns_of(expr):
            return np.broadcast_to(np.asarray(_worked_out(expr, self.grid, None), dtype=np.float64), (k,))
        rows = self.members.rows
        some = rows[np.unique(np.linspace(0, len(rows) - 1, MOST_ROWS).round().astype(int))]
        keep = np.zeros(len(self.members.frame), dtype=bool)
        keep[some] = True
        found = _worked_out(expr, np.tile(self.grid, len(some)), self.members.frame.select(keep))
        return np.asarray(found, dtype=np.float64)


def _worked_out(expr: Expr, axis: Floats, frame: Frame | None) -> object:
    """An expression where the axis has these values, in each row of a frame as many: (values,)."""

    def within(part: Expr) -> Sequence[Expr]:
        return inside(part) if _AXIS in walk(part) else ()

    def value(part: Expr, values: Sequence[object]) -> object:
        if part == _AXIS:
            return axis
        if values or frame is None:
            return value_of(part, values, lambda name: name, FUNCTIONS)
        return np.repeat(frame.evaluate(part).astype(np.float64), len(axis) // len(frame))

    return fold(expr, within, value)
