"""Diagnostics of many quantities at once are ArviZ's of each; and what they say against draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tildemc.results.diagnose import COLUMNS, diagnose, effective_size_at_once, split
from tildemc.results.kernels.chains import UNKNOWN, effective_sizes

Pair = tuple[float, float]

RNG = np.random.default_rng(1)


def chains(kind: str, m: int, n: int) -> NDArray[np.float64]:
    """Draws of one quantity, (m, n)."""
    x = RNG.normal(size=(m, n))
    if kind in ("slow", "antithetic"):
        for t in range(1, n):
            x[:, t] += (0.95 if kind == "slow" else -0.7) * x[:, t - 1]
    if kind == "apart":
        x[0] += 2
    if kind == "wide":
        x[0] *= 10
    if kind == "heavy":
        x = np.exp(3 * x)
    if kind == "whole":
        x = np.round(x)
    if kind == "constant":
        x[:] = 3.0
    return x


KINDS = ("plain", "slow", "antithetic", "apart", "wide", "heavy", "whole", "constant")


@pytest.mark.parametrize(("m", "n"), [(4, 1000), (2, 333), (1, 50), (3, 21)])
def test_summaries_are_arvizs(m: int, n: int) -> None:
    import arviz as az
    from xarray import Dataset

    draws = np.stack([chains(kind, m, n) for kind in KINDS])
    ours = pd.DataFrame(diagnose(draws), list(KINDS), list(COLUMNS))
    tree = Dataset({kind: (("chain", "draw"), x) for kind, x in zip(KINDS, draws, strict=True)})
    theirs = az.summary(tree, ci_prob=0.95, ci_kind="eti", round_to="none").astype(float)
    theirs = theirs.rename(columns={"eti95_lb": "lower", "eti95_ub": "upper"})
    kept = [kind for kind in KINDS if kind != "constant"]
    for name in COLUMNS if m > 1 else COLUMNS[:-1]:  # ArviZ wants two chains for R-hat, though it splits them
        np.testing.assert_allclose(ours.loc[kept, name], theirs.loc[kept, name], rtol=1e-6, err_msg=name)
    assert ours.loc["constant", "sd"] == 0


@pytest.mark.parametrize(("m", "n"), [(4, 1000), (1, 50), (3, 21)])
def test_effective_sizes_lag_by_lag_are_those_at_once(m: int, n: int) -> None:
    draws = split(np.stack([chains(kind, m, n) for kind in KINDS if kind != "constant"]))
    found = np.empty(len(draws))
    effective_sizes(draws, draws.shape[2], found)
    np.testing.assert_allclose(found, effective_size_at_once(draws), rtol=1e-9)
    effective_sizes(draws, 3, found)
    assert UNKNOWN in found


def test_what_is_not_finite_has_no_summary() -> None:
    draws = RNG.normal(size=(2, 2, 100))
    draws[0, 0, 0] = np.nan
    found = diagnose(draws)
    assert np.isnan(found[0]).all() and np.isfinite(found[1]).all()


def test_many_quantities_are_looked_at_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = RNG.normal(size=(7, 2, 50))
    at_once = diagnose(draws)
    monkeypatch.setattr("tildemc.results.diagnose.CHUNK", 300)
    np.testing.assert_array_equal(diagnose(np.asfortranarray(draws)), at_once)
