"""Families that PyMC has no class for: a record's graph and source are what PyMC's class is, where it has one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from programs import density, run_source
from tildemc.spec.families import FAMILIES

CASES = {
    "numbers and a weight": ("student", "y | weights(w) ~ x + (1 | g)"),
    "successes of trials, a chance seen through its predictor": ("beta_binomial", "won | trials(size) ~ x; phi ~ x"),
}


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"x": rng.normal(size=40), "g": np.arange(40) % 5, "w": np.arange(40) % 4 / 2})
    return frame.assign(y=1 + frame["x"] + rng.logistic(size=40), size=9, won=rng.binomial(9, 0.4, 40))


@pytest.mark.parametrize(("name", "formula"), CASES.values(), ids=CASES)
def test_the_records_density_and_draw_are_those_of_pymcs_class(
    name: str, formula: str, frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tm.model(formula, frame, name).pymc()
    monkeypatch.setitem(FAMILIES, "unheard", replace(FAMILIES[name], name="unheard", pymc="", native={}))
    model = tm.model(formula, frame, "unheard")
    frame.to_csv(tmp_path / "data.csv", index=False)
    live, printed = model.pymc(), run_source(model.source(), tmp_path)
    (expected, gradient), *_ = density(theirs, range(1))
    for ours in (live, printed):
        ((value, slopes),) = density(ours, range(1))
        assert value == pytest.approx(expected, rel=1e-8)
        np.testing.assert_allclose(slopes, gradient, rtol=1e-8)
    (drawn,), (again,) = (_responses(ours) for ours in (live, printed))
    np.testing.assert_array_equal(drawn, again)
    assert len(drawn) == 40 and np.isfinite(drawn).all()


def _responses(model: object) -> list[np.ndarray]:
    import pymc as pm

    return [np.asarray(pm.draw(v, random_seed=3, mode="FAST_COMPILE")) for v in model.observed_RVs]  # type: ignore[attr-defined]
