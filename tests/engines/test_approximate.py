"""Estimates by Laplace's approximation and by quadrature against glmer's and glmmTMB's."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import tildemc as tm
from shared import SHARED, declared


def _fits() -> list[dict[str, Any]]:
    if SHARED is None:
        return []
    return list(json.loads((SHARED / "oracles/glmm_fits.json").read_text())["fits"])
