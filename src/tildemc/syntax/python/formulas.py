"""A formula of Python in, its tree out: patsy's and formulae's functions by the names that they have here."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from tildemc.errors import FormulaSyntaxError, TildeError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import parse_expression, unparenthesised
from tildemc.syntax.python.script import Script
from tildemc.syntax.rewrite import respanned, rewritten
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Parens, Text

__all__ = ["formula_in", "independent", "renamed"]

_MODULES = ("np.", "numpy.", "bmb.", "math.")
_NAMES = {"standardize": "scale", "minimum": "pmin", "maximum": "pmax"}
_CODINGS = {"Sum": "sum", "Helmert": "helmert", "Poly": "poly", "Treatment": "treatment"}
_INSTEAD = {
    "cr": "patsy's `cr()` is no function here; write `ns(x, df = 3)`, or `s(x, bs = \"cr\")` with a penalty",
    "cc": "patsy's `cc()` is no function here; write `s(x, bs = \"cc\")`",
    "te": "patsy's `te()` is no function here; write `t2(x, z)`",
}  # fmt: skip


def formula_in(node: ast.expr, script: Script) -> Expr:
    """The formula that a text in quotes writes, with its places in the whole text.

    Raises
    ------
    FormulaSyntaxError
        If it is none, with the place.
    """
    whole = script.span(node)
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        what = f"`{node.id}` is not bound in the text: bind it there" if isinstance(node, ast.Name) else "write it out"
        raise FormulaSyntaxError(f'a formula is a text in quotes, as in `"y ~ x"`; {what}', whole)
    start = whole.start + str(whole).find(node.value) if node.value in str(whole) else None

    def place(span: Span | None) -> Span | None:
        if span is None or start is None:
            return whole
        return Span(script.text, start + span.start, start + span.end)

    text = _spelled(node.value)
    start = start if text == node.value else None
    try:
        parsed = parse_expression(text)
    except TildeError as error:
        raise type(error)(error.message, place(error.span)) from None
    return respanned(parsed, place)


_LIST = re.compile(r"(?<![\w)\]])\[([^\[\]]*)\]")
_BRACES = re.compile(r"\{([^{}]*)\}")
_SUCCESS = re.compile(r"^\s*([^\W\d]\w*)\s*\[([^\[\]]+)\]\s*(?=~)")


def _spelled(text: str) -> str:
    """The text with what only formulas of Python have as it is written here: `{x * 2}`, `[5, 5]`, `y['yes'] ~`."""
    text = _SUCCESS.sub(lambda found: f"{found[1]} == {_quoted(found[2].strip())} ", text)
    return _LIST.sub(r"c(\1)", _BRACES.sub(r"I(\1)", text))


def _quoted(level: str) -> str:
    return level if level[:1] in "'\"" or level.isdigit() else f'"{level}"'


def renamed(expr: Expr, notes: list[str]) -> Expr:
    """`np.log(x)` as `log(x)`, `Q("a b")` as the column, `C(x, Treatment(reference="b"))` as R says it.

    Raises
    ------
    UnsupportedError
        For a function that is not built.
    """

    def change(node: Expr) -> Expr | None:
        match node:
            case Call("Q", (Argument(Text(name)),), span):
                return Name(name, span)
            case Call("C", (Argument(inner), *others), span):
                return _coded(rewritten(inner, change), others, span)
            case Call("T", (Argument(inner), *others), span):
                given = [Argument(Call("Treatment", tuple(others), span))] if others else []
                return _coded(rewritten(inner, change), given, span)
            case Call("binary" | "B", (Argument(inner), Argument(success, None | "success")), span):
                test = Binary("==", rewritten(inner, change), success, span)
                return Call("ifelse", (Argument(test), Argument(Number(1.0)), Argument(Number(0.0))), span)
            case Call("S", (Argument(inner),), span):
                return _coded(rewritten(inner, change), [Argument(Name("Sum"))], span)
            case Call(function, _, span) if function in _INSTEAD:
                raise UnsupportedError(_INSTEAD[function], span)
            case Call(function, arguments, span):
                name = _plain(function)
                if name == "scale":
                    notes.append("`scale()` divides by the sd of n - 1 here; in Python's formulas it is that of n")
                return Call(name, tuple(_argument(a, rewritten(a.value, change)) for a in arguments), span)
            case _:
                return None

    return rewritten(expr, change)


def _plain(function: str) -> str:
    module = next((module for module in _MODULES if function.startswith(module)), "")
    name = function.removeprefix(module)
    return _NAMES.get(name, name)


def _argument(argument: Argument, value: Expr) -> Argument:
    name = "intercept" if argument.name == "include_intercept" else argument.name
    return Argument(value, name, argument.span)


def _coded(inner: Expr, others: Sequence[Argument], span: Span | None) -> Expr:
    """`C(x)` and `C(x, Sum)`; a level that is named is the reference."""
    factor = Call("factor", (Argument(inner, None, inner.span),), span)
    if not others:
        return factor
    first = others[0].value
    name, given = (first.function, first.arguments) if isinstance(first, Call) else ("", ())
    name = first.text if isinstance(first, Name) else name
    if len(others) > 1 or name not in _CODINGS:
        listed = f'there are {", ".join(_CODINGS)}, as in `C(x, Sum)` and `C(x, Treatment(reference="b"))`'
        raise UnsupportedError(f"this coding is not built; {listed}", first.span or span)
    if name != "Treatment":
        return Call("C", (Argument(inner, None, inner.span), Argument(Name(_CODINGS[name]))), span)
    return Call("relevel", (Argument(factor), Argument(given[0].value, "ref")), span) if given else factor


def independent(expr: Expr) -> Expr:
    """Bambi's group terms: effects of a group are independent, each with an sd of its own."""

    def change(node: Expr) -> Expr | None:
        match node:
            case Parens(Binary("|", left, _) as bar, span) if not isinstance(unparenthesised(left), Number):
                return Call("diag", (Argument(bar, None, span),), span)
            case _:
                return None

    return rewritten(expr, change)
