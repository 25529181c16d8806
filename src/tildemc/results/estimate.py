"""Estimate: what maximises a likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tildemc.visible import visible

__all__ = ["Estimate", "GroupEstimate"]

Floats = NDArray[np.float64]

TITLES = {"reml": "restricted maximum likelihood", "ml": "maximum likelihood"}


@dataclass(frozen=True, eq=False)
class GroupEstimate:
    """Of one grouping.

    Attributes
    ----------
    columns : tuple of str
    sds : (q,)
    correlations : (q, q)
    effects : (levels, q)
        The conditional modes, lme4's `ranef`.
    correlated : bool
        Whether any two effects may correlate.
    """

    columns: tuple[str, ...]
    sds: Floats
    correlations: Floats
    effects: Floats
    correlated: bool


@dataclass(frozen=True, eq=False)
class Estimate:
    """Maximum likelihood or REML estimates.

    Attributes
    ----------
    formula : str
    method : str
        `ml` or `reml`.
    fixef, se : mapping of str to float
        Population effects, the intercept at zero first, and their standard errors given the variances.
    groups : mapping of str to GroupEstimate
    sigma : mapping of str to float
        Residual sds by level; one, under an empty name, if there is but one; none if they are known.
    criterion : float
        Minus twice the maximum of the log (restricted) likelihood.
    """

    formula: str
    method: str
    fixef: Mapping[str, float]
    se: Mapping[str, float]
    groups: Mapping[str, GroupEstimate]
    sigma: Mapping[str, float]
    criterion: float

    def __str__(self) -> str:
        return visible("\n".join([self._heading(), *self._population(), *self._spread(), *self._residual()]))

    def _heading(self) -> str:
        what = "REML criterion" if self.method == "reml" else "-2 log likelihood"
        return f"{self.formula}\n{TITLES[self.method]}; {what} {self.criterion:.2f}"

    def _population(self) -> list[str]:
        width = max((len(label) for label in self.fixef), default=0)
        rows = [f"  {label:<{width}} {value:>10.4g} {self.se[label]:>10.4g}" for label, value in self.fixef.items()]
        return ["", f"Population effects\n  {'':<{width}} {'estimate':>10} {'se':>10}", *rows] if rows else []

    def _spread(self) -> list[str]:
        lines: list[str] = []
        for name, group in self.groups.items():
            lines += ["", f"Effects by {name}, {len(group.effects)} levels: sd{', correlations' * group.correlated}"]
            width = max(len(column) for column in group.columns)
            for a, column in enumerate(group.columns):
                shown = [f"{r:>6.2f}" for r in group.correlations[a, :a]] if group.correlated else []
                lines.append(f"  {column:<{width}} {group.sds[a]:>10.4g} {' '.join(shown)}".rstrip())
        return lines

    def _residual(self) -> list[str]:
        if not self.sigma:
            return []
        return [
            "",
            "Residual sd",
            *(f"  {level} {value:.4g}".replace("   ", "  ") for level, value in self.sigma.items()),
        ]
