"""`predict`: new columns beside the rows of the fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, assert_never

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import FitError, UnsupportedError
from tildemc.resolve.after.records import Predicted
from tildemc.results.after.answers import Answer
from tildemc.results.after.subject import Subject
from tildemc.results.conditioning import Conditioning
from tildemc.results.margins.integrated import over_groups
from tildemc.results.predict import evaluated, posterior_draws, rows_for
from tildemc.results.quantity import Quantity, quantity
from tildemc.spec.parameters import names
from tildemc.spec.terms.group import GroupEffects

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["predicted"]

_TOLD = {
    "xb": "linear prediction without effects of groups", "mu": "predicted mean",
    "fitted": "linear prediction with effects of groups",
    "reffects": "effects of groups", "residuals": "residuals", "rstandard": "residuals in standard deviations",
    "stdp": "standard deviation of the linear prediction", "reses": "standard deviations of effects of groups",
}  # fmt: skip
_SPREAD = ("stdp", "reses")
"""What is said by how draws spread."""


def predicted(subject: Subject, command: str, asked: Predicted) -> Answer:
    """A frame of the new columns, in the rows of the fit."""
    import pandas as pd

    from tildemc.table import Table

    found: dict[str, pd.Series[float]] = {}
    columns = [*_columns(subject, asked)]
    labels = _names(asked.names, [label for label, *_ in columns])
    spreads = _names(asked.reses, [label for label, *_ in columns]) if asked.reses else []
    for place, (_, mean, sd) in enumerate(columns):
        if labels:
            found[labels[place]] = sd if asked.said in _SPREAD else mean
        if spreads:
            found[spreads[place]] = sd
    told = _TOLD[asked.said]
    return Answer(command, told, Table(pd.DataFrame(found)))


def _names(given: Sequence[str], labels: Sequence[str]) -> list[str]:
    """The names of new columns: as many as there are, or numbered after a stub.

    Raises
    ------
    FitError
        If there are too few or too many.
    """
    if len(given) == 1 and given[0].endswith("*"):
        return [f"{given[0][:-1]}{place}" for place, _ in enumerate(labels, 1)]
    if given and len(given) != len(labels):
        count = f"{len(labels)} new variables, of {', '.join(labels)}"
        raise FitError(f"there are {count}: name each, or write `u*`")
    return list(given)


_Column = tuple[str, "pd.Series[float]", "pd.Series[float]"]
"""What it is of, means and standard deviations."""


def _columns(subject: Subject, asked: Predicted) -> Iterator[_Column]:
    fit = subject.fit
    match asked.said:
        case "xb" | "stdp":
            yield from _of_rows(subject, quantity(fit.spec, "linear"), "none")
        case "fitted":
            yield from _of_rows(subject, quantity(fit.spec, "linear"), "all")
        case "mu":
            mean = quantity(fit.spec, "mean")
            if asked.over == "marginal" and any(fit.spec.groups()):
                mean = over_groups(fit.spec, mean)
            chosen = _of_rows(subject, mean, "none" if asked.over == "none" else "all")
            yield from (column for column in chosen if asked.outcome in ("", column[0]))
        case "residuals" | "rstandard":
            found = fit.residuals("ordinary" if asked.said == "residuals" else "pearson", groups=_residual(asked))
            yield asked.said, found["mean"], found["sd"]
        case "reffects" | "reses":
            yield from _effects(subject, asked.group)
        case never:
            assert_never(never)


def _residual(asked: Predicted) -> str:
    if asked.over == "marginal":
        raise UnsupportedError("residuals from the mean over all groups are not built: `fixedonly` has no effects")
    return "none" if asked.over == "none" else "all"


def _of_rows(subject: Subject, asked: Quantity, groups: str) -> Iterator[_Column]:
    """A quantity of each row; the chance of each category where there are these."""
    fit = subject.fit
    conditioning = Conditioning.of(fit.spec, groups, "error", 0)
    rows = rows_for(fit.spec, fit.design, conditioning, asked, None)
    draws, (chains, length) = posterior_draws(fit.groups["posterior"])
    each = asked.by_category() or {"": asked}
    means, sds = (np.full((len(each), len(rows.complete)), np.nan) for _ in range(2))
    places = np.flatnonzero(rows.complete)
    for chunk, some, generator in evaluated(fit.spec, rows, draws, chains * length, conditioning):
        for number, own in enumerate(each.values()):
            values = own.of(some, generator)
            means[number, places[chunk]] = subject.telling.middle(values)
            sds[number, places[chunk]] = subject.telling.spread(values)
    for number, label in enumerate(each):
        yield label, _series(means[number], rows.index), _series(sds[number], rows.index)


def _series(values: Floats, index: object) -> pd.Series[float]:
    import pandas as pd

    return pd.Series(values, index)


def _effects(subject: Subject, factor: str) -> Iterator[_Column]:
    """Each row's effects of groups, slopes before the constant, of one factor if one is named."""
    fit = subject.fit
    groups = [group for group in fit.spec.predictors[0].groups if factor in ("", group.factor.columns[-1])]
    if not groups:
        known = ", ".join(group.factor.columns[-1] for group in fit.spec.predictors[0].groups)
        there = f"groups are those of {known}" if known else "the model has no group effects"
        raise FitError(f"there are no effects by `{factor}`: {there}" if factor else there)
    design = fit.design.whole("the effects of the rows")
    for group in groups:
        index = design.of(group).index
        draws = fit.groups["posterior"].draws[names(fit.spec).of(group).r]
        values = draws.reshape(-1, *draws.shape[2:])
        for place in _slopes_first(subject, group):
            own = values[:, :, place]
            middle, spread = subject.telling.middle(own), _spread(subject, group, own, place)
            label = f"{subject.stata.effect(group.columns[place])}[{'>'.join(group.factor.columns)}]"
            mean, sd = (np.where(index >= 0, each[np.maximum(index, 0)], 0.0) for each in (middle, spread))
            yield label, _series(mean, design.index), _series(sd, design.index)


def _spread(subject: Subject, group: GroupEffects, values: Floats, place: int) -> Floats:
    """How far effects are known: of an estimate given its numbers, lme4's `condVar`."""
    if subject.estimate is None:
        return subject.telling.spread(values)
    sds = subject.estimate.groups[group.factor.label].effect_sds
    return np.full(values.shape[1], np.nan) if sds is None else sds[:, place]


def _slopes_first(subject: Subject, group: GroupEffects) -> list[int]:
    labels = [subject.stata.effect(column) for column in group.columns]
    return sorted(range(len(labels)), key=lambda place: labels[place] == "_cons")
