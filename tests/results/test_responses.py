"""One of several responses: what a fit says of it, in the rows that have it or in new ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.errors import SemanticError, TildeError

TEXT = "bf(v ~ x + (1 | p | g), sigma ~ z) + bf(k ~ z + (1 | p | g), family = poisson)"


def data() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=40), "z": rng.normal(size=40), "g": np.resize(list("abcde"), 40)})
    frame["v"], frame["k"] = 1 + frame.x + rng.normal(size=40), rng.poisson(3, 40).astype(float)
    frame.loc[[3, 8], "k"] = np.nan
    frame.loc[5, "v"] = np.nan
    return frame


@pytest.fixture(scope="module")
def fit() -> tm.Fit:
    return tm.model(TEXT, data()).fit(draws=60, tune=150, chains=2, seed=1, progress=False)


def test_rows_are_predicted_for_the_response_that_is_asked_for(fit: tm.Fit) -> None:
    draws = fit.data["posterior"]
    effects = draws["v_r_g"].to_numpy()[..., np.resize(range(5), 40), 1]
    slope, intercept = draws["k_b"].to_numpy(), draws["k_Intercept"].to_numpy()[..., None]
    expected = np.exp(intercept + slope * data().z.to_numpy() + effects)
    found = fit.predict(response="k", draws=True)
    np.testing.assert_allclose(found.to_numpy(), expected, rtol=1e-12)
    assert found.name == "k"
    new = data().head(3)[["z", "g"]]
    pd.testing.assert_frame_equal(fit.predict(new, response="k"), fit.predict(response="k").head(3))
    sigma = fit.predict(kind="sigma", response="v")
    pd.testing.assert_frame_equal(sigma, fit.predict(kind="sigma_v", response="v"))
    assert (fit.predict(new.assign(g="new"), response="k", new_levels="sample")["sd"] > 0).all()


def test_rows_count_for_the_responses_that_they_have(fit: tm.Fit) -> None:
    mean = fit.predict(response="v")["mean"]
    left = fit.residuals(response="v")["mean"]
    pd.testing.assert_series_equal(left, (data().v - mean).dropna(), check_names=False)
    assert len(fit.residuals("quantile", response="v", seed=1)) == 39
    each = [fit.log_likelihood(response=name) for name in ("v", "k")]
    assert [part.sizes["obs"] for part in each] == [39, 38]
    whole = fit.log_likelihood()
    assert whole.sum("obs").to_numpy() == pytest.approx(sum(part.sum("obs").to_numpy() for part in each))
    with pytest.warns(UserWarning, match="Pareto k of loo"):
        assert fit.loo(response="k").n_data_points == 38
    tree = fit.posterior_predictive(response="k", seed=1)
    assert tree["observed_data"]["k"].sizes == {"obs": 38}
    assert tree["posterior_predictive"]["k"].sizes["obs"] == 38


def test_variables_are_those_of_the_response(fit: tm.Fit) -> None:
    assert [*fit.conditional_effects(response="k", resolution=5)] == ["z"]
    assert fit.avg_slopes(response="k").frame()["term"].tolist() == ["z"]
    summary = fit.of_response("k").summary().index.get_level_values("parameter")
    assert list(summary) == ["k_Intercept", "k_b[z]"]


def test_a_response_has_to_be_named(fit: tm.Fit) -> None:
    for ask in (fit.predict, fit.residuals, fit.conditional_effects, fit.posterior_predictive, fit.avg_predictions):
        with pytest.raises(SemanticError, match='ask for one, `response="v"` and `response="k"`'):
            ask()
    with pytest.raises(SemanticError, match="there is no response 'q'"):
        fit.predict(response="q")
    single = tm.model("v ~ x", data()).fit(draws=50, chains=1, progress=False)
    with pytest.raises(SemanticError, match="has one response, `v`: leave `response` out"):
        single.predict(response="v")


def test_a_file_has_several_responses(fit: tm.Fit, tmp_path: Path) -> None:
    fit.save(tmp_path / "fit.nc")
    again = tm.load(tmp_path / "fit.nc")
    pd.testing.assert_frame_equal(again.predict(response="v"), fit.predict(response="v"))


def test_values_are_stated_of_all_responses_and_asked_of_one() -> None:
    model = tm.model("mvbind(v, k) ~ x", data())
    values = {"v": 2.0, "k": 3.0, "sigma_v": 1.0, "sigma_k": 2.0, "rescor": np.eye(2)}
    assert set(model.predict_at(values, response="k")) == {3.0}
    assert model.simulate(values, 1, response="v").name == "v"
    assert model.prior_predictive(5, 1, response="k")["prior_predictive"]["k"].sizes["obs"] == 38


PRIORS = {
    "b ~ normal(0, 1)": ["v.b(x) ~ normal(0, 1)", "k.b(z) ~ normal(0, 1)"],
    "k.b ~ normal(0, 1)": ["k.b(z) ~ normal(0, 1)"],
    "rescor ~ lkj(3)": ["rescor ~ lkj(3)"],
    "sigma_k ~ exponential(1)": ["sigma_k ~ exponential(1)"],
    "cor(g) ~ lkj(4)": ["v.cor(g) ~ lkj(4)"],
    "k.sd(g) ~ exponential(2)": ["v.sd(g, k_Intercept) ~ exponential(2)"],
}


@pytest.mark.parametrize("prior", PRIORS)
def test_priors_are_of_one_response_or_of_all(prior: str) -> None:
    model = tm.model("bf(v ~ x + (1 | p | g)) + bf(k ~ z + (1 | p | g)) + set_rescor(TRUE)", data(), priors=prior)
    stated = model.priors()
    assert [f"{row.target} ~ {row.prior}" for row in stated[stated["stated"]].itertuples()] == PRIORS[prior]


REFUSED = [
    ("bf(v ~ x) + bf(q ~ z)", "no column `q` in the data"),
    ("bf(v ~ x) + bf(y2 | cens(0, z) ~ z)", "`y2` is what densities call an argument of `cens()`"),
    ("bf(v ~ x) + bf(v ~ z)", "two responses are called `v`"),
    ("bf(v ~ x) + bf(k ~ z, family = poisson) + set_rescor(TRUE)", "where all responses are gaussian, or all student"),
    ("mvbind(v, k) | weights(z) ~ 1", "`weights()` of responses with correlated residuals is not built"),
    ("bf(v ~ x) + bf(g ~ z, family = categorical)", "a response in categories among several responses is not built"),
    ("bf(v ~ x, tau ~ z) + bf(k ~ z)", "has no parameter `tau`"),
    ("bf(v ~ x + ar(p = 1)) + bf(k ~ z)", "rows that go together, of one of several responses"),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_responses_that_cannot_stand_together_say_so(text: str, sentence: str) -> None:
    with pytest.raises(TildeError) as caught:
        tm.model(text, data().assign(z=1 + data().z ** 2, y2=1.0 * np.arange(40)))
    assert sentence in caught.value.message


def test_rows_that_lack_a_response_are_told() -> None:
    frame = data()
    frame.loc[5, "k"] = np.nan
    own = str(tm.model("mvbind(v, k) ~ x", frame))
    assert "left out for none of v, k: 1" in own
    assert "rows that lack some of v, k count for the others" in own
    pasted = str(tm.model("brm(mvbind(v, k) ~ x, data = d)", frame))
    assert "Rows: 37 of 40" in pasted
    assert "are left out, as brms does" in pasted
