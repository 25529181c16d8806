"""Models whose draws are stated, and estimates, for what Stata's commands after a model say of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

import tildemc as tm
from tildemc.results.estimate import Estimate
from tildemc.results.fit import Fit

__all__ = ["COMMAND", "DATA", "DRAWS", "NAMES", "SMALLER", "effects", "estimate", "stated"]

RNG = np.random.default_rng(11)
N, DRAWS, LEVELS = 60, 200, 6
F, H, G = np.resize([1, 2, 3], N), np.resize([0, 0, 1, 1], N), np.resize(range(LEVELS), N)
X, Z = RNG.normal(1, 1.5, N), RNG.normal(size=N)
Y = 1 + X + 0.5 * (F == 2) + RNG.normal(size=LEVELS)[G] + RNG.normal(size=N)
DATA = pd.DataFrame({"x": X, "z": Z, "f": F, "h": H, "g": G, "y": Y})
COMMAND = "mixed y i.f##c.x i.h || g: x, cov(un)"
SMALLER = "mixed y i.f c.x i.h || g:"
NAMES = ("2.f", "3.f", "x", "1.h", "2.f#c.x", "3.f#c.x")
"""Of Stata, in the order of the columns."""


def stated(text: str = COMMAND) -> Fit:
    """A fit whose draws are normal numbers."""
    rng = np.random.default_rng(5)
    model = tm.model(text, DATA)
    cor = np.tile(np.eye(2), (1, DRAWS, 1, 1))
    cor[..., 0, 1] = cor[..., 1, 0] = rng.uniform(-0.5, 0.5, (1, DRAWS))
    posterior = {
        "Intercept": rng.normal(1, 0.3, (1, DRAWS)), "b": rng.normal(0.4, 0.2, (1, DRAWS, len(NAMES))),
        "sd_g": rng.uniform(0.5, 1.5, (1, DRAWS, 2)), "cor_g": cor, "r_g": rng.normal(size=(1, DRAWS, LEVELS, 2)),
        "sigma": rng.uniform(0.8, 1.2, (1, DRAWS)),
    }  # fmt: skip
    return Fit.of(model.spec, model.design, posterior, {}, "stated", 0.0).of_model(model, {})


def effects(fit: Fit) -> dict[str, np.ndarray]:
    """The draws of the population effects by Stata's names, `_cons` too."""
    drawn = fit.groups["posterior"].draws
    return {name: drawn["b"][0, :, k] for k, name in enumerate(NAMES)} | {"_cons": drawn["Intercept"][0]}


def estimate(text: str = COMMAND, criterion: str = "ml") -> Estimate:
    """What maximises the likelihood."""
    return tm.model(text, DATA).optimize(criterion)
