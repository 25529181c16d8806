"""A model's name -> the name of its files."""

from __future__ import annotations

import hashlib
import re

__all__ = ["is_refused", "slug"]

_LONGEST = 80
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.=-]*")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_ABSOLUTE = re.compile(r"[/\\~]|[A-Za-z]:[/\\]")


def is_refused(name: str) -> bool:
    """Whether a name asks for a place outside the results: an absolute path, or one that goes up."""
    return bool(_ABSOLUTE.match(name)) or ".." in re.split(r"[/\\]", name) or "\0" in name


def slug(name: str) -> str:
    """The name itself where it can name a file; else what can be kept of it, and a hash so that no two meet."""
    if _PLAIN.fullmatch(name) and len(name) <= _LONGEST and not _RESERVED.fullmatch(name) and not name.endswith("."):
        return name
    kept = re.sub(r"[^A-Za-z0-9_.=]+", "-", name).strip("-.")[: _LONGEST - 9]
    return f"{kept or 'model'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
