"""The engines against Bambi with nutpie, in one run: `python engines_vs_peers.py PYTHON`, a Python that has Bambi.

Bambi is no dependency of tildemc, for it pins other versions of PyMC: give it an environment of its own,
`python -m venv bambi; bambi/bin/pip install bambi nutpie numba`. Prints a table in Markdown.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

MODELS = "epilepsy", "cbpp", "grouped", "sleepstudy", "radon"

__all__ = ["results"]


def results(python: str, method: str, names: tuple[str, ...] = MODELS) -> dict[str, dict[str, Any]]:
    """What worker.py finds, by problem."""
    worker = Path(__file__).with_name("worker.py")
    run = subprocess.run([python, str(worker), method, *names], stdout=subprocess.PIPE, text=True, check=True)
    lines = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    return {line["problem"]: line for line in lines}


def main(python: str) -> None:
    """Print the table."""
    found = {method: results(sys.executable, method) for method in ("auto", "direct")}
    peers = results(python, "bambi")
    print("| model | method | s (CPU) | Bambi, s (CPU) | ratio | min ESS | Bambi's | of effects | Bambi's |")
    print("|---|---|---|---|---|---|---|---|---|")
    for method, ours in found.items():
        for name, our in ours.items():
            their = peers[name]
            print(
                f"| {name} | {method} | {our['seconds']:.2f} ({our['cpu']:.2f}) | "
                f"{their['seconds']:.1f} ({their['cpu']:.1f}) | {their['seconds'] / our['seconds']:.0f} | "
                f"{our['ess']:.0f} | {their['ess']:.0f} | {our['ess_effects']:.0f} | {their['ess_effects']:.0f} |"
            )
    for line in (*found["auto"].values(), *found["direct"].values(), *peers.values()):
        print(f"<!-- {json.dumps(line)} -->")


if __name__ == "__main__":
    main(sys.argv[1])
