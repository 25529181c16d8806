"""Subject: what commands after a model are asked of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import FitError, nearest
from tildemc.resolve.after.names import StataNames
from tildemc.resolve.hypothesis import Hypothesis
from tildemc.results.hypotheses import difference
from tildemc.results.telling import Scale, Telling, framed
from tildemc.span import Span

if TYPE_CHECKING:
    from tildemc.results.margins.margins import Margins
    from tildemc.results.predicted import Predicted
    from tildemc.table import Table

__all__ = ["Maximum", "Others", "Subject", "scale_of", "subjects"]

OWN = "."
"""Stata's name for the fit at hand."""


class GroupModes(Protocol):
    """The effects of one factor."""

    @property
    def effect_sds(self) -> Floats | None:
        """How far they are known given the estimates, (levels, q)."""


class Maximum(Protocol):
    """What is asked of an estimate, whose own method asks."""

    @property
    def method(self) -> str:
        """By which criterion it is the best."""

    @property
    def criterion(self) -> float:
        """Minus twice the log likelihood."""

    @property
    def parameters(self) -> int:
        """How many numbers were estimated."""

    @property
    def fixef(self) -> Mapping[str, float]:
        """The population effects."""

    @property
    def groups(self) -> Mapping[str, GroupModes]:
        """The effects of groups, by factor."""


@dataclass(eq=False)
class Subject:
    """A fit, how its numbers are told, and what its commands have left for later ones.

    Attributes
    ----------
    fit : Predicted
        Draws, or an estimate and its neighbours.
    telling : Telling
    estimate : Maximum or None
        That estimate.
    margins : Margins or None
        Those of the last `margins`.
    names : set of str
        What the fit itself is called.
    """

    fit: Predicted
    telling: Telling
    estimate: Maximum | None = None
    margins: Margins | None = None
    names: set[str] = field(default_factory=lambda: {OWN})

    @cached_property
    def stata(self) -> StataNames:
        """Stata's names of its numbers."""
        return StataNames(self.fit.spec)

    def values(self, hypotheses: Sequence[Hypothesis]) -> Floats:
        """Combinations of the model's numbers, (n, k)."""
        posterior = self.fit.groups["posterior"]
        return np.column_stack([difference(each, posterior).reshape(-1) for each in hypotheses])

    def table(
        self, labels: Sequence[str], values: Floats, level: float | None = None, scales: Sequence[Scale] = ()
    ) -> Table:
        """A row for each number."""
        return framed(self.telling, labels, values, self.fit.probability(level), scales)

    def estimates(self) -> Table:
        """The coefficients, and what Stata shows below them: sds and correlations, or variances and covariances."""
        coefficients, spreads = self.stata.coefficients(), self.stata.spreads(variances=self.fit.variances)
        scales: list[Scale] = ["exp" if self.fit.exponentiate else "plain"] * len(coefficients)
        values = self.values([*coefficients.values(), *spreads.values()])
        return self.table([*coefficients, *spreads], values, None, [*scales, *map(scale_of, spreads)])


def scale_of(name: str) -> Scale:
    """How a number of that name is bounded."""
    kinds: dict[str, Scale] = {"sd": "positive", "var": "positive", "corr": "correlation"}
    return kinds.get(name.rpartition(": ")[2].partition("(")[0], "plain")


Others = Mapping[str, Subject]
"""Further fits by their names."""


def subjects(own: Subject, others: Others, names: Sequence[str], span: Span) -> dict[str, Subject]:
    """The fits of these names, all that are known if there are none.

    Raises
    ------
    FitError
        If one is not known.
    """
    found: dict[str, Subject] = {}
    for name in names or (*others, OWN):
        if name in own.names:
            found[name] = own
        elif name in others:
            found[name] = others[name]
        else:
            message = f"there is no fit `{name}` here{nearest(name, others)}: give it, as in `fit.stata(…, {name}=fit)`"
            raise FitError(message, span)
    return found
