"""ML and REML estimates against lme4's."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from shared import SHARED, declared
from tildemc.engines.optimize import optimize
from tildemc.errors import FitError
from tildemc.results.estimate import Estimate


def _fits() -> dict[str, tuple[str, str, str, dict[str, Any]]]:
    """lme4's fits: data set, formula, criterion, and what came of it in one shape."""
    if SHARED is None:
        return {}
    found = {}
    for data, fits in json.loads((SHARED / "oracles/fits.json").read_text()).items():
        for name, fit in fits.items():
            if name.startswith("lmer"):
                sds = [sd for group in fit["varcorr"].values() for sd in group["sd"]]
                correlations = [group["corr"][0][1] for group in fit["varcorr"].values() if group["corr"]]
                criterion = fit.get("reml_criterion", fit.get("minus2loglik"))
                numbers = {**fit, "sds": sds, "correlations": correlations, "criterion": criterion}
                found[f"{data}, {name}"] = (
                    data,
                    fit["formula"],
                    "ml" if "ML" in name.split(":")[0] else "reml",
                    numbers,
                )
    for name, fit in json.loads((SHARED / "oracles/conformance/lme4_classics.json").read_text()).items():
        call = re.match(r"lmer\(formula = (.*), data = (\w+)(, REML = FALSE)?\)", fit["call"])
        if call and (SHARED / f"data/open/{call[2]}.csv").exists():
            parts = [row for row in fit["vc"] if row["grp"] != "Residual"]
            numbers = {
                **fit,
                "sds": [row["sdcor"] for row in parts if row["var2"] is None],
                "correlations": [row["sdcor"] for row in parts if row["var2"] is not None],
                "sigma": fit["vc"][-1]["sdcor"],
                "criterion": fit["m2ll"],
            }
            found[name] = (call[2], call[1], "ml" if call[3] else "reml", numbers)
    return found


FITS = _fits()


def _estimate(data: Path | pd.DataFrame, formula: str, criterion: str) -> Estimate:
    model = tm.model(formula, data)
    return optimize(model.spec, model.design, criterion)


@pytest.mark.skipif(not FITS, reason="no folder `shared` beside this checkout")
@pytest.mark.parametrize("name", FITS)
def test_estimates_are_lme4s(name: str) -> None:
    data, formula, criterion, theirs = FITS[name]
    ours = _estimate(declared(data), formula, criterion)
    assert ours.criterion == pytest.approx(theirs["criterion"], rel=1e-6)
    assert list(ours.fixef.values()) == pytest.approx(list(theirs["fixef"].values()), rel=1e-4, abs=1e-4)
    assert list(ours.se.values()) == pytest.approx(list(theirs["se"].values()), rel=1e-4)
    assert ours.sigma[""] == pytest.approx(theirs["sigma"], rel=1e-4)
    sds = sorted(sd for group in ours.groups.values() for sd in group.sds)
    assert sds == pytest.approx(sorted(theirs["sds"]), rel=2e-4, abs=1e-3)
    correlations = [group.correlations[0, 1] for group in ours.groups.values() if group.correlated]
    assert correlations == pytest.approx(theirs["correlations"], abs=2e-4)


@pytest.mark.skipif(not FITS, reason="no folder `shared` beside this checkout")
def test_equally_correlated_effects_are_estimated_as_by_glmmtmb() -> None:
    assert SHARED is not None
    fits = json.loads((SHARED / "oracles/structured.json").read_text())["fits"]
    (theirs,) = [f for f in fits if f["call"] == "glmmTMB(Reaction ~ Days + cs(0 + factor(Days) | Subject))"]
    data = declared("sleepstudy").assign(day=lambda frame: frame["Days"].astype(str))
    ours = _estimate(data, "Reaction ~ Days + cs(0 + day | Subject)", "ml")
    group = ours.groups["Subject"]
    assert ours.criterion == pytest.approx(-2 * theirs["logLik"], abs=1e-5)
    assert list(ours.fixef.values()) == pytest.approx(list(theirs["fixef"].values()), rel=1e-4)
    assert ours.sigma[""] == pytest.approx(theirs["sigma"], rel=1e-4)
    assert group.sds.tolist() == pytest.approx(list(theirs["varcorr"]["Subject"]["sd"].values()), rel=1e-3)
    assert group.correlations == pytest.approx(np.array(theirs["varcorr"]["Subject"]["cor"]), abs=1e-4)


