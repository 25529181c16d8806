"""How well a model predicts rows that it has not seen, beside `loo`: WAIC, and fits that leave rows or groups out.

This module imports ArviZ, whose containers it fills: nobody is to import it who does not want them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from arviz import ELPDData, ELPDDataLOOKFold
from scipy.special import logsumexp
from xarray import DataArray

from tildemc.arrays import Floats, Integers
from tildemc.errors import FitError, Interrupted, TildeError, nearest
from tildemc.results.pointwise import counted_rows, log_likelihood_group
from tildemc.results.predict import bar_of
from tildemc.results.request import seeded
from tildemc.spec.design import Design
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names
from tildemc.visible import shown

if TYPE_CHECKING:
    from tildemc.results.datatree import Group
    from tildemc.results.estimated import Estimated

__all__ = ["ELPDDataWAIC", "kfold", "waic"]


P_LIMIT = 0.4
"""Above it a row's share of the effective number of parameters says that WAIC is off: Vehtari et al. (2017)."""


@dataclass(kw_only=True, repr=False)
class ELPDDataWAIC(ELPDData):  # type: ignore[misc]
    """WAIC in ArviZ's container, which has had none since 1.0.

    Attributes
    ----------
    p_waic_i : DataArray
        The effective number of parameters, row by row.
    """

    _kind: ClassVar[str] = "waic"

    p_waic_i: DataArray


def waic(fit: Estimated) -> ELPDDataWAIC:
    """See `Fit.waic`."""
    design = fit.design.whole("WAIC")
    rows = counted_rows(design)
    values = _log_likelihood(fit, design)[:, rows]
    # The second of Gelman's two forms of the effective number of parameters, which varies less.
    p = values.var(axis=0, ddof=1)
    return ELPDDataWAIC(
        **_total(fit, design, rows, _log_mean(values) - p, p.sum(), fit.draws),
        warning=bool((p > P_LIMIT).any()),
        p_waic_i=_by_row(fit.spec, design, rows, p),
    )


def kfold(
    fit: Estimated, k: int | None, group: str | None, seed: int | None, settings: dict[str, object]
) -> ELPDDataLOOKFold:
    """See `Fit.kfold`."""
    fit.fitted  # noqa: B018 -- to say at once that there is none
    design = fit.design.whole("k-fold cross-validation")
    rng = np.random.default_rng(seeded(seed))
    rows = counted_rows(design)
    folds = _folds(fit.spec, design, rows, k, group, rng)
    elpd, doubtful, draws = np.empty(design.n), False, 0
    bar = bool(settings.get("progress", fit.settings.get("progress", True)))
    with bar_of(len(folds), "fits", shown=bar) as tell:
        for number, out in enumerate(folds, start=1):
            again = _without(fit, design, out, rng, settings, f"fold {number} of {len(folds)}")
            elpd[out] = _log_mean(_log_likelihood(again, design.take(out)))
            doubtful, draws = doubtful or not again.ok, draws + again.draws
            tell(number)
    # How much better a row is foretold by a fit that has seen it.
    p = _log_mean(_log_likelihood(fit, design)[:, rows]) - elpd[rows]
    return ELPDDataLOOKFold(
        **_total(fit, design, rows, elpd[rows], p.sum(), draws),
        warning=doubtful,
        n_folds=len(folds),
        p_kfold_i=_by_row(fit.spec, design, rows, p),
    )


def _without(
    fit: Estimated, design: Design, out: Integers, rng: np.random.Generator, settings: dict[str, object], which: str
) -> Estimated:
    """The same model fitted to all other rows.

    Its levels stay all: the effects of one that no row informs are drawn from the distribution of the others, which is
    what its rows are to be predicted with.
    """
    # Each fit by a seed of its own, which follows from the one that was given.
    asked = {**settings, "progress": False, "seed": int(rng.integers(2**32))}
    others = np.setdiff1d(np.arange(design.n), out)
    try:
        return fit.refit(fit.spec, design.take(others), **asked)
    except Interrupted:
        raise
    except TildeError as error:
        raise FitError(f"{which} cannot be fitted: {error.message}") from None


def _folds(
    spec: ModelSpec, design: Design, rows: Integers, k: int | None, group: str | None, rng: np.random.Generator
) -> list[Integers]:
    """The rows that each fit is to leave out: some of these, or those of some levels."""
    units = rows if group is None else _levels(spec, design, group)[rows]
    known, unit = np.unique(units, return_inverse=True)
    what = "rows" if group is None else f"levels of {group}"
    if k is None:
        k = len(known)
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 2 <= k <= len(known):
        raise FitError(f"`k` is a whole number from 2 to {len(known):,}, the number of {what}, or None, not {shown(k)}")
    # Parts differ by one at the most, whatever the chance.
    fold = rng.permutation(np.arange(len(known)) % int(k))[unit]
    return [rows[fold == number] for number in range(int(k))]


def _levels(spec: ModelSpec, design: Design, group: str) -> Integers:
    """Each row's level of a grouping factor; rows of none are each a group of their own."""
    found = {term.factor.label: design.of(term).index for term in spec.groups()}
    if not isinstance(group, str) or group not in found:
        listed = f"it has {', '.join(found)}" if found else "it has none"
        guess = nearest(group, found) if isinstance(group, str) else ""
        raise FitError(f"the model has no grouping factor {shown(group)}; {listed}{guess}")
    index = found[group]
    alone = index < 0
    return np.where(alone, index.max(initial=0) + np.cumsum(alone), index)


def _log_likelihood(fit: Estimated, design: Design) -> Floats:
    """Of each row under each draw, all chains one after the other: (draws, n)."""
    posterior: Group = fit.groups["posterior"]
    ((_, values),) = log_likelihood_group(fit.spec, design, posterior).variables.values()
    return np.asarray(values.reshape(-1, design.n))


def _log_mean(values: Floats) -> Floats:
    """The logs of the mean densities, (n,)."""
    return np.asarray(logsumexp(values, axis=0) - np.log(len(values)))


def _total(fit: Estimated, design: Design, rows: Integers, elpd: Floats, p: float, draws: int) -> dict[str, object]:
    """What all of ArviZ's containers hold."""
    return {
        "elpd": float(elpd.sum()),
        "se": float(np.sqrt(len(elpd) * elpd.var())),
        "p": float(p),
        "n_samples": draws,
        "n_data_points": len(elpd),
        "scale": "log",
        "good_k": None,
        "elpd_i": _by_row(fit.spec, design, rows, elpd),
    }


def _by_row(spec: ModelSpec, design: Design, rows: Sequence[int] | Integers, values: Floats) -> DataArray:
    obs = names(spec).obs
    return DataArray(values, {obs: np.asarray(design.obs)[rows]}, (obs,))
