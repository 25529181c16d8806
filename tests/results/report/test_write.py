"""A report has all of a fit, as text that is text, in a file that needs nothing but itself; and a browser shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from browsing import Reader, dom, printed
from tildemc.errors import TildeError
from tildemc.results.fit import Fit
from tildemc.results.plots import PICTURES
from tildemc.results.report import pictures, write

NASTY = "<script>alert(1)</script>"
LEVELS = (NASTY, '</svg><img src=x onerror="alert(2)">', "-->c&d", "größe")
RNG = np.random.default_rng(1)


@pytest.fixture(scope="module")
def fit() -> Fit:
    """Of columns and levels that are markup; one row has no value."""
    n = 40
    data = pd.DataFrame({NASTY: RNG.normal(size=n), "y": RNG.normal(size=n), "g": np.resize(LEVELS, n)})
    data.loc[3, NASTY] = None
    return tm.model(f"y ~ `{NASTY}` + (1 | g)", data).fit(draws=100, chains=2, seed=7, progress=False)


@pytest.fixture(scope="module")
def page(fit: Fit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit.report(tmp_path_factory.mktemp("report") / "folder" / "page.html")


@pytest.fixture(scope="module")
def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


PARTS = {
    "formula": "<h1>y ~ `&lt;script&gt;alert(1)&lt;/script&gt;` + (1 | g)</h1>",
    "equations": 'aria-label="\\sim \\mathrm{N}(',
    "LaTeX": "\\begin{aligned}",
    "rows": "Rows: 39 of 40",
    "columns": '<th scope="row">g</th><td>labels</td><td>text</td><td>0</td>',
    "missing values": "<td>numbers</td><td>float64</td><td>1</td>",
    "groups": '<th scope="row">g</th><td>4</td><td>9</td><td>10</td><td>10</td>',
    "priors": '<th scope="row">sigma</th><td>half_student_t(3, 0,',
    "prior predictive": '<th scope="row">under the priors</th>',
    "estimates": '<p class="title">Population effects</p>',
    "diagnostics": '<th scope="row">R-hat</th><td>',
    "source": "with pm.Model(coords=coords) as model:",
    "seed": '<th scope="row">Seed</th><td>7</td>',
    "data": '<th scope="row">Data</th><td>a data frame</td>',
    "version": '<th scope="row">tildemc</th><td>',
}


@pytest.mark.parametrize("part", PARTS)
def test_a_report_has_the(part: str, text: str) -> None:
    assert PARTS[part] in text


def test_every_picture_of_a_report_is_there_and_drawn(text: str) -> None:
    found = Reader(text).found
    wanted = [picture.told for picture in PICTURES.values() if picture.place]
    titles = {attributes.get("aria-label") or attributes.get("alt") for _, attributes in found}
    assert {told[0].upper() + told[1:] for told in wanted} <= titles
    assert "Not drawn" not in text and "Left out" not in text


def test_whatever_people_wrote_is_text_and_nothing_is_loaded(text: str) -> None:
    found = Reader(text).found
    assert sum(tag == "script" for tag, _ in found) == 1
    assert not [name for _, attributes in found for name in attributes if name.startswith("on")]
    links = [a.get("href") or a.get("xlink:href") or a.get("src") or "" for _, a in found]
    assert not [link for link in links if link and not link.startswith(("#", "data:image/png;base64,"))]
    assert "<!--" not in text and "http://" not in re.sub(r' xmlns(:\w+)?="[^"]*"', "", text)
    assert NASTY in unescape(text) and NASTY not in text


def test_no_two_elements_have_one_name_and_references_are_met(text: str) -> None:
    names = [attributes["id"] for _, attributes in Reader(text).found if "id" in attributes]
    assert len(names) == len(set(names))
    assert set(re.findall(r'(?:href="|url\()#([^")]+)', text)) <= set(names)


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (
            lambda data: tm.model("y ~ x", data, priors=["b ~ flat"]),
            "the prior of x is flat(), from which",
        ),
        (lambda data: tm.model("k ~ x + (1 | g)", data, "poisson"), "under the priors"),
        (lambda data: tm.model("y ~ x + (1 | g/h)", data), "Each group&#39;s effects with intervals: g:h"),
    ],
    ids=["flat prior", "counts", "several factors"],
)
def test_a_report_of_another_kind_of_model(
    model: Callable[[pd.DataFrame], tm.Model], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "PICTURES", {"ranef": PICTURES["ranef"]})
    data = pd.DataFrame({"x": RNG.normal(size=40), "y": RNG.normal(size=40), "k": RNG.poisson(2, 40)})
    data["g"], data["h"] = np.resize(list("abcd"), 40), np.resize(list("uvw"), 40)
    fit = model(data).fit(draws=50, tune=100, chains=1, seed=1, progress=False)
    assert told in fit.report(tmp_path / "page.html").read_text(encoding="utf-8")


def test_of_a_fit_that_was_saved_it_is_the_same(fit: Fit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "has_library", lambda: False)
    fit.save(tmp_path / "fit.nc")
    texts = [each.report(tmp_path / "page.html").read_text("utf-8") for each in (fit, tm.load(tmp_path / "fit.nc"))]
    assert len({re.sub(r"Written [^<]*", "", text) for text in texts}) == 1


def test_without_what_draws_it_says_so_and_has_the_rest(
    fit: Fit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "has_library", lambda: False)
    text = unescape(fit.report(tmp_path / "page.html").read_text(encoding="utf-8"))
    assert text.count(pictures.MISSING) == 1
    assert "<svg" not in text and "\\begin{aligned}" in text and 'href="#pictures"' not in text
    assert '<th scope="col">R-hat</th>' in text


def test_a_picture_that_would_take_long_is_named_instead(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "LONGEST", -1.0)
    monkeypatch.setattr(pictures, "PICTURES", {"shrinkage": PICTURES["shrinkage"]})
    [found] = pictures.pictures(fit)["groups"]
    assert not found.picture and '`fit.plot("shrinkage")` draws it' in found.instead


@pytest.mark.parametrize("path", ["", ".", None])
def test_a_path_that_is_none_is_told(fit: Fit, path: str) -> None:
    with pytest.raises(TildeError):
        fit.report(path)


@pytest.mark.slow
def test_in_a_browser_it_is_no_wider_than_a_phone_and_its_program_is_copied(page: Path, text: str) -> None:
    content = json.dumps(text).replace("</", "<\\/")
    outer = page.with_name("outer.html")
    outer.write_text(
        f"""<!doctype html><meta charset="utf-8"><iframe style="width:390px;height:800px;border:0"></iframe><script>
        const frame = document.querySelector("iframe");
        frame.onload = async () => {{
          const inside = frame.contentDocument, root = inside.documentElement;
          const button = inside.querySelector("#source ~ .copied button");
          const shown = !button.hidden;
          button.click();
          await new Promise(done => setTimeout(done, 500));
          const pre = document.createElement("pre");
          pre.id = "told";
          pre.textContent = [root.clientWidth, root.scrollWidth, shown, button.textContent].join(" ");
          document.body.append(pre);
        }};
        frame.srcdoc = {content};
        </script>""",
        encoding="utf-8",
    )
    found = re.search(r'<pre id="told">([^<]*)</pre>', dom(outer.as_uri()))
    assert found is not None
    width, needed, shown, told = found[1].split(" ", 3)
    assert int(needed) <= int(width) <= 390
    assert (shown, told) == ("true", "Copied")


@pytest.mark.slow
def test_it_prints(page: Path, tmp_path: Path) -> None:
    content = printed(page, tmp_path / "page.pdf")
    assert content.startswith(b"%PDF") and 2 <= len(re.findall(rb"/Type\s*/Page\b", content)) <= 15
