"""Principal components of group effects, against NumPy's eigenvalues."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.errors import FitError

RNG = np.random.default_rng(4)
G = np.repeat(np.arange(20), 8)
X = RNG.normal(size=160)
U = RNG.normal(size=20)
DATA = pd.DataFrame({"y": U[G] * (1 + 0.5 * X) + 0.3 * RNG.normal(size=160), "x": X, "g": G.astype(str)})
DATA["h"] = np.resize(list("abcd"), 160)


def test_components_of_an_estimate_are_those_of_its_covariances() -> None:
    estimate = tm.model("y ~ x + (1 + x | g)", DATA).optimize()
    group, found = estimate.groups["g"], estimate.re_pca()
    values = np.linalg.eigvalsh(group.correlations * np.outer(group.sds, group.sds))[::-1]
    np.testing.assert_allclose(found["sd"] ** 2, np.maximum(values, 0), atol=1e-9)
    assert found["cumulative"].iloc[-1] == pytest.approx(1)
    # One random number makes both effects: the second component is next to none.
    assert found.loc[("g", 2), "share"] < 0.02


def test_components_of_draws_are_those_of_each_draw() -> None:
    fit = tm.model("y ~ x + (1 + x | g) + (1 | h)", DATA).fit(method="exact", draws=50, seed=1, progress=False)
    posterior = fit.data["posterior"].to_dataset()
    sd, cor = posterior["sd_g"].to_numpy().reshape(-1, 2), posterior["cor_g"].to_numpy().reshape(-1, 2, 2)
    values = np.linalg.eigvalsh(cor * sd[:, :, None] * sd[:, None, :])[:, ::-1]
    found = fit.re_pca(interval=0.9)
    assert [*found.index] == [("g", 1), ("g", 2), ("h", 1)]
    share = values / values.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found["share_mean"].iloc[:2], share.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(found["sd_mean"].iloc[:2], np.sqrt(np.maximum(values, 0)).mean(axis=0), rtol=1e-9)


def test_a_model_without_group_effects_has_none() -> None:
    with pytest.raises(FitError, match="no group effects"):
        tm.model("y ~ x", DATA).fit(method="exact", draws=20, seed=1, progress=False).re_pca()
