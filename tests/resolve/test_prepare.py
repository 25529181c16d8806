"""What a text does to its data first: each step against pandas, and what the model then needs of new data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tildemc.errors import TildeError
from tildemc.resolve.families import read_family
from tildemc.resolve.frame import Frame
from tildemc.resolve.newdata import Needed, new_rows
from tildemc.resolve.prepare import Prepared, prepare
from tildemc.resolve.resolve import resolve
from tildemc.spec.design import Design
from tildemc.spec.model import ModelSpec
from tildemc.spec.report import Report
from tildemc.syntax.command import read
from tildemc.syntax.expression import parse_expression
from tildemc.syntax.statement import Statement
from tildemc.syntax.steps import Complete, FirstOf, Keep, Make, Pick, RowNumbers, Step
from tildemc.syntax.tree import Name, Number

DATA = pd.DataFrame(
    {
        "y": [1.0, 2.0, 4.0, 3.0, 5.0, 9.0, 6.0, 8.0],
        "x": [0.5, -1.0, 2.0, np.nan, 3.0, 1.0, 4.0, 99.0],
        "f": ["a", "b", "c", "a", "b", "c", "a", "b"],
        "g": [1, 1, 2, 2, 3, 3, 1, 2],
    }
)


def _keep(text: str) -> Keep:
    return Keep(parse_expression(text))


def _make(name: str, text: str, *by: str) -> Make:
    return Make(name, parse_expression(text), tuple(map(Name, by)))


def _statement(formula: str, *steps: Step) -> Statement:
    return replace(read(formula), steps=steps)


def _prepared(*steps: Step) -> Prepared:
    return prepare(Frame(DATA), _statement("y ~ x", *steps))


def _resolved(formula: str, *steps: Step) -> tuple[ModelSpec, Design, Report]:
    return resolve(_statement(formula, *steps), Frame(DATA), [read_family("gaussian", None, ())])


def _column(steps: tuple[Step, ...], name: str) -> np.ndarray:
    spec, design, _ = _resolved(f"y ~ 0 + {name}", *steps)
    return design.of(spec.predictors[0].population).X[:, 0]


_G, _X = DATA["g"], DATA["x"]
CASES = {
    "a mean is of the rows that are left by then": (
        (_keep("y > 1"), _make("z", "x - mean(x)"), _keep("y > 3")),
        (_X - _X[DATA["y"] > 1].mean())[(DATA["y"] > 3) & _X.notna()],
    ),
    "a statistic within groups is each row's group's": (
        (_make("z", "x - mean(x)", "g"),),
        (_X - _X.groupby(_G).transform("mean"))[_X.notna()],
    ),
    "groups of two columns are their combinations": (
        (_make("z", "max(y)", "f", "g"),),
        DATA.groupby(["f", "g"])["y"].transform("max"),
    ),
    "a column may be made anew of itself": ((_make("x", "x * 2"), _make("x", "x + 1")), (2 * _X + 1)[_X.notna()]),
    "a column is made of one that was made": ((_make("u", "y^2"), _make("z", "u - min(u)")), DATA["y"] ** 2 - 1),
    "rows where a made column has no value are left out": (
        (_make("z", "log(x)"),),
        np.log(_X.where(_X > 0)).dropna(),
    ),
    "rows without a value anywhere are left out when asked": ((Complete(), _make("z", "y")), DATA["y"][_X.notna()]),
    "values that stand for none are none": (
        (_make("x", "ifelse(x == 99, NA, x)"),),
        _X[_X.notna() & (_X != 99)],
    ),
    "none may be made a value": ((_make("x", "ifelse(is.na(x), 0, x)"),), _X.fillna(0)),
    "a comparison with nothing has no value": ((_make("z", "ifelse(x > 1, 1, 0)"),), (_X > 1)[_X.notna()]),
    "rows by number": ((Keep(RowNumbers(((1, 3),))), _make("z", "y")), DATA["y"][:3]),
}


@pytest.mark.parametrize(("steps", "column"), CASES.values(), ids=CASES)
def test_a_made_column_is_what_pandas_makes(steps: tuple[Step, ...], column: pd.Series) -> None:
    np.testing.assert_allclose(
        _column(steps, "z" if any(getattr(s, "name", "") == "z" for s in steps) else "x"), column
    )


def test_the_model_is_of_the_datas_own_columns_and_new_data_need_no_others() -> None:
    spec, _, _ = _resolved("y ~ z + (1 | h)", _make("z", "x - mean(x)", "g"), _make("h", "as.factor(f)"))
    rows = new_rows(Needed(spec, lambda group: np.ones(1, dtype=bool)), DATA[["x", "g", "f"]].head(2), "error")
    np.testing.assert_allclose(rows.design.of(spec.predictors[0].population).X[:, -1], _X[:2] - _X[_G == 1].mean())


def test_a_combination_of_columns_groups_as_the_columns_do() -> None:
    spec, _, _ = _resolved("y ~ 1 + (1 | h)", _make("h", "interaction(f, g)"))
    (factor,) = spec.factors()
    assert (factor.label, factor.columns) == ("h", ("f", "g"))


def test_a_made_column_has_the_labels_that_it_was_given() -> None:
    spec, _, _ = _resolved("y ~ k", _make("k", "factor(g)"))
    assert [column.label for column in spec.predictors[0].population.columns] == ["k2", "k3"]


def test_what_was_done_is_told() -> None:
    _, _, report = _resolved("y ~ z", _keep("g < 3"), _make("z", "x - mean(x)", "f"))
    assert report.selection is not None
    assert report.selection.outside == 2
    assert report.notes[:2] == (
        "done to the data first: the rows where `g < 3`",
        "done to the data first: `z` = `x - mean(x)` within `f`",
    )


REFUSED = {
    "a computed column does not group": ("y ~ (1 | h)", _make("h", "x > 1"), "groups are by columns of the data"),
    "no row is left": ("y ~ x", _keep("y > 100"), "no row is left"),
    "a column is one column": ("y ~ z", _make("z", "poly(y, 2)"), "2 columns"),
    "what is no column": ("y ~ z", _make("z", "w + 1"), "no column `w`"),
}


@pytest.mark.parametrize(("formula", "step", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_refused(formula: str, step: Step, said: str) -> None:
    with pytest.raises(TildeError, match=said):
        _resolved(formula, step)


LEFT: dict[str, tuple[tuple[Step, ...], list[int]]] = {
    "numbers count what is left by then": ((_keep("g == 2"), Keep(RowNumbers(((2, 3),)))), [3, 7]),
    "all but some of what is left": ((_keep("g == 2"), Keep(RowNumbers(((1, 1),), others=True))), [3, 7]),
    "the first of each group": ((Keep(FirstOf((Name("g"),))),), [0, 2, 4]),
    "the last two of each group": ((Keep(FirstOf((Name("g"),), 2, last=True)),), [1, 3, 4, 5, 6, 7]),
    "the first of each pair of values": ((_keep("y > 2"), Keep(FirstOf((Name("g"), Name("f"))))), [2, 3, 4, 5, 6, 7]),
    "those without a value go together": ((Keep(FirstOf((Name("x"),))), _keep("is.na(x)")), [3]),
    "every column that stays": ((Pick((Name("x"),), others=True), Complete()), [*range(8)]),
    "every column by its place": ((Pick((Number(1.0), Number(3.0))), Complete()), [*range(8)]),
    "every column of all": ((Complete(),), [0, 1, 2, 4, 5, 6, 7]),
}


@pytest.mark.parametrize(("steps", "rows"), LEFT.values(), ids=LEFT)
def test_rows_are_counted_among_those_that_are_left(steps: tuple[Step, ...], rows: list[int]) -> None:
    prepared = _prepared(*steps)
    assert prepared.frame.rows.tolist() == rows
    if prepared.positions is not None:
        # The rows are found again in all of the data.
        held = prepared.positions.hold(np.arange(len(DATA)))
        kept = held if prepared.condition is None else held & Frame(DATA).evaluate(prepared.condition).astype(bool)
        assert np.flatnonzero(kept).tolist() == rows


def test_a_dot_means_the_columns_that_stay() -> None:
    spec, _, _ = _resolved("y ~ .", Pick((Name("x"), Name("g")), others=True))
    assert [column.label for column in spec.predictors[0].population.columns] == ["fb", "fc"]


# What other rows hold: rows are out of order, and a time is missing in each panel.
PANEL = pd.DataFrame(
    {"id": list("baabbacc"), "t": [1, 4, 1, 2, 5, 2, 1, 2], "x": [1.0, 2, np.nan, 4, 5, 6, 7, 8], "y": np.arange(8.0)}
)
_SORTED = PANEL.sort_values(["id", "t"])
_BY = _SORTED.groupby("id")["x"]
_BEFORE = PANEL.merge(PANEL.assign(t=PANEL["t"] + 1), on=["id", "t"], how="left", suffixes=("", "_1"))["x_1"]
ORDERED = {
    "lag(x)": _BY.shift(1),
    "lead(x, 2)": _BY.shift(-2),
    "x - lag(x)": _BY.diff(),
    "lag(lag(x))": _BY.shift(2),
    "row_number()": _BY.cumcount() + 1,
    "n()": _BY.transform("size"),
    "first(x)": _BY.transform(lambda rows: rows.iloc[0]),
    "dplyr::last(x) - nth(x, 2)": _BY.transform(lambda rows: rows.iloc[-1] - rows.iloc[1]),
    "nth(x, -3)": _BY.transform(lambda rows: rows.iloc[-3] if len(rows) > 2 else np.nan),
    "cumsum(x)": _BY.transform(lambda rows: rows.cumsum(skipna=False)),
    "locf(x)": _BY.ffill(),
    "ifelse(row_number() == n(), 1, 0)": (_BY.cumcount(ascending=False) == 0) * 1.0,
}


def _ordered(value: str, unit: float | None = None, *first: Step) -> tuple[ModelSpec, Design]:
    step = Make("z", parse_expression(value), (Name("id"),), order=(Name("t"),), unit=unit)
    statement = _statement("y ~ 0 + z", *first, step)
    spec, design, _ = resolve(statement, Frame(PANEL), [read_family("gaussian", None, ())])
    return spec, design


def _z(spec: ModelSpec, design: Design) -> np.ndarray:
    return design.of(spec.predictors[0].population).X[:, 0]


@pytest.mark.parametrize(("value", "column"), ORDERED.items(), ids=ORDERED)
def test_what_other_rows_hold_is_what_pandas_finds(value: str, column: pd.Series) -> None:
    np.testing.assert_allclose(_z(*_ordered(value)), column.sort_index().dropna())


def test_a_lag_of_time_is_of_that_time_and_no_row_beside() -> None:
    np.testing.assert_allclose(_z(*_ordered("lag(x)", 1.0)), _BEFORE.dropna())
    np.testing.assert_allclose(_z(*_ordered("lead(x)", 3.0)), [2.0, 5.0])


def test_rows_that_are_gone_by_then_are_no_rows_beside() -> None:
    left = _SORTED[_SORTED["t"] != 2]
    np.testing.assert_allclose(
        _z(*_ordered("lag(x)", None, _keep("t != 2"))), left.groupby("id")["x"].shift(1).sort_index().dropna()
    )


def test_new_data_bring_the_rows_before_or_the_column() -> None:
    spec, design = _ordered("lag(x)", 1.0)
    needed = Needed(spec, lambda group: np.ones(1, dtype=bool))
    rows = new_rows(needed, PANEL[["id", "t", "x"]], "error")
    np.testing.assert_allclose(
        rows.design.of(spec.predictors[0].population).X, design.of(spec.predictors[0].population).X
    )
    assert new_rows(needed, {"z": [0.5]}, "error").complete.all()
    with pytest.raises(TildeError, match=r"no column `id` in the new data\. The model has .* or a column `z`"):
        new_rows(needed, PANEL[["x", "t"]], "error")


TWICE = {
    "a time twice": (Make("z", parse_expression("lag(y)"), (Name("f"),), order=(Name("g"),), unit=1.0), "stands twice"),
    "a mean beside": (Make("z", parse_expression("lag(y) - mean(y)"), (Name("f"),)), "make a column of it first"),
    "after numbers": (Make("z", parse_expression("lag(y, k)")), "by a whole number"),
    "an argument": (Make("z", parse_expression("lag(y, 1, 2)")), "has no argument `2`"),
    "no column": (Make("z", parse_expression("lag()")), "lacks its column"),
}


@pytest.mark.parametrize(("step", "said"), TWICE.values(), ids=TWICE)
def test_rows_that_are_not_told_are_refused(step: Step, said: str) -> None:
    with pytest.raises(TildeError, match=said):
        _resolved("y ~ z", step)
