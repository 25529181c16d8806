"""What a formula says of how residuals go together -> Residual; and the sds that this brings with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import get_args

from tildemc.arrays import Label
from tildemc.errors import SemanticError, UnsupportedError, Unvarying
from tildemc.resolve.beside import ends_of, matrix_of_rows
from tildemc.resolve.column import Categorical
from tildemc.resolve.expanded import Expanded
from tildemc.resolve.given import NOTHING, Given
from tildemc.resolve.meaning import arithmetic
from tildemc.resolve.schema import Schema
from tildemc.spec.companions import COVARIATE, companion_of
from tildemc.spec.correlation import CORRELATIONS_OF_ROWS, Correlation, Order
from tildemc.spec.families import Family
from tildemc.spec.model import Response
from tildemc.spec.priors import CORRELATION, Prior, default
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.residual import Metric, Residual
from tildemc.syntax.residuals import Residuals
from tildemc.syntax.tree import Argument, Call, Expr, Name, deparse

__all__ = ["residual_of", "spread_by"]


def residual_of(
    told: Residuals,
    columns: Schema,
    family: Family,
    response: Response,
    factors: Sequence[tuple[Name, ...]],
    given: Given = NOTHING,
) -> Residual:
    """The structure that a formula says residuals have; `factors` are those that effects vary by.

    Raises
    ------
    SemanticError, UnsupportedError
        With the place in the text.
    """
    if not family.joint:
        message = (
            f"{family.name} responses have no residuals that could go together; gaussian ones have, and effects by "
            "time may stand for them: `ar1(0 + factor(t) | g)`"
        )
        raise UnsupportedError(message, told.span)
    for name, column in response.companions.items():
        if companion_of(name) is COVARIATE:
            continue
        message = f"`{name}` beside the response goes with residuals that are independent: leave one of the two out"
        raise UnsupportedError(message, column.span or told.span)
    correlation = CORRELATIONS_OF_ROWS[told.structure]
    group = columns.factor(told.group) if told.group else None
    by = None if told.by is None else columns.factor((told.by,))
    at = _at(told, columns) if told.leveled and told.points else None
    points = () if at is not None else tuple(_point(point, columns) for point in told.points)
    order = _order(told.order, correlation, at)
    times: tuple[Label, ...] = () if at is None else at.values
    if told.leveled and at is None:
        times = tuple(range(1, columns.largest(told.group) + 1))
    if correlation.matrix is None and by is not None:
        message = "a matrix of correlations for each level is not built; without `by` all have one"
        raise UnsupportedError(message, told.span)
    metric: Metric = next(m for m in get_args(Metric) if m == told.metric)
    effects = tuple(f"{deparse(told.points[0])}{level}" for level in at.levels) if told.group_term and at else ()
    found = Residual(
        correlation, order, group, points, told.ranked, at, times, metric, by, known=told.known, effects=effects,
        crossed=tuple(_crossed(told.group, columns, factors)), label=told.label, span=told.span,
        beside=None if told.matrix is None else matrix_of_rows(told.matrix, correlation, columns, given),
        matrix="" if told.matrix is None else told.matrix.text,
    )  # fmt: skip
    if found.beside is not None and found.coefficients:
        # brms's: no smaller and no greater than the matrix's eigenvalues.
        ends = default("uniform", *ends_of(found.beside))
        return found.with_priors((replace(ends, origin="uniform between the eigenvalues of the matrix"),))
    return found.with_priors(() if told.known else _priors(found))


def _order(told: Order, correlation: Correlation, at: Factor | None) -> Order:
    """How far it reaches: up to the most that the levels allow, which a number below zero stands for."""
    if at is None:
        return told
    most = len(at.levels) - 1
    reach = most if told[1] < 0 else min(told[1], most)
    return (len(at.levels) if correlation.counted else told[0], reach)


def _crossed(group: tuple[Name, ...], columns: Schema, factors: Sequence[tuple[Name, ...]]) -> Iterator[str]:
    """The factors of which rows of one group have several levels."""
    for factor in factors:
        own = columns.factor(factor)
        both = tuple(dict.fromkeys((*group, *factor)))
        if not group or len(columns.factor(both).levels) > len(columns.factor(group).levels):
            yield own.label


def _priors(found: Residual) -> tuple[Prior, ...]:
    if found.free_matrix:
        return (CORRELATION,)
    return tuple(c.prior(found.order) for c in found.coefficients)


def _point(point: Expr, columns: Schema) -> Column:
    match point:
        case Name(name) if name in columns.names and isinstance(columns.kind(name), Categorical):
            raise SemanticError(f"`{name}` holds labels, and times are numbers", point.span)
        case _:
            return Column(deparse(point), arithmetic(point, columns), point.span)


def _at(told: Residuals, columns: Schema) -> Factor:
    """The factor whose levels rows stand at."""
    name = _factor_name(told.points[0], told.group_term)
    if name is None:
        message = "the levels that rows stand at are those of a column, `t` or `factor(t)`"
        raise SemanticError(message, told.points[0].span)
    labels = isinstance(columns.kind(name.text), Categorical)
    if told.group_term and not labels and isinstance(told.points[0], Name):
        message = f"`{name.text}` holds numbers, which have one effect and not one a level; write `factor({name.text})`"
        raise SemanticError(message, told.points[0].span)
    factor = columns.factor((name,))
    if len(factor.levels) < 2:
        raise Unvarying(f"`{factor.label}` has only one level", name.span, "there is nothing to go together")
    return factor


def _factor_name(point: Expr, group_term: bool) -> Name | None:
    """The column of levels; nlme's times may be their codes, which are in the same order."""
    match point:
        case Name():
            return point
        case Call("as.numeric" | "as.integer", (Argument(Name() as name, None),)) if not group_term:
            return name
        case Call("factor" | "as.factor" | "numFactor", (Argument(Name() as name, None),)):
            return name
        case _:
            return None


def spread_by(told: Residuals, formula: Expanded, columns: Schema, family: Family) -> Mapping[str, tuple[Name, ...]]:
    """For the residual sd the column whose levels have one each, where the structure says so.

    Raises
    ------
    SemanticError, UnsupportedError
        If the formula has sds of its own, which do not go with the structure.
    """
    spread = next(parameter for parameter in family.parameters if parameter.residual)
    if CORRELATIONS_OF_ROWS[told.structure].recursive:
        _refuse_unequal(told, formula, columns, spread.name)
    if not told.spread:
        return {}
    for predictor in formula.predictors:
        if predictor.parameter == spread.name:
            message = f"`{told.label}` has an sd for each level already: leave the formula of {spread.name} out"
            raise SemanticError(message, predictor.span)
    name = _factor_name(told.points[0], told.group_term)
    by = () if told.by is None else (told.by,)
    return {} if name is None else {spread.name: (*by, name)}


def _refuse_unequal(told: Residuals, formula: Expanded, columns: Schema, sd: str) -> None:
    """Each row's sd is of what is new in it: a series whose sds change is not the same one scaled by them."""
    group = told.group if told.by is None else tuple(dict.fromkeys((*told.group, told.by)))
    for predictor in formula.predictors:
        if predictor.parameter != sd or (predictor.by and not [*_crossed(group, columns, [predictor.by])]):
            continue
        message = (
            f"`{told.label}` makes each row of others as they are, and with a formula of {sd} these would have unequal "
            "sds, which is not built; series with `cov = TRUE` and orders of 1, or as `corARMA()`, can have them"
        )
        raise UnsupportedError(message, predictor.span)
