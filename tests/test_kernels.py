"""Kernels are compiled once and then found on disk, whatever happens there; shown by small ones, which cost little."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from filelock import FileLock, Timeout

from tildemc import kernels, storage
from tildemc.targets.direct.entry import density_function
from tildemc.targets.marginal.draws import chain

MODULE = """
from numba import types
from beside import twice
from tildemc.kernels import kernel
from tildemc.targets.direct.cache import compiled

@kernel
def called(x):
    return twice(x) + 1

def _by_address(x):
    return twice(x) + 1

def by_address(x, made_of=""):
    return compiled(_by_address, types.int64(types.int64), made_of).ctypes(x)
"""
BESIDE = """
from tildemc.kernels import inlined

@inlined
def twice(x):
    return {factor} * x
"""
KINDS = ("called", "by_address")
"""A kernel that Python calls, and one that samplers call by its address."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a module of kernels and one beside it."""
    (tmp_path / "small.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "beside.py").write_text(BESIDE.format(factor=2), encoding="utf-8")
    return tmp_path


@pytest.fixture
def fresh(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], ModuleType]:
    """Load the module as a process that has just begun would."""
    monkeypatch.setenv(storage.VARIABLE, str(folder / "cache"))
    monkeypatch.syspath_prepend(folder)

    def load() -> ModuleType:
        kernels._announce.cache_clear()
        kernels._stamp.cache_clear()
        importlib.invalidate_caches()
        found: ModuleType
        for name in ("beside", "small"):
            monkeypatch.delitem(sys.modules, name, raising=False)
            found = importlib.import_module(name)
        return found

    return load


def test_kernels_are_prepared_once_for_all_processes(folder: Path) -> None:
    command = [sys.executable, "-c", f"import small; print({', '.join(f'small.{kind}(3)' for kind in KINDS)})"]
    environment = {**os.environ, storage.VARIABLE: str(folder / "cache")}
    first, second = (
        subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
        for _ in range(2)
    )
    assert first.stdout == second.stdout == "7 7\n"
    assert first.stderr.count("preparing kernels, once") == 1
    assert second.stderr == ""


def test_what_a_kernel_is_made_of_is_known_by_few_letters(folder: Path, fresh: Callable[[], Any]) -> None:
    """All that are kept are read whenever one is looked for."""
    for _ in range(2):
        assert fresh().by_address(3, "a density of many words, " * 4_000) == 7
    (index,) = (folder / "cache").rglob("*.nbi")
    assert index.stat().st_size < 5_000


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def empty(path: Path) -> None:
    path.write_bytes(b"")


DAMAGE: dict[str, tuple[str, Callable[[Path], None]]] = {
    "index cut short": ("nbi", cut),
    "index empty": ("nbi", empty),
    "index gone": ("nbi", Path.unlink),
    "code cut short": ("nbc", cut),
    "code empty": ("nbc", empty),
    "code gone": ("nbc", Path.unlink),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_damaged_on_disk_is_prepared_again(
    kind: str, damage: str, folder: Path, fresh: Callable[[], Any], capfd: pytest.CaptureFixture[str]
) -> None:
    assert getattr(fresh(), kind)(3) == 7
    suffix, harm = DAMAGE[damage]
    [path] = (folder / "cache").rglob(f"*.{suffix}")
    harm(path)
    capfd.readouterr()
    assert getattr(fresh(), kind)(3) == 7
    assert "preparing" in capfd.readouterr().err
    assert getattr(fresh(), kind)(3) == 7
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_in_a_module_beside_it_is_seen(kind: str, folder: Path, fresh: Callable[[], Any]) -> None:
    assert getattr(fresh(), kind)(3) == 7
    (folder / "beside.py").write_text(BESIDE.format(factor=50), encoding="utf-8")
    assert getattr(fresh(), kind)(3) == 151


@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_can_be_kept_it_is_prepared_each_time(
    kind: str, folder: Path, fresh: Callable[[], Any], capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "cache").write_text("a file", encoding="utf-8")
    for _ in range(2):
        assert getattr(fresh(), kind)(3) == 7
        [line] = capfd.readouterr().err.splitlines()
        assert "cannot be kept in" in line


@pytest.mark.parametrize("kernel", [density_function, lambda: chain], ids=["direct engine", "exact engine"])
def test_the_engines_kernels_are_kept(kernel: Callable[[], Any]) -> None:
    assert isinstance(kernel()._cache, kernels._Cache)


# One process at a time


def test_a_kernel_is_compiled_by_one_process_at_a_time(tmp_path: Path) -> None:
    lock = tmp_path / "kernel.lock"

    def compile_it(number: int) -> int:
        with pytest.raises(Timeout):
            FileLock(lock, timeout=0).acquire()
        return number + 1

    assert kernels.alone(compile_it, lock)(1) == 2
    FileLock(lock, timeout=0).acquire()


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_the_others_go_on_where_compiling_failed(failure: type[BaseException], tmp_path: Path) -> None:
    lock = tmp_path / "kernel.lock"

    def fail() -> None:
        raise failure

    with pytest.raises(failure):
        kernels.alone(fail, lock)()
    FileLock(lock, timeout=0).acquire()


def test_the_others_go_on_where_the_process_that_compiled_died(tmp_path: Path) -> None:
    lock = tmp_path / "kernel.lock"
    dying = f"from filelock import FileLock; import os; FileLock({str(lock)!r}).acquire(); os._exit(9)"
    assert subprocess.run([sys.executable, "-c", dying], check=False).returncode == 9
    assert lock.exists()
    FileLock(lock, timeout=0).acquire()


def test_a_disk_without_locks_costs_time_only(tmp_path: Path) -> None:
    assert kernels.alone(lambda: 1, tmp_path / "no" / "folder" / "kernel.lock")() == 1
    assert kernels.alone(lambda: 1, Path("/dev/null/kernel.lock"))() == 1


def test_two_processes_that_begin_together_compile_once(folder: Path) -> None:
    """What the second would have compiled is in the cache when its turn comes."""
    environment = {**os.environ, storage.VARIABLE: str(folder / "cache")}
    code = f"import sys; sys.path.insert(0, {str(folder)!r}); import small; print(small.called(3))"
    processes = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=-1, stderr=-1, text=True)
        for _ in range(2)
    ]
    told = [process.communicate() for process in processes]
    assert [out for out, _ in told] == ["7\n", "7\n"]
    assert sum("preparing" in said for _, said in told) == 1
