"""Expressions of pandas and NumPy in, those of formulas out: `d["x"] > 1`, `np.log(d.x)`, `d.x.isin([1, 2])`.

A comparison with a missing value does not hold in pandas, so that its negation does: `is.na(x)` says so.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

from tildemc.errors import TildeError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.rewrite import called, literal
from tildemc.syntax.tree import Argument, Binary, Call, Constant, Expr, Name, Number, Parens, Text, Unary

__all__ = ["Values"]

_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^", ast.Mod: "%%", ast.FloorDiv: "%/%",
}  # fmt: skip
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_BOTH = (ast.BitAnd, ast.And)
_EITHER = (ast.BitOr, ast.Or)
_FUNCTIONS = {
    **{name: name for name in ("log", "exp", "sqrt", "abs", "floor", "log2", "log10", "log1p", "expm1", "sin", "cos")},
    "ceil": "ceiling", "minimum": "pmin", "maximum": "pmax", "tanh": "tanh",
}  # fmt: skip
"""NumPy's functions, and what each is here."""
_STATISTICS = {"mean": "mean", "std": "sd", "median": "median", "min": "min", "max": "max", "sum": "sum"}
"""What pandas works out of a column, and what each is here."""
_SAME = {
    **dict.fromkeys(("float", "float64"), "as.numeric"), **dict.fromkeys(("int", "int64", "Int64"), "as.integer"),
    **dict.fromkeys(("str", "string", "object"), "as.character"), "category": "factor",
}  # fmt: skip
"""What `astype()` makes of a column, and what does so here."""


