"""Where compiled kernels are kept: the user's cache folder, by version and by the text of the modules beside them."""

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
from numba.core import caching

__all__ = ["keep"]

# numba's types say little of its insides.
_caching: Any = caching

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
def _stamp(folder: Path) -> str:
    """A hash of all modules in a folder: numba itself notices only changes in the file of the outermost function."""
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(folder.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class _Locator(_caching._CacheLocator):  # type: ignore[misc]
    def __init__(self, source: Path) -> None:
        self.source = source

    def get_cache_path(self) -> str:
        return str(_folder())

    def get_source_stamp(self) -> str:
        return _stamp(self.source)

    def get_disambiguator(self) -> str:
        return _stamp(self.source)[:12]

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> _Locator:
        return cls(Path(py_file).parent)


class _Implementation(_caching.CompileResultCacheImpl):  # type: ignore[misc]
    _locator_classes = [_Locator]  # noqa: RUF012 (as numba has it)


class _Cache(_caching.FunctionCache):  # type: ignore[misc]
    _impl_class = _Implementation

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        found = super().load_overload(sig, target_context)
        if found is None:
            _announce()
        return found


@cache
def _announce() -> None:
    print("tildemc: preparing kernels, once …", file=sys.stderr, flush=True)


def keep(compiler: Any, function: Callable[..., Any]) -> None:
    """Give numba's compiler of `function`, a dispatcher or a CFunc, the cache."""
    kept: Any = _Cache(function)
    try:
        kept._impl.locator.ensure_cache_path()
        compiler._cache = kept
    except OSError:
        # A folder that cannot be written to costs time in every process, and nothing else.
        _announce()
