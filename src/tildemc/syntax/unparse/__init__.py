"""Statement in, its text in some language out, with a list of what that language cannot say."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tildemc.syntax.statement import Statement
    from tildemc.syntax.unparse.language import Language
    from tildemc.syntax.unparse.parts import Converted

__all__ = ["TARGETS", "unparse"]

_MODULES = {
    "formula": "formula", "brms": "brms", "lme4": "lme4", "glmmTMB": "glmmtmb", "nlme": "nlme", "stata": "stata",
    "bambi": "bambi", "julia": "julia", "sas": "sas",
}  # fmt: skip
"""The module of each language, whose record is its `LANGUAGE`."""

TARGETS = tuple(_MODULES)
"""The languages."""


def unparse(statement: Statement, to: str, factors: frozenset[str] | None = None) -> Converted:
    """Say a statement in the language `to`.

    Parameters
    ----------
    statement : Statement
    to : str
        One of `TARGETS`.
    factors : frozenset of str, optional
        The columns that are categorical, for languages in which a text says which they are; where nobody knows, those
        that must be for the statement to mean something.
    """
    from tildemc.syntax.unparse.parts import Saying, conditions_within, levelled

    language = _language(to)
    opened, statement = _opened(conditions_within(statement), language)
    saying = Saying(statement, levelled(statement.formula) if factors is None else factors)
    if statement.file is not None and language.opens and not opened:
        saying.unsaid.append(f"the data are read from `{statement.file}`")
    lines = [*opened, *language.lines(statement.steps, saying)]
    if statement.by and not language.apart:
        saying.unsaid.append(f"a model of each group by {', '.join(statement.by)}")
    predictors = (predictor for formula in statement.formula.each for predictor in formula.predictors)
    if to not in ("formula", "brms") and not all(predictor.cell_means for predictor in predictors):
        saying.unsaid.append("`cmc = FALSE`: after `0 +` a factor has no coefficient for its first level")
    if statement.imputed:
        saying.unsaid.append("draws of several completed data sets are pooled")
    return saying.done("\n".join([*lines, language.write(saying)]))


def _opened(statement: Statement, language: Language) -> tuple[list[str], Statement]:
    """The line that reads the file which a text reads, and the statement with a name for its data."""
    file = statement.file
    line = language.opens.get(PurePath(file).suffix.lower().removeprefix(".")) if file is not None else None
    if line is None or file is None or '"' in file:
        return [], statement
    data = statement.data if statement.data not in (None, file) else "d"
    return [line.format(file=file, data=data)], replace(statement, data=data)


def _language(name: str) -> Language:
    """The record of a language; none is loaded before it is asked for, for reading a model takes none of them."""
    found: Language = import_module(f"{__name__}.{_MODULES[name]}").LANGUAGE
    return found
