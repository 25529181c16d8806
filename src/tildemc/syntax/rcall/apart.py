"""The calls by which several models are fitted: what they are of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tildemc.errors import FormulaSyntaxError
from tildemc.syntax.tree import Binary, Expr, Formula, Name

__all__ = ["by_bar"]


def by_bar(formula: Formula) -> tuple[Formula, tuple[str, ...]]:
    """The formula of `y ~ x | g`, and the columns for each of whose values it is a model: of `g / h` both.

    Raises
    ------
    FormulaSyntaxError
        If nothing stands behind a bar, or something else than columns.
    """
    main, *others = formula.predictors
    match main.right:
        case Binary("|", left, group):
            return replace(formula, predictors=(replace(main, right=left), *others)), tuple(_columns(group))
        case other:
            message = "`lmList()` fits a model for each group, as in `lmList(y ~ x | g, data = d)`"
            raise FormulaSyntaxError(message, other.span)


def _columns(group: Expr) -> Iterator[str]:
    match group:
        case Name(name):
            yield name
        case Binary("/" | "+", left, right):
            yield from _columns(left)
            yield from _columns(right)
        case other:
            raise FormulaSyntaxError("groups are columns here, as in `y ~ x | g`", other.span)
