"""Draws -> what is to be looked at before they are trusted: what was found, what is asked of it, what would help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats, Values
from tildemc.results.datatree import Attribute
from tildemc.results.diagnose import COLUMNS
from tildemc.visible import visible

if TYPE_CHECKING:
    from arviz import ELPDDataLOO
    from pandas import DataFrame

__all__ = ["Check", "frame", "heavy_tail", "of_loo", "of_parameters", "of_sampler"]


RHAT_LIMIT, ESS_PER_CHAIN = 1.01, 100
"""What Vehtari et al. (2021) ask of chains, see `diagnose`."""
BFMI_LIMIT = 0.3
"""Betancourt (2016), Diagnosing suboptimal cotangent disintegrations in Hamiltonian Monte Carlo, arXiv:1604.00695;
Stan warns below it."""
DEEPEST = 10
"""How often NUTS doubles a trajectory at most: the default of nutpie, PyMC and Stan."""
K_LIMIT, HEAVIEST = 0.7, 20.0
"""Beyond this Pareto k-hat importance weights are not to be trusted; but a k-hat of weights that are all below so many
times their mean speaks of the bend at their upper end, not of a tail."""
REFUSED_LIMIT = 0.02
"""Where a share of proposals has no density that can be computed, the posterior may lack about as much."""
_MOST_ROWS = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at.

    Attributes
    ----------
    name : str
    value, limit : float
        What was found, and the last value that will do.
    ok : bool
    found : str
        In words, as in "R-hat is up to 1.02 (b[x])".
    remedy : str
        What would help.
    """

    name: str
    value: float
    limit: float
    ok: bool
    found: str
    remedy: str

    @property
    def advice(self) -> str:
        """What was found and what would help; empty if all is well."""
        return "" if self.ok else f"{self.found}: {self.remedy}"


def frame(checks: Iterable[Check]) -> DataFrame:
    """A row for each check."""
    from tildemc.table import Table

    rows = [(check.name, check.value, check.limit, check.ok, visible(check.advice)) for check in checks]
    return Table(rows, columns=["check", "value", "limit", "ok", "advice"])


def of_parameters(
    labels: Sequence[str], table: Floats, chains: int, *, interchangeable: bool = False
) -> tuple[Check, ...]:
    """Whether chains agree, and say enough of each quantity.

    Parameters
    ----------
    labels : sequence of str
        The quantities' names.
    table : (quantities, 7)
        As `diagnose` gives it; what is not known speaks against nothing.
    chains : int
    interchangeable : bool
        Whether components of a mixture may be one in some draws and another in others.
    """
    columns = dict(zip(COLUMNS, table.T, strict=True))
    value, label = _extreme(columns["r_hat"], labels, np.fmax)
    ok = not value > RHAT_LIMIT
    told, remedy = f"R-hat is up to {value:.3f} ({label})", _PLACES if interchangeable else _MORE
    found = [Check("R-hat", value, RHAT_LIMIT, ok, told, remedy)]
    enough = ESS_PER_CHAIN * chains
    for kind in ("bulk", "tail"):
        value, label = _extreme(columns[f"ess_{kind}"], labels, np.fmin)
        told = f"the {kind} ESS is down to {value:.0f} ({label})"
        found.append(Check(f"ESS {kind}", value, enough, not value < enough, told, _MORE))
    return tuple(found)


_MORE = "draw more"
_PLACES = 'components may have changed places: `order = "mu"` in `mixture()`, or priors of their own, keep them apart'


def _extreme(values: Floats, labels: Sequence[str], choose: np.ufunc) -> tuple[float, str]:
    """The value that is furthest to one side, and whose it is; NaN where none is known."""
    value = float(choose.reduce(values, initial=np.nan))
    at = np.flatnonzero(values == value)
    return value, labels[int(at[0])] if len(at) else ""


def of_sampler(statistics: Mapping[str, Values], attributes: Mapping[str, Attribute]) -> tuple[Check, ...]:
    """Whether the sampler went where it should: what it counted, as far as it counts that.

    Parameters
    ----------
    statistics : mapping
        Each (chains, draws), by ArviZ's names.
    attributes : mapping
        What an engine says beside: `pareto_k` of importance weights, and the heaviest of these; `refused`, of which
        share of proposals no density could be computed.
    """
    found = []
    if "diverging" in statistics:
        diverging = statistics["diverging"]
        count = int(diverging.sum())
        told = f"{count} of {diverging.size} draws diverged"
        remedy = "raise `target_accept`, or give the sds tighter priors"
        found.append(Check("divergences", count, 0, count == 0, told, remedy))
    if "energy" in statistics and statistics["energy"].shape[1] > 1:
        each = energy_information(statistics["energy"].astype(np.float64))
        value = float(np.fmin.reduce(each, initial=np.nan))
        told = f"E-BFMI is down to {value:.2f} (chain {int(np.argmin(each))})"
        remedy = "chains explore the tails slowly; draw more, or give the sds tighter priors"
        found.append(Check("E-BFMI", value, BFMI_LIMIT, not value < BFMI_LIMIT, told, remedy))
    if "tree_depth" in statistics:
        depth = statistics["tree_depth"].astype(np.int64)
        deep = int((depth >= DEEPEST).sum())
        told = f"{deep} of {depth.size} trajectories were cut off at a tree depth of {DEEPEST}"
        remedy = "steps are short for the way to go; give predictors like scales, or tighter priors"
        found.append(Check("tree depth", int(depth.max()), DEEPEST - 1, deep == 0, told, remedy))
    k, heaviest = attributes.get("pareto_k"), attributes.get("heaviest_weight")
    if isinstance(k, int | float) and isinstance(heaviest, int | float):
        heavy = heavy_tail(k, heaviest)
        remedy = 'the proposals miss a part of the posterior; use `method="direct"`'
        told = f"Pareto k of the importance weights is {k:.2f}"
        found.append(Check("Pareto k of the weights", k, K_LIMIT, not heavy, told, remedy))
    refused = attributes.get("refused")
    if isinstance(refused, int | float):
        told = f"no density could be computed at {100 * refused:.2g} % of the points that were proposed"
        remedy = 'the posterior may go there; use `method="direct"`'
        found.append(Check("refused points", refused, REFUSED_LIMIT, not refused > REFUSED_LIMIT, told, remedy))
    return tuple(found)


def energy_information(energy: Floats) -> Floats:
    """Of each chain, the energy Bayesian fraction of missing information, (chains,); NaN where energy is constant."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = (np.diff(energy, axis=1) ** 2).mean(axis=1) / energy.var(axis=1, ddof=1)
    return found


def heavy_tail(k: float, heaviest: float) -> bool:
    """Whether importance weights with this k-hat, the heaviest so many times their mean, are not to be trusted."""
    return k > K_LIMIT and (heaviest > HEAVIEST or np.isinf(k))


def of_loo(loo: ELPDDataLOO) -> Check:
    """Whether leave-one-out cross-validation can be computed from these draws; the rows where not."""
    k = loo.pareto_k
    rows = [str(row) for row in k[k.dims[0]].to_numpy()[k.to_numpy() > loo.good_k].tolist()]
    more = f" and {len(rows) - _MOST_ROWS} more" if len(rows) > _MOST_ROWS else ""
    which = f"{'row' if len(rows) == 1 else 'rows'} {', '.join(rows[:_MOST_ROWS])}{more}"
    told = f"Pareto k of loo is above the limit for {which}"
    remedy = "the fit rests on them; `kfold()` predicts them without"
    return Check("Pareto k of loo", float(k.max()), float(loo.good_k), not rows, told, remedy)
