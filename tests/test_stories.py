"""The stories in examples/ run, and their pages show what they print, draw what they show, and say no other number."""

from __future__ import annotations

import contextlib
import io
import re
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import matplotlib
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

EXAMPLES = Path(__file__).parents[1] / "examples"
STORIES = sorted(script.parent.name for script in EXAMPLES.glob("*/run.py"))

CELL = re.compile(r"^# %% (?P<title>[^\n]+)\n(?P<code>.*?)(?=^# %% |\Z)", re.MULTILINE | re.DOTALL)
"""Of a script, as editors and notebooks know them."""
BLOCK = re.compile(
    r"^```python\n# (?P<title>[^\n]+)\n(?P<code>.*?)^```\n(?:```text\n(?P<printed>.*?)^```\n)?",
    re.MULTILINE | re.DOTALL,
)
"""Of a page: a cell, and what it prints."""
SECONDS = re.compile(r"; \d+(\.\d+)? s$", re.MULTILINE)
APART = re.compile(r"^```.*?^```$|^    [^\n]*$|`[^`\n]*`|\]\([^)]*\)|\b(?:19|20)\d\d\b", re.MULTILINE | re.DOTALL)
"""What of a page is no sentence about the results: code, addresses, years."""
NUMBER = re.compile(r"(?<![\w.,])[-−]?\d[\d,]*(?:\.\d+)?")
SOURCE = "## Where the data are from\n"
"""What the page says of where its data come from, with years and pages, is not reckoned."""


def few_people(folder: Path) -> None:
    answers = pd.read_parquet(folder / "data/VerbAgg.parquet")
    answers[answers["id"] <= 8].to_parquet(_instead(folder / "data/VerbAgg.parquet"), index=False)


def few_departments(folder: Path) -> None:
    ratings = pd.read_parquet(folder / "../batch/InstEval.parquet")
    some = ratings[ratings["dept"].isin(["5", "15"]) & (ratings["d"].astype(int) % 8 == 0)]
    some.to_parquet(_instead(folder / "../batch/InstEval.parquet"), index=False)


def few_draws(folder: Path) -> None:
    few_departments(folder)
    models = (folder / "models.toml").read_text(encoding="utf-8")
    _instead(folder / "models.toml").write_text(
        models.replace("draws = 1000", "draws = 20\ntune = 20"), encoding="utf-8"
    )


LONG: dict[str, Callable[[Path], None]] = {"batch": few_draws, "insteval": few_departments, "ordinal": few_people}
"""Stories of many CPU seconds: with `--stories` or `--accept` they are run as they are, else on less of their data."""


def _instead(path: Path) -> Path:
    """A path whose link to the original is gone."""
    path.unlink()
    return path


def beside_its_data(story: str, folder: Path) -> Path:
    """A folder like that of the story, in one like examples/, with links to all but pictures and results."""
    for path in EXAMPLES.glob("*/**/*"):
        if path.is_file() and not {path.suffix, *path.relative_to(EXAMPLES).parts} & {".png", "results", "big"}:
            link = folder / path.relative_to(EXAMPLES)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
    return folder / story


def run(folder: Path) -> dict[str, tuple[str, str]]:
    """Run a story's script in its folder: the code of each of its cells, and what that prints."""
    script = folder / "run.py"
    text = script.read_text(encoding="utf-8")
    names: dict[str, object] = {"__name__": "__main__", "__file__": str(script)}
    cells: dict[str, tuple[str, str]] = {}
    with contextlib.chdir(folder), warnings.catch_warnings():
        warnings.simplefilter("error")
        for cell in CELL.finditer(text):
            printed = io.StringIO()
            # A line of the cell is that line of the script, where something fails.
            code = "\n" * text.count("\n", 0, cell.start("code")) + cell["code"]
            with contextlib.redirect_stdout(printed):
                exec(compile(code, str(script), "exec"), names)
            lines = SECONDS.sub("", printed.getvalue()).strip("\n").splitlines()
            assert cell["title"] not in cells, "two cells of one title"
            cells[cell["title"]] = cell["code"].strip() + "\n", "".join(f"{line.rstrip()}\n" for line in lines)
    return cells


@pytest.mark.parametrize("story", STORIES)
def test_a_story_shows_what_its_script_prints_and_draws(
    story: str, tmp_path: Path, accept: bool, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = story not in LONG or accept or bool(request.config.getoption("--stories"))
    folder = beside_its_data(story, tmp_path)
    if not whole:
        LONG[story](folder)
    drawn: set[str] = set()
    matplotlib.use("Agg")
    monkeypatch.setattr(Figure, "savefig", lambda figure, path, **_: drawn.add(str(path)))
    monkeypatch.setattr(sys, "argv", ["run.py"])
    cells = run(folder)
    pyplot.close("all")
    page = EXAMPLES / story / "README.md"
    text = page.read_text(encoding="utf-8")

    def renewed(block: re.Match[str]) -> str:
        code, printed = cells[block["title"]]
        printed = printed if whole else block["printed"] or ""
        return f"```python\n# {block['title']}\n{code}```\n" + (f"```text\n{printed}```\n" if printed else "")

    again = BLOCK.sub(renewed, text)
    if accept:
        page.write_text(again, encoding="utf-8")
    else:
        assert again == text
    shown = {link for link in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text) if "/" not in link}
    assert shown == drawn == {picture.name for picture in page.parent.glob("*.png")}


@pytest.mark.parametrize("story", STORIES)
def test_a_story_says_no_number_that_it_does_not_show(story: str) -> None:
    text = (EXAMPLES / story / "README.md").read_text(encoding="utf-8")
    told = [number for block in BLOCK.finditer(text) for number in NUMBER.findall(block[0])]
    known = [float(number.replace(",", "").replace("−", "-")) for number in told]
    prose = APART.sub(" ", text.partition(SOURCE)[0])
    assert [number for number in NUMBER.findall(prose) if not _shown(number, known)] == []


def _shown(number: str, known: list[float]) -> bool:
    """Whether a number is one of these, or a per cent of one, to its digits; a sign may be said in words."""
    plain = number.replace(",", "").lstrip("-−")
    places = len(plain.partition(".")[2])
    half = 0.5 * 10.0**-places * (1 + 1e-9)
    return any(abs(abs(one) * scale - float(plain)) <= half for one in known for scale in (1, 100))


def test_each_story_says_how_it_is_run_and_where_its_data_are_from() -> None:
    assert len(STORIES) >= 11
    for story in STORIES:
        text = (EXAMPLES / story / "README.md").read_text(encoding="utf-8")
        assert f"cd examples/{story}" in text and "python run.py" in text, story
        assert SOURCE in text, story


def test_the_stories_are_two_clicks_from_the_start(project: Path) -> None:
    listed = (project / "docs/stories.md").read_text(encoding="utf-8")
    nav = (project / "mkdocs.yml").read_text(encoding="utf-8")
    assert "(stories.md)" in (project / "docs/index.md").read_text(encoding="utf-8")
    for story in STORIES:
        assert f"(../examples/{story}/README.md)" in listed, story
        assert f"examples/{story}/README.md" in nav, story
