"""The log likelihood of rows is the PyMC graph's; leaving rows out prefers the model that made them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import arviz as az
import numpy as np
import pandas as pd
import pymc as pm
import pytensor
import pytest
from numpy.typing import NDArray
from pytensor.graph.replace import clone_replace

import tildemc as tm
from programs import compiled, quick
from tildemc.results import evaluate as evaluating
from tildemc.results.datatree import drawn_group
from tildemc.results.pointwise import log_likelihood_group
from tildemc.spec.expr import Expr, Var, evaluate, substitute
from tildemc.spec.families import FAMILIES
from tildemc.spec.links import LINKS
from tildemc.spec.parameters import parameters
from tildemc.spec.vocabulary import NUMPY

Floats = NDArray[np.float64]

N = 30


def data() -> pd.DataFrame:
    """Responses of every kind; half of the rows have no `tutor`."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"x": rng.normal(size=N), "z": rng.normal(size=N), "w": np.arange(N) % 4 / 2})
    frame["y"], frame["k"], frame["hit"] = rng.normal(1, 2, N), rng.poisson(3, N), rng.integers(0, 2, N)
    frame["size"] = rng.integers(4, 9, N)
    frame["won"] = rng.binomial(frame["size"], 0.4)
    frame["share"] = rng.beta(3, 4, N)
    frame["positive"] = rng.gamma(3, 1, N)
    frame["known"] = rng.uniform(0.3, 1, N)
    frame["g"], frame["h"] = np.resize(list("abcd"), N), np.repeat(list("uvw"), N // 3)
    frame["treated"] = np.arange(N) % 2
    frame["tutor"] = np.where(frame["treated"] == 1, np.resize(list("qrstt"), N), None)
    return frame


CASES = (
    ("gaussian", "y ~ x + (1 + x | g) + (1 | h) + offset(z)"),
    ("gaussian", "y ~ treated + (0 + treated | tutor); sigma ~ by(h)"),
    ("gaussian", "y | weights(w) ~ 0 + x; sigma ~ x + (1 | g)"),
    ("gaussian", "y | se(known) ~ x"),
    ("gaussian", "y | se(known, sigma = TRUE) + weights(w) ~ x"),
    ("gaussian(log)", "k ~ x"),
    ("gaussian(inverse)", "y ~ 1"),
    ("student", "y ~ x; nu ~ z; sigma ~ by(h)"),
    ("student", "y | se(known, sigma = TRUE) ~ x"),
    ("bernoulli", "hit ~ x + (1 + x || g)"),
    ("bernoulli(probit)", "hit ~ x + (1 | g)"),
    ("bernoulli(cloglog)", "hit | weights(w) ~ x"),
    ("bernoulli(identity)", "hit ~ 1"),
    ("binomial", "won | trials(size) ~ x + (1 | g)"),
    ("binomial(probit)", "won | trials(size) + weights(w) ~ x"),
    ("binomial(cloglog)", "won | trials(size) ~ x"),
    ("binomial(log)", "won | trials(size) ~ 1"),
    ("poisson", "k ~ x + (1 | g) + offset(z)"),
    ("poisson(identity)", "k ~ 1"),
    ("poisson(sqrt)", "k ~ x"),
    ("negbinomial", "k ~ x; shape ~ z"),
    ("negbinomial(sqrt)", "k | weights(w) ~ x"),
    ("bernoulli(cauchit)", "hit ~ x"),
    ("binomial(loglog)", "won | trials(size) ~ x"),
    ("gaussian(softplus)", "y ~ x"),
    ("poisson(log1p)", "k ~ 1"),
    ("gamma", "positive ~ x; shape ~ z"),
    ("gamma(inverse)", "positive | weights(w) ~ 1"),
    ("beta", "share ~ x + (1 | g); phi ~ z"),
    ("beta(probit)", "share | weights(w) ~ x"),
    ("lognormal", "positive ~ x; sigma ~ by(h)"),
    ("weibull", "positive ~ x; shape ~ z"),
    ("exponential", "positive | weights(w) ~ x + (1 | g)"),
    ("beta_binomial", "won | trials(size) ~ x; phi ~ z"),
    ("beta_binomial(cloglog)", "won | trials(size) ~ x"),
)

PRIORS = {
    "identity": ("Intercept ~ beta(2, 3)",),
    "log": ("Intercept ~ uniform(-3, -0.1)",),
    "log1p": ("Intercept ~ uniform(0.5, 2)",),
    "inverse": ("Intercept ~ uniform(0.1, 2)",),
    "probit": ("Intercept ~ normal(0, 0.5)", "b ~ normal(0, 0.5)"),
    "cloglog": ("Intercept ~ normal(0, 0.5)", "b ~ normal(0, 0.5)"),
}
"""Where the default prior would leave what the parameter may be, or where the graph's density is exact."""


def graph_rows(graph: pm.Model) -> Callable[..., tuple[Floats, float]]:
    """Of values of the free variables: the density of each row, and that of all rows with what is added to it."""
    free = [rv.type(name=rv.name) for rv in graph.free_RVs]
    known = {}
    for rv, given in zip(graph.free_RVs, free, strict=True):
        transform = graph.rvs_to_transforms[rv]
        known[graph.rvs_to_values[rv]] = given if transform is None else transform.forward(given, *rv.owner.inputs)
    (rows,) = graph.logp(vars=graph.observed_RVs, sum=False)
    total = graph.logp(vars=[*graph.observed_RVs, *graph.potentials])
    outputs: Any = clone_replace([rows, total], known)
    return compiled(free, outputs)


def log_likelihood(model: tm.Model, reported: dict[str, Floats]) -> Floats:
    """Of each row under draws of what the model reports, (chains, draws, n)."""
    group = log_likelihood_group(model.spec, model.design, drawn_group(model.spec, reported, {}))
    ((_, values),) = group.variables.values()
    return values


@pytest.mark.parametrize(("family", "formula"), CASES)
def test_rows_are_the_graphs(family: str, formula: str, monkeypatch: pytest.MonkeyPatch) -> None:
    link = family.partition("(")[2].rstrip(")")
    model = tm.model(formula, data(), family, PRIORS.get(link, ()))
    graph = model.pymc()
    drawn = [*graph.free_RVs, *graph.deterministics]
    values = pm.draw(drawn, draws=4, random_seed=3, mode=quick())
    point = dict(zip([v.name for v in drawn], values, strict=True))
    reported = {p.name: point[p.name].reshape(2, 2, *point[p.name].shape[1:]) for p in parameters(model.spec)}
    ours = log_likelihood(model, reported)
    assert ours.shape == (2, 2, N)
    weights = 1.0 if model.design.weights is None else model.design.weights
    density = graph_rows(graph)
    for k, rows in enumerate(ours.reshape(4, N)):
        theirs, total = density(*(point[rv.name][k] for rv in graph.free_RVs))
        np.testing.assert_allclose(rows, theirs * weights, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(rows.sum(), total, rtol=1e-6)
    monkeypatch.setattr(evaluating, "CHUNK", N)
    np.testing.assert_allclose(log_likelihood(model, reported), ours, rtol=1e-12)


def density(name: str, link: str, y: Floats, trials: Floats, *values: Floats) -> Floats:
    """Of the predictor of `mu` and the family's other parameters."""
    family = FAMILIES[name]
    expr: Expr = substitute(family.log_density, LINKS[link].of(Var("mu"), Var("mu")))
    known = {"y": y, "trials": trials} | dict(zip([p.name for p in family.parameters], values, strict=True))
    return np.asarray(evaluate(expr, lambda v: known[v.name], NUMPY))


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog", "log"])
def test_far_predictors_lose_nothing(link: str) -> None:
    """Against the expansions that hold there: log p and log(1 - p) of a probability near 0, and near 1."""
    of = partial(density, "bernoulli", link)
    y, trials = np.array([1.0, 0.0]), np.ones(2)
    low = of(y, trials, np.array([[-30.0]]))[0]
    first = -454.32124395634319710735 if link == "probit" else -30.0
    np.testing.assert_allclose(low, [first, -np.exp(first)], rtol=1e-12)
    if link in ("logit", "probit"):
        np.testing.assert_allclose(of(y, trials, np.array([[30.0]]))[0], low[::-1], rtol=1e-12)
    if link == "log":
        high = [-1e-9, np.log(1e-9) - 0.5e-9]
        np.testing.assert_allclose(of(y, trials, np.array([[-1e-9]]))[0], high, rtol=1e-12)
    if link == "cloglog":
        high = [-np.exp(-np.exp(6.0)), -np.exp(6.0)]
        np.testing.assert_allclose(of(y, trials, np.array([[6.0]]))[0], high, rtol=1e-12)
        with np.errstate(divide="ignore"):
            assert np.isfinite(of(y, trials, np.array([[-800.0], [700.0]]))).all()


def test_a_negative_binomial_becomes_poisson() -> None:
    y, eta = np.array([0.0, 3.0, 40.0]), np.array([[1.5]])
    many = density("negbinomial", "log", y, y, eta, np.array([[1e13]]))
    np.testing.assert_allclose(many, density("poisson", "log", y, y, eta), rtol=1e-10)
    with np.errstate(divide="ignore"):
        assert density("negbinomial", "identity", np.zeros(1), y, np.zeros((1, 1)), np.ones((1, 1))) == 0


def test_rows_that_do_not_count_add_nothing() -> None:
    """A weight of zero, however improbable the row."""
    model = tm.model("won | trials(size) + weights(w) ~ 1", data(), "binomial(identity)", ["Intercept ~ beta(1, 1)"])
    rows = log_likelihood(model, {"Intercept": np.zeros((1, 1))})[0, 0]
    assert model.design.weights is not None
    assert (rows[model.design.weights == 0] == 0).all() and np.isneginf(rows).any()


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"x": rng.normal(2, 1, size=80), "g": np.repeat(list("abcdefgh"), 10)})
    effects = dict(zip("abcdefgh", rng.normal(0, 1.5, 8), strict=True))
    frame["y"] = 1 + 0.5 * frame["x"] + frame["g"].map(effects) + rng.normal(0, 0.7, 80)
    return frame


