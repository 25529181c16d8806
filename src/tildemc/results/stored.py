"""A tree of draws in a netCDF file whose last line is the checksum of all before it.

What HDF5 finds behind its own end it passes over, so that the file is one like others to those who read it.
"""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from stat import S_ISDIR
from typing import TYPE_CHECKING

from tildemc.errors import DataError
from tildemc.visible import shown

if TYPE_CHECKING:
    from xarray import DataTree

__all__ = ["check_path", "read_sealed", "read_tree", "write_sealed"]

_SEAL = b"\ntildemc: sha256 %b\n"
_LENGTH = len(_SEAL % (b"0" * 64))


def write_sealed(tree: DataTree, path: str | Path) -> None:
    """Write a tree, and its checksum behind it; what was there stays until the new file is whole.

    Raises
    ------
    DataError
        If it cannot be written.
    """
    check_path(path)
    path = Path(path)
    written = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.unfinished")
    try:
        tree.to_netcdf(str(written), engine="h5netcdf")
        seal = _seal(written, os.path.getsize(written))
        with open(written, "ab") as file:
            file.write(seal)
        written.replace(path)
    except (OSError, ValueError) as error:
        written.unlink(missing_ok=True)
        raise _unwritable(path, error) from None


def check_path(path: str | Path) -> None:
    """Make the folders of a file that is to be written, and see that it can be.

    Raises
    ------
    DataError
        If it cannot.
    """
    if not isinstance(path, str | Path) or not str(path):
        raise DataError(f"the path of a file is a text, not {shown(path)}")
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        if S_ISDIR(os.stat(path).st_mode):
            raise DataError(f"{path} cannot be written: it is a folder")
        place = path
    except FileNotFoundError:
        place = Path(path).parent
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from None
    if not os.access(place, os.W_OK):
        raise DataError(f"{path} cannot be written: permission denied")


def _unwritable(path: str | Path, error: Exception) -> DataError:
    return DataError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}")


def read_sealed(path: str | Path) -> DataTree:
    """Read what `write_sealed` wrote.

    Raises
    ------
    DataError
        If it cannot be read, or is not as it was written.
    """
    if not isinstance(path, str | Path) or not str(path):
        raise DataError(f"the path of a file is a text, not {shown(path)}")
    try:
        size = os.path.getsize(path) - _LENGTH
        with open(path, "rb") as file:
            file.seek(max(size, 0))
            sealed = file.read() == _seal(path, size)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if not sealed:
        raise DataError(f"{path} is damaged, or was not written by tildemc: its checksum is not that of its content")
    return read_tree(path)


def _seal(path: str | Path, size: int) -> bytes:
    """The last line of a file whose first `size` bytes are its content."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while size > 0 and (block := file.read(min(size, 2**20))):
            digest.update(block)
            size -= len(block)
    return _SEAL % digest.hexdigest().encode()


def read_tree(path: str | Path) -> DataTree:
    """All groups of a netCDF file, in memory.

    Raises
    ------
    DataError
        If it is none.
    """
    import xarray as xr

    try:
        with xr.open_datatree(path, engine="h5netcdf") as tree:
            return tree.load()
    except Exception as error:  # HDF5, h5netcdf and xarray each have their own for what is not netCDF
        raise DataError(f"{path} cannot be read as netCDF: {error}") from None
