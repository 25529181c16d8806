"""Statement to formula: what stands beside the formula itself is not said."""

from __future__ import annotations

from tildemc.syntax.tree import Text, deparse
from tildemc.syntax.unparse.language import Language
from tildemc.syntax.unparse.parts import Saying
from tildemc.syntax.unparse.priors import prior_text
from tildemc.syntax.unparse.text import formula_text

__all__ = ["LANGUAGE"]


def _written(saying: Saying) -> str:
    """The formula."""
    statement = saying.statement
    if statement.family not in (None, "gaussian"):
        saying.unsaid.append(f"the family: `family = {deparse(Text(statement.family))}`")
    saying.unsaid += [f"the prior `{prior_text(prior)}`" for prior in statement.priors]
    if statement.rows is not None:
        saying.unsaid.append(f"the rows where `{deparse(statement.rows)}`")
    if statement.row_numbers is not None:
        saying.unsaid.append(str(statement.row_numbers))
    return formula_text(statement.formula)


LANGUAGE = Language(_written)
