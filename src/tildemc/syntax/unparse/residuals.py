"""How residuals go together, for languages that say it in other ways, or not at all: left out, and told."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from tildemc.syntax.residuals import is_residuals
from tildemc.syntax.rewrite import summands, total
from tildemc.syntax.tree import Call, Expr, Number, deparse
from tildemc.syntax.unparse.parts import Saying

__all__ = ["said_of_residuals"]

_SAID: dict[str, Container[str]] = {"brms": ("ar", "ma", "arma", "cosy", "unstr", "sar", "fcor")}
"""The functions that each language has."""
_ELSEWHERE = {
    "brms": "brms has `ar()`, `ma()`, `arma()`, `cosy()`, `unstr()`, `sar()` and `fcor()`",
    "lme4": "lme4 has none; nlme has",
    "glmmTMB": "glmmTMB has a group term with `dispformula = ~ 0` for it",
    "stata": "Stata's `mixed` has `residuals()` for some",
}
_BESIDE_CURVES = {"brms": "beside a non-linear formula brms has it as an argument of `bf()`, `autocor = ~ ar(t, g)`"}


def said_of_residuals(saying: Saying, language: str) -> Saying:
    """The same without the terms that say how residuals go together, unless the language has them."""
    if language == "formula":
        return saying
    formula = saying.statement.formula
    first, *others = formula.predictors
    parts = summands(first.right)
    lost = [part for part in parts if is_residuals(part) and (first.curve or not _has(part, language))]
    if not lost:
        return saying
    elsewhere = _BESIDE_CURVES.get(language, _ELSEWHERE[language]) if first.curve else _ELSEWHERE[language]
    saying.unsaid += [f"`{deparse(part)}`: {elsewhere}" for part in lost]
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
