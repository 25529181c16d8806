"""TermView: one term of a formula as people see it, with its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from tildemc.arrays import Floats, Integers

__all__ = ["TermKind", "TermView"]

TermKind = Literal["population", "offset", "group", "smooth", "gp", "monotonic", "measured", "areas"]
"""What kinds of term people tell apart."""


@dataclass(frozen=True, eq=False)
class TermView:
    """One term of one predictor.

    Attributes
    ----------
    text : str
        As a formula has it.
    kind : str
        `"population"`, `"group"`, `"offset"`, `"smooth"`, `"gp"`, `"monotonic"` …
    parameter : str
        Whose predictor it belongs to.
    columns : tuple of str
        The labels of its columns.
    values : (n, columns)
        What each row has in these.
    index : (n,) of int or None
        Of group effects each row's level, -1 for none.
    unpenalised : (n, k)
        Of a smooth: the columns whose coefficients are population effects.
    bases : tuple of (n, q)
        Of a smooth, one for each penalty, whose coefficients are independent and normal with that penalty's sd; of a
        Gaussian process, its basis functions.
    eigenvalues : (q, d) or None
        Of a Gaussian process: the square roots of the basis functions' eigenvalues along each input.
    learned : mapping of str to array
        What was learned of the data and is kept for new ones: knots, ranges.
    """

    text: str
    kind: TermKind
    parameter: str
    columns: tuple[str, ...]
    values: Floats
    index: Integers | None = None
    unpenalised: Floats | None = None
    bases: tuple[Floats, ...] = ()
    eigenvalues: Floats | None = None
    learned: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, TermKind, str]:
        """What parts of one term share."""
        return self.parameter, self.kind, self.text

    def beside(self, other: TermView) -> TermView:
        """The whole of which both are parts."""
        return TermView(
            *(self.text, self.kind, self.parameter),
            (*self.columns, *other.columns),
            np.column_stack([self.values, other.values]),
            self.index if other.index is None else other.index,
            _joined(self.unpenalised, other.unpenalised),
            (*self.bases, *other.bases),
            _joined(self.eigenvalues, other.eigenvalues),
            {**self.learned, **other.learned},
        )

    def __repr__(self) -> str:
        return f"<TermView {self.text}: {self.kind} term of {self.parameter}, {len(self.columns)} columns>"


def _joined(one: Floats | None, two: Floats | None) -> Floats | None:
    if one is None or two is None:
        return two if one is None else one
    return np.column_stack([one, two])
