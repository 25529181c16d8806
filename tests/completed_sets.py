"""Three completed data sets, and a model of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["FORMULA", "PRIORS", "SETS"]

FORMULA = "y ~ x + (1 | g)"
PRIORS = ("b ~ normal(0, 2)", "Intercept ~ normal(0, 5)", "sd ~ exponential(1)", "sigma ~ exponential(1)")


def completed(many: int = 3) -> list[pd.DataFrame]:
    """Data sets that differ in some values of x."""
    r = np.random.default_rng(1)
    g, x = np.repeat(np.arange(8), 5), r.normal(size=40)
    y = 1 + x + r.normal(size=8)[g] + r.normal(size=40)
    gaps = r.random(40) < 0.2
    return [pd.DataFrame({"y": y, "x": np.where(gaps, r.normal(size=40), x), "g": g}) for _ in range(many)]


SETS = completed()
