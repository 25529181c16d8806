"""Fits of the same rows -> ArviZ's table of how well they predict."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Values
from tildemc.errors import FitError
from tildemc.results.judged import Judged
from tildemc.visible import shown

if TYPE_CHECKING:
    from arviz import ELPDData
    from pandas import DataFrame
    from xarray import DataArray

__all__ = ["compare"]


def compare(given: Sequence[object], named: Mapping[str, object]) -> DataFrame:
    """See `tildemc.compare`."""
    import arviz as az

    from tildemc.table import Table

    members = {**_by_formula([member for member in given if not isinstance(member, Mapping)])}
    for mapping in (*(member for member in given if isinstance(member, Mapping)), named):
        members |= mapping
    if len(members) < 2:
        raise FitError('to compare takes two fits or more: `compare(a, b)`, or by name: `compare({"a": a, "b": b})`')
    with warnings.catch_warnings():
        # What ArviZ warns of is in the columns diag_diff and diag_elpd.
        warnings.simplefilter("ignore")
        elpds = {str(name): _elpd(member, name) for name, member in members.items()}
        _check_same([*members.values()], elpds)
        return Table(az.compare(elpds))


def _by_formula(given: Sequence[object]) -> dict[str, object]:
    """Each under its formula, with its family where formulas are the same, and then its place."""
    labels = [member.spec.formula if isinstance(member, Judged) else f"model {i}" for i, member in enumerate(given, 1)]
    families = [f", {member.spec.family.called}" if isinstance(member, Judged) else "" for member in given]
    places = [f" ({i})" for i, _ in enumerate(given, 1)]
    # The shortest names that tell them apart.
    for further in (families, places):
        count = Counter(labels)
        labels = [f"{label}{more}" if count[label] > 1 else label for label, more in zip(labels, further, strict=True)]
    return dict(zip(labels, given, strict=True))


def _elpd(member: object, name: object) -> ELPDData:
    from arviz import ELPDData

    if isinstance(member, Judged):
        return member.loo()
    if isinstance(member, ELPDData):
        if member.elpd_i is None:
            raise FitError(f"{name} has no values row by row: make it with `pointwise=True`")
        return member
    raise FitError(f"what is compared are fits, or what `loo()`, `waic()` and `kfold()` return, not {shown(member)}")


def _check_same(members: list[object], elpds: Mapping[str, ELPDData]) -> None:
    """Refuse models of other rows or another response, and criteria that are not alike."""
    first, *others = elpds
    fits = [member for member in members if isinstance(member, Judged)]
    for name in others:
        if elpds[name].kind != elpds[first].kind:
            kinds = f"{elpds[first].kind} and {elpds[name].kind}"
            raise FitError(f"{first} and {name} have different criteria, {kinds}: compare like with like")
        one, two = (elpds[each].elpd_i for each in (first, name))
        if one.shape != two.shape or not np.array_equal(_rows(one), _rows(two)):
            counts = f"{one.size:,} and {two.size:,} of them"
            raise FitError(
                f"{first} and {name} are not fitted to the same rows ({counts}): "
                "leave out of the data what one of them cannot use"
            )
    for fit in fits[1:]:
        y, other = fits[0].design.whole("to compare").y, fit.design.whole("to compare").y
        if not np.array_equal(np.asarray(y), np.asarray(other)):
            raise FitError(
                f"{fits[0].spec.formula} and {fit.spec.formula} have different responses: "
                "densities of one say nothing of the other"
            )


def _rows(values: DataArray) -> Values:
    return values[values.dims[0]].to_numpy()
