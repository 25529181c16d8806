"""Integers left out in turn, and what models that are fitted to the others predict of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats, Integers, Mask
from tildemc.errors import FitError
from tildemc.results.expected import posterior_means
from tildemc.results.predict import bar_of
from tildemc.visible import shown

if TYPE_CHECKING:
    from tildemc.results.drawn import Drawn

__all__ = ["check_folds", "folds_of", "unseen_means"]

Able = Callable[[Integers, Integers], Mask]
"""Given the rows that are kept and those that are left out: of which of the latter something can be said."""

SETTINGS = {"draws": 250, "tune": 300}
"""Of each chain: a posterior mean needs no more."""


def check_folds(folds: int, n: int) -> None:
    """Refuse a number of folds that there cannot be.

    Raises
    ------
    FitError
    """
    if isinstance(folds, bool) or not isinstance(folds, int) or not 2 <= folds <= n:
        raise FitError(f"`folds` is a whole number from 2 to the number of rows, {n:,}, or 0; not {shown(folds)}")


def folds_of(n: int, folds: int, seed: int) -> Iterator[Integers]:
    """The rows that are left out each time: each row once, by chance."""
    order = np.random.default_rng(seed).permutation(n)
    return (np.sort(part) for part in np.array_split(order, folds))


def unseen_means(fits: Mapping[str, Drawn], able: Able, folds: int, seed: int) -> tuple[dict[str, Floats], Mask]:
    """The mean of each row's response, given the rows of the other folds.

    Parameters
    ----------
    fits : mapping of str to Drawn
        Of the same rows. Priors are as they were, with numbers from all rows.
    able : callable
    folds, seed : int

    Returns
    -------
    dict of str to (n,), (n,) of bool
        The means of each fit, and of which rows something could be said.
    """
    n = next(iter(fits.values())).design.n
    means = {name: np.empty(n) for name in fits}
    said = np.zeros(n, dtype=bool)
    shown = bool(next(iter(fits.values())).settings.get("progress", True))
    with bar_of(folds, "folds", shown=shown) as told:
        for done, left_out in enumerate(folds_of(n, folds, seed), start=1):
            # Rows are left out of the design, not of the data: levels, coding and priors stay those of all rows.
            kept = np.setdiff1d(np.arange(n), left_out)
            said[left_out] = able(kept, left_out)
            for name, fit in fits.items():
                design = fit.design.whole("cross-validation")
                again = fit.refit(fit.spec, design.take(kept), **SETTINGS)
                means[name][left_out] = posterior_means(fit.spec, design.take(left_out), again.groups["posterior"])
            told(done)
    return means, said
