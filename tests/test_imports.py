"""`import tildemc` and the translation are quick: they load nothing that only a fit needs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"arviz", "formulaic", "matplotlib", "numba", "nutpie", "pymc", "pytensor", "xarray"}

FORMULA = "log_radon ~ floor + (1 + floor | county)"

REPORT = (
    "import json, sys, resource; sys.stderr.write(json.dumps([sorted(sys.modules), resource.getrusage(0).ru_utime]))"
)

PROGRAMS = {
    "import": "import tildemc",
    "explain": "import tildemc; print(tildemc.model({formula!r}, {data!r}))",
    "source": "import tildemc; print(tildemc.model({formula!r}, {data!r}).source())",
    "translate": "from tildemc.cli import app; app(['translate', {formula!r}, '-d', {data!r}], standalone_mode=False)",
    "mistake": "from tildemc.cli import app; app(['explain', 'y ~', '--data', {data!r}], standalone_mode=False)",
}


def run(program: str) -> tuple[set[str], float]:
    """The modules that a program has loaded at its end, and the seconds of computing it took."""
    text = f"import atexit\natexit.register(lambda: exec({REPORT!r}))\n{program}"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    loaded, seconds = json.loads(done.stderr.splitlines()[-1])
    return {name.split(".")[0] for name in loaded}, seconds


@pytest.mark.parametrize("what", PROGRAMS)
def test_nothing_heavy_is_loaded(what: str, project: Path) -> None:
    data = str(project / "examples" / "radon" / "data" / "radon.csv")
    loaded, _ = run(PROGRAMS[what].format(formula=FORMULA, data=data))
    assert "tildemc" in loaded
    assert not loaded & HEAVY


def test_import_needs_no_data_frames() -> None:
    loaded, _ = run("import tildemc")
    assert not loaded & {"pandas", "polars", "scipy"}


def test_translation_takes_less_than_a_second(project: Path) -> None:
    """Of computing, in the best of three runs, since the machine may be busy."""
    data = str(project / "examples" / "radon" / "data" / "radon.csv")
    program = PROGRAMS["translate"].format(formula=FORMULA, data=data)
    assert min(run(program)[1] for _ in range(3)) < 1


def test_an_exact_fit_loads_no_graph_no_sampler_and_no_plots(project: Path) -> None:
    data = str(project / "examples" / "sleepstudy" / "data" / "sleepstudy.csv")
    command = ["fit", "Reaction ~ Days + (1 | Subject)", "-d", data, "--draws", "100"]
    loaded, _ = run(f"from tildemc.cli import app; app({command!r}, standalone_mode=False)")
    assert "arviz_stats" in loaded
    assert not loaded & {"arviz_plots", "distributed", "matplotlib", "nutpie", "pymc", "pytensor"}
