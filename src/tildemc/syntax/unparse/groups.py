"""Group terms as brms writes them -> as other packages do: `gr()`, `mm()` and IDs, as far as they have such."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from tildemc.syntax.expression import unparenthesised, walk
from tildemc.syntax.rewrite import rewritten
from tildemc.syntax.tree import Binary, Call, Constant, Expr, Formula, Name, Text, deparse
from tildemc.syntax.unparse.parts import Saying

__all__ = ["matrices", "plain_groups"]

_SILENT = {"cor": (Constant(True),), "dist": (Text("gaussian"),)}
"""Arguments of `gr()` with the values by which they say nothing, beside `NULL`."""


def plain_groups(formula: Formula, saying: Saying, language: str) -> Formula:
    """The formula with plain columns for groups; what these cannot say is noted."""
    counted = Counter(name for predictor in formula.predictors for name in _ids(predictor.right))
    saying.unsaid += [
        f"effects correlated across terms by `{name}`: {language} has none" for name, n in counted.items() if n > 1
    ]

    def change(expr: Expr) -> Expr | None:
        match expr:
            case Binary("|", Binary("|", left, Name()), factor) | Binary("|" | "||", left, factor):
                plain, independent = _plain(factor, saying, language)
                bar = "||" if independent or expr.operator == "||" else "|"
                return Binary(bar, rewritten(left, change), plain, expr.span)
            case _:
                return None

    predictors = tuple(replace(p, right=rewritten(p.right, change)) for p in formula.predictors)
    return replace(formula, predictors=predictors)


def matrices(formula: Formula) -> tuple[str, ...]:
    """The matrices that terms name."""
    calls = [part for p in formula.predictors for part in walk(p.right) if isinstance(part, Call)]
    named = [a.value for call in calls if call.function in ("gr", "mm") for a in call.arguments if a.name == "cov"]
    named += [
        argument.value
        for call in calls
        if call.function in _OF_MATRICES
        for place, argument in enumerate(call.arguments)
        if argument.name == "M" or (argument.name is None and place == 0)
    ]
    return tuple(dict.fromkeys(deparse(value) for value in named if isinstance(value, Name)))


_OF_MATRICES = ("car", "sar", "fcor")
"""Functions whose first argument is a matrix beside the data."""


def _ids(right: Expr) -> Iterator[str]:
    """The IDs of a predictor's group terms."""
    for part in walk(right):
        match part:
            case Binary("|", Binary("|", _, Name(name)), _):
                yield name
            case Call("gr", arguments):
                yield from (deparse(a.value).strip('"') for a in arguments if a.name == "id")
            case _:
                pass


def _plain(factor: Expr, saying: Saying, language: str) -> tuple[Expr, bool]:
    """The columns alone, and whether effects are said to be independent."""
    inner = unparenthesised(factor)
    match inner:
        case Call("gr" | "mm" as function, arguments):
            columns = [a.value for a in arguments if a.name is None]
            given = {a.name: a.value for a in arguments if a.name is not None}
        case _:
            return factor, False
    independent = function == "gr" and given.get("cor") == Constant(False)
    told = {
        name: value
        for name, value in given.items()
        if name != "id"
        and value not in (Constant(None), *_SILENT.get(name, ()))
        and not (name == "cor" and independent)
    }
    if told or function == "mm":
        saying.unsaid.append(f"the groups `{deparse(inner)}`: {language} has groups by columns alone")
    whole = columns[0] if columns else factor
    for column in columns[1:] if function == "gr" else ():
        whole = Binary(":", whole, column)
    return whole, independent
