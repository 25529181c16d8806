"""What a person may ask of a fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tildemc.errors import FitError

__all__ = ["METHODS", "SAMPLERS", "TELLING", "Settings"]

METHODS = {
    "auto": ("exact", "direct", "pymc"),
    "exact": ("exact",),
    "nuts": ("direct", "pymc"),
    "direct": ("direct",),
    "pymc": ("pymc",),
}
"""What `method` may be, and the engines that are then asked, in this order."""

SAMPLERS = ("nutpie", "pymc")
"""Who runs NUTS; the first is what every engine goes by when nobody asks."""

TELLING = ("progress", "report")
"""The settings that make no difference to the draws."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to draw.

    Attributes
    ----------
    draws, tune, chains : int
        Kept and warm-up draws of each chain. More than 500 to warm up gain nothing with nutpie (benchmarks/RESULTS.md);
        PyMC's own sampler may need them.
    seed : int or None
    method : str
        Which engine: `exact` integrates a Gaussian model's effects out; `direct` runs NUTS with nothing to compile,
        `pymc` on the PyMC graph. `auto` takes the first of these that can fit the model, `nuts` the first of the
        last two.
    sampler : str
        Who runs NUTS.
    target_accept : float
    progress : bool
        Whether to show a bar.
    report : callable, optional
        Told now and then, from another thread, how many draws there are, warm-up included, and how many diverged.
    """

    draws: int = 1000
    tune: int = 500
    chains: int = 4
    seed: int | None = None
    method: str = "auto"
    sampler: str = "nutpie"
    target_accept: float = 0.9
    progress: bool = True
    report: Callable[[int, int], None] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("draws", "chains"):
            if getattr(self, name) < 1:
                raise FitError(f"`{name}` must be at least 1, not {getattr(self, name)}")
        if self.tune < 0:
            raise FitError(f"`tune` cannot be negative, but is {self.tune}")
        if self.method not in METHODS:
            raise FitError(f"`method` is one of {', '.join(METHODS)}, not {self.method!r}")
        if self.sampler not in SAMPLERS:
            raise FitError(f"`sampler` is one of {', '.join(SAMPLERS)}, not {self.sampler!r}")
        if not 0 < self.target_accept < 1:
            raise FitError(f"`target_accept` lies between 0 and 1, not at {self.target_accept}")
