"""Log likelihoods that glmmTMB, glmer and survreg print, at the estimates that they print.

Group effects are integrated here, over the rows' log densities as the model has them: by Laplace's approximation, as
these packages do, or by adaptive quadrature.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

import tildemc as tm
from shared import SHARED, declared
from tildemc.spec.parameters import names

pytestmark = pytest.mark.skipif(SHARED is None, reason="no folder `shared` beside this checkout")

Floats = NDArray[np.float64]
Density = Callable[[Floats], Floats]
"""Of effects (levels, width): the log density of each level's rows and effects (levels,)."""
Printed = dict[str, Any]
"""What a package said of a fit: its data, call, log likelihood and estimates."""


def fits(file: str) -> list[Printed]:
    return [] if SHARED is None else json.loads((SHARED / "oracles" / file).read_text())["fits"]


# The integral over the effects of one grouping factor


def derivatives(density: Density, at: Floats, step: float) -> tuple[Floats, Floats]:
    """Gradients (levels, width) and Hessians (levels, width, width), by central differences."""
    width = at.shape[1]
    one, here = step * np.eye(width), density(at)
    gradient, hessian = np.empty_like(at), np.empty((*at.shape, width))
    for i in range(width):
        ahead, behind = density(at + one[i]), density(at - one[i])
        gradient[:, i] = (ahead - behind) / (2 * step)
        hessian[:, i, i] = (ahead - 2 * here + behind) / step**2
        for j in range(i):
            alike = density(at + one[i] + one[j]) + density(at - one[i] - one[j])
            opposed = density(at + one[i] - one[j]) + density(at - one[i] + one[j])
            hessian[:, i, j] = hessian[:, j, i] = (alike - opposed) / (4 * step**2)
    return gradient, hessian


def integrated(density: Density, levels: int, width: int, nodes: int = 1) -> float:
    """The log of the integral over standardised effects: Laplace's approximation with one node, else quadrature."""
    mode = np.zeros((levels, width))
    change = np.ones_like(mode)
    while np.abs(change).max() > 1e-3:
        gradient, hessian = derivatives(density, mode, 1e-3)
        change = np.linalg.solve(hessian, gradient[..., None])[..., 0]
        mode = mode - change
    coarse, fine = (derivatives(density, mode, step)[1] for step in (0.02, 0.01))
    _, curvature = np.linalg.slogdet((coarse - 4 * fine) / 3)
    if nodes == 1:
        return float((density(mode) - curvature / 2).sum())
    assert width == 1
    places, weights = np.polynomial.hermite.hermgauss(nodes)
    sd = np.exp(-curvature / 2)
    values = [density(mode + np.sqrt(2) * place * sd[:, None]) + place**2 for place in places]
    return float((logsumexp(np.array(values) + np.log(weights)[:, None], axis=0) + np.log(sd / np.sqrt(np.pi))).sum())


def log_likelihood(model: tm.Model, data: pd.DataFrame, printed: Printed, values: Printed, nodes: int = 1) -> float:
    """Of a model with one grouping factor, whose effects' sds and correlations are printed."""
    (group,) = model.spec.groups()
    (spread,) = printed["varcorr"].values()
    sds = np.array(list(spread["sd"].values()))
    chol = sds[:, None] * np.linalg.cholesky(np.array(spread["cor"], dtype=float))
    level_of_row = pd.Categorical(data[group.factor.label].astype(str), list(map(str, group.factor.levels))).codes
    effects = names(model.spec).of(group).r

    def density(standard: Floats) -> Floats:
        rows = model.log_likelihood({**values, effects: standard @ chol.T})
        return np.bincount(level_of_row, rows, len(standard)) - (standard**2).sum(axis=1) / 2

    return integrated(density, len(group.factor.levels), len(sds), nodes)


# What glmmTMB and glmer print, by our names


def stated(prefix: str, estimates: dict[str, float], times: float = 1.0) -> Printed:
    """The coefficients of a linear predictor."""
    intercept, *slopes = (times * estimate for estimate in estimates.values())
    return {f"{prefix}Intercept": intercept} | ({f"{prefix}b": slopes} if slopes else {})


def estimates(model: tm.Model, printed: Printed) -> Printed:
    """glmmTMB's dispersion is the log of ours; of a normal response, up to 1.1.8, the log variance."""
    found = stated("", printed["fixef"])
    spread = [p.name for p in model.spec.family.parameters if p.name not in ("mu", "zi", "hu")]
    (zeros,) = [p.name for p in model.spec.family.parameters if p.name in ("zi", "hu")] or [""]
    if zeros:
        found |= stated(f"{zeros}_", printed["zi"])
    if spread:
        half = 0.5 if spread == ["sigma"] else 1.0
        plain = len(printed["disp"]) == 1
        disp = stated(f"{spread[0]}_", printed["disp"], half)
        found |= {spread[0]: np.exp(disp[f"{spread[0]}_Intercept"])} if plain else disp
    return found


