"""A smooth's call × Schema -> its columns among the population effects, and a Smooth for each penalty."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import SemanticError
from tildemc.resolve.frame import as_float
from tildemc.resolve.lessons import whole
from tildemc.resolve.meaning import as_given, meaning
from tildemc.resolve.smooths.calls import SmoothCall
from tildemc.resolve.smooths.construct import constructed
from tildemc.resolve.smooths.mixed import Mixed, mixed
from tildemc.resolve.values import Category, Columns, number_of
from tildemc.spec.bases import Basis, PerLevel, Polynomial
from tildemc.spec.expr import BasisValue, Const, Expr
from tildemc.spec.priors import Prior
from tildemc.spec.terms.process import GaussianProcess
from tildemc.spec.terms.product import Coding, Column, Levels, Product
from tildemc.spec.terms.smooth import Smooth
from tildemc.syntax import tree
from tildemc.syntax.tree import deparse

__all__ = ["By", "Reading", "SmoothParts", "lower_smooth"]

EPSILON = float(np.finfo(float).eps)


@dataclass(frozen=True, slots=True)
class SmoothParts:
    """A smooth in a model: its unpenalised functions, if it has any, and its penalised ones."""

    product: Product | None
    terms: tuple[Smooth | GaussianProcess, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class By:
    """What a smooth is multiplied by: a number, or the indicator of a level, and what labels have of it."""

    label: str
    column: Column
    known: tuple[Levels, ...] = ()


def lower_smooth(found: SmoothCall, reading: Reading, parameter: str, sd: Prior) -> SmoothParts:
    """What a smooth means for columns like these; its knots and penalties are learned of all rows.

    Parameters
    ----------
    found : SmoothCall
    reading : Reading
    parameter : str
        Whose predictor it belongs to.
    sd : Prior
        Of the sd of each penalty.

    Raises
    ------
    SemanticError, UnsupportedError, DataError
        With the place in the text.
    """
    if found.function == "ridge":
        return SmoothParts(None, (_columns_with_one_sd(found, reading, parameter, sd),))
    made = constructed(found, reading.numbers, reading.factors)
    inputs, known = reading.inputs(), reading.known()
    by = reading.by()
    levels = len(reading.levels)
    whole_basis = mixed(made.raw, reading.first(by), varies=reading.varies(by))
    products: list[Column] = []
    terms: list[Smooth] = []
    each: list[By | None] = [*by] or [None]
    for own in each:
        label = found.label if own is None else f"{found.label}:{own.label}"
        clean = re.sub(r"[^\w.:]", "", label)
        also = () if own is None else own.known
        products += _columns(whole_basis, inputs, clean, own)
        for number, part in enumerate(whole_basis.penalised, start=1):
            basis: Basis = whole_basis.basis.times(part)
            basis = PerLevel(basis, levels) if levels else basis
            column = None if own is None else own.column
            plain = clean.replace(":", "")
            terms.append(
                Smooth(
                    parameter,
                    found.text,
                    plain,
                    basis,
                    inputs,
                    column,
                    tuple(dict.fromkeys((*known, *also))),
                    number,
                    sd,
                )
            )
    factors = tuple(dict.fromkeys(levels for own in by for levels in own.known))
    product = Product(found.text, (Coding(tuple(products), factors=factors),), "smooth") if products else None
    return SmoothParts(product, tuple(terms), (*made.notes, *reading.notes()))


def _columns_with_one_sd(found: SmoothCall, reading: Reading, parameter: str, sd: Prior) -> Smooth:
    """`ridge(x, z)`: the columns themselves, whose coefficients are normal with one sd."""
    if reading.factors:
        raise SemanticError(
            f"`ridge()` takes numbers; effects of a factor's levels are `(1 | {reading.names[0]})`", found.call.span
        )
    d = len(reading.numeric)
    label = re.sub(r"[^\w.]", "", found.label)
    columns = Polynomial(np.zeros(d), np.eye(d), np.eye(d))
    return Smooth(parameter, deparse(found.call), label, columns, reading.inputs(), None, (), 1, sd)


def _columns(found: Mixed, inputs: tuple[Column, ...], label: str, by: By | None) -> list[Column]:
    """The unpenalised functions."""
    values = tuple(column.value for column in inputs)
    made: list[Column] = []
    for j in range(found.unpenalised.shape[1]):
        basis = found.basis.times(found.unpenalised[:, j : j + 1])
        value = _polynomial(basis, values) if isinstance(basis, Polynomial) else BasisValue(basis, values)
        made.append(Column(f"{label}_{j + 1}", value if by is None else value * by.column.value, inputs[0].span))
    return made


def _polynomial(basis: Polynomial, inputs: tuple[Expr, ...]) -> Expr:
    """The one function of a basis of powers, as arithmetic."""
    total: Expr | None = None
    for powers, weight in zip(basis.powers, basis.weights[:, 0], strict=True):
        if weight == 0:
            continue
        part: Expr = Const(float(weight))
        for value, shift, power in zip(inputs, basis.shift, powers, strict=True):
            around = value - float(shift) if shift else value
            part = part if power == 0 else part * around if power == 1 else part * around ** int(power)
        total = part if total is None else total + part
    return Const(0.0) if total is None else total


class Reading:
    """What the variables of a smooth are, and their values in all rows."""

    def __init__(self, call: SmoothCall, columns: Columns) -> None:
        self.call, self.columns = call, columns
        self.numeric: list[tuple[tree.Expr, Expr]] = []
        self.factors: list[Category] = []
        self.names: list[str] = []
        for variable in call.variables:
            value = meaning(variable, columns)
            if isinstance(value, Category) and value.truth is None:
                self.factors.append(value)
                self.names.append(deparse(variable))
            else:
                self.numeric.append((variable, number_of(value, variable, columns)))

    @property
    def numbers(self) -> Floats:
        """The numeric variables, (n, d)."""
        values = [self._values(expr, value) for expr, value in self.numeric]
        return np.column_stack(values) if values else np.empty((0, 0))

    @property
    def levels(self) -> Sequence[Expr]:
        """The indicators of the levels of a factor by which functions differ."""
        if not self.factors:
            return ()
        return [as_float(level.indicator) for level in self.factors[0].levels]

    def inputs(self) -> tuple[Column, ...]:
        """What its bases are functions of."""
        own = [Column(deparse(expr), value, expr.span) for expr, value in self.numeric]
        return (*own, *(Column(f"level {j}", value, self.call.call.span) for j, value in enumerate(self.levels)))

    def known(self) -> tuple[Levels, ...]:
        """The levels of its factors."""
        return tuple(k for name, factor in zip(self.names, self.factors, strict=True) for k in factor.known(name))

    def by(self) -> list[By]:
        """What it is multiplied by: nothing, a number, or each level of a factor but an ordered one's first."""
        expr = self.call.options.get("by")
        if expr is None or expr == tree.Name("NA"):
            return []
        value = as_given(expr, self.columns)
        name = deparse(expr)
        if not isinstance(value, Category):
            return [By(name, Column(name, number_of(value, expr, self.columns), expr.span))]
        if value.truth is not None:
            return [By(name, Column(name, as_float(value.truth), expr.span))]
        levels = value.levels[1:] if value.ordered and len(value.levels) > 1 else value.levels
        known = value.known(name)
        return [
            By(f"{name}{level.label}", Column(f"{name}{level.label}", as_float(level.indicator), expr.span), known)
            for level in levels
        ]

    def first(self, by: Sequence[By]) -> Floats | None:
        """What multiplies it in each row, the first time."""
        return self.multiplier(by[0]) if by else None

    def multiplier(self, by: By) -> Floats:
        """What multiplies it in each row."""
        return self._values(self.call.options["by"], by.column.value)

    def varies(self, by: Sequence[By]) -> bool:
        """Whether it is multiplied by a number that varies."""
        if not by or by[0].known:
            return False
        values = self.multiplier(by[0])
        return bool(values.std(ddof=1) > values.mean() * EPSILON * 1000)

    def notes(self) -> tuple[str, ...]:
        """What a reader should know of how it was read."""
        notes: list[str] = []
        if self.call.call.function == "te":
            notes.append(
                f"{self.call.text} is read as `t2()`: the same functions, with a penalty for each of their parts"
            )
        if "id" in self.call.options:
            notes.append("`id` links the smoothness of functions in gam(); here, as in brms, each has its own sd")
        return tuple(notes)

    def _values(self, expr: tree.Expr, value: Expr) -> Floats:
        key = f"{self.call.text} {deparse(expr)} {value!r}"
        found = np.asarray(self.columns.learned(key, value, whole(lambda values: values)), dtype=float)
        if not np.isfinite(found).all():
            raise SemanticError(f"`{deparse(expr)}` is not a finite number in every row", expr.span)
        return found
