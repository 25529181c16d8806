"""Two models of one text for different data: whether what they have is called the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tildemc.arrays import Label, Values
from tildemc.errors import DataError
from tildemc.resolve.frame import Frame
from tildemc.resolve.newdata import Needed
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import coordinates
from tildemc.visible import listed

__all__ = ["check_same"]


def check_same(known: ModelSpec, other: ModelSpec, frame: Frame) -> None:
    """Refuse data for which a text means other columns or levels than for those that a model was found for.

    Parameters
    ----------
    known : ModelSpec
    other : ModelSpec
        Of the same text, for these data.
    frame : Frame
        Rows with all values.

    Raises
    ------
    DataError
        With what differs.
    """
    theirs = coordinates(other)
    for dim, labels in coordinates(known).items():
        found = theirs.get(dim, ())
        more, fewer = _without(found, labels), _without(labels, found)
        if more or fewer:
            has = f"has {listed(more)}" if more else f"lacks {listed(fewer)}"
            raise DataError(f"`{dim}` {has} here, other than in the first data set")
    # The reference level is in no name.
    Needed(known, lambda term: np.ones(len(term.columns), dtype=bool), response=True).check_levels(frame)


def _without(labels: Sequence[Label] | Values, others: Sequence[Label] | Values) -> list[str]:
    known = set(map(str, others))
    return [str(label) for label in labels if str(label) not in known]
