"""Lark's tree of an expression in, tree.Expr out; `read` takes a text all the way with any grammar."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import assert_never, cast

from lark import Token, Tree
from lark.exceptions import UnexpectedInput, VisitError
from lark.visitors import Transformer_NonRecursive, v_args

from tildemc.errors import FormulaSyntaxError, TildeError
from tildemc.limits import check_text
from tildemc.span import Span
from tildemc.syntax import mistakes
from tildemc.syntax.grammars import parser
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Name,
    Number,
    Parens,
    Text,
    Tilde,
    Unary,
)

__all__ = [
    "Expression",
    "check_size",
    "expr_of",
    "parse_expression",
    "place",
    "read",
    "read_at",
    "unparenthesised",
    "walk",
]

# What is nested is gone through by recursion, some five calls a level of the thousand that Python has; and of a printed
# program Python reads 200 levels of parentheses.
DEEPEST = 100
# Python itself compiles a printed sum of so many operators, and not of twice as many.
LONGEST = 5_000
_CONSTANTS: dict[str, bool | None] = {"TRUE": True, "True": True, "FALSE": False, "False": False, "NULL": None}
_SHORT = {"T": True, "F": False}
"""What R's short names mean where an argument is given one: `raw = T`."""
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'", "`": "`", "\n": "\n"}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,4})\}|([\s\S]))")

Piece = Token | Expr | Argument
"""What a rule has below it when its turn comes."""


@lru_cache(maxsize=64)
def parse_expression(text: str) -> Expr:
    """One expression, with or without `~`."""
    (expr,) = read("formula", text, start="expression")
    return expr_of(expr)


def read(
    grammar: str, text: str, *, start: str | None = None, rules: Callable[[str], Expression] | None = None
) -> list[Piece | Tree[Piece]]:
    """What stands below the start rule of `grammar` for `text`, with every expression transformed by `rules`."""
    check_text(text)
    start = start or grammar
    try:
        found = parser(grammar).parse(text, start=start)
    except UnexpectedInput as error:
        raise mistakes.explain(error, text, grammar, start) from None
    check_size(found, text)
    try:
        whole = cast("Tree[Piece]", (rules or Expression)(text).transform(found))
    except VisitError as error:
        raise error.orig_exc from None
    return whole.children


def read_at(
    grammar: str, span: Span, rules: Callable[[str], Expression], text: str | None = None, start: str | None = None
) -> list[Piece | Tree[Piece]]:
    """What stands at a place of a text, for a grammar: all places are those of the whole text.

    Parameters
    ----------
    grammar : str
    span : Span
    rules : callable
        The grammar's rules for the whole text.
    text : str, optional
        What is read instead of the characters there, of the same length.
    start : str, optional
        The rule that it is read by; the grammar's first if none is named.
    """
    whole = span.text
    inside = str(span) if text is None else text
    blank = " " * span.start + inside + " " * (len(whole) - span.end)
    try:
        return read(grammar, blank, start=start, rules=lambda _: rules(whole))
    except TildeError as error:
        where = error.span
        raise type(error)(error.message, None if where is None else Span(whole, where.start, where.end)) from None


