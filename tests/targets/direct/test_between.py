"""Related levels: what a fit reports of their effects is what rows were given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.results.evaluate import Rows
from tildemc.spec.likelihood import density_of
from tildemc.targets.direct.entry import evaluate
from tildemc.targets.direct.expand import expand
from tildemc.targets.direct.pack import pack

LEVELS = 40
FAMILY = np.array([[1, 0, 0.5, 0.5], [0, 1, 0.5, 0.5], [0.5, 0.5, 1, 0.5], [0.5, 0.5, 0.5, 1]])
RELATED = {
    "in families, whose precision has few entries": np.kron(np.eye(LEVELS // 4), FAMILY),
    "all of them": 0.5 * np.eye(LEVELS) + 0.5,
}


@pytest.mark.parametrize("covariance", RELATED.values(), ids=RELATED.keys())
def test_reported_effects_are_those_of_the_density(covariance: np.ndarray) -> None:
    rng = np.random.default_rng(3)
    data = pd.DataFrame({"g": np.arange(2 * LEVELS) % LEVELS, "y": rng.poisson(2, 2 * LEVELS)})
    given = {"A": pd.DataFrame(covariance, index=range(LEVELS), columns=range(LEVELS))}
    model = tm.model("y ~ 1 + (1 | gr(g, cov = A))", data, family="poisson", data2=given)
    problem = pack(model.spec, model.design, decorrelated=False)
    x = np.repeat(problem.start[None], 4, axis=0)
    [place] = problem.layout.groups.values()
    x[:, place.z] = rng.normal(size=(4, LEVELS))
    rows = Rows(model.spec, model.design, expand(model.spec, problem, x), len(x)).density(density_of(model.spec))
    here = [evaluate(problem.tables, one)[0] for one in x]
    # The rest of the density is that of the independent effects.
    assert np.ptp(here - rows.sum(axis=1) + 0.5 * (x[:, place.z] ** 2).sum(axis=1)) < 1e-8
