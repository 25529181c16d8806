"""The page: everything of everyone is in it, nothing of anyone is code in it, and it works in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest

from batch_fakes import fake_fit
from browsing import Reader, dom
from tildemc.batches import worker
from tildemc.batches.outcome import Outcome
from tildemc.batches.results import Batch
from tildemc.errors import FitError

Run = Callable[..., Batch]
PRIORS = ("sigma ~ of my own", "b ~ flat")
NASTY = '</pre><script>alert(1)</script>" onload="alert(2)'


@pytest.fixture
def page(fake: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page with a failed job and a comparison that could not be made."""

    def fit(task: worker.Task, _table: object = None) -> tuple[Outcome, bytes]:
        if task.job.name == "partial":
            raise FitError(f"no {NASTY}")
        outcome, draws = fake_fit(task)
        tiny = {"mean": [1.25e-9], "sd": [3.5e-10], "lower": [5e-10], "upper": [2e-9], "ess_tail": [None]}
        return replace(
            outcome, notes=(f"a note of {NASTY}",), priors=PRIORS, summary={**outcome.summary, **tiny}
        ), draws

    monkeypatch.setattr(worker, "_fit", fit)
    path = folder / "models.toml"
    path.write_text(path.read_text(encoding="utf-8") + '[compare]\nboth = ["pooled", "partial"]\n', encoding="utf-8")
    fake()
    return folder / "out" / "index.html"


def test_the_page_is_whole(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    found = Reader(text).found
    assert sum(tag == "script" for tag, _ in found) == 1
    assert not [name for _, attributes in found for name in attributes if name.startswith("on")]
    assert not [a for _, a in found if re.match(r"https?:|//", a.get("href") or a.get("src") or "")]
    assert NASTY in unescape(text) and NASTY not in text


def test_failed_jobs_come_first_and_links_lead_somewhere(page: Path) -> None:
    found = Reader(page.read_text(encoding="utf-8")).found
    rows = [attributes["data-status"] for tag, attributes in found if tag == "tr" and "data-status" in attributes]
    assert rows == ["failed", "done", "done", "done", "done"]
    anchors = {attributes["id"] for _, attributes in found if "id" in attributes}
    for tag, attributes in found:
        target = attributes.get("href")
        if tag == "a" and target:
            assert target[1:] in anchors if target.startswith("#") else (page.parent / unquote(target)).is_file(), (
                target
            )


def test_numbers_have_their_digits_and_notes_their_place(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    shown = ("1.250e-9", "3.50e-10", "5.00e-10", "2.000e-9", "1", "", "1.000")
    assert "".join(f"<td>{cell}</td>" for cell in shown) in text
    assert f"Note: a note of {NASTY}" in unescape(text)


def test_forest_plots(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.count('<details class="forest"') == 1
    assert text.count('<svg role="img"') == len(("IA", "MN", "WI"))
    assert all(f"<th>state={state}</th>" in text for state in ("IA", "MN", "WI"))


def test_what_was_fitted_to_what_and_when(page: Path) -> None:
    text = unescape(page.read_text(encoding="utf-8"))
    assert "; data: data.csv</p>" in text
    assert text.count("<p>Data: data.csv") == len(("pooled", "partial", "IA", "MN", "WI"))
    assert len(re.findall(r"<p>Fitted \d{4}-\d\d-\d\d \d\d:\d\d", text)) == len(("pooled", "IA", "MN", "WI"))
    assert "<pre>sigma ~ of my own\nb ~ flat</pre>" in text


@pytest.mark.slow
def test_in_a_browser(page: Path) -> None:
    """Sorting, filtering, and links into the page; what is clicked is told in a `pre` of its own."""
    clicks = """
    <script>{
      const rows = () => [...document.querySelectorAll("#jobs tbody tr")].filter(row => !row.hidden);
      const told = [], tell = () => told.push(rows().map(row => row.cells[0].textContent).join(" "));
      const button = document.querySelector("#jobs th button");
      const give = (id, value, kind) => {
        const element = document.getElementById(id);
        element.value = value;
        element.dispatchEvent(new Event(kind));
      };
      tell();
      button.click(); tell();
      button.click(); tell();
      give("filter", "each WI", "input"); tell();
      give("filter", "", "input"); give("status", "failed", "change"); tell();
      const pre = document.createElement("pre");
      pre.id = "told";
      pre.textContent = told.join("|");
      document.body.append(pre);
    }</script>"""
    text = page.read_text(encoding="utf-8").replace("</body>", f"{clicks}</body>")
    page.with_name("test.html").write_text(text, encoding="utf-8")
    told = re.search(r'<pre id="told">([^<]*)</pre>', done := dom(f"{page.with_name('test.html').as_uri()}#fit-pooled"))
    assert told is not None
    each = ["each.state=IA", "each.state=MN", "each.state=WI"]
    assert [t.split() for t in told[1].split("|")] == [
        ["partial", "pooled", *each], [*each, "partial", "pooled"], ["pooled", "partial", *each[::-1]],
        ["each.state=WI"], ["partial"],
    ]  # fmt: skip
    assert re.search(r'<details id="fit-pooled" open', done)
