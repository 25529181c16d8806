"""A fit is labelled, summarised part by part, and saved."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import arviz as az
import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.results.datatree import groups_of, reported
from tildemc.results.elsewhere import ELSEWHERE
from tildemc.results.fit import Fit


@pytest.fixture(scope="module")
def fit() -> Fit:
    rng = np.random.default_rng(8)
    group = np.repeat(list("abcdefgh"), 12)
    x = rng.normal(size=96)
    effects = {name: rng.normal([0, 0], [1.0, 0.5]) for name in "abcdefgh"}
    y = np.array([2 + 0.7 * v + effects[g] @ [1, v] for g, v in zip(group, x, strict=True)]) + rng.normal(0, 0.5, 96)
    data = pd.DataFrame({"y": y, "x": x, "g": group, "arm": np.resize(["old", "new"], 96)})
    return tm.model("y ~ x + (1 + x | g); sigma ~ by(arm)", data).fit(
        draws=300, tune=300, chains=2, seed=1, progress=False
    )


def test_it_knows_its_model_and_how_this_was_fitted(fit: Fit) -> None:
    assert fit.model is not None
    assert fit.model.request.text == "y ~ x + (1 + x | g); sigma ~ by(arm)"
    assert (fit.settings["draws"], fit.settings["seed"]) == (300, 1)


@pytest.mark.parametrize("name", [*ELSEWHERE])
def test_the_names_of_other_packages_are_answered_with_the_names_here(name: str, fit: Fit) -> None:
    with pytest.raises(AttributeError, match=f"no `{name}`: it is `.*` here"):
        getattr(fit, name)
    verb = ELSEWHERE[name].partition("(")[0].partition("[")[0]
    assert hasattr(tm if verb.startswith("tildemc.") else fit, verb.removeprefix("tildemc."))


def test_a_name_that_nobody_has_is_no_attribute(fit: Fit) -> None:
    assert not hasattr(fit, "no_such_verb")
    assert copy.copy(fit).draws == fit.draws


def test_an_update_fits_again_as_before(fit: Fit) -> None:
    again = fit.update("~ . - (1 + x | g) + (1 | g)", draws=50)
    assert again.spec.formula == "y ~ x + (1 | g); sigma ~ by(arm)"
    assert (again.draws, again.settings["seed"]) == (100, 1)


def test_draws_without_their_model_are_not_updated(fit: Fit) -> None:
    with pytest.raises(tm.TildeError, match="came without their model"):
        replace(fit, model=None).update("~ .")


def test_draws_are_labelled(fit: Fit) -> None:
    posterior = fit.data["posterior"]
    assert set(posterior.data_vars) > {"Intercept", "b", "sd_g", "cor_g", "r_g", "sigma"}
    assert list(posterior["g"].values) == list("abcdefgh")
    assert list(posterior["g_term"].values) == ["Intercept", "x"]
    assert list(posterior["arm"].values) == ["new", "old"]
    assert posterior["r_g"].sel(g="c", g_term="x").shape == (2, 300)


def test_all_groups_are_there(fit: Fit) -> None:
    assert set(fit.data.children) == {"posterior", "sample_stats", "observed_data", "constant_data"}
    assert fit.data["observed_data"]["y"].shape == (96,)
    assert fit.data["constant_data"]["X"].dims == ("obs", "term")


def test_the_truth_is_found(fit: Fit) -> None:
    table = fit.summary()
    for parameter, truth in (("b[x]", 0.7), ("Intercept", 2.0)):
        row = table.xs(parameter, level="parameter").iloc[0]
        assert abs(row["mean"] - truth) < 4 * row["sd"]


def test_a_summary_has_parts_and_each_correlation_once(fit: Fit) -> None:
    table = fit.summary()
    assert list(table.index.get_level_values("parameter")) == [
        "Intercept", "b[x]", "sd_g[Intercept]", "sd_g[x]", "cor_g[Intercept, x]", "sigma[new]", "sigma[old]",
    ]  # fmt: skip
    assert len(fit.summary(group_effects=True)) == len(table) + 16
    assert {"mean", "sd", "ess_bulk", "r_hat"} <= set(table.columns)


def test_a_narrower_interval_is_narrower(fit: Fit) -> None:
    wide, narrow = fit.summary(interval=0.95), fit.summary(interval=0.5)
    bounds = [c for c in wide.columns if c.startswith("eti")], [c for c in narrow.columns if c.startswith("eti")]
    widths = [table[b[1]] - table[b[0]] for table, b in zip((wide, narrow), bounds, strict=True)]
    assert (widths[1] < widths[0]).all()


def test_saved_draws_are_the_same_when_read_again(fit: Fit, tmp_path: Path) -> None:
    fit.save(tmp_path / "fit.nc")
    again = az.from_netcdf(str(tmp_path / "fit.nc"))
    np.testing.assert_array_equal(again["posterior"]["r_g"].values, fit.data["posterior"]["r_g"].values)
    assert again["posterior"].attrs["formula"] == fit.spec.formula


def test_it_prints_what_was_done(fit: Fit) -> None:
    text = str(fit)
    assert "2 chains of 300 draws" in text and "Effects by g: 8 levels" in text and "cor_g[Intercept, x]" in text


SCREENS = {
    "of 1e-9": ("y ~ x + (1 | g)", 1e-9),
    "of 1e12": ("y ~ x + (1 | g)", 1e12),
    "with long labels": ("y ~ I(x + 0 * (x + x * x + x * x * x + x)) * f + (1 + I(x + 0 * (x + x * x)) | g)", 1.0),
    "of hundreds of terms": ("y ~ many", 1.0),
}


@pytest.mark.parametrize(("formula", "scale"), SCREENS.values(), ids=SCREENS.keys())
def test_no_line_of_a_summary_wraps_and_no_number_is_lost(formula: str, scale: float) -> None:
    rng = np.random.default_rng(2)
    data = {"y": scale * rng.normal(1, 1, 240), "x": rng.normal(size=240), "g": np.arange(240) % 8}
    data |= {"f": np.resize(["a level of some length", "b"], 240), "many": (np.arange(240) % 110).astype(str)}
    model = tm.model(formula, data)
    fit = model.fit(draws=100, chains=1, seed=1, method="exact")
    for text in (str(fit), fit.text(group_effects=True), str(model.optimize())):
        assert all(len(line) <= 80 for line in text.splitlines())
    row = fit.summary().xs("sigma", level="parameter").iloc[0]
    (line,) = (line for line in str(fit).splitlines() if line.startswith("  sigma "))
    assert [float(cell) for cell in line.split()[1:3]] == pytest.approx([row["mean"], row["sd"]], rel=0.01)


def test_a_summary_has_the_headings_of_its_interval(fit: Fit) -> None:
    headings = [line.split() for line in str(fit).splitlines() if "R-hat" in line and "mean" in line]
    assert headings and all(heading == ["mean", "sd", "2.5%", "97.5%", "ESS", "R-hat"] for heading in headings)
    assert " 5%" in str(fit.shown(("level(90)",))) and " 95%" in str(fit.shown(("level(90)",)))


def test_too_few_draws_are_warned_of(fit: Fit) -> None:
    assert any("ESS" in warning or "R-hat" in warning for warning in fit.warnings()) or fit.warnings() == ()
    few = replace(fit, groups=reported(fit.spec, groups_of(fit.data.isel(draw=slice(0, 20)))))
    assert any("ESS" in warning for warning in few.warnings())


def test_settings_out_of_range_are_refused() -> None:
    model = tm.model("y ~ 1", {"y": [1.0, 2, 3]})
    for settings in (
        {"draws": 0},
        {"chains": 0},
        {"tune": -1},
        {"method": "magic"},
        {"sampler": "x"},
        {"target_accept": 2},
    ):
        with pytest.raises(tm.TildeError, match=next(iter(settings))):
            model.fit(**settings)
