"""Matrices beside the data: a covariance between levels, checked, and the same in every engine that takes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import tildemc as tm
from programs import same_density
from targets.direct.test_density import compare
from tildemc.spec.recursion import few_steps

LEVELS = [f"a{k}" for k in range(6)]
RNG = np.random.default_rng(8)
DATA = pd.DataFrame({name: RNG.normal(size=48) for name in ("y", "x")})
DATA["g"], DATA["h"] = np.resize(LEVELS, 48), np.resize(list("uvw"), 48)
KIN = DATA.assign(k=np.resize(list("wv"), 48))
ROOT = np.tril(RNG.normal(size=(6, 6))) + 2 * np.eye(6)
ROOT[3, :2] = 0.0
A = pd.DataFrame(ROOT @ ROOT.T, LEVELS, LEVELS)
PEDIGREE = pd.DataFrame(
    {"animal": ["a3", "d", "a0", "a1", "s", "a2", "a4", "a5"], "dam": ["a0", None, "d", "d", None, "d", "a1", "a3"]}
).assign(sire=["a1", None, "s", "s", None, None, "a0", "a4"])
TEXT = "y ~ x + (1 + x | gr(g, cov = A)) + (1 | h)"


def test_rows_and_columns_are_found_by_name() -> None:
    shuffled = A.loc[LEVELS[::-1], [*LEVELS[2:], *LEVELS[:2]]]
    [group, _] = tm.model(TEXT, DATA, data2={"A": shuffled, "B": None}).spec.groups()
    assert group.between is not None
    np.testing.assert_array_equal(group.between.values, A)


def test_the_kernel_and_the_source_have_the_graphs_density(tmp_path: Path) -> None:
    """Of a covariance, and of a pedigree, of which an animal has no rows."""
    parents = frame(id=["w", "u", "v"], dam=["u", None, "u"], sire=[None, None, "w"])
    model = tm.model(
        "y ~ x + (1 + x | gr(g, cov = A)) + (1 | gr(k, cov = P))", KIN, data2={"A": A, "P": tm.pedigree(parents)}
    )
    compare(model, points=2)
    KIN.to_csv(tmp_path / "data.csv", index=False)
    same_density(model.pymc(), model.source("data.csv"), tmp_path)


def test_a_covariance_whose_inverse_has_few_entries_is_steps() -> None:
    chain = precision_of_a_chain(40)
    few, many = (
        few_steps(np.linalg.inv(chain)),
        few_steps(np.exp(-(np.abs(np.subtract.outer(range(9), range(9))) ** 1.5))),
    )
    assert few is not None and len(few.weights) == 39 and many is None
    z = RNG.normal(size=(2, 40, 3))
    np.testing.assert_allclose(few.unrelated(few.related(z)), z)


def precision_of_a_chain(n: int) -> np.ndarray:
    """Each level follows from the one before it."""
    return 2.0 * np.eye(n) - 0.9 * (np.eye(n, k=1) + np.eye(n, k=-1))


def test_a_precision_is_that_of_the_covariance_in_any_form() -> None:
    inverse = pd.DataFrame(np.linalg.inv(A), LEVELS, LEVELS)
    for given in (
        tm.precision(inverse),
        tm.precision(scipy.sparse.coo_matrix(inverse), LEVELS),
        tm.precision(inverse.to_numpy(), LEVELS),
    ):
        [group, _] = tm.model(TEXT, DATA, data2={"A": given}).spec.groups()
        assert group.between is not None
        np.testing.assert_allclose(group.between.factor @ group.between.factor.T, A, atol=1e-10)


def test_relatedness_by_a_pedigree_is_the_tabular_methods() -> None:
    """a3 has parents that are full sibs, and a5 one of its parents' sibs' children: half of what parents share."""
    found = tm.pedigree(PEDIGREE)
    factor = found.steps.related(np.eye(len(found.levels)))
    relatedness = pd.DataFrame(factor @ factor.T, found.levels, found.levels)
    parents = PEDIGREE.set_index("animal")
    order = ["d", "s", "a0", "a1", "a2", "a3", "a4", "a5"]
    table = pd.DataFrame(0.0, order, order)
    for k, animal in enumerate(order):
        own = [p for p in parents.loc[animal] if isinstance(p, str)]
        table.loc[animal, order[:k]] = table.loc[order[:k], animal] = sum(0.5 * table.loc[p, order[:k]] for p in own)
        table.loc[animal, animal] = 1.0 + (0.5 * table.loc[own[0], own[1]] if len(own) == 2 else 0.0)
    np.testing.assert_allclose(relatedness.loc[order, order], table, atol=1e-12)


def test_animals_without_rows_have_effects_and_are_predicted() -> None:
    model = tm.model("y ~ x + (1 | gr(g, cov = A))", DATA, data2={"A": tm.pedigree(PEDIGREE)})
    fit = model.fit(draws=400, chains=2, seed=1, progress=False)
    assert fit.path.startswith("exact") and set(next(model.spec.groups()).factor.levels) == {*LEVELS, "d", "s"}
    assert len(fit.predict(DATA.head(1).assign(g="d"))) == 1
    effects = fit.data["posterior"]["r_g"].to_numpy()[..., 0].reshape(-1, 8)
    direct = model.fit(draws=400, chains=2, seed=1, progress=False, method="direct").data["posterior"]["r_g"].to_numpy()
    np.testing.assert_allclose(effects.mean(axis=0), direct[..., 0].reshape(-1, 8).mean(axis=0), atol=0.25)


def test_numbers_that_name_levels_stay_numbers() -> None:
    data = DATA.assign(g=DATA["g"].str[1:].astype(int))
    inverse = tm.precision(np.eye(8), [*range(8)])
    [group, _] = tm.model(TEXT, data, data2={"A": inverse}).spec.groups()
    assert group.factor.values == tuple(range(8))


def test_propto_has_effects_of_each_level_by_group_that_vary_as_the_matrix() -> None:
    """glmmTMB's: groups are independent of one another; of one group the effects are those of `gr(g, cov = A)`."""
    found = tm.model("y ~ x + propto(0 + g | h, A)", DATA, data2={"A": A})
    [group] = found.spec.groups()
    assert group.between is not None and group.factor.label == "g:h"
    for i, (g, h) in enumerate(group.factor.keys):
        for j, (other, where) in enumerate(group.factor.keys):
            assert group.between.values[i, j] == (A.loc[g, other] if h == where else 0.0)
    one = tm.model("y ~ x + propto(0 + g | one, A)", DATA.assign(one=1), data2={"A": A}).optimize("ml")
    same = tm.model("y ~ x + (1 | gr(g, cov = A))", DATA, data2={"A": A}).optimize("ml")
    assert one.log_likelihood == pytest.approx(same.log_likelihood)
    call = "glmmTMB(y ~ x + propto(0 + g | h, A), data = d)"
    assert "propto(0 + g | h, A)" in str(tm.convert(call, "glmmTMB"))
    assert tm.convert(call, "brms").cannot_say and len([*tm.model(call, DATA, data2={"A": A}).spec.groups()]) == 1


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

