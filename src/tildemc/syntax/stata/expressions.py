"""Stata's expressions in, those of formulas out: conditions that are true or false, and numbers.

A missing value is larger than any number in Stata, so that each of its comparisons holds or does not, whatever is
missing; `is.na(x)` says so where it matters.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from tildemc.errors import FormulaSyntaxError, SemanticError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.comparing import MIRRORED, holds_for_missing
from tildemc.syntax.expression import unparenthesised, walk
from tildemc.syntax.ordered import ORDERED
from tildemc.syntax.rewrite import called
from tildemc.syntax.stata.functions import WORKED_OUT, choice, extreme, irecoded, is_there, not_read, recoded_to
from tildemc.syntax.stata.places import PLACES, so_far
from tildemc.syntax.tree import Binary, Call, Expr, Name, Number, Parens, Text, Unary, spine

__all__ = ["condition", "keeps_missing", "number", "number_or_none", "truth"]


@dataclass(frozen=True, slots=True)
class _Mode:
    """How comparisons with what is missing are asked for.

    Attributes
    ----------
    test : bool
        Whether a comparison must be true or false of every row; else it may be neither of one that is not kept.
    there : collection of str
        The columns that have a value wherever it matters.
    """

    test: bool = False
    there: Collection[str] = ()


_COMPARED = ("==", "!=", "<", "<=", ">", ">=")
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_DUAL = {"&": "|", "|": "&"}
_TESTS = ("missing", "mi", "inlist", "inrange")
_SAME = ("exp", "sqrt", "abs", "floor", "ceil", "ln", "log", "int", "trunc", "log10", "tanh", "lngamma")
_KNOWN = (*_TESTS, *_SAME, "cond", "irecode", "recode", "max", "min", "mod", "sum")
_SAME_AS = {"ln": "log", "int": "trunc", "ceil": "ceiling", "lngamma": "lgamma", "max": "pmax", "min": "pmin"}


def truth(expr: Expr, *, negated: bool = False, there: Collection[str] = ()) -> Expr:
    """Where rows are kept by what Stata takes for true; or, `negated`, where they are not.

    Parameters
    ----------
    expr : Expr
    negated : bool
    there : collection of str
        Columns without which a row is left out in any case.

    Raises
    ------
    FormulaSyntaxError, SemanticError, UnsupportedError
    """
    there = there if negated else {*there, *_asked_for(expr)}
    return _truth(expr, negated=negated, mode=_Mode(there=there))


def _asked_for(expr: Expr) -> Iterator[str]:
    """The columns that a condition asks a value of, beside what else it asks: `x > 1 & !missing(x)`."""
    first, nodes = spine(unparenthesised(expr), "&")
    for part in map(unparenthesised, (first, *(node.right for node in nodes))):
        match part:
            case Unary("!" | "~", Call("missing" | "mi", arguments)):
                yield from (one.value.text for one in arguments if isinstance(one.value, Name))
            case Binary("<" | "!=", Name(text), Name(".")):
                yield text
            case Binary("&"):
                yield from _asked_for(part)
            case _:
                pass


def condition(expr: Expr) -> Expr:
    """The same as a test for `ifelse()`: it is true or false of every row, whatever is missing there."""
    return _truth(expr, negated=False, mode=_Mode(test=True))


def keeps_missing(expr: Expr, there: Collection[str] = ()) -> bool:
    """Whether a comparison of Stata's holds for some row with a missing value, beside those that ask for it."""
    there = {*there, *_asked_for(expr)}
    return any(
        isinstance(node, Binary)
        and node.operator in ("<", "<=", ">", ">=", "!=")
        and not isinstance(unparenthesised(node.right if "<" in node.operator else node.left), Number)
        and Name(".") not in (node.left, node.right)
        and not (is_there(node.left, there) and is_there(node.right, there))
        for node in walk(expr)
    )


def number(expr: Expr) -> Expr:
    """The value of an expression: a condition is 1 or 0."""
    if _is_test(expr):
        return choice(condition(expr), Number(1.0), Number(0.0), expr.span)
    first, nodes = spine(expr, "+-*/^")
    found = _operand(first)
    for node in nodes:
        found = Binary(node.operator, found, number(node.right), node.span)
    return found


