"""Fit -> file: the draws as ArviZ's groups, and beside them a group with the model that they are of.

The model is there as it was resolved, so that to open a fit takes neither its data nor another reading of its text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from tildemc.errors import TildeError
from tildemc.passes.identify import unidentified
from tildemc.resolve.used import Kept, kept
from tildemc.results.datatree import Group, datatree
from tildemc.results.drawn import Drawn
from tildemc.results.margins.asked import variables_of
from tildemc.results.records import layout, pack, release
from tildemc.results.stored import write_sealed
from tildemc.spec.design import Completed, Design, Numbers, Streamed
from tildemc.spec.summary import Summary

__all__ = ["CONTENT", "GROUP", "model_group", "save"]

GROUP = "tildemc"
"""The name of the model's group."""

CONTENT = "content"
"""The name of what is packed of it."""
__SHOWN = ("path", "seconds", "exponentiate", "interval", "variances")
"""The fields of a fit that say how it is shown."""


def save(fit: Drawn, path: str | Path) -> None:
    """Write a fit as netCDF, with a checksum behind it.

    Raises
    ------
    DataError
        If the file cannot be written.
    """
    write_sealed(datatree({**fit.completed(), GROUP: model_group(fit, _columns(fit))}), path)


def _columns(fit: Drawn) -> Kept | None:
    """The data's columns in the rows of the fit, for what averages over them; a file of data stays where it is."""
    data = None if fit.model is None else fit.model.request.data
    if fit.columns is not None or data is None or isinstance(data, str | Path) or not isinstance(fit.design, Design):
        return fit.columns
    try:
        variables = variables_of(fit)
        return kept(variables.frame, variables.names)
    except TildeError:
        # Whatever became of the data since, the draws are to be kept.
        return None


def model_group(fit: Drawn, columns: Kept | None = None) -> Group:
    """The model of a fit, and how it was fitted and is shown; with columns of its data."""
    known = {
        "columns": columns,
        "spec": fit.spec,
        "design": _design(fit.design),
        "remarks": unidentified(fit.spec, fit.design) if fit.remarks is None else fit.remarks,
        "shown": {name: getattr(fit, name) for name in __SHOWN},
        # Whoever was told of progress is a function, which no file can hold.
        "settings": {name: value for name, value in fit.settings.items() if not callable(value)},
        "model": None if fit.model is None else _model(fit.model),
    }
    packed = pack(known)
    content = np.array([json.dumps(packed.content, allow_nan=False)], dtype=object)
    arrays = {
        f"array_{number}": (tuple(f"array_{number}_{axis}" for axis in range(values.ndim)), values)
        for number, values in enumerate(packed.arrays)
    }
    return Group({CONTENT: (("line",), content), **arrays}, attributes={"version": release(), "layout": layout()})


def _design(design: Numbers) -> Design | Completed | Summary:
    """All rows; of streamed ones their summary."""
    return design.summary if isinstance(design, Streamed) else design


def _paths(data: object) -> str | tuple[str, ...] | None:
    """The file that data are in, or the files of several data sets; None for what is in memory."""
    if isinstance(data, str | Path):
        return str(Path(data).absolute())
    each = [_paths(one) for one in data] if isinstance(data, list | tuple) else [None]
    return tuple(str(path) for path in each) if None not in each else None


def _model(model: Any) -> dict[str, object]:
    """The parts of a model, but for the spec and the design, which the fit has too, and for data in memory."""
    parts = {part.name: getattr(model, part.name) for part in fields(model)}
    request = {part.name: getattr(model.request, part.name) for part in fields(model.request)}
    data, priors = request["data"], request["priors"]
    # A relative path would mean another file wherever else Python runs.
    request["data"] = _paths(data)
    # As the data are: matrices beside them are in the model.
    del request["data2"]
    request["priors"] = priors if isinstance(priors, str | Mapping) else tuple(priors)
    return {**{name: part for name, part in parts.items() if name not in ("spec", "design")}, "request": request}
