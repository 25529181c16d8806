"""The text of a `menl` command in, its parts out: what was written, before anyone asks what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import override

from lark import Token
from lark.visitors import v_args

from tildemc.span import Span
from tildemc.syntax.stata.word import Word
from tildemc.syntax.stata.written import AnyPiece, Equation, Option, Parts, Prefix, parse_with
from tildemc.syntax.tree import Argument, Call, Constant, Expr, Name, Number, Unary

__all__ = ["COMBINATION", "LISTED", "PARAMETER", "Definition", "Menl", "number_of", "parse_menl"]

PARAMETER, COMBINATION, LISTED = "{}", "{:}", "{ }"
"""What calls stand for in expressions: `{b}`, `{lc: x1 x2}`, and `x1 x2` of a definition; no text has such names."""


@dataclass(frozen=True, slots=True)
class Definition:
    """`define(name: value)`."""

    name: Name
    value: Expr
    noconstant: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Menl:
    """A command: `menl response = value if …, options`; `rows` has its conditions."""

    prefixes: tuple[Prefix, ...]
    name: Word
    response: Word
    value: Expr
    rows: Equation
    definitions: tuple[Definition, ...]
    options: tuple[Option, ...]
    span: Span


def parse_menl(text: str, shown: str) -> Menl:
    """The parts of a command; as `parse_command`."""
    command = parse_with("menl", _MenlParts(shown), text, shown)
    assert isinstance(command, Menl)
    return command


def number_of(expr: Expr) -> float:
    """The number that a starting value is."""
    match expr:
        case Unary("-", Number(value)):
            return -value
        case Number(value):
            return value
        case _:
            raise AssertionError(expr)


@v_args(inline=True)
class _MenlParts(Parts):
    """One method per rule of menl.lark, beside those of stata.lark."""

    def menl(self, *children: AnyPiece | Definition) -> Menl:
        """The command."""
        tokens = [child for child in children if isinstance(child, Token)]
        name, response = tokens[0], tokens[1]
        [value] = [child for child in children if isinstance(child, Expr)]
        definitions = tuple(child for child in children if isinstance(child, Definition))
        options = tuple(child for child in children if isinstance(child, Option))
        prefixes = tuple(child for child in children if isinstance(child, Prefix))
        others = (child for child in children if not isinstance(child, Definition))
        rows = self.fixed(*(child for child in others if not isinstance(child, Expr | Option | Prefix | Token)))
        span = self._around([child for child in children if not isinstance(child, Prefix)])
        return Menl(prefixes, self._word(name), self._word(response), value, rows, definitions, options, span)

    def definition(self, *children: Token | Expr) -> Definition:
        """`define(name: value)`."""
        tokens = [child for child in children if isinstance(child, Token)]
        [value] = [child for child in children if isinstance(child, Expr)]
        words = [str(token) for token in tokens if token.type.endswith("OPTION")]
        return Definition(self.name(tokens[2]), value, _no_constant(words), self._around(children))

    def listed(self, *children: Expr) -> Expr:
        """The terms of a linear combination."""
        return Call(LISTED, tuple(map(Argument, children)), self._around(children))

    def braced(self, *children: Token | Expr) -> Expr:
        """`{b}`, `{b = 2}` or `{lc: x1 U[g], noconstant}`."""
        tokens = {token.type.rpartition("__")[2]: token for token in children if isinstance(token, Token)}
        name, span = Argument(self.name(tokens["NAME"])), self._around(children)
        if "COLON" in tokens:
            words = [str(token) for token in children if isinstance(token, Token) and token.type.endswith("OPTION")]
            items = tuple(Argument(child) for child in children if not isinstance(child, Token))
            said = {"noconstant": _no_constant(words), "xb": "xb" in words}
            options = tuple(Argument(Constant(True), option) for option, given in said.items() if given)
            return Call(COMBINATION, (name, *items, *options), span)
        if "NUMBER" not in tokens:
            return Call(PARAMETER, (name,), span)
        value: Expr = self.number(tokens["NUMBER"])
        value = Unary("-", value, span) if tokens.get("SIGN") == "-" else value
        return Call(PARAMETER, (name, Argument(value)), span)

    @override
    def virtual(self, *children: Token) -> Expr:
        """`i.x`, a variable of a linear combination."""
        operator, name = children
        return Name(f"{operator}{name}", self._around(children))


def _no_constant(words: list[str]) -> bool:
    return any("noconstant".startswith(word) and len(word) > 4 for word in words)
