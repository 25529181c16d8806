"""The arguments of a call, matched with a function's as R matches them: by name, then in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tildemc.errors import TildeError, nearest
from tildemc.span import Span
from tildemc.syntax.tree import Argument

__all__ = ["Signature"]

_FEW = 4
"""So many arguments are shown with the function's name."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function calls its arguments, and how a call may give them.

    Attributes
    ----------
    name : str
    arguments : tuple of str
        In order; those after `...` have no place, and go by their whole names alone.
    needed : tuple of str
        Those that every call gives.
    passed_on : tuple of str
        Names beside them that `...` hands on to other functions.
    listed : tuple of str or None
        Those to name to someone who gave another, if not all of them.
    shortened : bool
        Whether the beginning of a name will do where it begins no other, as everywhere in R.
    error : type of TildeError
        What to raise where a call does not fit.
    """

    name: str
    arguments: tuple[str, ...]
    needed: tuple[str, ...] = ()
    passed_on: tuple[str, ...] = ()
    listed: tuple[str, ...] | None = None
    shortened: bool = False
    error: type[TildeError] = TildeError

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.arguments)})" if self._few else f"{self.name}()"

    @property
    def known(self) -> tuple[str, ...]:
        """The arguments that a call may name."""
        return tuple(dict.fromkeys(name for name in self.arguments + self.passed_on if name != "..."))

    def match(self, arguments: Sequence[Argument], span: Span | None) -> dict[str, Argument]:
        """Each argument by its name; `span` is where the call stands, for arguments that have no place of their own.

        Raises
        ------
        TildeError
            Of the signature's own kind: for a name that there is not, or is given twice, for too many, and too few.
        """
        matched: dict[str, Argument] = {}
        for argument in arguments:
            if argument.name is not None:
                name = self._named(argument.name, argument.span or span)
                if name in matched:
                    raise self.error(f"`{name}` is given twice", argument.span or span)
                matched[name] = argument
        # R takes all names first, wherever they stand: the others fill the places that are left.
        free = [name for name in self._in_order if name not in matched]
        positional = [argument for argument in arguments if argument.name is None]
        if len(positional) > len(free):
            raise self.error(f"`{self}` {self._takes()}", positional[len(free)].span or span)
        matched |= dict(zip(free, positional, strict=False))
        for name in self.needed:
            if name not in matched:
                raise self.error(f"`{self}` needs `{name}`", span)
        return matched

    @property
    def _few(self) -> bool:
        return len(self.arguments) <= _FEW

    @property
    def _in_order(self) -> tuple[str, ...]:
        """The arguments that have a place."""
        return self.arguments[: self.arguments.index("...")] if "..." in self.arguments else self.arguments

    def _named(self, given: str, span: Span | None) -> str:
        """The argument that a name, or its beginning, names."""
        if given in self.known:
            return given
        begun = [name for name in self._in_order if name.startswith(given)] if self.shortened else []
        if len(begun) == 1:
            return begun[0]
        raise self.error(f"`{self}` has no argument `{given}`{self._hint(given)}", span)

    def _hint(self, given: str) -> str:
        begun = [name for name in self.known if name.startswith(given)] if self.shortened else []
        if begun:
            return f"; it may be {', '.join(f'`{name}`' for name in begun)}"
        others = "" if self._few else f"; it has {', '.join(self.known if self.listed is None else self.listed)}"
        return nearest(given, self.known) or others

    def _takes(self) -> str:
        """How many arguments it takes, in words."""
        most = len(self.arguments)
        words = {0: "no arguments", 1: "one argument"}.get(most, f"{most} arguments")
        if not self._few:
            return "has fewer arguments"
        return f"takes {words}" if most <= max(1, len(self.needed)) else f"takes at most {words}"
