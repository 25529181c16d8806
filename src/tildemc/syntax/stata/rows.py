"""`if`, `in` and weights in, what they say of rows out."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from tildemc.errors import FormulaSyntaxError
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised, walk
from tildemc.syntax.stata.expressions import keeps_missing, number, truth
from tildemc.syntax.stata.tables import Estimator
from tildemc.syntax.stata.word import Word, full_name
from tildemc.syntax.stata.written import Equation, Weight
from tildemc.syntax.statement import Statement
from tildemc.syntax.steps import RowNumbers
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Modifier, Name, Number, Parens, Predictor, spine

__all__ = ["Weighted", "needed_by", "of_rows", "read_range", "read_weight"]


@dataclass(frozen=True, slots=True)
class Weighted:
    """What weights do to a model: a modifier of the response, or a known factor of the residual variance."""

    modifier: Modifier | None = None
    variance: Expr | None = None
    notes: tuple[str, ...] = ()


def needed_by(predictors: Sequence[Predictor]) -> frozenset[str]:
    """The columns of predictors: a row without a value in one of them is in no model."""
    named = (part.text for p in predictors for part in walk(p.right) if isinstance(part, Name))
    return frozenset(named) - {p.parameter for p in predictors if p.parameter != "mu"}


def of_rows(statement: Statement, equation: Equation, needed: Collection[str]) -> Statement:
    """The same with the rows that `if` and `in` ask for, and what is to be said of missing values.

    Parameters
    ----------
    statement : Statement
    equation : Equation
    needed : collection of str
        The columns without which a row is left out in any case.

    Raises
    ------
    SemanticError, UnsupportedError
    """
    statement = replace(statement, row_numbers=read_range(equation.range))
    if equation.condition is None:
        return statement
    condition, notes = _without_sample(equation.condition)
    statement = replace(statement, notes=tuple(dict.fromkeys((*statement.notes, *notes))))
    if condition is None:
        return statement
    said = (_LARGER,) if keeps_missing(condition, needed) else ()
    return replace(statement, rows=truth(condition, there=needed), if_missing=said)


_LARGER = (
    "a missing value is larger than any number, as in Stata: `if x > 5` keeps the rows where x is missing, unless the "
    "model needs x; `& !missing(x)` leaves them out"
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
    value = number(weight.value)
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
