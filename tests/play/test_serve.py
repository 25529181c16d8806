"""The command says where the page is, and opens it by a way that tells nobody."""

from __future__ import annotations

import re
import socket
import stat
import sys
from pathlib import Path

import pytest
import uvicorn
from typer.testing import CliRunner

from tildemc.cli import app
from tildemc.play import serve as serving
from tildemc.play.app import app_of


def _played(*options: str) -> str:
    done = CliRunner().invoke(app, ["play", *options])
    return done.output


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, str]]:
    """What would be served, where; nothing is."""
    found: list[tuple[object, str]] = []

    def run(self: uvicorn.Server, sockets: list[socket.socket]) -> None:
        found.append((self.config.app, sockets[0].getsockname()[0]))
        raise KeyboardInterrupt

    monkeypatch.setattr(uvicorn.Server, "run", run)
    return found


def test_the_address_is_this_machines_own_with_a_token(served: list[tuple[object, str]]) -> None:
    printed = _played("--no-browser")
    assert re.search(r"http://127\.0\.0\.1:\d+/[\w-]{32}/\nCtrl-C ends it\.", printed)
    assert [address for _, address in served] == ["127.0.0.1"]


def test_no_two_have_one_token(served: list[tuple[object, str]]) -> None:
    assert len({_played("--no-browser") for _ in range(2)}) == 2


def test_data_are_chosen_at_first(
    served: list[tuple[object, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []
    monkeypatch.setattr(
        "tildemc.play.app.app_of", lambda playground, token: given.append(playground.first) or app_of(playground, token)
    )
    (tmp_path / "school.csv").write_text("y,x\n1,2\n", encoding="utf-8")
    _played("--no-browser", "--data", str(tmp_path / "school.csv"))
    assert given == ["school.csv"]


def test_the_page_is_opened_by_a_file_that_others_cannot_read(
    served: list[tuple[object, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[str, int]] = []

    def look(address: str) -> None:
        page = Path(address.removeprefix("file://"))
        opened.append((page.read_text(encoding="utf-8"), stat.S_IMODE(page.parent.stat().st_mode)))

    monkeypatch.setattr(serving.webbrowser, "open", look)
    printed = _played()
    [(page, mode)] = opened
    assert printed.split()[4] in page
    assert mode == 0o700


WRONG = {
    "no such data": (("--data", "nothing.csv"), "there is no file nothing.csv"),
    "data of no kind": (("--data", "nothing.exe"), "data are read from files that end in"),
}


@pytest.mark.parametrize("options, message", WRONG.values(), ids=WRONG)
def test_what_cannot_be_served_is_told(options: tuple[str, ...], message: str) -> None:
    assert message in _played("--no-browser", *options)


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} cannot be used: " in _played("--no-browser", "--port", str(port))


def test_without_its_libraries_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tildemc.play.app")
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert "the playground needs uvicorn: `pip install 'tildemc[play]'` installs it" in _played("--no-browser")
