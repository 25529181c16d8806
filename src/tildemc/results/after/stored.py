"""`lrtest`, `estimates table`, `estimates stats`, `esttab`, `estat ic`: fits and their criteria side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tildemc.errors import FitError
from tildemc.resolve.after.records import Likelihoods, Tabulated
from tildemc.results.after.answers import Answer
from tildemc.results.after.subject import Maximum, Others, Subject, subjects
from tildemc.results.compare import compare

if TYPE_CHECKING:
    import pandas as pd

    from tildemc.table import Table

__all__ = ["criteria", "likelihoods", "tabulated"]

_BY_LOO = "leave-one-out cross-validation is told in their place"


def likelihoods(subject: Subject, others: Others, command: str, asked: Likelihoods) -> Answer:
    """How much better one of two fits describes the rows than the other."""
    found = subjects(subject, others, asked.names, asked.span)
    estimates = {name: each.estimate for name, each in found.items()}
    known = {name: estimate for name, estimate in estimates.items() if estimate is not None}
    if len(found) != 2:
        raise FitError("`lrtest` is of two different fits", asked.span)
    if not known:
        table = compare([{name: each.fit for name, each in found.items()}], {})
        note = f"a likelihood ratio is of maxima; of draws {_BY_LOO}: `elpd_diff` and its standard error `dse`"
        return Answer(command, "Comparison by leave-one-out cross-validation", _table(table), (note,))
    if len(known) < 2:
        raise FitError("one of these is a maximum and the other draws: compare like with like", asked.span)
    return _ratio(command, known, {each.fit.design.n for each in found.values()})


def _ratio(command: str, known: dict[str, Maximum], rows: set[int]) -> Answer:
    """The likelihood ratio test of two maxima."""
    import pandas as pd
    from scipy.stats import chi2

    (small, one), (large, other) = sorted(known.items(), key=lambda item: item[1].parameters)
    if one.method != other.method or len(rows) > 1:
        raise FitError("a likelihood ratio is of two fits by one criterion to the same rows")
    if one.method == "reml" and [*one.fixef] != [*other.fixef]:
        message = 'restricted likelihoods of different population effects cannot be compared: `optimize("ml")` both'
        raise FitError(message)
    df = other.parameters - one.parameters
    if df == 0:
        raise FitError(f"{small} and {large} have equally many parameters: neither is nested in the other")
    statistic = one.criterion - other.criterion
    row = {"LR chi2": statistic, "df": df, "P>chi2": float(chi2.sf(max(statistic, 0.0), df))}
    notes: tuple[str, ...] = (f"{small} is taken to be nested in {large}",)
    if len(other.fixef) == len(one.fixef):
        notes += ("variances that are zero are at the end of what they may be, so that the test is conservative",)
    return Answer(command, "Likelihood ratio test", _table(pd.DataFrame([row], [f"{small} in {large}"])), notes)


def criteria(subject: Subject) -> tuple[dict[str, float], tuple[str, ...]]:
    """How well a fit describes its rows, and what a reader should know of that."""
    estimate, n = subject.estimate, subject.fit.design.n
    if estimate is None:
        found = subject.fit.loo()
        row = {"N": n, "elpd": float(found.elpd), "se": float(found.se), "p": float(found.p)}
        return row | {"looic": -2 * row["elpd"]}, (f"AIC and BIC are of maxima; of draws {_BY_LOO}",)
    df = estimate.parameters
    row = {"N": n, "ll": -0.5 * estimate.criterion, "df": df, "AIC": estimate.criterion + 2 * df}
    return row | {"BIC": estimate.criterion + float(np.log(n)) * df}, ()


def tabulated(subject: Subject, others: Others, command: str, asked: Tabulated) -> Answer:
    """The estimates of several fits, or their criteria."""
    import pandas as pd

    found = subjects(subject, others, asked.names, asked.span)
    if asked.likelihoods:
        rows = {name: criteria(each) for name, each in found.items()}
        frame = pd.DataFrame.from_dict({name: row for name, (row, _) in rows.items()}, orient="index")
        notes = tuple(dict.fromkeys(note for _, own in rows.values() for note in own))
        return Answer(command, "Information criteria", _table(frame), notes)
    parts = {name: each.estimates().iloc[:, :2] for name, each in found.items()}
    return Answer(command, "Estimates", _table(pd.concat(parts, axis=1)))


def _table(frame: pd.DataFrame) -> Table:
    from tildemc.table import Table

    return Table(frame)
