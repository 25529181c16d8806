"""The text of a hypothesis × a model -> what it says of the model's numbers, as arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tildemc.errors import SemanticError, nearest
from tildemc.resolve.quantities import Quantity
from tildemc.resolve.reckoning import FUNCTIONS, reckon
from tildemc.span import Span
from tildemc.spec.expr import Const, Expr, Op, Var
from tildemc.spec.terms.address import KINDS
from tildemc.syntax import tree
from tildemc.syntax.hypothesis import Sign, parse_hypothesis
from tildemc.syntax.tree import Argument, deparse

__all__ = ["Find", "Hypothesis", "read_hypothesis"]

Find = Callable[[str, Span | None], Quantity]
"""The number that a name at a place in the text stands for; raises SemanticError."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """`value sign 0`.

    Attributes
    ----------
    text : str
    value : Expr
        The left side minus the right side; a `Var` stands for the quantity of that label.
    sign : {"<", ">", "="}
    quantities : dict of str to Quantity
        By their labels.
    """

    text: str
    value: Expr
    sign: Sign
    quantities: dict[str, Quantity]


def read_hypothesis(text: str, find: Find) -> Hypothesis:
    """What a hypothesis says.

    Parameters
    ----------
    text : str
    find : callable
        The model's numbers by name.

    Raises
    ------
    FormulaSyntaxError, SemanticError
        With the place in the text.
    """
    found = parse_hypothesis(text)
    reading = _Reading(find)
    left, right = reading.value(found.left), reading.value(found.right)
    if not reading.quantities:
        raise SemanticError("this names no quantity of the model", Span(text, 0, len(text)))
    return Hypothesis(text.strip(), left if right == Const(0.0) else left - right, found.sign, reading.quantities)


class _Reading:
    """What was found so far."""

    def __init__(self, find: Find) -> None:
        self.find = find
        self.quantities: dict[str, Quantity] = {}

    def value(self, expr: tree.Expr) -> Expr:
        """An expression as arithmetic."""
        return reckon(expr, self._leaf)

    def _leaf(self, expr: tree.Expr) -> Expr | None:
        match expr:
            case tree.Name(text, span):
                return self._quantity(text, span)
            case tree.Binary(":", _, _, span):
                return self._quantity(deparse(expr), span)
            case tree.Call(function, (Argument(_, None),), span) if function in FUNCTIONS:
                # A function of a number, unless the whole is the label of a coefficient: `log(x)`.
                try:
                    return self._quantity(deparse(expr), span)
                except SemanticError:
                    return None
            case tree.Call(function, _, span) if function in KINDS or function.partition(".")[2] in KINDS:
                return self._quantity(deparse(expr), span)
            case tree.Call(function, _, span):
                return self._quantity(deparse(expr), span, f"there is no function `{function}` of one number here")
            case _:
                return None

    def _quantity(self, name: str, span: Span | None, otherwise: str = "") -> Expr:
        try:
            quantity = self.find(name, span)
        except SemanticError as error:
            hint = nearest(name.partition("(")[0], FUNCTIONS) or f"; there are {', '.join(FUNCTIONS)}"
            raise SemanticError(f"{otherwise}{hint}" if otherwise else error.message, span) from None
        self.quantities[quantity.label] = quantity
        value = Var(quantity.label)
        return Op("**", value, Const(2.0)) if quantity.squared else value
