"""One model of several completed data sets: draws of each pooled, and what is of one data set asked of one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import tildemc as tm
from completed_sets import FORMULA, PRIORS, SETS
from tildemc.results.datatree import Group
from tildemc.results.diagnose import diagnose
from tildemc.results.fit import Fit


@pytest.fixture(scope="module")
def fit() -> Fit:
    return tm.model(FORMULA, SETS, priors=PRIORS).fit(draws=50, chains=2, seed=7, progress=False)


def posterior(fit: Fit) -> Group:
    return fit.groups["posterior"]


def test_draws_are_those_of_single_fits_with_seeds_that_count_on(fit: Fit) -> None:
    single = [
        tm.model(FORMULA, frame, priors=PRIORS).fit(draws=50, chains=2, seed=7 + k, progress=False)
        for k, frame in enumerate(SETS)
    ]
    for name, values in posterior(fit).draws.items():
        np.testing.assert_array_equal(values, np.concatenate([posterior(one).draws[name] for one in single]))
        np.testing.assert_array_equal(posterior(fit.of_data_set(2)).draws[name], posterior(single[1]).draws[name])
    np.testing.assert_array_equal(fit.of_data_set(2).log_likelihood(), single[1].log_likelihood())
    assert fit.of_data_set(2).diagnose(loo=False).equals(single[1].diagnose(loo=False))


def test_chains_are_judged_within_each_data_set() -> None:
    """Data sets that differ are no chains that disagree."""
    r = np.random.default_rng(0)
    draws = r.normal(size=(1, 6, 200)) + np.repeat([0.0, 5.0, 10.0], 2)[None, :, None]
    *_, ess, _, r_hat = diagnose(draws, data_sets=3)[0]
    each = np.array([diagnose(part)[0] for part in np.split(draws, 3, axis=1)])
    assert r_hat == each[:, 6].max() < 1.05 < diagnose(draws)[0, 6]
    assert ess == pytest.approx(each[:, 4].sum())
    assert diagnose(draws, data_sets=3)[0, 0] == pytest.approx(draws.mean())


def test_a_fit_says_of_how_many_data_sets_it_is(fit: Fit) -> None:
    assert "draws of 3 data sets" in " ".join(str(fit).split())
    assert "data set 2 of 3" in " ".join(str(fit.of_data_set(2)).split())
    assert repr(tm.model(FORMULA, SETS)).endswith("40 rows of 3 data sets>")


def test_a_saved_fit_has_all_data_sets(fit: Fit, tmp_path: Path) -> None:
    fit.save(tmp_path / "fit.nc")
    again = tm.load(tmp_path / "fit.nc")
    assert str(again) == str(fit)
    np.testing.assert_array_equal(again.of_data_set(3).log_likelihood(), fit.of_data_set(3).log_likelihood())


def test_predictions_are_of_all_draws(fit: Fit) -> None:
    drawn = fit.predict(SETS[0], draws=True)
    each = [fit.of_data_set(k).predict(SETS[0], draws=True) for k in (1, 2, 3)]
    np.testing.assert_array_equal(drawn, np.concatenate(each))


@pytest.mark.parametrize(
    "ask",
    [
        lambda fit: fit.loo(),
        lambda fit: fit.predict(),
        lambda fit: fit.kfold(),
        lambda fit: fit.posterior_predictive(),
        lambda fit: fit.plot("ppc"),
        lambda fit: fit.model.pymc(),
    ],
)
def test_what_is_of_one_data_set_is_asked_of_one(fit: Fit, ask: Callable[[Fit], object]) -> None:
    with pytest.raises(tm.TildeError, match=r"needs one data set, and these are 3: ask it of `of_data_set\(1\)`"):
        ask(fit)


@pytest.mark.parametrize("number", [0, 4, True, "1"])
def test_there_are_data_sets_from_1_on(fit: Fit, number: int) -> None:
    with pytest.raises(tm.TildeError, match="numbers 1 to 3"):
        fit.of_data_set(number)
    with pytest.raises(tm.TildeError, match="of one data set"):
        fit.of_data_set(1).of_data_set(1)
