"""What all tests may ask for: shared data where there are any, and whether changed expectations are to be accepted."""

from __future__ import annotations

import inspect
import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import lazy_loader
import pytest
from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

from shared import SHARED

# What is begun in the background ignores interrupts, and tests send some to themselves.
signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ["COLUMNS"] = "80"
"""What is printed is folded to the screen, whoever's it is."""

# Threads of linear algebra wait for one another by turning: with other processes on the machine, for most of the time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
threadpool_limits(1, user_api="blas")
# Graphs are evaluated a few times each: C is not worth compiling, nor where each node was made worth keeping.
os.environ.setdefault("PYTENSOR_FLAGS", "cxx=,traceback__limit=0")

# ArviZ asks for packages that are not there, and who asked is then told with the sources of all callers, which takes
# seconds where pytest is among them.
lazy_loader.inspect = SimpleNamespace(stack=partial(inspect.stack, 0))

settings.register_profile(
    "tildemc", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("tildemc")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="rewrite changed expectations; read their diff afterwards")
    parser.addoption("--stories", action="store_true", help="run the long stories of examples/ on all of their data")


@pytest.fixture(scope="session")
def accept(request: pytest.FixtureRequest) -> bool:
    """Whether a changed expectation is to be rewritten."""
    return bool(request.config.getoption("--accept"))


@pytest.fixture(scope="session")
def project() -> Path:
    """The checkout."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data and references; skips where there is none."""
    if SHARED is None:
        pytest.skip("no folder `shared` beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def open_data(shared: Path) -> Callable[[str], Path]:
    """`open_data("radon")`: the path of an open data set's csv; skips where it is absent."""
    return lambda name: _present(shared / "data" / "open" / f"{name}.csv")


@pytest.fixture(scope="session")
def reference(shared: Path) -> Callable[..., Path]:
    """`reference("partially_clustered", "data.csv")`: a path among the references; skips where it is absent."""
    return lambda *parts: _present(shared.joinpath("data", "reference", *parts))


def _present(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"no {path.name} among the shared data")
    return path
