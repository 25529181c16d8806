"""The group terms of a right-hand side in, what each of them says out: its terms, its factor, its structure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

from tildemc.errors import SemanticError, UnsupportedError
from tildemc.resolve.algebra import ALGEBRA, BARS, bare_bar, work_out
from tildemc.resolve.expanded import SPECIFIC, Bar
from tildemc.resolve.grouped import read_grouping
from tildemc.syntax.expression import unparenthesised, walk
from tildemc.syntax.residuals import Residuals, is_residuals, levels_alone, read_residuals
from tildemc.syntax.structures import BARS as STRUCTURES_OF_BARS
from tildemc.syntax.structures import KNOWN, Structured, read_group
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Expr,
    Name,
    Number,
    Parens,
    Unary,
    spine,
)

__all__ = ["expand_bar", "split_bars"]


def split_bars(right: Expr) -> tuple[list[Expr], list[Structured], tuple[Residuals, ...]]:
    """The summands that are population terms, group terms, each with its structure, and what is of residuals."""
    summands: list[Expr] = []
    residuals: list[Residuals] = []
    bars: list[Structured] = []
    pending = [right]
    while pending:
        expr = pending.pop()
        match expr:
            case Binary("+" | "-"):
                # What is taken away concerns the population terms alone: `x + (1 | g) - 1`.
                first, nodes = spine(expr, "+-")
                signed = (n.right if n.operator == "+" else Unary("-", n.right, n.right.span) for n in nodes)
                pending += reversed([first, *signed])
            case Parens(inner) if _has_bar(inner):
                bar = unparenthesised(inner)
                if isinstance(bar, Binary) and bar.operator in BARS:
                    bars.append(Structured(STRUCTURES_OF_BARS[bar.operator], bar))
                else:
                    pending.append(bar)
            case Call() if is_residuals(expr):
                residuals.append(read_residuals(expr))
            case Call() if (group := read_group(expr)) is not None:
                bars.append(group)
            case Binary(operator, span=span) if operator in BARS:
                raise bare_bar(expr, span)
            case _ if _has_bar(expr):
                raise SemanticError("a group term can only be added, as in `x + (1 | g)`", _first_bar(expr).span)
            case _:
                summands.append(expr)
    return summands, bars, tuple(residuals)


def _has_bar(expr: Expr) -> bool:
    return next(_bars(expr), None) is not None


def _first_bar(expr: Expr) -> Expr:
    return next(_bars(expr))


def _bars(expr: Expr) -> Iterator[Expr]:
    """The group terms of an expression, but for those within a call and those within another."""
    todo: list[Expr] = [expr]
    while todo:
        part = todo.pop()
        match part:
            case Binary(operator) if operator in BARS:
                yield part
            case Binary(operator, left, right) if operator in ALGEBRA:
                todo += [right, left]
            case Parens(inner) | Unary(_, inner):
                todo.append(inner)
            case Call() if read_group(part) is not None:
                yield part
            case _:
                pass


def _of_levels(bar: Binary) -> Binary:
    """`0 + species | gr(g, cov = A)` -> `1 | gr(species, g, cov = A)`: the same effects, one of each level by group."""
    levels = levels_alone(bar.left)
    match levels:
        case Name() as name:
            pass
        case Call("factor" | "as.factor", (Argument(Name() as name, None),)):
            pass
        case _:
            message = "`propto()` is of the levels of one column, without an intercept: `propto(0 + species | g, A)`"
            raise SemanticError(message, bar.left.span)
    match bar.right:
        case Call("gr", (Argument(Name(), None) as group, *others), span):
            return Binary("|", Number(1.0), Call("gr", (Argument(name), group, *others), span), bar.span)
        case other:
            raise SemanticError("`propto()` is by one column, as in `propto(0 + species | g, A)`", other.span)


def expand_bar(said: Structured, dot: list[Name]) -> list[Bar]:
    """`(x | a/b)` -> `(x | a)`, `(x | a:b)`."""
    structure, bar, rank = said
    if structure == KNOWN:
        structure, bar = STRUCTURES_OF_BARS["|"], _of_levels(bar)
    left: Expr = bar.left
    shared: Name | None = None
    match left:
        case Binary("|", inner, Name() as shared):
            left = inner
        case _:
            pass
    if _has_bar(left):
        raise SemanticError("a group term inside a group term", _first_bar(left).span)
    specific = next((part for part in walk(left) if isinstance(part, Call) and part.function in SPECIFIC), None)
    if specific is not None:
        raise UnsupportedError("category-specific effects that vary by group are not built", specific.span)
    terms = work_out([left], dot)
    if terms.offsets:
        raise SemanticError("an offset belongs outside of group terms", terms.offsets[0].span)
    if not terms.intercept and not terms.interactions:
        raise SemanticError("this group term has no effects: write at least `(1 | …)`", bar.span)
    group = read_grouping(bar.right)
    factors = work_out([_combined(group.factor)], []).interactions
    if not factors:
        raise SemanticError("the grouping factor must be a column, as in `(1 | school)`", bar.right.span)
    names = (tuple(_group_name(v) for v in factor.variables) for factor in factors)
    structure = "diag" if not group.correlated and structure == "us" else structure
    shared = shared or group.shared
    doubled, members = bar.operator == "||", group.members
    return [
        Bar(
            terms, name, structure, doubled, shared, group.by, members, group.known, group.student, group.weights,
            rank, bar.span,
        )
        for name in names
    ]  # fmt: skip


def _combined(factor: Expr) -> Expr:
    """`interaction(a, b)` as `a:b`, which groups rows alike."""
    match unparenthesised(factor):
        case Call("interaction" | "paste" | "paste0", (first, *others)):
            named = [argument.value for argument in others if argument.name is None]
            return reduce(lambda one, other: Binary(":", one, other, factor.span), named, first.value)
        case _:
            return factor


def _group_name(variable: Expr) -> Name:
    match variable:
        case Name():
            return variable
        case Call("factor" | "as.factor", (Argument(Name() as column, None),)):
            # A grouping factor is a factor in any case.
            return column
        case _:
            raise SemanticError(
                "a grouping factor is a column or a combination of columns, `a:b` or `a/b`", variable.span
            )
