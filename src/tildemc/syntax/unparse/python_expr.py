"""An expression in, Python's text of it out: a formula's for Bambi, or one over the columns of a pandas frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tildemc.syntax.expression import unparenthesised
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
    Unary,
    deparse,
    spine,
)
from tildemc.syntax.unparse.missing import either, open_columns

__all__ = ["grouped_in_pandas", "in_formula", "in_pandas"]

_FORMULAS = {
    **{name: name for name in ("log", "log2", "log10", "exp", "abs", "I", "center", "scale", "poly", "bs", "offset",
                               "hsgp", "C", "c")},
    **{name: f"np.{name}" for name in ("sqrt", "sin", "cos", "tan", "tanh", "floor", "sign", "log1p", "expm1")},
    "ceiling": "np.ceil", "pmin": "np.minimum", "pmax": "np.maximum", "round": "np.round", "factor": "C",
    "as.factor": "C",
}  # fmt: skip
"""Functions of formulas, and what Bambi's have for each."""
_CODINGS = {"sum": "Sum", "treatment": "Treatment"}
_OPERATORS = {"^": "**", "%%": "%", "%/%": "//"}
_ARITHMETIC = ("+", "-", "*", "/", "^", "%%", "%/%")
_COMPARED = ("==", "!=", "<", "<=", ">", ">=")


class _Unwritten(Exception):
    """Python, or Bambi, has no words for a part."""


def in_formula(expr: Expr) -> str | None:
    """A term of a formula as Bambi has it; None where it has none of that kind."""
    try:
        return _term(expr)
    except _Unwritten:
        return None


def _term(expr: Expr) -> str:
    match expr:
        case Text(value) if "'" not in value and '"' not in value:
            return f"'{value}'"
        case Constant(value):
            return str(value)
        case Name() | Number():
            return deparse(expr)
        case Parens(inner):
            return f"({_term(inner)})"
        case Unary(operator, operand) if operator in "+-":
            return f"{operator}{_term(operand)}"
        case Binary(_, _, _):
            return _joined(expr, _term, (":", *_ARITHMETIC, *_COMPARED))
        case Call("relevel", (Argument(Call("factor", (inner,))), Argument(base, "ref"))):
            return f"C({_term(inner.value)}, Treatment({_level(base)}))"
        case Call("C", (Argument(inner, None), Argument(Name(coding) | Text(coding), _))) if coding in _CODINGS:
            return f"C({_term(inner)}, {_CODINGS[coding]})"
        case Call("factor" | "as.factor" | "C", (Argument(inner, None),)):
            return f"C({_term(inner)})"
        case Call(function, arguments) if function in _FORMULAS and function not in ("factor", "as.factor", "C"):
            return f"{_FORMULAS[function]}({', '.join(map(_given, arguments))})"
        case _:
            raise _Unwritten


def _given(argument: Argument) -> str:
    name, value = argument.name, argument.value
    if isinstance(value, Call) and value.function == "c":
        # Bambi's formulas have no lists: one number stands for all that are alike.
        each = {_term(part.value) for part in value.arguments}
        if len(each) > 1:
            raise _Unwritten
        (shown,) = each
    else:
        shown = _term(value)
    return shown if name is None else f"{name}={shown}"


def _level(base: Expr) -> str:
    if isinstance(base, Text) and base.value.isdigit():
        # A column of numbers has levels that are numbers.
        return base.value
    return _term(base)


def _joined(expr: Binary, part: Callable[[Expr], str], known: tuple[str, ...]) -> str:
    first, nodes = spine(expr)
    if any(node.operator not in known for node in nodes):
        raise _Unwritten
    found = part(first)
    for node in nodes:
        tight = node.operator in (":", "^")
        operator = _OPERATORS.get(node.operator, node.operator)
        found += f"{operator}{part(node.right)}" if tight else f" {operator} {part(node.right)}"
    return found


# pandas

