"""A fit's tree is what PyMC would have returned for the model's graph, whichever engine drew."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import arviz as az
import numpy as np
import pandas as pd
import pymc as pm
import pytest
import xarray as xr

import tildemc as tm
from case import Case, cases
from programs import quick
from tildemc.errors import FitError
from tildemc.results.datatree import groups_of, reported
from tildemc.results.fit import Fit

FITTED = {"seed": 1, "draws": 30, "tune": 150, "chains": 2, "progress": False}


@pytest.mark.parametrize("engine", ["exact", "direct"])
@pytest.mark.parametrize("case", cases(), ids=str)
def test_the_graph_takes_the_draws(case: Case, engine: str, caplog: pytest.LogCaptureFixture) -> None:
    model = case.model()
    try:
        fit = model.fit(method=engine, **FITTED)
    except FitError as error:
        assert "` can:\n- " in str(error)
        return
    graph, tree = model.pymc(), fit.data
    assert_complete(tree, graph)
    if engine == "exact":  # what follows is the graph's own, whoever drew
        return
    assert_only_the_response_is_sampled(tree, graph, caplog)
    assert_rows_have_the_same_density(fit, graph)


def assert_complete(tree: xr.DataTree, graph: pm.Model) -> None:
    """All free variables are there in the graph's dims, and its data in its names, dims and types."""
    posterior = tree["posterior"]
    for variable in graph.free_RVs:
        dims = graph.named_vars_to_dims.get(variable.name)
        values = posterior[variable.name]
        assert values.dims[:2] == ("chain", "draw")
        assert values.dtype == variable.dtype
        assert dims is None or values.dims[2:] == tuple(dims)
        assert values.ndim == variable.ndim + 2
        assert np.isfinite(values).all()
    given = tree["constant_data"].to_dataset()
    assert set(given.data_vars) == {data.name for data in graph.data_vars}
    for data in graph.data_vars:
        assert given[data.name].dims == tuple(graph.named_vars_to_dims[data.name])
        assert given[data.name].dtype == data.dtype
        np.testing.assert_array_equal(given[data.name], data.get_value())
    [response] = graph.observed_RVs
    np.testing.assert_array_equal(tree["observed_data"][response.name], graph.rvs_to_values[response].data)
    for dim, labels in graph.coords.items():
        for group in ("posterior", "constant_data", "observed_data"):
            if dim in tree[group].coords:
                assert list(tree[group][dim].to_numpy()) == list(labels)


def assert_only_the_response_is_sampled(tree: xr.DataTree, graph: pm.Model, caplog: pytest.LogCaptureFixture) -> None:
    [response] = (variable.name for variable in graph.observed_RVs)
    with caplog.at_level(logging.INFO, logger="pymc"), pytest.warns(UserWarning) if graph.potentials else _nothing():
        found = pm.sample_posterior_predictive(
            tree, model=graph, progressbar=False, random_seed=1, compile_kwargs={"mode": quick()}
        )
    assert f"Sampling: [{response}]" in caplog.messages
    assert found["posterior_predictive"][response].shape == (2, 30, tree["observed_data"][response].size)


def assert_rows_have_the_same_density(fit: Fit, graph: pm.Model) -> None:
    """Under every draw: PyMC's from the free variables, and ours from what is reported."""
    if any("LKJCorr" in type(variable.owner.op).__name__ for variable in graph.free_RVs):
        # PyMC 6.4 loses the name of its own transform, `cholesky_corr`, when it takes transforms off.
        return
    weights = fit.design.whole("this test").weights
    theirs = pm.compute_log_likelihood(
        fit.data, model=graph, extend_inferencedata=False, progressbar=False, compile_kwargs={"mode": quick()}
    )
    [values] = theirs.data_vars.values()
    values = values if weights is None else values * weights
    np.testing.assert_allclose(fit.log_likelihood(), values, rtol=1e-6, atol=1e-6)


def _nothing() -> Any:
    from contextlib import nullcontext

    return nullcontext()