@v_args(inline=True)
class Expression(Transformer_NonRecursive[Token, Piece]):
    """One method per rule and alias of expression.lark, for one text."""

    def __init__(self, text: str) -> None:
        super().__init__(visit_tokens=False)
        self._text = text

    def __getattr__(self, name: str) -> Callable[..., Piece]:
        # Rules that a grammar imports by name keep it; those below them are put under their own grammar's:
        # `expression__call`. Lark would merge two transformers for it, method by method, for each text.
        grammar, _, rule = name.partition("__")
        if not grammar or not rule:
            raise AttributeError(name)
        method: Callable[..., Piece] = getattr(self, rule)
        return method

    def name(self, token: Token) -> Name:
        """A name, without its backquotes."""
        quoted = token.startswith("`")
        return Name(self._unquote(token) if quoted else str(token), self._over(token))

    def quantity(self, token: Token) -> Name:
        """`sd_county[floor]`, a name as summaries write it."""
        return Name(str(token), self._over(token))

    def number(self, token: Token) -> Number:
        """A number; R's integer suffix says nothing more."""
        value = float(token.removesuffix("L"))
        if math.isinf(value):
            raise FormulaSyntaxError(f"the number {token} is too large", self._over(token))
        return Number(value, self._over(token))

    def string(self, token: Token) -> Text:
        """A string, without its quotes."""
        return Text(self._unquote(token), self._over(token))

    def constant(self, token: Token) -> Constant:
        """`TRUE`, `FALSE` or `NULL`."""
        return Constant(_CONSTANTS[token], self._over(token))

    def parens(self, opening: Token, inner: Expr, closing: Token) -> Parens:
        """`(inner)`."""
        return Parens(inner, self._over(opening, closing))

    def call(self, function: Token, *pieces: Piece) -> Call:
        """`function(arguments)`; the parentheses are pieces, too."""
        arguments = tuple(piece for piece in pieces if isinstance(piece, Argument))
        return Call(str(function), arguments, self._over(function, pieces[-1]))

    def index(self, *pieces: Piece) -> Argument:
        """One of the places in brackets, which may be empty."""
        return pieces[0] if pieces and isinstance(pieces[0], Argument) else Argument(Name(""))

    def picked(self, whole: Piece, _opening: Token, *pieces: Piece) -> Call:
        """`d[rows, columns]`."""
        indices = tuple(piece for piece in pieces if isinstance(piece, Argument))
        return Call("[", (Argument(expr_of(whole)), *indices), self._over(whole, pieces[-1]))

    def function(self, token: Token) -> Call:
        """`package::name`, a function that nothing is given."""
        return Call(str(token), (), self._over(token))

    def argument(self, first: Piece, *pieces: Piece) -> Argument:
        """`value` or `name = value`."""
        value = expr_of(pieces[-1] if pieces else first)
        match first if pieces else None:
            case Name(name) | Text(name):
                if isinstance(value, Name) and value.text in _SHORT:
                    value = Constant(_SHORT[value.text], value.span)
                return Argument(value, name, self._over(first, value))
            case _:
                return Argument(value, None, self._over(first, value))

    def unary(self, operator: Token, operand: Expr) -> Unary:
        """`-x`, `+x` or `!x`."""
        return Unary(str(operator), operand, self._over(operator, operand))

    def binary(self, left: Expr, operator: Token, right: Expr) -> Expr:
        """`left operator right`; `**` is another way to write `^`."""
        return Binary("^" if operator == "**" else str(operator), left, right, self._over(left, right))

    def tilde(self, left: Expr, _tilde: Token, right: Expr) -> Tilde:
        """`left ~ right`."""
        return Tilde(left, right, self._over(left, right))

    def three_parts(self, left: Expr, first: Token, middle: Expr, second: Token, right: Expr) -> Tilde:
        """`left ~ middle ~ right`, which R reads from the left."""
        return self.tilde(self.tilde(left, first, middle), second, right)

    def one_sided(self, tilde: Token, right: Expr) -> Tilde:
        """`~ right`."""
        return Tilde(None, right, self._over(tilde, right))

    def _over(self, first: Piece, last: Piece | None = None) -> Span:
        return place(self._text, first).join(place(self._text, first if last is None else last))

    def _unquote(self, token: Token) -> str:
        def unescape(found: re.Match[str]) -> str:
            short, braced, letter = found.groups()
            code = short or braced
            char = chr(int(code, 16)) if code else _ESCAPES.get(letter)
            if char is None or "\ud800" <= char <= "\udfff":
                start = place(self._text, token).start + 1 + found.start()
                message = f"`{found.group()}` is no escape that is known here; write a backslash itself as `\\\\`"
                raise FormulaSyntaxError(message, Span(self._text, start, start + len(found.group())))
            return char

        return _ESCAPE.sub(unescape, token[1:-1])


def expr_of(piece: Piece | Tree[Piece]) -> Expr:
    """An expression, where the grammar has nothing else."""
    assert not isinstance(piece, Tree | Token | Argument), piece
    return piece


def place(text: str, piece: Piece) -> Span:
    """Where `piece` stands in `text`."""
    if isinstance(piece, Token):
        assert piece.start_pos is not None and piece.end_pos is not None
        return Span(text, piece.start_pos, piece.end_pos)
    assert piece.span is not None, "every node that was parsed has its span"
    return piece.span


def unparenthesised(expr: Expr) -> Expr:
    """`expr` without the parentheses around all of it."""
    while isinstance(expr, Parens):
        expr = expr.inner
    return expr


def walk(expr: Expr) -> Iterator[Expr]:
    """`expr` and everything below it, in the order of the text; sums may be long, so without recursion."""
    todo: list[Expr] = [expr]
    while todo:
        node = todo.pop()
        yield node
        match node:
            case Binary(_, left, right):
                todo += [right, left]
            case Tilde(left, right):
                todo += [right] if left is None else [right, left]
            case Unary(_, inner) | Parens(inner):
                todo.append(inner)
            case Call(_, arguments):
                todo += [argument.value for argument in reversed(arguments)]
            case Name() | Number() | Text() | Constant():
                pass
            case never:
                assert_never(never)


def check_size(tree: Tree[Token], text: str) -> None:
    """Refuse what later stages cannot hold; a chain `a + b + ...` is long, not deep.

    Raises
    ------
    FormulaSyntaxError
    """
    todo: list[tuple[Tree[Token] | Token, int, int]] = [(tree, 0, 0)]
    while todo:
        node, depth, length = todo.pop()
        if depth > DEEPEST or length > LONGEST:
            deep = f"nested more than {DEEPEST} levels deep here, which is more than is read"
            long = f"more than {LONGEST:,} operators in a row, which is more than is read"
            raise FormulaSyntaxError(deep if depth > DEEPEST else long, place(text, _first(node)))
        if isinstance(node, Tree) and node.children:
            rule = node.data.rpartition("__")[2]
            first, *others = node.children
            inner = depth + (rule not in _FLAT)
            todo += [(child, inner, 0) for child in reversed(others)]
            todo.append((first, depth, length + 1) if rule == "binary" else (first, inner, 0))


_FLAT = {"formula", "expression", "prior", "target", "distribution", "argument", "name", "number", "string", "constant"}
_FLAT |= {
    "rscript",
    "arguments",
    "index",
    "hypothesis",
    "quantity",
    "stata",
    "command",
    "fixed",
    "level",
    "term",
    "option",
    "condition",
    "weight",
    "tilde",
    "three_parts",
    "one_sided",
}
"""Rules that nest nothing by themselves."""


def _first(node: Tree[Token] | Token) -> Token:
    while isinstance(node, Tree):
        node = node.children[0]
    return node
