"""The command line does what the API does, and tells mistakes in words."""

from __future__ import annotations

import _thread
import ast
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import tildemc
from tildemc.cli import app
from tildemc.engines import direct
from tildemc.engines.settings import Settings

FORMULA = "log_radon ~ floor + (1 + floor | county)"
PRIOR = "sd(county) ~ exponential(1)"


@pytest.fixture
def radon(project: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(project / "examples" / "radon" / "data")
    return "radon.csv"


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=stdin)


def test_version() -> None:
    assert run("--version").stdout == f"tildemc {tildemc.__version__}\n"


def test_translate_prints_the_source(radon: str) -> None:
    done = run("translate", FORMULA, "--data", radon, "--prior", PRIOR)
    assert done.exit_code == 0
    assert done.stdout == tildemc.model(FORMULA, radon, priors=[PRIOR]).source()
    assert 'pd.read_csv("radon.csv")' in done.stdout
    assert done.stderr == ""


def test_translate_writes_a_file(radon: str, tmp_path: Path) -> None:
    done = run("translate", FORMULA, "-d", radon, "-o", str(tmp_path / "model.py"))
    assert (done.exit_code, done.stdout) == (0, "")
    ast.parse((tmp_path / "model.py").read_text(encoding="utf-8"))


def test_translate_writes_a_project(radon: str, tmp_path: Path) -> None:
    done = run("translate", FORMULA, "-d", radon, "--project", str(tmp_path / "new"))
    assert done.exit_code == 0
    assert [Path(line).name for line in done.stdout.splitlines()] == [
        "data.py", "model.py", "fit.py", "graphics.py", "README.md",
    ]  # fmt: skip
    assert all(Path(line).is_file() for line in done.stdout.splitlines())
    both = run("translate", FORMULA, "-d", radon, "--project", str(tmp_path), "-o", str(tmp_path / "model.py"))
    assert both.exit_code == 1 and "not to both" in both.stderr


def test_explain_writes_equations(radon: str) -> None:
    done = run("explain", FORMULA, "-d", radon, "--latex")
    assert done.stdout == tildemc.model(FORMULA, radon).latex() + "\n"


