"""The shape of a tail is ArviZ's."""

from __future__ import annotations

import arviz_stats.base as base
import numpy as np
import pytest

from tildemc.engines.pareto import pareto_k

RNG = np.random.default_rng(3)

WEIGHTS = {
    "as light as a normal's": 0.3 * RNG.normal(size=4000),
    "as heavy as a Pareto's of shape 0.5": -0.5 * np.log(RNG.uniform(size=4000)),
    "as heavy as a Pareto's of shape 1": -np.log(RNG.uniform(size=1500)),
    "bounded": np.log(RNG.uniform(size=1000)),
    "few": RNG.normal(size=120),
    "at a limit of how long a tail is": RNG.normal(size=225),
    "with ties": np.round(RNG.normal(size=800), 1),
    "most of them one value": np.where(RNG.uniform(size=1000) < 0.01, 1.0, 0.0),
    "some zero": np.where(RNG.uniform(size=1000) < 0.2, -np.inf, RNG.normal(size=1000)),
    "far from one": 500 + RNG.normal(size=1000),
}


@pytest.mark.parametrize("log_weights", WEIGHTS.values(), ids=WEIGHTS.keys())
def test_the_shape_is_arvizs(log_weights: np.ndarray) -> None:
    # psislw takes the negative of log weights, as for leave-one-out.
    theirs = base.array_stats.psislw(-log_weights[np.isfinite(log_weights)])[1]
    np.testing.assert_allclose(pareto_k(log_weights), theirs, rtol=1e-9)


UNKNOWN = {
    "too few": RNG.normal(size=99),
    "too few that are not zero": np.where(np.arange(1000) < 50, 0.0, -np.inf),
    "all one value": np.zeros(1000),
}


@pytest.mark.parametrize("log_weights", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_where_there_is_no_telling_it_is_infinite(log_weights: np.ndarray) -> None:
    assert pareto_k(log_weights) == np.inf
