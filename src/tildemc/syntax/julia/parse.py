"""The text of a Julia call in, its tree out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lark import Token
from lark.visitors import v_args

from tildemc.errors import FormulaSyntaxError
from tildemc.span import Span
from tildemc.syntax.expression import Expression, expr_of, read_at
from tildemc.syntax.pieces import closed
from tildemc.syntax.tree import Argument, Constant, Expr, Name

__all__ = ["Fitted", "bound_in", "fitted_in", "is_julia", "parse_julia"]

_FITS = re.compile(
    r"(?<![\w.])((?:fit!?|(?:Generalized)?LinearMixedModel|lmm|glmm|lm|glm)\s*\()(?=[\s\S]*@formula|[^~]*\bMixedModel\b)"
)
_BOUND = re.compile(r"^[^\S\n]*([^\W\d]\w*)\s*=\s*(@formula\s*\(|Dict\s*\()", re.MULTILINE)

_NAMED = re.compile(r"([^\W\d]\w*)\s*=\s*(?:fit!\s*\(\s*)?$")


def is_julia(text: str) -> bool:
    """Whether a text calls what fits models in Julia."""
    return ("@formula" in text or "MixedModel" in text) and bool(_FITS.search(text))


@dataclass(frozen=True, slots=True)
class Fitted:
    """A call that fits a model: the name that it is given, the call, and where its line ends."""

    name: str
    call: Span
    end: int


def fitted_in(text: str) -> list[Fitted]:
    """The calls that fit models, in order.

    Raises
    ------
    FormulaSyntaxError
        If there is none.
    """
    found: list[Fitted] = []
    for match in _FITS.finditer(text):
        if found and match.start() < found[-1].call.end:
            continue
        call = Span(text, match.start(1), closed(text, match.end()))
        before = _NAMED.search(text, text.rfind("\n", 0, call.start) + 1, call.start)
        found.append(Fitted(before[1] if before else f"model{len(found) + 1}", call, call.end))
    if not found:
        message = "a call that fits a model is needed, as in `fit(MixedModel, @formula(y ~ x + (1 | g)), df)`"
        raise FormulaSyntaxError(message, Span(text, 0, 0))
    return found


def bound_in(text: str, end: int) -> dict[str, Span]:
    """What names are bound to before a place: `@formula` and `Dict`."""
    return {found[1]: Span(text, found.start(2), closed(text, found.end())) for found in _BOUND.finditer(text, 0, end)}


def parse_julia(span: Span, text: str | None = None) -> Expr:
    """The expression that stands there; or what is read instead, of the same length.

    Raises
    ------
    FormulaSyntaxError
        With its place in the whole text.
    """
    (found,) = read_at("julia", span, _Julia, text)
    return expr_of(found)


@v_args(inline=True)
class _Julia(Expression):
    """One method per rule and alias of julia.lark."""

    def symbol(self, token: Token) -> Name:
        """`:x`."""
        return Name(str(token), self._over(token))

    def pair(self, symbol: Token, _arrow: Token, value: Expr) -> Argument:
        """`:x => EffectsCoding()`."""
        return Argument(value, str(symbol), self._over(symbol, value))

    def constant(self, token: Token) -> Constant:
        """`true`, `false` or `nothing`."""
        return Constant({"true": True, "false": False}.get(str(token)), self._over(token))

    def binary(self, left: Expr, operator: Token, right: Expr) -> Expr:
        """`left operator right`; `&` joins columns as `:` does elsewhere."""
        return super().binary(left, Token("TIMES", ":") if operator == "&" else operator, right)