_NUMPY = {
    "log": "log", "exp": "exp", "sqrt": "sqrt", "abs": "abs", "floor": "floor", "ceiling": "ceil", "log2": "log2",
    "log10": "log10", "log1p": "log1p", "expm1": "expm1", "tanh": "tanh", "pmin": "minimum", "pmax": "maximum",
    "sin": "sin", "cos": "cos",
}  # fmt: skip
_STATISTICS = {"mean": "mean", "sd": "std", "median": "median", "min": "min", "max": "max", "sum": "sum"}
_CASTS = {"as.numeric": "float", "as.integer": "int", "as.character": "str", "factor": '"category"',
          "as.factor": '"category"'}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Pandas:
    """What writes expressions over the columns of `frame`."""

    frame: str

    def value(self, expr: Expr) -> str:
        """An expression."""
        match expr:
            case Name("NA"):
                return "np.nan"
            case Name(name):
                return f"{self.frame}[{_quoted(name)}]"
            case Text(value):
                return _quoted(value)
            case Constant(value):
                return str(value)
            case Number():
                return deparse(expr)
            case Parens(inner):
                return f"({self.value(inner)})"
            case Unary("!", operand):
                return self._negation(operand)
            case Unary(operator, operand):
                return f"{operator}{self.value(operand)}"
            case Binary("&" | "|" as operator):
                first, nodes = spine(expr, (operator,))
                return f" {operator} ".join(self._closed(part) for part in (first, *(node.right for node in nodes)))
            case Binary("%in%", value, Call("c", listed)):
                return f"{self.value(value)}.isin([{', '.join(self.value(each.value) for each in listed)}])"
            case Binary("!=", left, right):
                # To pandas what is missing is not equal to anything.
                there = [f" & {self.value(side)}.notna()" for side in (left, right) if isinstance(side, Name)]
                return f"({self.value(left)} != {self.value(right)}){''.join(there)}"
            case Binary():
                return _joined(expr, self.value, (*_ARITHMETIC, *_COMPARED))
            case Call(function, arguments):
                return self._call(function, [argument.value for argument in arguments])
            case _:
                raise _Unwritten

    def _closed(self, side: Expr) -> str:
        """In parentheses, since `&` binds more tightly than comparisons in Python."""
        compared = isinstance(side, Binary) and (side.operator in (*_COMPARED, "|"))
        return f"({self.value(side)})" if compared else self.value(side)

    def _negation(self, operand: Expr) -> str:
        match unparenthesised(operand):
            case Call("is.na", (Argument(Name() as column),)):
                return f"{self.value(column)}.notna()"
            case Call("is.na", (Argument(value),)):
                return f"pd.notna({self.value(value)})"
            case Binary("%in%", value) as test if isinstance(value, Name):
                return f"~{self.value(test)} & {self.value(value)}.notna()"
            case _:
                raise _Unwritten

    def _call(self, function: str, given: list[Expr]) -> str:
        match function, given:
            case "is.na", [Name() as column]:
                return f"{self.value(column)}.isna()"
            case "is.na", [value]:
                return f"pd.isna({self.value(value)})"
            case "I", [value]:
                return f"({self.value(value)})"
            case "ifelse", [test, yes, no]:
                chosen = f"np.where({self.value(test)}, {self.value(yes)}, {self.value(no)})"
                open_ = open_columns(test, either)
                missing = " | ".join(f"{self.value(column)}.isna()" for column in open_)
                return f"np.where({missing}, np.nan, {chosen})" if open_ else chosen
            case _, [value] if function in _STATISTICS:
                return f"{self.value(value)}.{_STATISTICS[function]}()"
            case _, [value] if function in _CASTS:
                return f"{self.value(value)}.astype({_CASTS[function]})"
            case _ if function in _NUMPY:
                return f"np.{_NUMPY[function]}({', '.join(map(self.value, given))})"
            case _:
                raise _Unwritten


def _quoted(text: str) -> str:
    if '"' in text or "\\" in text:
        raise _Unwritten
    return f'"{text}"'


def in_pandas(expr: Expr, frame: str) -> str | None:
    """An expression over the columns of a frame; None where pandas has no words for it."""
    try:
        return _Pandas(frame).value(expr)
    except _Unwritten:
        return None


def grouped_in_pandas(value: Expr, by: tuple[Name, ...], frame: str) -> str | None:
    """A statistic within groups."""
    match value:
        case Call(function, (Argument(Name(column), None),)) if function in _STATISTICS:
            named = [f'"{each.text}"' for each in by]
            groups = named[0] if len(named) == 1 else f"[{', '.join(named)}]"
            return f'{frame}.groupby({groups})["{column}"].transform("{_STATISTICS[function]}")'
        case _:
            return None
