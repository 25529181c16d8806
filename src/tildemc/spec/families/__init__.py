"""One record per family, in a module for each kind of response."""

from __future__ import annotations

from tildemc.spec.families.counts import COUNTS
from tildemc.spec.families.positive import POSITIVE_NUMBERS
from tildemc.spec.families.reals import REALS
from tildemc.spec.families.records import Family, FamilyParameter, Values
from tildemc.spec.families.shares import SHARES
from tildemc.spec.families.trials import TRIALS

__all__ = ["FAMILIES", "Family", "FamilyParameter", "Values"]

FAMILIES = {family.name: family for family in (*REALS, *TRIALS, *COUNTS, *POSITIVE_NUMBERS, *SHARES)}
