"""Posteriors: against long runs of NUTS on the PyMC graph, and against what others published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from nuts_reference import assert_alike, model_of, moments, recorded

COMPARED = ("cbpp", "epilepsy_counts", "Pastes", "radon_exponential", "sleepstudy", "trial")
"""Successes, counts, nested factors, correlated effects, clusters in one arm."""


@pytest.mark.parametrize("name", COMPARED)
def test_means_and_sds_are_those_of_long_runs_on_the_graph(name: str) -> None:
    fit = model_of(name).fit(method="direct", seed=2, draws=2000, progress=False)
    assert_alike(moments(fit), recorded(name))


def test_epilepsy_is_as_brms_has_it(open_data: Callable[[str], Path]) -> None:
    """The summary in the README of paul-buerkner/brms at commit 0495955: estimates and errors; b is flat."""
    published = {
        "Intercept": (1.74, 0.11), "log_Age_c": (0.48, 0.37), "log_Base4_c": (0.88, 0.14), "Trt": (-0.34, 0.16),
        "log_Base4_c:Trt": (0.35, 0.22), "sd_obs": (0.37, 0.04), "sd_patient": (0.51, 0.07),
    }  # fmt: skip
    frame = pd.read_csv(open_data("epilepsy"))
    for name, values in (("log_Age_c", np.log(frame["Age"])), ("log_Base4_c", np.log(frame["Base"] / 4))):
        frame[name] = values - values.mean()
    formula = "count ~ log_Age_c + log_Base4_c * Trt + (1 | patient) + (1 | obs)"
    model = tm.model(formula, frame, family="poisson", priors=("b ~ flat()",))
    posterior = model.fit(method="direct", seed=1, progress=False).data["posterior"].to_dataset()
    found = {name: posterior[name] for name in ("Intercept", "sd_obs", "sd_patient")}
    found |= {str(label): posterior["b"].sel(term=label) for label in posterior["term"].to_numpy()}
    assert found.keys() == published.keys()
    for name, (estimate, error) in published.items():
        assert float(found[name].mean()) == pytest.approx(estimate, abs=0.005 + 0.1 * error)
        assert float(found[name].std()) == pytest.approx(error, abs=0.005 + 0.1 * error)
