"""Families against brms's own, and one that exists for a test only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

import tildemc as tm
from programs import density, run_source
from shared import SHARED
from targets.direct.test_density import compare
from tildemc.errors import DataError, SemanticError
from tildemc.spec.chance import one
from tildemc.spec.expr import Expr, Var, evaluate
from tildemc.spec.families import FAMILIES, Family, FamilyParameter
from tildemc.spec.families.records import NUMBERS
from tildemc.spec.priors import RESIDUAL_SD
from tildemc.spec.support import POSITIVE, REAL
from tildemc.spec.vocabulary import NUMPY, apply

ORACLE = None if SHARED is None else SHARED / "oracles" / "families.json"
COMPARED = ("plain", "weights", "mean")


def oracle() -> list[Any]:
    """brms's values for the families that there are."""
    if ORACLE is None or not ORACLE.is_file():
        return []
    cases = json.loads(ORACLE.read_text())["cases"]
    return [case for case in cases if case["family"] in FAMILIES and case["mode"] in COMPARED]


@pytest.mark.skipif(not oracle(), reason="no shared oracles")
@pytest.mark.parametrize("case", oracle(), ids=lambda case: f"{case['family']}-{case['mode']}-{case.get('y', '')}")
def test_densities_and_means_are_brms(case: dict[str, Any]) -> None:
    family = FAMILIES[case["family"]]
    draws = {name: np.array(values) for name, values in case["parameters"].items()}
    n = len(draws["mu"])
    y = np.full(n, 0.5 if case.get("y") is None else case["y"])
    y = np.round(y) if family.values.whole else y
    frame = pd.DataFrame({"y": y, "n": case["trials"] or 1, "w": case.get("weight") or 1.0})
    # A model needs a response that varies, and what it is read with is not what it is asked about.
    frame = pd.concat([frame, frame.assign(y=(y + 1) % 2 if family.values.whole else (y + 1) / 2 + 0.1 * (y == 1))])
    beside = ["trials(n)"] * ("trials" in family.modifiers) + ["weights(w)"] * (case["mode"] == "weights")
    left = " | ".join(["y", " + ".join(beside)]) if beside else "y"
    model = tm.model(f"{left} ~ 1", frame, family=case["family"])
    values = {name: np.tile(drawn, 2) for name, drawn in draws.items()}
    if case["mode"] == "mean":
        np.testing.assert_allclose(model.predict_at(values).iloc[:n], case["mean"], rtol=1e-8)
    else:
        np.testing.assert_allclose(model.log_likelihood(values).iloc[:n], case["log_lik"], rtol=1e-8, atol=1e-11)


DRAWS = 200_000
NUMBERED = [name for name, family in FAMILIES.items() if family.categories is None]
KNOWN = {"mu": 0.4, "sigma": 0.5, "nu": 9.0, "shape": 3.0, "phi": 4.0, "trials": 8.0}


def at_known(expr: Expr, **more: Any) -> Any:
    """A family's arithmetic at some values of its parameters."""
    return evaluate(expr, lambda v: (KNOWN | more)[v.name], NUMPY)


@pytest.mark.parametrize("name", NUMBERED)
def test_mean_and_variance_are_those_of_pymcs_draws(name: str) -> None:
    """`centre` has the mean `mu` and the variance `variance`."""
    import pymc as pm

    family = FAMILIES[name]
    arguments = {name: at_known(expr) for name, expr in family.native.items()}
    if "n" in arguments:
        arguments["n"] = 8
    y = pm.draw(getattr(pm, family.pymc).dist(**arguments, shape=DRAWS), random_seed=1).astype(float)
    centred = at_known(family.centre, y=y) * np.ones(DRAWS)
    assert y.mean() == pytest.approx(at_known(family.mean), rel=0.02)
    assert centred.mean() == pytest.approx(KNOWN["mu"], rel=0.02)
    assert centred.var() == pytest.approx(at_known(family.variance), rel=0.05)


@pytest.mark.parametrize("name", NUMBERED)
def test_draws_have_the_mean_the_variance_and_the_distribution(name: str) -> None:
    family, generator, n = FAMILIES[name], np.random.default_rng(2), 20_000
    y = family.draw.of(KNOWN, generator, (n,))
    centred = at_known(family.centre, y=y)
    assert centred.mean() == pytest.approx(KNOWN["mu"], abs=5 * centred.std() / np.sqrt(n))
    assert centred.var() == pytest.approx(at_known(family.variance), rel=0.1)
    below = at_known(family.cdf, y=y)
    if family.values.whole:
        before = at_known(family.cdf, y=y - 1)
        below = before + generator.uniform(size=n) * (below - before)
    assert stats.kstest(below, "uniform").pvalue > 1e-3


SCIPY = {
    "gaussian": stats.norm(0.4, 0.5),
    "student": stats.t(9, 0.4, 0.5),
    "bernoulli": stats.bernoulli(0.4),
    "binomial": stats.binom(8, 0.4),
    "poisson": stats.poisson(0.4),
    "negbinomial": stats.nbinom(3, 3 / 3.4),
    "gamma": stats.gamma(3, scale=0.4 / 3),
    "beta": stats.beta(1.6, 2.4),
    "lognormal": stats.lognorm(0.5, scale=np.exp(0.4)),
    "weibull": stats.weibull_min(3, scale=0.4 / special.gamma(4 / 3)),
    "exponential": stats.expon(scale=0.4),
    "beta_binomial": stats.betabinom(8, 1.6, 2.4),
}
"""The families at `KNOWN`."""


