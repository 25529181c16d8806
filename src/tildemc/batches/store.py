"""The results folder: a record and a file of draws for each key, and the tables that are made from them.

A record is written after its draws and holds their checksum and its own, so what is there is either whole or known not
to be. Nothing else decides whether a job is done.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING

from tildemc.batches.files import TEMPORARY, write_atomically
from tildemc.batches.outcome import Outcome
from tildemc.errors import TildeError
from tildemc.storage import Json

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BatchError", "Damaged", "Store", "locked"]


_CHECKSUMS = "checksums.json"


class BatchError(TildeError):
    """A batch that cannot be run or read as asked."""


class Damaged(Exception):
    """A record or a file of draws that is not as it was written."""


class Store:
    """A results folder. Only the holder of its lock writes."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)
        self.draws = self.root / "draws"
        self.models = self.root / "models"
        self.records = self.root / "jobs"

    def record(self, key: str) -> Outcome | None:
        """What is known of a key; None if nothing is.

        Raises
        ------
        Damaged
            If the record is not whole.
        """
        try:
            found = json.loads((self.records / f"{key}.json").read_text(encoding="utf-8"))
            checksum = found.pop("sha256_of_record")
            if checksum != _checksum(found) or found["key"] != key:
                raise Damaged("its record is damaged")
            tuples = {name: tuple(found[name]) for name in ("warnings", "notes", "priors")}
            return Outcome(**{**found, **tuples, "by": tuple((name, value) for name, value in found["by"])})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise Damaged("its record is damaged") from None

    def check_draws(self, outcome: Outcome) -> None:
        """Compare the draws with their checksum.

        Raises
        ------
        Damaged
            If they are missing or different.
        """
        if outcome.estimated:
            return
        path = self.path_of_draws(outcome.key)
        try:
            if path.stat().st_size != outcome.size:
                raise Damaged("its draws are damaged")
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != outcome.sha256:
                    raise Damaged("its draws are damaged")
        except FileNotFoundError:
            raise Damaged("its draws are gone") from None
        except OSError as error:
            raise Damaged(f"its draws cannot be read: {error.strerror}") from None

    def path_of_draws(self, key: str) -> Path:
        """Where the draws of a key are."""
        return self.draws / f"{key}.nc"

    def save(self, outcome: Outcome, draws: bytes | None = None) -> None:
        """Keep an outcome, and its draws if they came back as bytes.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        if draws is not None:
            write_atomically(self.path_of_draws(outcome.key), draws)
        record: dict[str, Json] = json.loads(json.dumps(asdict(outcome)))
        content = {**record, "sha256_of_record": _checksum(record)}
        write_atomically(self.records / f"{outcome.key}.json", json.dumps(content))

    def write(self, name: str, content: str | bytes) -> None:
        """Write a file of the folder, whole or not at all."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)

    def write_table(self, name: str, table: pd.DataFrame) -> None:
        """Write a table as parquet."""
        import io

        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False)
        self.write(name, buffer.getvalue())

    def read_table(self, name: str) -> pd.DataFrame | None:
        """Read a table; None if there is none that is whole."""
        import io

        content = self.read(name)
        if content is None:
            return None
        from pyarrow.parquet import ParquetFile

        # By this thread alone: one of Arrow's that lets go of Python's bytes while the process ends aborts it.
        table = ParquetFile(io.BytesIO(content), pre_buffer=False).read(use_threads=False)
        found: pd.DataFrame = table.to_pandas(use_threads=False)
        return found

    def seal(self, names: Iterable[str]) -> None:
        """Keep the checksums of files as they are, those that are there."""
        paths = {name: self.root / name for name in names}
        sums = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items() if path.is_file()}
        self.write(_CHECKSUMS, json.dumps(sums, indent=1))

    def read(self, name: str) -> bytes | None:
        """A file's content; None if there is none, or it is not as it was sealed."""
        try:
            sums = json.loads((self.root / _CHECKSUMS).read_text(encoding="utf-8"))
            content = (self.root / name).read_bytes()
            return content if hashlib.sha256(content).hexdigest() == sums[name] else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def prune(self, keys: Iterable[str], models: Iterable[str]) -> int:
        """Remove the results of all other keys, and the programs of all other models; how many keys there were."""
        kept, slugs = set(keys), set(models)
        old = [path for path in self.records.glob("*.json") if path.stem not in kept]
        stale = [path for path in self.draws.glob("*.nc") if path.stem not in kept]
        stale += [path for path in self.models.glob("*.py") if path.stem not in slugs]
        for path in (*old, *stale):
            path.unlink(missing_ok=True)
        return len(old)

    def sweep(self) -> None:
        """Remove what earlier runs left unfinished."""
        for folder in (self.root, self.draws, self.models, self.records):
            for path in folder.glob(f".*{TEMPORARY}"):
                with contextlib.suppress(OSError):
                    path.unlink()

    def free_space(self) -> int:
        """Bytes left on its disk."""
        return shutil.disk_usage(self.root).free


def _checksum(record: dict[str, Json]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


@contextmanager
def locked(root: str | Path) -> Iterator[Store]:
    """The folder, made if need be, for this process alone. The lock ends with the process, however that ends.

    Raises
    ------
    BatchError
        If the folder cannot be written, or another run is writing it.
    """
    store = Store(root)
    try:
        for folder in (store.root, store.draws, store.models, store.records):
            folder.mkdir(parents=True, exist_ok=True)
        file = (store.root / ".lock").open("a+", encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BatchError(f"results cannot be written to {root}: {reason}") from None
    with file:
        if not _lock(file):
            file.seek(0)
            owner = file.read().strip()
            raise BatchError(f"another run is writing to {root}{f' (process {owner})' if owner.isdigit() else ''}")
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        store.sweep()
        yield store


def _lock(file: IO[str]) -> bool:
    """Whether the lock was free."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(1 << 20)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
