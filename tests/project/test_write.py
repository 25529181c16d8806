"""A model as the files of an analysis: they are one another's, and nobody else's are touched."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from case import ROOT
from programs import same_density

NAMES = ["README.md", "data.py", "fit.py", "graphics.py", "model.py"]
RNG = np.random.default_rng(8)
DATA = pd.DataFrame({"x": RNG.normal(size=24), "a name of `quotes`": RNG.normal(size=24)})
DATA["g"], DATA["k"], DATA["yes"] = np.resize(list("abc"), 24), np.arange(24), np.resize(["no", "yes"], 24)
MODELS = [
    ("k ~ x + (1 + x | g)", "negbinomial"),
    (r"x ~ `a name of \`quotes\`` + (1 | g/yes); sigma ~ by(yes)", "gaussian"),
    ("yes ~ factor(k) + x", "bernoulli"),
]


@pytest.fixture
def model() -> tm.Model:
    return tm.model("Reaction ~ Days + (1 | Subject)", str(ROOT / "examples/sleepstudy/data/sleepstudy.csv"))


@pytest.fixture
def alone() -> Iterator[None]:
    """No module of a project stays behind."""
    yield
    sys.modules.pop("data", None)


def test_model_py_is_the_graph_over_data_py(
    model: tm.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: None
) -> None:
    folder = tmp_path / "made" / "here"
    assert sorted(path.name for path in model.write_project(folder)) == NAMES
    monkeypatch.syspath_prepend(str(folder))
    same_density(model.pymc(), (folder / "model.py").read_text(encoding="utf-8"), folder)


@pytest.mark.parametrize(("formula", "family"), MODELS)
def test_every_file_is_as_a_linter_leaves_it(formula: str, family: str, tmp_path: Path) -> None:
    tm.model(formula, DATA, family).write_project(tmp_path)
    for command in (["format", "--diff"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--line-length", "88", "."],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout


def test_a_relative_path_is_found_from_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    DATA.to_csv(tmp_path / "kept.csv", index=False)
    monkeypatch.chdir(tmp_path)
    tm.model("k ~ x", "kept.csv").write_project("of/one")
    assert 'pd.read_csv("../../kept.csv")' in Path("of/one/data.py").read_text(encoding="utf-8")
    tm.model("k ~ x", DATA).write_project("of/one", "kept.csv")
    assert 'pd.read_csv("../../kept.csv")' in Path("of/one/data.py").read_text(encoding="utf-8")
    tm.model("k ~ x", DATA).write_project("of/one")
    assert 'pd.read_csv("data.csv")' in Path("of/one/data.py").read_text(encoding="utf-8")
    assert 'frame.to_csv("data.csv", index=False)' in Path("of/one/README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_somebody_changed_is_kept_and_nothing_written(name: str, model: tm.Model, tmp_path: Path) -> None:
    model.write_project(tmp_path)
    model.write_project(tmp_path)
    changed = tmp_path / name
    changed.write_text(changed.read_text(encoding="utf-8").replace("a", "b", 1), encoding="utf-8")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    other = tm.model("k ~ x", DATA)
    with pytest.raises(tm.TildeError, match=f"has its own {name}: name another folder"):
        other.write_project(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_what_is_no_folder_is_told(model: tm.Model, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(tm.TildeError, match="cannot write to"):
        model.write_project(tmp_path / "file")
    with pytest.raises(tm.TildeError, match="`folder` is a path, not 3"):
        model.write_project(3)  # type: ignore[arg-type]
