"""`estat` and `predict` after a fit, against the verbs that a fit has for the same, or by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from afterwards import DATA, NAMES, G, N, X, effects, stated
from logistic import logistic, probabilities
from tildemc.results.fit import Fit


@pytest.fixture(scope="module")
def fit() -> Fit:
    return stated()


def test_estat_has_what_the_verbs_of_a_fit_have(fit: Fit) -> None:
    varcorr = fit.varcorr()
    own = fit.icc({"x": [0.0], "f": [1], "h": [0], "g": [0]}).loc["g"]
    pd.testing.assert_series_equal(fit.stata("estat icc").frame().loc["g"], own, check_names=False)
    sds = fit.stata("estat sd").frame()
    assert sds.index.tolist() == ["sd(_cons[g])", "sd(x[g])", "corr(x[g],_cons[g])", "sd(Residual)"]
    np.testing.assert_allclose(sds["mean"], varcorr["sdcor"]["mean"])
    variances = fit.stata("estat sd, variance").frame()
    np.testing.assert_allclose(variances["mean"], varcorr["vcov"]["mean"])
    slope, constant, covariance = varcorr["vcov"]["mean"].iloc[[1, 0, 2]]
    np.testing.assert_allclose(fit.stata("estat recov").frame(), [[slope, covariance], [covariance, constant]])
    correlations = fit.stata("estat recov, corr").frame().to_numpy()
    assert correlations[0, 0] == 1 and correlations[0, 1] == pytest.approx(varcorr["sdcor"]["mean"].iloc[2])


def test_the_covariance_of_coefficients_has_their_names(fit: Fit) -> None:
    b = effects(fit)
    found = fit.stata("estat vce").frame()
    assert found.index.tolist() == [*b] == found.columns.tolist()
    np.testing.assert_allclose(found, np.cov([*b.values()]))
    np.testing.assert_allclose(fit.stata("estat vce, correlation").frame(), np.corrcoef([*b.values()]))


def test_groups_are_counted(fit: Fit) -> None:
    assert fit.stata("estat group").frame().loc["g"].tolist() == [6, 10, 10, 10]


def test_the_rows_of_a_cluster_go_together_by_effects_and_residuals(fit: Fit) -> None:
    drawn = fit.groups["posterior"].draws
    rows = np.flatnonzero(G == 0)
    z = np.column_stack([np.ones(len(rows)), X[rows]])
    sds, cor, sigma = drawn["sd_g"][0], drawn["cor_g"][0], drawn["sigma"][0]
    each = []
    for d in range(len(sigma)):
        covariance = z @ (cor[d] * np.outer(sds[d], sds[d])) @ z.T + sigma[d] ** 2 * np.eye(len(rows))
        each.append(covariance / np.sqrt(np.outer(np.diag(covariance), np.diag(covariance))))
    found = fit.stata("estat wcorrelation").frame()
    np.testing.assert_allclose(found.drop(columns="sd"), np.mean(each, axis=0))


@pytest.mark.filterwarnings("ignore:Pareto")
def test_a_criterion_is_leave_one_out(fit: Fit) -> None:
    (answer,) = fit.stata("estat ic")
    assert answer.frame()["elpd"].iloc[0] == pytest.approx(float(fit.loo().elpd)) and "AIC and BIC" in answer.notes[0]


PREDICTED = {
    "predict m": lambda fit: fit.predict(kind="linear", groups="none")["mean"],
    "predict m, xb": lambda fit: fit.predict(kind="linear", groups="none")["mean"],
    "predict double m, fitted": lambda fit: fit.predict(kind="linear")["mean"],
    "predict m, mu": lambda fit: fit.predict()["mean"],
    "predict m, mu conditional(fixedonly)": lambda fit: fit.predict(groups="none")["mean"],
    "predict m, mu marginal": lambda fit: fit.predict(groups="none")["mean"],
    "predict m, stdp": lambda fit: fit.predict(kind="linear", groups="none")["sd"],
    "predict m, residuals": lambda fit: fit.residuals()["mean"],
    "predict m, rstandard": lambda fit: fit.residuals("pearson")["mean"],
}


@pytest.mark.parametrize("command", PREDICTED)
def test_predictions_are_new_columns(command: str, fit: Fit) -> None:
    found = fit.stata(command).frame()
    np.testing.assert_allclose(found["m"], PREDICTED[command](fit))


def test_effects_of_groups_are_columns_slopes_first(fit: Fit) -> None:
    known = fit.ranef()["g"]
    found = fit.stata("predict b*, reffects reses(se*)").frame()
    assert found.columns.tolist() == ["b1", "se1", "b2", "se2"]
    for label, column, sd in (("x", "b1", "se1"), ("Intercept", "b2", "se2")):
        np.testing.assert_allclose(found[column], known[label]["mean"].loc[G])
        np.testing.assert_allclose(found[sd], known[label]["sd"].loc[G])


def test_a_mean_is_that_of_all_groups_where_it_is_asked_for() -> None:
    fit = logistic()
    marginal = fit.stata("predict p, mu marginal").frame()["p"].mean()
    assert marginal == pytest.approx(fit.margins("").draws().to_numpy().mean())
    np.testing.assert_allclose(fit.stata("predict p").frame()["p"], fit.predict()["mean"])
    fixed = fit.stata("predict p, pr fixedonly").frame()["p"]
    own = probabilities(fit.stata("predict q, xb").frame()["q"] * 0 + _x(), _b(), groups=False).mean(axis=0)
    np.testing.assert_allclose(fixed, own)


def _x() -> np.ndarray:
    from logistic import DATA as OWN

    return OWN["x"].to_numpy()


def _b() -> np.ndarray:
    from logistic import DATA as OWN

    return (OWN["f"] == "b").to_numpy()


def test_a_category_is_named_by_its_value_or_place() -> None:

    data = DATA.assign(k=np.resize([2, 3, 5], N))
    model = tm.model("ologit k x", data)
    posterior = {"Intercept": np.tile([-0.5, 0.6], (1, 3, 1)), "b": np.array([[[0.2], [0.3], [0.4]]])}
    fit = Fit.of(model.spec, model.design, posterior, {}, "stated", 0.0).of_model(model, {})
    chances = fit.predict()
    for outcome, label in (("3", "3"), ("#1", "2")):
        found = fit.stata(f"predict p, pr outcome({outcome})").frame()["p"]
        np.testing.assert_allclose(found, chances[label]["mean"])
        margin = fit.stata(f"margins, predict(pr outcome({outcome}))").frame()
        assert margin["estimate"].iloc[0] == pytest.approx(
            fit.avg_predictions().frame().set_index("group").loc[label, "estimate"]
        )
    assert fit.stata("predict a b c, pr").frame().shape == (N, 3)
    assert fit.stata("lincom _b[/cut2] - _b[/cut1]").frame()["mean"].iloc[0] == pytest.approx(1.1)


def test_summaries_have_the_names_of_stata(fit: Fit) -> None:
    names = fit.summary(names="stata").index.get_level_values("parameter").tolist()
    assert names == ["_cons", *NAMES, "sd(_cons[g])", "sd(x[g])", "corr(x[g],_cons[g])", "sd(Residual)"]
    squared = fit.summary(names="stata", variances=True).index.get_level_values("parameter").tolist()
    assert squared[7:] == ["var(_cons[g])", "var(x[g])", "cov(x[g],_cons[g])", "var(Residual)"]
    assert fit.stata("mixed, variance").frame().index.get_level_values("parameter").tolist() == squared
    assert fit.stata("mixed, eform").frame()["mean"].iloc[1] == pytest.approx(np.exp(effects(fit)["2.f"]).mean())


def test_chances_are_over_all_effects_of_random_slopes_too() -> None:
    data = DATA.assign(k=np.resize([2, 3, 5], N))
    model = tm.model("meologit k x || g: x", data)
    posterior = {
        "Intercept": np.array([[[-0.5, 0.6]]]), "b": np.array([[[0.2]]]), "sd_g": np.array([[[1.0, 0.5]]]),
        "r_g": np.zeros((1, 1, 6, 2)),
    }  # fmt: skip
    fit = Fit.of(model.spec, model.design, posterior, {}, "stated", 0.0).of_model(model, {})
    u = np.linspace(-9, 9, 2001)
    sd = np.sqrt(1 + 0.25 * X**2)[:, None]
    below = 1 / (1 + np.exp(-(np.array([-0.5, 0.6])[:, None, None] - 0.2 * X[:, None] - sd * u)))
    chances = np.diff(np.concatenate([np.zeros((1, N, len(u))), below, np.ones((1, N, len(u)))]), axis=0)
    weight = np.exp(-(u**2) / 2) / np.exp(-(u**2) / 2).sum()
    np.testing.assert_allclose(fit.stata("margins").frame()["estimate"], (chances @ weight).mean(axis=1), rtol=1e-6)
