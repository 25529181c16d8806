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
from tildemc.errors import FitError, nearest
from tildemc.results.conditioning import seeded
from tildemc.results.folds import checked_number, folds_of, refits
from tildemc.results.pointwise import counted_rows, log_likelihood_group
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
    fit.known_model  # noqa: B018 -- to say at once that there is none
    if fit.spec.residual is not None:
        message = "rows that go together are no folds: what is left out says something of what stays"
        raise FitError(f"{message}; `loo()` leaves each out, given the other rows of its group")
    design = fit.design.whole("k-fold cross-validation")
    rng = np.random.default_rng(seeded(seed))
    rows = counted_rows(design)
    folds = _folds(fit.spec, design, rows, k, group, rng)
    elpd, doubtful, draws = np.empty(design.n), False, 0
    for out, _, again in refits({"": fit}, folds, rng, settings):
        elpd[out] = _log_mean(_log_likelihood(again[""], design.take(out)))
        doubtful, draws = doubtful or not again[""].ok, draws + again[""].draws
    p = _log_mean(_log_likelihood(fit, design)[:, rows]) - elpd[rows]
    return ELPDDataLOOKFold(
        **_total(fit, design, rows, elpd[rows], p.sum(), draws),
        warning=doubtful,
        n_folds=len(folds),
        p_kfold_i=_by_row(fit.spec, design, rows, p),
    )


def _folds(
    spec: ModelSpec, design: Design, rows: Integers, k: int | None, group: str | None, rng: np.random.Generator
) -> list[Integers]:
    """The rows that each fit is to leave out: some of these, or those of some levels."""
    units = rows if group is None else _levels(spec, design, group)[rows]
    most = len(np.unique(units))
    what = "rows" if group is None else f"levels of {group}"
    number = most if k is None else checked_number("k", k, most, units=what, none=None)
    return [rows[places] for places in folds_of(units, number, rng)]


def _levels(spec: ModelSpec, design: Design, group: str) -> Integers:
    """Each row's level of a grouping factor; rows of none are each a group of their own."""
    found = {term.factor.label: design.of(term).index for term in spec.groups()}
    if not isinstance(group, str) or group not in found:
        listed = f"it has {', '.join(found)}" if found else "it has none"
        guess = nearest(group, found) if isinstance(group, str) else ""
        raise FitError(f"the model has no grouping factor {shown(group)}; {listed}{guess}")
    if any(term.factor.among and term.factor.label == group for term in spec.groups()):
        raise FitError(f"a row has several levels of {group}, and no fold can leave out those of one")
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
