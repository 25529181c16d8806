"""Names for what a program makes of its own, and Python identifiers for names, which may be any text."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import count

__all__ = ["Identifiers", "Spare"]

_RESERVED = {
    "az", "np", "pd", "pm", "pt", "sp", "interpolate", "distance",
    "glob", "duckdb", "data", "path", "model", "fit", "coords", "level", "level2",
    "level3", "level4", "map", "str", "repr", "float", "bool", "sorted",
}  # fmt: skip


class Identifiers:
    """One identifier for each name, each used once."""

    def __init__(self) -> None:
        self.by_name: dict[str, str] = {}
        self._taken = set(_RESERVED)

    def __call__(self, name: str, preferred: str | None = None) -> str:
        """The identifier of `name`; like `preferred`, if it is new and that is given."""
        if name not in self.by_name:
            self.by_name[name] = self._new(name if preferred is None else preferred)
        return self.by_name[name]

    def _new(self, name: str) -> str:
        plain = worded(unicodedata.normalize("NFKC", name.lstrip("\0")))
        if not plain.isidentifier():
            plain = f"v_{plain}"
        if not plain.isidentifier():
            plain = re.sub(r"\W", "_", plain, flags=re.ASCII)
        while keyword.iskeyword(plain) or plain in self._taken:
            plain += "_"
        self._taken.add(plain)
        return plain


NO_SIZES: Mapping[str, int] = {}


class Spare:
    """Names for the variables that a graph has beside what the model reports, each used once.

    Parameters
    ----------
    taken : iterable of str
        The model's own names.
    sizes : mapping of str to int
        How many numbers each quantity has that priors follow.
    """

    def __init__(self, taken: Iterable[str], sizes: Mapping[str, int] = NO_SIZES) -> None:
        self._taken = set(taken)
        self.sizes = sizes

    def __call__(self, *parts: str) -> str:
        """The parts in one word: `b` and `scale(z)` are `b_scale_z`."""
        plain = "_".join(filter(None, map(worded, parts)))
        others = (f"{plain}_{number}" for number in count(2))
        name = plain if plain not in self._taken else next(other for other in others if other not in self._taken)
        self._taken.add(name)
        return name


def worded(text: str) -> str:
    """What a person would call it: the words of `text`, and one underscore wherever something else was."""
    return re.sub(r"[\W_]+", "_", text).strip("_")
