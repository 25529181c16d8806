"""A command and the macros defined so far in, the command with what they stand for out."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.stata.traced import Traced
from tildemc.syntax.stata.written import parse_value
from tildemc.syntax.tree import Binary, Expr, Number, Unary, deparse

__all__ = ["Macros"]

_LOCAL = re.compile(r"`([^`'\n]*)'")
_GLOBAL = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_DEFINED = re.compile(r"(?:loc(?:al?)?|gl(?:o(?:b(?:al?)?)?)?)\s+(\+\+|--)?([^\W]\w*)\s*(.*)$", re.DOTALL)
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": math.pow,
}
_LONGEST = 200_000
"""Characters that a command may have once its macros are written out."""


@dataclass
class Macros:
    """The macros of a script: of each its text, or why it has none here."""

    locals: dict[str, str] = field(default_factory=dict)
    globals: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    def define(self, line: Traced) -> None:
        """Follow `local x = 1` or `global xs a b c`."""
        found = _DEFINED.match(line.text)
        if found is None:
            return
        kept = self.globals if line.text.startswith("g") else self.locals
        step, name = found[1], found[2]
        self.unread.pop(name, None)
        value = line.part(found.start(3), found.end(3))
        if step:
            sign = "+" if step == "++" else "-"
            kept[name] = _number_of(Traced.of(f"{kept.get(name, '0')} {sign} 1"))
        elif value.text.startswith(":"):
            self._leave(name, line, "what Stata finds out is not known here")
        elif value.text.startswith("="):
            self._compute(kept, name, line, value.part(1, len(value.text)))
        else:
            kept[name] = _unquoted(self.expanded(value, own=name).text.strip())

    def forget(self, name: str, line: Traced) -> None:
        """A command gives a macro a text that is not known here, as `levelsof g, local(gs)` does."""
        self._leave(
            name,
            line,
            "what Stata finds in the data is not known here: list the values, as in `foreach g in 1 2 3 {`, or write "
            "`by g:` before a command, for a model of each group",
        )

    def _compute(self, kept: dict[str, str], name: str, line: Traced, value: Traced) -> None:
        try:
            expanded = self.expanded(value, own=name).stripped()
            quoted = re.fullmatch(r'"([^"]*)"', expanded.text)
            kept[name] = quoted[1] if quoted else _number_of(expanded)
        except FormulaSyntaxError:
            self._leave(name, line, "only arithmetic of numbers is worked out here")

    def _leave(self, name: str, line: Traced, reason: str) -> None:
        self.locals.pop(name, None)
        self.globals.pop(name, None)
        self.unread[name] = f"line {line.line}: `{line.text}` is not read, since {reason}"

    def expanded(self, line: Traced, own: str = "") -> Traced:
        """A command with its macros written out, the innermost first.

        Parameters
        ----------
        line : Traced
        own : str
            A macro that is being defined: it may stand for nothing yet.

        Raises
        ------
        FormulaSyntaxError, UnsupportedError
            If the script does not say what one stands for.
        """
        line = self._all(line, _LOCAL, self.locals, own)
        return self._all(line, _GLOBAL, self.globals, own)

    def _all(self, line: Traced, pattern: re.Pattern[str], known: Mapping[str, str], own: str) -> Traced:
        while found := pattern.search(line.text):
            name = next(group for group in found.groups() if group is not None)
            line = line.with_part(found.start(), found.end(), self._text(name, known, own, line.span(*found.span())))
            if len(line.text) > _LONGEST:
                raise FormulaSyntaxError("with its macros written out this is too long to be read", line.span())
        return line

    def _text(self, name: str, known: Mapping[str, str], own: str, span: Span) -> str:
        if name.startswith('"'):
            return name
        if name.startswith("="):
            return _number_of(self.expanded(Traced.of(name[1:])))
        if name in known:
            return known[name]
        if name in self.unread:
            raise UnsupportedError(f"the macro `{name}` has no text here: {self.unread[name]}", span)
        if name == own:
            return ""
        kind = "local" if known is self.locals else "global"
        message = f"macros stand for what the text says: write `{kind} {name} …` on a line before this one"
        raise FormulaSyntaxError(message, span)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' and '"' not in text[1:-1] else text


def _number_of(text: Traced) -> str:
    """What arithmetic of numbers comes to, as Stata prints it."""
    with text.told():
        value = _worked_out(parse_value(text.text))
    return f"{value:.15g}"


def _worked_out(expr: Expr) -> float:
    match unparenthesised(expr):
        case Number(value):
            return value
        case Unary("-", operand):
            return -_worked_out(operand)
        case Unary("+", operand):
            return _worked_out(operand)
        case Binary(sign, left, right) if sign in _ARITHMETIC:
            try:
                return _ARITHMETIC[sign](_worked_out(left), _worked_out(right))
            except (ArithmeticError, ValueError):
                pass
        case _:
            pass
    raise FormulaSyntaxError(f"`{deparse(expr)}` is no arithmetic of numbers", expr.span)
