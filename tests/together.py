"""Models whose residuals go together, and data for all of them: groups of unlike length, with gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd

import tildemc as tm
from tildemc.arrays import Floats
from tildemc.spec.rows_together import batches, matrices
from tildemc.targets.marginal.joint import Joint

__all__ = ["FORMULAS", "covariance", "together"]

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
    "y ~ x + banded(k, g, q = 2)",
    "y ~ x + banded(k, g, q = 1, by = arm)",
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


def covariance(model: tm.Model, joint: Joint, x: Floats) -> Floats:
    """The residuals' covariance by its definition, (n, n), at numbers x."""
    residual, design, n = model.spec.residual, model.design, len(joint.columns)
    found = np.eye(n)
    for batch in batches(residual, None if residual is None else design.of(residual), n) if residual else ():
        R = matrices(residual, batch, joint.sets(x))
        for rows, pattern in zip(batch.rows, batch.pattern, strict=True):
            found[np.ix_(rows, rows)] = R[pattern]
    sds = np.exp(joint.log_sds(x))
    return found * np.outer(sds, sds)
