"""Program -> the same program with its numbers as data, so that one compiled graph serves all data of one shape."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tildemc.arrays import Values
from tildemc.spec.expr import Const, Var
from tildemc.targets.pymc.program import (
    Argument,
    Array,
    CholeskyCovariance,
    Data,
    Program,
    Random,
    Section,
    Statement,
)

__all__ = ["Shared", "share"]


@dataclass(frozen=True, eq=False)
class Shared:
    """A program whose numbers are data.

    Attributes
    ----------
    program : Program
    values : mapping of name to array
        Its data.
    shape : str
        What is left: programs with the same one differ in their data, in labels and in the number of rows.
    """

    program: Program
    values: dict[str, Values]
    shape: str


def share(program: Program, rows: str) -> Shared:
    """Make data of all numbers that come from data: priors' scales, means of columns, the response.

    Parameters
    ----------
    program : Program
    rows : str
        The dim of the rows.
    """
    taken = {statement.name for statement in program.statements if hasattr(statement, "name")}
    sharing = _Sharing([Data(name, values, (), "") for name, values in program.constants.items()], rows, taken)
    sections = [replace(s, statements=tuple(map(sharing.statement, s.statements))) for s in program.sections]
    whole = replace(program, constants={}, sections=(Section("", tuple(sharing.data)), *sections))
    values = {s.name: s.values for s in whole.statements if isinstance(s, Data)}
    fixed = {dim: len(labels) for dim, (labels, _) in program.coords.items() if dim != rows}
    return Shared(whole, values, "\n".join([repr(fixed), *(_shape(statement, rows) for statement in whole.statements)]))


def _shape(statement: Statement, rows: str) -> str:
    if not isinstance(statement, Data):
        return repr(statement)
    # Only the rows may be more or fewer.
    sizes = statement.values.shape[1:] if statement.dims[:1] == (rows,) else statement.values.shape
    return repr((statement.name, statement.dims, sizes, statement.values.ndim, statement.values.dtype.str))


class _Sharing:
    """The data made so far."""

    def __init__(self, data: list[Data], rows: str, taken: set[str]) -> None:
        self.data = data
        self.rows = rows
        self.taken = taken

    def statement(self, statement: Statement) -> Statement:
        match statement:
            case Random(observed=None) | CholeskyCovariance():
                found = {name: self._argument(value) for name, value in statement.arguments.items()}
                return replace(statement, arguments=found)
            case Random(observed=np.ndarray() as values):
                return replace(statement, observed=self._data(values, (self.rows,)))
            case _:
                return statement

    def _argument(self, argument: Argument) -> Argument:
        match argument:
            case Array(values):
                return self._data(values, ())
            # A whole number belongs to the model: the zero and one of a standard normal, degrees of freedom.
            case Const(float(value)) if not value.is_integer():
                return self._data(np.asarray(value), ())
            case _:
                return argument

    def _data(self, values: Values, dims: tuple[str, ...]) -> Var:
        name = f"given {len(self.data)}"
        while name in self.taken:
            name += "_"
        self.data.append(Data(name, values, dims, ""))
        return Var(name)
