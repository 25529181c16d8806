"""Estimates by Laplace's approximation and by quadrature against glmer's, glmmTMB's and others'."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from laplace_by_hand import ByHand
from shared import SHARED, declared
from tildemc.engines.optimize import approximated
from tildemc.engines.point_coordinates import PointCoordinates
from tildemc.errors import FitError
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
    # One takes eleven seconds, one was fitted with another formula than its call has, others are near to some here.
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
            "p": rng.exponential(np.exp(eta)), "q": 0.5 * x + eta, "x": x,
            "b": rng.uniform(size=60) < 1 / (1 + np.exp(-eta)),
            "w": rng.integers(1, 4, 60), "g": g.astype(str), "h": h.astype(str), "k": (g % 3).astype(str),
        }
    )  # fmt: skip


COUNTS, BINARY, ZEROS = "family = poisson()", "family = bernoulli()", "zero_inflated_poisson"
LIKE_BY_HAND = {
    "two crossed factors": ("y ~ x + (1 | g) + (1 | h)", "poisson"),
    "nested factors, and slopes of one": ("y ~ x + (1 | k) + (x | k:g)", "poisson"),
    "weights and an offset": ("y | weights(w) ~ x + offset(0.2 * x) + (1 | g)", "poisson"),
    "an sd for all levels of another factor": ("b ~ x + homdiag(0 + k | h)", "bernoulli"),
    "a shape for each level, a density that is not concave": ("p ~ x + (1 | g); shape ~ by(k)", "gamma(identity)"),
    "a formula of another parameter": ("y ~ x + (1 | g); shape ~ x", "negbinomial"),
    "a smooth": ("y ~ s(x, k = 5) + (1 | g)", "poisson"),
    "a hurdle, whose parts are separate": ("z ~ x + (1 | g); hu ~ (1 | h)", "hurdle_poisson"),
    "counts and zeros by the same levels": ("y | weights(w) ~ x + (x | g); zi ~ (1 | g)", ZEROS),
    "counts and zeros by others": ("y ~ x + (1 | g) + s(x, k = 5); zi ~ x + (1 | h)", ZEROS),
    "a mean and its spread, correlated": ("p ~ x + (x | i | g) + (1 | h); sigma ~ (1 | i | g)", "gaussian"),
    "two responses, correlated": (f"bf(y ~ x + (x | i | g), {COUNTS}) + bf(b ~ (1 | i | g) + (1 | h), {BINARY})", ""),
    "responses with correlated residuals": ("bf(p ~ x + (1 | i | g)) + bf(q ~ (1 | i | g) + (1 | h)) + bf(x ~ 1)", ""),
    "what each of two has": (f"bf(y ~ x + (1 | g), {COUNTS}) + bf(b ~ (x | g), {BINARY})", ""),
    "levels that rows have several of": ("y ~ x + (1 | mm(g, h))", "poisson"),
    "probabilities that add up to nothing closed": ("y ~ x + (1 | g)", "compois"),
}


@pytest.mark.parametrize(("formula", "family"), LIKE_BY_HAND.values(), ids=LIKE_BY_HAND)
def test_the_likelihood_is_that_by_hand(formula: str, family: str) -> None:
    model = tm.model(formula, _rows(1), *([family] if family else []))
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


@dataclass(frozen=True)
class Fitted:
    """What glmmTMB 1.1.5 gives for `_zeros()`: sds and first modes of effects are of the counts' and of the zeros'."""

    log_likelihood: float
    fixef: list[float]
    se: list[float]
    sds: list[float]
    modes: list[list[float]]


WITH_ZEROS = {
    "glmmTMB(y ~ x + (1 | g), ziformula = ~ (1 | g), family = poisson)": Fitted(
        -704.904326003, [1.008087550, 0.268449877, -0.651655022], [0.1323347, 0.0399315, 0.1984831],
        [0.593172391, 0.67947764], [[0.26367789, 0.22589812], [-0.018555462, -0.050427433]],
    ),
    "glmmTMB(y ~ x + (1 | g), ziformula = ~ x + (1 | g), family = truncated_poisson)": Fitted(
        -707.830067016, [1.040698163, 0.265280531, -0.307722542, -0.152430847],
        [0.1265463, 0.0405373, 0.1883735, 0.1100963], [0.569263933, 0.762915431],
        [[0.21944989, 0.20100686], [-0.19858708, -0.20039194]],
    ),
}  # fmt: skip


def _zeros() -> pd.DataFrame:
    """Counts of 25 groups, which differ in their zeros, too."""
    rng = np.random.default_rng(11)
    g, x, u = rng.integers(0, 25, 400), rng.normal(size=400), rng.normal(size=(25, 2))
    zero = rng.uniform(size=400) < 1 / (1 + np.exp(1 - u[g, 1]))
    counts = rng.poisson(np.exp(1 + 0.3 * x + 0.5 * u[g, 0]))
    return pd.DataFrame({"y": np.where(zero, 0, counts), "x": x, "g": g.astype(str)})


@pytest.mark.parametrize("call", WITH_ZEROS)
def test_effects_in_two_formulas_are_estimated_as_by_glmmtmb(call: str) -> None:
    found, theirs = tm.model(call, _zeros()).optimize(), WITH_ZEROS[call]
    assert found.log_likelihood == pytest.approx(theirs.log_likelihood, abs=1e-5)
    assert [*found.fixef.values()] == pytest.approx(theirs.fixef, abs=1e-4)
    assert [*found.se.values()] == pytest.approx(theirs.se, rel=1e-3)
    assert [group.sds[0] for group in found.groups.values()] == pytest.approx(theirs.sds, abs=1e-4)
    for group, modes in zip(found.groups.values(), theirs.modes, strict=True):
        assert group.effects[:2, 0] == pytest.approx(modes, abs=1e-4)


GLIMMIX = "class g; model y = x / dist=poisson solution; random intercept / subject=g; run;"
CUSTOMS = {
    "glmer's one point is Laplace's": ("glmer(y ~ x + (1 | g), family = poisson)", "laplace", ""),
    "glmer's five points": ("glmer(y ~ x + (1 | g), family = poisson, nAGQ = 5)", "agq", "5 points"),
    "glmer without an integral": ("glmer(y ~ x + (1 | g), family = poisson, nAGQ = 0)", "laplace", "`nAGQ = 0`"),
    "glmer's dispersions": ("glmer(p ~ x + (1 | g), family = Gamma(link = 'log'))", "laplace", "no number for the d"),
    "glmer.nb's shape is one of its numbers": ("glmer.nb(y ~ x + (1 | g))", "laplace", "shape"),
    "glmmTMB's": ("glmmTMB(y ~ x + (1 | g), family = poisson)", "laplace", ""),
    "Stata's seven points": ("mepoisson y x || g:", "agq", "Stata's nodes are about posterior means"),
    "Stata's own number of points": ("mepoisson y x || g:, intpoints(4)", "agq", "4 points"),
    "Stata's Laplace": ("mepoisson y x || g:, intmethod(laplace)", "laplace", ""),
    "Stata's nested factors": ("mepoisson y x || k: || g:", "laplace", "effects are of several factors"),
    "no effects, no approximation": ("glm(y ~ x, family = poisson)", "ml", ""),
    "REML of lmer": ("lmer(p ~ x + (1 | g))", "reml", ""),
    "lmer without it": ("lmer(p ~ x + (1 | g), REML = FALSE)", "ml", ""),
    "Stata's mixed": ("mixed p x || g:", "ml", ""),
    "MixedModels.jl": ("fit(MixedModel, @formula(p ~ x + (1 | g)), d)", "ml", ""),
    "its points": ("fit(MixedModel, @formula(y ~ x + (1 | g)), d, Poisson(); nAGQ=5)", "agq", "5 points"),
    "SAS's quadrature": (f"proc glimmix data=d method=quad(qpoints=5); {GLIMMIX}", "agq", "5 points"),
    "SAS's pseudo-likelihood is told": (f"proc glimmix data=d; {GLIMMIX}", "laplace", "has a pseudo-likelihood"),
    "a formula": ("p ~ x + (1 | g)", "reml", ""),
}  # fmt: skip


@pytest.mark.parametrize(("text", "method", "told"), CUSTOMS.values(), ids=CUSTOMS)
def test_a_text_is_estimated_as_its_package_does(text: str, method: str, told: str) -> None:
    found = tm.model(text, _rows(3)).optimize()
    assert found.method == method
    assert told in " ".join(str(found).split())


REFUSED = {
    "quadrature of crossed factors": ("y ~ x + (1 | g) + (1 | h)", ("agq",), {}, "effects of one factor"),
    "no points": ("y ~ x + (1 | g)", ("agq",), {"points": 0}, "from 1 to 100"),
    "points of Laplace's": ("y ~ x + (1 | g)", ("laplace",), {"points": 5}, "`points` go with"),
    "too many nodes": ("y ~ x + (x + w | g)", ("agq",), {"points": 40}, "64,000 nodes"),
    "REML of counts": ("y ~ x + (1 | g)", ("reml",), {}, "no exact likelihood"),
    "a column that separates": ("s ~ x + (1 | g)", (), {}, "no maximum that could be found"),
}  # fmt: skip


@pytest.mark.parametrize(("formula", "given", "named", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_estimated_is_told(formula: str, given: Any, named: Any, told: str) -> None:
    data = _rows(3).assign(s=lambda frame: (frame["x"] > 0).astype(int))
    family = "bernoulli" if "s ~" in formula else "poisson"
    with pytest.raises(FitError, match=told):
        tm.model(formula, data, family).optimize(*given, **named)


def test_one_point_is_laplaces_and_many_are_the_integral() -> None:
    """Against the integral over each level's effect by the trapezoid rule, of Bernoulli rows far from normal."""
    data = _rows(4)
    model = tm.model("b ~ x + (1 | g)", data, "bernoulli")
    laplace, one, many = (
        model.optimize("laplace"), model.optimize("agq", points=1), model.optimize("agq", points=25),
    )  # fmt: skip
    assert one.log_likelihood == pytest.approx(laplace.log_likelihood, abs=1e-7)
    u = np.linspace(-12.0, 12.0, 4001)
    eta = many.fixef["Intercept"] + many.fixef["x"] * data["x"].to_numpy()[:, None] + many.groups["g"].sds[0] * u
    rows = -np.logaddexp(0.0, np.where(data["b"], -1.0, 1.0)[:, None] * eta)
    density = np.exp(-0.5 * u**2) / np.sqrt(2.0 * np.pi)
    levels = [np.exp(rows[own].sum(axis=0)) @ density * (u[1] - u[0]) for own in data.groupby("g").indices.values()]
    assert many.log_likelihood == pytest.approx(np.log(levels).sum(), abs=1e-8)


