"""`if`, `in` and weights in, what they say of rows out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tildemc.errors import FormulaSyntaxError, SemanticError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised, walk
from tildemc.syntax.stata.tables import Estimator
from tildemc.syntax.stata.word import Word, full_name
from tildemc.syntax.stata.written import Equation, Weight
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Modifier, Name, Number, Parens, RowNumbers, Unary, spine

__all__ = ["Weighted", "read_range", "read_rows", "read_weight"]


@dataclass(frozen=True, slots=True)
class Weighted:
    """What weights do to a model: a modifier of the response, or a known factor of the residual variance."""

    modifier: Modifier | None = None
    variance: Expr | None = None
    notes: tuple[str, ...] = ()


def read_rows(equation: Equation) -> tuple[Expr | None, tuple[str, ...]]:
    """The condition of `if` over columns, and what is to be said of missing values.

    Raises
    ------
    SemanticError, UnsupportedError
    """
    if equation.condition is None:
        return None, ()
    condition, notes = _without_sample(equation.condition)
    if condition is None:
        return None, notes
    rows = _condition(_plain(condition))
    larger = [node for node in walk(rows) if isinstance(node, Binary) and node.operator in (">", ">=", "!=", "<", "<=")]
    if not any(_keeps_missing(node) for node in larger):
        return rows, notes
    return rows, (
        *notes,
        "in Stata a missing value is larger than any number, so that `if x > 5` keeps rows where x is missing; "
        "here a comparison with a missing value does not hold",
    )


_OF_ANOTHER = (
    "`e(sample)`, the rows that the command before this one used, is not known here: all rows are asked for, and those "
    "without a value that the model needs are left out"
)


def _without_sample(condition: Expr) -> tuple[Expr | None, tuple[str, ...]]:
    """The condition without `e(sample)`, if that stands among others which all must hold, and what to say of it."""
    first, nodes = spine(condition, "&")
    parts = [first, *(node.right for node in nodes)]
    kept = [part for part in parts if not _is_sample(part)]
    if len(kept) == len(parts):
        return condition, ()
    found: Expr | None = None
    for part in kept:
        found = part if found is None else Binary("&", found, part, part.span)
    return found, (_OF_ANOTHER,)


def _is_sample(expr: Expr) -> bool:
    match unparenthesised(expr):
        case Call("e", (Argument(Name("sample")),)):
            return True
        case Binary("==", left, Number(1.0)):
            return _is_sample(left)
        case _:
            return False


def _keeps_missing(node: Binary) -> bool:
    """Whether Stata's comparison holds for some row with a missing value."""
    left, right = node.left, node.right
    if node.operator in ("<", "<="):
        left, right = right, left
    return not isinstance(left, Number)


def _condition(expr: Expr) -> Expr:
    """Something that is true or false: a number is true where it is not zero."""
    first, nodes = spine(expr, "&|")
    found = _part_condition(first)
    for node in nodes:
        found = Binary(node.operator, found, _condition(node.right), node.span)
    return found


def _part_condition(expr: Expr) -> Expr:
    match expr:
        case Parens(inner, span):
            return Parens(_condition(inner), span)
        case Unary("!", operand, span) if _is_condition(operand):
            return Unary("!", _condition(operand), span)
        case Unary("!", operand, span):
            return Binary("==", operand, Number(0.0, span), span)
        case _:
            return expr if _is_condition(expr) else Binary("!=", expr, Number(0.0, expr.span), expr.span)


def _is_condition(expr: Expr) -> bool:
    match unparenthesised(expr):
        case Binary(operator):
            return operator in ("&", "|", "==", "!=", "<", "<=", ">", ">=")
        case Unary(operator):
            return operator == "!"
        case Call(function):
            return function == "is.na"
        case _:
            return False


def _plain(expr: Expr) -> Expr:
    """Stata's expression in the functions that formulas have: `missing(x)` is `is.na(x)`."""
    nodes: list[Binary] = []
    while isinstance(expr, Binary) and not any(side == Name(".") for side in (expr.left, expr.right)):
        nodes.append(expr)
        expr = expr.left
    found = _operand(expr)
    for node in reversed(nodes):
        found = Binary(node.operator, found, _plain(node.right), node.span)
    return found


def _operand(expr: Expr) -> Expr:
    match expr:
        case Binary(operator, Name(".", dot), other, span) | Binary(operator, other, Name(".", dot), span):
            return _missing(operator, other, dot, span, mirrored=isinstance(expr.left, Name) and expr.left.text == ".")
        case Unary(operator, operand, span):
            return Unary("!" if operator == "~" else operator, _plain(operand), span)
        case Parens(inner, span):
            return Parens(_plain(inner), span)
        case Call():
            return _function(expr)
        case Name("_n" | "_N", span):
            raise UnsupportedError(f"`{expr.text}`, the number of a row, is no column; write `in 1/100`", span)
        case Name(".", span):
            raise SemanticError("`.` is Stata's missing value; write `missing(x)` or `x == .`", span)
        case _:
            return expr


def _missing(operator: str, other: Expr, dot: Span | None, span: Span | None, *, mirrored: bool) -> Expr:
    """`x == .` and `x >= .` are `is.na(x)`; `x != .` and `x < .` are `!is.na(x)`."""
    if mirrored:
        operator = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(operator, operator)
    test: Expr = Call("is.na", (Argument(_plain(other), None, other.span),), span)
    if operator in ("==", ">="):
        return test
    if operator in ("!=", "<"):
        return Unary("!", test, span)
    raise SemanticError("`.` is Stata's missing value; write `missing(x)` or `!missing(x)`", dot)


