"""The text of one SAS statement in, its parts out: what was written, before anyone asks what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from lark import Token
from lark.visitors import v_args

from tildemc.span import Span
from tildemc.syntax.expression import Expression, Piece, expr_of, place, read_at
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Parens, Text, Unary

__all__ = [
    "Classes",
    "Effect",
    "Given",
    "Made",
    "Option",
    "Response",
    "Sentence",
    "Setting",
    "parse_sas",
    "parse_value",
]


@dataclass(frozen=True, slots=True)
class Setting:
    """`ref='a'` or `descending`, of a variable."""

    name: str
    value: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Effect:
    """`a|b(c)@2`: names in order, what joins each to the next, which are nested, and how many may stand together."""

    names: tuple[Name, ...]
    joints: tuple[str, ...]
    most: int | None
    span: Span


@dataclass(frozen=True, slots=True)
class Given:
    """One factor of an option's value: `sp(exp)(t)` is a word and two groups of words."""

    word: str
    groups: tuple[tuple[str, ...], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Option:
    """`name`, or `name=given*given`."""

    name: str
    value: tuple[Given, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Response:
    """`y(event='1')` or `y/n`."""

    name: Name
    settings: tuple[Setting, ...]
    trials: Name | None


@dataclass(frozen=True, slots=True)
class Classes:
    """A variable of `class`, with what is said of it alone."""

    name: Name
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """`z = log(x)`."""

    name: Name
    value: Expr


@dataclass(frozen=True, slots=True)
class Sentence:
    """A statement in parts; `otherwise`: it begins with `else`, `delete`: rows go."""

    response: Response | None = None
    effects: tuple[Effect, ...] = ()
    classes: tuple[Classes, ...] = ()
    options: tuple[Option, ...] = ()
    name: Name | None = None
    condition: Expr | None = None
    made: Made | None = None
    otherwise: bool = False
    delete: bool = False


def parse_value(span: Span) -> Expr:
    """The expression that stands there.

    Raises
    ------
    FormulaSyntaxError
        With its place in the whole text.
    """
    (found,) = read_at("sas", span, _Sas, start="computed")
    return expr_of(found)


def parse_sas(span: Span) -> Sentence:
    """The parts of the statement that stands there.

    Raises
    ------
    FormulaSyntaxError
        With its place in the whole text.
    """
    text = span.text
    found = cast("list[object]", read_at("sas", span, _Sas))
    pieces = [piece for piece in found if not isinstance(piece, Token) or piece.type == "NAME"]
    names = [Name(str(piece), place(text, piece)) for piece in pieces if isinstance(piece, Token)]
    conditions = [piece for piece in pieces if isinstance(piece, Name | Number | Text | Call | Unary | Binary | Parens)]
    return Sentence(
        next((piece for piece in pieces if isinstance(piece, Response)), None),
        tuple(piece for piece in pieces if isinstance(piece, Effect)),
        tuple(piece for piece in pieces if isinstance(piece, Classes)),
        tuple(option for piece in pieces if isinstance(piece, tuple) for option in piece),
        names[0] if names else None,
        conditions[0] if conditions else None,
        next((piece for piece in pieces if isinstance(piece, Made)), None),
        any(isinstance(piece, Token) and piece.type == "ELSE" for piece in found),
        any(isinstance(piece, Token) and piece.type == "DELETE" for piece in found),
    )


_OPERATORS = {
    "eq": "==", "=": "==", "ne": "!=", "^=": "!=", "~=": "!=", "<>": "!=", "lt": "<", "le": "<=", "gt": ">",
    "ge": ">=", "and": "&", "or": "|", "**": "^",
}  # fmt: skip
"""What SAS's operators are here."""


@v_args(inline=True)
class _Sas(Expression):
    """One method per rule and alias of sas.lark."""

    def response(self, name: Token, *pieces: object) -> Response:
        """`y(event='1')`, `y/n`."""
        trials = [piece for piece in pieces if isinstance(piece, Token) and piece.type == "NAME"]
        settings = tuple(piece for piece in pieces if isinstance(piece, Setting))
        return Response(self._name(name), settings, self._name(trials[0]) if trials else None)

    def variable(self, name: Token, *pieces: object) -> Classes:
        """`arm(ref='a')`."""
        return Classes(self._name(name), tuple(piece for piece in pieces if isinstance(piece, Setting)))

    def setting(self, name: Token, *pieces: Token) -> Setting:
        """`ref='a'`."""
        value = _unquoted(pieces[-1]) if pieces else None
        return Setting(name.lower(), value, self._over(name, pieces[-1] if pieces else None))

    def effect(self, *pieces: object) -> Effect:
        """`a|b@2`."""
        parts = [cast("tuple[Token, ...]", piece) for piece in pieces if isinstance(piece, tuple)]
        names: list[Name] = []
        joints: list[str] = []
        between = [str(piece) for piece in pieces if isinstance(piece, Token) and piece.type == "JOINT"]
        for number, part in enumerate(parts):
            joints += [between[number - 1]] if number else []
            names += map(self._name, part)
            joints += ["*"] * (len(part) - 1)
        most = [int(float(piece)) for piece in pieces if isinstance(piece, Token) and piece.type == "NUMBER"]
        return Effect(tuple(names), tuple(joints), most[0] if most else None, self._over(names[0], names[-1]))

    def part(self, *pieces: Token) -> tuple[Token, ...]:
        """`class(school)`: a name, and what it is nested in."""
        return tuple(piece for piece in pieces if piece.type == "NAME")

    def made(self, name: Token, _assign: Token, value: Expr) -> Made:
        """`z = log(x)`."""
        return Made(self._name(name), value)

    def options(self, *pieces: object) -> tuple[Option, ...]:
        """What stands after the slash."""
        return tuple(piece for piece in pieces if isinstance(piece, Option))

    def option(self, name: Token, *pieces: object) -> Option:
        """`type=un`."""
        value = next((cast("tuple[Given, ...]", piece) for piece in pieces if _is_value(piece)), ())
        return Option(name.lower(), value, self._over(name) if not value else self._over(name).join(value[-1].span))

    def value(self, *pieces: object) -> tuple[Given, ...]:
        """`a*b`."""
        return tuple(piece for piece in pieces if isinstance(piece, Given))

    def given(self, word: Token, *groups: tuple[str, ...]) -> Given:
        """`ar(1)`."""
        return Given(_unquoted(word), groups, self._over(word))

    def group(self, *pieces: Token) -> tuple[str, ...]:
        """`(1)`."""
        return tuple(_unquoted(piece) for piece in pieces if piece.type in ("NAME", "NUMBER", "STRING"))

    def binary(self, left: Expr, operator: Token, right: Expr) -> Expr:
        """`x gt 1`; a comparison with `.` asks whether there is a value."""
        named = _OPERATORS.get(operator.lower(), str(operator))
        span = self._over(left, right)
        if right == _MISSING and named in ("==", "!="):
            test = Call("is.na", (Argument(left, None, left.span),), span)
            return test if named == "==" else Unary("!", test, span)
        return Binary(named, left, right, span)

    def unary(self, operator: Token, operand: Expr) -> Unary:
        """`not x`, `-x`."""
        return Unary(str(operator) if operator in ("-", "+") else "!", operand, self._over(operator, operand))

    def among(self, left: Expr, _in: Token, *pieces: Piece) -> Expr:
        """`x in (1, 2)`."""
        values = tuple(Argument(expr_of(p), None) for p in pieces if not isinstance(p, Token))
        span = self._over(left, pieces[-1])
        return Binary("%in%", left, Call("c", values, span), span)

    def missing(self, token: Token) -> Name:
        """`.`."""
        return Name(".", self._over(token))

    def call(self, function: Token, *pieces: Piece) -> Call:
        """`missing(x)`."""
        name = {"missing": "is.na"}.get(function.lower(), function.lower())
        inside = tuple(Argument(expr_of(p), None) for p in pieces if not isinstance(p, Token))
        return Call(name, inside, self._over(function, pieces[-1]))

    def number(self, token: Token) -> Number:
        """A number."""
        return Number(float(token), self._over(token))

    def string(self, token: Token) -> Text:
        """A text."""
        return Text(_unquoted(token), self._over(token))

    def _name(self, token: Token) -> Name:
        return Name(str(token), self._over(token))


_MISSING = Name(".")


def _is_value(piece: object) -> bool:
    return isinstance(piece, tuple) and bool(piece) and isinstance(piece[0], Given)


def _unquoted(token: Token) -> str:
    return token[1:-1] if token.type == "STRING" else str(token)
