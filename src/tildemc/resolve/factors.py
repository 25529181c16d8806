"""Formula × data -> the columns that are factors, for a language in which a text must say so."""

from __future__ import annotations

from collections.abc import Iterator

from tildemc.errors import SemanticError
from tildemc.resolve.expand import expand
from tildemc.resolve.frame import Frame
from tildemc.resolve.schema import Learning
from tildemc.resolve.stream import Stream
from tildemc.resolve.values import refuse_values_in_text
from tildemc.syntax.statement import Statement
from tildemc.syntax.tree import Name

__all__ = ["factors_of"]


def factors_of(statement: Statement, data: Frame | Stream) -> list[str]:
    """The columns that hold text or levels.

    Raises
    ------
    DataError
        If the statement uses one as it is that was meant as numbers, but for a few of its values.
    """
    factors = [name for name in data.names if data.holds_factor(name)]
    if isinstance(data, Frame):
        for variable in _bare(statement, data):
            if variable.text in factors:
                refuse_values_in_text(variable.text, variable.span, Learning(data))
    return factors


def _bare(statement: Statement, frame: Frame) -> Iterator[Name]:
    """The columns that are terms as they are; none of a formula that has no expansion, but may have a translation."""
    try:
        expanded = expand(statement.formula, frame.names)
    except SemanticError:
        return
    for predictor in expanded.predictors:
        for terms in predictor.sums:
            for interaction in terms.interactions:
                yield from (variable for variable in interaction.variables if isinstance(variable, Name))
