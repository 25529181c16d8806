"""The symbols of a model's equations: coefficients, effects, and the indices of groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, count

from tildemc.spec.terms.factor import Factor
from tildemc.targets.latex.expression import word

__all__ = ["Equation", "Indices", "Symbol", "deviations"]

_LETTERS = "jklmpqrstuvw"
_DEVIATIONS = (r"\gamma", r"\delta", r"\zeta", r"\eta", r"\theta", r"\kappa", r"\lambda", r"\xi", r"\omega")


@dataclass(frozen=True, slots=True)
class Equation:
    """`left relation right`; one that goes on has only a right side."""

    left: str
    relation: str
    right: str


@dataclass(frozen=True, slots=True)
class Symbol:
    """A letter with what tells it from others of the same letter.

    Attributes
    ----------
    letter : str
    above : str
        The parameter of the response that it belongs to, unless that is the first.
    below : tuple of str
        Its own number, and indices.
    """

    letter: str
    above: str = ""
    below: tuple[str, ...] = ()

    def at(self, *indices: str) -> Symbol:
        """With further indices."""
        return replace(self, below=(*self.below, *indices))

    def of(self, letter: str) -> Symbol:
        r"""The `letter` of this: its mean \mu, its standard deviation \sigma."""
        return Symbol(letter, below=(str(self),))

    def __str__(self) -> str:
        above = f"^{{({self.above})}}" if self.above else ""
        below = f"_{{{','.join(self.below)}}}" if self.below else ""
        return self.letter + above + below


@dataclass
class Indices:
    """A letter for each factor: level j of the first, k of the second."""

    known: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)

    def __call__(self, factor: Factor) -> str:
        """The factor's letter."""
        key = (factor.label, factor.levels)
        if key not in self.known:
            place = len(self.known)
            self.known[key] = _LETTERS[place] if place < len(_LETTERS) else rf"\mathrm{{g{place + 1}}}"
        return self.known[key]

    def range(self, factor: Factor) -> str:
        """What the letter goes through."""
        last = len(factor.levels)
        values = str(last) if last == 1 else rf"1, \ldots, {last}"
        return rf",\quad {self(factor)} = {values}\ ({word(factor.label)})"


def deviations() -> Iterator[str]:
    """Letters for effects that are deviations, one for each group term."""
    return chain(_DEVIATIONS, (rf"\mathrm{{u{number}}}" for number in count(1)))
