"""The commands and the Python that the pages in docs/ show print what the pages say."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import runpy
import shlex
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import tildemc as tm
from tildemc.batches.formula_file import MODEL, SETTINGS
from tildemc.cli import app
from tildemc.engines.settings import METHODS
from tildemc.resolve.categorical import CATEGORICAL
from tildemc.resolve.choices import CHOICES
from tildemc.resolve.conventions import MARKS
from tildemc.resolve.crossed import CROSSED
from tildemc.resolve.groupwise import GROUPWISE
from tildemc.resolve.numeric import NUMERIC
from tildemc.resolve.recoded import RECODED
from tildemc.resolve.regression_splines import REGRESSION_SPLINES
from tildemc.resolve.statistics import STATISTICS
from tildemc.resolve.texts import TEXTS
from tildemc.resolve.transforms import TRANSFORMS
from tildemc.results.plots import PICTURES
from tildemc.spec.covariance import COVARIANCES
from tildemc.spec.densities import DISTRIBUTIONS, SPELLINGS, Distribution
from tildemc.spec.families import FAMILIES
from tildemc.syntax.command import read
from tildemc.syntax.unparse.text import formula_text

DOCS = Path(__file__).parents[1] / "docs"
BLOCK = re.compile(
    r"```console\n\$ tildemc (?P<command>[^\n]*)\n(?P<printed>.*?)```|```python\n(?P<session>>>> .*?)```", re.DOTALL
)
PAGES = [page for page in sorted(DOCS.glob("*.md")) if BLOCK.search(page.read_text(encoding="utf-8"))]
WRITERS = [script for script in sorted(DOCS.glob("*.py")) if "\nPAGE = " in script.read_text(encoding="utf-8")]
"""Scripts that write a page; the others draw pictures."""
DAYS = ("day-pymc", "day-r", "day-stata")
SECONDS = re.compile(r"; \d+(\.\d+)? s$", re.MULTILINE)
"""What a fit took: the one thing that a page prints which is not the same tomorrow."""


def test_the_days_are_among_the_pages() -> None:
    assert {*DAYS} <= {page.stem for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_what_its_commands_and_its_python_print(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accept: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    # A report's pictures take seconds; tests/results/report has them.
    monkeypatch.setattr("tildemc.results.report.write.has_library", lambda: False)
    for folder in ("examples", "tests"):
        (tmp_path / folder).symlink_to(DOCS.parent / folder)
    names: dict[str, object] = {}

    def run(block: re.Match[str]) -> str:
        if block["session"] is None:
            printed = CliRunner().invoke(app, shlex.split(block["command"])).output
            return f"```console\n$ tildemc {block['command']}\n{SECONDS.sub('', printed)}```"
        return "```python\n" + "".join(f"{line}\n" for line in _lines(block["session"], page.name, names)) + "```"

    text = page.read_text(encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        renewed = BLOCK.sub(run, text)
    if accept:
        page.write_text(renewed, encoding="utf-8")
    else:
        assert renewed == text


def _lines(session: str, name: str, names: dict[str, object]) -> Iterator[str]:
    """What somebody types and what is printed, line by line."""
    for example in doctest.DocTestParser().get_examples(session):
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(example.source, name, "single"), names)
        lines = example.source.rstrip().splitlines()
        yield from (f"{'>>>' if k == 0 else '...'} {line}" for k, line in enumerate(lines))
        yield from (line.rstrip() for line in SECONDS.sub("", output.getvalue()).splitlines())


CELLS = r"(?<!\\)\|"


def _table(page: str, top: str) -> list[str]:
    """The rows of the page's table that begins so."""
    lines = (DOCS / f"{page}.md").read_text(encoding="utf-8").partition(f"\n{top}")[2].split("\n\n")[0].splitlines()
    return lines[2:]


def _cells(row: str) -> list[str]:
    """What stands in a row's cells as code."""
    return [_code(cell) for cell in re.split(CELLS, row)[1:-1]]