def _is_test(expr: Expr) -> bool:
    match expr:
        case Binary(operator):
            return operator in (*_COMPARED, "&", "|")
        case Unary(operator):
            return operator in "!~"
        case Parens(inner):
            return _is_test(inner)
        case Call(function):
            return function in _TESTS
        case _:
            return False


def _operand(expr: Expr) -> Expr:
    match expr:
        case Unary(operator, operand, span):
            return Unary(operator, number(operand), span)
        case Parens(inner, span):
            return Parens(number(inner), span)
        case Call():
            return _function(expr)
        case Name(".", span):
            raise SemanticError("`.` is Stata's missing value; write `missing(x)` or `x == .`", span)
        case Name(text, span) if text in PLACES:
            return called(PLACES[text], span=span)
        case Binary():
            return number(expr)
        case _:
            return expr


def _function(written: Call) -> Expr:
    given = [argument.value for argument in written.arguments]
    if written.function == "r" or written.function in ORDERED:
        # What a command left behind, or another row: the script knows.
        return written
    if written.function == "cond" and len(given) in (3, 4):
        yes, no = number_or_none(given[1]), number_or_none(given[2])
        return choice(condition(given[0]), yes, no, written.span)
    values = [number(value) for value in given]
    if written.function == "sum" and len(values) == 1:
        return so_far(values[0], written.span)
    if written.function == "mod" and len(values) == 2:
        return Parens(Binary("%%", values[0], values[1], written.span), written.span)
    if written.function in ("max", "min") and len(values) > 1:
        return extreme(_SAME_AS[written.function], values)
    if written.function == "log10" and len(values) == 1:
        return Parens(Binary("/", called("log", values[0]), called("log", Number(10.0)), written.span), written.span)
    if (written.function, len(values)) in WORKED_OUT:
        return Parens(WORKED_OUT[written.function, len(values)](values), written.span)
    if written.function == "recode" and len(values) > 1:
        return recoded_to(values[0], values[1:])
    if written.function in ("string", "strofreal") and len(values) == 1 and isinstance(values[0], Name):
        return called("as.character", values[0], span=written.span)
    if written.function == "irecode" and len(values) > 1:
        return irecoded(values[0], values[1:])
    if written.function not in _SAME:
        raise UnsupportedError(not_read(written.function, _KNOWN), written.span)
    return called(_SAME_AS.get(written.function, written.function), *values, span=written.span)


def number_or_none(expr: Expr) -> Expr:
    """A value that may be `.`, none."""
    return Name("NA", expr.span) if unparenthesised(expr) == Name(".") else number(expr)


def _truth(expr: Expr, *, negated: bool, mode: _Mode) -> Expr:
    first, nodes = spine(expr, "&|")
    if not negated and nodes and all(node.operator == "|" for node in nodes):
        # What stands beside `missing(x) |` matters only where x is there.
        gone = {name for part in (first, *(node.right for node in nodes)) for name in _said_missing(part)}
        mode = replace(mode, there={*mode.there, *gone})
    found = _part(first, negated=negated, mode=mode)
    for node in nodes:
        right = _truth(node.right, negated=negated, mode=mode)
        operator = _DUAL[node.operator] if negated else node.operator
        if operator == "&":
            found, right = _closed(found), _closed(right)
        found = Binary(operator, found, right, node.span)
    return found


def _said_missing(part: Expr) -> Iterator[str]:
    """The columns one of whose missing values makes a part true: `missing(x)`, `x == .`."""
    match unparenthesised(part):
        case Call("missing" | "mi", arguments):
            yield from (one.value.text for one in arguments if isinstance(one.value, Name))
        case Binary("==", Name(text), Name(".")):
            yield text
        case _:
            pass


def _closed(expr: Expr) -> Expr:
    """In parentheses where `&` would take only a part of it."""
    return Parens(expr, expr.span) if isinstance(expr, Binary) and expr.operator == "|" else expr


