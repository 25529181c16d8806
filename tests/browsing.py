"""Pages as a browser has them: their elements, and what Chromium makes of them, where there is one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from base64 import b64decode
from fcntl import F_DUPFD, fcntl
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest


class Reader(HTMLParser):
    """The elements of a page, each with its attributes; fails where they are not nested."""

    VOID = ("meta", "input", "img", "link")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert not self.stack

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag


def dom(address: str) -> str:
    """The page after its scripts have run."""
    return _run("--dump-dom", address)


def printed(page: Path, target: Path) -> bytes:
    """The page as PDF."""
    _run(f"--print-to-pdf={target}", page.as_uri())
    return target.read_bytes()


_HEADLESS = ("--headless", "--no-sandbox", "--disable-gpu")


def _chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome", "headless_shell")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip("there is no Chromium here")
    return found


def _run(*options: str) -> str:
    command = [_chromium(), *_HEADLESS, "--virtual-time-budget=5000", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


class Browser:
    """One page of a Chromium that is steered by its DevTools protocol, over a pipe.

    Parameters
    ----------
    folder : Path
        For what it keeps while it runs.
    """

    def __init__(self, folder: Path) -> None:
        options = ("--remote-debugging-pipe", f"--user-data-dir={folder}", "--force-color-profile=srgb", *_HEADLESS)
        commands, ours = os.pipe()
        theirs, answers = os.pipe()
        self._to, self._from, self._number = os.fdopen(ours, "wb"), os.fdopen(theirs, "rb"), 0
        # It reads from its descriptor 3 and writes to 4; what is put there must stand above both.
        above = [fcntl(one, F_DUPFD, 10) for one in (commands, answers)]
        moved = [(os.POSIX_SPAWN_DUP2, one, place) for one, place in zip(above, (3, 4), strict=True)]
        silent = [(os.POSIX_SPAWN_OPEN, place, os.devnull, os.O_WRONLY, 0) for place in (1, 2)]
        program = _chromium()
        self._process = os.posix_spawn(program, [program, *options], os.environ, file_actions=[*silent, *moved])
        for one in (commands, answers, *above):
            os.close(one)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.problems: list[str] = []
        for domain in ("Page", "Log", "Runtime"):
            self.call(f"{domain}.enable")

    _session: str | None = None

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Have a command done."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        self._to.write(json.dumps(message).encode() + b"\0")
        self._to.flush()
        while True:
            answer = self._answer()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                return dict(answer["result"])
            self._note(answer)

    def _answer(self) -> dict[str, Any]:
        text = bytearray()
        while (one := self._from.read(1)) != b"\0":
            assert one, "the browser has ended"
            text += one
        return dict(json.loads(text))

    def _note(self, event: dict[str, Any]) -> None:
        """Keep what a person would see in the console as an error."""
        told = event.get("params", {})
        if event.get("method") == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.problems.append(told["entry"]["text"])
        if event.get("method") == "Runtime.exceptionThrown":
            self.problems.append(json.dumps(told["exceptionDetails"]))

    def open(self, address: str) -> None:
        """Go to a page."""
        self.call("Page.navigate", url=address)

    def size(self, width: int, height: int) -> None:
        """Have a screen of that size."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )

    def colours(self, scheme: str) -> None:
        """Have the person prefer light or dark."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def run(self, script: str) -> Any:
        """What an expression of JavaScript comes to in the page."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, script: str, seconds: float = 60.0) -> Any:
        """What the expression comes to, as soon as that is something."""
        ends = time.monotonic() + seconds
        while not (found := self.run(script)):
            assert time.monotonic() < ends, f"not so: {script}"
            time.sleep(0.05)
        return found

    def write(self, text: str) -> None:
        """Type a text where the focus is."""
        self.call("Input.insertText", text=text)

    def press(self, key: str, *, control: bool = False) -> None:
        """Press a key by its name: Tab, Enter, ArrowRight."""
        codes = {"Tab": 9, "Enter": 13, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowRight": 39}
        how = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key], "modifiers": 2 if control else 0}
        if key == "Enter":
            how["text"] = "\r"
        self.call("Input.dispatchKeyEvent", type="keyDown", **how)
        self.call("Input.dispatchKeyEvent", type="keyUp", **how)

    def choose(self, selector: str, file: Path) -> None:
        """Choose a file in an element that asks for one."""
        found = self.call("Runtime.evaluate", expression=f"document.querySelector({selector!r})")
        self.call("DOM.setFileInputFiles", files=[str(file)], objectId=found["result"]["objectId"])

    def picture(self, path: Path) -> None:
        """Keep the whole page as a png."""
        found = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(b64decode(found["data"]))

    def close(self) -> None:
        """End it."""
        self._session = None
        self.call("Browser.close")
        os.waitpid(self._process, 0)
        self._to.close()
        self._from.close()