@dataclass(frozen=True, slots=True)
class Values:
    """What reads expressions over the columns of one frame.

    Attributes
    ----------
    frame : frozenset of str
        What the text calls it.
    place : callable
        Where a part stands in the text.
    bare : bool
        Whether columns stand by their names alone, as in `query()`.
    """

    frame: frozenset[str]
    place: Callable[[ast.expr], Span]
    bare: bool = False

    def column(self, node: ast.expr) -> Name | None:
        """The column that `d["x"]` or `d.x` is, if it is one."""
        match node:
            case ast.Subscript(ast.Name(frame), ast.Constant(str(name))) if frame in self.frame:
                return Name(name, self.place(node))
            case ast.Attribute(ast.Name(frame), name) if frame in self.frame:
                return Name(name, self.place(node))
            case ast.Name(name) if self.bare:
                return Name(name, self.place(node))
            case _:
                return None

    def value(self, node: ast.expr) -> Expr:
        """An expression.

        Raises
        ------
        UnsupportedError
            With its place, if it is none that formulas can say.
        """
        found = self.column(node)
        if found is not None:
            return found
        span = self.place(node)
        match node:
            case ast.Constant(bool(value)):
                return Constant(value, span)
            case ast.Constant(int(value) | float(value)):
                return Number(float(value), span)
            case ast.Constant(str(value)):
                return Text(value, span)
            case ast.Attribute(ast.Name("np" | "numpy"), "nan") | ast.Attribute(ast.Name("pd"), "NA"):
                return Name("NA", span)
            case ast.UnaryOp(ast.USub(), operand):
                inner = self.value(operand)
                return literal(-inner.value) if isinstance(inner, Number) else Unary("-", _closed(inner), span)
            case ast.BinOp(left, operator, right) if type(operator) in _ARITHMETIC:
                sides = _closed(self.value(left)), _closed(self.value(right))
                return Binary(_ARITHMETIC[type(operator)], *sides, span)
            case ast.Call():
                return self._call(node)
            case _ if _is_test(node):
                return self.truth(node)
            case _:
                raise self.unread(node)

    def unread(self, node: ast.expr) -> TildeError:
        """The sentence for what cannot be said here."""
        shown = " ".join(ast.unparse(node).split())
        return UnsupportedError(
            f"`{shown}` is not read: prepare the data first; everything else of this text is read", self.place(node)
        )

    # Conditions

    def truth(self, node: ast.expr, *, negated: bool = False) -> Expr:
        """A condition as pandas keeps rows by it, or where it does not hold."""
        span = self.place(node)
        match node:
            case ast.UnaryOp(ast.Invert() | ast.Not(), operand):
                return self.truth(operand, negated=not negated)
            case ast.BinOp(left, ast.BitAnd() | ast.BitOr() as joint, right):
                return self._joined([left, right], isinstance(joint, _BOTH) != negated, span, negated=negated)
            case ast.BoolOp(joint, values):
                return self._joined(values, isinstance(joint, _BOTH) != negated, span, negated=negated)
            case ast.Compare(left, operators, others):
                return self._compared(left, operators, others, span, negated=negated)
            case ast.Call(ast.Attribute(column, "isna" | "isnull" | "notna" | "notnull" as name), []):
                test: Expr = Call("is.na", (Argument(self.value(column)),), span)
                return test if name.startswith("is") != negated else Unary("!", test, span)
            case ast.Call(ast.Attribute(column, "isin"), [ast.List(values) | ast.Tuple(values)]):
                return self._among(column, values, span, negated=negated)
            case ast.Call(ast.Attribute(column, "between"), [low, high]):
                value = self.value(column)
                both: list[Expr] = [
                    Binary(">=", value, self.value(low), span),
                    Binary("<=", value, self.value(high), span),
                ]
                return _either_missing([value], _negation(both), span) if negated else _all(both, "&", span)
            case _:
                found = self.value(node)
                return Unary("!", _closed(found), span) if negated else found

    def _joined(self, values: list[ast.expr], both: bool, span: Span, *, negated: bool) -> Expr:
        return _all([_within(self.truth(value, negated=negated)) for value in values], "&" if both else "|", span)

    def _compared(
        self, left: ast.expr, operators: list[ast.cmpop], others: list[ast.expr], span: Span, *, negated: bool
    ) -> Expr:
        found: list[Expr] = []
        for operator, right in zip(operators, others, strict=True):
            match operator, right:
                case ast.In() | ast.NotIn(), ast.List(values) | ast.Tuple(values):
                    found.append(self._among(left, values, span, negated=isinstance(operator, ast.NotIn) != negated))
                case _ if type(operator) in _COMPARED:
                    found.append(self._one(_COMPARED[type(operator)], left, right, span, negated=negated))
                case _:
                    raise self.unread(right)
            left = right
        return _all(found, "|" if negated else "&", span)

    def _one(self, operator: str, left: ast.expr, right: ast.expr, span: Span, *, negated: bool) -> Expr:
        sides = self.value(left), self.value(right)
        plain = Binary(_OPPOSITE[operator] if negated else operator, *sides, span)
        # `!=` is the negation of `==` to pandas too.
        return _either_missing(sides, plain, span) if negated != (operator == "!=") else plain

    def _among(self, column: ast.expr, values: list[ast.expr], span: Span, *, negated: bool) -> Expr:
        value = self.value(column)
        listed = Call("c", tuple(Argument(self.value(each)) for each in values), span)
        found = Binary("%in%", value, listed, span)
        return Unary("!", Parens(found, span), span) if negated else found

    # Calls

    def _call(self, node: ast.Call) -> Expr:
        span = self.place(node)
        match node:
            case ast.Call(ast.Attribute(ast.Name("np" | "numpy"), "where"), [test, yes, no]):
                return called("ifelse", self.certain(test), self.value(yes), self.value(no), span=span)
            case ast.Call(ast.Attribute(ast.Name("np" | "numpy"), name), [_, *_] as given) if name in _FUNCTIONS:
                return called(_FUNCTIONS[name], *map(self.value, given), span=span)
            case ast.Call(ast.Attribute(ast.Name("pd"), "isna" | "notna" as name), [value]):
                missing = called("is.na", self.value(value), span=span)
                return missing if name == "isna" else Unary("!", missing, span)
            case _ if _is_test(node):
                return self.truth(node)
            case ast.Call(ast.Attribute(value, method), given):
                return self._method(node, self.value(value), method, given)
            case _:
                raise self.unread(node)

    def _method(self, node: ast.Call, column: Expr, method: str, given: list[ast.expr]) -> Expr:
        """`d["x"].fillna(0)` and kin."""
        span = self.place(node)
        match method, given:
            case _, [] if method in _STATISTICS:
                return called(_STATISTICS[method], column, span=span)
            case "abs", []:
                return called("abs", column, span=span)
            case "fillna", [instead]:
                return called("ifelse", called("is.na", column, span=span), self.value(instead), column, span=span)
            case "clip", [low, high]:
                return called("pmin", called("pmax", column, self.value(low), span=span), self.value(high), span=span)
            case "astype", [ast.Name(kind) | ast.Constant(str(kind))] if kind in _SAME:
                if isinstance(column, Name | Call | Number):
                    return called(_SAME[kind], column, span=span)
                return called("ifelse", column, Number(1.0, span), Number(0.0, span), span=span)
            case _:
                raise self.unread(node)

    def certain(self, node: ast.expr) -> Expr:
        """A condition that is true or false of every row: to NumPy a comparison with nothing is false."""
        found = self.truth(node)
        match found:
            case Binary(operator, left, right, span) if operator in _OPPOSITE:
                there = [
                    Unary("!", called("is.na", side, span=span), span) for side in (left, right) if _may_lack(side)
                ]
                return _all([*there, found], "&", span)
            case _:
                return found

    def grouped(self, node: ast.expr) -> tuple[Expr, tuple[Name, ...]]:
        """A value, and the columns within whose groups it is worked out: `d.groupby("g")["x"].transform("mean")`."""
        match node:
            case ast.Call(
                ast.Attribute(
                    ast.Subscript(ast.Call(ast.Attribute(ast.Name(frame), "groupby"), [by]), ast.Constant(str(name))),
                    "transform",
                ),
                [ast.Constant(str(statistic))],
            ) if frame in self.frame and statistic in _STATISTICS:
                span = self.place(node)
                groups = by.elts if isinstance(by, ast.List) else [by]
                names = [Name(str(g.value), span) for g in groups if isinstance(g, ast.Constant)]
                return called(_STATISTICS[statistic], Name(name, span), span=span), tuple(names)
            case _:
                return self.value(node), ()


