"""What a person asks of a fit about rows that are set, compared or averaged over; checked once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from tildemc.arrays import Floats, Label
from tildemc.errors import ELSEWHERE, SemanticError, nearest
from tildemc.resolve.used import kept_rows, used_rows
from tildemc.results.conditioning import Conditioning
from tildemc.results.margins.evaluation import Estimand, Setting, averaged, by_row
from tildemc.results.margins.margins import OWN, Margins
from tildemc.results.margins.variables import Variable, Variables
from tildemc.results.quantity import quantity
from tildemc.spec.design import Design
from tildemc.visible import shown

if TYPE_CHECKING:
    from pandas import DataFrame

    from tildemc.results.drawn import Drawn

__all__ = [
    "CATEGORY",
    "Asked",
    "By",
    "How",
    "Named",
    "along_of",
    "crossed",
    "named_of",
    "settings_of",
    "values_of",
    "variables_of",
]

CATEGORY = "group"
"""What marginaleffects calls the column of the response's categories."""

By = bool | str | Sequence[str]
"""The columns within whose levels rows are averaged."""

Named = str | Sequence[str] | Mapping[str, object] | None
"""Columns by name, with what is said of each; None for what is usual."""


class How(TypedDict, total=False):
    """What is asked of rows, as `Fit.predict` has it; and the column of weights that averages are by."""

    kind: str
    groups: object
    new_levels: str
    interval: float | None
    seed: int | None
    wts: str | None
    response: str | None


def variables_of(fit: Drawn, newdata: object = None) -> Variables:
    """What is known of the variables: from the rows of the fit, or from new data where these are not at hand."""
    if fit.columns is not None:
        return Variables(fit.spec, kept_rows(fit.columns, fit.design.whole("a file of columns").index))
    request = None if fit.model is None else fit.model.request
    away = request is None or request.data is None or not isinstance(fit.design, Design)
    if away and newdata is not None:
        return Variables.of(fit.spec, newdata)
    rows = fit.design.whole("what is made of the data's own columns").rows
    return Variables(fit.spec, used_rows(request, rows, fit.spec.ordered))