SAME = {
    "an sd for all levels of a factor": ("homdiag(0 + f | g)", "(1 | g:f)"),
    "an sd and a correlation for all": ("homcs(0 + f | g)", "(1 | g) + (1 | g:f)"),
    "two correlated effects": ("cs(1 + x | g)", "(1 + x | g)"),
    "effects that are told to be independent": ("diag(1 + x | g)", "(1 + x || g)"),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
@pytest.mark.parametrize("criterion", ["ml", "reml"])
def test_models_that_are_the_same_have_the_same_estimates(one: str, other: str, criterion: str) -> None:
    rng = np.random.default_rng(3)
    g, f = np.repeat(np.arange(15), 8), np.tile(np.arange(4), 30)
    x = rng.normal(size=120)
    y = 1 + x + rng.normal(size=15)[g] + rng.normal(size=(15, 4))[g, f] + 0.7 * rng.normal(size=15)[g] * x
    data = pd.DataFrame({"y": y + rng.normal(size=120), "x": x, "g": g.astype(str), "f": f.astype(str)})
    mine, theirs = (_estimate(data, f"y ~ x + {term}", criterion) for term in (one, other))
    assert mine.criterion == pytest.approx(theirs.criterion, rel=1e-7)
    assert list(mine.fixef.values()) == pytest.approx(list(theirs.fixef.values()), rel=1e-4, abs=1e-5)
    assert mine.sigma[""] == pytest.approx(theirs.sigma[""], rel=1e-4)


def test_a_residual_sd_for_each_level() -> None:
    """As many regressions as levels, if nothing is shared: ML's sigma is the root mean square residual."""
    rng = np.random.default_rng(1)
    data = {"y": rng.normal(size=30), "g": list("abc" * 10)}
    ours = _estimate(pd.DataFrame(data), "y ~ 0 + g; sigma ~ by(g)", "ml")
    values = pd.DataFrame(data).groupby("g")["y"]
    assert list(ours.fixef.values()) == pytest.approx(values.mean().to_list(), abs=1e-8)
    assert list(ours.sigma.values()) == pytest.approx(values.std(ddof=0).to_list(), rel=1e-5)
    assert "Residual sd" in str(ours)


def test_what_cannot_be_estimated_is_refused() -> None:
    rng = np.random.default_rng(2)
    data = pd.DataFrame({"y": rng.normal(size=12), "x": rng.normal(size=12), "g": list("abcd" * 3)})
    with pytest.raises(FitError, match="criterion"):
        _estimate(data, "y ~ x", "aic")
    with pytest.raises(FitError, match="models sigma"):
        _estimate(data, "y ~ x; sigma ~ (1 | g)", "reml")


REPRODUCED = {
    "a value for each group": ("v ~ x + (1 | g)", "reml"),
    "a value for each group, by maximum likelihood": ("v ~ x + (1 | g)", "ml"),
    "a value for each group, whose means are in the model": ("v ~ x + g", "reml"),
    "a line": ("w ~ x", "ml"),
    "a line of its own for each group": ("u ~ x + (x | g)", "reml"),
}


@pytest.mark.parametrize(("formula", "criterion"), REPRODUCED.values(), ids=REPRODUCED.keys())
def test_a_response_that_the_model_reproduces_is_refused_as_in_a_fit(formula: str, criterion: str) -> None:
    rng = np.random.default_rng(2)
    g = np.repeat(np.arange(6), 4)
    v, x = rng.normal(size=6)[g], rng.normal(size=24)
    model = tm.model(formula, {"v": v, "w": 2 + 3 * x, "u": v + v * x, "x": x, "g": g.astype(str)})
    with pytest.raises(FitError, match="reproduces the response exactly"):
        model.optimize(criterion)
    with pytest.raises(FitError, match="reproduces the response exactly"):
        model.fit(draws=50, chains=1)


def test_little_noise_is_no_reproduction() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=60)
    found = tm.model("y ~ x", {"y": 2 + 3 * x + 1e-4 * rng.normal(size=60), "x": x}).optimize()
    assert found.sigma[""] == pytest.approx(1e-4, rel=0.5)


SINGULAR = {
    "no spread between groups": ("e ~ x + (1 | h)", "the sd of Intercept by h is zero"),
    "no spread of one of two effects": ("y ~ x + (x || h)", "the sd of x by h is zero"),
    "one effect goes with the other": ("z ~ x + (x | h)", "the effects of x by h are a multiple of the others'"),
}