GRIDS = {"two columns": ("y ~ x + (x | g)", "poisson"), "two formulas": ("y ~ (1 | g); zi ~ (1 | g)", ZEROS)}


@pytest.mark.parametrize(("formula", "family"), GRIDS.values(), ids=GRIDS)
def test_two_effects_of_a_level_have_a_grid_of_nodes(formula: str, family: str) -> None:
    model = tm.model(formula, _rows(2), family)
    few, many = (model.optimize("agq", points=points).log_likelihood for points in (9, 15))
    assert few == pytest.approx(many, abs=1e-5)


PROFILE = {
    "sd_herd[Intercept]": (0.346073, 1.099975),
    "Intercept": (-1.901212, -0.947754),
    "period4": (-2.500751, -0.800755),
}
"""By lme4 1.1-31: `confint(glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp, binomial))`."""


@pytest.mark.skipif(SHARED is None, reason="no folder `shared` beside this checkout")
def test_intervals_are_those_of_lme4s_profile() -> None:
    text = "glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), family = binomial)"
    found = tm.model(text, declared("cbpp")).optimize()
    profile = found.confint("profile", parameters=[*PROFILE])
    assert profile[["lower", "upper"]].to_numpy() == pytest.approx(np.array([*PROFILE.values()]), abs=2e-4)
    wald = found.confint(parameters="Intercept")
    assert wald.loc["Intercept", "lower"] == pytest.approx(
        found.fixef["Intercept"] - 1.96 * found.se["Intercept"], abs=1e-4
    )


