"""A companion of the response that exists for a test only."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from targets.direct.test_density import compare
from tildemc.errors import DataError, SemanticError
from tildemc.spec.companions import COMPANIONS, Companion
from tildemc.spec.expr import Var
from tildemc.targets.direct.entry import evaluate
from tildemc.targets.direct.pack import pack

EXPOSURE = Companion(
    "exposure", lambda v: v <= 0, "exposures are greater than 0, but here it is", families=False,
    density={Var("mu"): Var("mu") * Var("exposure")},
)  # fmt: skip


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    x, time = rng.normal(size=40), rng.uniform(0.5, 3, 40)
    return pd.DataFrame({"x": x, "time": time, "k": rng.poisson(time * np.exp(0.3 * x))})


def test_a_record_is_all_that_a_companion_takes(frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMPANIONS, "exposure", EXPOSURE)
    priors = ("Intercept ~ normal(0, 1)",)
    beside = tm.model("k | exposure(time) ~ x", frame, "poisson", priors)
    compare(beside, points=1)
    assert 'pm.Data("exposure", data["time"]' in beside.source()
    offset = tm.model("k ~ x + offset(log(time))", frame, "poisson", priors)
    points = np.zeros(2), np.array([0.4, -0.2])
    values = [
        [evaluate(pack(m.spec, m.design, decorrelated=False).tables, x)[0] for x in points] for m in (beside, offset)
    ]
    assert np.diff(values[0]) == pytest.approx(np.diff(values[1]), rel=1e-10)
    with pytest.raises(DataError, match="exposures are greater than 0, but here it is 0 in row 0"):
        tm.model("k | exposure(time) ~ x", frame.assign(time=0.0), "poisson")


def test_counts_take_no_companion_that_their_family_has_not(frame: pd.DataFrame) -> None:
    with pytest.raises(SemanticError, match=r"`se\(\)` goes with the families gaussian, student, .*not with binomial"):
        tm.model("cbind(k, 1) | se(time) ~ x", frame, "binomial")
