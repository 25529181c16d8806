"""Names never collide, and are the ones that people expect."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.spec.parameters import RESERVED, coordinates, names, parameters


def model(formula: str, **columns: object) -> tm.Model:
    rng = np.random.default_rng(0)
    n = 24
    data = {"y": rng.normal(size=n), "x": rng.normal(size=n), "g": np.resize(list("abc"), n)}
    return tm.model(formula, pd.DataFrame({**data, **{k: np.resize(v, n) for k, v in columns.items()}}))


def test_names_are_brmss_classes_with_dims() -> None:
    found = parameters(model("y ~ x + (1 + x | g); sigma ~ x + (1 | g)").spec)
    assert [(p.name, p.dims) for p in found] == [
        ("Intercept", ()),
        ("b", ("term",)),
        ("sigma_Intercept", ()),
        ("sigma_b", ("sigma_term",)),
        ("sd_g", ("g_term",)),
        ("cor_g", ("g_term", "g_term2")),
        ("sigma_sd_g", ("sigma_g_term",)),
        ("r_g", ("g", "g_term")),
        ("sigma_r_g", ("g", "sigma_g_term")),
    ]


def test_by_gives_a_parameter_per_level() -> None:
    spec = model("y ~ x; sigma ~ by(g)").spec
    assert [(p.name, p.dims) for p in parameters(spec)][-1] == ("sigma", ("g",))
    assert coordinates(spec)["g"] == ("a", "b", "c")


@pytest.mark.parametrize(
    "group", ["obs", "term", "b", "sigma", "Intercept", "alpha", "X", "trials", "g_term", "r_g", "y"]
)
@pytest.mark.parametrize("formula", ["y ~ x + (1 + x | {0})", "y ~ x + (1 | {0}) + (1 | g); sigma ~ by({0})"])
def test_no_grouping_factor_takes_a_name_that_is_taken(group: str, formula: str) -> None:
    data = {} if group == "y" else {group: ["u", "v", "w"]}
    if group == "y":
        with pytest.raises(tm.TildeError):
            model("g ~ x + (1 | y)")
        return
    spec = model(formula.format(group), **data).spec
    taken = [p.name for p in parameters(spec)] + [names(spec).response, names(spec).obs, *coordinates(spec)]
    assert len(taken) == len(set(taken))


@pytest.mark.parametrize("response", ["mu", "b", "sigma", "Intercept", "obs", "term", "model", "pm"])
def test_no_response_takes_a_name_that_is_taken(response: str) -> None:
    made = model(f"{response} ~ x + (1 | g)", **{response: np.arange(24.0)})
    spec = made.spec
    taken = [p.name for p in parameters(spec)] + [names(spec).response, names(spec).obs, *coordinates(spec)]
    assert len(taken) == len(set(taken))
    compile(made.source("d.csv"), "source", "exec")


LIBRARIES = sorted(RESERVED | {"__sample__", "__obs__", "sigma_log__", "chol_g_cholesky-cov-packed__"})


@pytest.mark.parametrize("column", LIBRARIES)
@pytest.mark.parametrize("formula", ["y ~ x + (1 + x | `{0}`)", "y ~ x; sigma ~ by(`{0}`)", "`{0}` ~ x + (1 | g)"])
def test_no_column_takes_a_name_that_libraries_need(formula: str, column: str) -> None:
    values = np.arange(24.0) if formula.startswith("`") else ["u", "v", "w"]
    spec = model(formula.format(column), **{column: values}).spec
    found = {*(p.name for p in parameters(spec)), names(spec).response, *coordinates(spec)}
    assert not found & RESERVED
    assert not [name for name in found if name.endswith("__")]


def test_names_that_differ_in_underscores_stay_apart() -> None:
    columns = {name: ["u", "v", "w"] for name in ("a", "a_", "a__", "a___", "_", "__")}
    spec = model(f"y ~ x + {' + '.join(f'(1 | `{name}`)' for name in columns)}", **columns).spec
    dims = [names(spec).of(group).dim for group in spec.groups()]
    assert dims[:2] == ["a", "a_"]
    assert len(set(dims)) == len(columns)


def test_columns_that_differ_in_case_or_punctuation_keep_their_own_names() -> None:
    spec = model(
        "y ~ x + (1 | g) + (1 | G) + (1 | `g.`) + (1 | `g `)", G=["p", "q"], **{"g.": ["r", "s"], "g ": ["t", "u"]}
    ).spec
    dims = [names(spec).of(group).dim for group in spec.groups()]
    assert dims == ["g", "G", "g.", "g "]


def test_what_could_not_keep_its_name_is_told() -> None:
    assert "`obs` is called `obs_`" in str(model("y ~ x + (1 | obs)", obs=["u", "v", "w"]))
