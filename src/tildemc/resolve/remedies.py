"""What would make a response one that its family can have."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.columns import label_of
from tildemc.spec.families import FAMILIES, Family

__all__ = ["remedy"]


def remedy(family: Family, label: str, y: Floats) -> str:
    """What to write instead, or which other family has such responses; empty if there is nothing to say."""
    values = family.values
    if values.categories:
        return ""
    found = np.unique(y)
    shares, whole = found[0] >= 0 and found[-1] <= 1, bool(np.all(found == np.floor(found)))
    if values.binary and len(found) == 2:
        return f"`{label} == {label_of(found[1])}` is 1 where it is {label_of(found[1])}"
    if (values.binary or values.successes) and shares and not whole:
        return f"for shares of trials write `round({label} * n) | trials(n)`, other shares are a beta response"
    if values.successes and not whole:
        return f"`round({label})` makes whole numbers of successes"
    if values.whole and not whole and found[0] >= 0:
        return f"for counts by time or area write `round({label} * d) | rate(d)`, amounts are a gamma response"
    if values.upper == 1 and not values.whole and found[0] >= 0 and 1 < found[-1] <= 100:
        return f"for percentages write `{label} / 100`"
    return _families(family, y)


def _families(family: Family, y: Floats) -> str:
    """The families that have such responses: those made of this one, what it is made of, or others of its ends."""
    others = {name: other for name, other in FAMILIES.items() if not other.values.refused(y).any()}
    made = [name for name, other in others.items() if other.made_of == family.name]
    values = family.values
    alike = [
        name for name, other in others.items() if other.values.atoms
        and not other.values.whole and (other.values.lower, other.values.upper) == (values.lower, values.upper)
    ]  # fmt: skip
    listed = made or [name for name in (family.made_of,) if name in others] or ([] if values.whole else alike[:3])
    if not listed:
        return ""
    return f"{' or '.join([', '.join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)} has such"
