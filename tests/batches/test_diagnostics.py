"""The fast ways hold to the slow ones: summaries to ArviZ's, files to xarray's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tildemc.batches.diagnostics import COLUMNS, diagnose, effective_size_at_once, split
from tildemc.batches.kernels.chains import UNKNOWN, effective_sizes
from tildemc.batches.netcdf import netcdf
from tildemc.results.datatree import groups_of

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


def test_files_are_xarrays(tmp_path: Path) -> None:
    import xarray as xr

    posterior = xr.Dataset(
        {"b": (("chain", "draw", "term"), RNG.normal(size=(2, 5, 2))), "sigma": (("chain", "draw"), np.ones((2, 5)))},
        coords={"chain": [0, 1], "draw": np.arange(5), "term": np.array(["x", "ü ≤ 3"], dtype=object)},
        attrs={"formula": "y ~ x", "seconds": 0.5},
    )
    statistics = xr.Dataset({"diverging": (("chain", "draw"), np.eye(2, 5) > 0)})
    statistics["tree_depth"] = (("chain", "draw"), np.ones((2, 5), dtype=np.uint64))
    tree = xr.DataTree.from_dict({"/posterior": posterior, "/sample_stats": statistics})
    (tmp_path / "ours.nc").write_bytes(netcdf(groups_of(tree)))
    tree.to_netcdf(tmp_path / "theirs.nc", engine="h5netcdf")
    with xr.open_datatree(tmp_path / "ours.nc", engine="h5netcdf") as ours:
        with xr.open_datatree(tmp_path / "theirs.nc", engine="h5netcdf") as theirs:
            xr.testing.assert_identical(ours.load(), theirs.load())
        assert ours["sample_stats"]["diverging"].dtype == bool
