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
    hidden = [name for name in tildemc.__all__ if isinstance(getattr(tildemc, name), type(sys))]
    row = {"stage": stage, "modules": sorted(sys.modules), "grammars": len(built), "hidden": hidden}
    sys.stderr.write(json.dumps(row) + "\\n")
    built.clear()

"""


@dataclass(frozen=True)
class Done:
    """What is loaded when a stage ends, how many grammars it has built or read, and which names are modules now."""

    modules: set[str]
    grammars: int
    hidden: list[str]

    @property
    def loaded(self) -> set[str]:
        """The libraries."""
        return {name.split(".")[0] for name in self.modules}

    @property
    def parts(self) -> set[str]:
        """The project's own."""
        return {name.split(".")[1] for name in self.modules if name.startswith("tildemc.")}


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
    return {row["stage"]: Done(set(row["modules"]), row["grammars"], row["hidden"]) for row in rows}


FRAME = {"lark", "narwhals", "numpy", "pandas", "pyarrow", "threadpoolctl"}
SHELL = FRAME | {"platformdirs", "rich", "typer"}
ENGINE = SHELL | {"filelock", "llvmlite", "numba", "scipy"}
ALLOWED = {
    "import": {"lark"},
    "explain": FRAME | {"platformdirs"},
    "source": FRAME | {"platformdirs"},
    "translate": SHELL,
    "mistake": SHELL,
    "fit": ENGINE,
}
"""Of what the project depends on, all that a stage may load; Lark is loaded by the program that counts its parsers."""

OURS = {
    "import": {
        "api",
        "batches",
        "described",
        "engines",
        "errors",
        "limits",
        "compiled",
        "own",
        "shipped",
        "span",
        "spec",
        "syntax",
        "visible",
    },
    "explain": {"arrays", "reading", "passes", "resolve", "screen", "storage", "targets", "threads", "trees"},
    "source": set(),
    "translate": {"cli", "manual", "options", "play", "usage"},
    "mistake": set(),
    "fit": {"kernels", "page", "results", "scalars"},
}
"""Of the project's own parts, what a stage may add."""

NOT_ASKED_FOR = (
    "tildemc.syntax.stata.read",
    "tildemc.syntax.rcall.read",
    "tildemc.syntax.unparse.stata",
    "tildemc.batches.plan",
)
"""Other languages and the batch: a formula's fit has no need of them."""


def dependencies(project: Path) -> set[str]:
    """All packages that the project may load, by the names that they are imported under."""
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    stated = [
        *settings["dependencies"],
        *(need for extra in settings["optional-dependencies"].values() for need in extra),
    ]
    names = {re.split(r"\W", need.replace("-", "_"), maxsplit=1)[0] for need in stated} - {"tildemc"}
    return names | {"arviz_base", "arviz_plots", "arviz_stats", "pytensor", "xarray"}


@pytest.mark.parametrize("stage", STAGES)
def test_no_more_is_loaded_than_is_needed(stage: str, stages: dict[str, Done], project: Path) -> None:
    assert stages[stage].loaded & dependencies(project) <= ALLOWED[stage]


@pytest.mark.parametrize("stage", STAGES)
def test_no_other_parts_are_loaded(stage: str, stages: dict[str, Done]) -> None:
    before = [*STAGES][: [*STAGES].index(stage) + 1]
    assert stages[stage].parts <= set().union(*(OURS[each] for each in before))


@pytest.mark.parametrize("module", NOT_ASKED_FOR)
def test_what_was_not_asked_for_is_not_loaded(module: str, stages: dict[str, Done]) -> None:
    assert module not in stages["fit"].modules


def test_public_names_are_not_hidden_by_packages_that_are_loaded_later(stages: dict[str, Done]) -> None:
    assert {name for done in stages.values() for name in done.hidden} == set()


GRAMMARS = {"import": 0, "explain": 1, "source": 0, "translate": 1, "mistake": 0, "fit": 0}
"""The formula's at the first formula, the priors' at the first prior."""


@pytest.mark.parametrize("stage", STAGES)
def test_a_grammar_is_built_or_read_once_and_when_it_is_needed(stage: str, stages: dict[str, Done]) -> None:
    assert stages[stage].grammars == GRAMMARS[stage]
