"""How a person addresses what a prior is of: `b(floor)`, `sd(county, floor)`, `sigma`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from tildemc.spec.priors import Prior
from tildemc.spec.support import Support
from tildemc.spec.terms.product import INTERCEPT_LABEL

__all__ = ["KINDS", "Kind", "Sense", "Target", "Words", "argument", "is_plain", "of_parameter"]

Kind = Literal[
    "Intercept",
    "b",
    "sd",
    "cor",
    "shape",
    "df",
    "sds",
    "sdgp",
    "lscale",
    "sdcar",
    "car",
    "parameter",
    "shares",
    "meanme",
    "sdme",
    "corme",
    "hyperparameter",
]
Words = tuple[str, ...]
"""A name, and what stands in its parentheses: `("sd", "county", "floor")`; `("sd_county[floor]",)`."""

KINDS = (INTERCEPT_LABEL, "b", "sd", "var", "cor", "sds", "sdgp", "lscale", "simo", "meanme", "sdme", "corme")
"""The words that address parameters by what they are; a column of such a name is `b(name)`."""


class Sense(IntEnum):
    """How much a name names; where statements overlap, the greater counts."""

    EVERY = -1
    """All of a kind, of several responses: `b`."""
    ALL = 0
    """All of a kind: `b`, `sd`."""
    PART = 1
    """A term's coefficients, a grouping factor's sds: `b(recipe)`, `sd(county)`."""
    EFFECT = 2
    """An effect without its grouping factor: `sd(floor)`."""
    ONE = 3
    """Just this one: `b(floor)`, `sd(county, floor)`."""


@dataclass(frozen=True, slots=True)
class Target:
    """What one prior of a model is of.

    Attributes
    ----------
    parameter : str
        Whose predictor it belongs to, or the parameter itself.
    kind : Kind
    labels : tuple of str
        The column of `b`; the grouping factor and the effects of `sd` and `cor`; the name of a `shape` before these.
    support : Support
        The values it may take.
    prior : Prior
    shown : Words
        Its address but for the `var` of a prior on the variance.
    names : tuple of (Words, Sense)
        All names that it goes by.
    size : int
        Of how many numbers together it is, where these have one density.
    made : bool
        Whether it may be made of other quantities of the model, and have a prior whose arguments these are.
    """

    parameter: str
    kind: Kind
    labels: tuple[str, ...]
    support: Support
    prior: Prior
    shown: Words
    names: tuple[tuple[Words, Sense], ...] = ()
    size: int = 1
    made: bool = True

    @property
    def key(self) -> tuple[str, Kind, tuple[str, ...]]:
        """What tells it from others."""
        return self.parameter, self.kind, self.labels

    @property
    def address(self) -> str:
        """How a person addresses it: `sd(county, floor)`, or `var(county, floor)` where the prior is on that."""
        name, *labels = self.shown
        if self.prior.on_variance:
            name, labels = (f"{name[:-2]}var", labels) if self.kind == "sd" else ("var", [name])
        return f"{name}({', '.join(map(argument, labels))})" if labels else name

    @property
    def density(self) -> str:
        """Its prior as a person writes it."""
        return self.prior.on(self.support)

    def __str__(self) -> str:
        return f"{self.address} ~ {self.density}"


def of_parameter(parameter: str, word: str) -> str:
    """`b`, or `sigma.b`."""
    return word if parameter == "mu" else f"{parameter}.{word}"


_PLAIN = re.compile(r"(?![⁰¹²³⁴-⁹])[^\W\d_](?:(?![⁰¹²³⁴-⁹])[\w.])*")
_CONSTANTS = {"TRUE", "FALSE", "NULL", "True", "False"}
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"})


def is_plain(label: str) -> bool:
    """Whether a label reads as what it is without quotes."""
    parts = label.split(":")
    return all(_PLAIN.fullmatch(part) and part not in _CONSTANTS for part in parts)


def argument(label: str) -> str:
    """A label as a prior statement takes it."""
    if is_plain(label):
        return label
    if '"' in label and "'" not in label:
        return f"'{label.translate(_ESCAPES | {ord('"'): '"'})}'"
    return f'"{label.translate(_ESCAPES)}"'