PROPTO = [
    ("y ~ propto(1 + g | h, A)", "is of the levels of one column"),
    ("y ~ propto(0 + g | h)", "takes levels by group and a matrix"),
    ("y ~ propto(0 + g | h, 1)", "takes levels by group and a matrix"),
    ("y ~ propto(0 + g | h:x, A)", "is by one column"),
    ("y ~ propto(0 + h | g, A)", "has no row for u, v, w of `h`"),
]


@pytest.mark.parametrize(("text", "fragment"), PROPTO)
def test_what_is_not_proportional_is_told(text: str, fragment: str) -> None:
    with pytest.raises(tm.TildeError) as caught:
        tm.model(text, DATA, data2={"A": A})
    assert fragment in str(caught.value)


@pytest.mark.parametrize(("data2", "fragment"), MISTAKES)
def test_what_is_no_covariance_of_the_levels_is_told(data2: object, fragment: str) -> None:
    with pytest.raises(tm.TildeError) as caught:
        tm.model(TEXT, DATA, data2=data2)  # type: ignore[arg-type]
    assert fragment in str(caught.value)


def frame(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


WRONG = [
    (lambda: tm.precision(np.eye(2)), "needs `levels`"),
    (lambda: tm.precision(np.eye(2), ["a"]), "a matrix of 2 × 2 and 1 levels"),
    (lambda: tm.precision(np.eye(2), ["a", "a"]), "has `a` twice"),
    (lambda: tm.precision(np.array([[1.0, 0.5], [0.0, 1.0]]), ["a", "b"]), "not symmetric"),
    (lambda: tm.precision(np.array([[1.0, 2.0], [2.0, 1.0]]), ["a", "b"]), "not positive definite"),
    (lambda: tm.precision(np.array([[1.0, 1.0], [1.0, 1.0]]), ["a", "b"]), "not positive definite"),
    (lambda: tm.precision(np.array([[np.nan]]), ["a"]), "no numbers"),
    (lambda: tm.precision("A", ["a"]), "takes a matrix of numbers, not 'A'"),  # type: ignore[arg-type]
    (lambda: tm.pedigree(A.iloc[:, :2]), "takes a data frame whose first three columns"),
    (lambda: tm.pedigree(frame(id=["a", "a"], dam=[None] * 2, sire=[None] * 2)), "has `a` twice"),
    (lambda: tm.pedigree(frame(id=["a", None], dam=[None] * 2, sire=[None] * 2)), "needs a name for each animal"),
    (lambda: tm.pedigree(frame(id=["a"], dam=["x"], sire=[None])), "x of `dam` is no animal of `id`"),
    (lambda: tm.pedigree(frame(id=["a", "b"], dam=["b", "a"], sire=[None] * 2)), "`a` is its own ancestor"),
    (lambda: tm.model(TEXT, DATA, data2={"A": tm.precision(np.eye(2), ["a0", "a1"])}), "no row for a2, a3, a4 …"),
]


@pytest.mark.parametrize(("make", "fragment"), WRONG)
def test_what_is_no_precision_is_told(make: Callable[[], object], fragment: str) -> None:
    with pytest.raises(tm.TildeError) as caught:
        make()
    assert fragment in str(caught.value)
