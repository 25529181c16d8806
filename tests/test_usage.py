"""The examples that the command line's help shows work, and so does what completes a word."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import tildemc as tm
from tildemc.cli import app
from tildemc.usage import EXAMPLES, beginning

MODELS = "log_radon ~ floor + (1 | county)\n"


@pytest.fixture(scope="module")
def folder(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("usage")
    shutil.copy(project / "examples" / "radon" / "data" / "radon.csv", path)
    (path / "models.txt").write_text(MODELS, encoding="utf-8")
    model = tm.model("log_radon ~ floor + (1 | county)", path / "radon.csv")
    model.fit(draws=50, seed=1, progress=False).save(path / "radon.nc")
    return path


@pytest.mark.parametrize("line", [line for command, lines in EXAMPLES.items() for line in lines if command != "play"])
def test_every_example_of_the_help_works(line: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    # A page's pictures take seconds; tests/results/report has them.
    monkeypatch.setattr("tildemc.results.report.write.has_library", lambda: False)
    program, *arguments = shlex.split(line)
    done = CliRunner().invoke(app, arguments, prog_name="tildemc")
    assert (program, done.exit_code) == ("tildemc", 0), done.output
    written = arguments[arguments.index("-o") + 1] if "-o" in arguments else "radon.csv"
    assert Path(written).exists()


def test_every_command_shows_examples_of_itself() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert set(commands) == set(EXAMPLES)
    for name, lines in EXAMPLES.items():
        assert all(f"{line} ".startswith(f"tildemc {name} ") for line in lines)
        shown = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200"}).output
        assert all(line in shown for line in lines)
        assert CliRunner().invoke(app, ["help", name], env={"COLUMNS": "200"}).output.split() == shown.split()


def test_words_are_completed_with_those_that_begin_so() -> None:
    assert beginning(lambda: ("poisson", "pareto", "beta"))("p") == ["poisson", "pareto"]


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("fit y -f zero_inflated_p", "zero_inflated_poisson"),
        ("fit y --method tr", "transport"),
        ("convert y --to gl", "glmmTMB"),
        ("plot -k shr", "shrinkage"),
        ("help pri", "priors"),
        ("he", "help"),
    ],
)
def test_a_shell_completes(typed: str, completed: str) -> None:
    asked = {
        "_TILDEMC_COMPLETE": "complete_bash",
        "COMP_WORDS": f"tildemc {typed}",
        "COMP_CWORD": str(len(typed.split())),
    }
    done = CliRunner().invoke(app, [], prog_name="tildemc", env=asked)
    assert done.output.split() == [completed]
