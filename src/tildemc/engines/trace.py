"""nutpie's raw trace -> arrays: the draws after warm-up that its chains have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tildemc.arrays import Floats, Integers, Values
from tildemc.errors import Interrupted

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["NO_DRAWS", "STATISTICS", "arrays", "rectangle"]

STATISTICS = {
    "diverging": "diverging",
    "energy": "energy",
    "logp": "lp",
    "lp": "lp",
    "depth": "tree_depth",
    "tree_depth": "tree_depth",
    "n_steps": "n_steps",
    "step_size": "step_size",
    "mean_tree_accept": "acceptance_rate",
    "acceptance_rate": "acceptance_rate",
}
"""The statistics that are kept, by the samplers' names, under ArviZ's."""

NO_DRAWS = "sampling was interrupted before the end of warm-up: there are no draws"


def arrays(trace: Any, names: Sequence[str]) -> tuple[dict[str, Floats], dict[str, Values]]:
    """The draws of variables, each (chains, draws, …), and the sampler's statistics, (chains, draws).

    An interrupt leaves chains of several lengths: of those that have draws, as many are taken, each cut to the
    shortest of them, as give most.

    Raises
    ------
    Interrupted
        If no chain has come to draws.
    """
    batches = zip(*trace.get_arrow_trace(), strict=True)
    chains = [(draws, statistics, _kept(statistics)) for draws, statistics in batches]
    lengths = [len(kept) for _, _, kept in chains]
    if not any(lengths):
        raise Interrupted(NO_DRAWS)
    taken, length = rectangle(lengths)
    chosen = [(draws, statistics, kept[:length]) for draws, statistics, kept in (chains[i] for i in taken)]
    known = {theirs: ours for theirs, ours in STATISTICS.items() if theirs in chosen[0][1].schema.names}
    return (
        {
            name: np.stack([_column(draws, name)[kept] for draws, _, kept in chosen]).astype(np.float64, copy=False)
            for name in names
        },
        {
            ours: np.stack([_column(statistics, theirs)[kept] for _, statistics, kept in chosen])
            for theirs, ours in known.items()
        },
    )


def rectangle(lengths: Sequence[int]) -> tuple[list[int], int]:
    """Which chains to take, and how many draws of each, so that there are most in all."""
    longest = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    count = max(range(1, len(longest) + 1), key=lambda n: (n * lengths[longest[n - 1]], n))
    return sorted(longest[:count]), lengths[longest[count - 1]]


def _kept(statistics: pa.RecordBatch) -> Integers:
    return np.flatnonzero(np.logical_not(_column(statistics, "tuning")))


def _column(batch: pa.RecordBatch, name: str) -> Values:
    """A column of an Arrow table, (rows, …)."""
    import pyarrow as pa

    column = batch.column(name)
    shape = (column.field.metadata or {}).get(b"shape", b"").decode()
    values = pa.array(column)
    flat = values.flatten() if pa.types.is_nested(values.type) else values
    sizes = [int(size) for size in shape.split(",") if size]
    return np.asarray(flat.to_numpy(zero_copy_only=False).reshape(batch.num_rows, *sizes))
