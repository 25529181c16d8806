"""A fit as ArviZ's plots take it: each number that the model reports under its own label, as the summary writes it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tildemc.arrays import Floats, Values
from tildemc.errors import FitError, nearest
from tildemc.results.datatree import Group
from tildemc.results.plots.record import Asked
from tildemc.results.plots.style import PALETTE, missing_library
from tildemc.results.summary import cells
from tildemc.spec.parameters import Parameter, parameters
from tildemc.spec.terms.term import ASIDE
from tildemc.visible import shown

if TYPE_CHECKING:
    from xarray import DataTree

__all__ = ["drawn", "scalars", "tree"]


SLASH = "\N{DIVISION SLASH}"
"""Stands for the slash of `b[x/2]`, which names in a DataTree may not have."""


def drawn(
    name: str,
    found: DataTree,
    size: tuple[float, float],
    *,
    fold: bool = True,
    figure: Mapping[str, object] | None = None,
    **settings: object,
) -> Any:
    """What ArviZ's function of that name draws, in colours that everyone can tell apart and with room for its words.

    Parameters
    ----------
    name : str
        Of `arviz_plots`.
    found : DataTree
    size : (float, float)
        Of the figure, in inches.
    fold : bool
        Whether a label may take two lines.
    figure : mapping, optional
        Of the figure beside its size.
    """
    try:
        import arviz_plots
        import matplotlib
        from arviz_base import rc_context
        from arviz_base.labels import MapLabeller
        from cycler import cycler
    except ImportError as error:
        raise missing_library(error) from error
    folded: dict[Hashable, Hashable] = {
        label: label.replace("[", "\n[", 1) if fold else label for label in map(str, found["posterior"].data_vars)
    }
    # ArviZ takes colours from what matplotlib is set to, which is the caller's own: so for this picture alone.
    # How many panels there are is limited by `scalars`, in words, and not by ArviZ's own number of them.
    with (
        matplotlib.rc_context({"axes.prop_cycle": cycler(color=PALETTE), "figure.constrained_layout.use": True}),
        rc_context({"plot.max_subplots": None}),
    ):
        return getattr(arviz_plots, name)(
            found,
            backend="matplotlib",
            figure_kwargs={"figsize": size, **(figure or {})},
            labeller=MapLabeller(folded),
            **settings,
        )


def scalars(asked: Asked, group: Group, most: int) -> dict[str, Floats]:
    """The draws (chains, draws) of what is asked for, by label; all but the groups' effects where nothing is named.

    A parameter is named as an array, `b` or `sd_county`, as one number of it, `b[floor]`, or by a column, `floor`.

    Parameters
    ----------
    asked : Asked
    group : Group
        Draws of the parameters that the model reports.
    most : int
        How many numbers the picture has room for.

    Raises
    ------
    FitError
        If there is no such parameter, or there are more.
    """
    found = _named(asked, group)
    if len(found) > most:
        raise FitError(
            f"the picture has room for {most} parameters and {len(found)} are asked for: name some in `parameters`, "
            "or some `levels`"
        )
    return {label.replace("/", SLASH): values for label, values in found.items()}


def _named(asked: Asked, group: Group) -> dict[str, Floats]:
    """What is asked for, by label."""
    fit = asked.fit
    known: dict[str, list[tuple[str, Floats]]] = {}
    for parameter in parameters(fit.spec):
        if parameter.role not in ASIDE or _is_named(asked, parameter):
            known[parameter.name] = [*_elements(asked, group, parameter)]
    each = {label: values for elements in known.values() for label, values in elements}
    if asked.parameters is None:
        # What is a stated number has nothing to be drawn.
        return {label: values for label, values in each.items() if np.ptp(values) > 0}
    columns = {label.partition("[")[2][:-1]: label for label in (name for name, _ in known.get("b", ()))}
    effects = {p.name for p in parameters(fit.spec)}
    found: dict[str, Floats] = {}
    for name in asked.parameters:
        if name in known:
            found |= dict(known[name])
        elif name in each or name in columns:
            label = columns.get(name, name)
            found[label] = each[label]
        else:
            candidates = {*each, *columns, *effects}
            hint = nearest(str(name), candidates)
            raise FitError(f"the model has no parameter {shown(name)}{hint}; there are {', '.join(sorted(effects))}")
    return found


def _is_named(asked: Asked, parameter: Parameter) -> bool:
    """Whether some of a factor's effects are asked for."""
    named = asked.parameters or ()
    return any(name == parameter.name or str(name).startswith(f"{parameter.name}[") for name in named)


def _elements(asked: Asked, group: Group, parameter: Parameter) -> Iterator[tuple[str, Floats]]:
    """Each number of an array with its label."""
    values = group.variables[parameter.name][1]
    labels = [[str(label) for label in group.labels[dim].tolist()] for dim in parameter.dims]
    by_level = parameter.role == "group effect" and parameter.dims[0] == asked.factor
    levels = asked.chosen_levels() if asked.levels is not None and by_level else None
    for cell in cells(parameter, values):
        if levels is None or cell[0] in levels:
            at = ", ".join(along[i] for along, i in zip(labels, cell, strict=True))
            yield f"{parameter.name}[{at}]" if at else parameter.name, np.moveaxis(values, (0, 1), (-2, -1))[cell]


def tree(asked: Asked, most: int) -> DataTree:
    """The groups `posterior`, of what is asked for, and `sample_stats`; see `scalars`."""
    from xarray import Dataset, DataTree

    found = scalars(asked, asked.fit.groups["posterior"], most)
    groups = asked.fit.groups
    posterior = Dataset({label: (("chain", "draw"), values) for label, values in found.items()}, _draws(asked))
    statistics = Dataset(dict(groups["sample_stats"].variables), _draws(asked))
    return DataTree.from_dict({"/posterior": posterior, "/sample_stats": statistics})


def _draws(asked: Asked) -> Mapping[str, Values]:
    labels = asked.fit.groups["posterior"].labels
    return {"chain": labels["chain"], "draw": labels["draw"]}
