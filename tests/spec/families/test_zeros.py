"""Families of numbers with more zeros: glmmTMB's log likelihood at glmmTMB's estimates."""

from __future__ import annotations

import numpy as np
import pytest

from tildemc.spec.expr import evaluate
from tildemc.spec.families import FAMILIES
from tildemc.spec.vocabulary import NUMPY

Y = np.array([0, 0, 0, 0, 1.2, -0.4, 2.5, 3.1, 0.8, 1.9, 2.2, 4.0])
X = np.array([-1, 0.5, 1, 0, -1.5, -1, 0.3, 1.2, -0.2, 0.1, 0.6, 2])
FITS = [
    ("zero_inflated_gaussian", (1.65801044319, 1.11141615480), -0.91589059767, 0.62787037900, {}, -14.44998673543),
    ("zero_inflated_student", (1.353739139664, 1.390970804742), -1.071792694359, 0.278769229285, {"nu": 1.39693},
     -13.983033954960),
]  # fmt: skip
"""glmmTMB(y ~ x, ziformula = ~ 1, family =) of glmmTMB 1.1.5: the line, the logit of zi, sigma, logLik."""


@pytest.mark.parametrize(("name", "line", "logit", "sigma", "more", "total"), FITS, ids=[fit[0] for fit in FITS])
def test_a_zero_is_one_of_the_numbers_or_one_more(
    name: str, line: tuple[float, float], logit: float, sigma: float, more: dict[str, float], total: float
) -> None:
    known = {"y": Y, "mu": line[0] + line[1] * X, "zi": 1 / (1 + np.exp(-logit)), "sigma": sigma, **more}
    rows = evaluate(FAMILIES[name].log_density, lambda variable: known[variable.name], NUMPY)
    assert rows.sum() == pytest.approx(total, abs=1e-5)
