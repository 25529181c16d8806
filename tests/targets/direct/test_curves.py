"""The quick look at a non-linear formula: where it arrives, and what it leaves of chains' correlations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from targets.direct.graph import graph_coordinates, log_jacobian
from tildemc.targets.direct.entry import evaluate
from tildemc.targets.direct.pack import pack
from tildemc.targets.direct.pilot import View, look, seen_together, views

# Orange trees: Draper and Smith (1998), Applied Regression Analysis, exercise 24.N; in R as `Orange`.
AGES = [118, 484, 664, 1004, 1231, 1372, 1582]
TREES = [
    [30, 58, 87, 115, 120, 142, 145], [33, 69, 111, 156, 172, 203, 203], [30, 51, 75, 108, 115, 139, 140],
    [32, 62, 112, 167, 179, 209, 214], [30, 49, 81, 125, 142, 174, 177],
]  # fmt: skip
CALL = "nlmer(y ~ SSlogis(age, Asym, xmid, scal) ~ Asym | tree, d, start = c(Asym = 200, xmid = 725, scal = 350))"


def orange() -> pd.DataFrame:
    return pd.DataFrame({"age": AGES * 5, "tree": np.repeat(list("12345"), 7), "y": np.ravel(TREES).astype(float)})


def decay() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    g, x = np.repeat(np.arange(12), 10), np.tile(np.linspace(0.2, 6, 10), 12)
    a, b = 10 + 2 * rng.normal(size=12), np.exp(-0.5 + 0.4 * rng.normal(size=12))
    mean = a[g] * np.exp(-b[g] * x)
    frame = pd.DataFrame({"g": g.astype(str), "x": x, "y": mean + 0.3 * rng.normal(size=120)})
    return frame.assign(n=rng.poisson(mean))


CURVE = "bf({} ~ {}, a + b ~ 1 + (1 {} g), nl = TRUE)"
CASES = {
    "nlmer": (CALL, orange, "gaussian", ()),
    "bounded": (
        CURVE.format("y", "a * exp(-b * x)", "|"), decay, "gaussian",
        ("a.b ~ normal(8, 5, lower = 0)", "b.b ~ normal(1, 1, lower = 0, upper = 4)"),
    ),
    "correlated": (
        CURVE.format("y", "a * exp(-exp(b) * x)", "| p |"), decay, "gaussian",
        ("a.b ~ normal(8, 5)", "b.b ~ normal(0, 1)"),
    ),
    "counts": (
        CURVE.format("n", "log(a) - b * x", "|"), decay, "poisson",
        ("a.b ~ normal(8, 5, lower = 0)", "b.b ~ normal(1, 1)"),
    ),
}  # fmt: skip


def made(case: str) -> tm.Model:
    text, data, family, priors = CASES[case]
    return tm.model(text, data(), **({} if text == CALL else {"family": family}), priors=priors)


def test_the_look_arrives_where_nlme_does() -> None:
    model = made("nlmer")
    predictors = seen_together(model.spec)
    ones = [np.ones((model.design.n, 1))] * len(predictors)
    found = look(View(model.spec, model.design, slice(None)), ones, [p.population.priors for p in predictors])
    assert found is not None
    # lme4 1.1.31: 192.1, 727.9, 348.1, sd 31.6 and sigma 7.84; the priors are wide, and steps of EM few.
    np.testing.assert_allclose(found.coefficients, [192.1, 727.9, 348.1], rtol=0.02)
    assert found.groups["Asym", "group", "tree"].sds == pytest.approx(31.6, rel=0.15)
    assert found.residual == pytest.approx(7.84, rel=0.1)


@pytest.mark.parametrize("case", CASES)
def test_coordinates_change_the_density_by_their_jacobian(case: str) -> None:
    """What the sampler moves in is another place for the same density, and its gradient is that of the density."""
    model = made(case)
    apart, plain = pack(model.spec, model.design), pack(model.spec, model.design, decorrelated=False)
    rng = np.random.default_rng(1)
    points = apart.start + 0.1 * rng.normal(size=(4, apart.size))
    there = [
        evaluate(apart.tables, x)[0] - evaluate(plain.tables, graph_coordinates(apart, x))[0] - log_jacobian(apart, x)
        for x in points
    ]
    np.testing.assert_allclose(there, there[0], rtol=1e-7, atol=1e-9)
    value, gradient = evaluate(apart.tables, points[0])
    assert np.isfinite(value)
    steps = 1e-5 * np.eye(apart.size)
    by_hand = [
        (evaluate(apart.tables, points[0] + h)[0] - evaluate(apart.tables, points[0] - h)[0]) / 2e-5 for h in steps
    ]
    np.testing.assert_allclose(gradient, by_hand, rtol=1e-4, atol=1e-3)


def test_a_posterior_that_is_nearly_normal_has_unit_spread_there() -> None:
    """With the sds where the look has them, the sampler's coordinates of coefficients have about unit curvature."""
    problem = pack((model := made("nlmer")).spec, model.design)
    places = [problem.layout.populations[p.population.path].intercept for p in seen_together(model.spec)]
    steps = 1e-3 * np.eye(problem.size)[places]
    columns = [
        (evaluate(problem.tables, problem.start + h)[1] - evaluate(problem.tables, problem.start - h)[1]) / 2e-3
        for h in steps
    ]
    np.testing.assert_allclose(-np.array(columns)[:, places], np.eye(3), atol=0.35)


def test_chains_of_a_curve_with_informed_groups_mix() -> None:
    fit = made("bounded").fit(draws=300, tune=300, chains=2, seed=1, progress=False)
    assert fit.summary()["ess_bulk"].min() > 150
    assert not fit.data["sample_stats"]["diverging"].any()


def test_each_of_several_responses_is_looked_at_by_itself() -> None:
    data = decay().assign(z=lambda d: d["y"] + d["x"])
    text = "bf(y ~ a * exp(-exp(b) * x), a + b ~ 1 + (1 | g), nl = TRUE) + bf(z ~ x + (1 | g)) + set_rescor(FALSE)"
    both = tm.model(text, data, priors=("a_y.b ~ normal(8, 5)", "b_y.b ~ normal(0, 1)"))
    curve = tm.model(CURVE.format("y", "a * exp(-exp(b) * x)", "|"), data, priors=CASES["correlated"][3])
    seen = views(both.spec, both.design)
    assert [[p.parameter for p in view.predictors] for view in seen] == [["a_y", "b_y"], ["z"]]
    [alone] = views(curve.spec, curve.design)
    ones = [np.ones((len(data), 1))] * 2
    found = [look(view, ones, [p.population.priors for p in view.predictors]) for view in (seen[0], alone)]
    assert found[0] is not None and found[1] is not None
    np.testing.assert_allclose(found[0].coefficients, found[1].coefficients)
    np.testing.assert_allclose(found[0].precision, found[1].precision)


def test_a_curve_that_leads_nowhere_is_drawn_from_without_a_look() -> None:
    data = decay().assign(x=0.0)
    model = tm.model("bf(y ~ a / (a - a + x), a ~ 1, nl = TRUE)", data, priors=("a.b ~ normal(0, 1)",))
    [predictor] = seen_together(model.spec)
    ones = [np.ones((model.design.n, 1))]
    assert look(View(model.spec, model.design, slice(None)), ones, [predictor.population.priors]) is None
