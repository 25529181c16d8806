"""What ships works where nothing else is: the wheel, made from the sdist, in an environment of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
import yaml

import tildemc

pytestmark = pytest.mark.slow

FORMULA = "log_radon ~ floor + (1 + floor | county)"


def run(*command: str | Path, cwd: Path) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run([str(c) for c in command], cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, project, cwd=out)
    [path] = out.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of a new environment that holds the wheel; what it depends on is borrowed from this one."""
    home = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", home, cwd=home)
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    run(sys.executable, "-m", "pip", "--python", scripts / "python", "install", "--no-deps", wheel, cwd=home)
    asked = run(scripts / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home)
    borrowed = sysconfig.get_path("purelib")
    Path(asked.strip(), "borrowed.pth").write_text(f"{borrowed}\n", encoding="utf-8")
    return scripts


def test_wheel_holds_the_package_and_nothing_else(wheel: Path, project: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    assert {f"tildemc/grammar/{path.name}" for path in (project / "grammar").glob("*.lark")} <= held
    assert "tildemc/py.typed" in held
    assert {f"tildemc/docs/{path.name}" for path in (project / "docs").glob("*.md")} <= held
    assert {name.split("/")[0] for name in held} == {"tildemc", f"tildemc-{tildemc.__version__}.dist-info"}


def test_wheel_says_what_it_needs(wheel: Path, project: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(f"tildemc-{tildemc.__version__}.dist-info/METADATA").decode()
    metadata = Parser().parsestr(text)
    assert metadata["License-Expression"] == "Apache-2.0"
    stated = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert len([need for need in metadata.get_all("Requires-Dist", []) if "extra" not in need]) == len(stated)


def test_everything_needed_is_pinned(project: Path) -> None:
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = settings["optional-dependencies"]
    stated = [*settings["dependencies"], *(need for group in extras.values() for need in group)]
    names = {need.split("[")[0].split(">")[0] for need in stated} - {"tildemc"}
    pins = (project / "constraints.txt").read_text(encoding="utf-8").lower().splitlines()
    assert names <= {pin.split("==")[0] for pin in pins}
    assert all("==" in pin for pin in pins)


def test_conda_recipe_and_citation_say_what_the_package_says(project: Path) -> None:
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    recipe = yaml.safe_load((project / "packaging" / "conda" / "recipe.yaml").read_text(encoding="utf-8"))
    python, *run = recipe["requirements"]["run"]
    assert python == f"python {settings['requires-python']}"
    assert [need.replace(" ", "") for need in run] == settings["dependencies"]
    [(program, entry)] = settings["scripts"].items()
    assert recipe["build"]["python"]["entry_points"] == [f"{program} = {entry}"]
    citation = yaml.safe_load((project / "CITATION.cff").read_text(encoding="utf-8"))
    assert {recipe["package"]["version"], citation["version"]} == {tildemc.__version__}
    assert {recipe["about"]["license"], citation["license"]} == {settings["license"]}


def test_wheel_works_elsewhere(installed: Path, project: Path, tmp_path: Path) -> None:
    shutil.copy(project / "examples" / "radon" / "data" / "radon.csv", tmp_path)
    found = run(installed / "python", "-c", "import tildemc; print(tildemc.__file__)", cwd=tmp_path)
    assert Path(found.strip()).is_relative_to(installed.parent)
    arguments = [FORMULA, "--data", "radon.csv", "--prior", "sd(county) ~ exponential(1)"]
    source = run(installed / "tildemc", "translate", *arguments, cwd=tmp_path)
    assert "pm.LKJCholeskyCov" in source
    compile(source, "model.py", "exec")
