"""Shares of variance are those that other people's programs print."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.errors import TildeError
from tildemc.results.datatree import Group
from tildemc.results.evaluate import spread_of
from tildemc.results.variance import icc, latent_variance, r2

RNG = np.random.default_rng(2)
N = 240
DATA = pd.DataFrame(
    {
        "y": RNG.normal(size=N), "x": RNG.normal(size=N), "g": np.repeat(range(24), 10),
        "school": np.repeat(range(6), 40),
        "class": np.resize(list("abcd"), N), "win": RNG.integers(0, 2, N), "k": RNG.poisson(3, N),
        "t": RNG.exponential(size=N), "p": RNG.uniform(size=N), "arm": np.resize([0, 1], N),
    }
)  # fmt: skip


def posterior(**draws: Any) -> Group:
    """One draw."""
    return Group({name: ((), np.asarray(value, dtype=float)[None, None]) for name, value in draws.items()})


@pytest.mark.parametrize(
    ("formula", "published"),
    [
        pytest.param("Reaction ~ Days + (Days | Subject)", {"adjusted": 0.72166, "unadjusted": 0.52057}, id="slopes"),
        pytest.param("Reaction ~ Days + (1 | Subject)", {"adjusted": 0.5893089}, id="intercepts"),
    ],
)
def test_correlations_are_performances(
    open_data: Callable[[str], Path], formula: str, published: Mapping[str, float]
) -> None:
    """R's performance::icc of lmer's fits: shared/language/r.md, section 4."""
    model = tm.model(formula, str(open_data("sleepstudy")))
    found = model.optimize()
    group = found.groups["Subject"]
    drawn = posterior(
        Intercept=found.fixef["Intercept"], b=[found.fixef["Days"]], sd_Subject=group.sds, r_Subject=group.effects,
        cor_Subject=group.correlations, sigma=found.sigma[""],
    )  # fmt: skip
    ours = icc(model.spec, model.design, drawn)
    known = dict(zip(ours.labels, ours.values.ravel(), strict=True))
    assert {name: known[name] for name in published} == pytest.approx(published, abs=1e-5)


def test_a_nested_level_shares_what_the_outer_one_shares() -> None:
    """Stata's `estat icc`: two rows of one class are of one school, too."""
    model = tm.model("y ~ 1 + (1 | school / class)", DATA)
    drawn = posterior(**{
        "Intercept": 0, "sd_school": [2], "sd_school:class": [1], "sigma": 2, "r_school": np.zeros((6, 1)),
        "r_school:class": np.zeros((24, 1)),
    })  # fmt: skip
    ours = icc(model.spec, model.design, drawn)
    found = dict(zip(ours.labels, ours.values.ravel(), strict=True))
    assert found == pytest.approx({"school": 4 / 9, "school:class": 5 / 9, "adjusted": 5 / 9, "unadjusted": 5 / 9})


def test_rows_without_a_group_share_nothing() -> None:
    model = tm.model("y ~ 1 + (0 + arm | g)", DATA)
    ours = icc(model.spec, model.design, posterior(Intercept=0, sd_g=[2], sigma=1, r_g=np.zeros((24, 1))))
    assert ours.values.ravel()[0] == pytest.approx(2 / (2 + 1)), "half of the rows, of variance 4"


@pytest.mark.parametrize(
    ("arm", "expected"), [pytest.param(0, 0.0, id="control"), pytest.param(1, 4 / (4 + 9), id="treated")]
)
@pytest.mark.parametrize("level", [pytest.param(3, id="a known level"), pytest.param(99, id="a new one")])
def test_rows_may_be_those_of_one_arm(arm: int, expected: float, level: int) -> None:
    model = tm.model("y ~ arm + (0 + arm | g); sigma ~ by(arm)", DATA)
    drawn = posterior(Intercept=0, b=[0.5], sd_g=[2], sigma=[1, 3], r_g=np.zeros((24, 1)))
    ours = icc(model.spec, model.design, drawn, {"arm": arm, "g": level})
    np.testing.assert_allclose(ours.values.ravel(), expected)


_GROUPS = {"Intercept": 0.4, "sd_g": [0.5], "r_g": np.zeros((24, 1))}
_RATE = np.exp(0.4 + 0.5**2 / 2)