@dataclass(frozen=True, eq=False)
class Asked:
    """Rows, what is asked of them, and over which of them it is averaged.

    Attributes
    ----------
    setting : Setting
    variables : Variables
    table : DataFrame
        The rows.
    by : tuple of str or None
        The columns whose combinations are averaged over; none for all rows; None for each row by itself.
    interval : float
    of : str
        What is asked, in words.
    wts : str or None
        The column of weights.
    through : callable or None
        What is made of averages of the quantity before anything is said of them.
    """

    setting: Setting
    variables: Variables
    table: DataFrame
    by: tuple[str, ...] | None
    interval: float
    of: str
    wts: str | None = None
    through: Callable[[Floats], Floats] | None = None

    @classmethod
    def of_fit(
        cls,
        fit: Drawn,
        newdata: object = None,
        *,
        by: By = False,
        **how: Unpack[How],
    ) -> Asked:
        """As a person asks it.

        Raises
        ------
        TildeError
            If there is no such thing.
        """
        _check_names(how)
        fit = fit.of_response(how.get("response"), everywhere=True)
        spec = fit.spec
        kind, interval = how.get("kind", "mean"), how.get("interval")
        groups, new_levels = how.get("groups", "all"), how.get("new_levels", "error")
        asked, conditioning = quantity(spec, kind), Conditioning.of(spec, groups, new_levels, how.get("seed"))
        known, chosen = variables_of(fit, newdata), _columns(by)
        rows = known if newdata is None else Variables.of(spec, newdata)
        setting = Setting(spec, fit.design, fit.groups["posterior"], asked, conditioning)
        mean = "probability" if asked.chances else "mean"
        told = {
            "mean": f"{mean} of {spec.response.label}",
            "response": spec.response.label,
            "linear": "linear predictor",
        }
        wts = how.get("wts")
        also = (*(chosen or ()), *(() if wts is None else (wts,)))
        return cls(setting, known, rows.table(also), chosen, fit.probability(interval), told.get(kind, kind), wts)

    def margins(self, estimands: Sequence[Estimand], along: tuple[str, ...] = ()) -> Margins:
        """The estimates."""
        import pandas as pd

        if self.through is not None:
            estimands = [_seen_through(estimand, self.through) for estimand in estimands]
        each = self.setting.quantity.by_category()
        if each:
            estimands = [
                replace(estimand, labels={CATEGORY: label, **estimand.labels}, quantity=chance)
                for estimand in estimands
                for label, chance in each.items()
            ]
            along = along and (along[0], *along[1:], CATEGORY)
        if self.by is None:
            if self.wts is not None:
                raise SemanticError("weights are for averages: say of which rows with `by`")
            # An index that only counts is no name of a row.
            made_up = isinstance(self.table.index, pd.RangeIndex) or "row" in self.table
            rows = self.table if made_up else self.table.reset_index(names="row")
            labels = _labelled(estimands, rows)
            found = Margins(labels, lambda: by_row(self.setting, estimands, len(rows)), self._sizes, self.interval)
        else:
            group, keys = self._grouped()
            # Averages are few and kept; rows may be many, and are worked out again when asked for.
            drawn = list(averaged(self.setting, estimands, group, len(keys), self.weights()))
            labels = _labelled(estimands, pd.DataFrame(keys, columns=[*self.by]))
            found = Margins(labels, lambda: iter(drawn), self._sizes, self.interval)
        return replace(found, along=along or along_of(labels), of=self.of)

    def weights(self) -> NDArray[np.float64]:
        """Of each row, (n,)."""
        if self.wts is None:
            return np.ones(len(self.table))
        found = np.asarray(self.table[self.wts])
        if found.dtype.kind not in "iuf" or not (found >= 0).all():
            raise SemanticError(f"`{self.wts}` cannot weigh rows: some of it is no number from 0 up")
        return found.astype(np.float64)

    def of_number(self) -> Asked:
        """The same of the mean number of a category, where it is of the chance of each."""
        spec, quantity = self.setting.spec, self.setting.quantity
        number = replace(quantity, categories=(), chances=())
        return replace(self, setting=replace(self.setting, quantity=number), of=f"mean of {spec.response.label}")

    @property
    def grouped(self) -> bool:
        """Whether some group has an effect."""
        return bool(self.setting.conditioning.wanted.effects)

    @property
    def _sizes(self) -> tuple[int, int]:
        sizes = self.setting.posterior.sizes
        return sizes["chain"], sizes["draw"]

    def _grouped(self) -> tuple[NDArray[np.intp], list[tuple[Label, ...]]]:
        """Which group each row belongs to, and the groups in order."""
        import pandas as pd

        assert self.by is not None
        if not self.by:
            return np.zeros(len(self.table), dtype=np.intp), [()]
        known = {}
        for name in self.by:
            values = self.table[name]
            # In the order of the levels, which need not be that of their names.
            order = self.variables[name].levels if name in self.variables.names else ()
            known[name] = pd.Categorical(values, categories=order) if order and values.isin(order).all() else values
        grouped = pd.DataFrame(known, self.table.index).groupby([*self.by], dropna=False, observed=True)
        number = grouped.ngroup().to_numpy()
        first = [int(np.flatnonzero(number == k)[0]) for k in range(number.max(initial=-1) + 1)]
        return number, [tuple(self.table[name].iloc[row] for name in self.by) for row in first]


def _seen_through(estimand: Estimand, through: Callable[[Floats], Floats]) -> Estimand:
    """The same of what is made of averages."""
    return replace(
        estimand, of=lambda values, rows: estimand.of([through(value) for value in values], rows), of_averages=True
    )


