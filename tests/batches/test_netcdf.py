"""Files of draws are xarray's."""

from __future__ import annotations

from collections.abc import ItemsView
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from tildemc.batches.netcdf import netcdf
from tildemc.results.datatree import Group, groups_of

RNG = np.random.default_rng(1)


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


def test_workers_that_are_threads_write_at_once() -> None:
    import xarray as xr

    groups = groups_of(xr.DataTree.from_dict({"/posterior": xr.Dataset({"b": ("draw", RNG.normal(size=5))})}))

    class Meanwhile(dict[str, Group]):
        """Groups that another thread writes too, while the file of these is open."""

        def items(self) -> ItemsView[str, Group]:
            with ThreadPoolExecutor(1) as other:
                assert other.submit(netcdf, groups).result()
            return super().items()

    assert netcdf(Meanwhile(groups)) == netcdf(groups)
