"""Python identifiers for a program's names, which may be any text."""

from __future__ import annotations

import keyword
import re
import unicodedata

__all__ = ["Identifiers"]

_RESERVED = {
    "np", "pd", "pm", "pt", "glob", "duckdb", "data", "path", "model", "fit", "coords", "level", "level2", "level3",
    "level4", "map", "str", "repr", "float", "bool", "sorted",
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
        plain = re.sub(r"\W", "_", unicodedata.normalize("NFKC", name.lstrip("\0")))
        if not plain.isidentifier():
            plain = f"v_{plain}"
        if not plain.isidentifier():
            plain = re.sub(r"\W", "_", plain, flags=re.ASCII)
        while keyword.iskeyword(plain) or plain in self._taken:
            plain += "_"
        self._taken.add(plain)
        return plain