@pytest.mark.parametrize(
    ("formula", "family", "further", "expected"),
    [
        pytest.param("y ~ 1 + (1 | g)", "gaussian", {"sigma": 2.0}, 4.0, id="gaussian"),
        pytest.param("y ~ 1 + (1 | g)", "student", {"sigma": 2.0, "nu": 4.0}, 8.0, id="student"),
        pytest.param("y ~ 1 + (1 | g)", "student", {"sigma": 2.0, "nu": 1.5}, np.inf, id="student without a variance"),
        pytest.param("y | se(p) ~ 1 + (1 | g)", "gaussian", {}, (DATA["p"] ** 2).mean(), id="known sds"),
        pytest.param(
            "y ~ 1 + (1 | g); sigma ~ by(arm)", "gaussian", {"sigma": [1.0, 3.0]}, 5.0, id="an sd for each level"
        ),
        pytest.param(
            "y ~ 1 + (1 | g); sigma ~ 0 + arm", "gaussian", {"sigma_b": [1.0]}, (1 + np.exp(2)) / 2, id="a modelled sd"
        ),
        pytest.param("win ~ 1 + (1 | g)", "bernoulli", {}, np.pi**2 / 3, id="logit"),
        pytest.param("win ~ 1 + (1 | g)", "bernoulli(probit)", {}, 1.0, id="probit"),
        pytest.param("win ~ 1 + (1 | g)", "bernoulli(cloglog)", {}, np.pi**2 / 6, id="cloglog"),
        pytest.param("k | trials(20) ~ 1 + (1 | g)", "binomial", {}, np.pi**2 / 3, id="binomial"),
        pytest.param("k ~ 1 + (1 | g)", "poisson", {}, np.log1p(1 / _RATE), id="log: Nakagawa's"),
        pytest.param("k ~ 1 + (1 | g)", "poisson(sqrt)", {}, 0.25, id="sqrt: Nakagawa's"),
        pytest.param(
            "k ~ 1 + (1 | g)", "negbinomial", {"shape": 2.0}, np.log1p(1 / _RATE + 1 / 2), id="negative binomial"
        ),
        pytest.param("t ~ 1 + (1 | g)", "gamma(log)", {"shape": 2.0}, np.log1p(1 / 2), id="gamma"),
        pytest.param("t ~ 1 + (1 | g)", "lognormal", {"sigma": 2.0}, 4.0, id="lognormal"),
    ],
)  # fmt: skip
def test_what_is_left_is_on_the_scale_of_the_link(
    formula: str, family: str, further: Mapping[str, Any], expected: float
) -> None:
    model = tm.model(formula, DATA, family)
    drawn = {name: values for name, (_, values) in posterior(**_GROUPS, **further).variables.items()}
    design = model.design.whole("a test")
    spread = spread_of(model.spec, design, {name: values[0] for name, values in drawn.items()})
    assert latent_variance(model.spec, design, drawn, spread) == pytest.approx(expected, rel=1e-9)


def test_more_than_chance_adds_to_a_latent_response() -> None:
    model = tm.model("k | trials(20) ~ 1 + (1 | g)", DATA, "beta_binomial")
    ours = icc(model.spec, model.design, posterior(**_GROUPS, phi=1e12)).values.ravel()[0]
    assert ours == pytest.approx(0.25 / (0.25 + np.pi**2 / 3), rel=1e-6)
    assert icc(model.spec, model.design, posterior(**_GROUPS, phi=3.0)).values.ravel()[0] < ours


def test_r2_is_of_the_means_and_the_rest() -> None:
    model = tm.model("y ~ x + (1 | g)", DATA)
    effects = RNG.normal(size=(24, 1))
    drawn = posterior(Intercept=1.0, b=[0.5], sd_g=[1.0], sigma=2.0, r_g=effects)
    marginal = 1 + 0.5 * DATA["x"].to_numpy()
    means = marginal + effects[DATA["g"], 0]
    y = DATA["y"].to_numpy()
    shares = [m.var() / (m.var() + (y - m).var()) for m in (means, marginal)]
    assert r2(model.spec, model.design, drawn, "drawn").values.ravel() == pytest.approx(shares)
    total = means.var() + 4.0
    expected = means.var() / total, marginal.var() / total
    assert r2(model.spec, model.design, drawn, "expected").values.ravel() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("formula", "family", "verb", "message"),
    [
        pytest.param("y ~ x", "gaussian", "icc", "no group effects", id="no groups"),
        pytest.param("win ~ 1 + (1 | g)", "bernoulli(cauchit)", "icc", "has no variance on the link", id="cauchit"),
        pytest.param("y ~ x", "gaussian", "r2", "`residuals` is one of drawn, expected", id="residuals"),
    ],
)  # fmt: skip
def test_what_has_no_share_is_told(formula: str, family: str, verb: str, message: str) -> None:
    model = tm.model(formula, DATA, family)
    drawn = posterior(**_GROUPS, b=[0.5], sigma=1.0)
    with pytest.raises(TildeError, match=message):
        if verb == "icc":
            icc(model.spec, model.design, drawn)
        else:
            r2(model.spec, model.design, drawn, "all")
