"""Pooling: three ways of pooling side by side, as a table, in words and in pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats, Label
from tildemc.page import Page, Section
from tildemc.results.expected import posterior_means
from tildemc.results.pointwise import loo
from tildemc.results.pooled import WAYS, Pooled, observed, rmsd
from tildemc.results.predictive import posterior_predictive
from tildemc.spec.parameters import names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

    from tildemc.results.fit import Fit
    from tildemc.results.plots.style import Plotted
    from tildemc.results.predicted import Predicted

__all__ = ["Pooling"]


PLACES = {"elpd": ".1f", "se": ".1f", "p": ".1f", "high_k": ".0f"}
"""How the table's numbers are written, where not to three places."""


@dataclass(frozen=True, eq=False)
class Pooling(Pooled):
    """One model with a factor's groups pooled completely, not at all, and partially: it prints how each does."""

    fits: Mapping[str, Fit]

    def table(self) -> DataFrame:
        """How each way of pooling does.

        Returns
        -------
        DataFrame
            Indexed by the way.

            `rmsd`: root mean square deviation of each row's posterior mean from what was observed, √(mean over rows of
            (E[y_rep | y] - y)²). The less is pooled the lower it is: it rewards a fit to noise.

            `ordered`: the same of the ordered rows, √(mean over i of (E[y_rep,(i) | y] - y_(i))²): how far the
            distribution of replicated data is from that of the data, as a quantile-quantile plot shows it. This is the
            definition that gives, for radon, numbers like those that the post "The best of both worlds" (Elbers and
            Wiecki, 2014) prints without their code: 0.12 without pooling and 0.08 with partial pooling, there 0.13 and
            0.08.

            `unseen`: out of sample, by cross-validation, over the rows that all three ways can say something of; see
            `unseen`.

            `elpd`, `se`, `p`: leave-one-out cross-validation, as `Fit.loo` has it; `high_k`: of how many rows it is
            not to be trusted.
        """
        from tildemc.table import Table

        rows = {}
        for way in WAYS:
            fit = self.fits[way]
            found = loo(fit.spec, fit.design, fit.groups["posterior"])
            row = {"rmsd": rmsd(_means(fit) - observed(self.design)), "ordered": self._ordered(way)}
            if self.unseen is not None:
                row["unseen"] = float(self.unseen.loc[way, "rmsd"])
            rows[way] = row | {
                "elpd": float(found.elpd),
                "se": float(found.se),
                "p": float(found.p),
                "high_k": float((found.pareto_k > found.good_k).sum()),
            }
        return Table.from_dict(rows, orient="index").rename_axis("pooling")

    def plot(
        self,
        kind: str = "shrinkage",
        *,
        ax: Axes | None = None,
        levels: Sequence[Label] | None = None,
        parameters: Sequence[str] | None = None,
        out: str | Path | None = None,
    ) -> Plotted:
        """Draw a picture, as `Fit.plot` of partial pooling does."""
        from tildemc.results.plots import PICTURES, Asked, plot

        by_group = kind in PICTURES and "group" in PICTURES[kind].takes
        asked = Asked(self.fits["partial"], ax, levels, parameters, self.group if by_group else None, self)
        return plot(kind, asked, out)

    @cached_property
    def _table(self) -> DataFrame:
        return self.table()

    def _ordered(self, way: str) -> float:
        """The deviation of the mean ordered replicates from the ordered rows."""
        fit = self.fits[way]
        drawn = posterior_predictive(fit.spec, fit.design, fit.groups["posterior"], self.seed)
        replicated = drawn.draws[names(fit.spec).response]
        ordered = np.sort(replicated.reshape(-1, self.design.n), axis=1).mean(axis=0)
        return rmsd(ordered - np.sort(observed(self.design)))

    @cached_property
    def _page(self) -> Page:
        """What is shown, as text or in a notebook."""
        frame = self._table
        told = [f"{self.group}: {len(self.own[0].factor.levels)} levels, pooled three ways"]
        told += [f"{way}: {self.fits[way].spec.formula}" for way in WAYS]
        rows = [
            (way, [f"{value:{PLACES.get(name, '.3f')}}" for name, value in zip(frame, frame.loc[way], strict=True)])
            for way in WAYS
        ]
        section = Section("How each way of pooling does", [*frame.columns], rows)
        return Page(self.fits["partial"].spec.formula, told, [section], [*self._told()])

    def __str__(self) -> str:
        return self._page.text()

    def _repr_html_(self) -> str:
        return self._page.html()

    def _told(self) -> Iterator[str]:
        """What a reader should know of the levels, and what speaks against trusting the draws."""
        for way in WAYS:
            yield from (f"{way} pooling: {warning}" for warning in self.fits[way].warnings())
        for own in self.own:
            open_ = ~own.known.all(axis=1)
            if open_.any():
                some = [level for level, one in zip(own.factor.levels, open_, strict=True) if one]
                listed = ", ".join(some[:4]) + (", …" if len(some) > 4 else "")
                yield (
                    f"{len(some)} of {len(open_)} levels cannot support a regression of their own ({listed}): "
                    "without pooling they have no estimate of what their rows leave open; undetermined() lists it"
                )
            if own.absorbed:
                yield f"without pooling, the levels' own effects have taken in {', '.join(own.absorbed)}"

    def __repr__(self) -> str:
        return f"<Pooling of {self.fits['partial'].spec.formula!r} by {self.group}>"


def _means(fit: Predicted) -> Floats:
    return posterior_means(fit.spec, fit.design.whole("pooling"), fit.groups["posterior"])
