"""`estat`: intraclass correlations, covariances of effects, criteria, groups, correlations within a cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import FitError, UnsupportedError
from tildemc.resolve.after.records import Statistic, What
from tildemc.results.after.answers import Answer
from tildemc.results.after.stored import criteria
from tildemc.results.after.subject import Subject, scale_of
from tildemc.results.after.within import within_cluster
from tildemc.results.variance import icc
from tildemc.spec.parameters import names
from tildemc.spec.terms.group import GroupDesign, GroupEffects

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["statistic"]


def statistic(subject: Subject, command: str, asked: Statistic) -> Answer:
    """What `estat` says."""
    return _ASKED[asked.what](subject, command, asked)


def _icc(subject: Subject, command: str, asked: Statistic) -> Answer:
    """As Stata has it: where random slopes are of zero."""
    fit = subject.fit
    whole = fit.design.whole("the effects of the rows")
    at_zero = {group.path: _constants(subject, group, whole.of(group)) for group in fit.spec.predictors[0].groups}
    design = replace(whole, terms={**whole.terms, **at_zero})
    found = icc(fit.spec, design, fit.groups["posterior"])
    levels = {factor.label: "|".join(reversed(factor.columns)) for factor in fit.spec.factors()}
    at = [place for place, label in enumerate(found.labels) if label in levels]
    values = found.values.reshape(-1, len(found.labels))[:, at]
    labels = [levels[str(found.labels[place])] for place in at]
    table = subject.table(labels, values, asked.level, ["share"] * len(at))
    slopes = any(len(group.columns) > 1 for group in fit.spec.predictors[0].groups)
    notes = ("where random slopes are of zero, as in Stata; `icc()` has the mean over the rows",) if slopes else ()
    return Answer(command, "Intraclass correlation", table, notes)


def _constants(subject: Subject, group: GroupEffects, numbers: GroupDesign) -> GroupDesign:
    """The rows with no other effects of a group than constants."""
    constant = [subject.stata.effect(column) == "_cons" for column in group.columns]
    return replace(numbers, Z=numbers.Z * constant)


def _covariances(subject: Subject, command: str, asked: Statistic) -> Answer:
    """The covariance matrix of the effects of each factor, or their correlations."""
    import pandas as pd

    groups = _groups(subject)
    parts = {}
    for group in groups:
        labels = [subject.stata.effect(column) for column in group.columns]
        covariance = _covariance(subject, group)
        if asked.correlation:
            sds = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
            covariance = covariance / (sds[:, :, None] * sds[:, None, :])
        mean = subject.telling.middle(covariance.reshape(len(covariance), -1)).reshape(len(labels), len(labels))
        order = sorted(range(len(labels)), key=lambda place: labels[place] == "_cons")
        chosen = [labels[place] for place in order]
        parts[">".join(group.factor.columns)] = pd.DataFrame(mean[np.ix_(order, order)], chosen, chosen)
    what = "correlations" if asked.correlation else "covariances"
    return Answer(command, f"Random-effects {what}", _table(pd.concat(parts, names=["group", "effect"])))


def _covariance(subject: Subject, group: GroupEffects) -> Floats:
    """Of a group's effects under each draw, (n, q, q)."""
    named, posterior = names(subject.fit.spec).of(group), subject.fit.groups["posterior"].draws
    sds = posterior[named.sd].reshape(-1, len(group.columns))
    found = sds[:, :, None] * sds[:, None, :]
    if not group.correlated:
        return found * np.eye(len(group.columns))
    return found * posterior[named.cor].reshape(-1, *found.shape[1:])


def _spreads(subject: Subject, command: str, asked: Statistic) -> Answer:
    """Standard deviations and correlations, by Stata's names."""
    found = subject.stata.spreads(variances=asked.variances)
    if not found:
        raise FitError("the model has neither group effects nor a residual sd")
    table = subject.table([*found], subject.values([*found.values()]), asked.level, [*map(scale_of, found)])
    told = "Variances and covariances" if asked.variances else "Standard deviations and correlations"
    return Answer(command, told, table)


def _vce(subject: Subject, command: str, asked: Statistic) -> Answer:
    """The covariance matrix of the coefficients."""
    import pandas as pd

    coefficients = subject.stata.coefficients()
    called = [*coefficients]
    found = subject.telling.covariance(subject.values([*coefficients.values()]))
    if asked.correlation:
        sds = np.sqrt(np.diag(found))
        found = found / np.outer(sds, sds)
    what = "Correlation" if asked.correlation else "Covariance"
    return Answer(command, f"{what} matrix of coefficients", _table(pd.DataFrame(found, called, called)))


def _counts(subject: Subject, command: str, asked: Statistic) -> Answer:
    """How many groups there are of each factor, and of how many rows."""
    import pandas as pd

    design = subject.fit.design.whole("the sizes of groups")
    rows = {}
    for group in _groups(subject):
        index = design.of(group).index
        counts = np.bincount(index[index >= 0])
        counts = counts[counts > 0]
        rows[">".join(group.factor.columns)] = [len(counts), counts.min(), counts.mean(), counts.max()]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["groups", "minimum", "average", "maximum"])
    frame = frame.astype({name: "int64" for name in ("groups", "minimum", "maximum")})
    return Answer(command, "Observations per group", _table(frame.rename_axis("group")))


def _criteria(subject: Subject, command: str, asked: Statistic) -> Answer:
    import pandas as pd

    row, notes = criteria(subject)
    return Answer(command, "Information criteria", _table(pd.DataFrame([row], ["."])), notes)


def _within(subject: Subject, command: str, asked: Statistic) -> Answer:
    """Correlations of the rows of the first cluster."""
    import pandas as pd

    fit = subject.fit
    groups = _groups(subject)
    if fit.spec.residual is not None:
        raise UnsupportedError("`estat wcorrelation` with a structure of residuals is not built")
    label, rows, covariance = within_cluster(fit, groups, [_covariance(subject, group) for group in groups])
    sds = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    each = covariance / (sds[:, :, None] * sds[:, None, :])
    mean = subject.telling.middle(np.concatenate([sds, each.reshape(len(each), -1)], axis=1))
    count = len(rows)
    frame = pd.DataFrame(mean[count:].reshape(count, count), rows, rows)
    frame.insert(0, "sd", mean[:count])
    return Answer(command, f"Standard deviations and correlations of the rows of {label}", _table(frame))


def _groups(subject: Subject) -> Sequence[GroupEffects]:
    found = subject.fit.spec.predictors[0].groups
    if not found:
        raise FitError("the model has no group effects")
    return found


def _table(frame: DataFrame) -> DataFrame:
    from tildemc.table import Table

    return Table(frame)


_ASKED: dict[What, Callable[[Subject, str, Statistic], Answer]] = {
    "icc": _icc, "recovariance": _covariances, "ic": _criteria, "group": _counts, "sd": _spreads,
    "wcorrelation": _within, "vce": _vce,
}  # fmt: skip