@pytest.mark.parametrize(("formula", "told"), SINGULAR.values(), ids=SINGULAR.keys())
def test_a_fit_at_the_boundary_is_singular(formula: str, told: str) -> None:
    """Groups whose means are the same to the last digit; slopes that are twice the intercepts."""
    rng = np.random.default_rng(4)
    h = np.repeat(np.arange(8), 6)
    x, e = np.tile([-1.0, 1.0], 24), np.tile(rng.normal(size=6), 8)
    u = rng.normal(size=8)[h]
    data = {"e": e, "y": e + u, "z": u + 2 * u * x + 0.1 * rng.normal(size=48), "x": x, "h": h}
    found = tm.model(formula, data).optimize()
    assert told in found.boundary
    assert "! boundary (singular) fit: " in str(found)


def test_a_fit_inside_is_not_singular() -> None:
    data = Path(__file__).parents[2] / "examples/sleepstudy/data/sleepstudy.csv"
    assert not tm.model("Reaction ~ Days + (Days | Subject)", str(data)).optimize().boundary


def test_an_estimate_reads_well() -> None:
    rng = np.random.default_rng(3)
    g = np.repeat(np.arange(8), 6)
    data = pd.DataFrame({"y": rng.normal(size=48) + rng.normal(size=8)[g], "x": rng.normal(size=48), "g": g})
    text = str(_estimate(data, "y ~ x + (1 + x | g)", "reml"))
    for part in (
        "restricted maximum likelihood",
        "REML criterion",
        "Effects by g: 8 levels, sd, correlations",
        "Intercept",
    ):
        assert part in text


def test_rows_of_several_groups_are_estimated_as_by_lme4() -> None:
    """By lme4 1.1-31's parts: `mkLmerDevfun` with Zt the mean of two factors' indicators; of one subject on day 0."""
    data = pd.read_csv(Path(__file__).parents[2] / "examples/sleepstudy/data/sleepstudy.csv")
    subjects = data["Subject"].unique()
    own = data["Subject"].map({subject: k for k, subject in enumerate(subjects)})
    data["other"] = subjects[(own + data["Days"]) % 18]
    found = _estimate(data, "Reaction ~ Days + (1 | mm(Subject, other))", "reml")
    assert found.criterion == pytest.approx(2 * 932.1717154, rel=1e-8)
    assert list(found.fixef.values()) == pytest.approx([251.405105, 10.467286], rel=1e-6)
    assert found.sigma[""] == pytest.approx(40.764795, rel=1e-5)
    assert found.sds["mmSubjectother"]["Intercept"] == pytest.approx(34.81705, rel=1e-5)


@pytest.mark.parametrize(
    ("factors", "criterion", "log_likelihood", "sigma"),
    [
        (1, "ml", -877.882647028, 27.22825261),
        (2, "ml", -863.921330449, 22.89514185),
        (2, "reml", -860.520597851, None),
    ],
)
def test_sums_of_factors_are_estimated_as_by_glmmtmb(
    factors: int, criterion: str, log_likelihood: float, sigma: float | None
) -> None:
    """By glmmTMB 1.1.5: `glmmTMB(Reaction ~ Days + rr(0 + day | Subject, d = …), sleepstudy)`."""
    data = pd.read_csv(Path(__file__).parents[2] / "examples/sleepstudy/data/sleepstudy.csv")
    data["day"] = data["Days"].astype(str)
    found = _estimate(data, f"Reaction ~ Days + rr(0 + day | Subject, d = {factors})", criterion)
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=1e-5)
    if sigma is not None:
        assert found.sigma[""] == pytest.approx(sigma, rel=1e-5)
    # Effects vary in as many directions as there are factors.
    group = found.groups["Subject"]
    assert np.linalg.matrix_rank(group.correlations, tol=1e-8) == factors


@pytest.mark.parametrize(
    ("criterion", "log_likelihood", "sd", "sigma"),
    [("ml", -900.520343002, 5.404828, 30.93755285), ("reml", -897.284757310, 5.476367, 30.95413995)],
)
def test_coefficients_with_one_sd_are_estimated_as_by_nlme(
    criterion: str, log_likelihood: float, sd: float, sigma: float
) -> None:
    """By nlme 3.1-162: `lme(Reaction ~ 1, random = list(one = pdIdent(~ Days + k1 + k2 - 1), Subject = ~ 1))`."""
    data = pd.read_csv(Path(__file__).parents[2] / "examples/sleepstudy/data/sleepstudy.csv")
    data["k1"], data["k2"] = (np.maximum(data["Days"] - knot, 0) for knot in (2, 5))
    text = "mixed Reaction || _all: Days k1 k2, noconstant covariance(identity) || Subject:"
    found = _estimate(data, text, criterion)
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=1e-6)
    assert found.smooths["ridgeDaysk1k2_1"].sd == pytest.approx(sd, rel=1e-5)
    assert found.sigma[""] == pytest.approx(sigma, rel=1e-6)