def _function(call: Call) -> Expr:
    values = [_plain(argument.value) for argument in call.arguments]
    known: dict[str, Callable[[], Expr | None]] = {
        "missing": lambda: _any([_na(value, call.span) for value in values], call.span),
        "mi": lambda: _any([_na(value, call.span) for value in values], call.span),
        "inlist": lambda: _any([Binary("==", values[0], value, call.span) for value in values[1:]], call.span),
        "inrange": lambda: _between(values, call.span),
    }
    if call.function in known:
        found = known[call.function]()
        if found is None:
            raise FormulaSyntaxError(f"`{call.function}()` lacks an argument", call.span)
        return found
    plain = {"int": "trunc", "ln": "log", "log": "log", "abs": "abs", "sqrt": "sqrt", "exp": "exp", "round": "round"}
    plain |= {"floor": "floor", "ceil": "ceiling", "mod": "mod"}
    if call.function == "mod" and len(values) == 2:
        return Parens(Binary("%%", values[0], values[1], call.span), call.span)
    if call.function not in plain:
        hint = nearest(call.function, [*known, *plain])
        raise UnsupportedError(f"the function `{call.function}()` is not read in `if`{hint}", call.span)
    arguments = tuple(Argument(value, None, value.span) for value in values)
    return Call(plain[call.function], arguments, call.span)


def _na(value: Expr, span: Span | None) -> Expr:
    return Call("is.na", (Argument(value, None, value.span),), span)


def _any(tests: Sequence[Expr], span: Span | None) -> Expr | None:
    if not tests:
        return None
    total = tests[0]
    for test in tests[1:]:
        total = Binary("|", total, test, span)
    return total if len(tests) == 1 and isinstance(total, Call) else Parens(total, span)


def _between(values: Sequence[Expr], span: Span | None) -> Expr | None:
    if len(values) != 3:
        return None
    low, high = Binary(">=", values[0], values[1], span), Binary("<=", values[0], values[2], span)
    return Parens(Binary("&", low, high, span), span)


def read_range(word: Word | None) -> RowNumbers | None:
    """`in 1/100`, `in f/-10`."""
    if word is None:
        return None
    ends = [_end(end, word) for end in re.sub(r"\s", "", word.text).split("/")]
    return RowNumbers(((ends[0], ends[-1]),), span=word.span)


def _end(text: str, word: Word) -> int:
    if text in ("f", "F", "l", "L"):
        return 1 if text in "fF" else -1
    if not re.fullmatch(r"-?[1-9]\d{0,17}", text):
        raise FormulaSyntaxError(f"`in` takes row numbers, as in `in 1/100`, not `{word.text}`", word.span)
    return int(text)


_WEIGHTS = {"fweight": "fw", "pweight": "pw", "aweight": "aw", "iweight": "iw"}
_FULL = {"frequency": "fweight", "cellsize": "aweight"}
_NAMED = {"fweight": "frequency", "pweight": "probability", "aweight": "analytic", "iweight": "importance"}


def read_weight(weight: Weight | None, estimator: Estimator, of_groups: Name | None = None) -> Weighted:
    """What weights mean for this command; a row counts as often as its groups do, by the weights `of_groups`.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
    """
    if weight is None:
        return Weighted() if of_groups is None else _counted(of_groups, of_groups.span)
    written = weight.kind.text
    said = bool(written) and "weight".startswith(written)
    kind = estimator.weights[0] if said else full_name(written, _WEIGHTS) or _FULL.get(written, "")
    if kind not in estimator.weights:
        allowed = ", ".join(f"[{_WEIGHTS[name]}=…]" for name in estimator.weights)
        shown = f"`{estimator.name}` has no weights `{written}`; it takes {allowed}"
        raise FormulaSyntaxError(shown, weight.kind.span)
    assumed = (_ASSUMED.format(written, _NAMED[kind], estimator.name),) if said else ()
    value = _plain(weight.value)
    if kind == "aweight":
        return Weighted(variance=value, notes=(*assumed, _ANALYTIC))
    if of_groups is not None:
        value = Binary("*", _factor(value), of_groups, value.span)
    note = {"pweight": (_PROBABILITY,), "iweight": (_IMPORTANCE,)}.get(kind, ())
    return replace(_counted(value, weight.span), notes=(*assumed, *note))


def _counted(value: Expr, span: Span | None) -> Weighted:
    return Weighted(Modifier("weights", (Argument(value, None, value.span),), span))


def _factor(value: Expr) -> Expr:
    return value if isinstance(value, Name | Number | Call | Parens) else Parens(value, value.span)


_ASSUMED = "`[{}=…]` are {} weights, which Stata assumes of `{}`"
_ANALYTIC = (
    "analytic weights divide the residual variance: `sigma` is that of a row of weight 1, while Stata rescales weights"
)
_PROBABILITY = (
    "probability weights multiply the log-likelihood: the posterior is centred where Stata's estimate is, "
    "but its spread is not a design-based standard error"
)
_IMPORTANCE = "importance weights multiply the log-likelihood"
