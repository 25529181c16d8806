"""Kernels: how functions are compiled, and where what was compiled is kept.

That is the user's cache folder, by version and by the text of the modules beside a kernel.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import cache, wraps
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, cast

import numba
from numba.core import caching
from numba.core.codegen import CPUCodegen
from numba.core.compiler_lock import global_compiler_lock

from tildemc.kernels.machine import Context, Signature
from tildemc.kernels.parts import Options, Part
from tildemc.storage import folder

__all__ = ["OPTIONS", "alone", "exactly", "inlined", "jit", "keep", "kernel"]

# Sums may be reordered; infinities and NaN keep their meaning, for a density that is not finite must show.
OPTIONS: Options = {"fastmath": {"reassoc", "contract", "arcp", "nsz"}, "error_model": "numpy", "nogil": True}

SHARED = tuple(Path(__file__).parents[1] / "targets" / name for name in ("shared", "direct"))
"""Folders of modules of which the kernels of others are made, too."""


def _folder() -> Path:
    try:
        number = version("tildemc")
    except PackageNotFoundError:
        number = "unreleased"
    return folder() / number / "kernels"


@cache
def _stamp(folder: Path) -> str:
    """A hash of all modules in a folder: numba itself notices only changes in the file of the outermost function."""
    digest = hashlib.sha256(numba.__version__.encode())
    for modules in (Path(__file__).parent, *SHARED, folder):
        for path in sorted(modules.glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


class _Locator(caching._CacheLocator):
    def __init__(self, source: Path) -> None:
        self.source = source

    def get_cache_path(self) -> str:
        return str(_folder())

    def get_source_stamp(self) -> str:
        return _stamp(self.source)

    def get_disambiguator(self) -> str:
        return _stamp(self.source)[:12]

    @classmethod
    def from_function(cls, py_func: Callable[..., object], py_file: str) -> _Locator:
        return cls(Path(py_file).parent)


class _Implementation(caching.CompileResultCacheImpl):
    _locator_classes = [_Locator]  # type: ignore[list-item]  # noqa: RUF012 (as numba has it)


class _Cache(caching.FunctionCache):
    _impl_class = _Implementation
    made_of = ""

    def _index_key(self, sig: Signature, codegen: CPUCodegen) -> tuple[object, ...]:
        # numba tells functions apart by their text; those made of a model have one text and differ in what it refers
        # to.
        if not self.made_of:
            plain: tuple[object, ...] = super()._index_key(sig, codegen)
            return plain
        return sig, codegen.magic_tuple(), self.made_of

    def load_overload(self, sig: Signature, target_context: Context) -> object:
        try:
            found = super().load_overload(sig, target_context)
        except Exception:  # what reading a file that was cut short may raise: compile as if it were not there
            with suppress(OSError):
                self.flush()
            found = None
        if found is None:
            _announce()
        return found

    def save_overload(self, sig: Signature, data: object) -> None:
        # A folder that cannot be written to, or is full, costs time in every process, and nothing else.
        with suppress(OSError):
            super().save_overload(sig, data)


@cache
def _announce() -> None:
    try:
        _Locator(Path()).ensure_cache_path()
        words = "preparing kernels, once: some 8 seconds …"
    except OSError:
        words = f"preparing kernels, some 8 seconds; they cannot be kept in {_folder()}"
    print(f"tildemc: {words}", file=sys.stderr, flush=True)


def keep(compiler: Any, function: Callable[..., object], made_of: str = "") -> None:
    """Give numba's compiler of `function`, a dispatcher or a CFunc, the cache.

    `made_of` tells functions apart that one text makes of different things.
    """
    kept = _Cache(function)
    kept.made_of = made_of
    compiler._cache = kept
    compiler.compile = alone(compiler.compile, Path(kept.cache_path, f"{kept._impl.filename_base}.lock"))


def alone[**P, T](prepare: Callable[P, T], lock: Path) -> Callable[P, T]:
    """`prepare`, one process at a time: those that wait find in the cache what the first has put there.

    The system frees the lock of a process that died.
    """

    @wraps(prepare)
    def one_at_a_time(*args: P.args, **kwargs: P.kwargs) -> T:
        from filelock import FileLock

        # numba's own lock first, which other threads of this process may hold while they come here for another kernel.
        with global_compiler_lock, ExitStack() as held:
            # A disk without locks costs time too, and nothing else.
            with suppress(OSError, NotImplementedError):
                held.enter_context(FileLock(lock))
            return prepare(*args, **kwargs)

    return one_at_a_time


def jit[F: Callable[..., object]](function: F) -> F:
    """Compile `function` when the kernel that calls it is compiled."""
    return cast(F, Part(function, OPTIONS))


def inlined[F: Callable[..., object]](function: F) -> F:
    """As `jit`, as part of each caller.

    A loop runs several rows at a time only if it calls nothing, and to hand a model's arrays over may cost more than
    the arithmetic.
    """
    return cast(F, Part(function, {**OPTIONS, "forceinline": True}))


def exactly[F: Callable[..., object]](function: F) -> F:
    """As `inlined`, for arithmetic that must not be reordered."""
    return cast(F, Part(function, {**OPTIONS, "fastmath": {"contract"}, "forceinline": True}))


def kernel[F: Callable[..., object]](function: F) -> F:
    """Compile `function` at its first call, or load it from the cache."""
    dispatcher = numba.njit(**OPTIONS)(function)
    keep(dispatcher, function)
    return cast(F, dispatcher)
