"""Models whose residuals go together, and data for all of them: groups of unlike length, with gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["FORMULAS", "together"]

FORMULAS = [
    "y ~ x + ar(t, g)",
    "y ~ x + ar(t, g, cov = TRUE)",
    "y ~ x + ar(t, g, p = 2) + (1 + x | g)",
    "y ~ x + ma(t, g, q = 2)",
    "y ~ x + arma(t, g, cov = TRUE)",
    "y ~ x + cosy(gr = g); sigma ~ z",
    "y ~ x + unstr(k, g) + (1 | g)",
    "y ~ x + corAR1(form = ~ t | g); sigma ~ by(arm)",
    "y ~ x + corARMA(form = ~ t | g, p = 2, q = 1)",
    "y ~ x + corCAR1(form = ~ z | g) + (1 | arm)",
    "y ~ x + corCompSymm(form = ~ 1 | g)",
    'y ~ x + corExp(form = ~ x + z | g, nugget = TRUE, metric = "manhattan")',
    "y ~ x + corGaus(form = ~ x + z | g)",
    "y ~ x + corLin(form = ~ x + z | g)",
    "y ~ x + corSpher(form = ~ z)",
    "y ~ x + toeplitz(t, g, q = 3)",
    "y ~ x + ar(t, g, by = arm)",
    "y ~ x + corAR1(form = ~ t | g, by = half)",
    "y ~ x + residual(cs(0 + factor(k) | g))",
    "y ~ x + residual(ar1(0 + factor(k) | g))",
    "y ~ x; sigma ~ z + offset(0.1 * x)",
]
"""One of each structure, with group effects and formulas of sigma beside some."""


def together() -> pd.DataFrame:
    """Rows of seven groups, at some of six times."""
    rng = np.random.default_rng(5)
    rows = [(f"g{g}", f"a{g % 2}", t, t % 6) for g in range(7) for t in sorted(rng.choice(6, 3 + g % 4, replace=False))]
    frame = pd.DataFrame(rows, columns=["g", "arm", "t", "k"])
    frame["x"], frame["z"] = rng.normal(size=len(frame)), rng.uniform(0.1, 1.0, size=len(frame)).cumsum()
    frame["half"] = np.where(frame["t"] < 3, "early", "late")
    frame["y"] = 1.0 + 0.5 * frame["x"] + rng.normal(size=len(frame)).cumsum() / 3
    return frame
