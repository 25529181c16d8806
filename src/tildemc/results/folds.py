"""Rows left out in turn, and models fitted to the others: what every cross-validation here is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Integers
from tildemc.errors import FitError, Interrupted, TildeError
from tildemc.results.predict import bar_of
from tildemc.visible import shown

if TYPE_CHECKING:
    from tildemc.results.drawn import Drawn

__all__ = ["checked_number", "folds_of", "refits"]


def checked_number(argument: str, folds: object, most: int, *, units: str = "rows", none: object) -> int:
    """A number of folds.

    Parameters
    ----------
    argument : str
        What the person calls it.
    folds : object
        What was given.
    most : int
        How many units there are: rows, or levels.
    none : object
        What else may be given in its place.

    Raises
    ------
    FitError
        If there cannot be so many.
    """
    if isinstance(folds, bool) or not isinstance(folds, Integral) or not 2 <= int(folds) <= most:
        raise FitError(
            f"`{argument}` is a whole number from 2 to {most:,}, the number of {units}, or {none}, not {shown(folds)}"
        )
    return int(folds)


def folds_of(units: Integers, folds: int, generator: np.random.Generator) -> list[Integers]:
    """The places that are left out each time: each once, by chance, and those of one unit together."""
    known, unit = np.unique(units, return_inverse=True)
    fold = generator.permutation(np.arange(len(known)) % folds)[unit]
    return [np.flatnonzero(fold == number) for number in range(folds)]


def refits[T: Drawn](
    fits: Mapping[str, T],
    folds: Sequence[Integers],
    generator: np.random.Generator,
    settings: Mapping[str, object],
) -> Iterator[tuple[Integers, Integers, dict[str, T]]]:
    """Models fitted without some rows, in turn.

    Their levels stay all: the effects of one that no row informs are drawn from the distribution of the others, which
    is what its rows are to be predicted with. Priors stay too, with the numbers that all rows gave them.

    Parameters
    ----------
    fits : mapping of str to fit
        Of the same rows.
    folds : sequence of (k,)
        The rows to leave out each time.
    generator
        Of seeds.
    settings : mapping
        As for `Model.fit`, by default those of each fit.

    Yields
    ------
    (k,), (n - k,), dict of str to fit
        The rows left out, the others, and what was fitted to these.

    Raises
    ------
    FitError
        If a model cannot be fitted without them.
    Interrupted
        If a fit was.
    """
    first = next(iter(fits.values()))
    bar = bool(settings.get("progress", first.settings.get("progress", True)))
    with bar_of(len(folds), "folds", shown=bar) as told:
        for number, out in enumerate(folds, start=1):
            kept = np.setdiff1d(np.arange(first.design.n), out)
            asked = {**settings, "progress": False, "seed": int(generator.integers(2**32))}
            try:
                again = {
                    name: fit.refit(fit.spec, fit.design.whole("cross-validation").take(kept), **asked)
                    for name, fit in fits.items()
                }
            except Interrupted:
                raise
            except TildeError as error:
                raise FitError(f"fold {number} of {len(folds)} cannot be fitted: {error.message}") from None
            yield out, kept, again
            told(number)
