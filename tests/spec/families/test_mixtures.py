"""Mixtures against arithmetic of many digits, their draws, and one and the same density in every engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import tildemc as tm
from programs import same_density
from targets.direct.test_density import compare
from tildemc.errors import TildeError
from tildemc.spec.expr import evaluate
from tildemc.spec.families import FAMILIES, Family
from tildemc.spec.families.mixtures import mixture, probabilities
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.direct.entry import evaluate as evaluate_tables
from tildemc.targets.direct.expand import expand
from tildemc.targets.direct.pack import pack

DATA = Path(__file__).parents[2] / "data"


def data(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"x": rng.normal(size=n), "g": rng.choice(list("abcd"), n), "w": rng.uniform(0.5, 2, n)})
    low = rng.random(n) < 0.4
    frame["y"] = np.where(low, rng.normal(-2 + frame.x, 0.7), rng.normal(3, 1, n))
    frame["count"] = np.where(low, rng.poisson(2, n), rng.poisson(12, n))
    frame["won"], frame["size"] = rng.binomial(9, np.where(low, 0.2, 0.8)), 9
    frame["code"] = np.resize([-1, 0, 0, 1], n)
    return frame


def made(*names: str, **settings: Any) -> Family:
    return mixture([FAMILIES[name] for name in names], ordered=False, **settings)


# The record

TWO = {"theta1": 0.3, "theta2": 0.7}
NORMAL = {"mu1": -1.0, "sigma1": 0.5, "mu2": 2.0, "sigma2": 1.5}


def _normal(y: float, mu: float, sigma: float) -> Any:
    return mp.npdf(mp.mpf(y), mp.mpf(mu), mp.mpf(sigma))


def _poisson(y: float, mu: float) -> Any:
    return mp.exp(-mp.mpf(mu)) * mp.mpf(mu) ** int(y) / mp.factorial(int(y))


def _softmax(score: float) -> Any:
    return 1 / (1 + mp.exp(-mp.mpf(score)))


DENSITIES = [
    (made("gaussian", "gaussian"), NORMAL | TWO, (-300.0, -1.0, 0.4, 40.0),
     lambda y: mp.mpf("0.3") * _normal(y, -1, 0.5) + mp.mpf("0.7") * _normal(y, 2, 1.5)),
    (made("gaussian", "gaussian", fixed=[1.0, 3.0]), NORMAL, (-1.0, 0.4, 9.0),
     lambda y: (_normal(y, -1, 0.5) + 3 * _normal(y, 2, 1.5)) / 4),
    (made("poisson", "poisson", modelled=[2]), {"mu1": 1e-12, "mu2": 8.0, "theta2": -30.0}, (0.0, 1.0, 9.0, 60.0),
     lambda y: (1 - _softmax(-30)) * _poisson(y, 1e-12) + _softmax(-30) * _poisson(y, 8)),
    (made("gaussian", "gaussian", "gaussian", modelled=[1, 3]),
     NORMAL | {"mu3": 5.0, "sigma3": 0.1, "theta1": 1.5, "theta3": -0.5}, (-1.0, 5.0, 0.0),
     lambda y: (mp.exp(mp.mpf("1.5")) * _normal(y, -1, 0.5) + _normal(y, 2, 1.5)
                + mp.exp(mp.mpf("-0.5")) * _normal(y, 5, 0.1)) / (mp.exp(mp.mpf("1.5")) + 1 + mp.exp(mp.mpf("-0.5")))),
]  # fmt: skip


def at(expr: Any, known: dict[str, Any], **more: Any) -> Any:
    return evaluate(expr, lambda v: (known | more)[v.name], NUMPY)


@pytest.mark.parametrize(("family", "known", "responses", "twin"), DENSITIES, ids=lambda v: getattr(v, "key", ""))
def test_a_log_density_is_right_to_its_last_digits(family: Family, known: Any, responses: Any, twin: Any) -> None:
    with mp.workdps(60):
        expected = [float(mp.log(twin(y))) for y in responses]
    found = [at(family.log_density, known, y=y) for y in responses]
    np.testing.assert_allclose(found, expected, rtol=1e-8)
    assert family.recipe is not None and family.recipe.family() == family


def test_probabilities_of_components_are_shares_of_the_density() -> None:
    family = made("gaussian", "gaussian")
    y = np.array([-1.0, 0.3, 2.0])
    each = np.array([0.3 * stats.norm(-1, 0.5).pdf(y), 0.7 * stats.norm(2, 1.5).pdf(y)])
    found = [at(chance, NORMAL | TWO, y=y) for chance in probabilities(family)]
    np.testing.assert_allclose(found, each / each.sum(axis=0), rtol=1e-12)


DRAWN = [
    (made("gaussian", "student"), NORMAL | TWO | {"nu2": 5.0}),
    (made("gaussian", "gaussian", "laplace", fixed=[0.2, 0.5, 0.3]), NORMAL | {"mu3": 6.0, "sigma3": 1.0}),
    (made("gamma", "lognormal"), {"mu1": 2.0, "shape1": 3.0, "mu2": 1.0, "sigma2": 0.4} | TWO),
    (made("zero_inflated_poisson", "negbinomial"), {"mu1": 9.0, "zi1": 0.2, "mu2": 2.0, "shape2": 1.5} | TWO),
]


@pytest.mark.parametrize(("family", "known"), DRAWN, ids=lambda v: getattr(v, "called", ""))
def test_draws_have_the_stated_mean_variance_and_distribution(family: Family, known: dict[str, float]) -> None:
    drawn = family.draw.of({k: np.array(v) for k, v in known.items()}, np.random.default_rng(2), (10_000,))
    variance = at(family.variance, known)
    assert drawn.mean() == pytest.approx(at(family.mean, known), abs=4 * drawn.std() / 100)
    # Components that are centred by different things have no variance in common.
    if np.isfinite(variance):
        assert drawn.var() == pytest.approx(variance, rel=0.15)
    y = np.sort(drawn)
    cdf = at(family.cdf, known, y=y)
    np.testing.assert_allclose(np.exp(at(family.log_below, known, y=y)), cdf, rtol=1e-10)
    np.testing.assert_allclose(np.exp(at(family.log_above, known, y=y)), at(family.tail, known, y=y), rtol=1e-8)
    if family.values.whole:
        seen = np.searchsorted(y, y, side="right") / len(y)
        assert np.abs(seen - cdf).max() < 1.95 / 100
    else:
        assert stats.kstest(cdf, "uniform").pvalue > 1e-3


# In models

MODELS = [
    ("y ~ x", "mixture(gaussian, gaussian)"),
    ("count ~ 1; theta2 ~ x", "mixture(poisson, nmix = 2)"),
    ("y ~ x + (1 | g); sigma1 ~ x", 'mixture(gaussian, student, order = "none")'),
]


@pytest.mark.parametrize(("formula", "family"), MODELS)
def test_graph_source_and_direct_engine_have_one_density(formula: str, family: str, tmp_path: Path) -> None:
    frame = data(20)
    frame.to_csv(tmp_path / "data.csv", index=False)
    model = tm.model(formula, tmp_path / "data.csv", family)
    compare(model, points=2)
    same_density(model.pymc(), model.source(), tmp_path)


def test_three_shares_are_dirichlet_whatever_their_coordinates() -> None:
    frame = pd.DataFrame({"y": [0.0, 1.0, 5.0], "w": 0.0})
    model = tm.model("y | weights(w) ~ 1", frame, "mixture(gaussian, nmix = 3)", priors="theta ~ dirichlet(2, 3, 4)")
    problem = pack(model.spec, model.design)
    place = problem.layout.shares[("theta",)]
    assert place is not None

    def shares(u: Any) -> Any:
        x = np.array(problem.start)
        x[place] = u
        found = expand(model.spec, problem, x)
        return np.array([found[f"theta{k}"] for k in (1, 2, 3)])

    def density(u: Any) -> float:
        x = np.array(problem.start)
        x[place] = u
        return evaluate_tables(problem.tables, x)[0]

    found = []
    for u in ([0.0, 0.0], [1.3, -0.7], [-2.0, 0.4]):
        steps = [(shares(np.add(u, h)) - shares(np.subtract(u, h)))[:2] / 2e-6 for h in 1e-6 * np.eye(2)]
        theta = shares(u)
        assert theta.sum() == pytest.approx(1, abs=1e-15)
        jacobian = np.log(abs(np.linalg.det(steps)))
        found.append(density(u) - stats.dirichlet([2, 3, 4]).logpdf(theta) - jacobian)
    assert np.ptp(found) < 1e-7


COMPANIONS = [
    ("y | weights(w) ~ x", "mixture(gaussian, gaussian)"),
    ("y | cens(code) ~ x", "mixture(gaussian, gaussian)"),
    ("y | trunc(lb = -9, ub = 9) ~ x", "mixture(gaussian, gaussian)"),
    ("count | rate(w) ~ 1", "mixture(poisson, poisson)"),
    ("won | trials(size) ~ 1", "mixture(binomial, beta_binomial)"),
]


@pytest.mark.parametrize(("formula", "family"), COMPANIONS)
def test_companions_do_to_each_component_what_they_do_to_its_family(formula: str, family: str) -> None:
    """As in brms: a truncated mixture is one of truncated components."""
    frame = data()
    whole = tm.model(formula, frame, family)
    values = {"mu1": 0.2, "mu2": 0.6, "sigma1": 1.5, "sigma2": 2.0, "phi2": 3.0} | TWO
    values = {k: v for k, v in values.items() if whole.spec.family.parameter(k) is not None}
    single = formula.replace("weights(w)", "weights(1)")
    assert whole.spec.family.mixture is not None
    parts = []
    for number, component in enumerate(whole.spec.family.mixture.families, start=1):
        own = {k[:-1]: v for k, v in values.items() if k.endswith(str(number)) and not k.startswith("theta")}
        parts.append(tm.model(single, frame, component.name).log_likelihood(own))
    expected = np.logaddexp(np.log(0.3) + parts[0], np.log(0.7) + parts[1])
    weight = frame.w if "weights" in formula else 1.0
    np.testing.assert_allclose(whole.log_likelihood(values), weight * expected, rtol=1e-10)


@pytest.fixture(scope="module")
def fit() -> tm.Fit:
    model = tm.model("y ~ x", data(), "mixture(gaussian, gaussian)")
    return model.fit(draws=150, tune=200, chains=2, seed=1, progress=False)


def test_a_fit_finds_what_made_the_data(fit: tm.Fit, tmp_path: Path) -> None:
    assert fit.path == "NUTS, direct engine"
    found = fit.summary().droplevel("part")
    for name, value in {"mu1_Intercept": -2.0, "mu1_b[x]": 1.0, "mu2_Intercept": 3.0, "theta1": 0.4}.items():
        assert abs(found.loc[name, "mean"] - value) < 4 * found.loc[name, "sd"]
    assert np.isfinite(fit.loo().elpd)
    assert "mixture(gaussian, gaussian) with identity link; 60 rows" in str(fit)
    fit.save(tmp_path / "fit.nc")
    again = tm.load(tmp_path / "fit.nc")
    pd.testing.assert_frame_equal(again.mixture_probabilities(), fit.mixture_probabilities())
    graph_draws = fit.data["posterior"]["increasing_Intercept"].to_numpy()
    assert (np.diff(graph_draws, axis=-1) > 0).all()


def test_old_faithful_has_the_published_likelihood_and_estimates() -> None:
    """Benaglia et al. (2009), mixtools: An R package for analyzing finite mixture models, J. Stat. Software 32."""
    estimates = {
        "mu1": 54.614892, "mu2": 80.091091, "sigma1": 5.871244, "sigma2": 5.867717, "theta1": 0.360887,
        "theta2": 0.639113,
    }  # fmt: skip
    model = tm.model("waiting ~ 1", pd.read_csv(DATA / "faithful.csv"), "mixture(gaussian, gaussian)")
    assert model.log_likelihood(estimates).sum() == pytest.approx(-1034.002, abs=5e-4)
    found = model.fit(draws=200, tune=200, chains=2, seed=1, progress=False).summary().droplevel("part")
    for name, value in estimates.items():
        own = found.loc[f"{name}_Intercept" if name.startswith("mu") else name]
        assert abs(own["mean"] - value) < 0.4 * own["sd"], name


def test_rows_are_told_to_components(fit: tm.Fit) -> None:
    frame = data()
    means = fit.mixture_probabilities().xs("mean", axis=1, level=1)
    np.testing.assert_allclose(means.sum(axis=1), 1)
    assert ((means["1"] > 0.5) == (frame.y < 0.5)).mean() > 0.95
    each = fit.mixture_probabilities(frame.head(3), draws=True)
    assert each.sizes == {"chain": 2, "draw": 150, "obs": 3, "component": 2}
    with pytest.raises(TildeError, match="has no components; a model of family `mixture"):
        tm.model("y ~ x", frame).fit(seed=1).mixture_probabilities()
    with pytest.raises(AttributeError, match=r"it is `mixture_probabilities\(\)` here"):
        fit.pp_mixture()


def test_shares_are_asked_for_by_name(fit: tm.Fit) -> None:
    mean = fit.summary().droplevel("part").loc["theta1", "mean"]
    np.testing.assert_allclose(fit.predict(kind="theta1")["mean"], mean)
    model = tm.model("count ~ 1; theta2 ~ x", data(), "mixture(poisson, nmix = 2)")
    values = {"mu1": 2.0, "mu2": 9.0, "theta2": 0.4}
    assert model.predict_at(values, kind="theta1").iloc[0] == pytest.approx(1 / (1 + np.exp(0.4)))
    assert fit.hypothesis("theta1 = 0.4")["evidence_ratio"].iloc[0] > 1
    assert np.isnan(fit.hypothesis("mu1_Intercept = 0")["evidence_ratio"].iloc[0])
    with pytest.raises(TildeError, match="each component of a mixture has a predictor of its own"):
        tm.model("y ~ x + (1 | g)", data(), "mixture(gaussian, student)").fit(
            draws=20, tune=50, chains=1, seed=1, progress=False
        ).icc()


def test_effects_and_residual_sds_are_told_of_each_component(fit: tm.Fit) -> None:
    assert [*fit.fixef().index] == ["mu1_Intercept", "mu2_Intercept", "mu1_x", "mu2_x"]
    assert [*fit.sigma().index] == ["sigma1", "sigma2"]
    with pytest.raises(TildeError, match='ask for `kind="mu1"` or `kind="mu2"`'):
        fit.predict(kind="linear")
    fit.plot("conditional")
    with pytest.raises(TildeError, match="no pooling is built for mixtures"):
        tm.model("y ~ x + (1 | g)", data(), "mixture(gaussian, student)").pooling(draws=20, tune=50, progress=False)


def test_priors_of_intercepts_that_increase_are_drawn_in_order() -> None:
    model = tm.model("y ~ 1", data(), "mixture(gaussian, nmix = 3)", priors="mu2.Intercept ~ normal(0, 1)")
    drawn = model.prior_predictive(100, seed=1)["prior"]
    assert (drawn["mu1_Intercept"] < drawn["mu2_Intercept"]).all()
    assert (drawn["mu2_Intercept"] < drawn["mu3_Intercept"]).all()
    np.testing.assert_allclose(drawn["theta1"] + drawn["theta2"] + drawn["theta3"], 1)


def test_default_priors_are_scaled_by_each_components_link() -> None:
    frame = data().assign(y=lambda d: np.exp(0.3 * d.y))
    model = tm.model("y ~ 1", frame, "mixture(gaussian, gamma(log), lognormal)")
    found = model.priors().set_index("target")["source"]
    assert found["mu1.Intercept"] == "normal(mean(y), 2.5 · sd(y))"
    assert found["mu2.Intercept"] == "normal(log(mean(y)), 2.5)"
    assert "log" in found["mu3.Intercept"]
    assert found["sigma1"] == "student_t(3, 0, sd(y))"


def test_components_that_change_places_are_told() -> None:
    from tildemc.results.checks import of_parameters

    table = np.array([[0.0, 1.0, -1.0, 1.0, 50.0, 50.0, 1.7]])
    assert "components may have changed places" in of_parameters(["mu1"], table, 2, interchangeable=True)[0].advice


def test_a_formula_for_no_component_is_told() -> None:
    model = tm.model("y ~ x; mu1 ~ 1; mu2 ~ x", data(), "mixture(gaussian, gaussian)")
    assert "plays no part: mu1, mu2 have their own" in str(model)


MISTAKES = [
    ("y ~ x", "mixture(gaussian)", "two components or more"),
    ("y ~ x", "mixture(gaussian, poisson)", "no response is of both families"),
    ("y ~ x", "mixture(gaussian, cumulative)", "a mixture of categories is not built"),
    ("y ~ x", "mixture(gaussian, nmix = 0)", "`nmix` says how many"),
    ("y ~ x", "mixture(gaussian, nmix = c(1, 2))", "or one for each of 1 families"),
    ("y ~ x", "mixture(gaussian, nmix = two)", "`nmix` is a number"),
    ("y ~ x", "mixture(gaussian, student, order = sigma)", '`order` is "mu", "none"'),
    ("y ~ x", "mixture(gaussian, student, flist = 2)", "`flist` is a list of families"),
    ("y ~ x", "mixture(gaussian, student, foo = 2)", "and no `foo`"),
    ("y ~ x", "mixture(gaussian, gausian)", "did you mean `gaussian`"),
    ("y ~ x", "mixture(gaussian, mixture(student, student))", "a mixture of mixtures is one mixture"),
    ("won ~ x", "mixture(binomial, binomial)", "needs its trials"),
    ("y | se(w) ~ x", "mixture(gaussian, gaussian)", "goes with the families"),
    ("bf(y ~ x, theta1 = 1)", "mixture(gaussian, gaussian)", "there is none for theta2"),
    ("bf(y ~ x, theta1 = 1, theta2 = 0)", "mixture(gaussian, gaussian)", "a share is greater than 0"),
    ("bf(y ~ x, theta1 = 1, theta2 ~ x)", "mixture(gaussian, gaussian)", "and not both"),
    ("y ~ x; theta1 ~ x; theta2 ~ x", "mixture(gaussian, gaussian)", "all shares of a mixture but one"),
    ("y ~ x; theta1 ~ by(g)", "mixture(gaussian, gaussian)", "one number for all rows, or a formula"),
    ("y ~ x; mu1 ~ 0 + x", "mixture(gaussian, gaussian)", "the intercepts of a mixture's components increase"),
    ("y ~ x; mu3 ~ x", "mixture(gaussian, gaussian)", "has no parameter `mu3`"),
]
STATED = {"mu1": 0.0, "mu2": 1.0, "sigma1": 1.0, "sigma2": 1.0}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"theta1": 0.3, "theta2": 0.6},
            "`theta1` and `theta2` are positive numbers whose sum is 1, and here it is 0.9",
        ),
        ({"theta1": 0.3}, "`theta2` has no value"),
        ({"theta1": -0.3, "theta2": 1.3}, r"`theta1` takes \(0, 1\)"),
    ],
)
def test_stated_shares_are_shares(values: dict[str, float], sentence: str) -> None:
    with pytest.raises(TildeError, match=sentence):
        tm.model("y ~ x", data(), "mixture(gaussian, gaussian)").log_likelihood(STATED | values)


@pytest.mark.parametrize(("formula", "family", "sentence"), MISTAKES)
def test_a_mistake_is_answered(formula: str, family: str, sentence: str) -> None:
    with pytest.raises(TildeError, match=sentence):
        tm.model(formula, data(), family)


PRIORS = [
    ("theta ~ dirichlet(2, 2)", "dirichlet(2, 2)"),
    ("theta ~ dirichlet(c(1, 3))", "dirichlet(1, 3)"),
    ("theta ~ Dirichlet(2)", "dirichlet(2, 2)"),
]


@pytest.mark.parametrize(("statement", "shown"), PRIORS)
def test_a_prior_of_shares_is_stated(statement: str, shown: str) -> None:
    model = tm.model("y ~ x", data(), "mixture(gaussian, gaussian)", priors=statement)
    assert model.priors().set_index("target").loc["theta", "prior"] == shown
    assert rf"(\theta_1, \theta_2) &\sim \mathrm{{Dirichlet}}({shown[10:]}" in model.latex()


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("theta ~ dirichlet(1, 2, 3)", "are 2 shares, and dirichlet has 3 numbers"),
        ("theta ~ normal(0, 1)", "`theta` takes dirichlet"),
        ("theta ~ dirichlet(0, 1)", "must be greater than 0"),
        ("theta ~ dirichlet()", "takes a number, or one for each share"),
        ("theta ~ dirichlet(a = 1, b = 2)", "takes numbers, without names"),
        ("theta ~ dirichlet(1, 1, lower = 0)", "shares take no bounds"),
        ("sigma1 ~ dirichlet(1, 1)", "dirichlet is for the shares of a mixture"),
    ],
)
def test_a_prior_that_shares_cannot_have_is_refused(statement: str, sentence: str) -> None:
    with pytest.raises(TildeError, match=sentence):
        tm.model("y ~ x", data(), "mixture(gaussian, gaussian)", priors=statement)


def test_a_pasted_call_is_brms_model_and_goes_back() -> None:
    call = (
        'brm(bf(y ~ 1, mu1 ~ x, mu2 ~ 0 + x, theta2 ~ x), data = d, family = mixture(gaussian(), student("log"), '
        'order = "none"), prior = c(prior(normal(0, 7), Intercept, dpar = mu1), prior(exponential(2), class = sigma1)))'
    )
    model = tm.model(call, data())
    found = model.priors().set_index("target")["prior"]
    assert found["mu1.Intercept"] == "normal(0, 7) at the predictors' means"
    assert found["sigma1"] == "exponential(2)"
    assert found["theta2.Intercept"] == "logistic(0, 1) at the predictors' means"
    assert "Population effects on log(mu2)" in str(model)
    again = tm.convert(call, "brms")
    assert 'mixture(gaussian(), student("log"), order = "none")' in str(again)
    assert tm.model(str(again), data()).priors()["prior"].tolist() == model.priors()["prior"].tolist()
    cut = tm.convert("brm(y ~ 1, data = d, family = mixture(truncated_poisson, poisson))", "brms")
    assert cut.cannot_say == ("the family truncated_poisson within a mixture: brms has none of that kind",)
    theta = "brm(y ~ 1, data = d, family = mixture(gaussian, nmix = 2), prior = prior(dirichlet(2, 2), class = theta))"
    assert tm.model(theta, data()).priors().set_index("target").loc["theta", "prior"] == "dirichlet(2, 2)"
