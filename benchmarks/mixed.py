"""The mixed models that engines are compared on: of every day, hard ones, and Gaussian ones; needs no tildemc."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["GAUSSIAN", "HARD", "PROBLEMS", "Problem"]

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Problem:
    """A model in tildemc's words, and in those of others where they have other ones.

    Attributes
    ----------
    frame : callable
        The data; factors as text, so that all packages take them for factors.
    r_family : str
        R's, `nbinom2` for glmmTMB alone.
    bambi, bambi_family : str
    """

    formula: str
    family: str
    frame: Callable[[], pd.DataFrame]
    r_family: str = ""
    bambi: str = ""
    bambi_family: str = ""


def _read(name: str, *texts: str) -> pd.DataFrame:
    [place, *_] = (*ROOT.glob(f"tests/data/{name}.csv"), *ROOT.glob(f"examples/*/data/{name}.csv"))
    frame = pd.read_csv(place)
    return frame.assign(**{text: frame[text].astype(str) for text in texts})


def _named(prefix: str, numbers: np.ndarray) -> np.ndarray:
    return np.char.add(prefix, numbers.astype(str))


def _binary(rng: np.random.Generator, eta: np.ndarray) -> np.ndarray:
    return (rng.uniform(size=len(eta)) < 1 / (1 + np.exp(-eta))).astype(int)


def grouped(n: int = 10_000, levels: int = 200) -> pd.DataFrame:
    """Many rows in few groups."""
    rng = np.random.default_rng(5)
    x, g, u = rng.normal(size=n), rng.integers(0, levels, n), rng.normal(0, 0.8, levels)
    return pd.DataFrame({"y": _binary(rng, 0.3 + 0.5 * x + u[g]), "x": x, "g": _named("g", g)})


def tiny(levels: int = 1000) -> pd.DataFrame:
    """Two or three binary rows a group, and an sd of 2.5: Laplace's approximation is poor."""
    rng = np.random.default_rng(11)
    g = np.repeat(np.arange(levels), rng.integers(2, 4, levels))
    x, u = rng.normal(size=len(g)), rng.normal(0, 2.5, levels)
    return pd.DataFrame({"y": _binary(rng, -0.5 + x + u[g]), "x": x, "g": _named("g", g)})


def contraception() -> pd.DataFrame:
    """As the Bangladeshi survey of contraception: 1,934 women in 60 districts, which differ in towns."""
    rng = np.random.default_rng(7)
    n, levels = 1934, 60
    g, urban, age = rng.integers(0, levels, n), rng.integers(0, 2, n), rng.normal(0, 9, n)
    children = rng.integers(0, 4, n)
    u = rng.multivariate_normal([0, 0], [[0.38, -0.4], [-0.4, 0.65]], levels)
    eta = -1.2 + 0.8 * urban - 0.02 * age - 0.004 * age**2 + 0.8 * (children > 0) + u[g, 0] + u[g, 1] * urban
    return pd.DataFrame({
        "use": _binary(rng, eta), "urban": urban, "age": age, "age2": age**2 / 50, "children": _named("c", children),
        "district": _named("d", g),
    })  # fmt: skip


def grouseticks() -> pd.DataFrame:
    """As ticks on grouse chicks: 403 chicks in 118 broods in 63 places, each with an effect of its own."""
    rng = np.random.default_rng(3)
    brood_of, place_of = np.sort(rng.integers(0, 118, 403)), np.sort(rng.integers(0, 63, 118))
    height, year = rng.normal(0, 1, 63), rng.integers(95, 98, 118)
    eta = 0.4 - 0.9 * height[place_of] + np.where(year == 96, 1.2, np.where(year == 97, -1.0, 0.0))
    eta = eta + rng.normal(0, 0.75, 118) + rng.normal(0, 0.55, 63)[place_of]
    ticks = rng.poisson(np.exp(eta[brood_of] + rng.normal(0, 0.55, 403)))
    return pd.DataFrame({
        "ticks": ticks, "height": height[place_of[brood_of]], "year": _named("y", year[brood_of]),
        "chick": _named("i", np.arange(403)), "brood": _named("b", brood_of), "place": _named("l", place_of[brood_of]),
    })  # fmt: skip


def crossed(persons: int = 316, items: int = 24) -> pd.DataFrame:
    """As verbal aggression: all persons answer all items."""
    rng = np.random.default_rng(4)
    p, i = np.repeat(np.arange(persons), items), np.tile(np.arange(items), persons)
    anger, kind = rng.normal(0, 1, persons), rng.integers(0, 3, items)
    eta = 0.2 + 0.3 * anger[p] - 0.9 * (kind[i] == 1) - 1.8 * (kind[i] == 2)
    eta = eta + rng.normal(0, 1.35, persons)[p] + rng.normal(0, 0.6, items)[i]
    return pd.DataFrame({
        "y": _binary(rng, eta), "anger": anger[p], "kind": _named("k", kind[i]), "id": _named("p", p),
        "item": _named("i", i),
    })  # fmt: skip


