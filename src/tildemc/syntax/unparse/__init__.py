"""Statement in, its text in some language out, with a list of what that language cannot say."""

from __future__ import annotations

from collections.abc import Callable

from tildemc.syntax.tree import Statement, deparse
from tildemc.syntax.unparse.parts import Converted, Saying
from tildemc.syntax.unparse.priors import prior_text
from tildemc.syntax.unparse.r import to_brms, to_glmmtmb, to_lme4
from tildemc.syntax.unparse.stata import to_stata
from tildemc.syntax.unparse.text import formula_text

__all__ = ["TARGETS", "Converted", "unparse"]


def unparse(statement: Statement, to: str, factors: frozenset[str] = frozenset()) -> Converted:
    """Say a statement in the language `to`.

    Parameters
    ----------
    statement : Statement
    to : str
        A key of `TARGETS`.
    factors : frozenset of str
        The columns that are categorical, for Stata.
    """
    return TARGETS[to](Saying(statement, factors))


def _to_formula(saying: Saying) -> Converted:
    statement = saying.statement
    if statement.family not in (None, "gaussian"):
        saying.unsaid.append(f'the family: `family = "{statement.family}"`')
    saying.unsaid += [f"the prior `{prior_text(prior)}`" for prior in statement.priors]
    if statement.rows is not None:
        saying.unsaid.append(f"the rows where `{deparse(statement.rows)}`")
    if statement.row_numbers is not None:
        saying.unsaid.append(str(statement.row_numbers))
    return saying.done(formula_text(statement.formula))


TARGETS: dict[str, Callable[[Saying], Converted]] = {
    "formula": _to_formula,
    "brms": to_brms,
    "lme4": to_lme4,
    "glmmTMB": to_glmmtmb,
    "stata": to_stata,
}
"""One function per language."""
