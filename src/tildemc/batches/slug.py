"""The names of models -> the names of their files."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable

__all__ = ["is_refused", "slugs"]

_LONGEST = 80
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.=-]*")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_ABSOLUTE = re.compile(r"[/\\~]|[A-Za-z]:[/\\]")


def is_refused(name: str) -> bool:
    """Whether a name asks for a place outside the results: an absolute path, or one that goes up."""
    return bool(_ABSOLUTE.match(name)) or ".." in re.split(r"[/\\]", name) or "\0" in name


def slugs(names: Iterable[str]) -> dict[str, str]:
    """The files' names of some models: of each the name itself where it can name a file, no two alike on any disk.

    Else it is what can be kept of the name, and a hash. Some disks take `Radon` for `radon`: then both have one.
    """
    names = tuple(names)
    alike = Counter(name.casefold() for name in names)
    return {name: name if alike[name.casefold()] == 1 and _is_plain(name) else _hashed(name) for name in names}


def _is_plain(name: str) -> bool:
    named = _PLAIN.fullmatch(name) and not _RESERVED.fullmatch(name)
    return bool(named) and len(name) <= _LONGEST and not name.endswith(".")


def _hashed(name: str) -> str:
    kept = re.sub(r"[^A-Za-z0-9_.=]+", "-", name).strip("-.")[: _LONGEST - 9]
    return f"{kept or 'model'}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
