"""Monotonic effects: brms's codes, what multiplies them, and what is refused where."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import tildemc as tm
from marked import mistake
from tildemc.errors import DataError, SemanticError, TildeError, UnsupportedError


def rows() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"o": np.resize(["low", "mid", "high"], 30), "z": rng.normal(size=30), "k": np.arange(30) % 4})
    frame["o"] = pd.Categorical(frame["o"], ["low", "mid", "high"], ordered=True)
    return frame.assign(f=np.resize(["a", "b", "c"], 30), half=0.5 * frame["k"], y=rng.normal(size=30))


def test_codes_are_brms(shared: Path) -> None:
    oracle = json.loads((shared / "oracles" / "terms.json").read_text())
    data = pd.DataFrame(oracle["data"])
    cases = [case for case in oracle["other"] if "mo(" in case["formula"]]
    assert cases
    for case in cases:
        views = [view for view in tm.model(case["formula"], data).terms() if view.kind == "monotonic"]
        assert len(views) == case["data"]["Imo"]
        for number, view in enumerate(views, start=1):
            np.testing.assert_array_equal(view.values[:, 0], case["data"][f"Xmo_{number}"])


def test_densities_are_those_of_the_arithmetic() -> None:
    frame = rows()
    model = tm.model("y ~ mo(o) * z", frame)
    values = {
        "Intercept": 0.3, "b": [0.7], "sigma": 0.9, "moo": 0.4, "moo:z": -0.2,
        "simo_moo": [0.2, 0.8], "simo_moo:z": [0.6, 0.4],
    }  # fmt: skip
    code = frame["o"].cat.codes.to_numpy()
    own, product = np.array([0, 0.2, 1.0])[code], np.array([0, 0.6, 1.0])[code]
    mean = 0.3 + 0.7 * frame["z"] + 2 * 0.4 * own - 2 * 0.2 * product * frame["z"]
    np.testing.assert_allclose(model.log_likelihood(values), stats.norm.logpdf(frame["y"], mean, 0.9))


def test_effects_of_one_id_have_one_set_of_shares(tmp_path: Path) -> None:
    frame = rows()
    model = tm.model('y ~ mo(o, id = "a") * z', frame)
    assert [p for p in model.priors()["target"] if p.startswith("simo")] == ["simo(moo)"]
    # brms's names of coefficients and of the shares.
    stated = ("b(mooidEQa:z) ~ normal(0, 7)", "simo(a) ~ dirichlet(2, 3)")
    table = model.update(priors=stated).priors().set_index("target")["prior"]
    assert (table["b(moo:z)"], table["simo(moo)"]) == ("normal(0, 7)", "dirichlet(2, 3)")
    values = {"Intercept": 0.3, "b": [0.7], "sigma": 0.9, "moo": 0.4, "moo:z": -0.2, "simo_moo": [0.2, 0.8]}
    own = np.array([0, 0.2, 1.0])[frame["o"].cat.codes.to_numpy()]
    mean = 0.3 + 0.7 * frame["z"] + 2 * (0.4 - 0.2 * frame["z"]) * own
    np.testing.assert_allclose(model.log_likelihood(values), stats.norm.logpdf(frame["y"], mean, 0.9))
    frame.to_csv(tmp_path / "data.csv", index=False)
    fit = model.fit(draws=20, tune=30, chains=1, seed=1, progress=False)
    fit.save(tmp_path / "fit.nc")
    assert tm.load(tmp_path / "fit.nc").spec == fit.spec
    assert [*model.prior_predictive(5, seed=1)["prior"].data_vars].count("simo_moo") == 1
    assert model.latex().count(r"\mathrm{Dirichlet}") == 1


@pytest.mark.parametrize(
    ("formula", "labels"),
    [
        ("y ~ mo(k)", ["mok"]),
        ('y ~ mo(o, id = "a") * z', ["moo", "moo:z"]),
        ("y ~ mo(o) * f", ["moo", "moo:fb", "moo:fc"]),
        ("y ~ mo(o):f", ["moo:fa", "moo:fb", "moo:fc"]),
        ("y ~ z; sigma ~ mo(o)", ["moo"]),
        ("y ~ 0 + mo(ordered(f))", ["moordered(f)"]),
    ],
)
def test_each_column_that_multiplies_has_steps_of_its_own(formula: str, labels: list[str]) -> None:
    views = [view for view in tm.model(formula, rows()).terms() if view.kind == "monotonic"]
    assert [view.columns[0] for view in views] == labels


MISTAKES: list[tuple[str, str, type[TildeError]]] = [
    ("y ~ mo(⟪f⟫)", "`mo(ordered(f))`", SemanticError),
    ("y ~ ⟪mo(half)⟫", "whole numbers, not 0.5", DataError),
    ("y ~ ⟪mo(o, k)⟫", "one ordered variable", SemanticError),
    ("y ~ mo(o, ⟪id = 3⟫)", "`id` is a name", SemanticError),
    ("y ~ mo(o, ⟪k = 3⟫)", "has no `k`", SemanticError),
    ('y ~ mo(o, id = "a") + ⟪mo(k, id = "a")⟫', "one set of shares", SemanticError),
    ("y ~ mo(o):⟪mo(k)⟫", "a product of several", UnsupportedError),
]


@pytest.mark.parametrize(("marked", "fragment", "kind"), MISTAKES)
def test_what_has_no_steps_is_shown_where_it_stands(marked: str, fragment: str, kind: type[TildeError]) -> None:
    mistake(lambda text: tm.model(text, rows()), marked, fragment, kind)
