"""What tests leave open where values are missing: columns that they compare without asking whether these are there."""

from __future__ import annotations

from collections.abc import Callable

from tildemc.syntax.expression import walk
from tildemc.syntax.tree import Binary, Call, Expr, Name, Unary

__all__ = ["above_all", "below_all", "either", "only_all", "open_columns"]

Sides = Callable[[Binary], tuple[Expr, ...]]


def above_all(node: Binary) -> tuple[Expr, ...]:
    """The sides of a comparison that holds where they are missing, since that is larger than any number."""
    match node.operator:
        case ">" | ">=":
            return (node.left,)
        case "<" | "<=":
            return (node.right,)
        case "!=":
            return node.left, node.right
        case _:
            return ()


def below_all(node: Binary) -> tuple[Expr, ...]:
    """The same where what is missing is smaller than any number."""
    match node.operator:
        case ">" | ">=":
            return (node.right,)
        case "<" | "<=":
            return (node.left,)
        case "!=":
            return node.left, node.right
        case _:
            return ()


def either(node: Binary) -> tuple[Expr, ...]:
    """Both sides, where a comparison with what is missing is false."""
    return (node.left, node.right) if node.operator in ("==", "!=", "<", "<=", ">", ">=") else ()


def open_columns(test: Expr, sides: Sides) -> list[Name]:
    """The columns on these sides of a test's comparisons, but for those that `is.na()` asks about."""
    nodes = [*walk(test)]
    asked = [node.arguments[0].value for node in nodes if isinstance(node, Call) and node.function == "is.na"]
    taken = [side for node in nodes if isinstance(node, Binary) for side in sides(node)]
    names = [part for side in taken for part in walk(side) if isinstance(part, Name) and part not in asked]
    return list(dict.fromkeys(names))


def only_all(test: Expr) -> bool:
    """Whether a test is comparisons that must all hold."""
    return not any(isinstance(n, Unary) or (isinstance(n, Binary) and n.operator == "|") for n in walk(test))
