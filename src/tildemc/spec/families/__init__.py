"""One record per family, in a module for each kind of response."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from tildemc.spec.families.categorical import CATEGORICAL
from tildemc.spec.families.counts import COUNTS
from tildemc.spec.families.ordinal import ORDINAL
from tildemc.spec.families.positive import POSITIVE_NUMBERS
from tildemc.spec.families.reals import REALS
from tildemc.spec.families.records import Family, FamilyParameter, Values
from tildemc.spec.families.shares import SHARES
from tildemc.spec.families.trials import TRIALS
from tildemc.spec.links import LINKS

__all__ = ["FAMILIES", "KEYED", "Family", "FamilyParameter", "Values"]

FAMILIES = {
    family.name: family for family in (*REALS, *TRIALS, *COUNTS, *POSITIVE_NUMBERS, *SHARES, *ORDINAL, *CATEGORICAL)
}


class _Keyed(Mapping[str, Family]):
    """Families by what files call them, those of given categories among them."""

    def __getitem__(self, key: str) -> Family:
        if not key.startswith("["):
            return FAMILIES[key]
        name, link, *labels = json.loads(key)
        made = FAMILIES[name].made
        if made is None:
            raise KeyError(key)
        return made(tuple(map(str, labels)), LINKS[link])

    def __iter__(self) -> Iterator[str]:
        return iter(FAMILIES)

    def __len__(self) -> int:
        return len(FAMILIES)


KEYED: Mapping[str, Family] = _Keyed()
