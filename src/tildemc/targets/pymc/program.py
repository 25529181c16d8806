"""Program: a PyMC model as a handful of statements, that `build` makes live and `source` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tildemc.arrays import Floats, Label, Values
from tildemc.spec.chance import Draw
from tildemc.spec.expr import Expr, Var
from tildemc.targets.pymc.layout import Code
from tildemc.targets.pymc.names import Identifiers

__all__ = [
    "Argument",
    "Array",
    "CholeskyCovariance",
    "Data",
    "Deterministic",
    "Ends",
    "Line",
    "Local",
    "Own",
    "Program",
    "Random",
    "Section",
    "Statement",
    "WeightedLikelihood",
]


@dataclass(frozen=True, eq=False)
class Array:
    """Numbers for a distribution's argument, one for each column."""

    values: Values


Argument = Expr | Array
"""A constant that is a float is a real number, and so are the numbers of an array; only a size is an integer."""

Ends = tuple[float, float]
"""Where a density is cut off, infinite where it is not."""


@dataclass(frozen=True, eq=False)
class Data:
    """`pm.Data(name, …)`: something that comes from data, as the graph keeps it, and the text that computes it."""

    name: str
    values: Values
    dims: tuple[str, ...]
    code: Code


@dataclass(frozen=True, eq=False)
class Own:
    """A distribution that PyMC has no class for: what becomes functions of a value and of the arguments.

    Attributes
    ----------
    name : str
    title : str
    log_density : Expr
        In `y` and the names of the arguments.
    draw : Draw or None
        In these names; None where nobody has said it.
    whole : bool
        Whether its values are whole numbers.
    """

    name: str
    title: str
    log_density: Expr
    draw: Draw | None
    whole: bool


@dataclass(frozen=True, eq=False)
class Random:
    """`pm.Distribution(name, arguments, dims)`; `ends` truncate it, to begin at `start`; `observed`: the likelihood.

    `recovered` says a free variable by the quantities that the model reports, unless it is one of them.
    """

    name: str
    distribution: str | Own
    arguments: dict[str, Argument]
    dims: tuple[str, ...] = ()
    ends: Ends | None = None
    start: Argument | None = None
    shape: int | None = None
    observed: Values | Var | None = None
    observed_code: Code = ""
    recovered: Expr | None = None
    ordered: bool = False


@dataclass(frozen=True, eq=False)
class CholeskyCovariance:
    """`chol, cor, sd = pm.LKJCholeskyCov(…)`; `recovered` says the packed factor by what the model reports."""

    chol: str
    cor: str
    sd: str
    eta: float
    distribution: str
    arguments: dict[str, Argument]
    n: int
    recovered: Expr


@dataclass(frozen=True, eq=False)
class Deterministic:
    """`pm.Deterministic(name, value, dims)`."""

    name: str
    value: Expr
    dims: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Local:
    """`name = value`: a quantity that the model does not report."""

    name: str
    value: Expr


@dataclass(frozen=True, eq=False)
class WeightedLikelihood:
    """A potential that adds the log likelihood of each row of `response` `weights - 1` times more."""

    name: str
    response: str
    weights: str


Statement = Data | Random | CholeskyCovariance | Deterministic | Local | WeightedLikelihood


@dataclass(frozen=True, slots=True)
class Section:
    """Statements under one comment."""

    comment: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """`target = code` before the model, under a comment if there is a note; the source's own business."""

    target: str
    code: Code
    note: str = ""


@dataclass(frozen=True, eq=False)
class Program:
    """A model and how its data are made.

    Attributes
    ----------
    title : tuple of str
        The paragraphs of the module's docstring.
    preparation : tuple of (comment, lines)
        What the source does before the model block.
    coords : mapping of dim to (labels, code)
    constants : mapping of name to array
        Arrays that the preparation computes and expressions name.
    sections : tuple of Section
    reported : tuple of str
        What a summary shows.
    identify : Identifiers
        The source's identifier for each name.
    """

    title: tuple[str, ...]
    preparation: tuple[tuple[str, tuple[Line, ...]], ...]
    coords: dict[str, tuple[Sequence[Label] | Values, Code]]
    constants: dict[str, Floats]
    sections: tuple[Section, ...]
    reported: tuple[str, ...]
    identify: Identifiers

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements of all sections."""
        return tuple(statement for section in self.sections for statement in section.statements)
