"""A model for each kind of family and of term: data sets from its prior, and where truths rank among the draws.

Parameters and responses are drawn as `Model.prior_predictive` draws them, so that densities, draws and priors of the
records are held to one another (Talts et al., 2018).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice

import numpy as np
import pandas as pd

import tildemc as tm
from simulation import DRAWS, Ranked

__all__ = ["CARRIED", "KINDS", "Kind", "rank_kind"]

ROWS, THIN, MOST = 40, 3, 3
"""Rows of a data set, draws for each that is ranked among, and how many scalars of a variable are ranked."""
LIMIT = 3.0
"""Where responses are censored."""


@dataclass(frozen=True)
class Kind:
    """A model with proper priors.

    Attributes
    ----------
    allowed : tuple of float
        Some responses that the family may have.
    labels : tuple of str
        What its categories are called, if it has any in no order.
    method : str
        The engine.
    """

    name: str
    family: str
    formula: str
    priors: tuple[str, ...]
    allowed: tuple[float, ...]
    labels: tuple[str, ...] = ()
    method: str = "direct"

    def __str__(self) -> str:
        return self.name

    def model(self, y: np.ndarray) -> tm.Model:
        """The model of these responses."""
        # A seed that nobody calls a run by: noise drawn by the same one would be this column.
        rng = np.random.default_rng(20_210)
        data = pd.DataFrame({"x": rng.normal(size=ROWS), "g": np.arange(ROWS) % 8, "n": 1 + np.arange(ROWS) % 9})
        data = data.assign(h=(data["g"] + np.arange(ROWS) // 8) % 8, steps=np.arange(ROWS) % 4)
        data = data.assign(y=np.minimum(y, LIMIT), over=y > LIMIT) if "cens(" in self.formula else data.assign(y=y)
        if self.labels:
            data["y"] = pd.Categorical.from_codes(np.asarray(y, dtype=int) - 1, self.labels)
        return tm.model(self.formula, data, self.family, self.priors)


LINE = ("Intercept ~ normal(0.5, 1)", "b ~ normal(0, 0.7)")
KINDS = (
    Kind("real", "student", "y ~ x + (1 | g)",
         (*LINE, "sd ~ exponential(1)", "sigma ~ gamma(4, 4)", "nu ~ gamma(4, 0.5)"), (0.3, -1.0)),
    Kind("positive", "gamma", "y ~ x", (*LINE, "shape ~ gamma(4, 1)"), (0.3, 1.0)),
    Kind("count", "negbinomial", "y ~ x + (1 | g)", (*LINE, "sd ~ exponential(2)", "shape ~ gamma(4, 1)"), (0, 3)),
    Kind("count with more zeros", "zero_inflated_poisson", "y ~ x", (*LINE, "zi ~ beta(2, 4)"), (0, 3)),
    Kind("trials", "beta_binomial", "y | trials(n) ~ x", (*LINE, "phi ~ gamma(4, 0.5)"), (0, 1)),
    Kind("share", "beta", "y ~ x",
         ("Intercept ~ normal(0, 0.5)", "b ~ normal(0, 0.4)", "phi ~ gamma(20, 1)"), (0.3, 0.6)),
    Kind("ordered", "cumulative", "y | thres(3) ~ x", ("Intercept ~ normal(0, 1.5)", "b ~ normal(0, 1)"), (1, 2, 3, 4)),
    Kind("categories", "categorical", "y ~ x",
         tuple(f"mu{level}.{part} ~ normal(0, 0.5)" for level in "bc" for part in ("Intercept", "b")),
         (1, 2, 3), ("a", "b", "c")),
    Kind("censored", "weibull", "y | cens(over) ~ x",
         ("Intercept ~ normal(0.8, 0.4)", LINE[1], "shape ~ gamma(8, 4)"), (0.3, 1.0)),
    Kind("mixture", "mixture(gaussian, gaussian)", "y ~ 1",
         ("mu1.Intercept ~ normal(-1, 1)", "mu2.Intercept ~ normal(1, 1)", "sigma1 ~ gamma(4, 4)",
          "sigma2 ~ gamma(4, 4)", "theta ~ dirichlet(2, 2)"), (0.3, -1.0)),
    Kind("truncated", "gaussian", "y | trunc(lb = 0) ~ x", (*LINE, "sigma ~ gamma(4, 4)"), (0.3, 1.0)),
    Kind("smooth", "gaussian", "y ~ s(x, k = 6)", (*LINE, "sds ~ exponential(1)", "sigma ~ gamma(4, 4)"), (0.3, -1.0),
         method="exact"),
    Kind("process", "gaussian", "y ~ gp(x, k = 5, c = 5/4)",
         (LINE[0], "sdgp ~ exponential(1)", "lscale ~ inv_gamma(4, 1)", "sigma ~ gamma(4, 4)"), (0.3, -1.0)),
    Kind("monotonic", "poisson", "y ~ mo(steps) + x", (*LINE, "simo ~ dirichlet(2, 1, 1)"), (0, 3)),
    Kind("series", "gaussian", "y ~ x + ar(gr = g)", (*LINE, "ar ~ normal(0.3, 0.3)", "sigma ~ gamma(4, 4)"),
         (0.3, -1.0), method="exact"),
    Kind("memberships", "gaussian", "y ~ x + (1 | mm(g, h))", (*LINE, "sd ~ exponential(1)", "sigma ~ gamma(4, 4)"),
         (0.3, -1.0)),
)  # fmt: skip

CARRIED = (
    Kind("binary, few a group", "bernoulli", "y ~ x + (1 | g)", (*LINE, "sd ~ exponential(0.5)"), (0, 1),
         method="transport"),
    Kind("counts, correlated slopes", "poisson", "y ~ x + (1 + x | g)", (*LINE, "sd ~ exponential(2)"), (0, 3),
         method="transport"),
    Kind("counts, shape free", "negbinomial", "y ~ x + (1 | g)",
         (*LINE, "sd ~ exponential(2)", "shape ~ gamma(4, 1)"), (0, 3), method="transport"),
    Kind("trials, crossed", "binomial", "y | trials(n) ~ x + (1 | g) + (1 | h)", (*LINE, "sd ~ exponential(1)"), (0, 1),
         method="transport"),
)  # fmt: skip
"""Shapes of models whose effects the transport engine carries."""


def rank_kind(kind: Kind, datasets: int, seed: int) -> Ranked:
    """Simulate, fit and rank each parameter, and the log likelihood (Modrák et al., 2023)."""
    found: dict[str, list[int]] = {}
    for number, (y, prior) in enumerate(islice(_varied(kind, datasets, seed), datasets)):
        model = kind.model(y)
        fit = model.fit(method=kind.method, chains=1, tune=200, draws=DRAWS * THIN, seed=seed + number, progress=False)
        posterior = fit.data["posterior"]
        truth = {name: value for name, value in prior.items() if name in posterior}
        for name, value in truth.items():
            draws = posterior[name].to_numpy()[0, THIN - 1 :: THIN]
            # What does not vary, as a diagonal of correlations, has no rank.
            places = [place for place, spread in np.ndenumerate(np.ptp(draws, axis=0)) if spread > 1e-9]
            for place in places[:MOST]:
                rank = int((draws[(slice(None), *place)] < value[place]).sum())
                found.setdefault(f"{name}{list(place) or ''}", []).append(rank)
        total = fit.log_likelihood().to_numpy()[0, THIN - 1 :: THIN].sum(axis=-1)
        found.setdefault("log likelihood", []).append(int((total < model.log_likelihood(truth).sum()).sum()))
    return Ranked({label: np.array(ranks) for label, ranks in found.items()}, 0.0)


def _varied(kind: Kind, size: int, seed: int) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    """Responses and the truths behind them, without those that are the same in every row, of which there is no model.

    That depends on the response alone, so what is known given it, and with it the ranks' distribution, stays.
    """
    empty = kind.model(np.resize(kind.allowed, ROWS))
    for more in count():
        drawn = empty.prior_predictive(size, seed=seed + more)
        prior, responses = drawn["prior"].to_dataset(), drawn["prior_predictive"]["y"].to_numpy()[0]
        for number in np.flatnonzero(np.ptp(responses, axis=1) > 0):
            yield responses[number], {str(name): prior[name].to_numpy()[0, number] for name in prior.data_vars}
