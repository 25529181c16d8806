"""Families that PyMC has no class for: a record's graph and source are what PyMC's class is, where it has one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from programs import compiled, density, points, quick, run_source
from tildemc.errors import UnsupportedError
from tildemc.spec.derivative import differentiate
from tildemc.spec.expr import Expr, evaluate
from tildemc.spec.families import FAMILIES, Family
from tildemc.spec.vocabulary import NUMPY

CASES = {
    "numbers and a weight": ("student", "y | weights(w) ~ x + (1 | g)"),
    "successes of trials, a chance seen through its predictor": ("beta_binomial", "won | trials(size) ~ x; phi ~ x"),
}


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"x": rng.normal(size=40), "g": np.arange(40) % 5, "w": np.arange(40) % 4 / 2})
    return frame.assign(y=1 + frame["x"] + rng.logistic(size=40), size=9, won=rng.binomial(9, 0.4, 40))


@pytest.mark.parametrize(("name", "formula"), CASES.values(), ids=CASES)
def test_the_records_density_and_draw_are_those_of_pymcs_class(
    name: str, formula: str, frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tm.model(formula, frame, name).pymc()
    monkeypatch.setitem(FAMILIES, "unheard", replace(FAMILIES[name], name="unheard", pymc="", native={}))
    model = tm.model(formula, frame, "unheard")
    frame.to_csv(tmp_path / "data.csv", index=False)
    live, printed = model.pymc(), run_source(model.source(), tmp_path)
    at = points(theirs, range(1))
    ((expected, gradient),) = density(theirs, at)
    for ours in (live, printed):
        ((value, slopes),) = density(ours, at)
        assert value == pytest.approx(expected, rel=1e-8)
        np.testing.assert_allclose(slopes, gradient, rtol=1e-8)
    (drawn,), (again,) = (_responses(ours) for ours in (live, printed))
    np.testing.assert_array_equal(drawn, again)
    assert len(drawn) == 40 and np.isfinite(drawn).all()


def _responses(model: object) -> list[np.ndarray]:
    import pymc as pm

    return [np.asarray(pm.draw(v, random_seed=3, mode=quick())) for v in model.observed_RVs]  # type: ignore[attr-defined]


def test_a_distribution_function_without_derivatives_is_told_with_its_place(frame: pd.DataFrame) -> None:
    model = tm.model("y | cens(0) ~ x", frame, "skew_normal")
    for ask in (model.pymc, model.source):
        with pytest.raises(UnsupportedError, match=r"with `cens\(\)` of a skew_normal") as error:
            ask()
        assert "^" in str(error.value)


# Categories, and families that are made of others by what other tests have, have tests of their own.
NUMBERED = {name: f for name, f in FAMILIES.items() if f.categories is None and (not f.made_of or name == "ordbeta")}
PLACES = {
    "mu": 0.4, "sigma": 0.7, "nu": 9.0, "shape": 1.7, "phi": 4.0, "alpha": -2.0, "beta": 0.3, "quantile": 0.3,
    "xi": 0.1, "kappa": 3.0, "ndt": 0.05, "psi": 2.0, "power": 1.6, "bs": 1.3, "bias": 0.4,
    **{f"sbhaz{k}": k / 15 for k in range(1, 6)}, "cutzero": -1.0,
    "cutone": 0.6,
}  # fmt: skip


@pytest.fixture(scope="module")
def graphs() -> dict[str, tuple[Any, Any]]:
    """For each family: the log densities of `RESPONSES` by its graph and their derivatives by the parameters."""
    import pymc as pm
    import pytensor
    import pytensor.tensor as pt

    from tildemc.targets.pymc.build import FUNCTIONS

    given = {name: pt.dscalar(name) for name in PLACES}
    outputs = []
    for family in NUMBERED.values():
        known = {**given, "trials": 8.0, "y": pt.as_tensor(responses(family)), "dec": pt.as_tensor(UPPER)}

        def value(expr: Expr, known: dict[str, Any] = known) -> Any:
            return evaluate(expr, lambda v: known[v.name], FUNCTIONS)

        if family.pymc:
            arguments = {name: value(expr) for name, expr in family.native.items()}
            rows = pm.logp(getattr(pm, family.pymc).dist(**arguments), known["y"])
        else:
            rows = value(family.log_density)
        outputs += [rows, pt.stack(pytensor.grad(rows.sum(), [given[p.name] for p in family.parameters]))]
    found = compiled([*given.values()], outputs)(**PLACES)
    return {name: (found[2 * k], found[2 * k + 1]) for k, name in enumerate(NUMBERED)}


UPPER = np.array([0.0, 1.0, 0.0, 1.0])
"""Of each response that is a time to a choice."""


def responses(family: Family) -> np.ndarray:
    """Some that it may have."""
    if family.values.whole:
        return np.arange(0.0, min(family.values.upper, 7) + 1)
    return np.array([0.1, 0.35, 0.6, 0.95, *family.values.atoms])


@pytest.mark.parametrize("name", NUMBERED)
def test_the_graphs_density_is_the_records(name: str, graphs: dict[str, tuple[Any, Any]]) -> None:
    family, (rows, slopes) = FAMILIES[name], graphs[name]
    known = {**PLACES, "trials": 8.0, "y": responses(family), "dec": UPPER}

    def value(expr: Expr) -> Any:
        return evaluate(expr, lambda v: known[v.name], NUMPY)

    np.testing.assert_allclose(rows, value(family.log_density), rtol=1e-8)
    by_rules = [
        np.sum(value(differentiate(family.log_density, p.name)) * np.ones(len(rows))) for p in family.parameters
    ]
    np.testing.assert_allclose(slopes, by_rules, rtol=1e-7, atol=1e-14)
