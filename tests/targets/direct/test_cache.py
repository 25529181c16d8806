"""Kernels are compiled once and then found on disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LOAD = """
import time
import tildemc.targets.direct.entry as entry
start = time.perf_counter()
entry.density_function(), entry.copy_function()
print(time.perf_counter() - start)
"""


@pytest.mark.slow
def test_kernels_are_prepared_once(tmp_path: Path) -> None:
    environment = {**os.environ, "TILDEMC_CACHE_DIR": str(tmp_path)}
    runs = [
        subprocess.run([sys.executable, "-c", LOAD], env=environment, capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert runs[0].stderr.count("preparing kernels, once") == 1
    assert "preparing" not in runs[1].stderr
    assert float(runs[1].stdout) < 0.2 * float(runs[0].stdout)
