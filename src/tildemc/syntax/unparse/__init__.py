"""Statement in, its text in some language out, with a list of what that language cannot say."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tildemc.syntax.tree import Statement
    from tildemc.syntax.unparse.parts import Converted, Saying

__all__ = ["TARGETS", "unparse"]

TARGETS = ("formula", "brms", "lme4", "glmmTMB", "stata")
"""The languages."""


def unparse(statement: Statement, to: str, factors: frozenset[str] = frozenset()) -> Converted:
    """Say a statement in the language `to`.

    Parameters
    ----------
    statement : Statement
    to : str
        One of `TARGETS`.
    factors : frozenset of str
        The columns that are categorical, for Stata.
    """
    from tildemc.syntax.unparse.parts import Saying, conditions_within
    from tildemc.syntax.unparse.residuals import said_of_residuals

    statement = conditions_within(statement)
    first = [f"what is done to the data first: {step}" for step in statement.steps]
    if statement.by:
        first.append(f"a model of each group by {', '.join(statement.by)}")
    if statement.imputed:
        first.append("draws of several completed data sets are pooled")
    return _writer(to)(said_of_residuals(Saying(statement, factors, first), to))


def _writer(to: str) -> Callable[[Saying], Converted]:
    """The function for a language; none is loaded before it is asked for, for reading a model takes none of them."""
    if to == "formula":
        from tildemc.syntax.unparse.formula import to_formula

        return to_formula
    if to == "stata":
        from tildemc.syntax.unparse.stata import to_stata

        return to_stata
    from tildemc.syntax.unparse.r import to_brms, to_glmmtmb, to_lme4

    return {"brms": to_brms, "lme4": to_lme4, "glmmTMB": to_glmmtmb}[to]