GLMMTMB = {
    fit["call"]: fit
    for fit in fits("structured.json")
    if any(word in fit["call"] for word in ("family = ", "dispformula = ~ Days")) and "lmer on" not in fit["call"]
}


@pytest.mark.parametrize("call", GLMMTMB)
def test_log_likelihoods_are_glmmtmbs(call: str) -> None:
    printed, data = GLMMTMB[call], declared(GLMMTMB[call]["data"])
    # Its printed estimates are of age alone, whatever the call says.
    model = tm.model(call.replace("ziformula = ~ .,", "ziformula = ~ zAge,"), data)
    found = log_likelihood(model, data, printed, estimates(model, printed))
    assert found == pytest.approx(printed["logLik"], abs=1e-5)


GLMER = {
    fit["call"]: fit
    for fit in fits("glmm_fits.json")
    # Of other links glmer takes the expected curvature; of two factors the effects are not apart.
    if fit["call"].startswith("glmer") and "link" not in fit["call"] and "| obs" not in fit["call"]
}


@pytest.mark.parametrize("call", GLMER)
def test_log_likelihoods_are_glmers(call: str) -> None:
    """By quadrature it leaves out what the likelihood is where every row has its own mean."""
    printed, data = GLMER[call], declared(GLMER[call]["data"])
    data = data.assign(visit=data["visit"].astype(float)) if "visit" in call else data
    nodes = int(call.rpartition("nAGQ = ")[2].rstrip(")")) if "nAGQ" in call else 1
    model = tm.model(call, data)
    found = log_likelihood(model, data, printed, stated("", printed["fixef"]), nodes)
    if nodes > 1:
        trials = data["size"] if "cbind" in call else 1.0
        own = data["incidence" if "cbind" in call else "count"] / trials
        found -= model.log_likelihood({"mu": own.clip(1e-300, 1 - 1e-16 if "cbind" in call else None)}).sum()
    assert found == pytest.approx(printed["logLik"], abs=1e-5)


# Times to an event, without groups

SURVIVAL = {"lognormal": "sigma", "weibull": "shape"}
CALL = "survreg(Surv(time, 1 - censored) ~ age * sex + disease, dist = '{}')"


def survived(dist: str) -> tuple[tm.Model, Printed, Printed]:
    """The model, what survreg printed of it, and its estimates by our names: the mean, not the scale, of a Weibull."""
    assert SHARED is not None
    known = json.loads((SHARED / "oracles" / "fits.json").read_text())["kidney"]
    (printed,) = [fit for name, fit in known.items() if name.startswith(f"survreg {dist}")]
    model = tm.model("time | cens(censored) ~ age * sex + disease", declared("kidney"), dist)
    found, scale = stated("", printed["coef"]), printed["scale"]
    if dist == "weibull":
        found["Intercept"] += gammaln(1 + scale)
        scale = 1 / scale
    return model, printed, {**found, SURVIVAL[dist]: scale}


@pytest.mark.parametrize("dist", SURVIVAL)
def test_log_likelihoods_are_survregs(dist: str) -> None:
    model, printed, values = survived(dist)
    assert -2 * model.log_likelihood(values).sum() == pytest.approx(printed["minus2loglik"], rel=1e-9)


FLAT = ("Intercept ~ flat", "b ~ flat")
SETTINGS: Printed = {"method": "direct", "draws": 1000, "tune": 500, "chains": 2, "seed": 1, "progress": False}


@pytest.mark.parametrize("dist", SURVIVAL)
def test_posteriors_with_wide_priors_agree_with_survreg(dist: str) -> None:
    """Seven estimates from 58 events: a posterior's mean differs by a part of the standard error, its sd is larger."""
    model, printed, values = survived(dist)
    summary = tm.model(model.spec.formula, declared("kidney"), dist, FLAT).fit(**SETTINGS).summary()
    found = summary.droplevel("part").iloc[: len(printed["coef"])]
    errors = list(printed["se"].values())[: len(found)]
    distance = (found["mean"] - [values["Intercept"], *values["b"]]) / errors
    assert distance.abs().max() < 0.3
    np.testing.assert_allclose(found["sd"], errors, rtol=0.2)
