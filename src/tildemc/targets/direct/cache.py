"""Where compiled kernels are kept: in the user's cache folder, by version and by the text of the kernel's modules."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.core.ccallback import CFunc

from tildemc.targets.direct.jit import OPTIONS

__all__ = ["compiled"]

FOLDER = "TILDEMC_CACHE_DIR"
"""The environment's variable that names another folder."""


def _folder() -> Path:
    from platformdirs import user_cache_dir

    try:
        number = version("tildemc")
    except PackageNotFoundError:
        number = "unreleased"
    return Path(os.environ.get(FOLDER) or user_cache_dir("tildemc")) / number / "kernels"


@cache
def _stamp() -> str:
    """A hash of all modules beside this one: numba by itself looks at the outermost function's only."""
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class _Locator(_CacheLocator):
    def get_cache_path(self) -> str:
        return str(_folder())

    def get_source_stamp(self) -> str:
        return _stamp()

    def get_disambiguator(self) -> str:
        return _stamp()[:12]

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> _Locator:
        return cls()


class _Implementation(CompileResultCacheImpl):
    _locator_classes: list[Any] = [_Locator]  # noqa: RUF012 (as numba has it)


class _Cache(FunctionCache):
    _impl_class = _Implementation

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        found: Any = super().load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        if found is None:
            _announce()
        return found


@cache
def _announce() -> None:
    print("tildemc: preparing kernels, once …", file=sys.stderr, flush=True)


def compiled(function: Callable[..., int], signature: Any) -> Any:
    """`function` as a C function, from the cache if it is there."""
    callback: Any = CFunc(function, (signature.args, signature.return_type), {}, dict(OPTIONS))
    kept: Any = _Cache(function)  # type: ignore[no-untyped-call]
    try:
        kept._impl.locator.ensure_cache_path()
        callback._cache = kept
    except OSError:
        # A folder that cannot be written to costs time in every process, and nothing else.
        _announce()
    callback.compile()
    return callback
