"""brms's `gr()`: a covariance for each level of another column, no correlations, an ID."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.errors import DataError

RNG = np.random.default_rng(2)
DATA = {
    "y": RNG.normal(size=48),
    "x": RNG.normal(size=48),
    "g": np.resize(list("abcdef"), 48),
    "arm": np.resize(["s", "t"], 48),
    "wave": np.resize([1, 2], 48),
    "h": np.resize(list("uvw"), 48),
}

SAME = [
    ("(1 + x | gr(g, cor = FALSE))", "(1 + x || g)"),
    ("(1 + x | gr(g, by = NULL, cor = TRUE, cov = NULL, dist = 'gaussian'))", "(1 + x | g)"),
    ("(1 | gr(g, h))", "(1 | g:h)"),
    ("(1 + x | gr(g, id = 'p'))", "(1 + x | p | g)"),
]


@pytest.mark.parametrize(("said", "plain"), SAME)
def test_gr_says_what_bars_say(said: str, plain: str) -> None:
    read, expected = (tm.model(f"y ~ x + {text}", DATA).spec for text in (said, plain))
    assert [*read.groups()] == [*expected.groups()]


@pytest.mark.parametrize("by", ["arm", "wave"])
def test_each_level_of_by_has_sds_and_correlations_of_its_own(by: str) -> None:
    levels = {"arm": ["s", "t"], "wave": ["1", "2"]}[by]
    [group] = tm.model(f"y ~ x + (1 + x | gr(g, by = {by}))", DATA).spec.groups()
    assert [block.labels for block in group.blocks] == [(f"Intercept:{by}{k}", f"x:{by}{k}") for k in levels]
    model = tm.model(f"y ~ x + (1 + x | gr(g, by = {by}))", DATA)
    own = {target for target in model.priors()["target"] if target.startswith("cor")}
    assert own == {f"cor(g, Intercept:{by}{k}, x:{by}{k})" for k in levels}
    design = model.design.of(group)
    for row, level in enumerate(DATA[by]):
        k = levels.index(str(level))
        np.testing.assert_array_equal(design.Z[row, 2 * k : 2 * k + 2], [1, DATA["x"][row]])
        assert not design.Z[row, 2 * (1 - k) : 2 * (1 - k) + 2].any()


@pytest.mark.parametrize("term", ["(1 + x | gr(g, by = arm))", "(1 | gr(g, by = wave))"])
def test_streamed_rows_have_the_same_groups(term: str, tmp_path: Path) -> None:
    pd.DataFrame(DATA).to_parquet(tmp_path / "data.parquet")
    streamed, whole = (tm.model(f"y ~ x + {term}", d) for d in (tm.stream(str(tmp_path / "data.parquet")), DATA))
    assert streamed.spec == whole.spec


def test_rows_without_a_level_of_by_are_left_out() -> None:
    rows = pd.DataFrame(DATA).assign(arm=[None, *DATA["arm"][1:]])
    design = tm.model("y ~ x + (1 | gr(g, by = arm))", rows).design
    assert len(design.rows) == len(rows) - 1


def test_effects_that_no_row_informs_are_told() -> None:
    told = " ".join(str(tm.model("y ~ x + (1 | gr(g, by = arm))", DATA)).split())
    assert "no row informs those of another arm than its own" in told


def test_predictions_for_a_group_with_an_unknown_level_of_by_are_refused() -> None:
    fit = tm.model("y ~ x + (1 | gr(g, by = arm))", DATA).fit(method="exact", draws=50, seed=1, progress=False)
    new = {"x": [0.0, 0.0], "g": ["a", "new"], "arm": ["s", "t"]}
    assert fit.predict(new, new_levels="sample").shape[0] == 2
    with pytest.raises(DataError, match="no level z"):
        fit.predict({**new, "arm": ["s", "z"]}, new_levels="sample")
