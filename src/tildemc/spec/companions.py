"""One record per companion of the response: what stands beside it in the formula, `y | trials(n) ~ x`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from tildemc.arrays import Floats, Mask
from tildemc.spec.expr import Expr, Var
from tildemc.spec.families import Family
from tildemc.spec.families.limits import exposed, limited
from tildemc.spec.vocabulary import apply

__all__ = [
    "COMPANIONS",
    "COVARIATE",
    "LAWS",
    "SEEN",
    "Companion",
    "columns_of",
    "companion_of",
    "covariate",
    "is_companion",
]


class Law(Protocol):
    """What makes a family another one, given which columns stand beside the response."""

    def __call__(self, family: Family, columns: Collection[str]) -> Family: ...


@dataclass(frozen=True)
class Companion:
    """A column of numbers beside the response.

    Attributes
    ----------
    name : str
        What formulas and densities call it, and the name that its data have if nothing else has it.
    refused : callable
        Which numbers it may not be.
    told : str
        What it is, as in "trials are whole numbers from 0 up, but here they are".
    families : bool
        Only families whose records name it take it; else all do.
    whole : bool
        Whole numbers, which are counted exactly.
    weighs : bool
        It multiplies a row's log density.
    ends : bool
        It says where a response ends, so that the density is made of distribution functions.
    density : mapping of Expr to Expr
        What stands in a family's log density for one of its parts.
    options : mapping of str to such a mapping
        What stands there instead where an option of that name is TRUE. Of `cens`, ends that are infinite or have no
        value are `open`: there is no end.
    usual : float or None
        What it is in rows that are made up, where nobody says; None for the mean of the data.
    latex : str
        How the density of a row is written with it: `{density}`, and `{value}` for its own value.
    within : str
        The function of formulas whose argument it is, `trunc(lb = 1)`; empty for one that has its own name.
    words : mapping of str to float
        What a column of text may say instead of numbers.
    limits : mapping of str to float
        The number of a row whose response is at, or beyond, a limit that an argument of that name states.
    beyond : callable or None
        Which numbers do not go with the row's response and its other companions, by name; and `told_beyond`.
    """

    name: str
    refused: Callable[[Floats], Mask]
    told: str
    families: bool = True
    whole: bool = False
    weighs: bool = False
    ends: bool = False
    density: Mapping[Expr, Expr] = field(default_factory=dict)
    options: Mapping[str, Mapping[Expr, Expr]] = field(default_factory=dict)
    usual: float | None = None
    latex: str = "{density}"
    within: str = ""
    words: Mapping[str, float] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    beyond: Callable[[Mapping[str, Floats]], Mask] | None = None
    told_beyond: str = ""

    @property
    def function(self) -> str:
        """What formulas call that it is an argument of."""
        return self.within or self.name

    def goes_with(self, family: Family) -> bool:
        """Whether a response of this family takes it: limits are of one kind of response, and of numbers."""
        if self.families or self.weighs:
            return self.weighs or self.name in family.modifiers
        return not family.values.categories and family.signed is None and family.several is None


_sigma, _se = Var("sigma"), Var("se")


def _none(v: Floats) -> Mask:
    return np.zeros(v.shape, dtype=bool)


COMPANIONS = {
    companion.name: companion
    for companion in (
        Companion(
            "trials", lambda v: (v < 0) | (v != np.floor(v)), "trials are whole numbers from 0 up, but here they are",
            whole=True, usual=1.0,
        ),
        Companion(
            "weights", lambda v: v < 0, "a weight is 0 or more, but here it is", families=False, weighs=True,
            latex="[{density}]^{{{value}}}",
        ),
        Companion(
            "se", lambda v: v <= 0, "`se()` takes standard deviations greater than 0, but here it is",
            density={_sigma: _se}, options={"sigma": {_sigma: apply("sqrt", _sigma**2 + _se**2)}},
        ),
        Companion(
            "rate", lambda v: v <= 0, "`rate()` takes numbers greater than 0, but here it is",
        ),
        Companion(
            "dec", lambda v: ~np.isin(v, (0, 1)),
            "`dec()` takes 0 or lower, and 1 or upper, but here it is", words={"lower": 0.0, "upper": 1.0},
        ),
        Companion(
            "lb", _none, "", families=False, ends=True, within="trunc", latex=r"{density}\,[\,\cdot \geq {value}]",
            beyond=lambda row: row["y"] < row["lb"], told_beyond="the response is less than its lower limit, which is",
        ),
        Companion(
            "ub", _none, "", families=False, ends=True, within="trunc", latex=r"{density}\,[\,\cdot \leq {value}]",
            beyond=lambda row: row["y"] > row["ub"], told_beyond="the response is more than its upper limit, which is",
        ),
        Companion(
            "cens", lambda v: ~np.isin(v, (-1, 0, 1, 2)),
            "`cens()` takes -1 or left, 0 or none, 1 or right, and 2 or interval, but here it is",
            families=False, ends=True, options={"open": {}},
            words={"left": -1.0, "none": 0.0, "right": 1.0, "interval": 2.0}, limits={"left": -1.0, "right": 1.0},
            beyond=lambda row: (row["cens"] == 2) & ("y2" not in row),
            told_beyond="`cens(c, y2)` says where an interval ends, and this lacks `y2` where `c` is",
        ),
        Companion(
            "y2", _none, "", families=False, ends=True, within="cens",
            beyond=lambda row: (row["cens"] == 2) & ((row["y2"] <= row["y"]) | (row["y2"] > row.get("ub", np.inf))),
            told_beyond="an interval ends above where it begins, and within `trunc()`, and here its end is",
        ),
    )
}  # fmt: skip

LAWS: Mapping[frozenset[str], Law] = {
    frozenset({"rate"}): exposed,
    frozenset({"trunc", "cens"}): limited,
}
"""What functions of formulas make of a family, given which of their columns there are, the first first."""


COVARIATE = Companion("x_", _none, "", families=False)
"""A column that a non-linear formula reads."""


def covariate(label: str) -> str:
    """What densities call a column that a non-linear formula reads, and no other companion or parameter is called."""
    return f"{COVARIATE.name}{re.sub(r'[^0-9A-Za-z]+', '_', label).strip('_')}"


COUNTED = Companion(
    "count_", lambda v: (v < 0) | (v != np.floor(v)), "counts are whole numbers from 0 up, but here they are",
    families=False, whole=True, beyond=lambda row: row["trials"] != _added("count_", row),
    told_beyond="the counts of a row add up to its trials, and here one is",
)  # fmt: skip
PORTIONED = Companion(
    "portion_", lambda v: (v <= 0) | (v >= 1), "shares are between 0 and 1, and neither, but here they are",
    families=False, beyond=lambda row: abs(_added("portion_", row) - 1) > 1e-6,
    told_beyond="the shares of a row add up to 1, and here one is",
)  # fmt: skip
"""A further column of a response that is several numbers a row."""
VALUE = Companion("value_", _none, "", families=False)
"""One of several responses."""
SEEN = Companion("seen_", lambda v: ~np.isin(v, (0, 1)), "", families=False)
"""Whether a row has that response: 1, or else 0."""
NUMBERED = (COVARIATE, COUNTED, PORTIONED, VALUE, SEEN)
"""Those of which there are several, by what stands before what tells them apart."""


def _added(prefix: str, row: Mapping[str, Floats]) -> Floats:
    """The sum of a response's columns."""
    return np.asarray(row["y"] + sum(values for name, values in row.items() if name.startswith(prefix)))


def companion_of(name: str) -> Companion:
    """The record of a companion; what stands beside one of several responses changes the density of that alone."""
    numbered = next((record for record in NUMBERED if name.startswith(record.name)), None)
    if numbered is not None or name in COMPANIONS:
        return numbered or COMPANIONS[name]
    own = COMPANIONS[name.rpartition("_")[0]]
    return replace(own, families=False, weighs=False, ends=False, density={}, options={}, beyond=None)


def is_companion(name: str) -> bool:
    """Whether there is a record of it."""
    known = name in COMPANIONS or name.rpartition("_")[0] in COMPANIONS
    return known or name.startswith(tuple(record.name for record in NUMBERED))


def columns_of(function: str) -> tuple[str, ...]:
    """The companions that are a function's arguments, in order."""
    return tuple(companion.name for companion in COMPANIONS.values() if companion.function == function)
