"""Families of counts against glmmTMB's log likelihoods: its estimates, and Laplace's method for the group effects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared import SHARED
from tildemc.spec.derivative import differentiate
from tildemc.spec.expr import Expr, evaluate
from tildemc.spec.families import FAMILIES
from tildemc.spec.vocabulary import NUMPY

FITS = None if SHARED is None else SHARED / "oracles" / "structured.json"
SPREAD = {"nbinom1": "phi", "nbinom2": "shape", "genpois": "phi", "compois": "phi"}
"""What `sigma` estimates is here."""


@pytest.mark.skipif(FITS is None or not FITS.is_file(), reason="no shared oracles")
@pytest.mark.parametrize("family", SPREAD)
def test_log_likelihoods_are_glmmtmbs(family: str) -> None:
    assert FITS is not None
    call = f"glmmTMB(count ~ zAge + zBase * Trt + (1 | patient), family = {family})"
    (fit,) = [fit for fit in json.loads(FITS.read_text())["fits"] if fit["call"] == call]
    frame = pd.read_csv(Path(__file__).parents[2] / "data" / "epilepsy.csv")
    columns = {"zAge": frame["zAge"], "zBase": frame["zBase"], "Trt1": frame["Trt"]}
    columns |= {"(Intercept)": 1.0, "zBase:Trt1": frame["zBase"] * frame["Trt"]}
    fixed = sum(value * columns[name] for name, value in fit["fixef"].items()).to_numpy()
    codes, _ = pd.factorize(frame["patient"])
    record = next(f for f in FAMILIES.values() if family in (f.name, *f.aliases))
    known = {SPREAD[family]: fit["sigma"], "y": frame["count"].to_numpy(dtype=float)}
    sd = fit["varcorr"]["patient"]["sd"]["(Intercept)"]

    def by_patient(expr: Expr, effects: np.ndarray, factor: Any = 1.0) -> np.ndarray:
        mu = np.exp(fixed + effects[codes])
        rows = evaluate(expr, lambda v: (known | {"mu": mu})[v.name], NUMPY)
        return np.bincount(codes, rows * (mu if factor is None else factor))

    def slope(effects: np.ndarray) -> np.ndarray:
        return by_patient(differentiate(record.log_density, "mu"), effects, None) - effects / sd**2

    effects, step = np.zeros(codes.max() + 1), 1e-5
    for _ in range(40):
        curve = (slope(effects + step) - slope(effects - step)) / (2 * step)
        move = slope(effects) / curve
        effects = effects - move
        if np.abs(move).max() < 1e-8:
            break
    total = by_patient(record.log_density, effects) - 0.5 * (effects / sd) ** 2 - np.log(sd) - 0.5 * np.log(-curve)
    assert total.sum() == pytest.approx(fit["logLik"], rel=1e-8)
