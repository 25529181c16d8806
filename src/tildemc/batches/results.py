"""Batch: what came of a batch, read from its folder."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tildemc.batches.outcome import DONE, FAILED, KEPT, Outcome
from tildemc.batches.store import BatchError, Damaged, Store
from tildemc.errors import doors, nearest
from tildemc.page import Page, Section
from tildemc.screen import number

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import DataTree

    from tildemc.results.fit import Fit

__all__ = ["Batch"]


@doors
@dataclass(frozen=True, eq=False)
class Batch:
    """The results of a batch: its tables, and `found["job"]` for the fit of a job.

    Attributes
    ----------
    folder : Path
    problems : tuple of str
        What went wrong beside single jobs: comparisons that could not be made.
    interrupted : bool
        Whether the run was broken off.
    """

    folder: Path
    problems: tuple[str, ...] = ()
    interrupted: bool = False

    @cached_property
    def index(self) -> DataFrame:
        """A row per job: name, by-values, status, seconds, rows, parameters, divergences, R-hat, ESS, key, error."""
        return self._read("index.parquet", Store(self.folder).read_table)

    @cached_property
    def summary(self) -> DataFrame:
        """A row per parameter of each job that is done, group effects too."""
        return self._read("summary.parquet", Store(self.folder).read_table)

    @cached_property
    def compare(self) -> DataFrame | None:
        """The comparisons that the file asked for; None if there are none."""
        import pandas as pd

        from tildemc.table import Table

        if not (self.folder / "compare.csv").is_file():
            return None
        content = self._read("compare.csv", Store(self.folder).read)
        return Table(pd.read_csv(io.BytesIO(content), keep_default_na=False, na_values=["nan"]))

    @property
    def failed(self) -> DataFrame:
        """The jobs that failed; with results of an earlier run or without."""
        return self.index[self.index["status"].isin((FAILED, KEPT))]

    @property
    def ok(self) -> bool:
        """Whether all is done."""
        return not self.interrupted and not self.problems and bool((self.index["status"] == DONE).all())

    @property
    def _page(self) -> Page:
        """What is shown, as text or in a notebook: a line for each job."""
        columns = ["status", "rows", "seconds", "divergences", "max_r_hat", "min_ess", "error"]
        table = self.index[columns].astype(object).where(self.index[columns].notna(), "")
        rows = [
            (str(job), [number(cell) if isinstance(cell, float) else str(cell).partition("\n")[0] for cell in cells])
            for job, cells in zip(self.index["job"], table.to_numpy().tolist(), strict=True)
        ]
        jobs = Section("Jobs", columns, rows, words=True, elsewhere="`index` has them all")
        return Page(str(self.folder), (self._counts,), [jobs], self.problems)

    def __str__(self) -> str:
        return self._page.text()

    def _repr_html_(self) -> str:
        return self._page.html()

    @property
    def _counts(self) -> str:
        counts = self.index["status"].value_counts()
        return ", ".join(f"{count} {status}" for status, count in counts.items())

    def __getitem__(self, job: str) -> Fit:
        """The fit of a job; see `fit`."""
        return self.fit(job)

    def fit(self, job: str) -> Fit:
        """A job's fit, for summaries, comparisons and reports, with its model; needs no data.

        Raises
        ------
        BatchError
            If there is no such job, if it is not done, or if its draws are not as they were written.
        """
        from tildemc.compiled import Model
        from tildemc.results.datatree import groups_of
        from tildemc.results.opened import opened

        return opened(groups_of(self.draws(job)), job, Model)

    def draws(self, job: str) -> DataTree:
        """The draws of a job, as ArviZ's groups; needs no data.

        Raises
        ------
        BatchError
            If there is no such job, if it is not done, or if its draws are not as they were written.
        """
        return self._draws(self._outcome(job))

    def _draws(self, outcome: Outcome) -> DataTree:
        """The draws that the record was made with."""
        from tildemc.results.stored import read_tree

        return read_tree(Store(self.folder).path_of_draws(outcome.key))

    def _outcome(self, job: str) -> Outcome:
        """The record of a job that is done and whose draws are whole."""
        store = Store(self.folder)
        try:
            outcome = store.record(self._key(job))
            if outcome is None:
                raise Damaged("its record is gone")
            store.check_draws(outcome)
            if outcome.estimated:
                raise BatchError(f"{job} is an estimate, of which there are no draws: its numbers are in `summary`")
        except Damaged as error:
            raise BatchError(f"{job} cannot be opened: {error}; run the batch again") from None
        return outcome

    def _key(self, job: str) -> str:
        """The key of a job that there are draws of."""
        found = self.index[self.index["job"] == job]
        if found.empty:
            raise BatchError(f"there is no job {job!r}{nearest(job, self.index['job'])}")
        status, key, error = found.iloc[0][["status", "key", "error"]]
        if status not in (DONE, KEPT):
            raise BatchError(f"{job} is {status}{f': {error}' if error else ''}")
        return str(key)

    def __repr__(self) -> str:
        return f"<Batch in {self.folder}: {self._counts}>"

    def _read[T](self, name: str, read: Callable[[str], T | None]) -> T:
        found = read(name)
        if found is None:
            raise BatchError(f"{self.folder} holds no {name} that is whole; run the batch again")
        return found