TABLE = re.compile(r"(?<=\| density \| PyMC \|\n\|---\|---\|\n)(?:\|.*\n)*")


def _density_row(record: Distribution) -> str:
    """What the page says of a density: every name that it goes by."""
    spellings = {name: known for name, known in SPELLINGS.items() if known.distribution == record.name}

    def signature(name: str, arguments: tuple[str, ...]) -> str:
        return f"`{name}({', '.join(arguments)})`"

    ours = ", ".join(signature(name, record.arguments) for name in (record.name, *record.aliases))
    ours += ", of correlations" if record.support.matrix else ", of a mixture's shares" if record.support.shares else ""
    theirs = [signature(name, known.arguments) for name, known in spellings.items() if name not in record.aliases]
    return f"| {ours} | {', '.join(theirs)} |\n"


def test_the_table_of_densities_is_that_of_their_records(accept: bool) -> None:
    page = DOCS / "priors.md"
    text = page.read_text(encoding="utf-8")
    renewed = TABLE.sub(lambda _: "".join(map(_density_row, DISTRIBUTIONS.values())), text, count=1)
    if accept:
        page.write_text(renewed, encoding="utf-8")
    else:
        assert renewed == text


def test_the_gallery_shows_every_kind_of_picture() -> None:
    page = (DOCS / "gallery.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\w+)", page, re.MULTILINE) == [*PICTURES]
    for name in re.findall(r"\((gallery/[^)]+)\)", page):
        assert (DOCS / name).stat().st_size < 100_000, name


@pytest.mark.parametrize("script", WRITERS, ids=lambda script: script.stem)
def test_a_page_that_a_script_writes_is_what_it_writes(script: Path, accept: bool) -> None:
    """`python docs/families.py` writes families.md, of the records of families; `--accept` does too."""
    written = runpy.run_path(str(script))
    if accept:
        written["PAGE"].write_text(written["page"](), encoding="utf-8")
    assert written["PAGE"].read_text(encoding="utf-8") == written["page"]()


def test_every_family_says_what_it_is_for() -> None:
    assert all(family.use for family in FAMILIES.values())