EPILEPSY = "count ~ zAge + zBase * Trt + (1 | patient)"
PROBLEMS = {
    "cbpp": Problem(
        "cbind(incidence, size - incidence) ~ period + (1 | herd)",
        "binomial",
        lambda: _read("cbpp", "herd", "period"),
        "binomial",
        bambi="p(incidence, size) ~ period + (1 | herd)",
    ),
    "epilepsy": Problem(f"{EPILEPSY} + (1 | obs)", "poisson", lambda: _read("epilepsy", "patient", "obs"), "poisson"),
    "epilepsy_nb": Problem(
        EPILEPSY,
        "negbinomial",
        lambda: _read("epilepsy", "patient", "obs"),
        "nbinom2",
        bambi_family="negativebinomial",
    ),
    "contraception": Problem(
        "use ~ age + age2 + urban + children + (1 + urban | district)", "bernoulli", contraception, "binomial"
    ),
    "grouped": Problem("y ~ x + (1 | g)", "bernoulli", grouped, "binomial"),
    "tiny": Problem("y ~ x + (1 | g)", "bernoulli", tiny, "binomial"),
    "grouseticks": Problem(
        "ticks ~ year + height + (1 | chick) + (1 | brood) + (1 | place)", "poisson", grouseticks, "poisson"
    ),
    "crossed": Problem("y ~ anger + kind + (1 | id) + (1 | item)", "bernoulli", crossed, "binomial"),
}

GAUSSIAN = {
    "sleepstudy": Problem("Reaction ~ Days + (1 + Days | Subject)", "gaussian", lambda: _read("sleepstudy", "Subject")),
    "radon": Problem("log_radon ~ floor + (1 + floor | county)", "gaussian", lambda: _read("radon", "county")),
}


def separated() -> pd.DataFrame:
    """A covariate that all but tells the binary responses apart."""
    rng = np.random.default_rng(21)
    x, g, u = rng.normal(size=120), np.repeat(np.arange(20), 6), rng.normal(0, 1, 20)
    return pd.DataFrame({"y": _binary(rng, 12 * x + u[g]), "x": x, "g": _named("g", g)})


def counts(groups: int, each: int, slope: float = 0.4, level: float = 0.5, seed: int = 22) -> pd.DataFrame:
    """Poisson counts, their excess of zeros where `more` is 1, and positive numbers and shares of the same means."""
    rng = np.random.default_rng(seed)
    g, x = np.repeat(np.arange(groups), each), rng.normal(size=groups * each)
    mean = np.exp(level + slope * x + rng.normal(0, 0.7, groups)[g])
    y, shape, share = rng.poisson(mean), 1.5, mean / (1 + mean)
    return pd.DataFrame({
        "y": y, "some": np.where(rng.uniform(size=len(y)) < 0.35, 0, y), "size": rng.gamma(shape, mean / shape),
        "share": np.clip(rng.beta(6 * share, 6 * (1 - share)), 1e-4, 1 - 1e-4),
        "far": np.log(mean) + 0.5 * rng.standard_t(2.5, len(y)), "x": x, "g": _named("g", g),
    })  # fmt: skip


def wide(columns: int = 25) -> pd.DataFrame:
    """Many covariates, which go together."""
    rng = np.random.default_rng(23)
    g = rng.integers(0, 30, 600)
    X = rng.normal(size=(600, columns)) + rng.normal(size=(600, 1))
    eta = X @ rng.normal(0, 0.3, columns) + rng.normal(0, 0.8, 30)[g]
    return pd.DataFrame({"y": _binary(rng, eta), "g": _named("g", g)} | {f"x{i}": X[:, i] for i in range(columns)})


HARD = {
    "few binary rows, sd 2.5": Problem("y ~ x + (1 | g)", "bernoulli", lambda: tiny(200)),
    "four groups": Problem("y ~ x + (1 | g)", "poisson", lambda: counts(4, 10)),
    "separation": Problem("y ~ x + (1 | g)", "bernoulli", separated),
    "25 covariates": Problem("y ~ " + " + ".join(f"x{i}" for i in range(25)) + " + (1 | g)", "bernoulli", wide),
    "crossed persons and items": Problem(
        "y ~ anger + kind + (1 | id) + (1 | item)", "bernoulli", lambda: crossed(60, 16)
    ),
    "zero-inflated": Problem("some ~ x + (1 | g)", "zero_inflated_poisson", lambda: counts(30, 6, seed=24)),
    "gamma, slopes": Problem("size ~ x + (1 + x | g)", "gamma", lambda: counts(25, 6, seed=25)),
    "beta": Problem("share ~ x + (1 | g)", "beta", lambda: counts(25, 5, seed=26)),
    "Student's t": Problem("far ~ x + (1 | g)", "student", lambda: counts(25, 6, seed=27)),
    "rare counts": Problem("y ~ x + (1 | g)", "poisson", lambda: counts(60, 4, level=-2.5, seed=28)),
}
