"""A right-hand side -> where it comes to less than it looks like: R's formula algebra is no arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tildemc.resolve.algebra import ALGEBRA, BARS
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rewrite import is_offset
from tildemc.syntax.tree import Binary, Call, Constant, Expr, Name, Number, Text, Unary, deparse

__all__ = ["Remark", "remarks"]

CROSSING = {":", "*", "/", "%in%"}

Leaves = dict[str, Expr]
"""The variables of some terms by their text."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What to tell of a formula: always, or where `number` is a column of numbers, with which one may reckon."""

    text: str
    number: Expr | None = None


def remarks(right: Expr) -> tuple[Remark, ...]:
    """All there is to say of a right-hand side, group terms included."""
    found = _Reading()
    found.leaves(right)
    return tuple(dict.fromkeys((*found.remarks, *_contradiction(right))))


class _Reading:
    """One run over one right-hand side."""

    def __init__(self) -> None:
        self.remarks: list[Remark] = []

    def leaves(self, expr: Expr) -> Leaves:
        """The variables of an expression's terms; chains are read from the left, without recursion."""
        chain: list[Binary] = []
        head = unparenthesised(expr)
        while isinstance(head, Binary) and head.operator in ALGEBRA:
            chain.append(head)
            head = unparenthesised(head.left)
        found = self._operand(head)
        for node in reversed(chain):
            found = self._joined(node, found)
        return found

    def _operand(self, expr: Expr) -> Leaves:
        match expr:
            case Binary(operator, left) if operator in BARS:
                self.leaves(left)
                return {}
            case Unary("-", inner):
                self._taken({}, inner)
                return {}
            case Unary("+", inner):
                return self.leaves(inner)
            case Number() | Constant() | Text():
                return {}
            case _:
                return {deparse(expr): expr}

    def _joined(self, node: Binary, found: Leaves) -> Leaves:
        if node.operator == "^":
            self._power(node)
            return found
        if node.operator == "-":
            self._taken(found, node.right)
            return found
        other = self.leaves(node.right)
        if node.operator in CROSSING:
            self._crossed(node, found, other)
        return found | other

    def _power(self, node: Binary) -> None:
        base, power = unparenthesised(node.left), unparenthesised(node.right)
        if _is_variable(base):
            text, degree = deparse(base), deparse(power)
            what = "square" if power == Number(2) else "power"
            self._tell(
                f"`{text}^{degree}` is `{text}` alone, since `^` crosses terms; the {what} is `I({text}^{degree})`",
                base,
            )

    def _crossed(self, node: Binary, left: Leaves, right: Leaves) -> None:
        for side, other in ((node.left, right), (node.right, left)):
            alone = unparenthesised(side)
            text = deparse(alone) if _is_variable(alone) else ""
            if text in other:
                self._tell(f"`{text}` crossed with itself is `{text}` alone; its square is `I({text}^2)`", alone)
            if node.operator == ":" and isinstance(alone, Number | Constant):
                self._tell("`:` with a constant comes to nothing, since a constant is no term to cross with")
        for text, variable in (left | right).items():
            if is_offset(variable):
                self._tell(
                    f"`{text}` takes no part in crossing: it is added as it is, and products with it are left out"
                )

    def _taken(self, found: Leaves, expr: Expr) -> None:
        taken = unparenthesised(expr)
        text = deparse(taken)
        if is_offset(taken):
            self._tell(f"`{text}` is added, although `-` stands before it; to take a column away write `offset(-x)`")
        elif _is_variable(taken) and "." not in found and text not in found:
            told = f"`- {text}` takes nothing away, since `{text}` is no term here"
            self._tell(f"{told}; columns are subtracted within `I()`", taken)

    def _tell(self, text: str, number: Expr | None = None) -> None:
        self.remarks.append(Remark(text, number))


def _is_variable(expr: Expr) -> bool:
    """Whether it is one variable, whose values there may be more to do with."""
    return isinstance(expr, Name | Call) and expr != Name(".") and not is_offset(expr)


def _contradiction(right: Expr) -> Iterator[Remark]:
    """`0 + x + 1`: what is said last about the intercept holds."""
    said = list(_intercepts(right, adding=True))
    if len(set(said)) > 1:
        what = "one" if said[-1] else "none"
        yield Remark(
            f"the formula says that there is an intercept and that there is none; the last holds: there is {what}"
        )


def _intercepts(expr: Expr, *, adding: bool) -> Iterator[bool]:
    """What a sum says about the intercept, in order."""
    parts: list[tuple[Expr, bool]] = []
    head = unparenthesised(expr)
    while isinstance(head, Binary) and head.operator in ("+", "-"):
        parts.append((head.right, adding == (head.operator == "+")))
        head = unparenthesised(head.left)
    for part, added in ((head, adding), *reversed(parts)):
        match unparenthesised(part):
            case Number(0 | 1 as value) | Constant(bool(value)):
                yield (value == 1) == added
            case Unary("+" | "-" as sign, inner):
                yield from _intercepts(inner, adding=added == (sign == "+"))
            case Binary("+" | "-") as inner:
                yield from _intercepts(inner, adding=added)
            case _:
                pass
