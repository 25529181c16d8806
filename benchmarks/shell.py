"""From the shell to what is printed: an import, a translation, a fit; and what importing the same libraries costs.

`python benchmarks/shell.py [--runs 5]` runs each in a process of its own, and a process that imports every module that
one had loaded at its end, but for tildemc's; in turns, and the best of the runs counts. Kernels are cached.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
COMMAND = "from tildemc.cli import app; app(standalone_mode=False)"
SLEEPSTUDY = (
    "Reaction ~ Days + (1 + Days | Subject)",
    "--data",
    str(EXAMPLES / "sleepstudy" / "data" / "sleepstudy.csv"),
)
RADON = ("log_radon ~ floor + (1 + floor | county)", "--data", str(EXAMPLES / "radon" / "data" / "radon.csv"))
PROGRAMS: dict[str, tuple[str, ...]] = {
    "`import tildemc`": (),
    "`translate`, radon": ("translate", *RADON),
    "`fit`, sleepstudy": ("fit", *SLEEPSTUDY, "--seed", "1"),
    "`fit`, radon": ("fit", *RADON, "--seed", "1"),
}
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Compiled modules are kept, as they are where a package is installed."""
LIST = "{code}; import json, sys; sys.stderr.write(json.dumps(list(sys.modules)))"
IMPORT = """
import importlib, json, sys
for name in json.load(sys.stdin):
    try:
        importlib.import_module(name)
    except ImportError:
        pass
"""
"""What a module makes up (`six.moves`) cannot always be imported by its name."""


def run(*command: str, text: str = "") -> tuple[float, float, str]:
    """Wall and processor seconds of a process, and what it wrote to stderr."""
    start, before = time.perf_counter(), os.times()
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True, env=ENVIRONMENT)
    after = os.times()
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - start, seconds, done.stderr


def main() -> None:
    """Print a row of a table for each model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    print("| what | whole process, s (cpu) | imports alone, s (cpu) | difference, s (cpu) |\n|---|---|---|---|")
    for name, arguments in PROGRAMS.items():
        program = ("-m", "tildemc", *arguments) if arguments else ("-c", "import tildemc")
        listing = LIST.format(code=COMMAND if arguments else "import tildemc")
        loaded = json.loads(run(sys.executable, "-c", listing, *arguments)[2])
        libraries = json.dumps([module for module in loaded if module.split(".")[0] not in ("tildemc", "__main__")])
        whole, imports = [], []
        for _ in range(runs):
            whole.append(run(sys.executable, *program)[:2])
            imports.append(run(sys.executable, "-c", IMPORT, text=libraries)[:2])
        best, alone = (tuple(map(min, zip(*times, strict=True))) for times in (whole, imports))
        shown = (f"{wall:.1f} ({cpu:.1f})" for wall, cpu in (best, alone, (best[0] - alone[0], best[1] - alone[1])))
        print(f"| {name} | {' | '.join(shown)} |", flush=True)


if __name__ == "__main__":
    main()
