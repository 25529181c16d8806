"""The results folder: tables that are read by nobody who is still alive when the process ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import batch_fakes
from tildemc.batches.store import Store

TABLE = pd.DataFrame({"job": ["a", "ä", None], "rows": [1, 2, 3], "r_hat": [1.0, None, 1.5], "ok": [True, False, True]})
READ = """
import os, sys
import pyarrow.parquet
from tildemc.batches.store import Store

def threads():
    return len(os.listdir("/proc/self/task"))

before = threads()
for _ in range(5):
    Store(sys.argv[1]).read_table("t.parquet")
print(threads() - before)
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = Store(tmp_path)
    found.write_table("t.parquet", TABLE)
    found.seal(["t.parquet"])
    return found


def test_a_table_is_read_as_pandas_reads_it(store: Store) -> None:
    found = store.read_table("t.parquet")
    assert found is not None
    pd.testing.assert_frame_equal(found, pd.read_parquet(store.root / "t.parquet"))


@pytest.mark.skipif(sys.platform != "linux", reason="counts the threads as Linux lists them")
def test_a_table_is_read_without_threads_that_live_on(store: Store) -> None:
    """Arrow's, when it reads what Python holds, let go of it later: at the end of the process that aborted it."""
    command = [sys.executable, "-c", READ, str(store.root)]
    done = subprocess.run(command, capture_output=True, text=True, env=batch_fakes.environment(), check=True)
    assert done.stdout == "0\n"
