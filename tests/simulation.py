"""Data sets drawn from a model's prior, with NumPy alone, and where the truth ranks among posterior draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

import tildemc as tm

__all__ = ["DRAWS", "SHAPES", "Ranked", "Shape", "gammas", "rank", "uniformity"]

DRAWS, THIN = 99, 5
"""Posterior draws that a truth is ranked among, so that there are 100 ranks; and of how many each is one."""
NULL = 100_000
"""Simulated sets of uniform ranks."""

Parameters = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Rows:
    """A design: `X` (n, p); for each factor the rows' levels (n,) and columns (n, q); the rows' residual sds (n,)."""

    X: np.ndarray
    groups: dict[str, tuple[np.ndarray, np.ndarray]]
    residual: np.ndarray | None = None

    def mean(self, theta: Parameters) -> np.ndarray:
        """(…, n) for parameters with any axes in front."""
        mean = theta["Intercept"][..., None] + theta["b"] @ self.X.T
        for name, (level, Z) in self.groups.items():
            mean = mean + (theta[f"r_{name}"][..., level, :] * Z).sum(axis=-1)
        return mean

    def sd(self, theta: Parameters) -> np.ndarray:
        """(…, n), or (…, 1) where all rows have the same."""
        return theta["sigma"][..., None] if self.residual is None else theta["sigma"][..., self.residual]

    def log_likelihood(self, theta: Parameters, y: np.ndarray) -> np.ndarray:
        """(…), up to a constant."""
        sd = np.broadcast_to(self.sd(theta), (*theta["Intercept"].shape, len(y)))
        return -(0.5 * ((y - self.mean(theta)) / sd) ** 2 + np.log(sd)).sum(axis=-1)


@dataclass(frozen=True, eq=False)
class Shape:
    """A model with proper priors, the same in NumPy, and what is ranked: by label the posterior's variable and place.

    Attributes
    ----------
    prior : callable
        Draws parameters, named and shaped as in the posterior, and a design with its columns by name.
    """

    name: str
    formula: str
    priors: tuple[str, ...]
    prior: Callable[[np.random.Generator], tuple[Parameters, Rows, dict[str, np.ndarray]]]
    ranked: dict[str, tuple[str, tuple[int, ...]]]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, eq=False)
class Ranked:
    """Ranks, from 0 to `DRAWS`, by label (data sets,), and how often the engine drew by Metropolis."""

    ranks: dict[str, np.ndarray]
    metropolis: float


def _levels(rng: np.random.Generator, levels: int, n: int) -> np.ndarray:
    """Each level once, and then at random."""
    return rng.permutation(np.concatenate([np.arange(levels), rng.integers(levels, size=n - levels)]))


def _correlated(rng: np.random.Generator) -> tuple[Parameters, Rows, dict[str, np.ndarray]]:
    levels, n = 8, 50
    sd, cor = np.abs(rng.normal(0, 1, 2)), 2 * rng.beta(2, 2) - 1
    correlation = np.array([[1, cor], [cor, 1]])
    theta = {
        "Intercept": rng.normal(1, 2),
        "b": rng.normal(0, 0.5, 1),
        "sd_g": sd,
        "cor_g": correlation,
        "sigma": rng.gamma(4, 1 / 4),
        "r_g": rng.multivariate_normal(np.zeros(2), correlation * np.outer(sd, sd), size=levels),
    }
    # Far enough from zero that a prior on the intercept at the predictors' means would be another one.
    x, g = rng.normal(2, 1, n), _levels(rng, levels, n)
    Z = np.column_stack([np.ones(n), x])
    return _arrays(theta), Rows(x[:, None], {"g": (g, Z)}), {"x": x, "g": g}


def _crossed(rng: np.random.Generator) -> tuple[Parameters, Rows, dict[str, np.ndarray]]:
    n = 60
    sd_g, sd_h = rng.exponential(1, 1), 0.5 * np.abs(rng.standard_t(3, 1))
    theta = {
        "Intercept": rng.normal(0, 1),
        "b": rng.normal(0, 1, 1),
        "sd_g": sd_g,
        "sd_h": sd_h,
        "sigma": rng.lognormal(0, 0.5),
        "r_g": rng.normal(0, sd_g, (8, 1)),
        "r_h": rng.normal(0, sd_h, (5, 1)),
    }
    x, g, h = rng.normal(2, 1, n), _levels(rng, 8, n), _levels(rng, 5, n)
    one = np.ones((n, 1))
    return _arrays(theta), Rows(x[:, None], {"g": (g, one), "h": (h, one)}), {"x": x, "g": g, "h": h}


def _partial(rng: np.random.Generator) -> tuple[Parameters, Rows, dict[str, np.ndarray]]:
    """The treated are in clusters; the controls are in none."""
    clusters, controls, treated = 8, 30, 40
    sd = np.sqrt(rng.uniform(0, 4, 1))
    theta = {
        "Intercept": rng.normal(0, 1),
        "b": rng.normal(0, 1, 1),
        "sd_g": sd,
        "sigma": np.sqrt(1 / rng.gamma(3, 1 / 2, 2)),
        "r_g": rng.normal(0, sd, (clusters, 1)),
    }
    arm = np.repeat([0, 1], [controls, treated])
    g = np.concatenate([np.full(controls, -1), _levels(rng, clusters, treated)])
    columns = {"arm": arm, "g": np.where(g < 0, np.nan, g)}
    return _arrays(theta), Rows(arm[:, None], {"g": (g, arm[:, None])}, residual=arm), columns


def _arrays(theta: dict[str, object]) -> Parameters:
    return {name: np.asarray(value, dtype=float) for name, value in theta.items()}


SHAPES = (
    Shape(
        "correlated",
        "y ~ x + (1 + x | g)",
        (
            "Intercept ~ normal(1, 2)",
            "b ~ normal(0, 0.5)",
            "sd(g) ~ normal(0, 1)",
            "cor(g) ~ lkj(2)",
            "sigma ~ gamma(4, 4)",
        ),
        _correlated,
        {
            "Intercept": ("Intercept", ()),
            "b[x]": ("b", (0,)),
            "sd_g[Intercept]": ("sd_g", (0,)),
            "sd_g[x]": ("sd_g", (1,)),
            "cor_g": ("cor_g", (0, 1)),
            "sigma": ("sigma", ()),
            "r_g[0, Intercept]": ("r_g", (0, 0)),
            "r_g[0, x]": ("r_g", (0, 1)),
        },
    ),
    Shape(
        "crossed",
        "y ~ x + (1 | g) + (1 | h)",
        (
            "Intercept ~ normal(0, 1)",
            "b ~ normal(0, 1)",
            "sd(g) ~ exponential(1)",
            "sd(h) ~ student_t(3, 0, 0.5)",
            "sigma ~ lognormal(0, 0.5)",
        ),
        _crossed,
        {
            "Intercept": ("Intercept", ()),
            "b[x]": ("b", (0,)),
            "sd_g": ("sd_g", (0,)),
            "sd_h": ("sd_h", (0,)),
            "sigma": ("sigma", ()),
            "r_g[0]": ("r_g", (0, 0)),
            "r_h[0]": ("r_h", (0, 0)),
        },
    ),
    Shape(
        "partially clustered",
        "y ~ arm + (0 + arm | g); sigma ~ by(arm)",
        (
            "Intercept ~ normal(0, 1)",
            "b ~ normal(0, 1)",
            "var(g) ~ uniform(0, 4)",
            "var(sigma) ~ inv_gamma(3, 2)",
        ),
        _partial,
        {
            "Intercept": ("Intercept", ()),
            "b[arm]": ("b", (0,)),
            "sd_g[arm]": ("sd_g", (0,)),
            "sigma[0]": ("sigma", (0,)),
            "sigma[1]": ("sigma", (1,)),
            "r_g[0]": ("r_g", (0, 0)),
        },
    ),
)


def rank(shape: Shape, datasets: int, seed: int) -> Ranked:
    """Simulate, fit and rank; the log likelihood is ranked too, since it depends on the data (Modrák et al., 2023)."""
    found: dict[str, list[int]] = {label: [] for label in (*shape.ranked, "log likelihood")}
    metropolis = 0
    for number in range(datasets):
        rng = np.random.default_rng([*shape.name.encode(), seed, number])
        theta, rows, columns = shape.prior(rng)
        y = rng.normal(rows.mean(theta), rows.sd(theta))
        model = tm.model(shape.formula, pd.DataFrame({"y": y, **columns}), priors=shape.priors)
        fit = model.fit(method="exact", chains=1, draws=DRAWS * THIN, seed=int(rng.integers(2**31)), progress=False)
        metropolis += "Metropolis (" in fit.path
        posterior = fit.data["posterior"]
        drawn = {name: posterior[name].to_numpy()[0, THIN - 1 :: THIN] for name in theta}
        assert all(drawn[name].shape[1:] == theta[name].shape for name in theta)
        assert all((posterior[name].to_numpy() == np.arange(len(theta[f"r_{name}"]))).all() for name in rows.groups)
        for label, (name, place) in shape.ranked.items():
            found[label].append(int((drawn[name][:, *place] < theta[name][place]).sum()))
        likelihood = rows.log_likelihood(drawn, y)
        found["log likelihood"].append(int((likelihood < rows.log_likelihood(theta, y)).sum()))
    return Ranked({label: np.array(ranks) for label, ranks in found.items()}, metropolis / datasets)


def uniformity(ranks: np.ndarray) -> float:
    """How often uniform ranks have an ECDF that is as far from the diagonal somewhere.

    Säilynoja, Bürkner and Vehtari (2022), Graphical test for discrete uniformity and its applications in
    goodness-of-fit evaluation and multiple sample comparison.
    """
    counts = np.bincount(ranks, minlength=DRAWS + 1).cumsum()[:-1]
    gamma = _tails(len(ranks))[np.arange(DRAWS), counts].min()
    null = gammas(len(ranks))
    return float((1 + np.searchsorted(null, gamma * (1 + 1e-9))) / (1 + len(null)))


@cache
def gammas(datasets: int) -> np.ndarray:
    """The least two-sided tail probability along the ECDF of uniform ranks, simulated, in ascending order."""
    rng, tails = np.random.default_rng(0), _tails(datasets)
    found = np.ones(NULL)
    left = np.full(NULL, datasets)
    for i in range(DRAWS):
        left -= rng.binomial(left, 1 / (DRAWS + 1 - i))
        np.minimum(found, tails[i, datasets - left], out=found)
    return np.sort(found)


@cache
def _tails(datasets: int) -> np.ndarray:
    """Two-sided tail probabilities of each count (DRAWS, datasets + 1) of ranks up to 0, 1, …"""
    from scipy.stats import binom

    share, counts = np.arange(1, DRAWS + 1)[:, None] / (DRAWS + 1), np.arange(datasets + 1)
    return 2 * np.minimum(binom.cdf(counts, datasets, share), binom.sf(counts - 1, datasets, share))
