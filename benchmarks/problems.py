"""The models that engines are compared on, each as formula, data and family; needs NumPy and pandas only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["PROBLEMS", "Problem"]

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Problem:
    """A model in tildemc's words and, where they differ, in Bambi's."""

    name: str
    formula: str
    family: str
    bambi: str = ""

    def frame(self) -> pd.DataFrame:
        """The data; factors as text, so that all packages take them for factors."""
        if self.name == "grouped":
            return _grouped()
        places = (*ROOT.glob(f"tests/data/{self.name}.csv"), *ROOT.glob(f"examples/*/data/{self.name}.csv"))
        frame = pd.read_csv(places[0])
        for column in ("patient", "obs", "herd", "period", "Subject", "county"):
            if column in frame:
                frame[column] = frame[column].astype(str)
        return frame


def _grouped(n: int = 10_000, levels: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    x, g, u = rng.normal(size=n), rng.integers(0, levels, n), rng.normal(0, 0.8, levels)
    y = rng.uniform(size=n) < 1 / (1 + np.exp(-(0.3 + 0.5 * x + u[g])))
    return pd.DataFrame({"y": y.astype(int), "x": x, "g": np.char.add("g", g.astype(str))})


PROBLEMS = {
    problem.name: problem
    for problem in (
        Problem("epilepsy", "count ~ zAge + zBase * Trt + (1 | patient) + (1 | obs)", "poisson"),
        Problem(
            "cbpp", "cbind(incidence, size - incidence) ~ period + (1 | herd)", "binomial",
            "p(incidence, size) ~ period + (1 | herd)",
        ),
        Problem("grouped", "y ~ x + (1 | g)", "bernoulli"),
        Problem(
            "sleepstudy", "Reaction ~ Days + (1 + Days | Subject)", "gaussian",
            "Reaction ~ Days + (1 + Days || Subject)",
        ),
        Problem(
            "radon", "log_radon ~ floor + (1 + floor | county)", "gaussian",
            "log_radon ~ floor + (1 + floor || county)",
        ),
    )
}  # fmt: skip
