"""One record per family, in a module for each kind of response."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from tildemc.spec.families.categorical import CATEGORICAL
from tildemc.spec.families.counts import COUNTS
from tildemc.spec.families.curves import Curved
from tildemc.spec.families.mixtures import Mixed
from tildemc.spec.families.multivariate import Jointly
from tildemc.spec.families.ordinal import ORDINAL
from tildemc.spec.families.parameter import FamilyParameter
from tildemc.spec.families.positive import POSITIVE_NUMBERS
from tildemc.spec.families.reals import REALS
from tildemc.spec.families.records import Family
from tildemc.spec.families.several import SEVERAL
from tildemc.spec.families.shares import SHARES
from tildemc.spec.families.survival import COX, Hazard
from tildemc.spec.families.times import TIMES
from tildemc.spec.families.trials import TRIALS
from tildemc.spec.families.values import Values
from tildemc.spec.families.zeros import (
    cut_at_ends,
    hurdle,
    hurdle_categories,
    zero_inflated,
    zero_one_inflated,
    zero_truncated,
)
from tildemc.spec.links import LINKS, Link

__all__ = ["FAMILIES", "KEYED", "RECIPES", "Family", "FamilyParameter", "Values", "varied"]

_PLAIN = {family.name: family for family in (*REALS, *TRIALS, *COUNTS, *POSITIVE_NUMBERS, *TIMES, COX, *SHARES)}


def varied(family: Family) -> Iterator[Family]:
    """A family with more zeros, with zeros that are a matter apart, without any: what its responses let it be."""
    match family.values:
        case Values(successes=True):
            yield zero_inflated(family, f"zero_inflated_{family.name}")
        case Values(whole=True, lower=0.0):
            truncated = zero_truncated(family, f"truncated_{family.name}")
            yield truncated
            yield hurdle(truncated, f"hurdle_{family.name}")
            yield zero_inflated(family, f"zero_inflated_{family.name}")
        case Values(lower=0.0, upper=1.0):
            # brms's name and parameter, for no share is 0 by itself.
            yield hurdle(family, f"zero_inflated_{family.name}", "zi")
        case Values(lower=0.0):
            yield hurdle(family, f"hurdle_{family.name}")
        case _:
            pass


def _made() -> Iterator[Family]:
    """Those that are made of others: of all counts, and of what else people use."""
    for family in COUNTS:
        yield from varied(family)
    for name in ("binomial", "beta_binomial", "gamma", "lognormal", "lognormal_mean", "beta"):
        yield from varied(_PLAIN[name])
    yield zero_inflated(_PLAIN["tweedie"], "zero_inflated_tweedie")
    # glmmTMB's: a zero may be one of the numbers, too, whose density there it adds.
    for name in ("gaussian", "student"):
        yield zero_inflated(_PLAIN[name], f"zero_inflated_{name}")
    # brms's name and parameter of what is a hurdle, for hardly any number is 0 by itself.
    yield hurdle(_PLAIN["asym_laplace"], "zero_inflated_asym_laplace", "zi")
    yield zero_one_inflated(_PLAIN["beta"], "zero_one_inflated_beta")
    yield cut_at_ends(_PLAIN["beta"], "ordbeta")


def _behind_hurdle(name: str, labels: tuple[str, ...], link: Link) -> Family:
    """The hurdle before the ordered family of that name, whose categories are all but the first."""
    (family,) = (family for family in ORDINAL if family.name == name)
    assert family.made is not None
    found = hurdle_categories(family.made(labels[1:], link), f"hurdle_{name}")
    assert found.categories is not None
    named = replace(found.categories, labels=labels)
    return replace(found, categories=named, made=partial(_behind_hurdle, name))


_HURDLES = (_behind_hurdle("cumulative", ("0", "1", "2", "3"), LINKS["logit"]),)

FAMILIES = _PLAIN | {family.name: family for family in (*_made(), *ORDINAL, *_HURDLES, *CATEGORICAL, *SEVERAL)}

RECIPES = (Curved, Hazard, Jointly, Mixed)
"""How families are made that have no key."""


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
