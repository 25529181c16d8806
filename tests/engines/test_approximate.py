"""Estimates by Laplace's approximation and by quadrature against glmer's, glmmTMB's and others'."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from shared import SHARED, declared
from tildemc.errors import FitError
from tildemc.results.estimate import Estimate


def _fits() -> dict[str, dict[str, Any]]:
    """glmer's and glmmTMB's fits of models that are not Gaussian, in one shape."""
    if SHARED is None:
        return {}
    found = {fit["call"]: fit for fit in json.loads((SHARED / "oracles/glmm_fits.json").read_text())["fits"]}
    for fit in json.loads((SHARED / "oracles/structured.json").read_text())["fits"]:
        if fit["data"] in ("epilepsy", "cbpp", "radon") and "lognormal" not in fit["call"]:
            found[fit["call"]] = fit
    return found


FITS = _fits()
COMPOUND = "compois"
"""A family that has no code of its own."""
POINTS = re.compile(r"nAGQ = (\d+)")


def _data(name: str) -> pd.DataFrame:
    """A data set; the visits of `epilepsy` are numbers where slopes are by them."""
    data = declared(name)
    return data.assign(visit=data["visit"].astype(float)) if "visit" in data else data


def _estimate(fit: dict[str, Any]) -> Estimate:
    return tm.model(fit["call"], _data(fit["data"])).optimize("ml")