@pytest.mark.parametrize("command", [["explain"], ["translate"], ["fit", "--draws", "10", "--chains", "1"]])
def test_what_stands_for_no_value_is_named(command: list[str], tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("y;x\n1,5;2\n3;N/a\n2;5,5\n4;?\n1;7\n", encoding="utf-8")
    wrong = run(*command, "y ~ x", "-d", str(path))
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "'N/a' in row 1, '?' in row 3" in wrong.stderr
    assert run(*command, "y ~ x", "-d", str(path), "--na", "N/a", "--na", "?").exit_code == 0


def test_marks_that_a_file_does_not_tell_are_options(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("y,a;x,b\n1,0;5,0\n2,0;6,0\n4,0;8,0\n", encoding="utf-8")
    wrong = run("translate", "`y,a` ~ `x,b`", "-d", str(path))
    assert wrong.exit_code == 1 and "`--csv sep=…` on the command line" in wrong.stderr
    done = run("translate", "`y,a` ~ `x,b`", "-d", str(path), "--csv", "sep=;", "--csv", "decimal=,")
    # A long path puts each argument on a line of its own.
    assert 'sep=";", decimal=","' in " ".join(done.stdout.split())
    assert "has no `se`" in run("explain", "y ~ x", "-d", str(path), "--csv", "se=;").stderr


def test_brackets_are_text(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("y,[red]x[/red]\n1,2\n3,5\n4,9\n", encoding="utf-8")
    done = run("explain", "y ~ `[red]x[/red]`", "-d", str(tmp_path / "d.csv"))
    assert "[red]x[/red]" in done.stdout
    wrong = run("explain", "y ~ `[bold]x[/bold]`", "-d", str(tmp_path / "d.csv"))
    assert "y ~ `[bold]x[/bold]`" in wrong.stderr


def test_explain_shows_the_model(radon: str) -> None:
    assert run("explain", FORMULA, "-d", radon).stdout == f"{tildemc.model(FORMULA, radon)}\n"


def test_explain_for_machines(radon: str) -> None:
    facts = json.loads(run("explain", FORMULA, "-d", radon, "-p", PRIOR, "--json").stdout)
    assert facts == tildemc.model(FORMULA, radon, priors=[PRIOR]).facts()


def test_formula_from_stdin(radon: str) -> None:
    assert run("translate", "-", "-d", radon, stdin=FORMULA).stdout == run("translate", FORMULA, "-d", radon).stdout


def test_formula_from_a_file(radon: str, tmp_path: Path) -> None:
    path = tmp_path / "formula.txt"
    path.write_text("log_radon ~ floor  # partial pooling\n  + (1 + floor | county)\n", encoding="utf-8")
    done = run("explain", f"@{path}", "-d", radon, "--json")
    assert json.loads(done.stdout)["predictors"][0]["groups"][0]["factor"] == "county"


MISTAKES = {
    "column": (["log_radon ~ ⟪flor⟫"], "did you mean `floor`?"),
    "second line": (["log_radon ~ floor\n  + (1 | ⟪conty⟫)"], "did you mean `county`?"),
    "syntax": (["log_radon ~ floor ⟪+⟫"], "right of `+`"),
    "family": (["log_radon ~ floor", "-f", "⟪gausian⟫"], "did you mean `gaussian`?"),
    "prior": (["log_radon ~ floor", "-p", "⟪sd(county)⟫ ~ exponential(1)"], "county"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_told(radon: str, mistake: str) -> None:
    marked, message = MISTAKES[mistake]
    done = run("translate", *(argument.replace("⟪", "").replace("⟫", "") for argument in marked), "-d", radon)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    [line] = [line for argument in marked for line in argument.splitlines() if "⟪" in line]
    before, found = line.split("⟪")[0], line.split("⟪")[1].split("⟫")[0]
    *_, text, carets = done.stderr.splitlines()
    assert text == "    " + line.replace("⟪", "").replace("⟫", "")
    assert carets == " " * (4 + len(before)) + "^" * len(found)


def test_of_a_long_line_what_fits_is_shown_with_its_caret(radon: str) -> None:
    formula = "log_radon ~ " + "floor + " * 40 + "flor"
    *_, text, carets = run("explain", formula, "-d", radon).stderr.splitlines()
    assert text.strip().startswith("…") and formula.endswith(text.strip()[1:])
    assert carets.index("^") == text.index("flor", len(text) - 4)


@pytest.mark.parametrize(
    "arguments",
    [
        ["translate", "y ~ x", "-d", "nowhere.csv"],
        ["translate", "@nowhere.txt", "-d", "radon.csv"],
        ["translate", "log_radon ~ floor", "-d", "radon.csv", "-o", "nowhere/model.py"],
        ["fit", "log_radon ~ floor", "-d", "radon.csv", "--draws", "0"],
        ["fit", "log_radon ~ floor", "-d", "radon.csv", "--method", "guess"],
    ],
    ids=str,
)
@pytest.mark.usefixtures("radon")
def test_other_errors_are_one_line(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_fit_takes_a_folder_of_parquet_and_streams_it(
    radon: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tildemc.resolve.stream.STREAMED_FROM", 900)
    pd.read_csv(radon).to_parquet(tmp_path / "rows.parquet")
    for path in (str(tmp_path), str(tmp_path / "*.parquet")):
        done = run("fit", FORMULA, "--data", path, "--draws", "20", "--chains", "2", "--seed", "1")
        assert done.exit_code == 0
        assert "919 rows, streamed" in " ".join(done.stdout.split())


INTERRUPTS = {
    "after warm-up": (500, "! interrupted after", True),
    "during warm-up": (10_000_000, "interrupted before the end of warm-up", False),
}


@pytest.mark.parametrize("when", INTERRUPTS)
def test_an_interrupted_fit_says_so_and_ends_with_130(
    radon: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    tune, message, written = INTERRUPTS[when]

    def by_nutpie(model: Any, settings: Settings) -> Any:
        said: list[int] = []

        def report(draws: int, _divergences: int) -> None:
            if draws > 2000 and not said:
                said.append(draws)
                _thread.interrupt_main()

        return sampled(model, replace(settings, report=report))

    sampled = direct.by_nutpie
    monkeypatch.setattr(direct, "by_nutpie", by_nutpie)
    out = tmp_path / "fit.nc"
    settings = ["--method", "direct", "--draws", "10000000", "--tune", str(tune), "--chains", "2", "--out", str(out)]
    done = run("fit", "log_radon ~ floor", "-d", radon, *settings)
    assert done.exit_code == 130
    assert message in done.output
    assert "Traceback" not in done.output
    assert out.exists() == written


def test_a_path_that_cannot_be_written_is_told_before_anything_is_drawn(
    radon: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(tildemc.Model, "fit")
    done = run("fit", "log_radon ~ floor", "-d", radon, "--out", str(tmp_path))
    assert done.exit_code == 1
    assert "cannot be written: it is a folder" in " ".join(done.stderr.split())


def test_fit_prints_a_summary_and_keeps_the_draws(radon: str, tmp_path: Path) -> None:
    out = tmp_path / "fit.nc"
    settings = ["--draws", "50", "--tune", "100", "--chains", "2", "--seed", "1", "--out", str(out), "--group-effects"]
    done = run("fit", "log_radon ~ floor + (1 | county)", "-d", radon, *settings)
    assert done.exit_code == 0, done.output
    for expected in ("Intercept", "b[floor]", "sd_county[Intercept]", "sigma", "Group effects", "r_county[AITKIN, "):
        assert expected in done.stdout

    import xarray as xr

    tree = xr.open_datatree(out, engine="h5netcdf")
    assert tree["posterior"].sizes["draw"] == 50
    assert "AITKIN" in tree["posterior"]["county"]


def test_predict_prints_the_rows_as_csv(radon: str, tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_text("floor,county\n0,CASS\n1,NOWHERE\n", encoding="utf-8")
    command = ("predict", FORMULA, "-d", radon, "-n", str(new), "--seed", "1")
    done = run(*command, "--new-levels", "sample", "-o", str(tmp_path / "out.csv"))
    assert (done.exit_code, done.stdout) == (0, "")
    fit = tildemc.model(FORMULA, radon).fit(seed=1, progress=False)
    expected = fit.predict(pd.read_csv(new), new_levels="sample", seed=1)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "out.csv", index_col="row"), expected, check_names=False)
    assert "`county` has no level NOWHERE (row 1)" in run(*command).stderr
    population = run(*command, "--groups", "none").stdout.splitlines()
    assert population[0] == "row,mean,sd,eti95_lb,eti95_ub" and len(population) == 3


@pytest.fixture(scope="module")
def kept(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fits") / "fit.nc"
    tildemc.model(FORMULA, project / "examples/radon/data/radon.csv").fit(draws=50, seed=1, progress=False).save(path)
    return path


def test_a_fit_from_a_file_predicts_and_is_drawn(kept: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_text("floor,county\n0,CASS\n1,CASS\n", encoding="utf-8")
    done = run("predict", "--fit", str(kept), "-n", str(new))
    expected = tildemc.load(kept).predict(new)
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(done.stdout), index_col="row"), expected, check_names=False)
    picture = tmp_path / "ranef.png"
    assert run("plot", "--fit", str(kept), "-k", "ranef", "-o", str(picture)).exit_code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    told = run("plot", "--fit", str(kept), "-k", "ranef", "-o", str(picture), "--seed", "2")
    assert "`--seed` is for a new fit" in told.stderr


NOT_OF_A_FILE = {
    "neither a formula nor a fit": ([], "Give a formula and `--data`, or `--fit`"),
    "a formula beside a fit": (["--fit", "fit.nc", FORMULA], "a formula is for a new fit"),
    "a prior beside a fit": (["--fit", "fit.nc", "-p", "sigma ~ exponential(1)"], "`--prior` is for a new fit"),
    "no such file": (["--fit", "fit.nc"], "fit.nc cannot be read"),
}


@pytest.mark.parametrize(("arguments", "told"), NOT_OF_A_FILE.values(), ids=NOT_OF_A_FILE.keys())
def test_what_has_no_say_in_a_fit_that_is_there_is_told(arguments: list[str], told: str) -> None:
    done = run("predict", *arguments)
    assert done.exit_code == 1
    assert told in done.stderr


def test_plot_draws_to_a_file(radon: str, tmp_path: Path) -> None:
    out = tmp_path / "new" / "counties.png"
    levels = ["--level", "CASS", "--level", "FREEBORN"]
    done = run("plot", FORMULA, "-d", radon, "-k", "ranef", "-o", str(out), "--draws", "50", *levels)
    assert (done.exit_code, done.stderr) == (0, "")
    assert out.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("kind", "out", "told"),
    [("forests", "a.png", "did you mean `forest`?"), ("forest", "a.doc", "a picture is a file")],
)
def test_what_cannot_be_drawn_is_told_before_anything_is(
    kind: str, out: str, told: str, radon: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tildemc.Model, "fit", None)
    done = run("plot", FORMULA, "-d", radon, "-k", kind, "-o", out)
    assert done.exit_code == 1 and told in done.stderr


def test_report_writes_a_page_and_names_it(radon: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What draws takes seconds; tests/results/report has it.
    monkeypatch.setattr("tildemc.results.report.write.has_library", lambda: False)
    page = tmp_path / "reports" / "radon.html"
    done = run("report", FORMULA, "-d", radon, "-o", str(page), "--draws", "50", "--chains", "1")
    assert (done.exit_code, done.stdout) == (0, f"{page}\n")
    assert f'<th scope="row">Data</th><td>{radon}</td>' in page.read_text(encoding="utf-8")


def test_report_looks_at_its_path_before_it_draws(radon: str, tmp_path: Path) -> None:
    wrong = run("report", FORMULA, "-d", radon, "-o", str(tmp_path))
    assert wrong.exit_code == 1 and "it is a folder" in wrong.stderr


def test_quick_shows_estimates_and_draws_nothing(radon: str) -> None:
    done = run("fit", FORMULA, "-d", radon, "--quick")
    assert (done.exit_code, done.stdout) == (0, f"{tildemc.model(FORMULA, radon).optimize()}\n")
    listed = run("fit", FORMULA, "-d", radon, "--quick", "--group-effects")
    assert "AITKIN" in listed.stdout
    stray = run("fit", FORMULA, "-d", radon, "--quick", "--seed", "1")
    assert stray.exit_code == 1
    assert "`--seed` is of draws, and `--quick` makes none" in stray.stderr
