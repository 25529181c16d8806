"""The live graph and the printed source are two readers of one program, and cannot drift."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from case import ROOT, Case, cases
from programs import same_density


@pytest.mark.parametrize("case", cases(), ids=str)
def test_source_and_graph_are_one_model(case: Case) -> None:
    model = case.model()
    same_density(model.pymc(), model.source(case.data), ROOT)


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
