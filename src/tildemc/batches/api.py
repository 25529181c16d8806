"""`batch` runs a formula file, `load_batch` reads what came of it; what they need is loaded when they are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tildemc.errors import at_the_door
from tildemc.limits import Limits

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from tildemc.batches.formula_file import FormulaFile
    from tildemc.batches.plan import Plan
    from tildemc.batches.results import Batch
    from tildemc.storage import Json

__all__ = ["batch", "load_batch", "plan_batch"]


@at_the_door
def load_batch(folder: str | Path) -> Batch:
    """Open a folder of results.

    Raises
    ------
    BatchError
        If there are none.
    """
    from tildemc.batches.results import Batch

    found = Batch(Path(folder))
    found.index  # noqa: B018 -- to say at once that there is none
    return found


def plan_batch(
    path: str | Path,
    *,
    data: str | Path | None = None,
    family: str | None = None,
    na: Sequence[str] = (),
    csv: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    **settings: Json,
) -> tuple[FormulaFile, Plan]:
    """What `batch` would fit, and all that is wrong with it.

    Raises
    ------
    FormulaFileError, BatchError
        If the file as a whole cannot be read.
    """
    from tildemc.batches.formula_file import SETTINGS, read_formula_file
    from tildemc.batches.plan import plan
    from tildemc.engines.settings import refuse_unknown

    refuse_unknown("batch", [name for name in settings if name not in SETTINGS], SETTINGS)
    file = read_formula_file(path)
    path_of_data = None if data is None else str(Path(data).resolve())
    return file, plan(file, data=path_of_data, family=family, na=na, csv=csv, limits=limits, **settings)


@at_the_door
def batch(
    path: str | Path,
    *,
    out: str | Path,
    executor: Executor | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    only: Sequence[str] = (),
    fail_fast: bool = False,
    prune: bool = False,
    data: str | Path | None = None,
    family: str | None = None,
    na: Sequence[str] = (),
    csv: Mapping[str, str] | None = None,
    accept: Sequence[str] = (),
    limits: Limits | None = None,
    progress: bool = False,
    **settings: Json,
) -> Batch:
    """Fit every model of a formula file that is not fitted yet.

    Parameters
    ----------
    path : str or Path
        A model per line, or TOML.
    out : str or Path
        The folder for results.
    executor : concurrent.futures.Executor, optional
        Who does the work; by default a pool of processes on this machine. A script that uses that pool needs
        `if __name__ == "__main__":` around what it does, as multiprocessing has it.
    workers : int, optional
        How many processes; by default as many as there are cores.
    scheduler : str, optional
        The address of a Dask scheduler, `tcp://host:port`, instead.
    only : sequence of str
        Models, or single jobs; the others are left as they are.
    fail_fast : bool
        Whether to begin no more jobs after one has failed.
    prune : bool
        Whether to remove results that no job of the file has any more.
    data, family : str, optional
        For models that name none.
    na : sequence of str
        What stands for no value in the data of models that do not say it.
    csv : mapping, optional
        The marks in text in columns, as for `model`, where models do not say them.
    accept : sequence of str
        Columns that may hold something else than in the last run, labels instead of numbers; other such columns are
        refused.
    limits : Limits, optional
        How large models and their data may be, instead of what the file says: `Limits(sql_seconds=600)`.
    progress : bool
        Whether to tell of it on stderr: a live table on a terminal, else a line per job.
    **settings
        Settings of `Model.fit`, before those of the file.

    Returns
    -------
    Batch
        Failures are told in its index.

    Raises
    ------
    FormulaFileError, BatchError
        If the file cannot be read, or the results cannot be written.
    """
    from tildemc.batches.perform import perform

    _, planned = plan_batch(path, data=data, family=family, na=na, csv=csv, limits=limits, **settings)
    return perform(
        planned, out, executor=executor, workers=workers, scheduler=scheduler, only=only, fail_fast=fail_fast,
        prune=prune, accept=accept, progress=progress,
    )  # fmt: skip
