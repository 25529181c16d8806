"""Shelf: the data files that the page may choose from, by name; those that come are kept in a folder."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

from tildemc.errors import DataError, nearest
from tildemc.play.examples import EXAMPLES
from tildemc.spec.origin import format_of

__all__ = ["LARGEST", "MOST", "Shelf", "megabytes"]

LARGEST, MOST = 100_000_000, 1_000_000_000
"""Of a file that comes, and of all of them together, in bytes."""
_STRANGE = re.compile(r"[^\w.\-]+")
_LONGEST = 80


def megabytes(size: int) -> str:
    """A size as people say it."""
    return f"{size / 1_000_000:,.0f} MB"


@dataclass
class Shelf:
    """Data files by name.

    Attributes
    ----------
    folder : Path
        Where those that come are kept, each in a folder of its own; nobody else's.
    places : dict of str to Path
    """

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="tildemc-play-")))
    places: dict[str, Path] = field(default_factory=lambda: {example.name: example.path for example in EXAMPLES})
    _came: int = 0

    def at(self, name: str) -> Path:
        """Where a file is.

        Raises
        ------
        DataError
            If there is none of that name.
        """
        if name not in self.places:
            raise DataError(f"there are no data `{name}`{nearest(name, self.places)}")
        return self.places[name]

    def put(self, path: Path) -> str:
        """Have a file of this machine where it is; what it is called here.

        Raises
        ------
        DataError
            If it is of no kind that is read, or not there.
        """
        format_of(path.name)
        if not path.is_file():
            raise DataError(f"there is no file {path}")
        self.places[path.name] = path.resolve()
        return path.name

    def room(self, called: str) -> Path:
        """Where a file that comes is to be written: under its own name, as far as a name may steer nothing.

        Raises
        ------
        DataError
            If it is of no kind that is read, or there is no room.
        """
        bare = PurePosixPath(PureWindowsPath(called).name).name
        name = _STRANGE.sub("_", bare).lstrip(".")[-_LONGEST:]
        format_of(name)
        if sum(path.stat().st_size for path in self.folder.glob("*/*")) > MOST:
            raise DataError(f"the playground holds {megabytes(MOST)} of files already: begin it again")
        self._came += 1
        place = self.folder / str(self._came) / name
        place.parent.mkdir()
        return place

    def keep(self, place: Path) -> str:
        """Offer a file that has come; what it is called here, which is not what another is."""
        name, number = place.name, 2
        while name in self.places:
            name, number = f"{place.name} ({number})", number + 1
        self.places[name] = place
        return name

    def clear(self) -> None:
        """Remove what came."""
        import shutil

        shutil.rmtree(self.folder, ignore_errors=True)