def _part(expr: Expr, *, negated: bool, mode: _Mode) -> Expr:
    match expr:
        case Parens(inner, span):
            found = _truth(inner, negated=negated, mode=mode)
            return found if isinstance(found, Parens | Call | Unary) else Parens(found, span)
        case Unary("!" | "~", operand):
            return _part(operand, negated=not negated, mode=mode)
        case Binary(operator, left, right, span) if operator in _COMPARED:
            return _compared(_OPPOSITE[operator] if negated else operator, left, right, span, mode=mode)
        case Call(function, arguments, span) if function in _TESTS:
            tested = _TEST[function]([argument.value for argument in arguments], span, negated, mode)
            if tested is None:
                raise FormulaSyntaxError(f"`{function}()` lacks an argument", span)
            return tested
        case _:
            return _compared("==" if negated else "!=", expr, Number(0.0, expr.span), expr.span, mode=mode)


def _compared(operator: str, left: Expr, right: Expr, span: Span | None, *, mode: _Mode) -> Expr:
    """A comparison as Stata makes it; as a test it is false, not open, where what it compares is missing."""
    if unparenthesised(left) in _NONE and unparenthesised(right) not in _NONE:
        left, right, operator = right, left, MIRRORED.get(operator, operator)
    if unparenthesised(right) in _NONE:
        return _with_none(operator, number(left), right, span)
    one, other = number(left), number(right)
    plain: Expr = Binary(operator, one, other, span)
    lacks, other_lacks = _lacks(one, span, mode), _lacks(other, span, mode)
    kept = holds_for_missing(operator, lacks, other_lacks, span)
    if mode.test:
        # What is missing is no question any more where the comparison holds for that.
        there = [Unary("!", test, span) for test in (lacks, other_lacks) if test is not None and test != kept]
        plain = reduce(lambda found, test: Binary("&", test, found, span), reversed(there), plain)
    return plain if kept is None else Parens(Binary("|", kept, plain, span), span)


_NONE = (Name("."), Text(""))


def _with_none(operator: str, other: Expr, none: Expr, span: Span | None) -> Expr:
    """`x == .` and `x >= .` are `is.na(x)`; `x != .` and `x < .` are `!is.na(x)`."""
    test = called("is.na", other, span=span)
    if operator in ("==", ">="):
        return test
    if operator in ("!=", "<"):
        return Unary("!", test, span)
    raise SemanticError("`.` is Stata's missing value; write `missing(x)` or `!missing(x)`", none.span)


def _lacks(side: Expr, span: Span | None, mode: _Mode) -> Expr | None:
    return None if is_there(side, mode.there) else called("is.na", side, span=span)


def _missing(values: Sequence[Expr], span: Span | None, negated: bool, _mode: _Mode) -> Expr | None:
    tests: list[Expr] = [called("is.na", number(value), span=span) for value in values]
    tests = [Unary("!", test, span) for test in tests] if negated else tests
    return _joined("&" if negated else "|", tests, span)


def _among(values: Sequence[Expr], span: Span | None, negated: bool, mode: _Mode) -> Expr | None:
    operator = "!=" if negated else "=="
    tests = [_compared(operator, values[0], value, span, mode=mode) for value in values[1:]]
    return _joined("&" if negated else "|", tests, span)


def _between(values: Sequence[Expr], span: Span | None, negated: bool, mode: _Mode) -> Expr | None:
    if len(values) != 3:
        return None
    value = number(values[0])
    low = Binary(">=", value, number(values[1]), span)
    high = Binary("<=", value, number(values[2]), span)
    inside: Expr = Binary("&", low, high, span)
    lacks = _lacks(value, span, mode)
    if negated:
        outside = _joined("|", [Unary("!", Parens(inside, span), span)], span)
        return outside if lacks is None else Parens(Binary("|", lacks, outside or inside, span), span)
    if mode.test and lacks is not None:
        inside = Binary("&", Unary("!", lacks, span), inside, span)
    return Parens(inside, span)


def _joined(operator: str, tests: Sequence[Expr], span: Span | None) -> Expr | None:
    if not tests:
        return None
    if len(tests) == 1:
        return tests[0]
    return Parens(reduce(lambda one, other: Binary(operator, one, other, span), tests), span)


_TEST: dict[str, Callable[[Sequence[Expr], Span | None, bool, _Mode], Expr | None]] = {
    "missing": _missing,
    "mi": _missing,
    "inlist": _among,
    "inrange": _between,
}
