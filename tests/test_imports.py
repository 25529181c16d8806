"""`import tildemc` and the translation are quick, for they load and build no more than they need.

benchmarks/shell.py says how many seconds that is.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

FORMULA, PRIOR = "log_radon ~ floor + (1 + floor | county)", "sd(county) ~ exponential(1)"

STAGES = {
    "import": "import tildemc",
    "explain": "print(tildemc.model({formula!r}, {data!r}))",
    "source": "print(tildemc.model({formula!r}, {data!r}).source())",
    "translate": "app(['translate', {formula!r}, '-d', {data!r}, '-p', {prior!r}], standalone_mode=False)",
    "mistake": "app(['explain', 'y ~', '-d', {data!r}], standalone_mode=False)",
    "fit": "app(['fit', {formula!r}, '-d', {data!r}, '-p', {prior!r}, '--draws', '100'], standalone_mode=False)",
}
"""What one process does, one after the other: what a stage has not loaded none before it has."""

PROGRAM = """
import json, sys
import lark

built = []
build, load = lark.Lark.__init__, lark.Lark.load

def counted(self, *arguments, **named):
    built.append(self)
    build(self, *arguments, **named)

def read(file):
    built.append(file)
    return load(file)

lark.Lark.__init__, lark.Lark.load = counted, read

def done(stage):
    loaded = sorted({name.split(".")[0] for name in sys.modules})
    sys.stderr.write(json.dumps({"stage": stage, "loaded": loaded, "grammars": len(built)}) + "\\n")
    built.clear()

"""


@dataclass(frozen=True)
class Done:
    """What is loaded when a stage ends, and how many grammars it has built or read."""

    loaded: set[str]
    grammars: int


@pytest.fixture(scope="module")
def stages(project: Path) -> dict[str, Done]:
    data = str(project / "examples" / "radon" / "data" / "radon.csv")
    text = PROGRAM
    for stage, code in STAGES.items():
        if stage == "translate":
            text += "from tildemc.cli import app\n"
        text += f"{code.format(formula=FORMULA, prior=PRIOR, data=data)}\ndone({stage!r})\n"
    run = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    rows = [json.loads(line) for line in run.stderr.splitlines() if line.startswith('{"stage"')]
    return {row["stage"]: Done(set(row["loaded"]), row["grammars"]) for row in rows}


TREE = {"lark", "narwhals", "numpy", "threadpoolctl"}
FRAME = TREE | {"pandas", "pyarrow"}
SHELL = FRAME | {"rich", "typer"}
ALLOWED = {"import": TREE, "explain": FRAME, "source": FRAME, "translate": SHELL, "mistake": SHELL}


def dependencies(project: Path) -> set[str]:
    """All packages that the project may load, by the names that they are imported under."""
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    stated = [
        *settings["dependencies"],
        *(need for extra in settings["optional-dependencies"].values() for need in extra),
    ]
    names = {re.split(r"\W", need.replace("-", "_"), maxsplit=1)[0] for need in stated} - {"tildemc"}
    return names | {"arviz_base", "arviz_plots", "arviz_stats", "pytensor", "xarray"}


@pytest.mark.parametrize("stage", ALLOWED)
def test_no_more_is_loaded_than_is_needed(stage: str, stages: dict[str, Done], project: Path) -> None:
    assert "tildemc" in stages[stage].loaded
    assert stages[stage].loaded & dependencies(project) <= ALLOWED[stage]


def test_an_exact_fit_loads_no_graph_no_sampler_and_no_plots(stages: dict[str, Done]) -> None:
    loaded = stages["fit"].loaded
    assert "arviz_stats" in loaded
    assert not loaded & {"arviz_plots", "distributed", "matplotlib", "nutpie", "pymc", "pytensor"}


GRAMMARS = {"import": 0, "explain": 1, "source": 0, "translate": 1, "mistake": 0, "fit": 0}
"""The formula's at the first formula, the priors' at the first prior."""


@pytest.mark.parametrize("stage", STAGES)
def test_a_grammar_is_built_or_read_once_and_when_it_is_needed(stage: str, stages: dict[str, Done]) -> None:
    assert stages[stage].grammars == GRAMMARS[stage]
