"""Estimates of residuals that go together against nlme's and glmmTMB's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import eigvalsh
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

import tildemc as tm
from shared import SHARED
from tildemc.arrays import Floats


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


GAPS = [
    ("gls(Reaction ~ Days, correlation = corAR1(form = ~ Days | Subject))", "ml", -804.398875, 48.64725, 10.32902),
    ("gls(Reaction ~ Days, correlation = corCAR1(form = ~ v | Subject))", "reml", -801.761827, 49.44500, 10.51380),
    (
        "gls(Reaction ~ Days, correlation = corSpher(form = ~ v | Subject, nugget = TRUE))",
        "ml", -802.938957, 48.87156, 10.43023,
    ),
    (
        "gls(Reaction ~ Days, correlation = corAR1(0.5, form = ~ Days | Subject, fixed = TRUE))",
        "reml", -814.030759, 40.15833, 10.27923,
    ),
    (
        "lme(Reaction ~ Days, random = ~ 1 | Subject, correlation = corCAR1(0.2, ~ v), weights = varPower(form = ~ v))",
        "ml", -793.552632, 16.87891, 9.64732,
    ),
    (
        "gls(Reaction ~ Days, weights = varComb(varIdent(form = ~ 1 | half), varExp(form = ~ v)))",
        "reml", -852.276272, 29.39762, 9.67249,
    ),
    ("gls(Reaction ~ Days, weights = varExp(form = ~ v | half))", "ml", -855.895574, 29.12283, 9.65467),
]  # fmt: skip
"""Fits by nlme 3.1-162 of sleepstudy without every eleventh row: log likelihood, sigma, the slope."""


@pytest.mark.parametrize(("call", "criterion", "log_likelihood", "sigma", "slope"), GAPS)
def test_gaps_and_shuffled_rows_are_as_nlme_has_them(
    call: str, criterion: str, log_likelihood: float, sigma: float, slope: float, open_data: Callable[[str], Path]
) -> None:
    data = pd.read_csv(open_data("sleepstudy"))
    data["half"] = np.where(data["Days"] < 5, "early", "late")
    data["v"] = 1 + data["Days"] + (7 * data["Days"] % 10) / 20
    kept = data[7 * np.arange(1, 181) % 11 != 0].sample(frac=1.0, random_state=1)
    ours = tm.model(call, kept).optimize(criterion)
    assert ours.log_likelihood == pytest.approx(log_likelihood, rel=1e-7)
    assert ours.sigma[""] == pytest.approx(sigma, rel=1e-4)
    assert ours.fixef["Days"] == pytest.approx(slope, rel=1e-5)


def test_all_bands_are_all_covariances_and_of_each_level_those_of_its_rows() -> None:
    rng = np.random.default_rng(2)
    factor = np.array([[1.0, 0.0, 0.0], [0.6, 0.9, 0.0], [0.3, 0.5, 1.2]])
    y = rng.normal(size=(60, 3)) @ factor.T
    frame = pd.DataFrame({"y": y.ravel(), "t": np.tile([1, 2, 3], 60), "g": np.repeat(np.arange(60), 3)})
    frame["v"] = frame["g"] % 2
    free = [tm.model("y ~ 1 + residual(us(0 + factor(t) | g))", rows).optimize("ml") for _, rows in frame.groupby("v")]
    whole = tm.model("y ~ 1 + residual(us(0 + factor(t) | g))", frame).optimize("ml").log_likelihood
    bands = {q: tm.model(f"y ~ 1 + banded(t, g, q = {q})", frame).optimize("ml").log_likelihood for q in (1, 2, 9)}
    assert bands[2] == pytest.approx(whole, abs=1e-5) == pytest.approx(bands[9], abs=1e-5)

    def unlikely(x: Floats) -> float:
        V = np.array([[x[1], x[4], 0.0], [x[4], x[2], x[5]], [0.0, x[5], x[3]]])
        return -float(multivariate_normal.logpdf(y - x[0], np.zeros(3), V).sum()) if eigvalsh(V)[0] > 0 else np.inf

    least = minimize(unlikely, [0, 1, 1, 1, 0, 0], method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-7})
    assert bands[1] == pytest.approx(-least.fun, abs=1e-5)
    by = tm.model("mixed y i.v || g:, nocons residuals(un, t(t) by(v))", frame).optimize("ml")
    assert by.log_likelihood == pytest.approx(sum(own.log_likelihood for own in free), abs=1e-5)
