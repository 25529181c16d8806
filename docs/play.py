"""Draw docs/play/*.png, the pictures of docs/play.md: the playground's page, as Chromium has it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

from tildemc.engines.settings import Settings
from tildemc.play.app import Playground, Server
from tildemc.play.asked import Asked, Draw
from tildemc.play.bench import bench
from tildemc.play.fitting import Fitting
from tildemc.play.shelf import Shelf
from tildemc.play.worker import Worker

HERE = Path(__file__).parent / "play"
FORMULA = "log_radon ~ floor + (1 + floor | county)"
SHOWN = {
    "model": ((1280, 700), {"text": FORMULA, "tab": "model"}),
    "mistake": ((1280, 700), {"text": "log_radon ~ flor + (1 + floor | county)", "tab": "priors"}),
    "stata": ((1280, 700), {"text": "mixed log_radon floor || county: floor, cov(un)", "tab": "equations"}),
    "fitted": ((1280, 860), {"text": FORMULA, "tab": "pictures"}),
}
"""By picture, the size of the window, and what the page's address says is typed and looked at."""


def main() -> None:
    """Serve the page, fit a model, and draw all pictures."""
    shelf = Shelf()
    playground = Playground(shelf, Worker(bench), Fitting(Worker(bench)))
    server = Server(playground, "token")
    HERE.mkdir(exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=server.run, args=([listening],))
        thread.start()
        asked = Asked(FORMULA, playground.first)
        playground.fitting.begin(Draw(asked, shelf.at(asked.file), Settings(seed=1, progress=False)))
        while playground.fitting.state.stage == "running":
            time.sleep(0.1)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/token/"
        for name, (size, typed) in SHOWN.items():
            draw(f"{address}#{urlencode({'file': asked.file, **typed})}", HERE / f"{name}.png", size)
        server.should_exit = True
        thread.join()


def draw(address: str, path: Path, size: tuple[int, int]) -> None:
    """Have Chromium draw a page when it has come to rest."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        raise SystemExit("there is no Chromium here")
    window = ",".join(map(str, size))
    options = [f"--screenshot={path}", f"--window-size={window}", "--hide-scrollbars", "--virtual-time-budget=20000"]
    subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", *options, address], check=True)


if __name__ == "__main__":
    main()
