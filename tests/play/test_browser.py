"""The page as a person has it, in Chromium: by keyboard alone, on a screen and on a phone, light and dark."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from browsing import Browser
from playing import TOKEN, Slow, playground
from tildemc.play.app import Playground, Server

RESTS = "document.querySelector('#content pre, #content table') && document.querySelector('#view').ariaBusy === 'false'"


@pytest.fixture(scope="module")
def played() -> Playground:
    return playground()


@pytest.fixture(scope="module")
def address(played: Playground) -> Iterator[str]:
    """Where it is served, while the tests of this file run."""
    server = Server(played, TOKEN)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=server.run, args=([listening],))
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/{TOKEN}/"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    found = Browser(tmp_path_factory.mktemp("chromium"))
    yield found
    found.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Browser]:
    """The page as it is at first; at the end it must have said nothing on the console."""
    browser.problems.clear()
    browser.size(1280, 800)
    browser.open("about:blank")
    browser.open(address)
    browser.until(RESTS)
    yield browser
    assert browser.problems == []


def typed(page: Browser, text: str) -> None:
    page.run("document.querySelector('#text').select()")
    page.write(text)


def of(page: Browser, selector: str, what: str = "textContent") -> object:
    return page.run(f"document.querySelector({selector!r}).{what}")


def test_the_page_begins_with_an_example_and_what_it_means(page: Browser) -> None:
    assert of(page, "#text", "value") == "log_radon ~ floor + (1 + floor | county)"
    assert "Effects by county: 85 levels" in str(of(page, "#content"))


def test_a_mistake_is_told_to_eyes_and_ears_and_its_place_can_be_selected(page: Browser) -> None:
    typed(page, "log_radon ~ flor + (1 | county)")
    page.until("!document.querySelector('#mistake').hidden")
    assert of(page, "#message") == "no column `flor` in the data; did you mean `floor`?"
    assert of(page, "#caret") == "log_radon ~ flor + (1 | county)\n            ^^^^"
    assert of(page, "#problem", "ariaLive") == "polite"
    assert of(page, "#text", "ariaInvalid") == "true"
    assert "before its mistake" in str(of(page, "#stale"))
    page.run("document.querySelector('#go').click()")
    assert page.run("getSelection().toString()") == "flor"
    typed(page, "log_radon ~ floor")
    page.until("document.querySelector('#mistake').hidden")
    assert of(page, "#text", "ariaInvalid") == "false"


def test_a_person_types_fits_and_reads_by_keyboard(page: Browser) -> None:
    page.run("document.querySelector('#text').focus()")
    typed(page, "log_radon ~ floor + (1 | county)")
    page.press("Enter", control=True)
    page.until("document.querySelector('#tab-summary').ariaSelected === 'true'")
    page.until("document.querySelector('#content').textContent.includes('sd_county[Intercept]')")
    assert str(of(page, "#said")).startswith("Fitted in ")
    page.run("document.querySelector('#tab-summary').focus()")
    page.press("Home")
    page.until("document.querySelector('#content').textContent.includes('919 rows of 4 columns')")
    assert page.run("document.activeElement.id") == "tab-data"
    page.press("Tab")
    assert page.run("document.activeElement.id") == "view"


def test_a_fit_is_followed_and_cancelled_without_losing_the_focus(
    page: Browser, played: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(played.fitting, "worker", Slow())
    page.run("document.querySelector('#fit').focus()")
    page.press("Enter")
    page.until("document.querySelector('#told').textContent.startsWith('12 of 6,000 draws, 1 diverged')")
    assert of(page, "#progress", "value") == 12
    assert page.run("document.activeElement.id") == "cancel"
    page.press("Enter")
    page.until("document.querySelector('#said').textContent === 'No fit: cancelled.'")
    assert page.run("document.activeElement.id") == "fit"


def test_a_file_of_the_persons_own_is_read(page: Browser, tmp_path: Path) -> None:
    (tmp_path / "my pupils.csv").write_text("y,school\n1,a\n2,b\n3,a\n4,b\n", encoding="utf-8")
    page.choose("#upload", tmp_path / "my pupils.csv")
    page.until("document.querySelector('#content').textContent.includes('4 rows of 2 columns')")
    assert of(page, "#file", "value") == "my_pupils.csv"
    page.until("!document.querySelector('#mistake').hidden")
    assert of(page, "#message") == "no column `log_radon` in the data"
    typed(page, "y ~ 1 + (1 | school)")
    page.until("document.querySelector('#mistake').hidden")


def test_what_was_typed_is_there_again_when_the_page_is_loaded_again(page: Browser) -> None:
    typed(page, "log_radon ~ floor + log_uranium")
    page.until("location.hash.includes('log_uranium')")
    page.call("Page.reload")
    page.until(f"{RESTS} && document.querySelector('#content').textContent.includes('log_uranium')")
    assert of(page, "#text", "value") == "log_radon ~ floor + log_uranium"


WIDTHS = {"a screen": (1280, 800, True), "a phone": (390, 844, False)}


@pytest.mark.parametrize("width, height, beside", WIDTHS.values(), ids=WIDTHS)
def test_the_page_is_as_wide_as_the_screen(width: int, height: int, beside: bool, page: Browser) -> None:
    page.size(width, height)
    assert page.run("document.documentElement.scrollWidth") == width
    places = page.run("['#model', '#shown'].map((one) => document.querySelector(one).getBoundingClientRect().top)")
    assert (places[0] == places[1]) == beside


FAINT = """(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255) + 0.05;
  const behind = (one) => {
    const colour = rgb(getComputedStyle(one).backgroundColor);
    return colour[3] === 0 ? behind(one.parentElement) : colour;
  };
  const contrast = (one) => {
    const both = [light(rgb(getComputedStyle(one).color)), light(behind(one))];
    return Math.max(...both) / Math.min(...both);
  };
  const all = document.querySelectorAll("h1, p, label, span, button, td, th, summary, select, textarea, pre");
  return [...all].filter((one) => one.checkVisibility() && contrast(one) < 4.5).map((one) => one.outerHTML);
})()"""
"""The elements whose letters are too like what is behind them: WCAG 2.2, contrast at AA."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_stand_out(scheme: str, page: Browser) -> None:
    page.colours(scheme)
    typed(page, "log_radon ~ flor")
    page.until("!document.querySelector('#mistake').hidden")
    assert page.run(FAINT) == []
