"""The fast ways hold to the slow ones: summaries to ArviZ's, files to xarray's, log likelihoods to PyMC's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import tildemc as tm
from tildemc.batch.diagnostics import COLUMNS, diagnose, effective_size_at_once, split
from tildemc.batch.kernels.chains import UNKNOWN, effective_sizes
from tildemc.batch.netcdf import netcdf
from tildemc.model.families import FAMILIES
from tildemc.model.parameters import parameters
from tildemc.results.datatree import groups_of
from tildemc.results.pointwise import log_likelihood

RNG = np.random.default_rng(1)


def chains(kind: str, m: int, n: int) -> NDArray[np.float64]:
    """Draws of one quantity, (m, n)."""
    x = RNG.normal(size=(m, n))
    if kind in ("slow", "antithetic"):
        for t in range(1, n):
            x[:, t] += (0.95 if kind == "slow" else -0.7) * x[:, t - 1]
    if kind == "apart":
        x[0] += 2
    if kind == "wide":
        x[0] *= 10
    if kind == "heavy":
        x = np.exp(3 * x)
    if kind == "whole":
        x = np.round(x)
    if kind == "constant":
        x[:] = 3.0
    return x


KINDS = ("plain", "slow", "antithetic", "apart", "wide", "heavy", "whole", "constant")


@pytest.mark.parametrize(("m", "n"), [(4, 1000), (2, 333), (1, 50), (3, 21)])
def test_summaries_are_arvizs(m: int, n: int) -> None:
    import arviz as az
    from xarray import Dataset

    draws = np.stack([chains(kind, m, n) for kind in KINDS])
    ours = pd.DataFrame(diagnose(draws), list(KINDS), list(COLUMNS))
    tree = Dataset({kind: (("chain", "draw"), x) for kind, x in zip(KINDS, draws, strict=True)})
    theirs = az.summary(tree, ci_prob=0.95, ci_kind="eti", round_to="none").astype(float)
    theirs = theirs.rename(columns={"eti95_lb": "lower", "eti95_ub": "upper"})
    kept = [kind for kind in KINDS if kind != "constant"]
    for name in COLUMNS if m > 1 else COLUMNS[:-1]:  # ArviZ wants two chains for R-hat, though it splits them
        np.testing.assert_allclose(ours.loc[kept, name], theirs.loc[kept, name], rtol=1e-6, err_msg=name)
    assert ours.loc["constant", "sd"] == 0


@pytest.mark.parametrize(("m", "n"), [(4, 1000), (1, 50), (3, 21)])
def test_effective_sizes_lag_by_lag_are_those_at_once(m: int, n: int) -> None:
    draws = split(np.stack([chains(kind, m, n) for kind in KINDS if kind != "constant"]))
    found = np.empty(len(draws))
    effective_sizes(draws, draws.shape[2], found)
    np.testing.assert_allclose(found, effective_size_at_once(draws), rtol=1e-9)
    effective_sizes(draws, 3, found)
    assert UNKNOWN in found


def test_what_is_not_finite_has_no_summary() -> None:
    draws = RNG.normal(size=(2, 2, 100))
    draws[0, 0, 0] = np.nan
    found = diagnose(draws)
    assert np.isnan(found[0]).all() and np.isfinite(found[1]).all()


def test_files_are_xarrays(tmp_path: Path) -> None:
    import xarray as xr

    posterior = xr.Dataset(
        {"b": (("chain", "draw", "term"), RNG.normal(size=(2, 5, 2))), "sigma": (("chain", "draw"), np.ones((2, 5)))},
        coords={"chain": [0, 1], "draw": np.arange(5), "term": np.array(["x", "ü ≤ 3"], dtype=object)},
        attrs={"formula": "y ~ x", "seconds": 0.5},
    )
    statistics = xr.Dataset({"diverging": (("chain", "draw"), np.eye(2, 5) > 0)})
    statistics["tree_depth"] = (("chain", "draw"), np.ones((2, 5), dtype=np.uint64))
    tree = xr.DataTree.from_dict({"/posterior": posterior, "/sample_stats": statistics})
    (tmp_path / "ours.nc").write_bytes(netcdf(groups_of(tree)))
    tree.to_netcdf(tmp_path / "theirs.nc", engine="h5netcdf")
    with xr.open_datatree(tmp_path / "ours.nc", engine="h5netcdf") as ours:
        with xr.open_datatree(tmp_path / "theirs.nc", engine="h5netcdf") as theirs:
            xr.testing.assert_identical(ours.load(), theirs.load())
        assert ours["sample_stats"]["diverging"].dtype == bool


LIKELIHOODS = {
    "gaussian": "y ~ x + (1 + x | g)",
    "student": "y ~ x",
    "poisson": "k ~ x + (1 | g) + offset(x)",
    "negbinomial": "k ~ x",
    "bernoulli(probit)": "z ~ x + (1 | g)",
    "binomial": "z | trials(n) ~ x",
    "gaussian(log)": "k1 ~ x",
    "weights": "y | weights(w) ~ x",
    "by": "y ~ x; sigma ~ by(g)",
    "scale": "y ~ x; sigma ~ x + (1 | g)",
}


@pytest.mark.parametrize("which", LIKELIHOODS)
def test_log_likelihoods_are_pymcs(which: str) -> None:
    """Those of PyMC's rows at a point of its own, whose reported quantities are what we start from."""
    import pymc as pm

    n = 24
    data = pd.DataFrame({"x": RNG.normal(size=n), "g": np.resize(["a", "b", "c"], n), "w": np.arange(n) % 3 + 1.0})
    data["y"], data["k"], data["z"] = RNG.normal(size=n), RNG.poisson(2, size=n), RNG.integers(0, 2, size=n)
    data["k1"], data["n"] = data["k"] + 1, 3
    family = which if which.split("(")[0] in FAMILIES else "gaussian"
    model = tm.model(LIKELIHOODS[which], data, family)
    graph = model.pymc()
    drawn = [*graph.free_RVs, *graph.deterministics]
    with graph:
        point = dict(zip([v.name for v in drawn], pm.draw(drawn, random_seed=3, mode="FAST_COMPILE"), strict=True))
    reported = {p.name: np.asarray(point[p.name])[None, None] for p in parameters(model.spec)}
    ours = log_likelihood(model.spec, model.design, reported)
    assert ours.shape == (1, 1, n)
    np.testing.assert_allclose(ours.sum(), graph_logp(graph, point), rtol=1e-6)


def graph_logp(graph: Any, point: dict[str, Any]) -> float:
    """The density of the observed variables and of what is added to them, where the free ones have these values."""
    import pytensor
    from pytensor.graph.replace import clone_replace

    logp = graph.logp(vars=[*graph.observed_RVs, *graph.potentials], sum=True)
    values = {graph.rvs_to_values[rv]: rv for rv in graph.free_RVs}
    given = []
    for value, rv in values.items():
        transform = graph.rvs_to_transforms[rv]
        at = pytensor.tensor.as_tensor(point[rv.name])
        given.append((value, at if transform is None else transform.forward(at, *rv.owner.inputs)))
    return float(clone_replace(logp, dict(given)).eval(mode="FAST_COMPILE"))
