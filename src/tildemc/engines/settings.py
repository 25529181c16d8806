"""What a person may ask of a fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from numbers import Integral, Real
from typing import TypedDict

from tildemc.errors import FitError, nearest, one_of
from tildemc.visible import shown

__all__ = ["METHODS", "MOST_SEED", "SAMPLERS", "TELLING", "Drawing", "Settings", "refuse_unknown"]

METHODS = {
    "auto": ("exact", "transport", "direct", "pymc"),
    "exact": ("exact",),
    "transport": ("transport",),
    "nuts": ("direct", "pymc"),
    "direct": ("direct",),
    "pymc": ("pymc",),
}
"""What `method` may be, and the engines that are then asked, in this order."""

SAMPLERS = ("nutpie", "pymc")
"""Who runs NUTS; the first is what every engine goes by when nobody asks."""

MOST_DRAWS, MOST_CHAINS, MOST_SEED = 10_000_000, 10_000, 2**32 - 1
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
        Which engine: `exact` integrates a Gaussian model's effects out; `transport` draws the few parameters of a
        model with effects by Metropolis, its effects carried along; `direct` runs NUTS with nothing to compile, `pymc`
        on the PyMC graph. `auto` takes the first of these that can fit the model and does it well, `nuts` the first of
        the last two.
    sampler : str
        Who runs NUTS.
    target_accept : float
    progress : bool
        Whether to show a bar.
    report : callable, optional
        Told now and then, from another thread, how many draws there are, warm-up included, and how many diverged.

    Raises
    ------
    FitError
        If a setting is of another kind or out of range.
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
        for name, lowest, highest in (("draws", 1, MOST_DRAWS), ("tune", 0, MOST_DRAWS), ("chains", 1, MOST_CHAINS)):
            object.__setattr__(self, name, _whole(name, getattr(self, name), lowest, highest))
        if self.seed is not None:
            object.__setattr__(self, "seed", _whole("seed", self.seed, 0, MOST_SEED))
        for name, known in (("method", METHODS), ("sampler", SAMPLERS)):
            one_of(name, getattr(self, name), known, FitError)
        accept = self.target_accept
        if isinstance(accept, bool) or not isinstance(accept, Real) or not 0 < accept < 1:
            raise FitError(f"`target_accept` is a number between 0 and 1, not {shown(accept)}")
        object.__setattr__(self, "target_accept", float(accept))
        if not isinstance(self.progress, bool):
            raise FitError(f"`progress` is True or False, not {shown(self.progress)}")
        if self.report is not None and not callable(self.report):
            raise FitError(f"`report` is a function of two numbers, not {shown(self.report)}")

    def said(self) -> dict[str, object]:
        """Each setting by its name."""
        return {setting.name: getattr(self, setting.name) for setting in fields(self)}


class Drawing(TypedDict, total=False):
    """What may be said of how a model is fitted, where the seed has an argument of its own."""

    draws: int
    tune: int
    chains: int
    method: str
    sampler: str
    target_accept: float
    progress: bool
    report: Callable[[int, int], None] | None


def _whole(name: str, value: object, lowest: int, highest: int) -> int:
    """`value` as a whole number within bounds; NumPy's are whole numbers too, truth values are none."""
    number = int(value) if isinstance(value, Integral) and not isinstance(value, bool) else -1
    if not lowest <= number <= highest:
        raise FitError(f"`{name}` is a whole number from {lowest} to {highest:,}, not {shown(value)}")
    return number


_CALLED = {
    "seed": ("random_seed", "rng", "set_seed"),
    "draws": ("samples", "num_samples", "n_samples", "ndraws", "n_draws", "iter_sampling"),
    "tune": ("warmup", "num_warmup", "iter_warmup", "n_warmup", "burnin", "burn_in", "n_tune"),
    "chains": ("nchains", "n_chains", "num_chains"),
    "target_accept": ("adapt_delta", "control"),
    "sampler": ("nuts_sampler",),
    "method": ("engine", "algorithm", "backend", "inference_method"),
    "progress": ("progressbar", "progress_bar", "show_progress", "verbose", "refresh"),
    "report": ("callback", "progress_callback"),
    "criterion": ("REML",),
    "points": ("nAGQ", "intpoints", "qpoints"),
}
ELSEWHERE = {
    **{theirs: f"it is `{ours}` here" for ours, names in _CALLED.items() for theirs in names},
    "iter": "say `draws`, those that are kept of each chain, and `tune`, those before them",
    **dict.fromkeys(("cores", "njobs", "n_jobs", "parallel_chains", "threads"), "chains use all processors here"),
}
"""What settings are called in brms, PyMC, Stan, Bambi and lme4, and what says the same here."""


def refuse_unknown(call: str, given: Iterable[str], known: Sequence[str]) -> None:
    """Refuse arguments that a call does not have, each with the name that it has here.

    Raises
    ------
    FitError
    """
    answers = {name: f": {ELSEWHERE[name]}" if name in ELSEWHERE else nearest(name, known) for name in given}
    if answers:
        told = ", and ".join(f"no `{name}`{answer}" for name, answer in answers.items())
        rest = "" if all(answers.values()) else f"; it has {', '.join(known)}"
        raise FitError(f"`{call}` has {told}{rest}")
