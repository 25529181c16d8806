"""What priors are arithmetic of -> where that stands among the coordinates, and the steps of the arithmetic."""

from __future__ import annotations

from tildemc.arrays import Floats
from tildemc.spec.expr import Const, Expr, Index, Var, substitute, walk
from tildemc.spec.priors import Prior
from tildemc.targets.shared.recipes import recipe_of_diagonal

__all__ = ["Followed"]


class Followed:
    """Their places, by name; of shares those of the pieces that they are made of."""

    def __init__(self) -> None:
        self._places: dict[str, slice] = {}
        self._shares: set[str] = set()

    def add(self, name: str, place: slice, *, shares: bool = False) -> None:
        """A quantity, whose numbers stand at `place`."""
        self._places[name] = place
        if shares:
            self._shares.add(name)

    def recipe(self, prior: Prior) -> tuple[list[int], Floats]:
        """The places that a prior's shift and stretch are arithmetic of, and the recipe of these two."""
        parts = prior.shift, prior.stretch
        leaves = (leaf for part in parts for leaf in walk(part) if isinstance(leaf, Var | Index))
        known: dict[Expr, Expr] = {leaf: self._value(leaf) for leaf in leaves}
        # An element is replaced before what it is an element of.
        ordered = dict(sorted(known.items(), key=lambda pair: isinstance(pair[0], Var)))
        entries = [substitute(part, ordered) for part in parts]
        places = [*dict.fromkeys(_place(leaf) for entry in entries for leaf in walk(entry) if isinstance(leaf, Var))]
        shapes: dict[Expr, Expr] = {_of(place): Var(f"shape{number}") for number, place in enumerate(places)}
        return places, recipe_of_diagonal([substitute(entry, shapes) for entry in entries], len(places))

    def _value(self, leaf: Var | Index) -> Expr:
        match leaf:
            case Index(Var(name), (_, int(number))):
                return self._element(name, number)
            case Var(name):
                return _of(self._places[name].start)
            case other:
                raise AssertionError(other)

    def _element(self, name: str, number: int) -> Expr:
        first, pieces = self._places[name].start, self._places[name].stop - self._places[name].start
        if name not in self._shares:
            return _of(first + number)
        # A share is a part of what those before it have left; the last one is all of that.
        share: Expr = _of(first + number) if number < pieces else Const(1.0)
        for before in range(number):
            share = share * (1 - _of(first + before))
        return share


def _of(place: int) -> Var:
    return Var(f"at {place}")


def _place(leaf: Var) -> int:
    return int(leaf.name.removeprefix("at "))