def rows(n: int = 80, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    group = np.resize(list("abcdefgh"), n)
    x = rng.normal(size=n)
    y = 3 + 2 * x + rng.normal(size=8)[np.arange(n) % 8] + rng.normal(0, 0.5, n)
    arm = np.resize(["old", "new", "new"], n)
    return pd.DataFrame({"y": y, "x": x, "g": group, "arm": arm, "k": rng.poisson(3, n), "size": 10})


FORMULAS = ("y ~ x", "y ~ x + (1 | g)", "y ~ x + (1 + x | g); sigma ~ by(arm)", "y ~ 0 + x + arm + (0 + x | g)")


@pytest.fixture(scope="module")
def fits() -> Callable[[str, str], tuple[tm.Model, Fit]]:
    """`fits(formula, engine)`, each fitted once."""
    made: dict[tuple[str, str], tuple[tm.Model, Fit]] = {}

    def fit(formula: str, engine: str) -> tuple[tm.Model, Fit]:
        if (formula, engine) not in made:
            model = tm.model(formula, rows())
            made[formula, engine] = (model, model.fit(method=engine, **FITTED | {"draws": 400}))
        return made[formula, engine]

    return fit


Fits = Callable[[str, str], tuple[tm.Model, Fit]]


def predicted(tree: xr.DataTree, graph: pm.Model, **how: Any) -> xr.DataTree:
    return pm.sample_posterior_predictive(
        tree, model=graph, progressbar=False, random_seed=2, compile_kwargs={"mode": quick()}, **how
    )


@pytest.mark.parametrize(
    ("formula", "engine"),
    # Each engine's tree with and without groups, both with all that a tree has.
    [*zip(FORMULAS, ("exact", "direct", "exact", "direct"), strict=True), (FORMULAS[2], "direct")],
)
def test_rows_vary_as_the_model_says(formula: str, engine: str, fits: Fits) -> None:
    model, fit = fits(formula, engine)
    drawn = predicted(fit.data, model.pymc())["posterior_predictive"]["y"]
    mu, sigma = mean_and_sd(model, fit)
    expected = np.sqrt(mu.var(axis=0) + (sigma**2).mean(axis=0))
    # Of 800 draws each.
    np.testing.assert_allclose(drawn.std(("chain", "draw")), expected, rtol=0.2)
    np.testing.assert_allclose(drawn.mean(("chain", "draw")), mu.mean(axis=0), atol=0.25)


def mean_and_sd(model: tm.Model, fit: Fit) -> tuple[np.ndarray, np.ndarray]:
    """Of each row under each draw, (draws, n), from what is reported."""
    design, posterior = model.design.whole("this test"), fit.data["posterior"].to_dataset()
    [predictor] = model.spec.predictors
    stacked = {name: values.to_numpy().reshape(800, *values.shape[2:]) for name, values in posterior.items()}
    mu = stacked["b"] @ design.of(predictor.population).X.T + stacked.get("Intercept", np.zeros(800))[:, None]
    for group in map(design.of, predictor.groups):
        mu = mu + (stacked["r_g"][:, group.index] * group.Z).sum(axis=2)
    sigma, index = stacked["sigma"], design.of(model.spec.auxiliaries[0]).index
    return mu, np.broadcast_to(sigma[:, None], mu.shape) if index is None else sigma[:, index]


NEW = {
    "population effects": ("y ~ x", "gaussian"),
    "an effect per level": ("y ~ x + (1 | g)", "gaussian"),
    "correlated effects, an sd per level": ("y ~ x + (1 + x | g); sigma ~ by(arm)", "gaussian"),
    "a modelled sd": ("y ~ x; sigma ~ x", "gaussian"),
    "trials": ("k | trials(size) ~ x + (1 | g)", "binomial"),
    "an offset": ("k ~ x + offset(log(size))", "poisson"),
    "weights": ("y | weights(size) ~ x", "gaussian"),
}


@pytest.mark.filterwarnings("ignore:The effect of Potentials")
@pytest.mark.parametrize("what", NEW)
def test_other_rows_are_predicted_after_set_data(what: str) -> None:
    formula, family = NEW[what]
    model = tm.model(formula, rows(), family)
    fit = model.fit(**FITTED)
    graph, before = model.pymc(), fit.data["constant_data"].to_dataset()
    [here] = predicted(fit.data, graph)["posterior_predictive"].data_vars.values()
    for n in (1, 100):
        chosen, labels = np.resize([3, 11, 40], n), np.arange(500, 500 + n)
        given = {str(name): values.to_numpy()[chosen] for name, values in before.items()}
        with graph:
            pm.set_data(given, coords={"obs": labels})
        [there] = predicted(fit.data, graph, predictions=True)["predictions"].data_vars.values()
        assert there.shape == (2, 30, n)
        assert list(there["obs"]) == list(labels)
        expected = here.to_numpy()[..., chosen]
        error = expected.std(axis=(0, 1)) / np.sqrt(30)
        assert (abs(there.mean(("chain", "draw")) - expected.mean(axis=(0, 1))) < 5 * error).all()


@pytest.mark.parametrize("engine", ["exact", "direct"])
def test_arviz_takes_the_tree(engine: str, fits: Fits) -> None:
    trees = {}
    for formula in FORMULAS[:2]:
        model, fit = fits(formula, engine)
        trees[formula] = tree = fit.data.copy()
        pm.compute_log_likelihood(tree, model=model.pymc(), progressbar=False, compile_kwargs={"mode": quick()})
        assert az.loo(tree).elpd == pytest.approx(fit.loo().elpd, abs=0.05)
    assert next(iter(az.compare(trees).index)) == FORMULAS[1]
    tree = predicted(trees[FORMULAS[1]], model.pymc(), extend_inferencedata=True)
    az.plot_ppc_dist(tree, num_samples=5)
    if engine == "direct":
        az.plot_energy(tree)


def test_a_saved_tree_is_as_complete(tmp_path: Path, fits: Fits, caplog: pytest.LogCaptureFixture) -> None:
    model, fit = fits("y ~ x + (1 + x | g); sigma ~ by(arm)", "exact")
    fit.save(tmp_path / "fit.nc")
    with xr.open_datatree(tmp_path / "fit.nc", engine="h5netcdf") as tree:
        again = tree.load()
    assert_complete(again, model.pymc())
    with caplog.at_level(logging.INFO, logger="pymc"):
        predicted(again, model.pymc())
    assert "Sampling: [y]" in caplog.messages


def test_what_was_drawn_is_in_the_tree(fits: Fits) -> None:
    model, fit = fits("y ~ x + (1 + x | g); sigma ~ by(arm)", "exact")
    assert set(fit.groups["posterior"].variables) == {"Intercept", "b", "sd_g", "cor_g", "r_g", "sigma"}
    assert set(fit.data["posterior"].data_vars) == {*fit.groups["posterior"].variables, "alpha", "chol_g", "z_g"}
    drawn = reported(model.spec, groups_of(fit.data))
    assert drawn.keys() == fit.groups.keys()
    for name, group in drawn.items():
        assert group.sizes == fit.groups[name].sizes
        for variable, (dims, values) in group.variables.items():
            assert dims == fit.groups[name].variables[variable][0]
            np.testing.assert_array_equal(values, fit.groups[name].variables[variable][1])
    listed = set(fit.summary(group_effects=True).index.get_level_values("parameter"))
    assert not [name for name in listed if name.startswith(("alpha", "chol", "z_"))]


TAKEN = {
    "chain": "a dim of draws",
    "__sample__": "a dim of draws that PyMC stacks",
    "sample": "a dim of draws that ArviZ stacks",
    "label": "a dim of ArviZ's tables",
    "ci_bound": "a dim of intervals",
    "sigma_log__": "a transformed variable of PyMC",
    "self": "an argument of xarray",
}
NAMED = {
    "groups": f"y ~ x + (1 + x | chain) + {' + '.join(f'(1 | `{name}`)' for name in TAKEN if name != 'chain')}",
    "a dim of draws in by()": "y ~ x; sigma ~ by(chain)",
    "a dim of tables in by()": "y ~ x; sigma ~ by(label)",
    "a dim of draws as the response": "draw ~ x + (1 | g)",
    "a transformed variable as the response": "`sigma_log__` ~ x + (1 | g)",
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore:Estimated shape parameter")
@pytest.mark.parametrize("what", NAMED)
def test_columns_may_have_names_that_libraries_need(
    what: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = rows()
    for name in TAKEN:
        data[name] = data["g"]
    for name in ("draw", "sigma_log__") if "response" in what else ():
        data[name] = data["y"]
    model = tm.model(NAMED[what], data)
    fit = model.fit(**FITTED)
    assert fit.text() and fit.loo()
    fit.save(tmp_path / "fit.nc")
    assert_complete(fit.data, model.pymc())
    assert_only_the_response_is_sampled(fit.data, model.pymc(), caplog)
    az.summary(fit.data)
    az.extract(fit.data)
