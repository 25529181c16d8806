"""The server answers its page, and nobody else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from browsing import Reader
from playing import HOST, RADON, TOKEN, playground
from tildemc.cli import app as command_line
from tildemc.play import app as server
from tildemc.play.app import app_of
from tildemc.play.guard import HEADERS
from tildemc.play.panels import PANELS

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(app_of(playground(), TOKEN), base_url=HOST, headers={"Origin": HOST}) as found:
        yield found


@pytest.fixture(scope="module")
def ask(client: TestClient) -> Ask:
    """`ask("look", asked={…}, panel="model")`: what the server answers to the page."""
    return lambda path, **said: dict(client.post(f"/{TOKEN}/{path}", json=said).json())


# Who is answered

STRANGERS = {
    "without the token": ("GET", "/", {}, 403),
    "with another token": ("GET", "/other/", {}, 403),
    "with the token as a query": ("GET", f"/?token={TOKEN}", {}, 403),
    "a static file without the token": ("GET", "/static/play.js", {}, 403),
    "under another host's name": ("GET", f"/{TOKEN}/", {"Host": "example.org"}, 400),
    "a page of another site": ("POST", f"/{TOKEN}/look", {"Origin": "http://example.org"}, 403),
    "a page of another port": ("POST", f"/{TOKEN}/look", {"Origin": "http://127.0.0.1:8001"}, 403),
    "a file of this machine": ("POST", f"/{TOKEN}/files?name=a.csv", {"Origin": "null"}, 403),
    "who cancels from elsewhere": ("DELETE", f"/{TOKEN}/fit", {"Origin": "http://example.org"}, 403),
    "by a way out of the static files": ("GET", f"/{TOKEN}/static/..%2Findex.html", {}, 404),
}


@pytest.mark.parametrize("method, path, headers, status", STRANGERS.values(), ids=STRANGERS)
def test_nobody_else_is_answered(
    method: str, path: str, headers: dict[str, str], status: int, client: TestClient
) -> None:
    assert client.request(method, path, headers=headers).status_code == status


@pytest.mark.parametrize("path", ["/", f"/{TOKEN}/", f"/{TOKEN}/static/play.js", f"/{TOKEN}/nothing"])
def test_browsers_are_told_to_run_nothing_else(path: str, client: TestClient) -> None:
    headers = client.get(path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert "script-src 'self';" in headers["Content-Security-Policy"]


# The page


@pytest.fixture(scope="module")
def page(client: TestClient) -> Reader:
    return Reader(client.get(f"/{TOKEN}/").text)


def test_the_page_fetches_nothing_of_elsewhere_and_has_no_script_or_style_within(page: Reader) -> None:
    for tag, attributes in page.found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
        assert tag != "style"
        source = attributes.get("src") or (attributes.get("href") if tag == "link" else None)
        assert source is None or source.startswith(("static/", "data:,"))
        assert tag != "script" or source


def test_what_a_person_fills_in_has_a_label(page: Reader) -> None:
    labelled = {attributes["for"] for tag, attributes in page.found if tag == "label"}
    fields = {attributes["id"] for tag, attributes in page.found if tag in ("input", "select", "textarea")}
    assert fields == labelled


def test_there_is_a_tab_for_each_panel(page: Reader) -> None:
    tabs = [attributes["data-panel"] for _, attributes in page.found if attributes.get("role") == "tab"]
    assert tabs == [panel.name for panel in PANELS]


# Models


def test_a_panel_is_answered(ask: Ask) -> None:
    found = ask("look", asked=RADON, panel="model")
    assert "Effects by county: 85 levels" in found["html"]
    assert found["models"] == ["model1"]


def test_a_mistake_is_told_as_on_the_command_line(ask: Ask, project: Any) -> None:
    text = "log_radon ~ flor + (1 | county)"
    found = ask("look", asked={**RADON, "text": text}, panel="model")["error"]
    data = project / "examples" / "radon" / "data" / "radon.csv"
    printed = CliRunner().invoke(command_line, ["explain", text, "--data", str(data)]).stderr
    assert printed.strip() == f"error: {found['message']}\n\n{found['caret']}"
    assert found["place"] == [12, 16]


def test_a_place_is_counted_as_browsers_count(ask: Ask) -> None:
    found = ask("look", asked={**RADON, "text": "log_radon ~ `𝛼` + flor"}, panel="model")["error"]
    assert found["place"] == [12, 16]


REQUESTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "of no data": ("look", {"asked": {**RADON, "file": "radn.csv"}, "panel": "model"}, "did you mean `radon.csv`"),
    "of no panel": ("look", {"asked": RADON, "panel": "modell"}, "did you mean `model`"),
    "of no model": ("look", {"panel": "model"}, "the page asks by names and values"),
    "of no engine": ("fit", {"asked": RADON, "settings": {"method": "mcmc"}}, "`method` is one of"),
    "of no draws": ("fit/look", {"panel": "summary"}, "there are no draws yet"),
}


@pytest.mark.parametrize("path, said, message", REQUESTS.values(), ids=REQUESTS)
def test_what_cannot_be_answered_is_told(path: str, said: dict[str, Any], message: str, ask: Ask) -> None:
    assert message in ask(path, **said)["error"]["message"]


def test_what_is_no_json_is_told(client: TestClient) -> None:
    answer = client.post(f"/{TOKEN}/look", content=b"{")
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "the page asks by names and values"


# Files


def test_a_file_that_comes_is_read(client: TestClient, ask: Ask) -> None:
    sent = client.post(f"/{TOKEN}/files?name=my%20data.csv", content=b"y,g\n1,a\n2,b\n3,a\n4,b\n")
    assert sent.json() == {"file": "my_data.csv"}
    asked = {"text": "y ~ 1 + (1 | g)", "file": "my_data.csv"}
    assert "4 rows of 2 columns" in ask("look", asked=asked, panel="data")["html"]
    assert "pd.read_csv(&#34;my_data.csv&#34;)" in ask("look", asked=asked, panel="source")["html"]


@pytest.mark.parametrize("stated", [True, False], ids=["and says so", "and does not say so"])
def test_a_file_that_is_too_large_is_refused(
    stated: bool, client: TestClient, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "LARGEST", 1_000_000)
    content = b"y\n" * 600_000
    sent = client.post(f"/{TOKEN}/files?name=big.csv", content=content if stated else iter([content]))
    assert sent.status_code == 413
    assert "this is larger than 1 MB, the limit of the playground" in sent.json()["error"]["message"]
    assert (
        "there are no data `big.csv`"
        in ask("look", asked={**RADON, "file": "big.csv"}, panel="data")["error"]["message"]
    )


def test_a_file_of_no_known_kind_is_refused(client: TestClient) -> None:
    sent = client.post(f"/{TOKEN}/files?name=a.exe", content=b"")
    assert "data are read from files that end in" in sent.json()["error"]["message"]


# Fits


SHOWS = {
    "summary": (0, "sd_county[Intercept]"),
    "checks": (0, "ESS bulk"),
    # Effects are drawn at once; what is drawn of groups fits other models for it.
    "pictures": (3, 'class="picture" role="img"'),
}


@pytest.fixture(scope="module")
def fitted(client: TestClient) -> dict[str, Any]:
    """How a fit ended; of few draws, whose checks take no time."""
    settings = {"draws": 100, "tune": 100, "seed": 1, "method": "exact"}
    begun = client.post(f"/{TOKEN}/fit", json={"asked": RADON, "settings": settings})
    assert begun.status_code == 202
    while (state := client.get(f"/{TOKEN}/fit").json())["stage"] == "running":
        time.sleep(0.01)
    return dict(state)


def test_a_model_is_fitted(fitted: dict[str, Any]) -> None:
    assert fitted["stage"] == "done"
    assert {name: fitted["asked"][name] for name in RADON} == RADON


def test_each_panel_of_a_fit_is_held_to_something() -> None:
    assert list(SHOWS) == [panel.name for panel in PANELS if panel.of == "fit"]


@pytest.mark.parametrize("panel", SHOWS)
def test_a_panel_of_a_fit_shows_it(panel: str, fitted: dict[str, Any], ask: Ask) -> None:
    choice, shown = SHOWS[panel]
    answer = ask("fit/look", panel=panel, choice=choice)
    assert shown in answer["html"]
    assert bool(answer["choices"]) == (panel == "pictures")


def test_a_model_that_cannot_be_fitted_is_told_with_its_place(client: TestClient) -> None:
    client.post(f"/{TOKEN}/fit", json={"asked": {**RADON, "text": "log_radon ~ flor"}})
    while (state := client.get(f"/{TOKEN}/fit").json())["stage"] == "running":
        time.sleep(0.01)
    assert state["stage"] == "failed"
    assert state["why"].endswith("log_radon ~ flor\n                ^^^^")
