"""What is kept of sampling that was interrupted, by each sampler, and what is said of it."""

from __future__ import annotations

import _thread
from pathlib import Path
from typing import Any

import numpy as np
import pymc as pm
import pytest
import xarray as xr

import tildemc as tm
from tildemc.engines.trace import rectangle
from tildemc.errors import Interrupted
from tildemc.results.fit import Fit

ENDLESS = 10_000_000
RNG = np.random.default_rng(1)
DATA = {"y": RNG.normal(size=40), "x": RNG.normal(size=40), "g": np.resize(list("abcd"), 40)}


@pytest.mark.parametrize(
    ("lengths", "taken", "length"),
    [
        ([5, 5, 5, 5], [0, 1, 2, 3], 5),
        ([713, 720, 700, 690], [0, 1, 2, 3], 690),
        ([1000, 3, 1000, 0], [0, 2], 1000),
        ([0, 0, 0, 8], [3], 8),
        ([1000, 400], [0], 1000),
        ([1000, 500], [0, 1], 500),
    ],
    ids=["all alike", "all nearly alike", "two that had begun", "one that had draws", "one long", "as many either way"],
)
def test_the_most_draws_are_taken(lengths: list[int], taken: list[int], length: int) -> None:
    assert rectangle(lengths) == (taken, length)


def interrupted(model: tm.Model, after: int, **settings: Any) -> Fit:
    """A fit that is interrupted, as by Ctrl-C, when there are more than so many draws, warm-up included."""
    said: list[int] = []

    def report(draws: int, _divergences: int) -> None:
        if draws > after and not said:
            said.append(draws)
            _thread.interrupt_main()

    return model.fit(draws=ENDLESS, tune=50, chains=2, seed=1, progress=False, report=report, **settings)


@pytest.mark.parametrize("method", ["direct", "exact", "transport"])
def test_a_fit_says_that_it_was_interrupted(method: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # So that the exact engine, too, takes NUTS for the variances.
    monkeypatch.setattr("tildemc.engines.exact.LEAST_SHARE", 2.0)
    fit = interrupted(tm.model("y ~ x + (1 | g)", DATA), 2000, method=method)
    length = fit.groups["posterior"].sizes["draw"]
    assert 0 < length < ENDLESS
    # On a machine that is busy the second chain may not have begun.
    assert fit.interrupted.startswith(f"after {length:,} of 10,000,000 draws")
    assert fit.warnings()[0] == f"interrupted {fit.interrupted}"
    assert f"\n! interrupted {fit.interrupted}\n" in f"{fit}\n"
    assert all(np.isfinite(values).all() for _, values in fit.groups["posterior"].variables.values())
    fit.save(tmp_path / "fit.nc")
    with xr.open_datatree(tmp_path / "fit.nc", engine="h5netcdf") as tree:
        assert tree["posterior"].attrs["interrupted"] == fit.interrupted


def test_a_fit_that_was_not_interrupted_says_nothing() -> None:
    fit = tm.model("y ~ x + (1 | g)", DATA).fit(draws=50, tune=50, chains=2, seed=1, progress=False)
    assert not fit.interrupted
    assert "interrupted" not in str(fit)
    assert "interrupted" not in fit.data["posterior"].attrs


def test_an_interrupt_of_pymcs_sampler_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tm.model("y ~ x", DATA)

    def sample(**settings: Any) -> xr.DataTree:
        assert settings["chains"] == 4
        given = {name: np.ones((3, 7, *shape)) for name, shape in (("Intercept", ()), ("b", (1,)), ("sigma", ()))}
        posterior = xr.Dataset({
            name: (("chain", "draw", *("term",)[: values.ndim - 2]), values) for name, values in given.items()
        })  # fmt: skip
        statistics = xr.Dataset({"lp": (("chain", "draw"), np.zeros((3, 7)))})
        return xr.DataTree.from_dict({"/posterior": posterior, "/sample_stats": statistics})

    monkeypatch.setattr(pm, "sample", sample)
    fit = model.fit(method="pymc", sampler="pymc", draws=100, progress=False)
    assert fit.interrupted == "after 7 of 100 draws in 3 of 4 chains"


def test_an_interrupt_before_there_are_draws_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tm.model("y ~ x + (1 | g)", DATA)
    message = "interrupted before the end of warm-up"

    def sample(**_: Any) -> None:
        raise ValueError("Not enough samples to build a trace.")

    monkeypatch.setattr(pm, "sample", sample)
    with pytest.raises(Interrupted, match=message):
        model.fit(method="pymc", sampler="pymc", progress=False)
    said: list[int] = []

    def report(draws: int, _divergences: int) -> None:
        if draws and not said:
            said.append(draws)
            _thread.interrupt_main()

    with pytest.raises(Interrupted, match=message):
        model.fit(method="direct", tune=ENDLESS, chains=2, progress=False, report=report)
