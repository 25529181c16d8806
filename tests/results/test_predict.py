"""Predictions: brms's after the same fits, the PyMC graph's of the same draws, and what new data may be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import tildemc as tm
from programs import quick
from shared import SHARED
from tildemc.results import evaluate as evaluating

SETTINGS: dict[str, Any] = {"draws": 1000, "tune": 500, "chains": 4, "seed": 1, "progress": False}
KNOWN_TO_BRMS = {
    "sleepstudy": ["b ~ normal(0, 50)", "Intercept ~ normal(300, 100) at the predictors' means",
                   "sd ~ student_t(3, 0, 50)", "cor ~ lkj(2)", "sigma ~ student_t(3, 0, 50)"],
    "epilepsy": ["b ~ normal(0, 1)", "Intercept ~ normal(2, 2) at the predictors' means", "sd ~ student_t(3, 0, 1)"],
}  # fmt: skip
"""The priors of the fits that brms made."""

ASKED: dict[str, dict[str, Any]] = {
    "fitted_known": {},
    "fitted_population": {"groups": "none"},
    "linear_known": {"kind": "linear"},
    "predicted_known": {"kind": "response"},
    "fitted_new_gaussian": {"new_levels": "sample"},
    "fitted_new_uncertainty": {"new_levels": "existing"},
    "predicted_new_gaussian": {"kind": "response", "new_levels": "sample"},
}
"""What brms was asked, and how one asks here."""
DRAWN_BY_BRMS = 16_000


@pytest.fixture(scope="module", params=KNOWN_TO_BRMS)
def fitted(request: pytest.FixtureRequest) -> tuple[dict[str, Any], tm.Model, Any]:
    """brms's results, our model, and our fit."""
    name = request.param
    path = None if SHARED is None else SHARED / "oracles" / f"postfit_{name}.json"
    if SHARED is None or path is None or not path.is_file():
        pytest.skip("no shared oracles")
    oracle = json.loads(path.read_text())
    data = pd.read_csv(SHARED / "data" / "open" / f"{name}.csv")
    group = oracle["formula"].split("|")[1].strip(" )")
    data = data.astype({group: str, **({"Trt": str} if "Trt" in data else {})})
    model = tm.model(oracle["formula"], data, oracle["family"], KNOWN_TO_BRMS[name])
    return oracle, model, model.fit(**SETTINGS)


@pytest.mark.parametrize("asked", ASKED)
def test_predictions_are_brms(asked: str, fitted: tuple[dict[str, Any], tm.Model, Any]) -> None:
    """Within four Monte Carlo errors, that of a mean of correlated draws being at most twice that of independent ones.

    The error of an sd, and of a quantile, follows from the draws' own kurtosis and density at the worst.
    """
    oracle, _, fit = fitted
    theirs = pd.DataFrame(oracle[asked])
    rows = pd.DataFrame(oracle["newdata"])
    rows = rows.iloc[-len(theirs) :] if "new" in asked else rows.iloc[: len(theirs)]
    found = fit.predict(rows, **{"seed": 2, **ASKED[asked]})
    draws = fit.predict(rows, draws=True, **{"seed": 2, **ASKED[asked]}).to_numpy().reshape(-1, len(rows))
    sd = found["sd"].to_numpy()
    error = 2 * np.sqrt(1 / len(draws) + 1 / DRAWN_BY_BRMS)
    kurtosis = ((draws - draws.mean(axis=0)) ** 4).mean(axis=0) / sd**4
    off = np.abs(found["mean"].to_numpy() - theirs["Estimate"].to_numpy())
    np.testing.assert_array_less(off, 4 * error * sd)
    np.testing.assert_array_less(
        np.abs(sd - theirs["Est.Error"].to_numpy()), 4 * error * sd * np.sqrt((kurtosis - 1) / 4)
    )
    for column, share, at in (("eti95_lb", 0.025, "Q2.5"), ("eti95_ub", 0.975, "Q97.5")):
        spread = 4 * error * np.sqrt(share * (1 - share))
        near = np.quantile(draws, [max(0, share - spread), min(1, share + spread)], axis=0)
        assert ((theirs[at] >= near[0]) & (theirs[at] <= near[1])).all(), (column, found[column], theirs[at])