@pytest.mark.skipif(SHARED is None, reason="no folder `shared` beside this checkout")
def test_ordered_categories_are_estimated_as_by_clmm() -> None:
    """By ordinal 2022.11-16: `clmm(factor(rating) ~ treat + period + carry + (1 | subject), nAGQ = 10)`."""
    text = "clmm(ordered(rating) ~ treat + period + carry + (1 | subject), nAGQ = 10)"
    found = tm.model(text, declared("inhaler")).optimize()
    assert found.log_likelihood == pytest.approx(-446.3911743, abs=1e-5)
    assert [*found.fixef.values()] == pytest.approx(
        [0.6967259, 3.8560027, 5.1134901, -1.0442001, 0.2304708, -0.2416453], abs=1e-4
    )
    assert [*found.se.values()][:4] == pytest.approx([0.1336091, 0.3180397, 0.4515930, 0.3148995], rel=1e-4)
    assert found.sds["subject"]["Intercept"] == pytest.approx(1.19036, abs=1e-4)


WITHOUT_PRIORS = ("Intercept ~ flat()", "b ~ flat()", "sd ~ flat()")


def test_the_mode_under_flat_priors_is_the_maximum_of_the_likelihood() -> None:
    model = tm.model("y ~ x + (1 | g)", _rows(6), "poisson", priors=WITHOUT_PRIORS)
    mode, maximum = model.optimize("map"), model.optimize("laplace")
    assert [*mode.fixef.values()] == pytest.approx([*maximum.fixef.values()], abs=1e-5)
    assert mode.sds["g"]["Intercept"] == pytest.approx(maximum.sds["g"]["Intercept"], abs=1e-4)
    assert "effects integrated out" in str(mode)


