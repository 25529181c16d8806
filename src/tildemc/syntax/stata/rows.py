"""`if`, `in` and weights in, what they say of rows out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tildemc.errors import FormulaSyntaxError
from tildemc.syntax.stata.expressions import keeps_missing, number, plain_truth
from tildemc.syntax.stata.tables import Estimator
from tildemc.syntax.stata.word import Word, full_name
from tildemc.syntax.stata.written import Equation, Weight
from tildemc.syntax.tree import Argument, Expr, Modifier, RowNumbers

__all__ = ["Weighted", "read_range", "read_rows", "read_weight"]


@dataclass(frozen=True, slots=True)
class Weighted:
    """What weights do to a model: a modifier of the response, or a known factor of the residual variance."""

    modifier: Modifier | None = None
    variance: Expr | None = None
    note: str = ""


def read_rows(equation: Equation) -> tuple[Expr | None, tuple[str, ...]]:
    """The condition of `if` over columns, and what is to be said of missing values.

    Raises
    ------
    SemanticError, UnsupportedError
    """
    if equation.rows is None:
        return None, ()
    rows = plain_truth(equation.rows)
    if not keeps_missing(equation.rows):
        return rows, ()
    return rows, (
        "in Stata a missing value is larger than any number, so that `if x > 5` keeps rows where x is missing; "
        "here a comparison with a missing value does not hold: `keep if x > 5` on a line before keeps them",
    )


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
_FULL = {"frequency": "fweight", "weight": "weight", "cellsize": "aweight"}


def read_weight(weight: Weight | None, estimator: Estimator) -> Weighted:
    """What weights mean for this command.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
    """
    if weight is None:
        return Weighted()
    written = weight.kind.text
    kind = full_name(written, _WEIGHTS) or _FULL.get(written, "")
    allowed = [f"[{_WEIGHTS[name]}=…]" for name in estimator.weights]
    if not kind or (kind != "weight" and kind not in estimator.weights):
        shown = f"`{estimator.name}` has no weights `{written}`; it takes {', '.join(allowed)}"
        raise FormulaSyntaxError(shown, weight.kind.span)
    if kind == "weight":
        raise FormulaSyntaxError(f"say which weights these are: {', '.join(allowed)}", weight.kind.span)
    value = number(weight.value)
    if kind == "aweight":
        return Weighted(variance=value, note=_ANALYTIC)
    argument = Argument(replace(value), None, value.span)
    note = {"pweight": _PROBABILITY, "iweight": _IMPORTANCE}.get(kind, "")
    return Weighted(Modifier("weights", (argument,), weight.span), note=note)


_ANALYTIC = (
    "analytic weights divide the residual variance: `sigma` is that of a row of weight 1, while Stata rescales weights"
)
_PROBABILITY = (
    "probability weights multiply the log-likelihood: the posterior is centred where Stata's estimate is, "
    "but its spread is not a design-based standard error"
)
_IMPORTANCE = "importance weights multiply the log-likelihood"
