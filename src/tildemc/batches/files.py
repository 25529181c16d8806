"""Files that are either whole or not there."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

__all__ = ["TEMPORARY", "write_atomically"]

TEMPORARY = ".part"
"""How the names of unfinished files end."""


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write under another name, then rename.

    Raises
    ------
    OSError
        If it cannot be written; nothing is left of it then.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}{TEMPORARY}")
    try:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
