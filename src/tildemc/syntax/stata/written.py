"""The text of a Stata command in, its parts out: what was written, before anyone asks what it means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError
from lark.visitors import merge_transformers, v_args

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import Expression, Piece, check_size, expr_of, place
from tildemc.syntax.grammars import parser
from tildemc.syntax.stata.word import Word
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name

__all__ = [
    "AnyPiece", "Command", "Equation", "Given", "Option", "Parameter", "Part", "Parts", "Prefix", "Term",
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
class Equation:
    """The fixed part (`level` is None) or one `|| level: terms`, with its options."""

    level: Word | None
    terms: tuple[Term, ...]
    options: tuple[Option, ...]
    span: Span
    rows: Expr | None = None
    range: Word | None = None
    weight: Weight | None = None


@dataclass(frozen=True, slots=True)
class Prefix:
    """`quietly`, or `bayes` with its options."""

    word: Word
    options: tuple[Option, ...] = ()

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
        raise _mistake(error, text, shown) from None
    check_size(found, shown)
    # Rules that a grammar imports with others that need them are put under `stata__`.
    transformer = merge_transformers(parts, stata=parts)  # type: ignore[no-untyped-call]
    try:
        whole: object = transformer.transform(found)
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
        return Command(_of(children, Prefix), head.word, fixed, tuple(levels), head.span)

    def value(self, expr: Expr) -> Expr:
        """An expression that stands by itself."""
        return expr

    def prefix(self, *children: AnyPiece) -> Prefix:
        """`quietly`, `bayes, options:`."""
        return Prefix(self._word(children[0]), _of(children, Option))

    def command(self, *children: AnyPiece) -> _Head:
        """The name and what follows it."""
        return _Head(self._word(children[0]), _of(children, Equation), self._around(children))

    def fixed(self, *children: AnyPiece) -> Equation:
        """The fixed part, with its conditions and options."""
        rows, ranges, weights = _of(children, _Rows), _of(children, _Range), _of(children, Weight)
        for given, shown in ((rows, "if"), (ranges, "in"), (weights, "weights")):
            if len(given) > 1:
                raise FormulaSyntaxError(f"`{shown}` stands twice", given[1].span)
        return Equation(
            None,
            _of(children, Term),
            _of(children, Option),
            self._around(children),
            rows[0].expr if rows else None,
            ranges[0].word if ranges else None,
            weights[0] if weights else None,
        )

    def level(self, *children: AnyPiece) -> Equation:
        """`|| level: terms, options`."""
        word = self._word(children[0])
        return Equation(word, _of(children, Term), _of(children, Option), self._around(children))

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

    def condition(self, word: Token, expr: Expr) -> _Rows:
        """`if expression`."""
        return _Rows(expr, self._around((word, expr)))

    def range(self, *children: AnyPiece) -> _Range:
        """`in 1/10`."""
        return _Range(self._word(children[1]), self._around(children))

    def weight(self, opening: Token, kind: Token, _equals: Token, value: Expr, closing: Token) -> Weight:
        """`[pw = w]`."""
        return Weight(self._word(kind), value, self._around((opening, closing)))

    def virtual(self, *children: Token) -> Expr:
        """`i.x`, which is no number."""
        operator, _name = children
        message = f"`{operator}` stands before variables of the model, not in an expression; make a column of it first"
        raise UnsupportedError(message, self._around(children))

    def missing(self, *children: Token) -> Name:
        """`.`, no value."""
        return Name(".", place(self._text, children[0]))

    def call(self, function: Token, *pieces: Piece) -> Call:
        """`function(arguments)`."""
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
class _Rows:
    expr: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class _Range:
    word: Word
    span: Span


@dataclass(frozen=True, slots=True)
class _Head:
    word: Word
    equations: tuple[Equation, ...]
    span: Span


AnyPiece = (
    Piece | Part | Term | Parameter | Given | Option | Weight | Equation | Prefix | Command | _Rows | _Range | _Head
)


def _of[T](children: Sequence[AnyPiece], kind: type[T]) -> tuple[T, ...]:
    return tuple(child for child in children if isinstance(child, kind))


# Mistakes

_CHARACTERS = {
    "`'": "this is a macro; write out what it stands for",
    "$": "this is a global macro; write out what it stands for",
    "“”": 'curly quotes quote nothing; write `"`',
    "{}": "braces belong to loops and programs; write one command",
    ";": "one command at a time, without `;`",
    '"': "a quoted text stands only in `if` and in options",
    "~": "a formula with `~` is no Stata command; begin with the command, as in `mixed y x || g:`",
}


def _mistake(error: UnexpectedInput, text: str, shown: str) -> FormulaSyntaxError:
    """The sentence for the place where the parser stopped."""
    if isinstance(error, UnexpectedCharacters):
        assert error.pos_in_stream is not None
        at = error.pos_in_stream
        span = Span(shown, at, at + 1)
        for characters, sentence in _CHARACTERS.items():
            if text[at] in characters:
                return FormulaSyntaxError(sentence, span)
        return _expected(set(error.allowed), text[:at], text[at], span, ended=False)
    assert isinstance(error, UnexpectedToken), "an LALR parser stops at a character or at a token"
    ended = error.token.type == "$END"
    token = error.token
    end = len(text.rstrip())
    assert ended or (token.start_pos is not None and token.end_pos is not None)
    span = Span(shown, max(0, end - 1), end) if ended else Span(shown, token.start_pos, token.end_pos)
    before = text if ended else text[: span.start]
    return _expected(set(error.accepts or error.expected), before, str(token), span, ended=ended)


def _expected(expected: set[str], before: str, found: str, span: Span, *, ended: bool) -> FormulaSyntaxError:
    opened = _unclosed(before)
    if ended and opened is not None:
        mark = before[opened]
        kind = {"(": "parenthesis", "[": "bracket", "{": "brace"}[mark]
        return FormulaSyntaxError(f"this {kind} is never closed", Span(span.text, opened, opened + 1))
    shown = "the end" if ended else f"`{found}`"
    options = _in_options(before)
    for needed, sentence in (
        ("RBRACE", "a parameter ends with `}}`, as in `{{y:x}}`; it is missing before {found}"),
        ("COLON", "a level is written with a colon, as in `|| school:`; it is missing before {found}"),
        ("ASSIGN", "the response is followed by `=`, as in `menl y = {{a}} * x`; it is missing before {found}"),
    ):
        if needed in expected and len(expected - {"LPAR"}) <= 3 and "COMMA" not in expected - {"COLON"}:
            return FormulaSyntaxError(sentence.format(found=shown), span)
    if ended and not before.strip():
        message = "the text holds no command; write one such as `mixed y x || g:`"
        return FormulaSyntaxError(message, Span(span.text, 0, 0))
    if before.rstrip().endswith("||"):
        message = f"after `||` stands the variable of a level and a colon, as in `|| school:`, not {shown}"
        span = Span(span.text, span.end - 2, span.end) if ended else span
        return FormulaSyntaxError(message, span)
    if found in ("if", "in", "[") and not ended:
        message = f"`{found}` belongs to the fixed part: write it before the first `||` and before the comma"
        return FormulaSyntaxError(message, span)
    if found == ")":
        return FormulaSyntaxError("this closing parenthesis was never opened", span)
    if found == "," and options:
        return FormulaSyntaxError("options stand after one comma, without commas between them", span)
    if found == "=" and not options:
        return FormulaSyntaxError("`=` assigns; to compare write `==`", span)
    what = "an option" if options else "a variable" if "VAR" in expected else "this"
    reason = f"{shown} cannot stand here" + (f", where {what} is expected" if what != "this" else "")
    if found == "|":
        reason += "; levels begin with `||`, and R's `(x | g)` is `|| g: x, covariance(unstructured)`"
    return FormulaSyntaxError(reason, span)


def _in_options(before: str) -> bool:
    """Whether the place after `before` is among the options."""
    tail = re.split(r"\|\|", before)[-1]
    depth = 0
    for character in tail:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            return True
    return False


def _unclosed(before: str) -> int | None:
    """Where the last bracket opens that nothing closes."""
    opened: list[int] = []
    for at, character in enumerate(before):
        if character in "([{":
            opened.append(at)
        elif character in ")]}" and opened:
            opened.pop()
    return opened[-1] if opened else None
