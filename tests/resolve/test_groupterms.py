"""Rows of several groups, and effects that are correlated across parameters."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from shared import SHARED
from tildemc.spec.terms.shared import SharedEffects

RNG = np.random.default_rng(5)
DATA = pd.DataFrame({name: RNG.normal(size=48) for name in ("y", "x", "z")})
DATA["g"], DATA["g2"] = np.resize(list("abcde"), 48), np.resize(list("bcfa"), 48)
DATA["h"], DATA["w"], DATA["count"] = np.resize(list("uvw"), 48), RNG.uniform(1, 2, 48), RNG.poisson(3, 48)

ORACLES = {} if SHARED is None else json.loads((SHARED / "oracles/terms.json").read_text())
MEMBERSHIPS = [known for known in ORACLES.get("other", []) if "mm(" in known["formula"] or "|p|" in known["formula"]]


@pytest.mark.skipif(not MEMBERSHIPS, reason="no folder `shared` beside this checkout")
@pytest.mark.parametrize("known", MEMBERSHIPS, ids=lambda known: known["formula"])
def test_memberships_are_brms(known: dict) -> None:
    model, theirs = tm.model(known["formula"], pd.DataFrame(ORACLES["data"])), known["data"]
    terms = [*model.spec.grouped()]
    for number, term in enumerate(terms, start=1):
        several = len(terms) > 1
        member = f"_{number}" if several else ""
        weight = np.array(theirs[f"W_1_{number}"]) if several else 1.0
        Z = np.column_stack([np.array(theirs[f"Z_1_{c + 1}{member}"]) * weight for c in range(theirs["M_1"])])
        ours = model.design.of(term)
        np.testing.assert_array_equal(ours.index + 1, theirs[f"J_1{member}"])
        np.testing.assert_allclose(ours.Z, Z, rtol=1e-8)
        assert len(term.factor.levels) == theirs["N_1"]


def test_levels_are_those_of_all_columns_and_a_level_of_one_stays() -> None:
    model = tm.model("y ~ x + (1 | mm(g, g2))", DATA)
    assert [term.factor.levels for term in model.spec.grouped()] == [tuple("abcdef")] * 2
    assert model.facts()["predictors"][0]["groups"][0]["levels"] == 6


def test_effects_with_one_id_are_one_block() -> None:
    spec = tm.model("y ~ x + (1 |p| g) + (0 + z |p| g); sigma ~ (1 + x |p| g) + (1 |q| h)", DATA).spec
    [group, other] = spec.groups()
    [shared] = [term for term in spec.terms() if isinstance(term, SharedEffects)]
    assert [block.labels for block in group.blocks] == [("Intercept", "z", "sigma_Intercept", "sigma_x")]
    assert (shared.parameter, shared.owner, shared.first, shared.labels) == ("sigma", group.path, 2, ("Intercept", "x"))
    assert (other.parameter, other.labels) == ("sigma", ("Intercept",))


SAID = [
    ("y ~ x + (1 | mm(g, g2))", "Effects by mmgg2: 6 levels, each row in those of g, g2"),
    ("y ~ x + (1 |p| g); sigma ~ (1 + x |p| g)", "effects by g, correlated with those on mu: Intercept, x"),
]


@pytest.mark.parametrize(("text", "line"), SAID)
def test_explanations_say_whose_effects_a_row_has(text: str, line: str) -> None:
    assert line in str(tm.model(text, DATA))


@pytest.mark.parametrize(
    ("statement", "target"),
    [
        ("sigma.sd(g, Intercept) ~ exponential(7)", "sd(g, sigma_Intercept)"),
        ("sd(g, sigma_Intercept) ~ exponential(7)", "sd(g, sigma_Intercept)"),
        ("sigma.sd ~ exponential(7)", "sd(g, sigma_Intercept)"),
        ("sd(g, Intercept) ~ exponential(7)", "sd(g, Intercept)"),
    ],
)
def test_sds_on_other_parameters_go_by_these(statement: str, target: str) -> None:
    table = tm.model("y ~ x + (1 |p| g); sigma ~ (1 |p| g)", DATA, priors=statement).priors()
    assert table.loc[table["prior"] == "exponential(7)", "target"].to_list() == [target]


@pytest.mark.parametrize("text", ["y ~ x + (1 | mm(g, g2)); sigma ~ x", "y ~ x + (1 |p| g); sigma ~ (1 |p| g)"])
def test_the_exact_engine_says_what_it_lacks(text: str) -> None:
    model = tm.model(text, DATA)
    with pytest.raises(tm.TildeError, match=r"`mm\(\)`|sigma"):
        model.optimize("reml")
    fit = model.fit(draws=20, tune=50, chains=1, seed=1, progress=False)
    assert "exact" not in fit.path


def test_what_takes_a_row_for_one_groups_is_refused() -> None:
    fit = tm.model("y ~ x + (1 | mm(g, g2))", DATA).fit(draws=20, tune=50, chains=1, seed=1, progress=False)
    with pytest.raises(tm.TildeError, match="effects that come in once"):
        fit.pooling()
    with pytest.raises(tm.TildeError, match="several levels of mmgg2"):
        fit.kfold(group="mmgg2", k=3)


def test_predictions_know_a_level_whichever_column_it_is_in() -> None:
    fit = tm.model("y ~ x + (1 | mm(g, g2, weights = cbind(w, 1), scale = FALSE))", DATA).fit(
        draws=50, tune=100, chains=1, seed=2, progress=False
    )
    posterior = fit.data["posterior"].to_dataset()
    r = posterior["r_mmgg2"].to_numpy()[0, :, :, 0]
    new = pd.DataFrame({"x": [0.0, 0.0], "g": ["a", "new"], "g2": ["new", "f"], "w": [2.0, 3.0]})
    found = fit.predict(new, kind="linear", new_levels="population", draws=True).to_numpy().reshape(50, 2)
    intercept = posterior["Intercept"].to_numpy()[0]
    np.testing.assert_allclose(found[:, 0], intercept + 2.0 * r[:, 0], rtol=1e-9)
    np.testing.assert_allclose(found[:, 1], intercept + r[:, 5], rtol=1e-9)
    drawn = fit.predict(new, kind="linear", new_levels="sample", draws=True).to_numpy().reshape(50, 2)
    effect = drawn[:, 0] - found[:, 0]
    np.testing.assert_allclose(drawn[:, 1] - found[:, 1], 3.0 * effect, rtol=1e-9)


TWICE = [
    ("y ~ (1 | g/h) + (1 | g/g2)", ["g", "g:h", "g:g2"]),
    ("y ~ (1 | g) + (1 | g)", ["g"]),
    ("y ~ (x | g) + (x | g)", ["g"]),
]


@pytest.mark.parametrize(("formula", "factors"), TWICE)
def test_a_term_that_stands_twice_is_read_once_and_told(formula: str, factors: list[str]) -> None:
    model = tm.model(formula, DATA)
    assert [term.factor.label for term in model.spec.grouped()] == factors
    assert "stands twice and is read once" in " ".join(str(model).split())
