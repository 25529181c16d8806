"""Densities and means at stated values: by hand, however the values are given, and in words where they are wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

import tildemc as tm

N = 20
RNG = np.random.default_rng(3)
DATA = pd.DataFrame(
    {
        "x": RNG.normal(size=N),
        "f": np.resize(["a", "b"], N),
        "g": np.resize([10, 20, 30], N),
        "h": np.repeat(["u", "v"], N // 2),
        "w": np.resize([1.0, 2.0], N),
        "y": RNG.normal(size=N),
    },
    index=pd.Index([f"r{i}" for i in range(N)]),
)
MODEL = tm.model("y | weights(w) ~ x + f + (1 + x | g); sigma ~ by(h)", DATA)
EFFECTS = pd.DataFrame({"x": [0.1, 0.2, 0.3], "Intercept": [1.0, -1.0, 0.5]}, index=[10, 20, 30])
VALUES: dict[str, Any] = {"Intercept": 0.3, "b": {"fb": -1.0, "x": 2.0}, "r_g": EFFECTS, "sigma": {"v": 2.0, "u": 1.0}}


def by_hand() -> tuple[pd.Series, pd.Series]:
    """Means and sds of the rows."""
    own = EFFECTS.loc[DATA["g"]].set_index(DATA.index)
    mu = 0.3 + 2 * DATA["x"] - (DATA["f"] == "b") + own["Intercept"] + own["x"] * DATA["x"]
    return mu, pd.Series(np.where(DATA["h"] == "u", 1.0, 2.0), DATA.index)


MU, SIGMA = by_hand()
DENSITY = pd.Series(DATA["w"] * stats.norm(MU, SIGMA).logpdf(DATA["y"]), DATA.index, name="y")

GIVEN: dict[str, dict[str, Any]] = {
    "by label": VALUES,
    "as arrays": VALUES | {"b": [2.0, -1.0], "r_g": EFFECTS[["Intercept", "x"]].to_numpy(), "sigma": np.array([1, 2])},
    "as Series": VALUES | {"b": pd.Series({"fb": -1, "x": 2}), "sigma": pd.Series({"u": 1, "v": 2})},
    "as xarray": VALUES | {"r_g": xr.DataArray(EFFECTS, dims=("g", "g_term"))},
    "as mappings in mappings": VALUES | {"r_g": {g: dict(own) for g, own in EFFECTS.iterrows()}},
    "with what rows do not need": VALUES | {"sd_g": [1, 1]},
    "by the response's own parameters": {"mu": MU.to_numpy(), "sigma": SIGMA.to_numpy()},
    "by these under the rows' labels": {"mu": MU.iloc[::-1], "sigma": SIGMA},
    "by one of these": VALUES | {"mu": MU},
}


@pytest.mark.parametrize("given", GIVEN)
def test_the_density_of_each_row_is_the_one_by_hand(given: str) -> None:
    pd.testing.assert_series_equal(MODEL.log_likelihood(GIVEN[given]), DENSITY)


def test_means_and_parameters_are_those_by_hand_for_new_rows_too() -> None:
    new = DATA.drop(columns="y").iloc[[5, 2]]
    np.testing.assert_allclose(MODEL.predict_at(VALUES), MU)
    np.testing.assert_allclose(MODEL.predict_at(VALUES, new), MU.iloc[[5, 2]])
    np.testing.assert_allclose(MODEL.predict_at(VALUES, new, "sigma"), SIGMA.iloc[[5, 2]])
    assert list(MODEL.predict_at(VALUES, new).index) == ["r5", "r2"]
    without = {name: value for name, value in VALUES.items() if name != "r_g"}
    population = 0.3 + 2 * DATA["x"] - (DATA["f"] == "b")
    np.testing.assert_allclose(MODEL.predict_at(without, groups="none"), population)


def test_a_stated_parameter_is_seen_through_its_link() -> None:
    model = tm.model("k ~ x", DATA.assign(k=np.arange(N) % 4), "poisson")
    np.testing.assert_allclose(model.predict_at({"mu": 3.0}, kind="linear"), np.log(3))
    np.testing.assert_allclose(model.predict_at({"mu": 3.0}), 3)
    np.testing.assert_allclose(model.log_likelihood({"mu": 3.0}), stats.poisson(3).logpmf(np.arange(N) % 4))


def test_a_response_is_simulated_again_by_its_seed() -> None:
    first = MODEL.simulate(VALUES, 7)
    pd.testing.assert_series_equal(MODEL.simulate(VALUES, seed=7), first)
    assert (MODEL.simulate(VALUES, 8) != first).all()
    assert stats.kstest((first - MU) / SIGMA, "norm").pvalue > 0.001
    again = tm.model("y ~ x", DATA.assign(y=first))
    assert again.design.n == N


def test_effects_whose_sds_alone_are_stated_are_drawn() -> None:
    frame = pd.DataFrame(
        {"x": np.resize([0.0, 1.0], 8000), "g": np.arange(8000) // 2, "y": np.resize([0.0, 1.0, 3.0], 8000)}
    )
    model = tm.model("y ~ x + (1 + x | g)", frame)
    values = {"Intercept": 1.0, "b": 0, "sd_g": [2.0, 0.5], "cor_g": [[1, -0.7], [-0.7, 1]], "sigma": 1e-9}
    y = model.simulate(values, 1).to_numpy().reshape(-1, 2)
    r = np.column_stack([y[:, 0] - 1, y[:, 1] - y[:, 0]])
    np.testing.assert_allclose(r.std(axis=0), [2, 0.5], rtol=0.05)
    assert np.corrcoef(r.T)[0, 1] == pytest.approx(-0.7, abs=0.03)
    with pytest.raises(tm.TildeError, match="`r_g` has no value"):
        model.predict_at(values)


WRONG: list[tuple[str, Any, str]] = [
    ("nothing", {}, "`Intercept` has no value; needed are Intercept, b, r_g, sigma; mu itself"),
    ("no effects", {k: v for k, v in VALUES.items() if k != "r_g"}, "`r_g` has no value"),
    ("no mapping", 3, "values are given by name"),
    ("an unknown name", VALUES | {"sgma": 1}, "the model has no 'sgma'; did you mean `sigma`"),
    ("no name", VALUES | {1: 2}, "the model has no 1; it has Intercept"),
    ("too few numbers", VALUES | {"b": 1}, r"`b` is made of 2 \(x, fb\) numbers, not of shape \(\)"),
    ("a label too few", VALUES | {"b": {"x": 1}}, "`b` has no value for 'fb'; it has one for each of x, fb"),
    ("a label too many", VALUES | {"b": {"x": 1, "fb": 1, "fc": 1}}, "`b` has nothing called 'fc'; it has x, fb"),
    ("beyond its support", VALUES | {"sigma": -1}, "`sigma` takes positive numbers, and -1 is none"),
    ("text", VALUES | {"sigma": "a"}, "`sigma` is made of numbers, not 'a'"),
    ("a list in a list", VALUES | {"sigma": [1, [2]]}, "`sigma` is made of numbers"),
    ("no finite number", VALUES | {"Intercept": np.nan}, "finite numbers"),
    ("several for one", VALUES | {"Intercept": [1, 2]}, r"`Intercept` is one number, not of shape \(2,\)"),
    ("rows too few", {"mu": np.zeros(3), "sigma": 1}, "`mu` is one number or one for each of 20 rows"),
    ("rows that are not there", {"mu": MU.iloc[:3], "sigma": 1}, "`mu` has no value for 'r3'"),
]


@pytest.mark.parametrize(("values", "message"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_wrong_with_values_is_told(values: Any, message: str) -> None:
    with pytest.raises(tm.TildeError, match=message):
        MODEL.log_likelihood(values)


def test_a_drawn_response_is_no_prediction_at_a_point() -> None:
    with pytest.raises(tm.TildeError, match="`simulate"):
        MODEL.predict_at(VALUES, kind="response")
