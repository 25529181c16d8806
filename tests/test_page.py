"""What is shown of a result fits the screen as text, and is safe as HTML."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.page import MOST_ROWS, Page, Section

SCRIPT = "<script>alert(1)</script>"
RNG = np.random.default_rng(1)


def page(rows: int = 2) -> Page:
    section = Section("Effects & more", ("mean", "sd"), [(f"b[{i}]", ["1.0", "0.25"]) for i in range(rows)])
    return Page("y ~ x", ("gaussian; 3 rows",), [section], ("draw more",))


def test_text_has_heading_sections_and_warnings() -> None:
    assert page().text().splitlines() == [
        "y ~ x",
        "  gaussian; 3 rows",
        "",
        "Effects & more",
        "        mean    sd",
        "  b[0]   1.0  0.25",
        "  b[1]   1.0  0.25",
        "",
        "! draw more",
    ]


def test_html_has_the_same() -> None:
    found = page().html()
    assert "<pre>y ~ x</pre><p>gaussian; 3 rows</p>" in found
    assert '<th scope="col">mean</th><th scope="col">sd</th>' in found
    assert '<tr><th scope="row">b[0]</th><td>1.0</td><td>0.25</td></tr>' in found
    assert "Effects &amp; more" in found and "draw more" in found


def test_of_long_tables_it_shows_the_beginning() -> None:
    for text in (page(MOST_ROWS + 7).text(), page(MOST_ROWS + 7).html()):
        assert f"b[{MOST_ROWS - 1}]" in text and f"b[{MOST_ROWS}]" not in text
        assert "and 7 more" in text


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The HTML, as a notebook shows it, of public objects whose columns and levels are markup."""
    n = 40
    data = pd.DataFrame({SCRIPT: RNG.normal(size=n), "y": RNG.normal(size=n), "g": np.resize([SCRIPT, "<b>b", "c"], n)})
    model = tm.model(f"y ~ `{SCRIPT}` + g + (1 | g)", data)
    several = tm.model(f"y ~ `{SCRIPT}` + (1 | g)", data)
    fit = several.fit(draws=20, chains=1, seed=1, progress=False)
    folder: Path = tmp_path_factory.mktemp("batch")
    data.to_csv(folder / "data.csv", index=False)
    (folder / "models.toml").write_text(f"[defaults]\ndata = 'data.csv'\n[models.a]\nformula = 'y ~ `{SCRIPT}x`'\n")
    with ThreadPoolExecutor(1) as executor:
        batch = tm.batch(folder / "models.toml", out=folder / "out", executor=executor)
    objects = {
        "model": model, "fit": fit, "estimate": several.optimize(), "batch": batch, "summary": fit.ranef()["g"],
        "margins": fit.avg_slopes(), "converted": tm.convert(f"y ~ `{SCRIPT}` + (1 | g)", "brms"),
        "answers": fit.stata("margins, dydx(*)"),
    }  # fmt: skip
    return {name: shown._repr_html_() for name, shown in objects.items()}


OBJECTS = ["model", "fit", "estimate", "batch", "summary", "margins", "converted", "answers"]


@pytest.mark.parametrize("what", OBJECTS)
def test_whatever_people_wrote_is_text(shown: dict[str, str], what: str) -> None:
    tags = set(re.findall(r"<\s*/?\s*([a-z]+)", shown[what].lower()))
    assert tags <= {"div", "style", "pre", "p", "table", "thead", "tbody", "tr", "th", "td"}
    assert "&lt;script&gt;" in shown[what]
