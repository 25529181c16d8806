"""Statement to formula: what stands beside the formula itself is not said."""

from __future__ import annotations

from tildemc.syntax.family import FamilyName, family_name
from tildemc.syntax.tree import Text, deparse
from tildemc.syntax.unparse.language import Language
from tildemc.syntax.unparse.parts import Saying
from tildemc.syntax.unparse.priors import prior_text
from tildemc.syntax.unparse.text import formula_text

__all__ = ["LANGUAGE"]

_PLAIN = (FamilyName("gaussian"), FamilyName("gaussian", "identity"))
"""What a formula alone says."""


def _written(saying: Saying) -> str:
    """The formula."""
    statement = saying.statement
    if statement.family is not None and family_name(statement.family) not in _PLAIN:
        saying.unsaid.append(f"the family: `family = {deparse(Text(statement.family))}`")
    saying.unsaid += [f"the prior `{prior_text(prior)}`" for prior in statement.priors]
    if statement.rows is not None:
        saying.unsaid.append(f"the rows where `{deparse(statement.rows)}`")
    if statement.row_numbers is not None:
        saying.unsaid.append(str(statement.row_numbers))
    return formula_text(statement.formula)


LANGUAGE = Language(_written)