def test_a_prior_draws_the_mode_to_it() -> None:
    """Of a mean with a known sd: the mean of prior and data by their precisions."""
    data = {"y": np.array([1.0, 2.0, 6.0])}
    found = tm.model("y ~ 1", data, priors=["Intercept ~ normal(0, 1)", "sigma ~ uniform(0.999999, 1.000001)"])
    assert found.optimize("map").fixef["Intercept"] == pytest.approx(9.0 / 4.0, abs=1e-4)


def test_any_model_has_a_mode_and_says_of_what() -> None:
    found = tm.model("y ~ mo(w) + (1 | g)", _rows(7), "negbinomial").optimize("map")
    text = " ".join(str(found).split())
    assert "of all numbers and effects together" in text
    assert "such a mode may be far from where the posterior is" in text
    assert np.isfinite(found.log_likelihood)
    with pytest.raises(FitError, match="no profile"):
        found.confint("profile")


def test_numbers_and_modes_are_tables() -> None:
    found = tm.model("y ~ x + (x | g)", _rows(8), "negbinomial").optimize()
    table = found.summary()
    assert list(table.loc["Population effects"].index) == ["Intercept", "x"]
    assert ("Group standard deviations", "sd_g[x]") in table.index
    assert (table["se"] > 0).any()
    modes = found.ranef()["g"]
    assert modes.shape == (7, 4)
    assert list(modes["x"].columns) == ["mode", "sd"]
    assert found.aic == pytest.approx(-2 * found.log_likelihood + 2 * found.parameters)
    assert found.bic == pytest.approx(-2 * found.log_likelihood + np.log(60) * found.parameters)
    assert found.parameters == 6


WITHOUT_EFFECTS = {
    "polr logistic : rating ~ treat + period + carry (no random effect)": ("inhaler", "cumulative"),
    "survreg lognormal : Surv(time, 1 - censored) ~ age * sex + disease (no random effect)": ("kidney", "lognormal"),
}


@pytest.mark.skipif(SHARED is None, reason="no folder `shared` beside this checkout")
@pytest.mark.parametrize(("name", "data", "family"), [(name, *own) for name, own in WITHOUT_EFFECTS.items()])
def test_models_without_effects_are_estimated_as_by_polr_and_survreg(name: str, data: str, family: str) -> None:
    assert SHARED is not None
    theirs = json.loads((SHARED / "oracles/fits.json").read_text())[data][name]
    response, _, right = theirs["formula"].partition(" ~ ")
    response = response.replace("Surv(time, 1 - censored)", "time | cens(censored)")
    ours = tm.model(f"{response} ~ {right}", declared(data), family).optimize()
    assert ours.criterion == pytest.approx(theirs["minus2loglik"], abs=1e-4)
    for label, value in theirs["coef"].items():
        assert ours.fixef[label.strip("()")] == pytest.approx(value, abs=1e-4)
        assert ours.se[label.strip("()")] == pytest.approx(theirs["se"][label], rel=1e-3)


def test_statas_commands_are_answered_of_an_approximation() -> None:
    found = tm.model("mepoisson y x || g:", _rows(1)).optimize()
    text = str(found.stata("estat ic"))
    assert f"{found.aic:.1f}" in text
    assert f"{found.bic:.1f}" in text
