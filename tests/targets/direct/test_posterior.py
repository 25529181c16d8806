"""Posteriors: against the PyMC path, and against what others published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import arviz as az
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import tildemc as tm
from case import cases
from tildemc.results.datatree import dataset

COMPARED = ("cbpp", "epilepsy", "pastes", "radon_partial", "sleepstudy_correlated", "trial_two_variances")


@pytest.mark.slow
@pytest.mark.parametrize("name", COMPARED)
def test_means_and_sds_are_those_of_the_pymc_path(name: str) -> None:
    model = next(case for case in cases() if case.name == name).model()
    direct, graph = (
        dataset(model.fit(method=method, seed=1, draws=1000, tune=1000, chains=4, progress=False).groups["posterior"])
        for method in ("direct", "pymc")
    )
    for kind, statistic in (("mean", xr.Dataset.mean), ("sd", xr.Dataset.std)):
        difference = statistic(direct, ["chain", "draw"]) - statistic(graph, ["chain", "draw"])
        error = np.hypot(az.mcse(direct, method=kind), az.mcse(graph, method=kind))
        for variable in direct.data_vars:
            # Correlations with themselves have no error.
            far = (abs(difference[variable]) / error[variable].where(error[variable] > 1e-12)).max()
            assert not far > (5 if str(variable).startswith("r_") else 4), (variable, kind, float(far))


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
