"""`tildemc batch` on the command line: the plan, the exit code, and what is told."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner, Result

from batch_fakes import fake_fit
from tildemc.batches import perform, worker
from tildemc.batches.command import batch
from tildemc.batches.crew import Crew

app = typer.Typer()
app.command()(batch)


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    @contextmanager
    def local(workers: int):  # type: ignore[no-untyped-def]
        with ThreadPoolExecutor(1) as executor:
            yield Crew(executor, 2)

    monkeypatch.setattr(worker, "_fit", fake_fit)
    monkeypatch.setattr(perform, "local", local)
    monkeypatch.chdir(folder)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["models.toml", *arguments])


def wrong(folder: Path) -> None:
    path = folder / "models.toml"
    text = path.read_text(encoding="utf-8").replace('"y ~ x"', '"y ~ z"', 1).replace("(1 | g)", "(1 | h)")
    path.write_text(text, encoding="utf-8")


def test_a_run(folder: Path) -> None:
    done = run("--out", "results")
    assert (done.exit_code, done.stdout) == (0, "5 done: results/index.html\n")
    assert re.search(r"\[5/5\] each.state=WI: 10 draws in", done.stderr)
    again = run("--out", "results")
    assert again.exit_code == 0
    assert again.stderr == "5 of 5 fits are left as they are\n"


def test_a_dry_run(folder: Path) -> None:
    done = run("--dry-run")
    assert done.exit_code == 0
    assert re.search(r"^partial +60 +10 ", done.stdout, re.MULTILINE)
    assert "  sd(g, Intercept) ~ half_student_t(3, 0," in done.stdout
    assert "5 fits, about" in done.stdout
    assert sorted(p.name for p in folder.iterdir()) == ["data.csv", "models.toml"]


@pytest.mark.parametrize(
    "formula",
    ["y ~ x\n sigma ~ x", "y ~ x;\n sigma ~ x", "bf(y ~ x,\n  sigma ~ x)", "y ~ x\n   sigma ~ 1 + (1 | g)"],
)
def test_a_formula_of_several_lines_is_no_prior(folder: Path, formula: str) -> None:
    (folder / "models.toml").write_text(f'[models.m]\ndata = "data.csv"\nformula = """{formula}"""\n', encoding="utf-8")
    done = run("--dry-run")
    assert done.exit_code == 0, done.stderr
    *_, shown, _total = done.stdout.split("\n\n")
    heading, *priors = shown.splitlines()
    assert heading == f"m: {' '.join(formula.split())}"
    assert [line.partition(" ~ ")[0].strip() for line in priors][:3] == ["Intercept", "x", "sigma.Intercept"]
    assert all(line.endswith("(default)") for line in priors)


def test_a_dry_run_tells_all_errors(folder: Path) -> None:
    wrong(folder)
    done = run("--dry-run")
    assert done.exit_code == 1
    assert re.search(r"y ~ z\n +\^", done.stderr)
    assert re.search(r"y ~ x \+ \(1 \| h\)\n +\^", done.stderr)
    assert "2 of 5 fits cannot be made" in done.stderr
    assert "each.state=WI" in done.stdout
    assert run("--dry-run", "--only", "each").exit_code == 0


def test_failures_show_in_the_exit_code(folder: Path) -> None:
    wrong(folder)
    done = run("--out", "results")
    assert (done.exit_code, done.stdout) == (1, "3 done, 2 failed: results/index.html\n")
    assert "no column `z`" in done.stderr
    assert run("--out", "results", "--only", "each").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "say where the results go"),
        (("--out", "results", "--only", "poled"), "did you mean `pooled`"),
        (("--out", "data.csv"), "results cannot be written to data.csv"),
    ],
)
def test_errors_are_told(arguments: tuple[str, ...], message: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 1
    assert message in done.stderr
    assert "Traceback" not in done.output


def test_settings_go_before_the_files(folder: Path) -> None:
    run("--out", "results", "--draws", "7")
    assert '"draws": 7' in next((folder / "results" / "jobs").iterdir()).read_text(encoding="utf-8").replace("\\", "")


def test_a_column_that_holds_something_else_is_refused_in_a_dry_run_too(folder: Path) -> None:
    assert run("--out", "results").exit_code == 0
    data = pd.read_csv(folder / "data.csv")
    data.assign(x=["u", "v"] * 30).to_csv(folder / "data.csv", index=False)
    for arguments in (("--dry-run", "--out", "results"), ("--out", "results")):
        done = run(*arguments)
        assert done.exit_code == 1
        assert "column `x` held numbers in the last run and holds labels now (model pooled, data.csv)" in done.stderr
    assert run("--out", "results", "--accept", "x").exit_code == 0


def test_what_stands_for_no_value_is_named(folder: Path) -> None:
    data = pd.read_csv(folder / "data.csv")
    data["x"] = data["x"].astype(str).where(data.index != 4, "N/a")
    data.to_csv(folder / "data.csv", index=False)
    assert "'N/a' in row 4" in run("--dry-run").stderr
    assert run("--dry-run", "--na", "N/a").exit_code == 0


@pytest.mark.parametrize(
    ("limits", "code", "told"),
    [
        ("rhat=1.01,divergences=0", 0, ""),
        ("ess=1000", 1, "strict: pooled: ESS 400 is below 1000\n"),
        ("rhat=many", 1, "error: the limit of `rhat` is a number, not 'many'"),
    ],
)
def test_limits_set_the_exit_code(folder: Path, limits: str, code: int, told: str) -> None:
    done = run("--out", "results", "--strict", limits)
    assert done.exit_code == code
    assert told in done.stderr


def test_results_that_are_kept_are_told_and_fail_the_command(folder: Path) -> None:
    run("--out", "results")
    (folder / "data.csv").unlink()
    done = run("--out", "results")
    assert (done.exit_code, done.stdout) == (1, "5 kept: results/index.html\n")
    assert "kept of an earlier run: pooled\n  there is no file data.csv" in done.stderr
