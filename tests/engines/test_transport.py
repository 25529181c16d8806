"""The transport engine: its posterior is that of others, it says how it went, and leaves to NUTS what it must."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from nuts_reference import assert_alike, model_of, moments, recorded
from tildemc.engines import transport
from tildemc.engines.sweeps import State, walked
from tildemc.engines.unsuited import Unsuited
from tildemc.errors import FitError, Interrupted
from tildemc.targets.glmm import arrange
from tildemc.targets.glmm.problem import Problem, glmm

RNG = np.random.default_rng(3)
G = np.repeat(np.arange(12), 5)
DATA = pd.DataFrame({"x": RNG.normal(size=60), "g": G, "h": RNG.integers(0, 4, 60)})
DATA["count"] = RNG.poisson(np.exp(0.5 + 0.3 * DATA["x"] + RNG.normal(0, 0.5, 12)[G]))
DATA["real"] = 1 + RNG.normal(0, 1, 12)[G] + RNG.normal(size=60)


def test_means_and_sds_are_those_of_long_runs_on_the_graph() -> None:
    found = moments(model_of("cbpp").fit(method="transport", seed=2, draws=2000, progress=False))
    assert_alike(found, recorded("cbpp"))
    assert found["r_hat"].max() < 1.01


def test_a_gaussian_posterior_is_the_exact_engines() -> None:
    model = tm.model("real ~ x + (1 + x | g)\nsigma ~ by(h)", DATA)
    here, exact = (moments(model.fit(method=m, seed=4, draws=1500, progress=False)) for m in ("transport", "exact"))
    assert_alike(here, exact.loc[here.index])


SEVERAL = {
    "counts and zeros": ("count ~ x + (1 | g)\nzi ~ (1 | h)", "zero_inflated_poisson"),
    "a mean and its spread, correlated": ("real ~ x + (1 | i | g)\nsigma ~ (1 | i | g)", "gaussian"),
    "two responses, correlated": (
        "bf(real ~ x + (1 | i | g)) + bf(count ~ (1 | i | g), family = poisson()) + set_rescor(FALSE)",
        "",
    ),
}


ZEROS = ["zi.Intercept ~ normal(-2, 1)", "zi.sd(h) ~ normal(0, 0.5)"]
"""Defaults have tails that go on where no row tells zeros apart, and no sd of draws is known well then."""


@pytest.mark.parametrize(("formula", "family"), SEVERAL.values(), ids=SEVERAL)
def test_effects_of_several_predictors_are_the_direct_engines(formula: str, family: str) -> None:
    model = tm.model(formula, DATA, family or None, priors=ZEROS if family.startswith("zero") else [])
    fit = model.fit(method="transport", seed=4, progress=False)
    here, direct = moments(fit), moments(model.fit(method="direct", seed=5, draws=2000, progress=False))
    assert_alike(here, direct)
    assert here["r_hat"].max() < 1.02


def test_levels_one_by_one_and_a_factor_that_is_kept_lead_to_the_same_posterior(
    counts: tm.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "OFTEN", 2.0)
    monkeypatch.setattr(transport, "SLOW", 2.0)
    monkeypatch.setattr(arrange, "ITERATIONS", -1)
    fit = counts.fit(method="transport", seed=4, progress=False)
    assert "these one by one 0." in fit.path
    assert_alike(moments(fit), moments(counts.fit(method="direct", seed=5, draws=2000, progress=False)))


@pytest.fixture(scope="module")
def counts() -> tm.Model:
    return tm.model("count ~ x + (1 | g) + (1 | h)", DATA, family="poisson")


def test_auto_takes_it_and_the_fit_says_how_it_went(counts: tm.Model) -> None:
    fit, again = (counts.fit(seed=1, draws=200, progress=False) for _ in range(2))
    assert fit.path.startswith("transport: effects carried by ")
    assert "accepted: parameters 0." in fit.path
    told = fit.groups["posterior"].attributes
    assert {"acceptance", "least_acceptance_of_effects", "refused", "longest_stay", "laplace_shift"} <= told.keys()
    assert fit.divergences == 0
    assert fit.summary().equals(again.summary())


TOLD = {
    "levels of one factor": ("count ~ x + (1 | g)", ["parameters", "effects"]),
    "crossed levels": ("count ~ x + (1 | g) + (1 | h)", ["parameters", "effects", "further effects"]),
    "several levels a row": ("count ~ x + (1 | mm(g, h))", ["parameters", "effects"]),
}


@pytest.mark.parametrize(("formula", "moved"), TOLD.values(), ids=TOLD.keys())
def test_only_what_there_is_has_an_acceptance(formula: str, moved: list[str]) -> None:
    fit = tm.model(formula, DATA, family="poisson").fit(method="transport", seed=1, draws=20, chains=1, progress=False)
    found = re.findall(r"([a-z ]+) (0\.\d\d|1\.00)", fit.path[fit.path.index("accepted: ") + 9 :])
    assert [name.strip() for name, _ in found] == moved
    assert all(float(rate) > 0 for _, rate in found)


def test_what_it_cannot_do_well_goes_to_nuts_with_the_reason(counts: tm.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: object) -> None:
        raise Unsuited("chains do not move")

    monkeypatch.setattr(transport, "_warm", give_up)
    fit = counts.fit(seed=1, draws=50, tune=100, chains=1, progress=False)
    assert fit.path == "NUTS, direct engine (transport: chains do not move)"
    with pytest.raises(FitError, match="chains do not move"):
        counts.fit(method="transport", progress=False)


def test_large_systems_of_few_rows_are_left_to_nuts_but_where_it_is_asked_for(
    counts: tm.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "FEW_ROWS", 0.1)
    settings = {"seed": 1, "draws": 20, "tune": 100, "chains": 1, "progress": False}
    reason = "transport: 4 effects go together in 60 rows, which is slower here"
    assert counts.fit(**settings).path == f"NUTS, direct engine ({reason})"
    assert counts.fit(method="transport", **settings).path.startswith("transport: effects carried by ")


def test_an_interrupt_of_its_warm_up_is_an_error(counts: tm.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(transport, "laplace_mode", interrupt)
    with pytest.raises(Interrupted, match="interrupted before the end of warm-up"):
        counts.fit(seed=1, progress=False)


def test_points_without_a_density_are_counted(counts: tm.Model) -> None:
    problem = glmm(counts.spec, counts.design)
    mode = transport.laplace_mode(problem)
    # Proposals so far out that means overflow.
    far = np.where(problem.coordinates.plain, 1e5, 0.0)
    huge = transport._Moments(mode.psi + far, mode.scale @ mode.scale.T)
    plan = transport.Plan(mode.anchor, transport._proposal(huge), steps=1)
    state = State(mode.psi, np.zeros(problem.effects), np.random.default_rng(1))
    drawn = walked(problem, plan, [state], 20)
    assert drawn.rates[0] == 0.0
    # Of some the sds are negative: these are no points at all.
    assert drawn.rates[4] > 0.8
    assert np.isfinite(drawn.lp).all()


def test_points_near_by_are_what_they_would_be_beforehand(counts: tm.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    problem, kept, walk = glmm(counts.spec, counts.design), [], Problem.walk
    monkeypatch.setattr(Problem, "walk", lambda *told: (walk(*told), kept.append(told[2])))
    mode = transport.laplace_mode(problem)
    proposal = transport._proposal(transport._Moments(mode.psi, mode.scale @ mode.scale.T))
    state = State(mode.psi, np.zeros(problem.effects), np.random.default_rng(1))
    walked(problem, transport.Plan(mode.anchor, proposal, steps=1), [state], 40)
    [places] = kept
    # Of one an sd is negative.
    near = 41 + np.flatnonzero(np.isfinite(places.prior[41:]))
    phi, jacobian = problem.coordinates.inside(places.psi[near])
    found = problem.points(phi)
    assert len(near) == 19
    np.testing.assert_allclose(places.prior[near], found.prior + jacobian, rtol=1e-12)
    np.testing.assert_allclose(places.proposal[near], proposal.log_density(places.psi[near]), rtol=1e-12)
    np.testing.assert_allclose(places.scalars[near], found.sds, rtol=1e-12)
    np.testing.assert_allclose(places.factors[near], found.factors, rtol=1e-12)


GAPS = {
    "no effects": ("count ~ x", "poisson", "no effects that vary"),
    "Student-t effects": ("h2 ~ x + (1 | gr(g, dist = 'student'))", "cumulative", "`tails` of a group effects"),
}


@pytest.mark.parametrize(("formula", "family", "reason"), GAPS.values(), ids=GAPS.keys())
def test_what_it_does_not_take_is_named(formula: str, family: str, reason: str) -> None:
    model = tm.model(formula, DATA.assign(h2=DATA["h"] + 1), family=family)
    with pytest.raises(FitError, match=reason):
        model.fit(method="transport", progress=False)
