"""An R statement's text in, its tree out: formulas' trees, and calls of `$`, `[` and `[[` for what is picked out."""

from __future__ import annotations

from lark import Token
from lark.visitors import v_args

from tildemc.span import Span
from tildemc.syntax.expression import Expression, Piece, expr_of, read_at
from tildemc.syntax.rcall.lines import typed
from tildemc.syntax.tree import Argument, Call, Expr, Name

__all__ = ["parse_statement"]


def parse_statement(span: Span) -> Expr:
    """The expression that stands there; its places are those of the whole text.

    Raises
    ------
    FormulaSyntaxError
        With its place in the whole text.
    """
    (found,) = read_at("rscript", span, _Statement, typed(span.text)[span.start : span.end])
    return expr_of(found)


@v_args(inline=True)
class _Statement(Expression):
    """One method per rule that formulas have not."""

    def arguments(self, *pieces: Piece) -> Call:
        """What stands between a call's parentheses."""
        return Call("(", tuple(piece for piece in pieces if isinstance(piece, Argument)))

    def assigned(self, left: Piece, token: Token, right: Piece) -> Argument:
        """`z := x^2` in the brackets of a data.table."""
        inside = (Argument(expr_of(left)), Argument(expr_of(right)))
        return Argument(Call(str(token), inside, self._over(left, right)), None, self._over(left, right))

    def made_function(self, *pieces: Piece) -> Argument:
        """`function(v) mean(v)`, or `FUN = function(v) …`: its arguments, and what it is last."""
        at = next(k for k, piece in enumerate(pieces) if isinstance(piece, Token) and piece.type.endswith("FUNCTION"))
        label = pieces[0].text if at and isinstance(pieces[0], Name) else None
        inside = tuple(Argument(expr_of(piece)) for piece in pieces[at:] if not isinstance(piece, Token))
        return Argument(Call("function", inside, self._over(pieces[at], pieces[-1])), label)

    def call(self, function: Token, *pieces: Piece) -> Call:
        """`function(arguments)`, `"function"(arguments)`."""
        inside = [piece.arguments for piece in pieces if isinstance(piece, Call)]
        name = self._unquote(function) if function.type == "STRING" else str(function)
        return Call(name, inside[0] if inside else (), self._over(function, pieces[-1]))

    def taken(self, whole: Piece, _dollar: Token, member: Expr) -> Call:
        """`d$x`."""
        return Call("$", (Argument(expr_of(whole)), Argument(member)), self._over(whole, member))

    def element(self, whole: Piece, *pieces: Piece) -> Call:
        """`d[["x"]]`."""
        (inside,) = (piece for piece in pieces if not isinstance(piece, Token | Argument))
        return Call("[[", (Argument(expr_of(whole)), Argument(inside)), self._over(whole, pieces[-1]))
