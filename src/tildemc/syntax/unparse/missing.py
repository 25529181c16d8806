"""What tests leave open where values are missing: columns that they compare without asking whether these are there."""

from __future__ import annotations

from collections.abc import Callable

from tildemc.syntax.expression import unparenthesised, walk
from tildemc.syntax.rewrite import rewritten
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Parens, Unary

__all__ = ["above_all", "below_all", "either", "guarded", "only_all", "open_columns", "settled"]

_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_COUNTED = (Name("_n"), Name("_N"))
"""Numbers of rows, which every row has."""
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
    names = [
        part for side in taken for part in walk(side) if isinstance(part, Name) and part not in (*asked, *_COUNTED)
    ]
    return list(dict.fromkeys(names))


def guarded(test: Expr, sides: Sides) -> Expr:
    """A settled test whose comparisons fail where they are open, each by itself.

    What is neither true nor false keeps no row, so that it may as well be false wherever nothing is negated.
    """
    open_ = open_columns(test, sides)

    def change(node: Expr) -> Expr | None:
        match node:
            case Binary("&" | "|"):
                return None
            case Binary():
                found: Expr = node
                for name in (part for side in sides(node) for part in walk(side) if part in open_):
                    found = Binary("&", found, Unary("!", Call("is.na", (Argument(name),))))
                return found if found is node else Parens(found)
            case _:
                return None

    return rewritten(test, change)


def settled(test: Expr) -> Expr | None:
    """A test with the opposite of each comparison that is negated; None where more than one is negated as a whole."""

    def change(node: Expr) -> Expr | None:
        inner = unparenthesised(node.operand) if isinstance(node, Unary) and node.operator == "!" else None
        match inner:
            case Binary(operator, left, right, span) if operator in _OPPOSITE:
                return Binary(_OPPOSITE[operator], left, right, span)
            case _:
                return None

    found = rewritten(test, change)
    return found if all(map(_asks, _negated(found))) else None


def _negated(test: Expr) -> list[Expr]:
    return [unparenthesised(node.operand) for node in walk(test) if isinstance(node, Unary) and node.operator == "!"]


def _asks(test: Expr) -> bool:
    """Whether a test is true or false of every row."""
    return isinstance(test, Call) or (isinstance(test, Binary) and test.operator == "%in%")


def only_all(test: Expr) -> bool:
    """Whether a test is comparisons that must all hold."""
    return not any(isinstance(n, Unary) or (isinstance(n, Binary) and n.operator == "|") for n in walk(test))
