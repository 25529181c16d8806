"""The live graph and the printed source are two readers of one program, and cannot drift."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from case import ROOT, Case, cases


def run_source(text: str, folder: Path) -> Any:
    """The module's `model`, run where its data are."""
    namespace: dict[str, Any] = {"__name__": "generated"}
    before = os.getcwd()
    os.chdir(folder)
    try:
        exec(compile(text, "generated.py", "exec"), namespace)
    finally:
        os.chdir(before)
    return namespace["model"]


def density(model: Any, seeds: range) -> list[tuple[float, np.ndarray]]:
    """Log density and gradient at random points, the same for the same free variables."""
    from pymc.blocking import DictToArrayBijection, RaveledVars

    function = model.logp_dlogp_function(ravel_inputs=True, mode="FAST_COMPILE")
    function.set_extra_values({})
    start = DictToArrayBijection.map(model.initial_point())
    found = []
    for seed in seeds:
        point = start.data + 0.3 * np.random.default_rng(seed).normal(size=start.data.shape)
        value, gradient = function(RaveledVars(point, start.point_map_info))
        found.append((float(value), np.asarray(gradient)))
    return found


@pytest.mark.parametrize("case", cases(), ids=str)
def test_source_and_graph_are_one_model(case: Case) -> None:
    model = case.model()
    live, printed = model.pymc(), run_source(model.source(case.data), ROOT)
    assert [v.name for v in live.free_RVs] == [v.name for v in printed.free_RVs]
    assert {v.name for v in live.named_vars.values()} == {v.name for v in printed.named_vars.values()}
    dims = [{name: tuple(map(str, d)) for name, d in m.named_vars_to_dims.items()} for m in (live, printed)]
    assert dims[0] == dims[1]
    for dim, labels in live.coords.items():
        assert list(map(str, labels)) == list(map(str, printed.coords[dim])), dim
    for (value, gradient), (other, other_gradient) in zip(
        density(live, range(2)), density(printed, range(2)), strict=True
    ):
        assert np.isfinite(value)
        assert value == pytest.approx(other, rel=1e-8)
        np.testing.assert_allclose(gradient, other_gradient, rtol=1e-8, atol=1e-7)


@pytest.mark.parametrize("case", cases(), ids=str)
def test_source_is_what_was_read_and_accepted(case: Case, accept: bool) -> None:
    check_golden(case.folder / "model.py", case.model().source(case.data), accept)


@pytest.mark.parametrize("case", cases(), ids=str)
def test_explanation_is_what_was_read_and_accepted(case: Case, accept: bool) -> None:
    check_golden(case.folder / "explain.txt", str(case.model()) + "\n", accept)


def check_golden(path: Path, text: str, accept: bool) -> None:
    if accept:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{path} differs: read the diff, then `pytest --accept`"


def test_ruff_would_leave_every_source_as_it_is() -> None:
    files = [str(case.folder / "model.py") for case in cases()]
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "100", "--diff", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--line-length", "100", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