SETTINGS = {"draws": 250, "tune": 250, "chains": 2, "seed": 1, "progress": False}


def test_loo_is_arvizs_of_pymcs_rows(rows: pd.DataFrame) -> None:
    model = tm.model("y ~ x", rows)
    fit = model.fit(**SETTINGS)
    posterior = fit.data["posterior"]
    with model.pymc(), pytensor.config.change_flags(mode=quick()):
        theirs = pm.compute_log_likelihood(fit.data, extend_inferencedata=False, progressbar=False)
    ours = fit.log_likelihood()
    assert ours.name == "y" and ours.dims == ("chain", "draw", "obs")
    np.testing.assert_allclose(ours.values, theirs["y"].values, rtol=1e-8)
    groups = {"posterior": {n: posterior[n].values for n in ("Intercept", "b", "sigma")}}
    expected = az.loo(az.from_dict(groups | {"log_likelihood": {"y": theirs["y"].values}}))
    assert fit.loo().elpd == pytest.approx(expected.elpd, rel=1e-8)
    assert "log_likelihood" not in fit.data.children


def test_loo_leaves_out_what_does_not_count(rows: pd.DataFrame) -> None:
    weighted = rows.assign(w=np.resize([1, 0, 2, 1], 80))
    whole = tm.model("y | weights(w) ~ x", weighted).fit(**SETTINGS)
    found = whole.loo()
    assert found.n_data_points == 60 and list(found.elpd_i["obs"].values[:3]) == [0, 2, 3]
    assert whole.log_likelihood().sizes["obs"] == 80
    assert np.isfinite(found.elpd)


def test_loo_leaves_out_what_is_sure_under_every_draw(rows: pd.DataFrame) -> None:
    """A response that was seen to be less than a hundred sds above all others."""
    data = rows.assign(c=np.resize(["none", "left"], 80))
    data.loc[data.c == "left", "y"] = 100.0
    found = tm.model("y | cens(c) ~ x", data).fit(**SETTINGS).loo()
    assert found.n_data_points == 40 and np.isfinite(found.elpd)


def test_loo_prefers_the_model_that_made_the_data(rows: pd.DataFrame) -> None:
    formulas = ("y ~ x", "y ~ x + (1 | g)", "y ~ 1 + (1 | g)")
    found = {formula: tm.model(formula, rows).fit(**SETTINGS).loo() for formula in formulas}
    table = az.compare(found)
    assert table.index[0] == "y ~ x + (1 | g)"
    assert found["y ~ x + (1 | g)"].elpd - found["y ~ x"].elpd > 10
    assert 5 < found["y ~ x + (1 | g)"].p < 14