R_SLEEP = {
    "all": ([273.3299, 292.9962], {}),
    "intercepts": ([264.1309, 274.5982], {"groups": {"Subject": ["Intercept"]}}),
    "slopes": ([271.0714, 290.7376], {"groups": {"Subject": "Days"}}),
    "population": ([261.8724, 272.3397], {"groups": "none"}),
}
"""lme4's predictions for subject 308 after one and two days, by `re.form`."""


@pytest.mark.parametrize("asked", R_SLEEP)
def test_a_choice_of_effects_is_lme4s(asked: str, open_data: Callable[[str], Path]) -> None:
    model = tm.model("Reaction ~ Days + (Days | Subject)", pd.read_csv(open_data("sleepstudy")))
    levels = model.group_terms()[0].levels
    effects = pd.DataFrame(0.0, index=levels, columns=["Intercept", "Days"])
    effects.loc[308] = [2.2585, 9.1990]
    values = {"Intercept": 251.4051, "b": {"Days": 10.46729}, "r_Subject": effects, "sigma": 25.6}
    expected, how = R_SLEEP[asked]
    rows = pd.DataFrame({"Days": [1, 2], "Subject": 308})
    np.testing.assert_allclose(model.predict_at(values, rows, **how), expected, atol=2e-3)


def rows(n: int = 48) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"x": rng.normal(2, 1, n), "g": np.resize(list("pqrstu"), n)})
    frame["k"] = rng.poisson(np.exp(0.3 + 0.4 * frame["x"] + np.resize(rng.normal(0, 0.4, 6), n)))
    frame["f"], frame["h"] = np.resize(list("abc"), n), np.repeat(["u", "v"], n // 2)
    frame["y"] = frame["x"] + rng.normal(size=n)
    frame["size"], frame["won"] = 9, rng.binomial(9, 0.4, n)
    frame["treated"] = np.repeat([0, 1], n // 2)
    frame["tutor"] = np.where(frame["treated"] == 1, np.resize(list("mnoqr"), n), None)
    frame.index = pd.Index([f"row {i}" for i in range(n)])
    return frame


SHORT: dict[str, Any] = {"draws": 60, "tune": 150, "chains": 2, "seed": 1, "progress": False}


def test_predictions_of_new_rows_are_the_graphs_of_the_same_draws() -> None:
    import pymc as pm
    import pytensor

    data = rows()
    model = tm.model("k ~ x + (1 + x | g); shape ~ x", data, "negbinomial")
    fit = model.fit(**SHORT | {"draws": 300})
    new = pd.DataFrame({"x": [0.5, 3.0, 2.0], "g": ["t", "p", "u"]})
    x = new[["x"]].to_numpy()
    given = {
        "X": x, "shape_X": x, "g_idx": np.array([4, 0, 5], dtype=np.int32),
        "Z_g": np.column_stack([np.ones(3), new["x"]]),
    }  # fmt: skip
    with model.pymc() as graph, pytensor.config.change_flags(mode=quick()):
        pm.set_data(given, coords={"obs": np.arange(3)})
        # PyMC's own parameters of the distribution: the shape, and the chance of a success.
        for name, value in zip("np", graph["k"].owner.op.dist_params(graph["k"].owner), strict=True):
            pm.Deterministic(name, value)
        theirs = pm.sample_posterior_predictive(
            fit.data, var_names=["k", "n", "p"], random_seed=1, progressbar=False, predictions=True,
            extend_inferencedata=False,
        )["predictions"]  # fmt: skip

    def ours(kind: str) -> NDArray[np.float64]:
        return np.asarray(fit.predict(new, kind, draws=True, seed=1))

    n, p = theirs["n"].to_numpy(), theirs["p"].to_numpy()
    np.testing.assert_allclose(ours("shape"), n, rtol=1e-6)
    # Of a chance that is almost one, little is left of the digits of its complement.
    sure = 1 - p > 1e-9
    np.testing.assert_allclose(ours("mean")[sure], (n * (1 - p) / p)[sure], rtol=1e-6)
    mean = (n * (1 - p) / p)[sure]
    np.testing.assert_allclose(ours("linear")[sure], np.log(mean), rtol=1e-5, atol=1e-6)
    mine, graphs = (drawn.reshape(-1, 3) for drawn in (ours("response"), theirs["k"].to_numpy()))
    error = np.sqrt(2 / len(mine)) * graphs.std(axis=0)
    np.testing.assert_array_less(np.abs(mine.mean(axis=0) - graphs.mean(axis=0)), 4 * error)
    np.testing.assert_allclose(mine.std(axis=0), graphs.std(axis=0), rtol=0.35)


@pytest.fixture(scope="module")
def gaussian() -> Any:
    """A fit with factors, effects and a sigma for each `h`."""
    return tm.model("y ~ x + f + (1 + x | g); sigma ~ by(h)", rows()).fit(**SHORT)


@pytest.fixture(scope="module")
def clustered() -> Any:
    """A trial of which one arm has tutors."""
    return tm.model("won | trials(size) ~ x + (0 + treated | tutor)", rows(), "binomial").fit(**SHORT)


NEW = rows().drop(columns=["y", "won", "k"]).iloc[:4]


def test_the_fits_own_rows_have_their_own_index_and_no_need_of_data(gaussian: Any) -> None:
    found = gaussian.predict()
    assert list(found.columns) == ["mean", "sd", "eti95_lb", "eti95_ub"] and list(found.index) == list(rows().index)
    pd.testing.assert_frame_equal(gaussian.predict(NEW), found.iloc[:4])


@pytest.mark.parametrize("kind", ["mean", "linear", "response", "mu", "sigma"])
def test_a_summary_is_that_of_the_draws_however_many_are_looked_at_together(
    kind: str, gaussian: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = NEW.assign(g=["p", "new", "new", "newer"])
    how = {"kind": kind, "new_levels": "sample", "seed": 3}
    if kind != "response":
        whole = gaussian.predict(new, **how)
        monkeypatch.setattr(evaluating, "CHUNK", gaussian.draws)
        pd.testing.assert_frame_equal(gaussian.predict(new, **how), whole)
    draws = gaussian.predict(new, draws=True, **how)
    assert draws.dims == ("chain", "draw", "obs") and list(draws["obs"].values) == list(new.index)
    flat = draws.to_numpy().reshape(-1, 4)
    found = gaussian.predict(new, interval=0.8, **how)
    np.testing.assert_allclose(found["mean"], flat.mean(axis=0))
    np.testing.assert_allclose(found["sd"], flat.std(axis=0, ddof=1))
    np.testing.assert_allclose(found[["eti80_lb", "eti80_ub"]].T, np.quantile(flat, [0.1, 0.9], axis=0))


def test_rows_of_one_new_level_share_its_effects_and_other_levels_have_their_own(gaussian: Any) -> None:
    new = NEW.assign(g=["new", "new", "newer", "p"], x=1.0, f="a")
    drawn = gaussian.predict(new, draws=True, new_levels="sample", seed=3).to_numpy().reshape(-1, 4)
    np.testing.assert_array_equal(drawn[:, 0], drawn[:, 1])
    assert abs(np.corrcoef(drawn[:, 0], drawn[:, 2])[0, 1]) < 0.9 and (drawn[:, 0] != drawn[:, 2]).all()
    again = gaussian.predict(new.iloc[[2, 0]], draws=True, new_levels="sample", seed=3)
    assert again.sizes["obs"] == 2


def test_the_effects_of_a_new_level_are_correlated_as_the_draws_have_it() -> None:
    model = tm.model("y ~ x + (1 + x | g)", rows())
    sd, rho = np.array([2.0, 0.5]), -0.8
    fit = model.fit(**SHORT | {"draws": 4000, "chains": 1})
    variables = dict(fit.groups["posterior"].variables)
    variables["sd_g"] = variables["sd_g"][0], np.broadcast_to(sd, (1, 4000, 2))
    variables["cor_g"] = variables["cor_g"][0], np.broadcast_to([[1, rho], [rho, 1]], (1, 4000, 2, 2))
    for name in ("Intercept", "b"):
        variables[name] = variables[name][0], 0 * variables[name][1]
    posterior = type(fit.groups["posterior"])(variables, fit.groups["posterior"].labels)
    stated = type(fit)(fit.spec, fit.design, {**fit.groups, "posterior": posterior}, fit.path, 0.0)
    new = pd.DataFrame({"x": [0.0, 1.0], "g": "new"})
    at = stated.predict(new, draws=True, new_levels="sample", seed=1).to_numpy()[0]
    effects = np.column_stack([at[:, 0], at[:, 1] - at[:, 0]])
    np.testing.assert_allclose(effects.std(axis=0), sd, rtol=0.05)
    assert np.corrcoef(effects.T)[0, 1] == pytest.approx(rho, abs=0.03)


def test_a_level_may_have_no_effects_or_those_of_one_that_was_seen(gaussian: Any) -> None:
    new = NEW.assign(g="new")
    without = gaussian.predict(new, new_levels="population")
    pd.testing.assert_frame_equal(without, gaussian.predict(NEW, groups="none"))
    borrowed = gaussian.predict(new, "linear", draws=True, new_levels="existing", seed=1).to_numpy()
    seen = [gaussian.predict(NEW.assign(g=level), "linear", draws=True).to_numpy() for level in "pqrstu"]
    chosen = np.isclose(borrowed, np.array(seen)).all(axis=-1)
    assert (chosen.sum(axis=0) == 1).all() and chosen.any(axis=(1, 2)).all()


def test_a_row_whose_effects_are_multiplied_by_zero_needs_no_level(clustered: Any) -> None:
    control = NEW.assign(treated=0, tutor=None)
    found = clustered.predict(control)
    pd.testing.assert_frame_equal(clustered.predict(control.assign(tutor="nobody")), found)
    pd.testing.assert_frame_equal(clustered.predict(control, groups="none"), found)
    assert clustered.predict(control.assign(treated=1)).isna().all(axis=None)
    assert clustered.predict(control.assign(treated=1), groups="none").notna().all(axis=None)


def test_what_is_asked_for_needs_no_more_than_it_depends_on(gaussian: Any) -> None:
    pd.testing.assert_frame_equal(gaussian.predict(NEW.drop(columns="h")), gaussian.predict(NEW))
    pd.testing.assert_frame_equal(gaussian.predict(NEW.assign(h="nobody")), gaussian.predict(NEW))
    pd.testing.assert_frame_equal(gaussian.predict(NEW[["h"]], "sigma"), gaussian.predict(NEW, "sigma"))
    with pytest.raises(tm.TildeError, match="`h` has no level nobody"):
        gaussian.predict(NEW.assign(h="nobody"), "response")


def test_means_count_trials_and_need_them_where_they_count(clustered: Any) -> None:
    one, many = clustered.predict(NEW.assign(size=1)), clustered.predict(NEW.assign(size=20))
    np.testing.assert_allclose(20 * one["mean"], many["mean"])
    without = NEW.drop(columns="size")
    np.testing.assert_allclose(clustered.predict(without, "mu")["mean"], one["mean"])
    assert clustered.predict(NEW.assign(size=20), "response", seed=1)["eti95_ub"].max() <= 20


def test_offsets_and_known_sds_are_those_of_the_new_rows() -> None:
    data = rows().assign(s=0.5, o=1.0)
    fit = tm.model("y | se(s) ~ x + offset(o)", data).fit(**SHORT)
    new = NEW.assign(s=[1e-9, 0.1, 1.0, 3.0], o=[0.0, 0.0, 5.0, 0.0])
    plain = fit.predict(new.assign(o=0.0))["mean"]
    np.testing.assert_allclose(fit.predict(new)["mean"] - plain, [0, 0, 5, 0], atol=1e-12)
    np.testing.assert_allclose(fit.predict(new, "sigma")["mean"], new["s"])
    noise = fit.predict(new, "response", draws=True, seed=1) - fit.predict(new, draws=True)
    np.testing.assert_allclose(noise.std(("chain", "draw")), new["s"], rtol=0.3)


@pytest.mark.parametrize(
    "new",
    [
        {"x": 1.0, "f": "a", "g": "p", "h": "u"},
        NEW.assign(f=pd.Categorical(NEW["f"], ["c", "b", "a"])),
        {name: NEW[name].to_list() for name in ("x", "f", "g", "h")},
    ],
    ids=["one row as a mapping", "levels in another order", "lists"],
)
def test_new_data_come_in_all_forms(new: Any, gaussian: Any) -> None:
    found = gaussian.predict(new)
    if len(found) > 1:
        np.testing.assert_allclose(found, gaussian.predict(NEW))


def test_a_row_without_a_value_has_no_prediction(gaussian: Any) -> None:
    new = NEW.assign(x=[1.0, None, 2.0, 3.0], g=["p", "q", None, "r"])
    assert gaussian.predict(new)["mean"].isna().tolist() == [False, True, True, False]
    assert gaussian.predict(new, draws=True).isnull().all(("chain", "draw")).values.tolist() == [
        False,
        True,
        True,
        False,
    ]


def test_the_log_likelihood_of_the_fits_rows_as_new_ones_is_the_same(gaussian: Any) -> None:
    np.testing.assert_allclose(gaussian.log_likelihood(rows()), gaussian.log_likelihood())
    new = rows().iloc[:3].assign(g="new")
    assert np.isfinite(gaussian.log_likelihood(new, new_levels="sample", seed=1)).all()


def test_the_posterior_predictive_stands_beside_the_data_and_is_drawn_again_by_its_seed(gaussian: Any) -> None:
    tree = gaussian.posterior_predictive(seed=4)
    assert {"posterior", "observed_data", "posterior_predictive"} <= set(tree.children)
    drawn = tree["posterior_predictive"]["y"]
    assert drawn.sizes == {"chain": 2, "draw": 60, "obs": 48}
    np.testing.assert_array_equal(gaussian.posterior_predictive(seed=4)["posterior_predictive"]["y"], drawn)
    np.testing.assert_array_equal(gaussian.predict(kind="response", draws=True, seed=4), drawn)
    assert (gaussian.posterior_predictive(seed=5)["posterior_predictive"]["y"] != drawn).any()


def test_a_fit_of_streamed_rows_predicts_new_ones_and_says_why_not_its_own(tmp_path: Path) -> None:
    path = str(tmp_path / "rows.parquet")
    rows().to_parquet(path)
    streamed = tm.model("y ~ x + (1 | g)", tm.stream(path)).fit(**SHORT)
    whole = tm.model("y ~ x + (1 | g)", pd.read_parquet(path)).fit(**SHORT)
    np.testing.assert_allclose(streamed.predict(NEW), whole.predict(NEW), rtol=1e-6)
    with pytest.raises(tm.TildeError, match="needs all rows at once, but these are streamed"):
        streamed.predict()
    with pytest.raises(tm.TildeError, match="new data are needed with all rows at once"):
        whole.predict(tm.stream(path))


MISTAKES: list[tuple[str, dict[str, Any], str]] = [
    ("a kind that there is not", {"kind": "sigm"}, "`kind` is one of mean, linear, response, mu, sigma, not 'sigm'"),
    ("groups that there are not", {"groups": ["gg"]}, "no effects vary by 'gg'; did you mean `g`.* groups by g"),
    ("an effect that there is not", {"groups": {"g": ["z"]}}, "g has no effect 'z'; it has Intercept, x"),
    ("groups in groups", {"groups": [["g"]]}, '`groups` is "all", "none" or a list'),
    ("new levels in an array", {"new_levels": np.array([1, 2])}, "`new_levels` is one of error, sample"),
    ("groups of another kind", {"groups": 3}, '`groups` is "all", "none" or a list'),
    ("another word for new levels", {"new_levels": "smaple"}, "did you mean `sample`"),
    ("a seed below zero", {"seed": -1}, "`seed` is a whole number from 0"),
    ("an interval of two", {"interval": 2}, "`interval` is a number between 0 and 1, not 2"),
    ("data of no kind", {"newdata": 3}, "must be a data frame or a path"),
    ("a file that is not there", {"newdata": "no.csv"}, "there is no file no.csv"),
]


@pytest.mark.parametrize(("how", "message"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES])
def test_a_mistake_is_told_in_one_sentence(how: dict[str, Any], message: str, gaussian: Any) -> None:
    with pytest.raises(tm.TildeError, match=message):
        gaussian.predict(**{"newdata": NEW, **how})
