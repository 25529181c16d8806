"""A fit whose draws are stated: a logistic model of a number, a factor and their product, with effects by a group."""

from __future__ import annotations

import numpy as np
import pandas as pd

import tildemc as tm
from tildemc.results.fit import Fit

__all__ = ["DATA", "INTERCEPT", "B", "N", "logistic", "probabilities"]

RNG = np.random.default_rng(7)
N, DRAWS = 24, 5
DATA = pd.DataFrame(
    {"x": RNG.normal(2, 1.5, size=N), "f": np.resize(["a", "b", "b"], N), "g": np.resize(list("uvw"), N),
     "y": np.resize([0, 1], N)}
)  # fmt: skip
INTERCEPT = RNG.normal(size=DRAWS)
B = RNG.normal(0, 0.5, size=(DRAWS, 3))
"""Of x, of b, of their product."""
R = RNG.normal(size=(DRAWS, 3))
"""By group."""


def logistic() -> Fit:
    """The fit."""
    model = tm.model("y ~ x * f + (1 | g)", DATA, "bernoulli")
    posterior = {"Intercept": INTERCEPT, "b": B, "sd_g": np.ones((DRAWS, 1)), "r_g": R[:, :, None]}
    shaped = {name: values[None] for name, values in posterior.items()}
    return Fit.of(model.spec, model.design, shaped, {}, "stated", 0.0).of_model(model, {})


def probabilities(x: object, b: object, groups: bool = True) -> np.ndarray:
    """By hand, (draws, n): with the number x, and b where the factor is `b`."""
    x, b = np.broadcast_to(np.asarray(x, float), N), np.broadcast_to(np.asarray(b, float), N)
    eta = INTERCEPT[:, None] + B @ np.array([x, b, x * b])
    if groups:
        eta = eta + R[:, ["uvw".index(g) for g in DATA["g"]]]
    return 1 / (1 + np.exp(-eta))