def _check_names(how: Mapping[str, object]) -> None:
    for name in how:
        if name not in How.__annotations__:
            ours = ELSEWHERE.get(name)
            hint = f": `{ours}` says it" if ours in How.__annotations__ else nearest(name, How.__annotations__)
            raise SemanticError(f"there is no argument `{name}` here{hint}; there are {', '.join(How.__annotations__)}")


def along_of(labels: DataFrame) -> tuple[str, ...]:
    """The columns that tell estimates apart, groups of rows before contrasts; none if there are too many to show."""
    several = [name for name in labels.columns if name != "row" and labels[name].nunique() > 1]
    if "contrast" in several and labels.groupby("contrast")["term"].nunique().max() == 1:
        # Each contrast is of one term, and says more.
        several = [name for name in several if name != "term"]
    several.sort(key=lambda name: name in ("term", "contrast"))
    found = tuple(several) or tuple(labels.columns[:1])
    return found if sum(name != "term" for name in found) < 3 else ()


def _labelled(estimands: Sequence[Estimand], rows: DataFrame) -> DataFrame:
    """The labels of each estimand beside those of each row, or group of rows; data called as one of ours make way."""
    import pandas as pd

    if not estimands:
        raise SemanticError("the model has no population effects to compare or differentiate by")
    taken = {*estimands[0].labels, *OWN}
    renamed = rows.rename(columns={name: f"{name}_" for name in rows.columns if name in taken})
    parts = [renamed.assign(**estimand.labels)[[*estimand.labels, *renamed.columns]] for estimand in estimands]
    return pd.concat(parts, ignore_index=True)


def _columns(by: object) -> tuple[str, ...] | None:
    """The columns that `by` names; none for True, None for False."""
    if isinstance(by, bool):
        return () if by else None
    names = [by] if isinstance(by, str) else by
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) for name in names):
        raise SemanticError(f"`by` is True, a column's name or a list of names, not {shown(by)}")
    return tuple(dict.fromkeys(names))


def crossed(table: DataFrame, values: Mapping[str, Sequence[Label]]) -> DataFrame:
    """All rows once for each combination of values of some columns."""
    import pandas as pd

    parts = [table.assign(**dict(zip(values, combination, strict=True))) for combination in product(*values.values())]
    return pd.concat(parts) if parts else table


def settings_of(
    variables: Variables, asked: object, usual: Callable[[Variable], Sequence[Label]]
) -> dict[str, list[Label]]:
    """The values that columns are set to, by what a person says: names, or a mapping of them to values.

    Raises
    ------
    SemanticError
        If there is no such column or level.
    """
    return {
        variable.name: list(usual(variable)) if given is None else values_of(variable, given)
        for variable, given in named_of(variables, asked, "values")
    }


def named_of(variables: Variables, asked: object, what: str) -> list[tuple[Variable, object]]:
    """The variables that a person names, each with what is said of it; None where nothing is.

    Raises
    ------
    SemanticError
        If there is no such column, or none is named.
    """
    if isinstance(asked, str):
        asked = [asked]
    if isinstance(asked, list | tuple):
        asked = dict.fromkeys(asked)
    if not isinstance(asked, Mapping) or not asked:
        raise SemanticError(
            f"`variables` is a column's name, a list, or a mapping of names to {what}, not {shown(asked)}"
        )
    return [(variables.chosen(name), given) for name, given in asked.items()]


def values_of(variable: Variable, given: object) -> list[Label]:
    """The values of a column that a person states: one, several, or a function of the column.

    Raises
    ------
    SemanticError
        If the column cannot be one of them.
    """
    found = given(variable.numbers if variable.number else variable.values) if callable(given) else given
    several = found if isinstance(found, list | tuple | range | np.ndarray) else [found]
    if not len(several):
        raise SemanticError(f"`{variable.name}` is set to no value")
    if not variable.number:
        return [variable.level(value) for value in several]
    numbers: list[Label] = []
    for value in several:
        if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not np.isfinite(value):
            raise SemanticError(f"`{variable.name}` is a number, not {shown(value)}")
        numbers.append(value.item() if isinstance(value, np.number) else value)
    return numbers
