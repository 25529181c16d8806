"""Groups of arrays -> the bytes of a netCDF file, in a tenth of the time that xarray takes for a small one.

xarray reads it back to the same tree: netCDF-4 is HDF5 with dimension scales, which h5py writes as they are here. Its
low-level calls are a fifth of the work of its dict-like ones.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Values

if TYPE_CHECKING:
    from h5py.h5d import DatasetID
    from h5py.h5g import GroupID

    from tildemc.results.datatree import Group

__all__ = ["netcdf"]

_BLOCK = 2**20


def netcdf(groups: Mapping[str, Group]) -> bytes:
    """The file's content."""
    from h5py import h5f, h5g, h5p

    access = h5p.create(h5p.FILE_ACCESS)
    access.set_fapl_core(_BLOCK, False)
    in_order = h5p.create(h5p.GROUP_CREATE)
    in_order.set_link_creation_order(h5p.CRT_ORDER_TRACKED | h5p.CRT_ORDER_INDEXED)
    # HDF5 takes two files of one name for one, though they are in memory alone.
    file = h5f.create(f"in memory, of thread {threading.get_ident()}".encode(), h5f.ACC_TRUNC, fapl=access)
    try:
        for name, group in groups.items():
            _write(h5g.create(file, name.encode(), gcpl=in_order), group)
        h5f.flush(file)
        content: bytes = file.get_file_image()
    finally:
        file.close()
    return content


def _write(place: GroupID, group: Group) -> None:
    from h5py import h5ds

    scales = {}
    for number, (dim, size) in enumerate(group.sizes.items()):
        if dim in group.labels:
            scale, said = _create(place, dim, group.labels[dim]), dim
        else:
            scale = _create(place, dim, np.zeros(size, ">f4"))
            said = f"This is a netCDF dimension but not a netCDF variable. {size:10d}"
        h5ds.set_scale(scale, said.encode())
        _attribute(scale, "_Netcdf4Dimid", np.int32(number))
        scales[dim] = scale
    for name, (dims, values) in group.variables.items():
        written = _create(place, name, values)
        for axis, dim in enumerate(dims):
            h5ds.attach_scale(written, scales[dim], axis)
    for name, value in group.attributes.items():
        _attribute(place, name, value)


def _create(place: GroupID, name: str, values: Values) -> DatasetID:
    import h5py
    from h5py import h5d, h5s, h5t

    if values.dtype == bool:
        written = _create(place, name, values.astype("i1"))
        _attribute(written, "dtype", "bool")
        return written
    if values.dtype.kind in "OUT":
        texts = [str(value) for value in values.ravel().tolist()]
        values = np.array(texts, dtype=h5py.string_dtype()).reshape(values.shape)
    values = np.ascontiguousarray(values)
    space = h5s.create_simple(values.shape) if values.shape else h5s.create(h5s.SCALAR)
    written = h5d.create(place, name.encode(), h5t.py_create(values.dtype, logical=True), space)
    if values.size:
        written.write(h5s.ALL, h5s.ALL, values)
    return written


def _attribute(place: GroupID | DatasetID, name: str, value: object) -> None:
    import h5py
    from h5py import h5a, h5s, h5t

    array = np.array(value, dtype=h5py.string_dtype() if isinstance(value, str) else None)
    space = h5s.create_simple(array.shape) if array.shape else h5s.create(h5s.SCALAR)
    h5a.create(place, name.encode(), h5t.py_create(array.dtype, logical=True), space).write(array)
