"""The exact engine has the posterior of NUTS on the PyMC graph: data/nuts_on_the_graph.json holds long runs of that."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from nuts_reference import MODELS, REFERENCE, assert_alike, model_of, moments, recorded

GAUSSIAN = [name for name, model in MODELS.items() if model.family == "gaussian"]


def test_at_least_eight_data_sets_are_compared() -> None:
    assert len({MODELS[name].data for name in GAUSSIAN}) >= 8


def test_what_is_recorded_is_of_the_models_described() -> None:
    kept = json.loads(REFERENCE.read_text())["models"]
    described = {name: json.loads(json.dumps(asdict(model))) for name, model in MODELS.items()}
    assert {name: {key: kept[name][key] for key in about} for name, about in described.items()} == described


@pytest.mark.parametrize("name", GAUSSIAN)
def test_moments_are_those_of_long_runs_of_nuts(name: str) -> None:
    fit = model_of(name).fit(method="exact", draws=2000, seed=1, progress=False)
    assert_alike(moments(fit), recorded(name))
