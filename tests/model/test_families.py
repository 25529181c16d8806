"""Families against brms's own, and one that exists for a test only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from programs import density, run_source
from shared import SHARED
from targets.direct.test_density import compare
from tildemc.errors import DataError, SemanticError
from tildemc.model.expr import Expr, Var, evaluate
from tildemc.model.families import FAMILIES, NUMBERS, Family, FamilyParameter
from tildemc.model.priors import RESIDUAL_SD
from tildemc.model.support import POSITIVE, REAL
from tildemc.model.vocabulary import NUMPY, apply

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
    known = {name: np.array(values) for name, values in case["parameters"].items()}
    known |= {"y": case.get("y"), "trials": case["trials"]}

    def value(expr: Expr) -> Any:
        return evaluate(expr, lambda v: known[v.name], NUMPY)

    if case["mode"] == "mean":
        np.testing.assert_allclose(value(family.mean), case["mean"], rtol=1e-9)
    else:
        weight = case["weight"] or 1.0
        np.testing.assert_allclose(weight * value(family.log_density), case["log_lik"], rtol=1e-9, atol=1e-11)


DRAWS = 200_000


@pytest.mark.parametrize("name", FAMILIES)
def test_mean_and_variance_are_those_of_pymcs_draws(name: str) -> None:
    """`centre` has the mean `mu` and the variance `variance`."""
    import pymc as pm

    family = FAMILIES[name]
    known = {"mu": 0.4, "sigma": 0.5, "nu": 9.0, "shape": 3.0, "phi": 4.0, "trials": 8.0}

    def value(expr: Expr, **more: Any) -> Any:
        return evaluate(expr, lambda v: (known | more)[v.name], NUMPY)

    arguments = {name: value(expr) for name, expr in family.native.items()}
    if "n" in arguments:
        arguments["n"] = 8
    y = pm.draw(getattr(pm, family.pymc).dist(**arguments, shape=DRAWS), random_seed=1).astype(float)
    centred = value(family.centre, y=y) * np.ones(DRAWS)
    assert y.mean() == pytest.approx(value(family.mean), rel=0.02)
    assert centred.mean() == pytest.approx(known["mu"], rel=0.02)
    assert centred.var() == pytest.approx(value(family.variance), rel=0.05)


_z = (Var("y") - Var("mu")) / Var("sigma")
LOGISTIC = Family(
    name="logistic", title="Logistic", values=NUMBERS, pymc="Logistic", latex=r"\mathrm{Logistic}",
    parameters=(FamilyParameter("mu", REAL, ("identity",)), FamilyParameter("sigma", POSITIVE, ("log",), RESIDUAL_SD)),
    log_density=-_z - apply("log", Var("sigma")) - 2 * apply("softplus", -_z),
    mean=Var("mu"), variance=Var("sigma") ** 2 * (np.pi**2 / 3), native={"mu": Var("mu"), "s": Var("sigma")},
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
