"""Picture: one kind of plot; Asked: what a person wants to see of a fit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from tildemc.arrays import Label
from tildemc.errors import FitError, nearest
from tildemc.resolve.frame import Frame
from tildemc.results.grouping import factor_of
from tildemc.results.margins.asked import variables_of
from tildemc.results.plots.style import Plotted
from tildemc.results.pooled import Pooled
from tildemc.spec.design import Design
from tildemc.visible import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tildemc.results.predicted import Predicted

__all__ = ["Asked", "Picture", "Place"]

Place = Literal["", "priors", "groups", "response", "draws"]
"""A part of a report; what is of groups is there for each grouping factor."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One kind of plot.

    Attributes
    ----------
    name : str
    told : str
        What it shows, in a few words.
    draw : callable
        Draws it; imported when it is asked for.
    takes : frozenset of str
        Which of `ax`, `levels`, `parameters` and `group` it goes by.
    place : str
        The part of a report that has it; empty if none has.
    refits : bool
        Whether other models are fitted for it.
    """

    name: str
    told: str
    draw: Callable[[Asked], Plotted]
    takes: frozenset[str]
    place: Place = ""
    refits: bool = False


@dataclass(frozen=True, eq=False)
class Asked:
    """What a person wants to see.

    Attributes
    ----------
    fit : Predicted
    ax : Axes or None
        Where to draw.
    levels : sequence or None
        Of the grouping factor, which ones.
    parameters : sequence of str or None
        Which parameters, effects or columns.
    group : str or None
        The grouping factor, where there are several.
    compared : Pooled or None
        The other ways of pooling, if they have been fitted.
    """

    fit: Predicted
    ax: Axes | None = None
    levels: Sequence[Label] | None = None
    parameters: Sequence[str] | None = None
    group: str | None = None
    compared: Pooled | None = None

    def check(self, picture: Picture) -> None:
        """Refuse what that kind of plot does not go by.

        Raises
        ------
        FitError
        """
        for name in ("ax", "levels", "parameters", "group"):
            if getattr(self, name) is not None and name not in picture.takes:
                listed = ", ".join(f"`{one}`" for one in sorted(picture.takes)) or "nothing"
                raise FitError(f"the plot `{picture.name}` takes no `{name}`; it takes {listed}")
        # A text is a sequence too, of letters that are no levels.
        for name in ("levels", "parameters"):
            given = getattr(self, name)
            if given is not None and (isinstance(given, str) or not isinstance(given, Collection) or not len(given)):
                raise FitError(f"`{name}` is a list such as `[...]` with at least one entry, not {shown(given)}")

    @cached_property
    def design(self) -> Design:
        """The numbers of the fit."""
        return self.fit.design.whole("a picture")

    @cached_property
    def frame(self) -> Frame:
        """The rows of the fit, as a model takes new ones."""
        return variables_of(self.fit).frame.as_codes()

    @cached_property
    def factor(self) -> str:
        """The label of the grouping factor."""
        return factor_of(self.fit.spec, self.group)

    @cached_property
    def pooling(self) -> Pooled:
        """The three ways of pooling; the other two are fitted unless they have been."""
        return Pooled.fitted(self.fit, self.group, folds=0, seed=1) if self.compared is None else self.compared

    def chosen_levels(self) -> list[int] | None:
        """The places of the levels that were asked for; None if none was.

        Raises
        ------
        FitError
            With the level that is nearest.
        """
        if self.levels is None:
            return None
        label = self.factor
        factor = next(f for f in self.fit.spec.factors() if f.label == label)
        places = {str(level): place for place, level in enumerate(factor.values)}
        for level in self.levels:
            if str(level) not in places:
                raise FitError(f"`{self.factor}` has no level {shown(level)}{nearest(str(level), places)}")
        return [places[str(level)] for level in dict.fromkeys(self.levels)]
