"""File -> fit: what `saved` wrote is opened with neither the data nor another reading of the text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tildemc.errors import DataError, FitError
from tildemc.resolve.request import Request
from tildemc.results.datatree import Group, groups_of, reported
from tildemc.results.drawn import Fitted
from tildemc.results.fit import Fit
from tildemc.results.records import Packed, layout, release, unpack
from tildemc.results.saved import CONTENT, GROUP
from tildemc.results.stored import read_sealed
from tildemc.spec.design import Streamed
from tildemc.spec.summary import Summary

__all__ = ["load", "opened"]


def load(path: str | Path, model: Callable[..., Fitted]) -> Fit:
    """Read what `save` wrote; `model` makes a model of its parts.

    Raises
    ------
    DataError
        If the file cannot be read, is damaged, holds no fit, or was written by another version.
    """
    return opened(groups_of(read_sealed(path)), str(path), model)


def opened(groups: Mapping[str, Group], name: str, model: Callable[..., Fitted]) -> Fit:
    """The fit that groups of a file called `name` hold; `model` makes a model of its parts."""
    if GROUP not in groups:
        raise DataError(f"{name} holds draws, but not the model that they are of; {_DRAWS}")
    group = groups[GROUP]
    written, now = str(group.attributes.get("version")), release()
    # Patch releases mean the same by the same layout; others may not.
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
    content = json.loads(variables[CONTENT].item())
    arrays = [variables[f"array_{number}"] for number in range(len(variables) - 1)]
    found: dict[str, Any] = unpack(Packed(content, arrays))
    return found


class _Gone:
    """Goes through rows that were streamed when a fit was saved, and are not in its file."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, part: Callable[..., Any], merge: Callable[..., Any]) -> Any:
        raise FitError(f"{self.name} does not hold the rows that were streamed: {_AGAIN}")
