"""All that one text says of a model, in whichever language: its formula, priors, rows, steps and how it estimates."""

from __future__ import annotations

from dataclasses import dataclass, field

from tildemc.span import Span, span_field
from tildemc.syntax.steps import RowNumbers, Step
from tildemc.syntax.tree import Expr, Formula, Name, PriorStatement

__all__ = ["Estimation", "Statement"]


@dataclass(frozen=True, slots=True)
class Estimation:
    """How a text asks for estimates, which says nothing of its model.

    Attributes
    ----------
    package : str
        Whose way of estimating is meant; empty for nobody's.
    criterion : {"", "reml", "ml"}
    points : int or None
        Of the integral over each effect.
    """

    package: str = ""
    criterion: str = ""
    points: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """All that one text says of a model, whichever front end read it.

    Attributes
    ----------
    formula : Formula
    syntax : str
        "formula", "stata", "r", "sas", "python" or "julia".
    family : str or None
        As `resolve.families.read_family` reads it; None where the text says nothing of it.
    priors : tuple of PriorStatement
    data : str or None
        What the text calls its data.
    rows : Expr or None
        The rows that are used: those where it is true. `is.na(x)` may stand in it.
    row_numbers : RowNumbers or None
        The rows that are used, by number in the data. Applied together with `rows`.
    if_missing : tuple of str
        What to say of `rows` where a row that is used has no value in a column of theirs.
    notes : tuple of str
        What was dropped or differs, and why.
    display : tuple of str
        How the text asks for results: "or", "irr", "eform", "stddeviations", "level(90)".
    steps : tuple of Step
        What is done to the data first, in order; `rows` and `row_numbers` are of what that leaves.
    default_priors : str
        "tildemc" or "stata"; Stata's are among `priors` by then.
    file : str or None
        The file that the text reads its data from.
    family_span : Span or None
        What in the text says the family.
    by : tuple of str
        The columns for each of whose combinations of values the text asks for a model of its own.
    imputed : str
        What in the text says that data are several completed data sets; empty if nothing does.
    estimation : Estimation
        How it asks for estimates.
    after : tuple of str
        The commands after the model that ask something of it, which `Fit.stata` answers.
    factors : tuple of Name
        Columns whose contrasts the text chooses apart from its formula: R takes those of factors alone.
    """

    formula: Formula
    syntax: str = "formula"
    family: str | None = None
    priors: tuple[PriorStatement, ...] = ()
    data: str | None = None
    rows: Expr | None = None
    row_numbers: RowNumbers | None = None
    if_missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    display: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    default_priors: str = "tildemc"
    file: str | None = None
    family_span: Span | None = span_field()
    by: tuple[str, ...] = ()
    imputed: str = ""
    estimation: Estimation = field(default=Estimation(), compare=False, repr=False)
    after: tuple[str, ...] = ()
    factors: tuple[Name, ...] = ()
