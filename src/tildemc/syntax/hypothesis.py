"""The text of one hypothesis in, its two sides out: `floor < 0`, `a - b = 0`, `exp(sd_county[floor]) > 2`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lark import Token

from tildemc.errors import FormulaSyntaxError
from tildemc.syntax.expression import expr_of, place, read
from tildemc.syntax.tree import Expr

__all__ = ["HypothesisText", "Sign", "parse_hypothesis"]

Sign = Literal["<", ">", "="]

_SIGNS: dict[str, Sign] = {"<": "<", "<=": "<", ">": ">", ">=": ">", "=": "=", "==": "="}
"""Of continuous quantities it is the same whether a bound is among the values."""


@dataclass(frozen=True, slots=True)
class HypothesisText:
    """`left sign right`."""

    left: Expr
    sign: Sign
    right: Expr


def parse_hypothesis(text: str) -> HypothesisText:
    """The hypothesis that `text` writes.

    Raises
    ------
    FormulaSyntaxError
        The text is no hypothesis; the message says where, and what would be one.
    """
    left, comparison, right = read("hypothesis", text)
    assert isinstance(comparison, Token)
    if comparison not in _SIGNS:
        message = "write `=`: what is told of `a = b` tells of its contrary, too"
        raise FormulaSyntaxError(message, place(text, comparison))
    return HypothesisText(expr_of(left), _SIGNS[comparison], expr_of(right))
