"""Fit: draws from a model's posterior, and what one does with them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Never

from tildemc.errors import doors
from tildemc.results.elsewhere import ELSEWHERE
from tildemc.results.predicted import Predicted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tildemc.arrays import Label
    from tildemc.results.after.answers import Answers
    from tildemc.results.after.subject import Subject
    from tildemc.results.plots.style import Plotted
    from tildemc.results.pooling import Pooling

__all__ = ["Fit"]


@doors
class Fit(Predicted):
    """Draws from a model's posterior, and what one does with them: pictures, pages and files."""

    def pooling(self, group: str | None = None, *, folds: int = 10, seed: int = 1) -> Pooling:
        """Fit the same with the groups pooled completely and not at all, and compare; see `tildemc.pooling`."""
        from tildemc.results.pooling import Pooling

        return Pooling.fitted(self, group, folds=folds, seed=seed)

    def plot(
        self,
        kind: str,
        *,
        ax: Axes | None = None,
        levels: Sequence[Label] | None = None,
        parameters: Sequence[str] | None = None,
        group: str | None = None,
        response: str | None = None,
        out: str | Path | None = None,
    ) -> Plotted:
        """Draw a picture.

        Parameters
        ----------
        kind : str
            Of groups: `shrinkage` (arrows from each level's own estimate to its pooled one), `groups` (data and
            regressions, small multiples), `ranef` (effects with intervals); of the response: `conditional` (the mean
            along each column, with the data), `effects` (the same of each variable and interaction), `ppc`, `prior_ppc`
            (before the data), `loo_pit`, `residuals`; of parameters: `forest`, `prior` (against the posterior),
            `trace`, `rank`, `pairs`.
        ax : Axes, optional
            Where to draw, for kinds of one panel.
        levels : sequence, optional
            Of the grouping factor, which ones.
        parameters : sequence of str, optional
            Which parameters, effects or columns.
        group : str, optional
            The grouping factor, where there are several.
        response : str, optional
            Which of several responses a picture of the response is of.
        out : str or Path, optional
            A file to write it to as well, of the kind that its name says: png, svg, pdf.

        Returns
        -------
        PlotCollection, Axes or array of Axes
            ArviZ's where ArviZ draws, else matplotlib's.

        Raises
        ------
        FitError
            If there is no such kind, or no such level, parameter or group; or the file cannot be written.
        """
        from tildemc.results.plots import Asked, plot

        own = self if response is None else self.of_response(response)
        return plot(kind, Asked(own, ax, levels, parameters, group), out)

    def stata(self, text: str | None = None, **fits: Fit) -> Answers:
        """What Stata's commands after a model say: `margins`, `lincom`, `test`, `estat icc`, `predict u, reffects`.

        Parameters
        ----------
        text : str, optional
            One command or several, a line each; by default those that follow the model in its do-file.
        **fits
            Further fits, by the names that `lrtest m1 .` and `estimates table m1 .` have for them; `.` is this one.

        Returns
        -------
        Answers
            An answer for each command, with its `table`; `frame()` is that of the last.

        Raises
        ------
        TildeError
            For what is not read, with its place in the text and what would work.
        """
        from tildemc.results.after.asked import asked_of_fit

        return asked_of_fit(self, text, fits)

    def save(self, path: str | Path) -> None:
        """Write the fit as netCDF, with a checksum behind it; `tildemc.load` opens it again.

        Folders are made. ArviZ and xarray read the file too: the groups of `data`, and the model in a group beside.

        Raises
        ------
        DataError
            If it cannot be written.
        """
        from tildemc.results.saved import save

        save(self, path)

    def report(self, path: str | Path) -> Path:
        """Write one page that has all of it, for a browser or a printer.

        The formula with its equations, what the data are, priors and what they foresee, estimates, diagnostics with
        advice, pictures, the model as a PyMC program, and with what it was made. The file needs nothing but itself.

        Parameters
        ----------
        path : str or Path
            Of an HTML file; folders are made.

        Returns
        -------
        Path

        Raises
        ------
        TildeError
            If the file cannot be written, or the draws came without their model.
        """
        from tildemc.results.report.write import write

        return write(self, path)

    @cached_property
    def subject(self) -> Subject:
        """What `stata` is asked of; it knows the margins of the last `margins`."""
        from tildemc.results.after.subject import Subject
        from tildemc.results.telling import ByDraws

        return Subject(self, ByDraws())

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Never:
            """Answer the names of other packages with those here."""
            here = f": it is `{ELSEWHERE[name]}` here" if name in ELSEWHERE else ""
            raise AttributeError(f"a fit has no `{name}`{here}", name=name, obj=self)

    def __repr__(self) -> str:
        return f"<Fit of {self.spec.formula!r}: {self.draws} draws, {self.path}>"
