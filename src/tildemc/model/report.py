"""Report: what became of a person's rows, levels and words on the way to a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Report"]


@dataclass(frozen=True)
class Report:
    """What was left out, and what a reader should know.

    Attributes
    ----------
    rows : int
        In the data.
    used : int
        In the model.
    missing : mapping of str to int
        For each column that cost rows, the rows in which it has no value.
    unlabelled : mapping of str to int
        For each grouping factor, the rows left out because they need its label and have none.
    unused_levels : mapping of str to tuple of str
        Levels that a factor declares and no row has.
    notes : tuple of str
    """

    rows: int
    used: int
    missing: Mapping[str, int] = field(default_factory=dict)
    unlabelled: Mapping[str, int] = field(default_factory=dict)
    unused_levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def left_out(self) -> int:
        """How many rows are not in the model."""
        return self.rows - self.used
