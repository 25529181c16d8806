"""Estimates by Laplace's approximation and by quadrature against glmer's, glmmTMB's and others'."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from laplace_by_hand import ByHand
from shared import SHARED, declared
from tildemc.engines.optimize import approximated
from tildemc.engines.point_coordinates import PointCoordinates
from tildemc.results.estimate import Estimate
from tildemc.spec.customs import NOBODYS


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


def _numbers(fit: dict[str, Any]) -> dict[str, float]:
    """The family's own numbers as they are called here, by the names of glmmTMB's `sigma`."""
    named = {"nbinom2": "shape", "nbinom1": "phi", "genpois": "phi", "betabinomial": "phi", "Gamma": "shape"}
    for family, name in named.items():
        if family in fit["call"] and "sigma" in fit:
            return {name: fit["sigma"] ** -2 if family == "Gamma" else fit["sigma"]}
    return {}


HELD = [
    call
    for call, fit in FITS.items()
    # One has no code, one was fitted with another formula than its call has, and others are near to some here.
    if not any(part in call for part in ("compois", "ziformula = ~ .", "nAGQ = 5", "cloglog", "genpois"))
]


@pytest.mark.skipif(not FITS, reason="no folder `shared` beside this checkout")
@pytest.mark.parametrize("call", HELD)
def test_estimates_are_those_of_the_calls_package(call: str) -> None:
    theirs = FITS[call]
    ours = _estimate(theirs)
    # glmer leaves out constants of the response where it has more than one point.
    if not POINTS.search(call) or "nAGQ = 1)" in call:
        assert ours.log_likelihood == pytest.approx(theirs["logLik"], abs=1e-4)
    population = [value for name, value in ours.fixef.items() if not name.startswith("zi_")]
    se = [value for name, value in ours.se.items() if not name.startswith("zi_")]
    assert population == pytest.approx(list(theirs["fixef"].values()), abs=1e-4)
    assert se == pytest.approx(list(theirs["se"].values()), rel=1e-3)
    for factor, group in theirs["varcorr"].items():
        own = ours.groups[factor]
        assert own.sds == pytest.approx(list(group["sd"].values()), abs=2e-4)
        assert own.correlations == pytest.approx(np.array(group["cor"]), abs=1e-3)
    for factor, modes in theirs.get("ranef_first", {}).items():
        assert ours.groups[factor].effects[: len(modes), 0] == pytest.approx(modes, abs=2e-4)
    for name, value in _numbers(theirs).items():
        assert ours.residual[name] == pytest.approx(value, rel=1e-3)
    for name, value in theirs.get("zi", {}).items():
        assert ours.fixef[f"zi_{name.strip('()')}"] == pytest.approx(value, abs=1e-3)


def _rows(seed: int) -> pd.DataFrame:
    """Counts, shares and positive numbers of two crossed factors, one of them nested in a third."""
    rng = np.random.default_rng(seed)
    g, h = rng.integers(0, 7, 60), rng.integers(0, 5, 60)
    x, u = rng.normal(size=60), rng.normal(size=7)[g]
    eta = 0.3 + 0.4 * x + 0.5 * u + 0.4 * rng.normal(size=5)[h]
    zero = rng.uniform(size=60) < 0.25
    return pd.DataFrame(
        {
            "y": rng.poisson(np.exp(eta)), "z": np.where(zero, 0, 1 + rng.poisson(np.exp(eta))),
            "p": rng.exponential(np.exp(eta)), "b": rng.uniform(size=60) < 1 / (1 + np.exp(-eta)), "x": x,
            "w": rng.integers(1, 4, 60), "g": g.astype(str), "h": h.astype(str), "k": (g % 3).astype(str),
        }
    )  # fmt: skip


LIKE_BY_HAND = {
    "two crossed factors": ("y ~ x + (1 | g) + (1 | h)", "poisson"),
    "nested factors, and slopes of one": ("y ~ x + (1 | k) + (x | k:g)", "poisson"),
    "weights and an offset": ("y | weights(w) ~ x + offset(0.2 * x) + (1 | g)", "poisson"),
    "an sd for all levels of another factor": ("b ~ x + homdiag(0 + k | h)", "bernoulli"),
    "a shape for each level, a density that is not concave": ("p ~ x + (1 | g); shape ~ by(k)", "gamma(identity)"),
    "a formula of another parameter": ("y ~ x + (1 | g); shape ~ x", "negbinomial"),
    "a smooth": ("y ~ s(x, k = 5) + (1 | g)", "poisson"),
    "a hurdle whose parts are separate": ("z ~ x + (1 | g); hu ~ (1 | h)", "hurdle_poisson"),
    "levels that rows have several of": ("y ~ x + (1 | mm(g, h))", "poisson"),
}


@pytest.mark.parametrize(("formula", "family"), LIKE_BY_HAND.values(), ids=LIKE_BY_HAND)
def test_the_likelihood_is_that_by_hand(formula: str, family: str) -> None:
    model = tm.model(formula, _rows(1), family)
    approximation = approximated(model.spec, model.design, NOBODYS)
    own = PointCoordinates.of(model.spec, model.design, *approximation.begin)
    x = own.start + 0.1 * np.random.default_rng(2).normal(size=len(own.start))
    by_hand = ByHand(model.spec, model.design)
    (found,) = approximation.log_likelihoods([(own.values(x), own.factors(x))])
    assert found == pytest.approx(by_hand.log_likelihood(own.values(x), own.factors(x)), abs=1e-7)
    modes = approximation.modes(own.values(x), own.factors(x))
    for ours, (_, effects, sds) in zip(modes, by_hand.effects(own.values(x), own.factors(x)), strict=True):
        assert ours.effects == pytest.approx(effects, abs=1e-6)
        assert ours.sds == pytest.approx(sds, rel=1e-5)
