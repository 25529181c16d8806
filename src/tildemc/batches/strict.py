"""What is asked of every fit of a batch, `rhat=1.01,divergences=0`, and the fits that do not have it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tildemc.batches.store import BatchError
from tildemc.errors import nearest
from tildemc.visible import shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LIMITS", "Limit", "beyond", "limits"]


@dataclass(frozen=True, slots=True)
class Limit:
    """A number of a fit that has a limit: the index's column of it, how it is called, and whether more is worse."""

    column: str
    title: str
    most: bool


LIMITS = {
    "rhat": Limit("max_r_hat", "R-hat", most=True),
    "divergences": Limit("divergences", "divergences", most=True),
    "ess": Limit("min_ess", "ESS", most=False),
}
"""By the names that a person gives them."""
_KNOWN = "limits are such as rhat=1.01,divergences=0,ess=400"


def limits(text: str) -> dict[str, float]:
    """What `rhat=1.01,divergences=0,ess=400` asks.

    Raises
    ------
    BatchError
        If a limit is unknown or no number.
    """
    found = {}
    for part in text.split(","):
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name not in LIMITS:
            raise BatchError(f"there is no limit {shown(name)}{nearest(name, LIMITS)}; {_KNOWN}")
        try:
            found[name] = float(value)
        except ValueError:
            found[name] = math.nan
        if math.isnan(found[name]):
            raise BatchError(f"the limit of `{name}` is a number, not {shown(value)}; {_KNOWN}")
    return found


def beyond(index: pd.DataFrame, asked: Mapping[str, float]) -> Iterator[str]:
    """For each fit that has less than what is asked, or not known, its name and what it has.

    Parameters
    ----------
    index : DataFrame
        Of a batch.
    asked : mapping
        As `limits` gives it.
    """
    for row in index[index["draws"] > 0].to_dict("records"):
        for name, value in asked.items():
            limit, has = LIMITS[name], float(row[LIMITS[name].column])
            if math.isnan(has):
                yield f"{row['job']}: its {limit.title} is not known"
            elif (has > value) if limit.most else (has < value):
                side = "above" if limit.most else "below"
                yield f"{row['job']}: {limit.title} {has:.5g} is {side} {value:.5g}"
