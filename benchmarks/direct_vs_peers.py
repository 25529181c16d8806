"""The direct engine against Bambi with nutpie, in one run: `python direct_vs_peers.py PYTHON`, a Python that has Bambi.

Bambi is no dependency of tildemc, for it pins other versions of PyMC: give it an environment of its own,
`python -m venv bambi; bambi/bin/pip install bambi nutpie numba`. Prints a table in Markdown.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def results(python: str, package: str) -> dict[str, dict[str, Any]]:
    """What worker.py finds, by problem."""
    worker = Path(__file__).with_name("worker.py")
    run = subprocess.run([python, str(worker), package], stdout=subprocess.PIPE, text=True, check=True)
    lines = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    return {line["problem"]: line for line in lines}


def main(python: str) -> None:
    """Print the table."""
    ours, theirs = results(sys.executable, "tildemc"), results(python, "bambi")
    print("| model | tildemc, s (CPU) | Bambi, s (CPU) | again | ratio | min ESS | Bambi's | of effects | Bambi's |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, our in ours.items():
        their = theirs[name]
        print(
            f"| {name} | {our['first']:.2f} ({our['first_cpu']:.2f}) "
            f"| {their['first']:.1f} ({their['first_cpu']:.1f}) | "
            f"{their['seconds']:.1f} ({their['cpu']:.1f}) | {their['first'] / our['first']:.0f} | {our['ess']:.0f} | "
            f"{their['ess']:.0f} | {our['ess_effects']:.0f} | {their['ess_effects']:.0f} |"
        )
    for line in (*ours.values(), *theirs.values()):
        print(f"<!-- {json.dumps(line)} -->")


if __name__ == "__main__":
    main(sys.argv[1])
