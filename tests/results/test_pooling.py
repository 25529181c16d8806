"""Complete, no and partial pooling side by side: the numbers are those of the fits, and open levels are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.results.pooling import WAYS, Pooling

RADON = "log_radon ~ floor + (1 + floor | county)"


@pytest.fixture(scope="module")
def radon(project: Path) -> pd.DataFrame:
    return pd.read_csv(project / "examples" / "radon" / "data" / "radon.csv")


@pytest.fixture(scope="module")
def pooling(radon: pd.DataFrame) -> Pooling:
    return tm.pooling(RADON, radon, folds=0, draws=250, tune=300, chains=2, progress=False)


def test_without_pooling_a_county_has_the_regression_of_its_own_rows(pooling: Pooling, radon: pd.DataFrame) -> None:
    found = pooling.coefficients()
    for county in ("STLOUIS", "HENNEPIN", "FREEBORN"):
        rows = radon[radon["county"] == county]
        slope, level = np.polyfit(rows["floor"], rows["log_radon"], 1)
        means = found.loc[county, ("none", "mean")]
        error = 4 * found.loc[county, ("none", "sd")] / np.sqrt(500)
        assert (abs(means - [level, slope]) < error).all()


def test_with_complete_pooling_all_counties_have_one(pooling: Pooling) -> None:
    means = pooling.coefficients()["complete"].unstack()
    assert np.ptp(means["mean"].to_numpy(), axis=0) == pytest.approx([0.0, 0.0])


def test_partial_pooling_is_the_population_and_the_countys_deviation(pooling: Pooling) -> None:
    posterior = pooling.fits["partial"].data["posterior"]
    level = posterior["Intercept"] + posterior["r_county"].sel(county="CASS", county_term="Intercept")
    row = pooling.coefficients().loc[("CASS", "Intercept"), "partial"]
    assert row["mean"] == pytest.approx(float(level.mean()))
    assert row["eti95_ub"] == pytest.approx(float(level.quantile(0.975)))


def test_a_county_of_basements_only_is_told_and_has_no_slope(pooling: Pooling, radon: pd.DataFrame) -> None:
    one_storey = radon.groupby("county")["floor"].nunique() == 1
    told = pooling.undetermined()
    assert {*told.index} == {*one_storey[one_storey].index}
    assert set(told) == {"floor"}
    assert np.isnan(pooling.coefficients().loc[("CASS", "floor"), ("none", "mean")])
    assert f"{len(told)} of 85 levels cannot support a regression of their own" in str(pooling)


def test_the_table_says_what_it_computes(pooling: Pooling, radon: pd.DataFrame) -> None:
    table = pooling.table()
    line = np.polyval(np.polyfit(radon["floor"], radon["log_radon"], 1), radon["floor"])
    assert table.loc["complete", "rmsd"] == pytest.approx(np.sqrt(np.mean((radon["log_radon"] - line) ** 2)), rel=1e-3)
    assert table.loc["none", "rmsd"] < table.loc["partial", "rmsd"] < table.loc["complete", "rmsd"]
    # The post's 0.13 and 0.08.
    assert table["ordered"].round(2).loc[["none", "partial"]].tolist() == [0.12, 0.08]
    assert table["elpd"].idxmax() == "partial"
    assert "<table" in pooling._repr_html_() and all(way in str(pooling) for way in WAYS)


def test_out_of_sample_partial_pooling_is_nearest(radon: pd.DataFrame) -> None:
    found = tm.pooling(RADON, radon, folds=3, draws=100, chains=2, progress=False).unseen
    assert found is not None
    assert found["rmsd"].idxmin() == "partial"
    assert found["rows"].iloc[0] < len(radon)


def test_a_class_has_the_effect_of_its_school_in_each_way() -> None:
    rng = np.random.default_rng(6)
    school = np.repeat(np.arange(6), 20)
    data = {"school": school, "class": np.arange(120) // 5, "y": 50 + 5.0 * school + rng.normal(size=120)}
    found = tm.pooling("y ~ 1 + (1 | school/class)", data, group="school:class", folds=0, draws=200, progress=False)
    own = [data["y"][data["class"] == j].mean() for j in range(24)]
    means = found.coefficients()
    for way in WAYS:
        np.testing.assert_allclose(means[way, "mean"].to_numpy(), own, atol=2.0)
    assert found.fits["none"].spec.formula == "y ~ 0 + school:class"


MISTAKES: dict[str, tuple[Callable[[Pooling], object], str]] = {
    "an interval": (lambda p: p.coefficients(interval=95), "between 0 and 1"),
    "a parameter": (lambda p: p.coefficients(parameter="sigma"), "there are some on mu"),
    "folds": (lambda p: p.fits["partial"].pooling(folds=1), "`folds` is a whole number from 2"),
    "a group": (lambda p: p.fits["partial"].pooling("floor"), "no group effects by 'floor'"),
}


@pytest.mark.parametrize(("asked", "told"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes_are_told(pooling: Pooling, asked: Callable[[Pooling], object], told: str) -> None:
    with pytest.raises(tm.TildeError) as error:
        asked(pooling)
    assert told in str(error.value)