@pytest.mark.parametrize("name", NUMBERED)
def test_distribution_functions_are_scipys_also_far_out(name: str) -> None:
    family, theirs = FAMILIES[name], SCIPY[name]
    if family.values.whole:
        y = np.arange(-1.0, min(family.values.upper, 8.0) + 1)
    else:
        y = np.concatenate([theirs.ppf([1e-12, 1e-3, 0.3, 0.9]), theirs.isf([1e-6, 1e-12])])
    np.testing.assert_allclose(at_known(family.cdf, y=y), theirs.cdf(y), rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(at_known(family.tail, y=y), theirs.sf(y), rtol=1e-9, atol=1e-15 * family.values.whole)


def test_what_is_too_large_or_too_small_to_be_drawn_is_its_limit() -> None:
    generator = np.random.default_rng(1)
    large = FAMILIES["poisson"].draw.of({"mu": np.array([0.0, 1e30, np.inf])}, generator, (3,))
    assert large.tolist() == [0.0, 1e30, np.inf]
    edges = FAMILIES["beta"].draw.of({"mu": np.array([0.0, 1.0]), "phi": 3.0}, generator, (2,))
    assert edges.tolist() == [0.0, 1.0]


_z = (Var("y") - Var("mu")) / Var("sigma")
LOGISTIC = Family(
    name="logistic", title="Logistic", values=NUMBERS, pymc="Logistic", latex=r"\mathrm{Logistic}",
    parameters=(FamilyParameter("mu", REAL, ("identity",)), FamilyParameter("sigma", POSITIVE, ("log",), RESIDUAL_SD)),
    log_density=-_z - apply("log", Var("sigma")) - 2 * apply("softplus", -_z),
    mean=Var("mu"), variance=Var("sigma") ** 2 * (np.pi**2 / 3), cdf=apply("sigmoid", _z), tail=apply("sigmoid", -_z),
    draw=one("logistic", Var("mu"), Var("sigma")), native={"mu": Var("mu"), "s": Var("sigma")},
)  # fmt: skip


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    x, g = rng.normal(size=80), np.arange(80) % 8
    return pd.DataFrame({"x": x, "g": g, "y": 1 + x + rng.normal(size=8)[g] + rng.logistic(size=80)})


def test_a_record_is_all_that_a_family_takes(
    frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FAMILIES, "logistic", LOGISTIC)
    model = tm.model("y ~ x + (1 | g)", frame, family="logistic")
    compare(model, points=1)
    frame.to_csv(tmp_path / "data.csv", index=False)
    printed = run_source(model.source(), tmp_path)
    assert density(printed, range(1))[0][0] == pytest.approx(density(model.pymc(), range(1))[0][0])
    fit = model.fit(draws=100, tune=150, chains=2, seed=1, progress=False)
    assert fit.path == "NUTS, direct engine"
    assert float(fit.data["posterior"]["b"].mean()) == pytest.approx(1, abs=0.5)
    assert np.isfinite(fit.loo().elpd)
    assert np.isfinite(fit.predict(kind="response", seed=1)).all(axis=None)
    assert stats.kstest(fit.residuals("quantile")["residual"], "norm").pvalue > 0.01
    assert "logistic with identity link" in str(model)


REFUSED = [
    ("gamma", "y ~ 1", [1.0, 0.0, 2.0], "a gamma response is a number greater than 0, but `y` is 0"),
    ("lognormal", "y ~ 1", [1.0, -1.0, 2.0], "a lognormal response is a number greater than 0"),
    ("weibull", "y ~ 1", [0.0, 1.0, 2.0], "a weibull response is a number greater than 0"),
    ("exponential", "y ~ 1", [-3.0, 1.0, 2.0], "an exponential response is a number greater than 0"),
    ("beta", "y ~ 1", [0.5, 1.0, 0.2], "a beta response is a number between 0 and 1, and neither, but `y` is 1"),
    ("beta", "y ~ 1", [0.0, 0.5, 0.2], "a beta response is a number between 0 and 1, and neither, but `y` is 0"),
    ("beta_binomial", "y | trials(5) ~ 1", [1.5, 1.0, 2.0], "a beta_binomial response is a whole number from 0 up"),
    ("beta_binomial", "y | trials(5) ~ 1", [6.0, 1.0, 2.0], "`y` is more than the trials"),
    ("poisson", "y ~ 1", [0.5, 1.0, 2.0], "a poisson response is a whole number from 0 up"),
    ("gamma", "y ~ 1", [2.0, 2.0, 2.0], "the response `y` is 2 in every row"),
    ("beta", "y ~ 1", [0.5, 0.5, 0.5], "the response `y` is 0.5 in every row"),
]


@pytest.mark.parametrize(("family", "formula", "y", "message"), REFUSED)
def test_a_response_that_a_family_has_not(family: str, formula: str, y: list[float], message: str) -> None:
    with pytest.raises((DataError, SemanticError), match=message):
        tm.model(formula, pd.DataFrame({"y": y}), family=family)


def test_trials_are_needed_where_single_ones_make_no_family() -> None:
    with pytest.raises(SemanticError, match=r"needs its trials: `y \| trials\(n\)`"):
        tm.model("y ~ 1", pd.DataFrame({"y": [0, 1, 1]}), family="beta_binomial")
