"""The exact engine has the posterior of NUTS on the PyMC graph: data/exact_vs_nuts.json holds long runs of that."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from nuts_reference import COLUMNS, REFERENCE, data_of, moments

MODELS = json.loads(REFERENCE.read_text())["models"]


def assert_alike(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """The same scalars, with means and sds that differ by less than 4 Monte Carlo errors."""
    assert set(one.index) == set(other.index)
    for moment in ("mean", "sd"):
        error = np.hypot(one[f"mcse_{moment}"], other[f"mcse_{moment}"])
        z = (one[moment] - other[moment]) / error
        assert z.abs().max() < 4, f"{moment} of {z.abs().idxmax()}: {z.abs().max():.2f} errors apart"


def test_at_least_eight_data_sets_are_compared() -> None:
    assert len({model["data"] for model in MODELS.values()}) >= 8


@pytest.mark.parametrize("name", MODELS)
def test_moments_are_those_of_long_runs_of_nuts(name: str) -> None:
    model = MODELS[name]
    path = data_of(model["data"])
    if path is None or not path.exists():
        pytest.skip(f"no {model['data']} among the shared data")
    fit = tm.model(model["formula"], path, priors=model["priors"]).fit(
        method="exact", draws=2000, seed=1, progress=False
    )
    theirs = pd.DataFrame.from_dict(model["moments"], orient="index", columns=COLUMNS)
    assert_alike(moments(fit), theirs)


@pytest.mark.slow
def test_moments_are_those_of_nuts_on_the_graph() -> None:
    model = tm.model(MODELS["sleepstudy"]["formula"], data_of("examples/sleepstudy/data/sleepstudy.csv"))
    exact, graph = (
        model.fit(method=method, draws=2000, target_accept=0.95, seed=2, progress=False) for method in ("exact", "pymc")
    )
    assert_alike(moments(exact), moments(graph))
