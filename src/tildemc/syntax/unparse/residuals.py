"""How residuals go together, for languages that say it in other ways, or not at all: left out, and told."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from tildemc.syntax.residuals import is_residuals
from tildemc.syntax.rewrite import summands, total
from tildemc.syntax.tree import Call, Expr, Number, Predictor, deparse
from tildemc.syntax.unparse.parts import Saying

__all__ = ["beside_arithmetic", "said_of_residuals"]

_SAID: dict[str, Container[str]] = {"brms": ("ar", "ma", "arma", "cosy", "unstr", "sar", "fcor")}
"""The functions that each language has."""
_ELSEWHERE = {
    "brms": "brms has `ar()`, `ma()`, `arma()`, `cosy()`, `unstr()`, `sar()` and `fcor()`",
    "lme4": "lme4 has none; nlme has",
    "glmmTMB": "glmmTMB has a group term with `dispformula = ~ 0` for it",
    "stata": "Stata's `mixed` has `residuals()` for some",
}


def beside_arithmetic(main: Predictor) -> tuple[Expr, list[str]]:
    """The main formula in brms's `bf()`, and what stands there beside it: terms of residuals are no arithmetic."""
    if not main.curve:
        return main.right, []
    parts = summands(main.right)
    told = [part for part in parts if is_residuals(part)]
    said = [f"autocor = ~{deparse(total(told))}"] if told else []
    return total([part for part in parts if part not in told]), ["nl = TRUE", *said]


def said_of_residuals(saying: Saying, language: str) -> Saying:
    """The same without the terms that say how residuals go together, unless the language has them."""
    if language == "formula":
        return saying
    formula = saying.statement.formula
    first, *others = formula.predictors
    parts = summands(first.right)
    lost = [part for part in parts if is_residuals(part) and not _has(part, language)]
    if not lost:
        return saying
    saying.unsaid += [f"`{deparse(part)}`: {_ELSEWHERE[language]}" for part in lost]
    kept = [part for part in parts if part not in lost] or [Number(1.0)]
    main = replace(first, right=total(kept))
    known = replace(formula, predictors=(main, *others))
    return replace(saying, statement=replace(saying.statement, formula=known))


def _has(part: Expr, language: str) -> bool:
    return (
        isinstance(part, Call)
        and part.function in _SAID.get(language, ())
        and all(argument.name != "by" for argument in part.arguments)
    )
