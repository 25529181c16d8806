"""Outcome: what came of a job, as plain values that a file can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Cell = str | float | None
"""What stands in a table of results."""

__all__ = ["DONE", "FAILED", "KEPT", "WAITING", "Outcome"]

DONE, FAILED, WAITING, KEPT = "done", "failed", "waiting", "kept"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job.

    Attributes
    ----------
    key : str
        Of the job; empty if it could not even be resolved.
    status : str
        `done`, `failed`, `waiting`, or `kept`: done by an earlier run, and what keeps it from being made again is the
        error.
    error : str
        In words; empty if done or waiting.
    seconds : float
        Wall time of everything: reading, resolving, drawing, summarising, writing.
    finished : str
        When that was.
    rows, parameters, draws, divergences : int
    max_r_hat, min_ess : float or None
        Over all parameters, group effects too.
    engine : str
        Which engine drew, and why that one.
    warnings : tuple of str
        Of the draws.
    notes : tuple of str
        Of the model: how its text was read, what its data leave open.
    priors : tuple of str
        Of the model, stated or not.
    by : tuple of (str, str)
        Columns and the value, as it is read, that each has in its rows.
    fingerprint : mapping
        What the job was; says later what changed.
    summary : mapping
        Columns of the summary table by name.
    model_source : str
        The model as a PyMC program.
    sha256, size
        Of the file of draws; empty and 0 where what was wanted are estimates.
    """

    key: str
    status: str
    error: str = ""
    seconds: float = 0.0
    finished: str = ""
    rows: int = 0
    parameters: int = 0
    draws: int = 0
    divergences: int = 0
    max_r_hat: float | None = None
    min_ess: float | None = None
    engine: str = ""
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    priors: tuple[str, ...] = ()
    by: tuple[tuple[str, str], ...] = ()
    fingerprint: Mapping[str, str] = field(default_factory=dict)
    summary: Mapping[str, list[str | float | None]] = field(default_factory=dict)
    model_source: str = ""
    sha256: str = ""
    size: int = 0

    @property
    def drawn(self) -> bool:
        """Whether there are draws of it, or estimates."""
        return self.status in (DONE, KEPT)

    @property
    def estimated(self) -> bool:
        """Whether there are estimates of it, and no draws."""
        return self.drawn and not self.size
