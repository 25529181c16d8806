"""The process of the command line: its exit code, what it leaves on the screen, and that it ends with nothing alive."""

from __future__ import annotations

import subprocess
import sys

import pytest

import batch_fakes

PROGRAM = """
import atexit, sys, threading, time

class Held:
    def __del__(self):
        print("taken apart")

def work():
    while "tildemc.cli" not in sys.modules:
        time.sleep(0.01)
    atexit.register(print, "left in order")
    print("joined")

held = Held()
threading.Thread(target=work).start()
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
from tildemc.__main__ import main
main()
"""
ENDS = {
    "well": (["--version"], 0, ""),
    "what was typed is wrong": (["translate", "--no-such-option"], 2, "No such option"),
    "the data are wrong": (["translate", "y ~ x", "-d", "nosuch.csv"], 1, "there is no file nosuch.csv"),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_command_ends_with_its_code_and_in_order(end: str) -> None:
    """Threads of ours are joined, others left where they are; nothing is taken apart below the ones that still run."""
    arguments, code, told = ENDS[end]
    command = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=batch_fakes.environment(), timeout=120)
    assert done.returncode == code
    assert told in done.stderr
    shown = [line for line in done.stdout.splitlines() if not line.startswith("tildemc ")]
    assert shown == ["joined", "left in order"]
