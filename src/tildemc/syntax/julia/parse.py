"""The text of a Julia call in, its tree out."""

from __future__ import annotations

import re

from lark import Token
from lark.visitors import v_args

from tildemc.errors import FormulaSyntaxError
from tildemc.span import Span
from tildemc.syntax.expression import Expression, Piece, expr_of, read_at
from tildemc.syntax.tree import Argument, Call, Constant, Expr, Name

__all__ = ["calls_of", "is_julia", "parse_julia"]

_FITS = re.compile(
    r"(?<![\w.])((?:fit!?|(?:Generalized)?LinearMixedModel|lmm|glmm|lm|glm)\s*\()(?=[\s\S]*@formula|[^~]*\bMixedModel\b)"
)
_BOUND = re.compile(r"^[^\S\n]*([^\W\d]\w*)\s*=\s*(@formula\s*\(|Dict\s*\()", re.MULTILINE)


def is_julia(text: str) -> bool:
    """Whether a text calls what fits models in Julia."""
    return ("@formula" in text or "MixedModel" in text) and bool(_FITS.search(text))


def calls_of(text: str) -> tuple[Span, dict[str, Span]]:
    """Where the last call that fits a model stands, and what names before it are bound to.

    Raises
    ------
    FormulaSyntaxError
        If there is no such call.
    """
    bound = {found[1]: Span(text, found.start(2), _closed(text, found.end())) for found in _BOUND.finditer(text)}
    last: Span | None = None
    for found in _FITS.finditer(text):
        if last is None or found.start() >= last.end:
            last = Span(text, found.start(1), _closed(text, found.end()))
    if last is None:
        message = "a call that fits a model is needed, as in `fit(MixedModel, @formula(y ~ x + (1 | g)), df)`"
        raise FormulaSyntaxError(message, Span(text, 0, 0))
    return last, bound


def _closed(text: str, start: int) -> int:
    """Where the parenthesis ends that was opened before `start`."""
    depth = 1
    for found in re.compile(r'"[^"\n]*"|#[^\n]*|[()]').finditer(text, start):
        depth += {"(": 1, ")": -1}.get(found.group(), 0)
        if depth == 0:
            return found.end()
    return len(text)


def parse_julia(span: Span) -> Expr:
    """The expression that stands there.

    Raises
    ------
    FormulaSyntaxError
        With its place in the whole text.
    """
    (found,) = read_at("julia", span, _Julia)
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

    def call(self, function: Token, *pieces: Piece) -> Call:
        """`function(arguments)`."""
        arguments = tuple(piece for piece in pieces if isinstance(piece, Argument))
        return Call(str(function), arguments, self._over(function, pieces[-1]))

    def binary(self, left: Expr, operator: Token, right: Expr) -> Expr:
        """`left operator right`; `&` joins columns as `:` does elsewhere."""
        return super().binary(left, Token("TIMES", ":") if operator == "&" else operator, right)
