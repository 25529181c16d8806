"""Relatedness of 2,000 animals: by a covariance and by a pedigree, Gaussian and not, by each engine that takes them.

`python benchmarks/relatives.py [ANIMALS]`. brms multiplies a dense factor at each leapfrog step; that cost is measured
beside, as NumPy's product of a triangle of that size with a vector and its transpose, times brms's usual 4,000 draws
of 31 steps.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

import tildemc as tm

STEPS = 4000 * 31
"""Leapfrog steps of a usual run of brms: as many as draws and steps a draw."""


def animals(n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A pedigree of ten overlapping generations, and one measurement of each animal with a heritability of a third."""
    rng = np.random.default_rng(1)
    founders = n // 10
    parents = [
        (None, None) if k < founders else [f"a{p}" for p in rng.choice(np.arange(max(0, k - n // 5), k), 2, False)]
        for k in range(n)
    ]
    names = [f"a{k}" for k in range(n)]
    pedigree = pd.DataFrame(parents, columns=["dam", "sire"]).assign(animal=names)[["animal", "dam", "sire"]]
    values = tm.pedigree(pedigree).steps.related(rng.normal(size=(n, 1)))[:, 0]
    data = pd.DataFrame({"animal": names, "x": rng.normal(size=n)})
    data["y"] = 2.0 + 0.5 * data["x"] + 0.7 * values + rng.normal(size=n)
    data["count"] = rng.poisson(np.exp(0.3 + 0.4 * values))
    return pedigree, data


def seconds[T](what: str, run: Callable[[], T]) -> T:
    """What it returns; prints how long it took."""
    start = time.perf_counter()
    found = run()
    print(f"{what:60s} {time.perf_counter() - start:8.2f} s", flush=True)
    return found


def main(n: int) -> None:
    """Print the seconds."""
    pedigree, data = animals(n)
    known = seconds("Henderson's precision of the pedigree", lambda: tm.pedigree(pedigree))
    factor = known.steps.related(np.eye(n))
    covariance = pd.DataFrame((factor @ factor.T), known.levels, known.levels)
    text = "y ~ x + (1 | gr(animal, cov = A))"
    for called, matrix in (("a covariance", covariance), ("a pedigree", known)):
        model = tm.model(text, data, data2={"A": matrix})
        model.fit(draws=100, chains=2, seed=1, progress=False)
        seconds(f"gaussian, {called}, exact, 4 x 1,000", lambda model=model: model.fit(seed=1, progress=False))
        seconds(f"gaussian, {called}, REML", lambda model=model: model.optimize("reml"))
    counts = tm.model("count ~ x + (1 | gr(animal, cov = A))", data, family="poisson", data2={"A": known})
    counts.fit(draws=20, tune=20, chains=2, seed=1, progress=False)
    seconds("poisson, a pedigree, direct, 4 x (1,000 + 1,000)", lambda: counts.fit(seed=1, progress=False))
    dense = np.tril(factor)
    z, start = np.ones(n), time.perf_counter()
    for _ in range(20):
        dense.T @ (dense @ z)
    each = (time.perf_counter() - start) / 20
    print(f"{'a dense factor and its transpose alone, x 4,000 x 31':60s} {STEPS * each:8.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
