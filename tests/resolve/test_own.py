"""Families of a person's own: as those that are there where these are the same, and what a mistake is answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

import tildemc as tm
from programs import same_density
from targets.direct.test_density import compare
from tildemc.errors import TildeError
from tildemc.resolve.wording import read_arithmetic
from tildemc.spec.derivative import differentiate
from tildemc.spec.expr import evaluate
from tildemc.spec.vocabulary import NUMPY

RISK = "mu / ageing * expm1(ageing * y)"
GOMPERTZ: dict[str, Any] = {
    "name": "gompertz",
    "parameters": {"mu": "positive", "ageing": "positive"},
    "log_density": f"log(mu) + ageing * y - {RISK}",
    "type": "positive",
    "cdf": f"-expm1(-({RISK}))",
    "tail": f"exp(-({RISK}))",
    "quantile": "log1p(-ageing / mu * log1p(-p)) / ageing",
    "priors": {"ageing": "exponential(1)"},
}
BETA_BINOMIAL: dict[str, Any] = {
    "name": "beta_binomial2",
    "parameters": {"mu": "unit", "phi": "positive"},
    "log_density": "lchoose(trials, y) + lbeta(y + mu * phi, trials - y + (1 - mu) * phi)"
    " - lbeta(mu * phi, (1 - mu) * phi)",
    "type": "trials",
    "mean": "trials * mu",
    "draw": "binomial(trials, beta(mu * phi, (1 - mu) * phi))",
    "priors": {"phi": "gamma(0.01, 0.01)"},
}
COUNT: dict[str, Any] = {
    "name": "rare",
    "parameters": {"mu": "positive"},
    "log_density": "y * log(mu) - mu - lgamma(y + 1)",
    "type": "count",
    "mean": "mu",
    "variance": "mu",
    "cdf": "gamma_tail(y + 1, mu)",
    "tail": "gamma_cdf(y + 1, mu)",
}
PARETO: dict[str, Any] = {
    "name": "pareto",
    "parameters": {"mu": "positive", "least": "positive"},
    "log_density": "where(y < least, -1e30, log(mu) + mu * log(least) - (mu + 1) * log(y))",
    "type": "positive",
    "cdf": "where(y < least, 0, 1 - (least / y)^mu)",
}


def data(n: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"x": rng.normal(size=n), "t": rng.exponential(1, n), "size": 9})
    return frame.assign(died=(frame.t < 1.5) * 1, won=rng.binomial(9, 0.3, n), count=rng.poisson(2, n))


def at(expr: Any, **known: Any) -> Any:
    return evaluate(expr, lambda v: known[v.name], NUMPY)


def _gompertz(y: float, mu: float, ageing: float) -> Any:
    y, mu, ageing = mp.mpf(y), mp.mpf(mu), mp.mpf(ageing)
    return mp.log(mu) + ageing * y - mu / ageing * mp.expm1(ageing * y)


WORDS = [
    ("abs(y - mu)", lambda y, mu: abs(y - mu)),
    ("(y - mu)^2", lambda y, mu: (y - mu) ** 2),
    ("(y - mu)**3", lambda y, mu: (y - mu) ** 3),
    ("(y - mu)^7 - 2^-2", lambda y, mu: (y - mu) ** 7 - 0.25),
    ("-mu^2 + pow(mu, 1.5) * mu^0", lambda y, mu: -(mu**2) + mu**1.5),
    ("mu^y", lambda y, mu: mu**y),
    ("where(y <= mu, pi, 1 - (y >= 2))", lambda y, mu: np.pi if y <= mu else 1 - (y >= 2)),
    ("log(1 - mu / 9) + log(1 + mu)", lambda y, mu: np.log(1 - mu / 9) + np.log(1 + mu)),
    ("lbeta(2, mu) + lchoose(7, 3) + plogis(y) + Phi(y)",
     lambda y, mu: special.betaln(2, mu) + np.log(35) + special.expit(y) + special.ndtr(y)),
    ("log_sum_exp(y, mu) * sqrt(mu)", lambda y, mu: np.logaddexp(y, mu) * np.sqrt(mu)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "twin"), WORDS, ids=[text for text, _ in WORDS])
def test_words_are_the_arithmetic_that_they_say(text: str, twin: Any) -> None:
    read = read_arithmetic(text, ("y", "mu"), "log density")
    for y, mu in ((0.3, 1.7), (2.5, 0.4), (-1.0, 0.9)):
        assert float(at(read, y=y, mu=mu)) == pytest.approx(twin(y, mu), rel=1e-12)
        slope = differentiate(read, "mu")
        step = (at(read, y=y, mu=mu + 1e-6) - at(read, y=y, mu=mu - 1e-6)) / 2e-6
        assert float(at(slope, y=y, mu=mu)) == pytest.approx(float(step), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("y", [1e-9, 0.3, 12.0])
def test_a_density_is_right_to_its_last_digits(y: float) -> None:
    record = tm.Family(**GOMPERTZ).written.records["gompertz"]
    with mp.workdps(50):
        expected = float(_gompertz(y, 0.2, 0.4))
    assert at(record.log_density, y=y, mu=0.2, ageing=0.4) == pytest.approx(expected, rel=1e-10)


SAME = [
    (BETA_BINOMIAL, "beta_binomial", "won | trials(size) ~ x", {"mu": 0.3, "phi": 4.0}),
    (COUNT, "poisson", "count ~ x", {"mu": 2.5}),
    ({**COUNT, "name": "seldom"}, "zero_inflated_poisson", "count ~ x", {"mu": 2.5, "zi": 0.2}),
    ({**COUNT, "name": "scarce"}, "hurdle_poisson", "count ~ x", {"mu": 2.5, "hu": 0.2}),
    (COUNT, "poisson", "count | trunc(ub = 9) ~ x", {"mu": 2.5}),
]


@pytest.mark.parametrize(("own", "known", "formula", "values"), SAME, ids=lambda v: v if isinstance(v, str) else "")
def test_it_is_the_family_that_is_the_same(own: dict[str, Any], known: str, formula: str, values: Any) -> None:
    family = tm.Family(**own)
    before, _, _ = known.rpartition("poisson")
    ours = tm.model(formula, data(), f"{before}{family.name}" if before else family, families=[family])
    theirs = tm.model(formula, data(), known)
    np.testing.assert_allclose(ours.log_likelihood(values), theirs.log_likelihood(values), rtol=1e-10)
    if "trunc" not in formula:
        np.testing.assert_allclose(ours.predict_at(values), theirs.predict_at(values), rtol=1e-12)
    assert ours.spec.family.recipe is not None and ours.spec.family.recipe.family() == ours.spec.family


DRAWN = [
    (GOMPERTZ, {"mu": 0.5, "ageing": 0.8}),
    ({**GOMPERTZ, "quantile": ""}, {"mu": 0.5, "ageing": 0.8}),
    (PARETO, {"mu": 3.0, "least": 2.0}),
    (COUNT, {"mu": 2.5}),
]


@pytest.mark.parametrize(("own", "known"), DRAWN, ids=["quantile", "cdf", "steps", "count"])
def test_draws_have_the_stated_distribution(own: dict[str, Any], known: dict[str, float]) -> None:
    family = tm.Family(**own)
    record = family.written.records[family.name]
    given = {name: np.array(value) for name, value in known.items()}
    drawn = np.sort(record.draw.of(given, np.random.default_rng(3), (10_000,)))
    cdf = at(record.cdf, y=drawn, **known)
    np.testing.assert_allclose(cdf + at(record.tail, y=drawn, **known), 1, rtol=1e-10)
    if record.values.whole:
        assert np.abs(np.searchsorted(drawn, drawn, side="right") / 1e4 - cdf).max() < 1.95 / 100
    else:
        assert stats.kstest(cdf, "uniform").pvalue > 1e-3


def test_a_draw_is_made_of_numpys() -> None:
    record = tm.Family(**BETA_BINOMIAL).written.records["beta_binomial2"]
    known = {"mu": np.array(0.3), "phi": np.array(4.0), "trials": np.array(9.0)}
    drawn = np.sort(record.draw.of(known, np.random.default_rng(3), (10_000,)))
    seen = np.searchsorted(drawn, np.arange(9), side="right") / 1e4
    assert np.abs(seen - stats.betabinom(9, 1.2, 2.8).cdf(np.arange(9))).max() < 1.95 / 100


def test_graph_source_and_direct_engine_have_one_density(tmp_path: Path) -> None:
    frame = data(20)
    frame.to_csv(tmp_path / "data.csv", index=False)
    model = tm.model("t | cens(1 - died) ~ x", tmp_path / "data.csv", tm.Family(**GOMPERTZ))
    compare(model, points=2)
    same_density(model.pymc(), model.source(), tmp_path)


@pytest.fixture(scope="module")
def fit() -> tm.Fit:
    model = tm.model("t | cens(1 - died) ~ x", data(), tm.Family(**GOMPERTZ))
    return model.fit(draws=100, tune=150, chains=2, seed=1, progress=False)


def test_a_fit_is_like_any_other(fit: tm.Fit, tmp_path: Path) -> None:
    assert fit.path == "NUTS, direct engine"
    assert np.isfinite(fit.loo().elpd)
    assert np.isfinite(fit.residuals("quantile", seed=1)["residual"]).all()
    assert (fit.predict(kind="response", seed=1)["mean"] > 0).all()
    fit.save(tmp_path / "fit.nc")
    again = tm.load(tmp_path / "fit.nc")
    pd.testing.assert_frame_equal(again.predict(kind="ageing"), fit.predict(kind="ageing"))
    assert "gompertz with log link; 40 rows" in str(again)
    assert r"\mathrm{gompertz}(\mu_{i}, \mathrm{ageing})" in fit.model.latex()
    assert again.model is not None


@pytest.mark.parametrize(
    ("verb", "sentence"),
    [
        (lambda fit: fit.predict(), "nobody has said the mean of a gompertz response"),
        (lambda fit: fit.residuals(), "nobody has said the mean of a gompertz"),
        (lambda fit: fit.residuals("pearson"), "a gompertz response has no formula of its variance"),
        (lambda fit: fit.r2(), "nobody has said the mean of a gompertz"),
    ],
)
def test_what_nobody_has_said_is_named(fit: tm.Fit, verb: Any, sentence: str) -> None:
    with pytest.raises(TildeError, match=sentence):
        verb(fit)


def test_what_cannot_be_drawn_or_cut_is_named() -> None:
    bare = tm.Family("bare", {"mu": "real"}, "-(y - mu)^2 - log(pi) / 2")
    model = tm.model("t ~ x", data(), bare)
    with pytest.raises(TildeError, match="nobody has said how a bare response is drawn"):
        model.prior_predictive(5, seed=1)
    with pytest.raises(TildeError, match=r"`cens\(\)` needs the distribution function of a bare"):
        tm.model("t | cens(died) ~ x", data(), bare)
    assert "random=" not in model.source()


def test_it_goes_into_mixtures_and_pasted_calls() -> None:
    family = tm.Family(**GOMPERTZ)
    mixed = tm.model("t ~ x", data(), "mixture(gompertz, weibull)", families=[family])
    assert mixed.spec.family.called == "mixture(gompertz, weibull)"
    assert mixed.spec.family.recipe is not None and mixed.spec.family.recipe.family() == mixed.spec.family
    pasted = tm.model("brm(t | cens(1 - died) ~ x, data = d, family = gompertz)", data(), families=[family])
    assert pasted.spec.family.name == "gompertz"
    custom = 'custom_family("gompertz", dpars = c("mu", "ageing"), links = c("identity", "log"), lb = c(0, 0))'
    as_brms = tm.model(f"brm(t ~ x, data = d, family = {custom})", data(), families=[family])
    assert (as_brms.spec.family.name, as_brms.spec.link.name) == ("gompertz", "identity")
    with pytest.raises(TildeError, match="there is no family `gompertz`"):
        tm.model(f"brm(t ~ x, data = d, family = {custom})", data())
    with pytest.raises(TildeError, match=r"`custom_family\(\)` has a name"):
        tm.model("brm(t ~ x, data = d, family = custom_family(gompertz))", data())
    assert tm.model("t ~ x", data(), "gompertz(identity)", families=[family]).spec.link.name == "identity"
    assert pasted.update(family="weibull").spec.family.name == "weibull"
    assert tm.model("t ~ x", data()).update(family=family).spec.family.name == "gompertz"


MISTAKES = [
    ({"name": "gaussian"}, "there is a family `gaussian` already"),
    ({"name": "Gaussian"}, "there is a family `Gaussian` already"),
    ({"name": "mixture"}, "there is a family `mixture` already"),
    ({"name": "two words"}, "a family's name is a word"),
    ({"name": 3}, "`name` of a family is a text, not 3"),
    ({"parameters": ["mu"]}, "`parameters` of a family is a mapping"),
    ({"parameters": {"rate": "positive"}}, "the first parameter is `mu`"),
    ({"parameters": {"mu": "positive", "y": "real"}}, "a parameter's name is a word"),
    ({"parameters": {"mu": "positif", "ageing": "positive"}}, "did you mean `positive`"),
    ({"parameters": {"mu": "positive", "ageing": "positive", "k": "real"}}, "does not have its parameter `k`"),
    ({"log_density": ""}, "a family has a log density"),
    ({"log_density": "log(mu) + ageing * z"}, "the log density knows no `z`; it has y, mu, ageing"),
    ({"log_density": "log(mu) + aging * y"}, "did you mean `ageing`"),
    ({"log_density": "log(mu, 2) + ageing * y"}, r"`log\(\)` takes one number"),
    ({"log_density": "lgama(mu) + ageing * y"}, "there is no function `lgama` here; did you mean `lgamma`"),
    ({"log_density": "__import__(mu) + ageing * y"}, "no function `__import__`"),
    ({"log_density": "mu:ageing"}, "is no arithmetic of numbers"),
    ({"log_density": "log(mu) +"}, "nothing stands on the right"),
    ({"type": "whole"}, "type is one of real, positive, unit, count, trials, not 'whole'"),
    ({"links": {"mu": "logg"}}, "did you mean `log`"),
    ({"links": {"mu": []}}, "`links` name none for `mu`"),
    ({"links": {"ageing": "tan_half"}}, "and `ageing` is one of positive numbers"),
    ({"links": {"nu": "log"}}, "which is no parameter; there are mu, ageing"),
    ({"priors": {"agein": "exponential(1)"}}, "did you mean `ageing`"),
    ({"priors": {"mu": "exponential(1)"}}, "`mu` always has a formula"),
    ({"priors": {"ageing": "exponentiell(1)"}}, "there is no density `exponentiell`"),
    ({"cdf": ""}, "`tail` goes with `cdf`"),
    ({"quantile": "y"}, "the quantile knows no `y`; it has p, mu, ageing"),
    ({"mean": "y + mu"}, "the mean knows no `y`"),
    ({"draw": "mu + 1"}, "nothing is drawn here; there are normal"),
    ({"draw": "gama(1, mu)"}, "did you mean `gamma`"),
    ({"draw": "gamma(mu)"}, r"`gamma\(\)` takes 2 numbers"),
]


@pytest.mark.parametrize(("changed", "sentence"), MISTAKES, ids=lambda v: str(v)[:40])
def test_a_mistake_is_answered(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(TildeError, match=sentence):
        tm.Family(**{**GOMPERTZ, **changed})


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"families": "gompertz"}, "records in a list, not 'gompertz'"),
        ({"families": ["gompertz"]}, "`tildemc.Family` records, not 'gompertz'"),
        ({"families": [tm.Family(**GOMPERTZ | {"use": u}) for u in "ab"]}, "two families are called `gompertz`"),
        ({"family": "gompertz"}, "there is no family `gompertz`"),
        ({"family": 3}, "`family` is a text, not 3"),
    ],
)
def test_a_model_is_given_families_that_are_families(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(TildeError, match=sentence):
        tm.model("t ~ x", data(), **settings)
