"""Matrices beside the data: a covariance between levels, checked, and the same in every engine that takes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from programs import same_density
from targets.direct.test_density import compare

LEVELS = [f"a{k}" for k in range(6)]
RNG = np.random.default_rng(8)
DATA = pd.DataFrame({name: RNG.normal(size=48) for name in ("y", "x")})
DATA["g"], DATA["h"] = np.resize(LEVELS, 48), np.resize(list("uvw"), 48)
ROOT = np.tril(RNG.normal(size=(6, 6))) + 2 * np.eye(6)
ROOT[3, :2] = 0.0
A = pd.DataFrame(ROOT @ ROOT.T, LEVELS, LEVELS)
TEXT = "y ~ x + (1 + x | gr(g, cov = A)) + (1 | h)"


def test_rows_and_columns_are_found_by_name() -> None:
    shuffled = A.loc[LEVELS[::-1], [*LEVELS[2:], *LEVELS[:2]]]
    [group, _] = tm.model(TEXT, DATA, data2={"A": shuffled, "B": None}).spec.groups()
    assert group.between is not None
    np.testing.assert_array_equal(group.between.values, A)


def test_the_kernel_and_the_source_have_the_graphs_density(tmp_path: Path) -> None:
    model = tm.model(TEXT, DATA, data2={"A": A})
    compare(model, points=2)
    DATA.to_csv(tmp_path / "data.csv", index=False)
    same_density(model.pymc(), model.source("data.csv"), tmp_path)


def test_effects_vary_as_the_matrix_says() -> None:
    model = tm.model(TEXT, DATA, data2={"A": A}, priors=("sd(g) ~ uniform(0.999, 1.001)", "cor ~ lkj(1e6)"))
    drawn = model.prior_predictive(draws=4000, seed=1).prior.to_dataset()["r_g"].to_numpy().reshape(-1, 6, 2)
    for column in range(2):
        np.testing.assert_allclose(np.cov(drawn[..., column].T), A, atol=0.1 * np.abs(A.to_numpy()).max())


def test_levels_that_no_row_informs_go_from_the_matrix_too() -> None:
    data = DATA.assign(treated=np.where(DATA["g"] == "a2", 0.0, 1.0))
    [group] = tm.model("y ~ x + (0 + treated | gr(g, cov = A))", data, data2={"A": A}).spec.groups()
    kept = [level for level in LEVELS if level != "a2"]
    assert group.between is not None
    np.testing.assert_array_equal(group.between.values, A.loc[kept, kept])


def test_new_levels_are_related_to_none_and_refused() -> None:
    fit = tm.model(TEXT, DATA, data2={"A": A}).fit(draws=20, tune=50, chains=1, seed=1, progress=False)
    new = DATA.head(2).assign(g=["a1", "new"])
    with pytest.raises(tm.TildeError, match="how it is related to the others is not known"):
        fit.predict(new, new_levels="sample")
    assert len(fit.predict(new, new_levels="population")) == 2


MISTAKES = [
    ({"B": A}, "no matrix `A`: `data2` has B"),
    ({"A": A.iloc[1:]}, "has no row for a0 of `g`"),
    ({"A": A.iloc[:, :-1]}, "has no column for a5 of `g`"),
    ({"A": A.rename(index={"a1": "a0"})}, "two rows of one name"),
    ({"A": -A}, "not positive definite"),
    ({"A": A + np.triu(np.ones((6, 6)), 1)}, "not symmetric"),
    ({"A": A.replace(A.iloc[0, 0], np.nan)}, "entries that are no numbers"),
    ({"A": A.astype(object).replace(A.iloc[0, 0], "x")}, "something else than numbers"),
    ({"A": A.to_numpy()}, "not of class ndarray"),
    ([A], "`data2` is matrices by name"),
]


@pytest.mark.parametrize(("data2", "fragment"), MISTAKES)
def test_what_is_no_covariance_of_the_levels_is_told(data2: object, fragment: str) -> None:
    with pytest.raises(tm.TildeError) as caught:
        tm.model(TEXT, DATA, data2=data2)  # type: ignore[arg-type]
    assert fragment in str(caught.value)
