"""Estimates of residuals that go together against nlme's and glmmTMB's."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from shared import SHARED


def _fits() -> dict[str, dict[str, Any]]:
    """Their fits, by criterion and call."""
    if SHARED is None:
        return {}
    fits = json.loads((SHARED / "oracles/structured.json").read_text())["fits"]
    ours = [fit for fit in fits if fit["call"].startswith(("gls", "lme")) or "dispformula" in fit["call"]]
    return {f"{fit.get('method', 'ML')} {fit['call']}": fit for fit in ours}


FITS = _fits()


def _data(name: str) -> pd.DataFrame:
    assert SHARED is not None
    frame = pd.read_csv(SHARED / f"data/open/{name}.csv")
    if name == "sleepstudy":
        frame["half"] = np.where(frame["Days"] < 5, "early", "late")
    return frame


@pytest.mark.skipif(not FITS, reason="no folder `shared` beside this checkout")
@pytest.mark.parametrize("name", FITS)
def test_estimates_are_nlmes_and_glmmtmbs(name: str) -> None:
    theirs = FITS[name]
    model = tm.model(theirs["call"], _data(theirs["data"]))
    ours = model.optimize(theirs.get("method", "ML").lower())
    assert ours.log_likelihood == pytest.approx(theirs["logLik"], rel=1e-8)
    assert list(ours.fixef.values()) == pytest.approx(list(theirs["fixef"].values()), rel=1e-4)
    if theirs["sigma"] is not None and theirs["sigma"] > 0.001:
        assert next(iter(ours.sigma.values())) == pytest.approx(theirs["sigma"], rel=1e-4)
    sds = [sd for group in ours.sds.values() for sd in group.values()]
    assert sds == pytest.approx(_sds(theirs), rel=5e-4)
    if "structure" in theirs:
        known = theirs["structure"].get("corStruct", {})
        assert list(ours.residual.values()) == pytest.approx(
            [*(known.values() if isinstance(known, dict) else known)], rel=1e-3
        )


def _sds(theirs: dict[str, Any]) -> list[float]:
    """The sds of effects, which nlme prints among the residual's."""
    known = theirs.get("varcorr", {})
    if theirs["call"].startswith("glmmTMB"):
        return [sd for group in known.values() for sd in group["sd"].values()]
    return [float(row["StdDev"]) for name, row in known.items() if name != "Residual"]
