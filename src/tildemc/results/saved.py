"""Fit <-> file: the draws as ArviZ's groups, and beside them a group with the model that they are of.

The model is there as it was resolved, so that to open a fit takes neither its data nor another reading of its text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from tildemc.errors import DataError, FitError, TildeError
from tildemc.passes.identify import unidentified
from tildemc.resolve.request import Request
from tildemc.resolve.used import Kept, kept
from tildemc.results.datatree import Group, datatree, groups_of, reported
from tildemc.results.drawn import Fitted
from tildemc.results.fit import Fit
from tildemc.results.margins.asked import variables_of
from tildemc.results.records import Packed, layout, pack, unpack
from tildemc.results.stored import read_sealed, write_sealed
from tildemc.spec.design import Numbers, Streamed
from tildemc.spec.summary import Summary

__all__ = ["GROUP", "load", "model_group", "opened", "save"]

GROUP = "tildemc"
"""The name of the model's group."""

_CONTENT = "content"
_SHOWN = ("path", "seconds", "exponentiate", "interval", "variances")


def save(fit: Fit, path: str | Path) -> None:
    """Write a fit as netCDF, with a checksum behind it.

    Raises
    ------
    DataError
        If the file cannot be written.
    """
    write_sealed(datatree({**fit.completed(), GROUP: model_group(fit, _columns(fit))}), path)


def load(path: str | Path, model: Callable[..., Fitted]) -> Fit:
    """Read what `save` wrote; `model` makes a model of its parts.

    Raises
    ------
    DataError
        If the file cannot be read, is damaged, holds no fit, or was written by another version.
    """
    return opened(groups_of(read_sealed(path)), str(path), model)


def _columns(fit: Fit) -> Kept | None:
    """The data's columns in the rows of the fit, for what averages over them; a file of data stays where it is."""
    data = None if fit.model is None else fit.model.request.data
    if fit.columns is not None or data is None or isinstance(data, str | Path) or isinstance(fit.design, Streamed):
        return fit.columns
    try:
        variables = variables_of(fit)
        return kept(variables.frame, variables.names)
    except TildeError:
        # Whatever became of the data since, the draws are to be kept.
        return None


def model_group(fit: Fit, columns: Kept | None = None) -> Group:
    """The model of a fit, and how it was fitted and is shown; with columns of its data."""
    known = {
        "columns": columns,
        "spec": fit.spec,
        "design": _design(fit.design),
        "remarks": unidentified(fit.spec, fit.design) if fit.remarks is None else fit.remarks,
        "shown": {name: getattr(fit, name) for name in _SHOWN},
        "settings": {name: value for name, value in fit.settings.items() if not callable(value)},
        "model": None if fit.model is None else _model(fit.model),
    }
    packed = pack(known)
    content = np.array([json.dumps(packed.content, allow_nan=False)], dtype=object)
    arrays = {
        f"array_{number}": (tuple(f"array_{number}_{axis}" for axis in range(values.ndim)), values)
        for number, values in enumerate(packed.arrays)
    }
    return Group(
        {_CONTENT: (("line",), content), **arrays}, attributes={"version": version("tildemc"), "layout": layout()}
    )


def _design(design: Numbers) -> Any:
    """All rows; of streamed ones their summary."""
    return design.summary if isinstance(design, Streamed) else design


def _model(model: Any) -> dict[str, Any]:
    """The parts of a model, but for the spec and the design, which the fit has too, and for data in memory."""
    parts = {part.name: getattr(model, part.name) for part in fields(model)}
    request = {part.name: getattr(model.request, part.name) for part in fields(model.request)}
    data, priors = request["data"], request["priors"]
    request["data"] = str(Path(data).absolute()) if isinstance(data, str | Path) else None
    request["priors"] = priors if isinstance(priors, str | Mapping) else tuple(priors)
    return {**{name: part for name, part in parts.items() if name not in ("spec", "design")}, "request": request}


def opened(groups: Mapping[str, Group], name: str, model: Callable[..., Fitted]) -> Fit:
    """The fit that groups of a file called `name` hold; `model` makes a model of its parts."""
    if GROUP not in groups:
        raise DataError(f"{name} holds draws, but not the model that they are of; {_DRAWS}")
    group = groups[GROUP]
    written, now = str(group.attributes.get("version")), version("tildemc")
    if group.attributes.get("layout") != layout() or written.rpartition(".")[0] != now.rpartition(".")[0]:
        here = "another state of it" if written == now else f"tildemc {now}"
        raise DataError(f"{name} was written by tildemc {written}, and {here} cannot open it; {_DRAWS}")
    try:
        known = _unpacked(group)
        design = known["design"]
        if isinstance(design, Summary):
            design = Streamed(_Gone(name), design.y.n, _AGAIN).knowing(design)
        fit = Fit(known["spec"], design, reported(known["spec"], groups), remarks=known["remarks"],
                  columns=known["columns"], **known["shown"])  # fmt: skip
        if known["model"] is None:
            return fit
        parts = known["model"]
        request = Request(**parts["request"])
        made = model(**{**parts, "request": request, "spec": fit.spec, "design": fit.design})
        return fit.of_model(made, known["settings"])
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{name} holds no fit that tildemc has written ({error!r}); {_DRAWS}") from None


_DRAWS = "`xarray.open_datatree` reads its draws"
_AGAIN = "make the model again with `tildemc.stream(…)`"


def _unpacked(group: Group) -> dict[str, Any]:
    variables = {name: values for name, (_, values) in group.variables.items()}
    content = json.loads(variables[_CONTENT].item())
    arrays = [variables[f"array_{number}"] for number in range(len(variables) - 1)]
    found: dict[str, Any] = unpack(Packed(content, arrays))
    return found


class _Gone:
    """Goes through rows that were streamed when a fit was saved, and are not in its file."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, part: Callable[..., Any], merge: Callable[..., Any]) -> Any:
        raise FitError(f"{self.name} does not hold the rows that were streamed: {_AGAIN}")
