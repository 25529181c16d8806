"""Several completed data sets in, one model out: what the first teaches, and what does not go together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.spec.design import Completed

FIRST = pd.DataFrame({"y": [1.0, 2, 4, 3, 5, 7], "x": [1.0, 2, 3, 4, 5, 9], "f": [*"ababac"], "g": [*"uuvvww"]})
Change = Callable[[pd.DataFrame], pd.DataFrame]


def test_what_is_learned_is_learned_of_the_first() -> None:
    other = FIRST.assign(x=FIRST.x * 10)
    design = tm.model("y ~ scale(x) + (1 | g)", [FIRST, other]).design
    assert isinstance(design, Completed)
    first, second = (next(iter(one.terms.values())).X[:, 0] for one in design.designs)
    np.testing.assert_allclose(first, (FIRST.x - FIRST.x.mean()) / FIRST.x.std())
    np.testing.assert_allclose(second, (other.x - FIRST.x.mean()) / FIRST.x.std())


def test_numbers_of_default_priors_are_those_of_the_first() -> None:
    several = tm.model("y ~ x + (1 | g)", [FIRST, FIRST.assign(x=FIRST.x * 10)])
    assert several.priors().equals(tm.model("y ~ x + (1 | g)", FIRST).priors())
    assert "2 completed data sets" in " ".join(str(several).split())


@pytest.mark.parametrize(
    ("text", "change", "message"),
    [
        ("y ~ f", lambda d: d.assign(f=[*"abdbac"]), "data set 2: `.*` has fd here"),
        ("y ~ f", lambda d: d.assign(f=[*"bbcccb"]), "data set 2: `.*` lacks fb"),
        ("y ~ f", lambda d: d.assign(f=[*"0bcbbc"]), "data set 2: `f` has no level 0"),
        ("y ~ (1 | g)", lambda d: d.assign(g=[*"uuvvzz"]), "data set 2: `g` has z here, other than in the first"),
        ("y ~ (1 | g)", lambda d: d.assign(g=[*"uuuvvv"]), "data set 2: `g` lacks w here"),
        ("y ~ x", lambda d: d.drop(columns="x"), "data set 2: no column `x`"),
        ("y ~ me(x, y)", lambda d: d[:5], "data set 2: `mex_row` lacks 5 here"),
    ],
)
def test_data_sets_that_differ_are_refused_by_number(text: str, change: Change, message: str) -> None:
    with pytest.raises(tm.TildeError, match=message):
        tm.model(text, [FIRST, change(FIRST)])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "an empty list"),
        ([3], "data set 1: a list of data holds completed data sets"),
        ([{"y": 1, "x": 2}], "data set 1: a list of data holds"),
        ([FIRST, "nowhere.csv"], "data set 2: there is no file nowhere.csv"),
    ],
)
def test_a_list_that_is_of_no_data_sets_is_refused(data: list[pd.DataFrame], message: str) -> None:
    with pytest.raises(tm.TildeError, match=message):
        tm.model("y ~ x", data)


def test_what_is_missing_is_not_drawn_of_completed_data() -> None:
    with pytest.raises(tm.TildeError, match="these data sets are completed"):
        tm.model("y | mi() ~ x", [FIRST, FIRST])


LONG = pd.concat([FIRST.assign(m=k, x=FIRST.x if k else np.nan) for k in range(3)], ignore_index=True)


@pytest.mark.parametrize(
    ("text", "column"), [("mi estimate: mixed y x || g:", "_mi_m"), ("brm_multiple(y ~ x + (1 | g), imp)", ".imp")]
)
def test_a_frame_numbers_its_data_sets_and_0_is_none_of_them(text: str, column: str) -> None:
    design = tm.model(text, LONG.rename(columns={"m": column})).design
    assert isinstance(design, Completed)
    assert [one.rows.tolist() for one in design.designs] == [[*range(6, 12)], [*range(12, 18)]]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (LONG, "give them as a list, .* `_mi_m`"),
        (LONG.rename(columns={"m": "_mi_m"})[:15], "`_mi_m` has each completed data set whole, .* 3 to 6 rows"),
        (FIRST.assign(_mi_m=0), "it numbers none from 1"),
    ],
)
def test_a_frame_without_whole_data_sets_is_refused(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(tm.TildeError, match=message):
        tm.model("mi estimate: mixed y x || g:", frame)


def test_the_model_of_one_data_set_has_its_rows() -> None:
    several = tm.model("mi estimate: mixed y x || g:", LONG.rename(columns={"m": "_mi_m"}))
    fit = several.fit(draws=20, chains=1, seed=1, progress=False).of_data_set(2)
    assert len(fit.predictions().frame()) == 6
