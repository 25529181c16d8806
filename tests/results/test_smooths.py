"""What one does with a fit that has smooths or Gaussian processes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.resolve.quantities import Quantities


def test_the_pasted_call_has_brmss_posterior(shared: Path) -> None:
    folder = shared / "oracles" / "posteriors"
    known = json.loads((folder / "sim_smooth.json").read_text())
    fit = tm.model(known["call"], pd.read_csv(folder / "sim_smooth.csv")).fit(seed=1, progress=False)
    ours, quantities = fit.summary().droplevel("part"), Quantities(fit.spec)
    for row in known["summary"]:
        found, sd = ours.loc[quantities.find(row["parameter"]).label], row["Est.Error"]
        # brms's 8,000 draws are worth 1,000 at least.
        assert found["mean"] == pytest.approx(row["Estimate"], abs=4 * sd / np.sqrt(1000)), row["parameter"]
        assert found["sd"] == pytest.approx(sd, rel=0.1), row["parameter"]
    means = fit.predict(kind="mean")["mean"]
    for mean, row in zip(means, known["fitted_first"], strict=False):
        assert mean == pytest.approx(row["Estimate"], abs=4 * row["Est.Error"] / np.sqrt(1000))


def data() -> pd.DataFrame:
    """A sine wave of x for each level of f, and counts."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"x": rng.uniform(size=120), "z": rng.normal(size=120), "f": np.resize(["a", "b"], 120)})
    wave = np.sin(6 * frame["x"]) * np.where(frame["f"] == "a", 1, -1)
    return frame.assign(y=wave + 0.3 * rng.normal(size=120))


FORMULAS = {
    "a smooth for each level": "y ~ f + s(x, by = f, k = 6)",
    "a smooth by level with one penalty": 'y ~ s(x, f, bs = "fs", k = 5)',
    "a tensor product": "y ~ t2(x, z, k = 4) + f",
    "a process for each level": "y ~ f + gp(x, by = f, k = 8, c = 5/4)",
}


@pytest.fixture(scope="module", params=FORMULAS.values(), ids=FORMULAS.keys())
def fit(request: pytest.FixtureRequest) -> tm.Fit:
    return tm.model(request.param, data()).fit(draws=200, tune=200, chains=2, seed=1, method="exact", progress=False)


def test_new_rows_beyond_the_knots_are_predicted_after_saving_as_before(fit: tm.Fit, tmp_path: Path) -> None:
    new = pd.DataFrame({"x": [-0.5, 0.25, 1.5], "z": [0.0, 4.0, -4.0], "f": ["a", "b", "a"]})
    found = fit.predict(new)
    assert np.isfinite(found["mean"]).all()
    fit.save(tmp_path / "fit.nc")
    pd.testing.assert_frame_equal(tm.load(tmp_path / "fit.nc").predict(new), found)


def test_a_level_that_no_row_had_is_refused(fit: tm.Fit) -> None:
    with pytest.raises(tm.TildeError, match="`f` has no level c"):
        fit.predict(pd.DataFrame({"x": [0.5], "z": [0.0], "f": ["c"]}))


def test_the_graph_has_the_draws_free_variables(fit: tm.Fit) -> None:
    """What is reported says the coefficients over their sds, which the graph is free in."""
    posterior = fit.data["posterior"].to_dataset()
    free = [name for name in posterior if str(name).startswith(("z_", "zgp_"))]
    assert free
    assert all(np.isfinite(posterior[name]).all() for name in free)


def test_effects_are_of_the_inputs(fit: tm.Fit) -> None:
    effects = fit.conditional_effects("x:f") if "by" in fit.spec.formula else fit.conditional_effects("x")
    [found] = effects.values()
    assert found.frame()["estimate"].std() > 0.05


def test_priors_foresee_responses() -> None:
    foreseen = tm.model("y ~ s(x, k = 5) + gp(z, k = 4, c = 2)", data()).prior_predictive(50, seed=1)
    assert np.isfinite(foreseen["prior_predictive"]["y"]).all()
