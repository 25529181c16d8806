"""Draws × rows, the fit's or new ones -> what the model says of each row: a summary, or every draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats, Integers, Values
from tildemc.resolve.newdata import NewRows
from tildemc.results.conditioning import Conditioning
from tildemc.results.datatree import Group
from tildemc.results.evaluate import Draws, Rows, row_chunks
from tildemc.results.quantity import Quantity
from tildemc.spec.design import Numbers
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names

if TYPE_CHECKING:
    from pandas import DataFrame, Index

__all__ = ["Summary", "bar_of", "evaluated", "posterior_draws", "predicted", "rows_for", "summarised"]

_PATIENCE = 1.0
"""Seconds before there is a bar."""


@dataclass(frozen=True, eq=False)
class Summary:
    """A summary of each row, NaN where it cannot be told.

    Attributes
    ----------
    values : (n, columns)
    columns : tuple of str, or of pairs of these
    index : pandas Index or None
        What the rows are called; None if they are counted.
    """

    values: Floats
    columns: tuple[str, ...] | tuple[tuple[str, str], ...]
    index: Index | None

    def frame(self) -> DataFrame:
        """As a data frame under the data's own index."""
        import pandas as pd

        from tildemc.table import Table

        paired = [pair for pair in self.columns if isinstance(pair, tuple)]
        columns = pd.MultiIndex.from_tuples(paired) if paired else list(self.columns)
        return Table(self.values, self.index, columns)


def posterior_draws(posterior: Group) -> tuple[Draws, tuple[int, int]]:
    """All draws one after the other, and how many chains of how many there are.

    The draws of a number lie side by side in memory, for rows are evaluated a few at a time, under all draws.
    """
    chains, length = posterior.sizes["chain"], posterior.sizes["draw"]
    found: dict[str, Floats] = {}
    for name, (_, values) in posterior.variables.items():
        found[name] = np.asfortranarray(values.reshape(chains * length, *values.shape[2:]))
    return found, (chains, length)


def rows_for(spec: ModelSpec, design: Numbers, conditioning: Conditioning, asked: Quantity, newdata: object) -> NewRows:
    """The rows that something is asked of, with what it needs of them."""
    return conditioning.rows(
        spec, design, newdata, response=asked.response, gaps=asked.gaps, companions=asked.companions,
        parameters=asked.parameters,
    )  # fmt: skip


def evaluated(
    spec: ModelSpec, rows: NewRows, draws: Draws, length: int, conditioning: Conditioning, *, progress: bool = False
) -> Iterator[tuple[slice | Integers, Rows, np.random.Generator]]:
    """Some rows at a time: which they are, what can be asked of them, and their chance."""
    with bar_of(rows.design.n, "rows", shown=progress) as told:
        done = 0
        for chunk, some in row_chunks(rows.design, length):
            design, own = conditioning.unseen(spec, some, draws)
            yield chunk, Rows(spec, design, own, length), conditioning.generator(done)
            done += design.n
            told(done)


@contextmanager
def bar_of(total: int, what: str, *, shown: bool) -> Iterator[Callable[[int], None]]:
    """A bar, once one has waited for it, where somebody looks."""
    from rich.console import Console

    console = Console(stderr=True)
    if not shown or not (console.is_terminal or console.is_jupyter):
        yield lambda done: None
        return
    from rich.progress import Progress

    started, bar = monotonic(), Progress(console=console, transient=True)
    task = bar.add_task(what, total=total)

    def tell(done: int) -> None:
        bar.update(task, completed=done)
        # Most are done before anyone could read a bar.
        if monotonic() - started > _PATIENCE:
            bar.start()

    try:
        yield tell
    finally:
        bar.stop()


def summarised(
    spec: ModelSpec,
    design: Numbers,
    posterior: Group,
    asked: Quantity,
    conditioning: Conditioning,
    *,
    newdata: object = None,
    interval: float = 0.95,
    progress: bool = False,
) -> Summary:
    """Mean, sd and equal-tailed interval of something in each row; of categories see `Quantity.columns`."""
    rows = rows_for(spec, design, conditioning, asked, newdata)
    draws, (chains, length) = posterior_draws(posterior)
    columns = asked.columns(interval)
    values = np.full((len(rows.complete), len(columns)), np.nan)
    kept = np.flatnonzero(rows.complete)
    for chunk, some, generator in evaluated(spec, rows, draws, chains * length, conditioning, progress=progress):
        values[kept[chunk]] = asked.summary(some, generator, interval)
    return Summary(values, columns, rows.index)


def predicted(
    spec: ModelSpec,
    design: Numbers,
    posterior: Group,
    asked: Quantity,
    conditioning: Conditioning,
    *,
    newdata: object = None,
    progress: bool = False,
) -> Group:
    """Something in each row under each draw: one variable, named after the response, (chain, draw, obs).

    Chances of categories have a dim more, `category`, those of components `component`.
    """
    rows = rows_for(spec, design, conditioning, asked, newdata)
    draws, (chains, length) = posterior_draws(posterior)
    kept = np.flatnonzero(rows.complete)
    own = (len(asked.chances),) if asked.chances else ()
    values = np.full((chains * length, len(rows.complete), *own), np.nan)
    for chunk, some, generator in evaluated(spec, rows, draws, chains * length, conditioning, progress=progress):
        values[:, kept[chunk]] = asked.each(some, generator) if asked.chances else asked.of(some, generator)
    known = names(spec)
    labels: Mapping[str, Values] = {
        "chain": posterior.labels["chain"], "draw": posterior.labels["draw"], known.obs: rows.labels,
    }  # fmt: skip
    dims: tuple[str, ...] = ("chain", "draw", known.obs)
    if asked.chances:
        dims = (*dims, next(name for name in (asked.along, f"{asked.along}_") if name not in known.taken))
        labels = {**labels, dims[-1]: np.array(asked.categories, dtype=object)}
    found = values.reshape(chains, length, len(rows.complete), *own)
    return Group({known.response: (dims, found)}, labels)