def _is_test(node: ast.expr) -> bool:
    match node:
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(ast.Invert() | ast.Not()):
            return True
        case ast.BinOp(_, ast.BitAnd() | ast.BitOr()):
            return True
        case ast.Call(ast.Attribute(_, name)):
            return name in ("isna", "isnull", "notna", "notnull", "isin", "between")
        case _:
            return False


def _closed(expr: Expr) -> Expr:
    """In parentheses where an operator beside it would take only a part."""
    return Parens(expr, expr.span) if isinstance(expr, Binary) else expr


def _within(expr: Expr) -> Expr:
    return Parens(expr, expr.span) if isinstance(expr, Binary) and expr.operator in "&|" else expr


def _all(tests: list[Expr], operator: str, span: Span | None) -> Expr:
    return reduce(lambda one, other: Binary(operator, one, other, span), tests)


def _negation(tests: list[Expr]) -> Expr:
    return Unary("!", Parens(_all(tests, "&", tests[0].span)), tests[0].span)


def _may_lack(side: Expr) -> bool:
    return not isinstance(side, Number | Text | Constant)


def _either_missing(sides: list[Expr] | tuple[Expr, ...], plain: Expr, span: Span | None) -> Expr:
    """Where one side is missing, or that holds."""
    lacking: list[Expr] = [called("is.na", side, span=span) for side in sides if _may_lack(side)]
    return Parens(_all([*lacking, plain], "|", span), span) if lacking else plain
