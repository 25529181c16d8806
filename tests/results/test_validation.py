"""WAIC and cross-validation by refits are what their definitions say, and ArviZ takes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import arviz as az
import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import tildemc as tm
from tildemc.results import validation
from tildemc.results.fit import Fit
from tildemc.results.folds import refits

ASKED: dict[str, Any] = {"draws": 300, "tune": 300, "chains": 2, "seed": 1, "progress": False}


def rows() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    data = pd.DataFrame({"x": rng.normal(size=60), "g": np.repeat(list("abcdef"), 10)})
    data["y"] = data["x"] + rng.normal(size=6).repeat(10) + 0.5 * rng.normal(size=60)
    data["n"] = rng.poisson(np.exp(0.3 * data["x"] + 1))
    data["w"] = np.where(np.arange(60) < 3, 0.0, 1.0)
    return data


@pytest.fixture(scope="module")
def fit() -> Fit:
    return tm.model("y ~ x + (1 | g)", rows()).fit(**ASKED)


@pytest.fixture(scope="module")
def counts() -> Fit:
    return tm.model("n ~ x + (1 | g)", rows(), "poisson").fit(**ASKED)


def test_waic_is_what_watanabe_says(fit: Fit) -> None:
    values = fit.log_likelihood().to_numpy().reshape(-1, 60)
    p = values.var(axis=0, ddof=1)
    expected = np.log(np.exp(values).mean(axis=0)) - p
    found = fit.waic()
    np.testing.assert_allclose(found.elpd_i, expected)
    assert found.elpd == pytest.approx(expected.sum()) and found.p == pytest.approx(p.sum())
    assert found.se == pytest.approx(np.sqrt(60 * expected.var()))
    assert found.elpd == pytest.approx(fit.loo().elpd, abs=1.0) and found.kind == "waic"


def test_as_many_parts_as_rows_are_loo(fit: Fit) -> None:
    few = fit.update("~ x", data=rows().iloc[::3], draws=500)
    found = few.kfold(None, seed=2)
    assert found.n_folds == found.n_data_points == 20
    assert found.elpd == pytest.approx(few.loo().elpd, abs=0.3)


def test_a_seed_gives_the_same_parts_and_draws(fit: Fit) -> None:
    one, two = (fit.kfold(3, seed=5, draws=50) for _ in range(2))
    np.testing.assert_array_equal(one.elpd_i, two.elpd_i)
    assert one.n_samples == 3 * 100


def test_a_level_that_is_left_out_is_predicted_from_the_distribution_of_the_others(fit: Fit) -> None:
    """Given the posterior of the other five, its rows have the density with the effect integrated out."""
    out = np.arange(10)
    design = fit.design.whole("")
    ((_, _, found),) = refits({"": fit}, [out], np.random.default_rng(3), {"draws": 4000})
    again = found[""]
    drawn = {name: values.reshape(8000, -1) for name, (_, values) in again.groups["posterior"].variables.items()}
    total = np.hypot(drawn["sd_g"], drawn["sigma"])
    data = rows().iloc[out]
    mean = drawn["Intercept"] + drawn["b"] * data["x"].to_numpy()
    expected = np.log(norm.pdf(data["y"].to_numpy(), mean, total).mean(axis=0))
    held_out = validation._log_likelihood(again, design.take(out))
    np.testing.assert_allclose(validation._log_mean(held_out), expected, atol=0.15)


@pytest.mark.parametrize("which", ["fit", "counts"])
def test_groups_are_left_out_whole(which: str, request: pytest.FixtureRequest) -> None:
    of: Fit = request.getfixturevalue(which)
    design = of.design.whole("")
    folds = validation._folds(of.spec, design, np.arange(60), 3, "g", np.random.default_rng(1))
    assert sorted(len(fold) for fold in folds) == [20, 20, 20]
    assert all(len(set(rows()["g"].iloc[fold])) == 2 for fold in folds)
    found = of.kfold(None, group="g", seed=1, draws=100)
    assert found.n_folds == 6 and np.isfinite(found.elpd_i).all()
    # Rows of a group that is left out are harder to foretell, but for what both estimates are uncertain by.
    assert found.elpd < of.loo().elpd + 0.5


def test_rows_without_weight_are_not_counted(fit: Fit) -> None:
    weighted = tm.model("y | weights(w) ~ x", rows()).fit(**ASKED)
    for found in (weighted.waic(), weighted.kfold(4, seed=1, draws=50), weighted.loo()):
        assert found.n_data_points == 57
        assert list(found.elpd_i["obs"].to_numpy()) == list(range(3, 60))


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "one part": ({"k": 1}, r"`k` is a whole number from 2 to 60, the number of rows, or None, not 1"),
    "half a part": ({"k": 2.5}, r"`k` is a whole number from 2 to 60"),
    "more parts than levels": ({"k": 7, "group": "g"}, r"from 2 to 6, the number of levels of g"),
    "no such factor": ({"group": "gg"}, r"no grouping factor 'gg'; it has g; did you mean `g`\?"),
    "no text": ({"group": 3}, r"no grouping factor 3; it has g"),
    "no such setting": ({"drawz": 3}, r"`fit` has no `drawz`; did you mean `draws`\?"),
    "a seed that is none": ({"seed": "one"}, r"`seed` is a whole number"),
}


@pytest.mark.parametrize(("asked", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_asked_is_told(asked: dict[str, Any], told: str, fit: Fit) -> None:
    with pytest.raises(tm.TildeError, match=told):
        fit.kfold(**asked)


def test_draws_without_their_model_cannot_be_fitted_again(fit: Fit) -> None:
    with pytest.raises(tm.TildeError, match="came without their model"):
        replace(fit, model=None).kfold()


def test_a_tree_with_its_log_likelihood_is_arviz_s(fit: Fit) -> None:
    tree = fit.with_log_likelihood()
    assert set(tree.children) == {*fit.data.children, "log_likelihood"}
    assert az.loo(tree).elpd == pytest.approx(fit.loo().elpd, abs=0.05)
    other = fit.update("~ . - x").with_log_likelihood()
    assert next(iter(az.compare({"with": tree, "without": other}).index)) == "with"
