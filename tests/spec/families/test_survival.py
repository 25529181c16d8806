"""Cox's hazards: splines against integrals, one density everywhere, what is asked of a fit, what `bhaz()` says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, interpolate

import tildemc as tm
from programs import density, points, run_source
from tildemc.errors import TildeError
from tildemc.spec.expr import evaluate
from tildemc.spec.families.survival import Hazard, cox
from tildemc.spec.hazards import i_spline, m_spline
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.pymc import functions

KNOTS = (0.0, 0.7, 1.5, 3.0)
TIMES = np.array([0.05, 0.3, 0.69, 0.9, 1.6, 2.9])


@pytest.mark.parametrize("k", range(6))
def test_splines_are_b_splines_with_an_integral_of_1(k: int) -> None:
    full = [0.0] * 4 + [0.7, 1.5] + [3.0] * 4
    spline = interpolate.BSpline(full, np.eye(6)[k] * 4 / (full[k + 4] - full[k]), 3)
    np.testing.assert_allclose(m_spline(TIMES, k, *KNOTS), spline(TIMES), rtol=1e-12, atol=1e-14)
    shares = [integrate.quad(spline, 0, end, points=[p for p in (0.7, 1.5) if p < end])[0] for end in TIMES]
    np.testing.assert_allclose(i_spline(TIMES, k, *KNOTS), shares, rtol=1e-10, atol=1e-13)
    assert i_spline(np.array([0.0, 3.0, 9.0]), k, *KNOTS).tolist() == [0, 1, 1]
    for ours, theirs in ((functions.m_spline, m_spline), (functions.i_spline, i_spline)):
        np.testing.assert_allclose(ours(TIMES, k, *KNOTS), theirs(TIMES, k, *KNOTS), rtol=1e-11, atol=1e-13)


def test_the_density_is_the_slope_of_the_distribution_function() -> None:
    family, shares = cox(KNOTS), dict(zip([f"sbhaz{k}" for k in range(1, 7)], np.arange(1, 7) / 21, strict=True))

    def at(expr: Any, y: float) -> float:
        return float(evaluate(expr, lambda v: (shares | {"y": np.array(y), "mu": 1.7})[v.name], NUMPY))

    for y in TIMES:
        slope = (at(family.cdf, y + 1e-6) - at(family.cdf, y - 1e-6)) / 2e-6
        assert np.exp(at(family.log_density, y)) == pytest.approx(slope, rel=1e-7)
        assert np.exp(at(family.log_above, y)) == pytest.approx(at(family.tail, y), rel=1e-12)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    n, rng = 150, np.random.default_rng(1)
    x = rng.normal(size=n)
    time, end = rng.weibull(1.5, n) * 2 * np.exp(-x * 0.8 / 1.5), rng.uniform(0, 4, n)
    return pd.DataFrame({"t": np.minimum(time, end), "gone": time > end, "x": x, "g": np.arange(n) % 5})


@pytest.fixture(scope="module")
def fit(frame: pd.DataFrame) -> tm.Fit:
    model = tm.model("brm(t | cens(gone) ~ x + (1 | g), d, family = cox())", frame)
    return model.fit(draws=150, tune=200, chains=2, seed=1, progress=False)


def test_knots_are_brms(fit: tm.Fit, frame: pd.DataFrame) -> None:
    low, high = frame["t"].min(), frame["t"].max()
    beyond = (high - low) / 50
    expected = (max(low - beyond, 0.0), frame["t"].median(), high + beyond)
    assert fit.spec.family.recipe == Hazard(tuple(map(float, expected)))


def test_a_fit_finds_what_made_the_data(fit: tm.Fit, tmp_path: Path) -> None:
    assert fit.path.startswith("transport")
    drawn = fit.data["posterior"]["b"].values.ravel()
    assert abs(drawn.mean() - 0.8) < 4 * drawn.std()
    assert fit.data["posterior"]["sbhaz"].values.sum(axis=-1) == pytest.approx(1)
    assert np.isfinite(fit.loo().elpd)
    assert abs(fit.residuals("quantile")["residual"]).max() < 5
    fit.save(tmp_path / "fit.nc")
    assert tm.load(tmp_path / "fit.nc").loo().elpd == pytest.approx(fit.loo().elpd)


def test_survival_is_the_chance_of_a_later_time(fit: tm.Fit, frame: pd.DataFrame) -> None:
    rows = frame.head(1)
    later = [fit.predict(kind="survival", newdata=rows.assign(t=t))["mean"].item() for t in (1e-3, 0.5, 1.0, 3.0)]
    assert later == sorted(later, reverse=True)
    assert later[0] > 0.99 and later[-1] < 0.6
    for kind in ("response", "mean"):
        with pytest.raises(TildeError, match=re.escape('none is drawn: `kind="survival"` has')):
            fit.predict(kind=kind)


def test_source_and_graph_have_one_density(frame: pd.DataFrame, tmp_path: Path) -> None:
    some = frame.head(20)
    some.to_csv(tmp_path / "data.csv", index=False)
    model = tm.model("t | cens(gone) ~ x", some, "cox")
    live, printed = model.pymc(), run_source(model.source(), tmp_path)
    at = points(live, range(1))
    ((value, slopes),), ((again, others),) = density(live, at), density(printed, at)
    assert value == pytest.approx(again, rel=1e-12)
    np.testing.assert_allclose(slopes, others, rtol=1e-12)


MISTAKES = [
    ("t | bhaz(⟪df = 2⟫) ~ x", "cox", "`df` is a number of splines from 4 up"),
    ("t | bhaz(⟪gr = g⟫) ~ x", "cox", "a baseline hazard for each group, `gr`, is not built"),
    ("t | bhaz(⟪7⟫) ~ x", "cox", "`bhaz()` takes `df`, and not this"),
    ("t | ⟪bhaz(df = 5)⟫ ~ x", "gamma", "`bhaz()` goes with the family cox, not with gamma"),
    ("t ~ x; ⟪sbhaz1 ~ x⟫", "cox", "no formula models them"),
    ("⟪as.numeric(g > 2) + 1⟫ | bhaz(df = 9) ~ x", "cox", "are too few for 9 splines"),
]


@pytest.mark.parametrize(("marked", "family", "message"), MISTAKES)
def test_a_mistake_is_answered_where_it_is(marked: str, family: str, message: str, frame: pd.DataFrame) -> None:
    text = marked.replace("⟪", "").replace("⟫", "")
    with pytest.raises(TildeError, match=re.escape(message)) as caught:
        tm.model(text, frame, family)
    assert caught.value.span is not None


def test_bhaz_says_how_many_splines(frame: pd.DataFrame) -> None:
    assert len(tm.model("t | cens(gone) + bhaz(df = 7) ~ x", frame, "cox").spec.family.parameters) == 8
