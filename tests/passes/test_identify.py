"""What the data leave open is told in print and is why there is no optimum; what they determine is no news."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm

RNG = np.random.default_rng(5)
DATA = pd.DataFrame(
    {
        "y": RNG.normal(size=24),
        "x": RNG.normal(size=24),
        "z": 0.0,
        "se": 0.5,
        "yes": RNG.integers(0, 2, 24),
        "count": RNG.poisson(3, 24),
        "id": [f"i{k}" for k in range(24)],
        "pair": np.repeat(np.arange(12), 2),
        "name": np.repeat(list("abcdefghijkl"), 2),
        "a": np.repeat(list("pqrs"), 6),
        "b": np.tile(list("uvwxyz"), 4),
        "arm": np.tile([0, 1], 12),
        "alone": ["one"] + ["many"] * 23,
        "treated": np.where(np.arange(24) % 2 == 1, np.arange(24), -1),
    }
)

TOLD = {
    "columns: one is twice another": ("y ~ x + I(2 * x)", "I(2 * x) is a multiple of x: only their priors tell"),
    "columns: one is a combination but for rounding": (
        "y ~ x + factor(arm) + I(0.1 * arm - 0.7 * x)",
        "I(0.1 * arm - 0.7 * x) is a combination of x, factor(arm)1",
    ),
    "columns: a factor and its number": ("y ~ factor(arm) + arm", "arm is a multiple of factor(arm)1"),
    "columns: all indicators and the intercept": (
        "y ~ dummy(arm) + dummy(arm, \"0\")",
        "is a combination of the intercept, ",
    ),
    "columns: one is zero": ("y ~ x + z", "zero in every row, and known from the prior alone: z"),
    "columns: as many as rows": ("y ~ 0 + id", "can fit each of the 24 rows exactly"),
    "columns: a line and a mean for all but one row": ("y ~ id", "can fit each of the 24 rows exactly"),
    "rows: a level each": ("y ~ x + (1 | id)", "`id` has a level for each row: the data do not tell its sd"),
    "rows: a level each beside known sds": ("y | se(se, sigma = TRUE) ~ (1 | id)", "`id` has a level for each row"),
    "rows: a nested level each": ("y ~ x + (1 | a/b)", "`a:b` has a level for each row"),
    "rows: a line for two": ("y ~ x + (x | pair)", "the effects of Intercept, x by `pair` can fit each row exactly"),
    "rows: two means for two": ("y ~ x + (0 + factor(arm) | pair)", "by `pair` can fit each row exactly"),
    "rows: a level each in the arm whose residual sd is its own": (
        "y ~ arm + (0 + arm | treated); sigma ~ by(arm)",
        "`treated` has a level for each row that informs it",
    ),
    "rows: an sd each, on the log scale": ("y ~ x; sigma ~ (1 | id)", "outlying rows speak of how sigma varies"),
    "rows: an sd each": ("y ~ x; sigma ~ by(id)", "24 of the 24 levels of `id` have but one row"),
    "rows: an sd for one": ("y ~ x; sigma ~ by(alone)", "1 of the 2 levels of `alone` has but one row"),
    "groups: a column twice": ("y ~ x + (x + I(2 * x) | a)", "the 3 columns of the effects by `a` have rank 2"),
    "groups: a column of zeros": ("y ~ x + (x + z | a)", "the 3 columns of the effects by `a` have rank 2"),
    "groups: indicators that add up to the intercept": ("y ~ (1 + dummy(arm) + dummy(arm, \"0\") || a)", "have rank 2"),
    "groups: the same under two names": ("y ~ (1 | pair) + (1 | name)", "`pair` and `name` group the rows in the same"),
    "groups: nested where there is one in each": ("y ~ (1 | pair/name)", "`pair` and `pair:name` group the rows"),
    "groups: their means are population effects": ("y ~ a + (1 | a)", "the population effects can be those of Interc"),
    "groups: their slopes are population effects": ("y ~ x * a + (1 + x | a)", "those of Intercept, x by `a`"),
}  # fmt: skip

ONLY_WITH_PRIORS = {name: case for name, case in TOLD.items() if "log scale" not in name}

NO_NEWS = {
    "columns of full rank": "y ~ x + a",
    "two rows in each group": "y ~ x + (1 | pair)",
    "independent effects, each fewer than the rows": "y ~ x + (x || pair)",
    "effects of a column far from zero": "y ~ x + (1 + I(1e9 + x) | a)",
    "crossed groups": "y ~ x + (1 | a) + (1 | b)",
    "a row each in one arm, one residual sd": "y ~ arm + (0 + arm | treated)",
    "a row each whose sds are known": "y | se(se) ~ x + (1 | id)",
    "a residual sd for each arm of pairs": "y ~ x + (1 | pair); sigma ~ by(arm)",
    "as many columns as groups that they are not": "y ~ x + b + (1 | a)",
}


@pytest.mark.parametrize(("formula", "told"), TOLD.values(), ids=TOLD.keys())
def test_what_the_data_leave_open_is_told(formula: str, told: str) -> None:
    model = tm.model(formula, DATA)
    assert told in " ".join(model.report.notes)
    assert told in " ".join(str(model).split())


@pytest.mark.parametrize(("formula", "told"), ONLY_WITH_PRIORS.values(), ids=ONLY_WITH_PRIORS.keys())
def test_what_the_data_leave_open_has_no_optimum(formula: str, told: str) -> None:
    for criterion in ("reml", "ml"):
        with pytest.raises(tm.TildeError, match="the data do not determine this model") as refused:
            tm.model(formula, DATA).optimize(criterion)
        assert told in str(refused.value)


@pytest.mark.parametrize("formula", NO_NEWS.values(), ids=NO_NEWS.keys())
def test_what_the_data_determine_is_no_news(formula: str) -> None:
    model = tm.model(formula, DATA)
    assert model.report.notes == () or all("levels of treated have an effect" in note for note in model.report.notes)
    assert np.isfinite(model.optimize().criterion)


FAMILIES = {
    "one yes or no in each says nothing": ("yes ~ x + (1 | id)", "bernoulli", True),
    "a count in each says something": ("count ~ x + (1 | id)", "poisson", False),
    "a tail does not tell a spread": ("y ~ x + (1 | id)", "student", True),
}


@pytest.mark.parametrize(("formula", "family", "told"), FAMILIES.values(), ids=FAMILIES.keys())
def test_a_row_each_in_other_families(formula: str, family: str, told: bool) -> None:
    assert bool(tm.model(formula, DATA, family).report.notes) is told


@pytest.mark.parametrize("name", ["rows: a line for two", "groups: the same under two names", "rows: an sd for one",
                                  "groups: their means are population effects"])  # fmt: skip
def test_streamed_rows_tell_the_same(name: str, tmp_path: Path) -> None:
    formula, told = TOLD[name]
    DATA.to_parquet(tmp_path / "data.parquet", row_group_size=7)
    streamed = tm.model(formula, tm.stream(str(tmp_path / "data.parquet")))
    assert streamed.report.notes == tm.model(formula, DATA).report.notes
    assert told in " ".join(streamed.report.notes)


def test_a_fit_says_it_too() -> None:
    fit = tm.model("y ~ x + (1 | id)", DATA).fit(draws=100, chains=1, seed=1)
    assert "! `id` has a level for each row" in str(fit)
