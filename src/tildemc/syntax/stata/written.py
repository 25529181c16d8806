"""The text of a Stata command in, its parts out: what was written, before anyone asks what it means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from lark import Token
from lark.exceptions import UnexpectedInput, VisitError
from lark.visitors import v_args

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import Expression, Piece, check_size, expr_of, place
from tildemc.syntax.grammars import parser
from tildemc.syntax.ordered import ORDERED
from tildemc.syntax.stata.places import row_of
from tildemc.syntax.stata.series import is_series, series_names
from tildemc.syntax.stata.unexpected import mistake
from tildemc.syntax.stata.word import Word
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Parens

__all__ = [
    "AnyPiece", "Command", "Equation", "Given", "Option", "Parameter", "Part", "Parts", "Prefix", "Rows",
    "Term",
    "parse_command", "parse_value", "parse_with",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One side of `#`: a name, pattern or range, or terms in parentheses, under operators such as `i.`."""

    operators: tuple[Word, ...]
    name: Word | None
    inner: tuple[Term, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Term:
    """`part#part##part`."""

    parts: tuple[Part, ...]
    joints: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Parameter:
    """`{name: terms, kind}` in a prior."""

    name: str
    terms: tuple[Term, ...] | None
    kind: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Given:
    """A word of an option's argument, with what stands in parentheses after it; `,` is a word too."""

    text: str
    inner: tuple[Given, ...] | None
    span: Span
    parameter: Parameter | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """`name` or `name(given)`."""

    name: Word
    given: tuple[Given, ...] | None
    span: Span


@dataclass(frozen=True, slots=True)
class Weight:
    """`[kind = value]`."""

    kind: Word
    value: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Rows:
    """`if`, `in` or weights: one of the three."""

    span: Span
    condition: Expr | None = None
    range: Word | None = None
    weight: Weight | None = None


@dataclass(frozen=True, slots=True)
class Equation:
    """The fixed part (`level` is None) or one `|| level: terms`, with its options.

    The rows and weights of a command stand in the last equation or in the first; here they are always the first's.
    """

    level: Word | None
    terms: tuple[Term, ...]
    options: tuple[Option, ...]
    span: Span
    rows: tuple[Rows, ...] = ()

    @property
    def condition(self) -> Expr | None:
        """What stands after `if`."""
        return next((row.condition for row in self.rows if row.condition is not None), None)

    @property
    def range(self) -> Word | None:
        """What stands after `in`."""
        return next((row.range for row in self.rows if row.range is not None), None)

    @property
    def weight(self) -> Weight | None:
        """What stands in brackets."""
        return next((row.weight for row in self.rows if row.weight is not None), None)


@dataclass(frozen=True, slots=True)
class Prefix:
    """`quietly`, `bayes` or `mi estimate` with its options, `by` with the columns of its groups."""

    word: Word
    options: tuple[Option, ...] = ()
    groups: tuple[Word, ...] = ()

    @property
    def span(self) -> Span:
        """Where its name stands."""
        return self.word.span


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its prefixes, its name, the fixed part and the levels."""

    prefixes: tuple[Prefix, ...]
    name: Word
    fixed: Equation
    levels: tuple[Equation, ...]
    span: Span = field(compare=False)


def parse_command(text: str, shown: str) -> Command:
    """The parts of a command.

    Parameters
    ----------
    text : str
        The command alone: what is not part of it is blank.
    shown : str
        The whole text, of the same length, for messages.

    Raises
    ------
    FormulaSyntaxError
        Where the text goes wrong.
    """
    command = parse_with("stata", Parts(shown), text, shown)
    assert isinstance(command, Command)
    return command


def parse_value(text: str) -> Expr:
    """An expression that stands by itself, as after `generate x =`.

    Raises
    ------
    FormulaSyntaxError
        Where the text goes wrong.
    """
    value = parse_with("stata", Parts(text), text, text, start="value")
    assert isinstance(value, Expr)
    return value


def parse_with(grammar: str, parts: Parts, text: str, shown: str, *, start: str | None = None) -> object:
    """What a grammar's first rule, or the one named, comes to, by the methods of `parts`; as `parse_command`."""
    try:
        found = parser(grammar).parse(text, start=start or grammar)
    except UnexpectedInput as error:
        raise mistake(error, text, shown) from None
    check_size(found, shown)
    try:
        whole: object = parts.transform(found)
    except VisitError as error:
        raise error.orig_exc from None
    return whole


class _Placed(Protocol):
    """What knows its place."""

    @property
    def span(self) -> Span | None:
        """It."""


@v_args(inline=True)
class Parts(Expression):
    """One method per rule of stata.lark; expressions are read as every front end reads them."""

    def stata(self, *children: AnyPiece) -> Command:
        """The command with its prefixes."""
        (head,) = _of(children, _Head)
        fixed, *levels = head.equations
        fixed = _with_rows(fixed, [row for level in levels for row in level.rows])
        return Command(_of(children, Prefix), head.word, fixed, tuple(levels), head.span)

    def value(self, expr: Expr) -> Expr:
        """An expression that stands by itself."""
        return expr

    def prefix(self, *children: AnyPiece) -> Prefix:
        """`quietly`, `bayes, options:`, `by groups:`."""
        groups = (self._word(child) for child in children if isinstance(child, Token) and child.type.endswith("VAR"))
        return Prefix(self._word(children[0]), _of(children, Option), tuple(groups))

    def sorted(self, *children: Token) -> None:
        """`(t)` of `by g (t):`, the order of rows, of which no model depends."""

    def command(self, *children: AnyPiece) -> _Head:
        """The name and what follows it."""
        return _Head(self._word(children[0]), _of(children, Equation), self._around(children))

    def fixed(self, *children: AnyPiece) -> Equation:
        """The fixed part, with its conditions and options."""
        return self._equation(None, children)

    def level(self, *children: AnyPiece) -> Equation:
        """`|| level: terms, options`."""
        return self._equation(self._word(children[0]), children)

    def _equation(self, level: Word | None, children: Sequence[AnyPiece]) -> Equation:
        commas = [k for k, child in enumerate(children) if isinstance(child, Token) and child.type.endswith("COMMA")]
        if len(commas) > 1 and commas[-1] < len(children) - 1:
            message = "options stand after one comma, without commas between them"
            raise FormulaSyntaxError(message, self._around([children[commas[1]]]))
        equation = Equation(level, _of(children, Term), _of(children, Option), self._around(children))
        return _with_rows(equation, _of(children, Rows))

    def term(self, *children: AnyPiece) -> Term:
        """`part#part`."""
        joints = tuple(str(token) for token in children if isinstance(token, Token))
        return Term(_of(children, Part), joints, self._around(children))

    def part(self, *children: AnyPiece) -> Part:
        """A name under operators, or terms in parentheses."""
        operators = tuple(self._word(t) for t in children if isinstance(t, Token) and t.type == "OPERATOR")
        names = [self._word(t) for t in children if isinstance(t, Token) and t.type == "VAR"]
        return Part(operators, names[0] if names else None, _of(children, Term), self._around(children))

    def option(self, *children: AnyPiece) -> Option:
        """`name(given)`."""
        opened = len(children) > 1
        return Option(self._word(children[0]), _of(children, Given) if opened else None, self._around(children))

    def given(self, *children: AnyPiece) -> Given:
        """A word of an argument."""
        first, *others = children
        span = self._around(children)
        if isinstance(first, Parameter):
            return Given(first.name, None, span, first)
        assert isinstance(first, Token)
        if first.type == "LPAR":
            return Given("", _of(others, Given), span)
        return Given(str(first), _of(others, Given) if others else None, span)

    def parameter(self, *children: AnyPiece) -> Parameter:
        """`{name: terms, kind}`."""
        tokens = {token.type: str(token) for token in children if isinstance(token, Token)}
        terms = _of(children, Term) if "COLON" in tokens else None
        return Parameter(tokens["PARAMETER"], terms, tokens.get("OPTION"), self._around(children))

    def condition(self, word: Token, expr: Expr) -> Rows:
        """`if expression`."""
        return Rows(self._around((word, expr)), condition=expr)

    def range(self, *children: AnyPiece) -> Rows:
        """`in 1/10`."""
        return Rows(self._around(children), range=self._word(children[1]))

    def weight(self, opening: Token, kind: Token, _equals: Token, value: Expr, closing: Token) -> Rows:
        """`[pw = w]`."""
        span = self._around((opening, closing))
        return Rows(span, weight=Weight(self._word(kind), value, span))

    def virtual(self, *children: Token) -> Expr:
        """`L.x` is a column, and `2.g` is 1 where g is 2; `i.x` is no number."""
        operator, name = children
        span = self._around(children)
        if is_series(operator):
            columns = series_names(str(operator), str(name), span)
            if len(columns) == 1:
                return Name(columns[0], span)
        level = re.fullmatch(r"i?(\d+)\.", str(operator))
        if level is not None:
            return Parens(Binary("==", Name(str(name), span), Number(float(level[1]), span), span), span)
        message = f"`{operator}` stands before variables of the model, not in an expression; make a column of it first"
        raise UnsupportedError(message, span)

    def indexed(self, token: Token) -> Expr:
        """`x[_n-1]`, `x[1]`, `x[_N]`."""
        return row_of(str(token), place(self._text, token))

    def missing(self, *children: Token) -> Name:
        """`.`, no value."""
        return Name(".", place(self._text, children[0]))

    def call(self, function: Token, *pieces: Piece) -> Call:
        """`function(arguments)`."""
        if str(function) in ORDERED:
            message = f"Stata has no function `{function}()`; another row's value is `L.x`, `x[_n-1]` or `x[1]`"
            raise UnsupportedError(message, place(self._text, function))
        values = [expr_of(piece) for piece in pieces if not isinstance(piece, Token)]
        arguments = tuple(Argument(value, None, value.span) for value in values)
        return Call(str(function), arguments, self._around((function, *pieces)))

    def binary(self, left: Expr, operator: Token, right: Expr) -> Binary:
        """`left operator right`."""
        shown = "!=" if operator == "~=" else str(operator)
        return Binary(shown, left, right, self._around((left, right)))

    def _word(self, token: AnyPiece) -> Word:
        assert isinstance(token, Token)
        return Word(str(token), place(self._text, token))

    def _around(self, children: Sequence[Token | _Placed]) -> Span:
        found = [place(self._text, c) if isinstance(c, Token) else c.span for c in children]
        spans = [span for span in found if span is not None and span.start >= 0]
        if not spans:
            return Span(self._text, -1, -1)
        return Span(self._text, min(s.start for s in spans), max(s.end for s in spans))


@dataclass(frozen=True, slots=True)
class _Head:
    word: Word
    equations: tuple[Equation, ...]
    span: Span


AnyPiece = Piece | Part | Term | Parameter | Given | Option | Weight | Equation | Prefix | Command | Rows | _Head


def _with_rows(equation: Equation, more: Sequence[Rows]) -> Equation:
    """The equation with these rows too, where none of the kind is said yet."""
    for row in more:
        for kind, shown in (("condition", "if"), ("range", "in"), ("weight", "[weight]")):
            if getattr(row, kind) is not None and getattr(equation, kind) is not None:
                raise FormulaSyntaxError(f"`{shown}` stands twice", row.span)
        equation = replace(equation, rows=(*equation.rows, row))
    return equation


def _of[T](children: Sequence[AnyPiece], kind: type[T]) -> tuple[T, ...]:
    return tuple(child for child in children if isinstance(child, kind))