@pytest.mark.parametrize("page", ["from-r", "from-stata"])
def test_the_table_of_families_says_what_each_text_is(page: str) -> None:
    table = (DOCS / f"{page}.md").read_text(encoding="utf-8").partition("## Families and responses\n")[2]
    lines = [line for line in table.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    assert len(lines) > 15
    for line in lines:
        text, formula, family = [_code(cell) for cell in re.split(r" \| ", line.strip("| "))]
        statement = read(text)
        assert formula_text(statement.formula) == formula
        assert statement.family == family


@pytest.mark.parametrize("page", ["from-other"])
def test_tables_of_two_columns_say_what_each_text_is(page: str) -> None:
    lines = [line for line in (DOCS / f"{page}.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert len(lines) > 30
    for line in lines:
        text, formula = [_code(cell) for cell in re.split(r" \| ", line.strip("| "))]
        assert read(text).formula.text == formula


@pytest.fixture(scope="module")
def six_rows() -> pd.DataFrame:
    """The data of the page of formulas, as they stand there."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in _table("formulas", "| y | x | f")]
    return pd.DataFrame(rows, columns=[*"yxfgh"]).astype({"y": float, "x": float})


@pytest.mark.parametrize("row", _table("formulas", "| formula"))
def test_a_formula_has_the_columns_that_its_page_says(row: str, six_rows: pd.DataFrame) -> None:
    formula, columns, stata = _cells(row)
    design = tm.model(formula, six_rows).design_matrix()
    assert ", ".join(design.columns) == columns
    theirs = tm.model(stata, six_rows).design_matrix()
    assert sorted(map(tuple, theirs.to_numpy().T)) == sorted(map(tuple, design.to_numpy().T))


@pytest.mark.parametrize("row", _table("formulas", "| term | effects"))
def test_a_group_term_has_the_effects_that_its_page_says(row: str, six_rows: pd.DataFrame) -> None:
    def effects(text: str) -> str:
        terms = tm.model(text, six_rows).group_terms()
        return "; ".join(
            f"`{', '.join(term.columns)}` of `{term.group}`{', correlated' * term.correlated}" for term in terms
        )

    term, stata = _cells(row)[::2]
    assert effects(f"y ~ x + {term}") == re.split(CELLS, row)[2].strip()
    if stata:
        assert effects(f"mixed y x {stata}") == effects(f"y ~ x + {term}")


FUNCTIONS = {
    "of numbers": NUMERIC,
    "of the whole column": STATISTICS,
    "of a group's rows, or by rank": GROUPWISE,
    "splines": REGRESSION_SPLINES,
    "factors": CATEGORICAL,
    "factors with other levels": RECODED,
    "text": TEXTS,
    "several columns as one factor": CROSSED,
    "choices": CHOICES,
}


def test_the_page_of_formulas_names_all_functions(accept: bool) -> None:
    assert {name for names in FUNCTIONS.values() for name in names} == {*TRANSFORMS}
    page = DOCS / "formulas.md"
    text = page.read_text(encoding="utf-8")
    rows = (f"| {what} | {' '.join(f'`{name}`' for name in names)} |\n" for what, names in FUNCTIONS.items())
    top = "| what | functions |\n|---|---|\n"
    before, _, after = text.partition(top)
    renewed = before + top + "".join(rows) + "\n" + after.partition("\n\n")[2]
    if accept:
        page.write_text(renewed, encoding="utf-8")
    else:
        assert renewed == text


def test_the_page_of_formulas_names_all_covariances() -> None:
    code = "\n".join(re.findall(r"`([^`]+)`", (DOCS / "formulas.md").read_text(encoding="utf-8")))
    assert {*COVARIANCES} <= {*re.findall(r"\w+", code)}


def _code(cell: str) -> str:
    """What stands in a cell between backquotes, one or two."""
    inner = cell.strip()
    return (inner[3:-3] if inner.startswith("``") else inner[1:-1]).replace(r"\|", "|")


def test_the_page_of_batches_has_every_key_of_a_formula_file() -> None:
    keys = {_cells(row)[0]: row for row in _table("batch", "| key of a model")}
    assert set(keys) == set(MODEL)
    assert all(f"`{name}`" in keys["fit"] for name in SETTINGS)
    assert all(f"`{method}`" in keys["engine"] for method in METHODS)
    assert all(f"`{mark}`" in keys["csv"] for mark in MARKS)


VERB = re.compile(r"(?:m|fit1?|est1?|tm)\.")
SECONDS_EACH = ("plot(", "pymc(", "…", ".save(", ".kfold(")
"""What the page of verbs need not show to work: pictures, graphs and files have tests of their own."""


def _verbs() -> list[str]:
    rows = re.findall(r"^\| (.+) \|$", (DOCS / "verbs.md").read_text(encoding="utf-8"), re.MULTILINE)
    here = [_code.replace("\\|", "|") for row in rows for _code in re.findall("`([^`]+)`", re.split(CELLS, row)[1])]
    return [code for code in here if VERB.match(code) and not any(part in code for part in SECONDS_EACH)]


def test_what_takes_the_place_of_other_packages_verbs_works() -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame({name: rng.normal(size=60) for name in "yxz"})
    data = data.assign(f=np.resize(list("abc"), 60), g=np.resize(list("pqrstu"), 60))
    model = tm.model("y ~ x + z + f + (1 + x | g)", data)
    fit, other = (model.fit(draws=50, chains=2, seed=seed, progress=False) for seed in (1, 2))
    names = {"tm": tm, "m": model, "fit": fit, "fit1": fit, "fit2": other, "other": other, "est": model.optimize()}
    given = {"text": "y ~ x", "data": data, "d": data, "newdata": data.head(), "family": None, "priors": []}
    with warnings.catch_warnings():
        # Fifty draws are too few to compare models by.
        warnings.simplefilter("ignore")
        for code in _verbs():
            assert eval(code, {**names, **given}) is not None, code
